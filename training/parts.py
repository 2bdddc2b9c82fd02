"""Portraits and what each of their pixels shows: the data of the network that tells the parts of a face apart.

A folder has `images/N.jpg` and `masks/N.png`, the masks with the 19 classes of CelebAMask-HQ (Lee et al., CVPR 2020,
arXiv:1907.11922).
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

CLASSES = (
    "background", "skin", "nose", "glasses", "eyes", "brows", "ears", "mouth", "lips", "hair", "hat", "neck", "clothes",
)  # fmt: skip
UNKNOWN = 255
"""Label of pixels that teach nothing."""
OTHER = 254
"""Label of pixels of which only this is known: that they are one of `OTHERS`."""
OTHERS = ("background", "hat", "neck", "clothes")
"""What is no part of a head: neither face nor ear nor hair."""
MERGED = dict(zip(range(19), (0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 8, 9, 10, UNKNOWN, 11, 11, 12), strict=True))
"""CelebAMask-HQ's class: ours. Left and right are one, a necklace is neck; behind an earring lies anything."""
FACE = ("skin", "nose", "glasses", "eyes", "brows", "mouth", "lips")
SIZE = 512
"""Pixels squared of the photos."""

Pair = tuple[np.ndarray, np.ndarray]
"""Image, uint8 512x512x3, and labels, uint8 512x512: places in `CLASSES`, `UNKNOWN` or `OTHER`."""


def read(folder: Path, images: Iterable[Path]) -> list[Pair]:
    """Read the pairs of some of a folder's images."""
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
        return list(pool.map(pair, images))


def shows(labels: np.ndarray, *names: str) -> np.ndarray:
    """Where labels, uint8 HxW, are one of these classes, bool HxW."""
    return np.isin(labels, [CLASSES.index(name) for name in names])
