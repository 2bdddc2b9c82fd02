"""Clicks as a network sees them, and as a patient visitor would give them."""

from functools import cache

import cv2
import numpy as np

CHANNELS = 5
"""What a network sees beside a photo: discs about the clicks that add, nearness to them, the same of those that take
away, and the mask so far."""
ADDED = 0
"""Place of the discs about the clicks that add."""
MASK = 4
"""Place of the mask among them."""
DISC = 1 / 64
"""Radius of a disc, as a share of the view."""
REACH = 0.15
"""Where nearness has fallen to a third, as a share of the view."""


@cache
def _stamp(size: int) -> np.ndarray:
    """A click in the middle of uint8 (2 `size` - 1) squared x 2: its disc and how near each pixel is."""
    steps = np.arange(1 - size, size, dtype=np.float32)
    distance = np.hypot(steps[:, None], steps)
    disc = np.clip(DISC * size + 0.5 - distance, 0, 1)
    near = np.exp(-distance / (REACH * size))
    return np.rint(np.stack([disc, near], -1) * 255).astype(np.uint8)


def draw(hints: np.ndarray, x: float, y: float, adds: bool) -> None:
    """Draw a click into `hints`, uint8 SxSx`CHANNELS`, in place; (x, y) are pixels of it."""
    size = hints.shape[0]
    column, row = (int(np.clip(round(at), 0, size - 1)) for at in (x, y))
    seen = _stamp(size)[size - 1 - row : 2 * size - 1 - row, size - 1 - column : 2 * size - 1 - column]
    channels = hints[..., 0:2] if adds else hints[..., 2:4]
    np.maximum(channels, seen, out=channels)


def next_click(found: np.ndarray, truth: np.ndarray, known: np.ndarray | None = None) -> tuple[int, int, bool] | None:
    """Find where the next click goes, and whether it adds: the centre of the largest error.

    `found` and `truth` are bool HxW, and so is `known`, outside of which nothing counts. None: there is no error.
    """
    places = error_depths(found, truth, known)
    adds = places[0].max() >= places[1].max()
    depth = places[0] if adds else places[1]
    if depth.max() == 0:
        return None
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    return int(x), int(y), bool(adds)


def error_depths(
    found: np.ndarray, truth: np.ndarray, known: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Measure how deep each pixel lies in what is missing, and in what is too much: float32 HxW, pixels."""
    known = True if known is None else known
    errors = truth & ~found & known, found & ~truth & known
    # A frame of zeros: the photo's edge is an edge of the error, too.
    framed = (cv2.copyMakeBorder(each.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT) for each in errors)
    return tuple(cv2.distanceTransform(each, cv2.DIST_L2, 3)[1:-1, 1:-1] for each in framed)
