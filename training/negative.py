"""Teach to see that light and dark have changed places, as in a negative, whatever the film.

The data is a folder with `photos/`, `regions/`, `people/` and `portraits/`. Of each photo there is the photo, lighter
or darker by chance, and a negative of it (`training/film.py`). What EfficientNet-Lite0 sees in either, less what it
sees in its reverse (`models.restore.negative.impression`), is told apart by logistic regression: 1280 numbers, a bias.

usage: python -m training.negative --data DIR [--most 300] [--out negative.npy]
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression

from envo import negative, photo
from models import weights
from models.restore.negative import EDGE, impression, views_of
from training import film, heldback

KINDS = {"photos": 1.0, "regions/images": 0.4, "people": 0.2, "portraits/images": 0.4}
"""Folders, and shares of the most photos that are taken of each."""
GAMMAS = (0.5, 2.0)
"""How much lighter or darker a photo becomes."""
LEAVES = 3.0
"""How freely the regression may fit: scikit-learn's C."""


def parts(folder: Path, most: int) -> tuple[list[Path], list[Path]]:
    """Name photos to learn by, and the third part's, from all over each folder."""
    learn, third = [], []
    for name, share in KINDS.items():
        found = [file for file in (folder / name).rglob("*") if file.suffix.lower() in (".jpg", ".jpeg", ".png")]
        for files, into, count in zip(heldback.split(found), (learn, third), (most, most / 3), strict=True):
            into += files[:: max(1, round(len(files) / (count * share)))]
    return learn, third


def pair(random: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Give what is seen of a photo, uint8 HxWx3, and of a negative of it: float32 2x1280."""
    grey = bool(random.random() < 0.5)
    made = film.drawn(random, image, grey)
    lit = np.rint((image / 255) ** np.exp(random.uniform(*np.log(GAMMAS))) * 255).astype(np.uint8)
    return np.stack([impression(views_of(each, negative.Scan.of(each))) for each in (lit, made)])


def seen(files: list[Path]) -> np.ndarray:
    """Give what is seen of each photo and its negative: float32 Nx2x1280."""
    pairs = []
    for number, file in enumerate(files):
        image = photo.resize(cv2.imread(str(file), cv2.IMREAD_COLOR_RGB), EDGE)
        pairs.append(pair(np.random.default_rng(number), image))
        if number % 20 == 19:
            print(f"{number + 1} of {len(files)} photos looked at", flush=True)
    return np.stack(pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with photos/ and the others")
    parser.add_argument("--most", type=int, default=300, help="how many photos of the largest kind are looked at")
    parser.add_argument("--out", type=Path, default=weights.TRAINED / "negative.npy")
    wish = parser.parse_args()
    learn, third = parts(wish.data, wish.most)
    pairs = seen(learn)
    model = LogisticRegression(C=LEAVES, max_iter=2000)
    model.fit(pairs.reshape(-1, pairs.shape[-1]), np.tile([0, 1], len(pairs)))
    np.save(wish.out, np.append(model.coef_[0], model.intercept_[0]).astype(np.float32))
    odds = seen(third) @ model.coef_[0] + model.intercept_[0]
    print(
        f"third part: {(odds[:, 1] > 0).mean():.3f} of negatives seen, {(odds[:, 0] > 0).mean():.3f} of photos taken so"
    )
    print(f"surest photo {odds[:, 0].max():.2f}; negatives above that {(odds[:, 1] > odds[:, 0].max()).mean():.3f}")


if __name__ == "__main__":
    main()
