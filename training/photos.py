"""Photos to train on, of the folders that the scripts share."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from models import heldback

EDGE = 512
"""Pixels of the long edge at which photos are kept."""


def read(folder: Path, shares: Mapping[str, int], held_back: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Read the photos to train on and some of those held back, each uint8 HxWx3.

    shares: folders within `folder`, and of each that its every so-manieth photo is taken. The photos held back, at most
    `held_back`, are those of the first folder.
    """
    parts = [heldback.split((folder / name).iterdir()) for name in shares]
    files = [file for (learn, _), share in zip(parts, shares.values(), strict=True) for file in learn[::share]]
    with ThreadPoolExecutor() as pool:
        learn, kept = pool.map(_image, files), pool.map(_image, parts[0][1][:held_back])
        return list(learn), list(kept)


def _image(path: Path) -> np.ndarray:
    photo = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    scale = min(1, EDGE / max(photo.shape))
    return cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else photo
