"""Train the network that finds what a photo is of, and write models/trained/subject.onnx.

The data is a folder with `photos/` and `photo-mattes/NAME.png`, a soft matte of each photo by another network. Photos
whose matte is unsure teach nothing. Part of the training is on composites: a subject cut out and laid over the
background of another photo, where the truth is exact. Every tenth photo by name is held back to measure. A run that
was cut short goes on where it was when it is started again.

usage: python -m training.subject --data DIR [--minutes 60] [--work DIR]
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf

from models import weights
from training import arguments, augment, export, heldback, mattes, network
from training.loop import Trainer
from training.plan import Plan, Sample

EDGE = 448
"""Pixels of the long edge at which photos are kept."""
NETWORK_SIZE = 320
"""Pixels squared that the network is shown when measured."""
SIZES = ((0.0, 256, 16), (0.7, NETWORK_SIZE, 10))
EMPTY = 0.005
"""Share of the frame below which nothing stands out."""


@dataclass(frozen=True)
class Photo:
    image: np.ndarray
    """uint8 HxWx3."""
    matte: np.ndarray
    """uint8 HxW."""

    @property
    def cover(self) -> float:
        return mattes.cover(self.matte)


def read(folder: Path) -> tuple[list[Photo], list[Photo]]:
    """Read the photos whose matte is sure: those to train on, and those held back."""

    def photo(path: Path) -> Photo:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        matte = mattes.read(folder, path)
        scale = min(1, EDGE / max(matte.shape))
        size = (max(1, round(matte.shape[1] * scale)), max(1, round(matte.shape[0] * scale)))
        return Photo(*(cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (image, matte)))

    with ThreadPoolExecutor() as pool:
        parts = [pool.map(photo, files) for files in heldback.split((folder / "photos").iterdir())]
        return tuple([each for each in part if mattes.is_sure(each.matte)] for part in parts)


def sampler(photos: list[Photo]) -> Sample:
    """Make the function that draws one augmented photo or composite.

    The truth is uint8 SxSx2: the matte, and how much each pixel counts, of 255.
    """
    things = [each for each in photos if mattes.stands_out(each.matte)]
    nothing = [each for each in photos if each.cover < EMPTY]
    backgrounds = [each for each in photos if each.cover < 0.4]

    def sample(random: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        kind = random.random()
        if kind < 0.55:
            image, truth = view(random, things[random.integers(len(things))], size)
        elif kind < 0.95:
            image, truth = composite(random, things, backgrounds, size)
        elif kind < 0.97 and nothing:
            image, truth = view(random, nothing[random.integers(len(nothing))], size)
        else:
            image = background(random, backgrounds[random.integers(len(backgrounds))], size)
            truth = np.full((size, size, 2), (0, 255), np.uint8)
        return augment.wear(random, augment.light(random, image)), truth

    return sample


def view(
    random: np.random.Generator, photo: Photo, size: int, matrix: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Look at a photo; its matte is trusted near 0 and 1, and beyond its frame its mirror image says nothing."""
    matrix = look(random, photo, size) if matrix is None else matrix
    image = cv2.warpAffine(photo.image, matrix, (size, size), borderMode=cv2.BORDER_REFLECT)
    trust = np.where((photo.matte > 51) & (photo.matte < 204), 80, 255).astype(np.uint8)
    return image, cv2.warpAffine(cv2.merge([photo.matte, trust]), matrix, (size, size))


def composite(
    random: np.random.Generator, things: list[Photo], backgrounds: list[Photo], size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lay the thing of one photo over the background of another."""
    thing = things[random.integers(len(things))]
    matrix = look(random, thing, size)
    front = cv2.warpAffine(thing.image, matrix, (size, size), borderMode=cv2.BORDER_REFLECT)
    matte = cv2.warpAffine(thing.matte, matrix, (size, size))
    alpha = matte[..., None].astype(np.float32) / 255
    front = mattes.solid(front, alpha[..., 0]).astype(np.float32)
    back = background(random, backgrounds[random.integers(len(backgrounds))], size)
    back = augment.light(random, back)
    image = np.rint(back + alpha * (front - back)).astype(np.uint8)
    return image, cv2.merge([matte, np.full_like(matte, 255)])


def background(random: np.random.Generator, photo: Photo, size: int) -> np.ndarray:
    """Find a part of a photo without its thing, uint8 `size` x `size` x 3."""
    height, width = photo.matte.shape
    share = 0.9
    while True:
        high, wide = max(1, int(height * share)), max(1, int(width * share))
        top, left = random.integers(height - high + 1), random.integers(width - wide + 1)
        part = np.s_[top : top + high, left : left + wide]
        if share < 0.2 or photo.matte[part].mean() < 3:
            break
        share *= 0.94
    image = cv2.resize(photo.image[part], (size, size), interpolation=cv2.INTER_LINEAR)
    return image[:, ::-1] if random.random() < 0.5 else image


def look(random: np.random.Generator, photo: Photo, size: int) -> np.ndarray:
    return augment.geometry(random, photo.matte.shape[::-1], size, zoom=(0.7, 1.6), shift=0.2)


def activation(logits: tf.Tensor) -> tf.Tensor:
    return tf.sigmoid(logits)[..., 0]


def loss(truths: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy with the soft matte, and soft Dice of each photo."""
    matte, trust = (tf.cast(truths[..., each], tf.float32) / 255 for each in range(2))
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(matte, logits[..., 0]) * trust
    alpha, matte = activation(logits) * trust, matte * trust
    both, sums = (tf.reduce_sum(x, (1, 2)) for x in (alpha * matte, alpha + matte))
    dice = 1 - (2 * both + 100) / (sums + 100)
    return tf.reduce_sum(entropy) / tf.reduce_sum(trust) + 0.5 * tf.reduce_mean(dice)


def measure(model: keras.Model, photos: list[Photo]) -> dict[str, float]:
    """Mean over the photos of IoU and F1 at 0.5, and of the absolute error."""
    scores = []
    for photo in photos:
        small = cv2.resize(photo.image, (NETWORK_SIZE, NETWORK_SIZE), interpolation=cv2.INTER_AREA)
        alpha = activation(model(small[None].astype(np.float32), training=False))[0].numpy()
        alpha = cv2.resize(alpha, photo.matte.shape[::-1], interpolation=cv2.INTER_LINEAR)
        found, truth = alpha > 0.5, photo.matte > 127
        either, both = (found | truth).sum(), (found & truth).sum()
        iou = both / either if either else 1.0
        scores.append((iou, 2 * iou / (1 + iou), np.abs(alpha - photo.matte / 255).mean()))
    return dict(zip(("iou", "f1", "mae"), np.mean(scores, 0).tolist(), strict=True))


def main(given: list[str] | None = None) -> None:
    wish = arguments.parser(__doc__, "subject", "photos/ and photo-mattes/", 60).parse_args(given)

    learn, third = read(wish.data)
    print(f"{len(learn)} photos to train on, {len(third)} to choose by", flush=True)
    trainer = Trainer(lambda: network.build(1), loss, Plan(wish.minutes, SIZES), wish.work)
    if not trainer.resumed:
        network.load_encoder(trainer.model, weights.path("efficientnet-lite0"))

    def watch() -> None:
        print(json.dumps(measure(trainer.average, third)), flush=True)

    trainer.run(sampler(learn), lambda line: print(line, flush=True), watch)
    export.write(trainer.average, activation, "subject", wish.out, {})


if __name__ == "__main__":
    main()
