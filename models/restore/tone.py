"""Photos of one tone, grey or sepia, keep it whatever a network makes of them."""

import cv2
import numpy as np

from models.restore.colour import LUMA, monochrome

BAND = 512
"""Rows handled at a time."""
SPREAD = 3.0
"""The tone at a luma is that of the pixels about so far from it, of 255."""


def toned(before: np.ndarray, after: np.ndarray, anew: np.ndarray | None = None) -> np.ndarray:
    """Take from what a step changed in a photo of one tone the colours that it brought: uint8 HxWx3.

    before, after: uint8 hxwx3 and HxWx3. anew: uint8 HxW, above 0 where nothing of the photo is left; None: nowhere. A
    photo that has colours is given back as the step made it. Stains and tinted parts of one that has none stay.
    """
    if not monochrome(before):
        return after
    curve = _curve(before)
    if before.shape != after.shape:
        before = cv2.resize(before, after.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    result = after.copy()
    for top in range(0, len(after), BAND):
        rows = np.s_[top : top + BAND]
        old, new = before[rows].astype(np.float32), after[rows].astype(np.float32)
        was, luma = old @ LUMA, new @ LUMA
        own = old - was[..., None] - curve[np.rint(was).astype(np.uint8)]
        if anew is not None:
            own[anew[rows] > 0] = 0
        values = luma[..., None] + curve[np.rint(luma).astype(np.uint8)] + own
        changed = (before[rows] != after[rows]).any(axis=2)
        result[rows][changed] = np.rint(np.clip(values, 0, 255))[changed]
    return result


def _curve(image: np.ndarray) -> np.ndarray:
    """Give for each luma how far red, green and blue are from it, float32 256x3, of uint8 HxWx3 of one tone."""
    pixels = image.reshape(-1, 3)
    luma = np.rint(pixels @ LUMA).astype(np.int64)
    counts = np.bincount(luma, minlength=256)
    sums = (
        np.stack([np.bincount(luma, pixels[:, c], 256) for c in range(3)], axis=1) - (counts * np.arange(256))[:, None]
    )
    steps = np.arange(256)
    near = np.exp(-0.5 * ((steps[:, None] - steps) / SPREAD) ** 2) + 1e-9
    return ((near @ sums) / np.maximum(near @ counts, 1e-9)[:, None]).astype(np.float32)
