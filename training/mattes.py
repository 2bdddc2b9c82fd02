"""Mattes of photos that another network made: which of them may stand for the truth, and what they show."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

MOST_UNSURE = 0.05
"""Share of pixels between 0.2 and 0.8 from which on a matte is unsure."""
COVER = (0.02, 0.7)
"""Shares of the frame between which a thing stands out of it."""
OUTLINED = (0.03, 0.3)
"""Shares of the frame between which a thing is neither tiny nor all over it."""


def read(folder: Path, photo: Path) -> np.ndarray:
    """Read the matte of a photo, uint8 HxW, from `photo-mattes/` of the folder."""
    return cv2.imread(str(folder / "photo-mattes" / f"{photo.stem}.png"), cv2.IMREAD_GRAYSCALE)


def reduced_size(shape: tuple[int, ...], edge: int) -> tuple[int, int]:
    """Give the width and height of a picture of a shape, HxW(xC), reduced to a long edge; never under a pixel."""
    scale = min(1, edge / max(shape[:2]))
    return max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))


def is_sure(matte: np.ndarray) -> bool:
    """Whether a matte, uint8 HxW, is sure of nearly all of its pixels."""
    return bool(((matte > 51) & (matte < 204)).mean() < MOST_UNSURE)


def cover(matte: np.ndarray) -> float:
    """Share of the frame that a matte, uint8 HxW, says is the thing."""
    return float((matte > 127).mean())


def stands_out(matte: np.ndarray) -> bool:
    """Whether the thing of a matte, uint8 HxW, stands out of the frame."""
    return COVER[0] <= cover(matte) <= COVER[1]


def outlines(folder: Path, photos: Iterable[Path]) -> list[np.ndarray]:
    """Read the mattes, uint8 256x256, of photos whose thing is sure and neither tiny nor all over the frame."""
    found = (read(folder, photo) for photo in photos)
    return [
        cv2.resize(matte, (256, 256), interpolation=cv2.INTER_AREA)
        for matte in found
        if is_sure(matte) and OUTLINED[0] < cover(matte) < OUTLINED[1]
    ]


def solid(front: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Take the old background out of the edge of a thing, uint8 HxWx3, that is cut out by `alpha`, float32 HxW.

    It shines through there: the colours of what is sure are spread over it.
    """
    sure = (alpha**4 + 1e-4)[..., None]
    spread = cv2.blur(front * sure, (9, 9)) / cv2.blur(sure, (9, 9))[..., None]
    return np.rint(np.where(alpha[..., None] > 0.95, front, spread)).astype(np.uint8)
