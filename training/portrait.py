"""Train the network that tells the parts of a face apart, and write models/trained/portrait.onnx.

The data is a folder with `images/N.jpg` and `masks/N.png`, the masks with the 19 classes of CelebAMask-HQ (Lee et al.,
CVPR 2020, arXiv:1907.11922). Every tenth photo by name is held back to measure. A run that was cut short goes on where
it was when it is started again.

usage: python -m training.portrait --data DIR [--minutes 90] [--work DIR]
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from models import weights
from training import arguments, augment, export, heldback, network
from training.loop import Trainer
from training.plan import Plan, Sample

CLASSES = (
    "background", "skin", "nose", "glasses", "eyes", "brows", "ears", "mouth", "lips", "hair", "hat", "neck", "clothes",
)  # fmt: skip
UNKNOWN = 255
"""Label of pixels that teach nothing."""
MERGED = dict(zip(range(19), (0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 8, 9, 10, UNKNOWN, 11, 11, 12), strict=True))
"""CelebAMask-HQ's class: ours. Left and right are one, a necklace is neck; behind an earring lies anything."""
SMALL = ("glasses", "eyes", "brows", "mouth", "lips")
"""Classes that cross entropy alone would neglect."""
FACE = ("skin", "nose", "glasses", "eyes", "brows", "mouth", "lips")
SIZE = 512
"""Pixels squared of the photos, and of the measurement."""
NETWORK_SIZE = 384
"""Pixels squared that the network is shown when measured."""

Pair = tuple[np.ndarray, np.ndarray]
"""Image, uint8 512x512x3, and labels, uint8 512x512: places in `CLASSES`, or `UNKNOWN`."""


def read(folder: Path) -> tuple[list[Pair], list[Pair]]:
    """Read all pairs: those to train on, and those held back."""
    table = np.full(256, UNKNOWN, np.uint8)
    table[list(MERGED)] = list(MERGED.values())

    def pair(path: Path) -> Pair:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        labels = table[np.asarray(Image.open(folder / "masks" / f"{path.stem}.png"))]  # a palette's numbers
        return (
            cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA),
            cv2.resize(labels, (SIZE, SIZE), interpolation=cv2.INTER_NEAREST),
        )

    with ThreadPoolExecutor() as pool:
        learn, third = heldback.split((folder / "images").glob("*.jpg"))
        return list(pool.map(pair, learn)), list(pool.map(pair, third))


def sampler(pairs: list[Pair]) -> Sample:
    """Make the function that draws one augmented pair."""

    def sample(random: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        image, labels = pairs[random.integers(len(pairs))]
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
            labels[hidden] = 0
        return augment.wear(random, augment.light(random, image)), labels

    return sample


def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy, and soft Dice (Milletari et al. 2016, arXiv:1606.04797) of the small classes."""
    known = tf.cast(labels != UNKNOWN, tf.float32)
    targets = tf.where(labels == UNKNOWN, tf.zeros_like(labels), labels)
    entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(targets, tf.int32), logits)
    small = [CLASSES.index(name) for name in SMALL]
    shares = tf.gather(tf.nn.softmax(logits), small, axis=-1) * known[..., None]
    truths = tf.cast(targets[..., None] == tf.constant(small, targets.dtype), tf.float32)
    both, sums = (tf.reduce_sum(x, (0, 1, 2)) for x in (shares * truths, shares + truths))
    dice = (2 * both + 50) / (sums + 50)
    return tf.reduce_sum(entropy * known) / tf.reduce_sum(known) + 0.5 * tf.reduce_mean(1 - dice)


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
    wish = arguments.parser(__doc__, "portrait", "images/ and masks/", 90).parse_args(given)

    learn, third = read(wish.data)
    print(f"{len(learn)} photos to train on, {len(third)} to choose by", flush=True)
    trainer = Trainer(lambda: network.build(len(CLASSES)), loss, Plan(wish.minutes), wish.work)
    if not trainer.resumed:
        network.load_encoder(trainer.model, weights.path("efficientnet-lite0"))

    def watch() -> None:
        results = measure(trainer.average, third[::4])
        print("  ".join(f"{name} {iou:.3f}" for name, (iou, _) in results.items()), flush=True)

    trainer.run(sampler(learn), lambda line: print(line, flush=True), watch)
    export.write(trainer.average, keras.ops.softmax, "parts", wish.out, {"classes": ",".join(CLASSES)})
    results = measure(trainer.average, third)
    print(f"\n{'class':12}{'IoU':>8}{'F1':>8}")
    for name, (iou, f1) in results.items():
        print(f"{name:12}{iou:8.3f}{f1:8.3f}")
    print(json.dumps({name: round(iou, 4) for name, (iou, _) in results.items()}))


if __name__ == "__main__":
    main()
