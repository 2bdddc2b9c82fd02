"""Train the network that selects what is clicked, and write models/trained/select.onnx.

The data is a folder with four kinds of truth: `photos/` with `photo-mattes/NAME.png`, whole things (see
training/subject.py, whose composites are used, too); `regions/images/ID.jpg` with `labels/ID_k.png`, the segmentations
of several people (BSDS500: Arbelaez et al., PAMI 2011); `portraits/` with `images/` and `masks/` of CelebAMask-HQ's
classes, and unions of them. Every tenth photo of each is held back to measure.

The network sees the photo, the clicks and the mask so far. It is trained on its own errors as in RITM (Sofiiuk et al.,
"Reviving Iterative Training with Mask Guidance", 2021, arXiv:2102.06583), but no answer is made for that alone: an
answer that the network is trained on gives the click, and the mask so far, of a later step. It starts from the weights
of models/trained/subject.onnx, which knows what things are. Its three outputs are what a click means most likely, the
smallest and the largest that it may mean; the latter two are told of first clicks only.

A run that was cut short goes on where it was when it is started again.

usage: python -m training.select --data DIR [--minutes 75] [--work DIR]
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.random import Generator
from PIL import Image

from models import weights
from models.select import clicks
from training import arguments, augment, export, heldback, mattes, network, subject
from training.loop import Reaction, Trainer
from training.plan import Pair, Plan, Sample

EDGE = 448
"""Pixels of the long edge at which photos are kept."""
SIZES = ((0.0, 192, 20), (0.55, 256, 14), (0.88, 320, 10))
MEASURED = 256
"""Pixels squared that the network is shown when measured."""
RATE = 3e-4
"""Low, for the network knows what things are already, and would forget it."""
OUTPUTS = ("likely", "part", "whole")
GOES_ON = 0.55
"""Chance that a photo gets one more click after a step; about half of the photos of a step are new ones."""
SOLVED = 2.0
"""Depth of the largest error in pixels below which no click is worth giving."""
LEAST = 0.003
"""Share of the view that a target covers at least."""
KINDS = {"things": 0.15, "composites": 0.17, "regions": 0.4, "portraits": 0.28}
"""Shares of the samples."""

EYES, BROWS, EARS, MOUTH = (4, 5), (6, 7), (8, 9), (10, 11, 12)
FACE = (1, 2, 3, *EYES, *BROWS, *MOUTH)
HEAD = (*FACE, *EARS, 13, 14, 15)
UNIONS = (
    [],
    [EYES, BROWS, EARS, MOUTH],
    [FACE, EARS, (17, 16)],
    [(*FACE, *EARS, 17), (13, 14)],
    [HEAD, (16, 17, 18)],
    [range(1, 19)],
)
"""Ways to see a portrait: which of CelebAMask-HQ's classes are one; the others stay as they are."""
NOWHERE = 255
"""Label of what lies beyond a photo."""


@dataclass(frozen=True)
class Scene:
    """A photo cut into regions in several ways, each region of which somebody may mean."""

    image: np.ndarray
    """uint8 HxWx3."""
    labels: tuple[np.ndarray, ...]
    """uint8 HxW each: the number of a region for every pixel."""
    table: np.ndarray | None = None
    """uint8 Kx256: each way's numbers for those in the one array of `labels`; without it each array is a way."""

    def ways(self, labels: tuple[np.ndarray, ...]) -> list[np.ndarray]:
        return list(labels) if self.table is None else [row[labels[0]] for row in self.table]


@dataclass(frozen=True)
class Data:
    things: list[subject.Photo]
    regions: list[Scene]
    portraits: list[Scene]
    backgrounds: list[subject.Photo] = field(default_factory=list)


def read(folder: Path) -> tuple[Data, Data]:
    """Read all photos: those to train on, and those held back."""
    table = np.arange(256, dtype=np.uint8)[None].repeat(len(UNIONS), 0)
    for row, unions in zip(table, UNIONS, strict=True):
        for union in unions:
            row[list(union)] = min(union)

    def region(path: Path) -> Scene:
        files = sorted((folder / "regions/labels").glob(f"{path.stem}_*.png"))
        ways = tuple(np.asarray(Image.open(file)).astype(np.uint8) for file in files)
        return Scene(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), ways)

    def portrait(path: Path) -> Scene:
        labels = np.asarray(Image.open(folder / "portraits/masks" / f"{path.stem}.png")).astype(np.uint8)
        image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        image = cv2.resize(image, (EDGE, EDGE), interpolation=cv2.INTER_AREA)
        return Scene(image, (cv2.resize(labels, (EDGE, EDGE), interpolation=cv2.INTER_NEAREST),), table)

    with ThreadPoolExecutor() as pool:
        regions, portraits = (
            [list(pool.map(make, part)) for part in heldback.split((folder / name / "images").glob("*.jpg"))]
            for name, make in (("regions", region), ("portraits", portrait))
        )
    parts = []
    for photos, *scenes in zip(subject.read(folder), regions, portraits, strict=True):
        things = [each for each in photos if mattes.stands_out(each.matte)]
        parts.append(Data(things, *scenes, [each for each in photos if each.cover < 0.4]))
    return tuple(parts)


def sampler(data: Data) -> Sample:
    """Make the function that draws one photo with a first click, a box or a rough mask.

    The image is uint8 SxSx8, RGB and what `models.select.clicks` draws. The truth is uint8 SxSx6: a mask for each of
    `OUTPUTS`, and how much each pixel of them counts, of 255.
    """

    def sample(random: Generator, size: int) -> Pair:
        kind = random.choice(list(KINDS), p=list(KINDS.values()))
        if kind in ("regions", "portraits"):
            scenes = data.regions if kind == "regions" else data.portraits
            image, truth, click = look(random, scenes[random.integers(len(scenes))], size)
        else:
            image, truth, click = thing(random, data, kind, size)
        image = augment.wear(random, augment.light(random, image))
        hints = np.zeros((size, size, clicks.CHANNELS), np.uint8)
        start = random.random()
        if start < 0.08:
            hints[..., clicks.MASK] = box(random, truth[..., 0] > 127)
            truth[..., 4:] = 0
        else:
            clicks.draw(hints, *click, adds=True)
        if start > 0.82:
            hints[..., clicks.MASK] = rough(random, truth[..., 0])
            truth[..., 4:] = 0
        return np.dstack([image, hints]), truth

    return sample


def thing(random: Generator, data: Data, kind: str, size: int) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Look at a photo with a thing; now and then it is the surroundings that are meant."""
    while True:
        photo = data.things[random.integers(len(data.things))]
        if kind == "composites":
            image, soft = subject.composite(random, data.things, data.backgrounds, size)
        elif random.random() < 0.4:
            image, soft = subject.view(random, photo, size, focus(random, photo.matte > 127, size))
        else:
            image, soft = subject.view(random, photo, size)
        matte, trust = cv2.split(soft)
        if random.random() < 0.08:
            matte = cv2.subtract(trust, matte)
        if enough(matte > 127):
            break
    silent = np.zeros_like(matte)
    # Only the whole thing is known.
    truth = np.dstack([matte, silent, matte, trust, silent, trust])
    return image, truth, inside(random, matte > 127)


def look(random: Generator, scene: Scene, size: int) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Look at a scene, and mean one of its regions."""
    ways = scene.ways(scene.labels)
    way = random.integers(len(ways))
    while True:
        numbers, counts = np.unique(ways[way], return_counts=True)
        large = numbers[counts > LEAST * ways[way].size]
        number = large[random.integers(len(large))]
        if random.random() < 0.4:
            matrix = focus(random, ways[way] == number, size)
        else:
            matrix = augment.geometry(random, scene.image.shape[1::-1], size, zoom=(0.8, 1.8), shift=0.2)
        image = cv2.warpAffine(scene.image, matrix, (size, size), borderMode=cv2.BORDER_REFLECT)
        nearest = {"flags": cv2.INTER_NEAREST, "borderValue": NOWHERE}
        seen = scene.ways(tuple(cv2.warpAffine(each, matrix, (size, size), **nearest) for each in scene.labels))
        known = (seen[0] != NOWHERE).astype(np.uint8) * 255
        meant = (seen[way] == number) & (known > 0)
        if enough(meant):
            break
    x, y = inside(random, meant)
    others = [each for each in ((other == other[y, x]) & (known > 0) for other in seen) if enough(each)]
    others.sort(key=np.count_nonzero)
    masks = [mask.astype(np.uint8) * 255 for mask in (meant, others[0], others[-1])]
    return image, np.dstack([*masks, known, known, known]), (x, y)


def focus(random: Generator, mask: np.ndarray, size: int) -> np.ndarray:
    """Draw a way to look closely at what a mask, bool HxW, covers: its 2x3 matrix into a square of `size` pixels."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    scale = size / np.maximum(np.array([width, height]) * random.uniform(1.1, 2.2, 2), 24)
    middle = np.array([left, top]) + np.array([width, height]) * random.uniform(0.35, 0.65, 2)
    scale = scale * np.array([random.choice([-1, 1]), 1])
    return np.column_stack([np.diag(scale), size / 2 - scale * middle])


def enough(mask: np.ndarray) -> bool:
    return mask.mean() > LEAST and not mask.all()


def inside(random: Generator, mask: np.ndarray) -> tuple[int, int]:
    """Click into a mask, bool HxW: at its centre, or somewhere well inside."""
    depth, _ = clicks.error_depths(np.zeros_like(mask), mask)
    return spot(random, depth)


def spot(random: Generator, depth: np.ndarray) -> tuple[int, int]:
    """Pick the deepest pixel, or one of those at least half as deep."""
    if random.random() < 0.5:
        y, x = np.unravel_index(depth.argmax(), depth.shape)
    else:
        rows, columns = np.nonzero(depth >= depth.max() * random.choice([0.2, 0.5]))
        at = random.integers(len(rows))
        y, x = rows[at], columns[at]
    return int(x), int(y)


def box(random: Generator, mask: np.ndarray) -> np.ndarray:
    """Draw the filled box about a mask as somebody drags it, uint8 HxW."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    near, far = (np.rint(random.normal(0, 0.04, 2) * (width, height)).astype(int) for _ in range(2))
    filled = np.zeros(mask.shape, np.uint8)
    rows = slice(max(top + near[1], 0), max(top + height + far[1], 0))
    filled[rows, max(left + near[0], 0) : max(left + width + far[0], 0)] = 255
    return filled


def rough(random: Generator, mask: np.ndarray) -> np.ndarray:
    """Draw a mask as an answer about the whole photo, or a brush, would give it: blunt, uint8 HxW."""
    size = mask.shape[0]
    mask = cv2.GaussianBlur(mask, (0, 0), size * random.uniform(0.005, 0.04))
    threshold = random.uniform(60, 200)
    mask = np.clip((mask - threshold) * random.uniform(1, 6) + 127, 0, 255).astype(np.uint8)
    for value in (0, 255):
        if random.random() < 0.4:
            mask[augment.shape(random, size) > 0] = value
    return mask


def reaction(seed: int) -> Reaction:
    """Make the function that clicks at what the network got wrong."""
    random = np.random.default_rng(seed)

    def react(pairs: list[Pair], logits: np.ndarray) -> list[Pair]:
        kept = []
        for (image, truth), answer in zip(pairs, logits[..., 0], strict=True):
            if random.random() > GOES_ON:
                continue
            missing, extra = clicks.error_depths(answer > 0, truth[..., 0] > 127, truth[..., 3] > 127)
            adds = missing.max() >= extra.max()
            depth = missing if adds else extra
            if depth.max() < SOLVED:
                continue
            image, truth = image.copy(), truth.copy()
            hints = image[..., 3:]
            clicks.draw(hints, *spot(random, depth), adds)
            hints[..., clicks.MASK] = np.rint(255 / (1 + np.exp(-np.clip(answer, -20, 20))))
            truth[..., 4:] = 0
            kept.append((image, truth))
        return kept

    return react


def activation(logits: tf.Tensor) -> tf.Tensor:
    return tf.sigmoid(logits)


def loss(truths: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy and soft Dice of each mask; what a click means most likely counts most."""
    truths = tf.cast(truths, tf.float32) / 255
    masks, trust = truths[..., :3], truths[..., 3:]
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(masks, logits) * trust
    entropy = tf.reduce_sum(entropy, (0, 1, 2)) / (tf.reduce_sum(trust, (0, 1, 2)) + 1)
    alpha, masks = activation(logits) * trust, masks * trust
    both, sums = (tf.reduce_sum(x, (1, 2)) for x in (alpha * masks, alpha + masks))
    dice = tf.reduce_mean(1 - (2 * both + 20) / (sums + 20), 0)
    return tf.reduce_sum((entropy + dice) * (1.0, 0.3, 0.3))


def measure(model: keras.Model, games: list[Pair], rounds: int = 5) -> dict[str, float]:
    """Mean IoU after one, three and five clicks at the centre of the largest error, about photos as first drawn."""
    images = np.stack([image for image, _ in games])
    truths = np.stack([truth for _, truth in games])
    results = {}
    for number in range(1, rounds + 1):
        parts = [model(images[at : at + 16].astype(np.float32), training=False) for at in range(0, len(images), 16)]
        answers = activation(np.concatenate(parts)[..., 0]).numpy()
        scores = []
        for image, truth, answer in zip(images, truths, answers, strict=True):
            known = truth[..., 3] > 127
            found, there = answer > 0.5, truth[..., 0] > 127
            scores.append((found & there & known).sum() / max(((found | there) & known).sum(), 1))
            image[..., 3 + clicks.MASK] = np.rint(answer * 255)
            if click := clicks.next_click(found, there, known):
                clicks.draw(image[..., 3:], *click)
        if number % 2:
            results[f"{number}"] = round(float(np.mean(scores)), 4)
    return results


def held_back_games(data: Data, size: int) -> dict[str, list[Pair]]:
    """Draw what `measure` is given: each photo held back as it is, with a click at the centre of one region."""
    random = np.random.default_rng(0)

    def game(image: np.ndarray, mask: np.ndarray, trust: np.ndarray) -> Pair:
        image, mask, trust = (
            cv2.resize(each, (size, size), interpolation=cv2.INTER_AREA) for each in (image, mask, trust)
        )
        hints = np.zeros((size, size, clicks.CHANNELS), np.uint8)
        clicks.draw(hints, *clicks.next_click(np.zeros((size, size), bool), mask > 127))
        return np.dstack([image, hints]), np.dstack([mask] * 3 + [trust] * 3)

    def region(scene: Scene) -> Pair:
        way = random.choice(len(ways := scene.ways(scene.labels)))
        numbers, counts = np.unique(ways[way], return_counts=True)
        mask = (ways[way] == random.choice(numbers[counts > 0.01 * ways[way].size])).astype(np.uint8) * 255
        return game(scene.image, mask, np.full_like(mask, 255))

    return {
        "things": [game(each.image, each.matte, np.full_like(each.matte, 255)) for each in data.things],
        "regions": [region(each) for each in data.regions for _ in range(2)],
        "portraits": [region(each) for each in data.portraits],
    }


def main(given: list[str] | None = None) -> None:
    wish = arguments.parser(__doc__, "select", "photos/, photo-mattes/, regions/, portraits/", 75).parse_args(given)

    learn, third = read(wish.data)
    counts = {name: len(getattr(learn, name)) for name in ("things", "regions", "portraits")}
    print(f"to train on: {counts}", flush=True)
    games = held_back_games(third, MEASURED)
    trainer = Trainer(
        lambda: network.build(len(OUTPUTS), clicks.CHANNELS, folded=True),
        loss,
        Plan(wish.minutes, SIZES, RATE),
        wish.work,
    )
    if not trainer.resumed:
        network.load_folded(trainer.model, weights.path("subject"))

    def watch() -> None:
        print(json.dumps({name: measure(trainer.average, part) for name, part in games.items()}), flush=True)

    trainer.run(sampler(learn), lambda line: print(line, flush=True), watch, reaction(int(trainer.progress * 1e6)))
    export.write(trainer.average, activation, "masks", wish.out, {"outputs": ",".join(OUTPUTS)})


if __name__ == "__main__":
    main()
