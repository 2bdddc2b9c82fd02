"""Teach judges: how many dB a step is expected to gain, by what was measured of a photo.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`; its third part watches.
Small networks learn the one from the other, each from four fifths of the views; what is kept is their mean, which is
one network of all their neurons.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from models import weights
from models.restore import judge
from models.restore.base import difference
from training import augment, heldback, photos

Kinds = tuple[tuple[str, ...], ...]
Measured = Callable[[Generator, np.ndarray, str], tuple[np.ndarray, float]]

EVERYDAY = ("photos", "regions/images")
PORTRAITS = "portraits/images"
REDUCED = (0.5, 0.9)
FINELY = (82, 98)
"""Quality of the JPEG as which every other photo that is sound, or reduced, comes."""
SLIGHT = 0.3
"""Mean square error, of 255 squared, below which an error counts ever less."""
CLIPPED = 10.0
"""More dB than this, gained or lost, count as this."""
LOSS = 2.0
"""What a dB counts that a photo loses, of one that it gains."""
NETWORKS, NEURONS, SHARE, DECAY = 16, 32, 0.8, 1.0
"""So many networks, of so many neurons each, which learn from such a share of the views; and scikit-learn's alpha."""
TOLD_FROM = (0.0, 0.3, 1.0, 2.0, 4.0)
"""Expected dB from which on it is told what would come of it."""


@dataclass
class Views:
    """What was drawn and measured."""

    kinds: list[str]
    signs: np.ndarray
    """float32 NxF, what is measured of each."""
    gains: np.ndarray
    """dB that the step gains, float32 N."""


def sound(random: Generator, image: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Show uint8 HxWx3 as pages have it: "sound" as it is, "reduced" smaller, and either finely compressed by chance.

    Gives that, and what it was before it was compressed.
    """
    if kind == "reduced":
        scale = random.uniform(*REDUCED)
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return (augment.compressed(random, image, *FINELY) if random.random() < 0.5 else image), image


def gain(before: float, after: float) -> float:
    """Tell how many dB lie between two mean square errors, of 255 squared."""
    return 10 * float(np.log10((before + SLIGHT) / (after + SLIGHT)))


def error(one: np.ndarray, other: np.ndarray) -> float:
    """Mean square error of uint8 HxWx3, of 255 squared."""
    return difference(one, other) ** 2


def draw(files: list[Path], kinds: Kinds, seed: Sequence[int], measured: Measured) -> Views:
    """Draw one view of each kind of each photo, and measure it. `measured` is as `main` takes it."""
    names, signs, gains = [], [], []
    for number, file in enumerate(tqdm(files)):
        (image,) = photos.read_all([file])
        random = np.random.default_rng([*seed, number])
        for each in kinds:
            names.append(str(random.choice(each)))
            told, gained = measured(random, image, names[-1])
            signs.append(told)
            gains.append(gained)
    return Views(names, np.float32(signs), np.float32(gains))


def train(views: Views, networks: int = NETWORKS) -> dict[str, np.ndarray]:
    """Learn to expect the gain. Gives the arrays that `models.restore.judge.expected` computes with, float32."""
    scaler = StandardScaler().fit(views.signs)
    told, gains = scaler.transform(views.signs), np.clip(views.gains, -CLIPPED, CLIPPED)
    worth = np.where(gains < 0, LOSS * gains, gains)
    inner, bias, outer, last = [], [], [], []
    for number in range(networks):
        these = np.random.default_rng(number).permutation(len(worth))[: round(SHARE * len(worth))]
        network = MLPRegressor(
            hidden_layer_sizes=(NEURONS,), alpha=DECAY, learning_rate_init=2e-3, max_iter=400, random_state=number
        )
        network.fit(told[these], worth[these])
        inner.append(network.coefs_[0])
        bias.append(network.intercepts_[0])
        outer.append(network.coefs_[1][:, 0] / networks)
        last.append(network.intercepts_[1][0] / networks)
    arrays = {
        "mean": scaler.mean_,
        "scale": scaler.scale_,
        "inner": np.hstack(inner),
        "bias": np.concatenate(bias),
        "outer": np.concatenate(outer),
        "last": np.sum(last),
    }
    return {name: np.float32(values) for name, values in arrays.items()}


def tell(views: Views, arrays: dict[str, np.ndarray], least: float) -> None:
    """Print by kind, for each limit, the mean gain, the share that loses more than 1 dB, and what is suggested.

    least: what the first sign must be, whatever is expected.
    """
    found = np.array([judge.expected(signs, arrays) for signs in views.signs])
    rows = defaultdict(list)
    for number, kind in enumerate(views.kinds):
        rows[kind].append(number)
    for limit in TOLD_FROM:
        print(f"from {limit:g} dB on:")
        for kind, numbers in rows.items():
            wanted = (found[numbers] > limit) & (views.signs[numbers, 0] > least)
            gains = views.gains[numbers] * wanted
            print(f"  {kind:10} {gains.mean():+.2f} dB, {(gains < -1).mean():.1%} worse, {wanted.mean():.1%} suggested")


@dataclass
class Lesson:
    """What a judge learns from."""

    name: str
    """Of its weights."""
    seed: int
    everyday: Kinds
    """What becomes of an everyday photo: one of each of these."""
    portraits: Kinds
    """The same of a portrait."""
    measured: Measured
    """Draws a view of a kind of uint8 HxWx3, and gives what is measured of it and how many dB the step gains."""
    most: int
    """So many everyday photos are looked at, and a third as many portraits, unless told otherwise."""
    least: float
    """What the first sign must be for the step to be suggested, whatever is expected."""


def main(description: str, lesson: Lesson, given: list[str] | None = None) -> None:
    """Draw, learn, tell what the third part says, and write the file, as the command line wishes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with photos/ and the others")
    parser.add_argument("--most", type=int, default=lesson.most, help="how many everyday photos are looked at")
    parser.add_argument("--out", type=Path, default=weights.TRAINED / f"{lesson.name}.npz")
    wish = parser.parse_args(given)
    parts = []
    for part in range(2):
        everyday = [file for name in EVERYDAY for file in heldback.split((wish.data / name).iterdir())[part]]
        people = heldback.split((wish.data / PORTRAITS).iterdir())[part]
        everyday = everyday[:: max(1, len(everyday) // wish.most)][: wish.most]
        people = people[:: max(1, 3 * len(people) // wish.most)][: wish.most // 3]
        drawn = (
            draw(everyday, lesson.everyday, (lesson.seed, part, 0), lesson.measured),
            draw(people, lesson.portraits, (lesson.seed, part, 1), lesson.measured),
        )
        signs, gains = (np.concatenate([getattr(each, name) for each in drawn]) for name in ("signs", "gains"))
        parts.append(Views(drawn[0].kinds + drawn[1].kinds, signs, gains))
    arrays = train(parts[0])
    tell(parts[1], arrays, lesson.least)
    np.savez(wish.out, **arrays)
