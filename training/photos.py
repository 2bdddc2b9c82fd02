"""Photos to train on and to measure by, of the folders that the scripts share."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from training import heldback

EDGE = 512
"""Pixels of the long edge at which photos are kept."""


def read(folder: Path, shares: Mapping[str, int], third: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Read the photos to train on and some of those held back, each uint8 HxWx3.

    shares: folders within `folder`, and of each that its every so-manieth photo is taken. The photos held back, at most
    `third`, are those of the first folder.
    """
    parts = [heldback.split((folder / name).iterdir()) for name in shares]
    files = [file for (learn, _), share in zip(parts, shares.values(), strict=True) for file in learn[::share]]
    return read_all(files), read_all(parts[0][1][:third])


def read_all(files: Sequence[Path]) -> list[np.ndarray]:
    """Read photos, uint8 HxWx3, reduced to `EDGE`."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_image, files))


def psnr(image: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal to noise in dB, at most 60."""
    error = np.mean((np.clip(image, 0, 255).astype(np.float32) - truth) ** 2)
    return float(10 * np.log10(255**2 / max(error, 0.065)))


def _image(path: Path) -> np.ndarray:
    photo = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    scale = min(1, EDGE / max(photo.shape))
    return cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else photo
