"""Teach when cleaning a photo is worth it: how many dB it is expected to gain, by what it took away.

Photos are shown as they came, reduced and compressed finely as pages have them, and aged in all ways of
`training.ageing` but the dots of print, which have a step of their own. Of pieces of each it is measured what `clean`
takes away (`models.restore.residue`), and what that gains. Small networks learn the one from the other, each from four
fifths of the views; what is kept is their mean, which is one network of all their neurons.

The data is a folder with `photos/`, `regions/images/` and `portraits/images/`; its third part watches.

usage: python -m training.clean_worth --data DIR [--most 1000] [--out FILE]
"""

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from models import restore, weights
from models.engine import quiet
from models.restore import clean
from models.restore.residue import FEW
from training import ageing, augment, heldback, photos

EVERYDAY = ("photos", "regions/images")
PORTRAITS = "portraits/images"
KINDS = (("sound",), ("grain",), ("jpeg", "blur"), ("stains", "scratches", "fading", "mixed", "reduced"))
"""What becomes of an everyday photo: one of each of these."""
OF_PORTRAITS = (("sound",), ("worn",))
PIECES = 3
"""Of each photo, which are enough to learn from."""
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
TOLD_FROM = (0.0, 0.3, 0.6, 1.0)
"""Expected dB from which on it is told what would come of it."""


@dataclass
class Views:
    """What was drawn and measured."""

    kinds: list[str]
    signs: np.ndarray
    """float32 NxF, as `models.restore.clean.signs` gives them."""
    gains: np.ndarray
    """dB, float32 N."""


def shown(random: Generator, image: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Make of uint8 HxWx3 what is shown, and what cleaning should make of that."""
    if kind == "worn":
        return ageing.worn(random, image), image
    if kind not in ("sound", "reduced"):
        return ageing.aged(random, image, kind)[0], image
    if kind == "reduced":
        scale = random.uniform(*REDUCED)
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return (augment.compressed(random, image, *FINELY) if random.random() < 0.5 else image), image


def measured(old: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, float]:
    """Clean pieces of a photo, uint8 HxWx3. Gives their signs and how many dB that gains."""
    engine = restore.STEPS["clean"].engines["envo-clean"]
    pieces = clean.pieces(old)[:PIECES]
    cleaned = [engine.clean(piece, quiet) for piece in pieces]
    truths = clean.pieces(truth)[:PIECES]
    errors = [np.mean([_error(*pair) for pair in zip(each, truths, strict=True)]) for each in (pieces, cleaned)]
    return clean.signs(old, pieces, cleaned), 10 * np.log10((errors[0] + SLIGHT) / (errors[1] + SLIGHT))


def _error(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.mean((one.astype(np.float32) - other) ** 2))


def draw(files: list[Path], kinds: tuple[tuple[str, ...], ...]) -> Views:
    """Draw one view of each kind of each photo, and measure it."""
    names, signs, gains = [], [], []
    for number, file in enumerate(tqdm(files)):
        (image,) = photos.read_all([file])
        random = np.random.default_rng([77, number])
        for each in kinds:
            names.append(str(random.choice(each)))
            told, gain = measured(*shown(random, image, names[-1]))
            signs.append(told)
            gains.append(gain)
    return Views(names, np.float32(signs), np.float32(gains))


def joined(parts: list[Views]) -> Views:
    """Put views together."""
    return Views(
        [kind for part in parts for kind in part.kinds],
        np.concatenate([part.signs for part in parts]),
        np.concatenate([part.gains for part in parts]),
    )


def train(views: Views, networks: int = NETWORKS) -> dict[str, np.ndarray]:
    """Learn to expect the gain. Gives the arrays that `models.restore.clean.expected` computes with, float32."""
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


def tell(views: Views, arrays: dict[str, np.ndarray]) -> None:
    """Print by kind, for each limit, the mean gain, the share that loses more than 1 dB, and what is suggested."""
    found = np.array([clean.expected(signs, arrays) for signs in views.signs])
    rows = defaultdict(list)
    for number, kind in enumerate(views.kinds):
        rows[kind].append(number)
    for limit in TOLD_FROM:
        print(f"from {limit:g} dB on:")
        for kind, numbers in rows.items():
            wanted = (found[numbers] > limit) & (views.signs[numbers, 0] > np.log(clean.LEAST + FEW))
            gains = views.gains[numbers] * wanted
            print(f"  {kind:10} {gains.mean():+.2f} dB, {(gains < -1).mean():.1%} worse, {wanted.mean():.1%} suggested")


def main(given: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with photos/ and the others")
    parser.add_argument("--most", type=int, default=1000, help="how many everyday photos are looked at")
    parser.add_argument("--out", type=Path, default=weights.TRAINED / "clean-worth.npz")
    wish = parser.parse_args(given)
    parts = []
    for part in range(2):
        everyday = [file for name in EVERYDAY for file in heldback.split((wish.data / name).iterdir())[part]]
        people = heldback.split((wish.data / PORTRAITS).iterdir())[part]
        parts.append(joined([
            draw(everyday[:: max(1, len(everyday) // wish.most)][: wish.most], KINDS),
            draw(people[:: max(1, 3 * len(people) // wish.most)][: wish.most // 3], OF_PORTRAITS),
        ]))  # fmt: skip
    arrays = train(parts[0])
    tell(parts[1], arrays)
    np.savez(wish.out, **arrays)


if __name__ == "__main__":
    main()
