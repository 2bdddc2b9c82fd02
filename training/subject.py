"""Train the network that finds what a photo is of, and write models/trained/subject.onnx.

The data is a folder with `photos/` and `photo-mattes/NAME.png`, a soft matte of each photo by ISNet; with photos whose
mattes `training.teacher` made; and with `portraits/`, whose label maps tell the person exactly. Photos whose matte is
unsure are shown seldom, and what is unsure in them counts little. Part of the training is on composites: a subject cut
out and laid over the background of another photo, where the truth is exact. It starts from the network of the run
before. A run that was cut short goes on where it was when it is started again.

usage: python -m training.subject --data DIR --teacher DIR [--minutes 60] [--work DIR]
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from models import weights
from training import arguments, augment, export, heldback, mattes, network, teacher
from training.loop import Trainer
from training.plan import Plan, Sample

EDGE = 448
"""Pixels of the long edge at which photos are kept."""
NETWORK_SIZE = 320
"""Pixels squared that the network is shown when measured."""
SIZES = ((0.0, 256, 16), (0.7, NETWORK_SIZE, 10))
RATE = 4e-4
"""Learning rate, of a network that knows already."""
BEFORE = 0.3
"""Share of the weights before in those that are written, see `training.portrait`."""
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
    return tuple([each for each in part if mattes.is_sure(each.matte)] for part in read_all(folder))


def read_all(folder: Path) -> list[list[Photo]]:
    """Read the photos as `read` does, and those whose matte is unsure, too."""
    with ThreadPoolExecutor() as pool:
        return [
            list(pool.map(lambda file: photo(file, mattes.read(folder, file)), files))
            for files in heldback.split((folder / "photos").iterdir())
        ]


def taught(folder: Path, work: Path) -> list[Photo]:
    """Read the photos to train on, and parts of them, whose mattes the teacher made and kept in `work`, so far."""

    def seen(look: teacher.Look) -> Photo:
        return reduced(look.image(), cv2.imread(str(look.matte(work, folder)), cv2.IMREAD_GRAYSCALE))

    with ThreadPoolExecutor() as pool:
        return list(pool.map(seen, [look for look in teacher.looks(folder) if look.matte(work, folder).exists()]))


def portraits(folder: Path) -> list[Photo]:
    """Read the portraits to train on: whatever is not background is the person."""

    def portrait(file: Path) -> Photo:
        labels = np.asarray(Image.open(folder / "portraits/masks" / f"{file.stem}.png"))
        return photo(file, (labels > 0).astype(np.uint8) * 255)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(portrait, heldback.split((folder / "portraits/images").glob("*.jpg"))[0]))


def photo(file: Path, matte: np.ndarray) -> Photo:
    """Read a photo with its matte, uint8 HxW of any size."""
    return reduced(cv2.imread(str(file), cv2.IMREAD_COLOR_RGB), matte)


def reduced(image: np.ndarray, matte: np.ndarray) -> Photo:
    """Reduce a photo, uint8 HxWx3, and its matte, uint8 HxW of any size, to `EDGE`."""
    size = mattes.reduced_size(image.shape, EDGE)
    return Photo(*(cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (image, matte)))


def sampler(photos: list[Photo], people: list[Photo]) -> Sample:
    """Make the function that draws one augmented photo or composite.

    people: portraits, which are many and much alike, and therefore drawn less often than others. The truth is uint8
    SxSx2: the matte, and how much each pixel counts, of 255.
    """
    sure = [each for each in photos if mattes.is_sure(each.matte)]
    unsure = [each for each in photos if not mattes.is_sure(each.matte)]
    things = [each for each in sure if mattes.stands_out(each.matte)]
    nothing = [each for each in sure if each.cover < EMPTY]
    backgrounds = [each for each in sure if each.cover < 0.4]

    def sample(random: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        kind = random.random()
        if kind < 0.5:
            image, truth = view(random, things[random.integers(len(things))], size)
        elif kind < 0.55 and people:
            image, truth = view(random, people[random.integers(len(people))], size)
        elif kind < 0.6 and people:
            image, truth = composite(random, people, backgrounds, size)
        elif kind < 0.9:
            image, truth = composite(random, things, backgrounds, size)
        elif kind < 0.95 and unsure:
            image, truth = view(random, unsure[random.integers(len(unsure))], size)
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
    asked = arguments.parser(__doc__, "subject", "photos/, photo-mattes/, portraits/, regions/ and people/", 60)
    asked.add_argument("--teacher", type=Path, required=True, help="where training.teacher kept its mattes")
    wish = asked.parse_args(given)

    learn, third = read_all(wish.data)
    third = [each for each in third if mattes.is_sure(each.matte)]
    people, more = portraits(wish.data), taught(wish.data, wish.teacher)
    told = f"{len(learn)} photos, {len(more)} that the teacher saw and {len(people)} portraits to train on"
    print(f"{told}, {len(third)} to choose by", flush=True)
    trainer = Trainer(lambda: network.build(1, folded=True), loss, Plan(wish.minutes, SIZES, RATE), wish.work)
    before = network.build(1, folded=True)
    network.load_folded(before, weights.path("subject"))
    if not trainer.resumed:
        trainer.model.set_weights(before.get_weights())

    def watch() -> None:
        print(json.dumps(measure(trainer.average, third)), flush=True)

    trainer.run(sampler(learn + more, people), lambda line: print(line, flush=True), watch)
    trainer.mix(before, BEFORE)
    export.write(trainer.average, activation, "subject", wish.out, {})


if __name__ == "__main__":
    main()
