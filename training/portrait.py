"""Train the network that tells the parts of a face apart, and write models/trained/portrait.onnx.

The data is a folder with `portraits/`, of which `training.parts` tells, and `photos/` with `photo-mattes/`, of which
covers for heads are made. It goes on from the network that is there, which was trained on the portraits alone, from an
encoder that knew ImageNet. Two tenths of the photos are left alone. A run that was cut short goes on where it was when
it is started again.

usage: python -m training.portrait --data DIR [--minutes 60] [--work DIR]
"""

import json
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf

from models import weights
from training import arguments, augment, composites, export, heldback, network, parts
from training.loop import Trainer
from training.parts import CLASSES, FACE, OTHER, OTHERS, SIZE, UNKNOWN, Pair, shows
from training.plan import Plan, Sample

SMALL = ("glasses", "eyes", "brows", "mouth", "lips")
"""Classes that cross entropy alone would neglect."""
NETWORK_SIZE = 384
"""Pixels squared that the network is shown when measured."""
SIZES = ((0.0, 256, 8), (0.75, 320, 5))
RATE = 2e-4
"""Low, for the network knows faces already, and would forget them."""
BEFORE = 0.3
"""Share of the weights before in those that are written: mixed so, a network keeps what it was best at, and has nearly
all of what it learned (Wortsman et al., CVPR 2022, arXiv:2109.01903)."""
WARM_UP = 20
"""Steps until the learning rate is reached."""
COVERED = 0.55
"""Chance that something is laid over a head."""
WORN = 0.15
"""Chance that a portrait with a hat is drawn, of which there are few."""
KEPT = 400
"""Covered heads that are kept, to be looked at again in another way: making one takes longer than looking at three."""
WEIGHTS = {"hat": 2.0, "clothes": 1.5}
"""How much pixels of classes count that are rare and mistaken for hair."""


def read(folder: Path) -> tuple[list[Pair], list[Pair]]:
    """Read all pairs: those to train on, and those to choose by."""
    learn, third = heldback.split((folder / "images").glob("*.jpg"))
    return parts.read(folder, learn), parts.read(folder, third)


def sampler(pairs: list[Pair], stuff: composites.Stuff | None = None) -> Sample:
    """Make the function that draws one augmented pair; with `stuff`, something often covers the head."""
    hats = [pair for pair in pairs if shows(pair[1], "hat").mean() > composites.LEAST_HAT]
    covered: list[Pair] = []

    def draw(random: np.random.Generator) -> Pair:
        if hats and random.random() < WORN:
            return hats[random.integers(len(hats))]
        pair = pairs[random.integers(len(pairs))]
        if stuff is None or random.random() > COVERED:
            return pair
        if len(covered) >= KEPT // 4 and random.random() < 0.67:
            return covered[random.integers(len(covered))]
        covered.append(composites.cover(random, pair, stuff))
        del covered[:-KEPT]
        return covered[-1]

    def sample(random: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        image, labels = draw(random)
        matrix = augment.geometry(random, (SIZE, SIZE), size, zoom=(0.4, 1.8), shift=0.3)
        # Around the photo: one colour, which is background, or its mirror image, of which nothing is said.
        mirror = random.random() < 0.5
        border = cv2.BORDER_REFLECT if mirror else cv2.BORDER_CONSTANT
        around = random.integers(0, 256, 3).tolist()
        image = cv2.warpAffine(image, matrix, (size, size), borderMode=border, borderValue=around)
        labels = cv2.warpAffine(
            labels, matrix, (size, size), flags=cv2.INTER_NEAREST, borderValue=UNKNOWN if mirror else 0
        )
        if random.random() < 0.15:
            hidden = augment.shape(random, size).astype(bool)
            other, _ = pairs[random.integers(len(pairs))]
            image[hidden] = other[:size, :size][hidden] if random.random() < 0.5 else random.integers(0, 256, 3)
            labels[hidden] = OTHER
        return augment.wear(random, augment.light(random, image)), labels

    return sample


def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy, and soft Dice (Milletari et al. 2016, arXiv:1606.04797) of the small classes.

    Where it is known only that there is no head, being sure of any of `OTHERS` is right.
    """
    known = tf.cast(labels != UNKNOWN, tf.float32)
    other = labels == OTHER
    targets = tf.where((labels == UNKNOWN) | other, tf.zeros_like(labels), labels)
    entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(targets, tf.int32), logits)
    among = tf.gather(logits, [CLASSES.index(name) for name in OTHERS], axis=-1)
    no_head = tf.reduce_logsumexp(logits, -1) - tf.reduce_logsumexp(among, -1)
    weights = known * tf.gather([WEIGHTS.get(name, 1.0) for name in CLASSES], tf.cast(targets, tf.int32))
    entropy = tf.where(other, no_head, entropy)
    small = [CLASSES.index(name) for name in SMALL]
    shares = tf.gather(tf.nn.softmax(logits), small, axis=-1) * known[..., None]
    truths = tf.cast(targets[..., None] == tf.constant(small, targets.dtype), tf.float32)
    both, sums = (tf.reduce_sum(x, (0, 1, 2)) for x in (shares * truths, shares + truths))
    dice = (2 * both + 50) / (sums + 50)
    return tf.reduce_sum(entropy * weights) / tf.reduce_sum(weights) + 0.5 * tf.reduce_mean(1 - dice)


def measure(model: keras.Model, pairs: list[Pair]) -> dict[str, tuple[float, float]]:
    """IoU and F1 of each class, and of the whole face, over all pixels of `pairs` at 512 pixels."""
    confusion = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    for image, labels in pairs:
        small = cv2.resize(image, (NETWORK_SIZE, NETWORK_SIZE), interpolation=cv2.INTER_AREA)
        shares = keras.ops.softmax(model(small[None].astype(np.float32), training=False))[0].numpy()
        found = cv2.resize(shares, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR).argmax(-1)
        known = labels != UNKNOWN
        pairs_of_labels = labels[known].astype(np.int64) * len(CLASSES) + found[known]
        confusion += np.bincount(pairs_of_labels, minlength=confusion.size).reshape(confusion.shape)
    groups = {name: [index] for index, name in enumerate(CLASSES)}
    groups["face"] = [CLASSES.index(name) for name in FACE]
    result = {}
    for name, members in groups.items():
        hit = confusion[np.ix_(members, members)].sum()
        total = confusion[members].sum() + confusion[:, members].sum()
        result[name] = (hit / max(1, total - hit), 2 * hit / max(1, total))
    return result


def main(given: list[str] | None = None) -> None:
    wish = arguments.parser(__doc__, "portrait", "portraits/, photos/ and photo-mattes/", 60).parse_args(given)

    learn, third = read(wish.data / "portraits")
    stuff = composites.read(wish.data, learn)
    print(f"{len(learn)} photos to train on, {len(third)} to choose by", flush=True)
    trainer = Trainer(
        lambda: network.build(len(CLASSES), folded=True), loss, Plan(wish.minutes, SIZES, RATE, WARM_UP), wish.work
    )
    before = network.build(len(CLASSES), folded=True)
    network.load_folded(before, weights.path("portrait"))
    if not trainer.resumed:
        trainer.model.set_weights(before.get_weights())

    def watch() -> None:
        results = measure(trainer.average, third[::4])
        print("  ".join(f"{name} {iou:.3f}" for name, (iou, _) in results.items()), flush=True)

    trainer.run(sampler(learn, stuff), lambda line: print(line, flush=True), watch)
    trainer.mix(before, BEFORE)
    export.write(trainer.average, keras.ops.softmax, "parts", wish.out, {"classes": ",".join(CLASSES)})
    results = measure(trainer.average, third)
    print(f"\n{'class':12}{'IoU':>8}{'F1':>8}")
    for name, (iou, f1) in results.items():
        print(f"{name:12}{iou:8.3f}{f1:8.3f}")
    print(json.dumps({name: round(iou, 4) for name, (iou, _) in results.items()}))


if __name__ == "__main__":
    main()
