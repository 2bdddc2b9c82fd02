"""What cleaning took away, in numbers: whether it was grain, blur or blocks, or grass, sand and cloth.

Grain lies over all of a photo alike, from pixel to pixel by chance; what a photo shows differs from field to field, and
a pixel knows its neighbours.
"""

import cv2
import numpy as np

FIELD = 32
"""Pixels squared of the fields that are compared."""
CELL = 8
"""The same of the cells within them."""
SHARES = (0.1, 0.5, 0.9)
"""Of the fields that changed less than what is told."""
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0))
"""How far right and down of a pixel lies another that is compared with it."""
FEW = 0.3
"""What is added to levels, of 255, before their logarithm is taken."""
COUNT = 22
"""Numbers that `residue` gives."""


def residue(piece: np.ndarray, cleaned: np.ndarray) -> np.ndarray:
    """Measure what was taken away of a piece, uint8 HxWx3 of `FIELD` pixels squared or more: float32 `COUNT`."""
    before, after = piece.astype(np.float32), cleaned.astype(np.float32)
    taken = before - after
    grey, left = taken.mean(2), after.mean(2)
    fields = _tiles(taken, FIELD)
    much = np.sqrt((fields**2).mean((1, 2, 3)))
    even = _tiles(grey[..., None], FIELD)[..., 0]
    even = even - even.mean((1, 2), keepdims=True)
    spread = (even**2).mean((1, 2)) + 1e-3
    shown = _tiles(left[..., None], FIELD)[..., 0]
    texture = shown.std((1, 2))
    cells = np.sqrt((_tiles(grey[..., None], CELL) ** 2).mean((1, 2, 3)))
    flattest = np.argsort(texture)[: max(1, len(texture) // 4)]
    edges = cv2.Laplacian(left, cv2.CV_32F)
    levels = [
        np.sqrt((taken**2).mean()),
        *np.quantile(much, SHARES),
        much[flattest].mean(),
        cv2.Laplacian(before.mean(2), cv2.CV_32F).std(),
        edges.std(),
        texture.mean(),
    ]
    told = [
        *(_alike(even, spread, *by) for by in NEIGHBOURS),
        np.median((even**4).mean((1, 2)) / spread**2) - 3,
        np.median((even**3).mean((1, 2)) / spread**1.5),
        _correlation(np.log(much + 0.1), np.log(texture + 0.1)),
        _correlation(np.log(much + 0.1), shown.mean((1, 2))),
        (_correlation(taken[..., 0], taken[..., 1]) + _correlation(taken[..., 1], taken[..., 2])) / 2,
        cells.std() / (cells.mean() + 0.05),
        _correlation(np.abs(grey), np.abs(edges)),
        left.mean() / 255,
        ((piece < 4) | (piece > 251)).mean(),
    ]
    return np.float32([*np.log(np.array(levels) + FEW), *told])


def _tiles(image: np.ndarray, size: int) -> np.ndarray:
    """Cut HxWxC into tiles, NxSxSxC, leaving out what remains at the right and below."""
    rows, columns = (length // size for length in image.shape[:2])
    cut = image[: rows * size, : columns * size].reshape(rows, size, columns, size, -1)
    return cut.transpose(0, 2, 1, 3, 4).reshape(rows * columns, size, size, -1)


def _alike(fields: np.ndarray, spread: np.ndarray, right: int, down: int) -> float:
    """Correlate the pixels of NxSxS, whose means are 0, with those so far right and down of them."""
    size = fields.shape[1]
    both = fields[:, down:, right:] * fields[:, : size - down, : size - right]
    return float(both.mean((1, 2)).sum() / spread.sum())


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's; 0 where one of them is even."""
    one, other = one.ravel() - one.mean(), other.ravel() - other.mean()
    both = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / both) if both > 1e-3 else 0.0
