"""Holes filled as smoothly as can be: the colours at their edge, spread inside like a membrane over a frame."""

import cv2
import numpy as np

SWEEPS = 8
"""Averaging passes at each scale; the coarser ones have done the rest."""


def fill(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Fill the hole, uint8 HxW of 0 and 1, of uint8 HxWx3: uint8 HxWx3, the same beside the hole.

    Solves Laplace's equation inside, roughly, from coarse to fine (a multigrid method).
    """
    filled = _fill(image.astype(np.float32), 1 - hole.astype(np.float32))
    return np.where(hole[..., None] > 0, np.rint(filled).astype(np.uint8), image)


def _fill(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill float32 HxWx3 where `known`, float32 HxW in [0, 1], is 0."""
    inside = known == 0
    if not inside.any():
        return image
    height, width = known.shape
    if height == width == 1:
        return np.full_like(image, 127)
    half = ((width + 1) // 2, (height + 1) // 2)
    share = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    colours = cv2.resize(image * known[..., None], half, interpolation=cv2.INTER_AREA)
    coarse = _fill(colours / np.maximum(share, 1e-6)[..., None], share)
    image = np.where(inside[..., None], cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), image)
    where = inside.astype(np.uint8)
    for _ in range(SWEEPS):
        cv2.copyTo(cv2.blur(image, (3, 3), borderType=cv2.BORDER_REFLECT_101), where, image)
    return image
