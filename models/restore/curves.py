"""Zero-DCE's curves, estimated for a small view of a photo and applied to all of its pixels.

Importing this takes a second, and the first call in an installation some more, for numba compiles it.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

BAND_PIXELS = 2**20
"""Pixels of a photo that a thread works on at a time."""


def tables(curves: np.ndarray) -> np.ndarray:
    """Tabulate curves, float32 hxwx3K in [-1, 1]: what becomes of each 8-bit value, float32 hxwx3x256, 0 to 255.

    Guo et al., CVPR 2020, arXiv:2001.06826, equation 3: K times `x + a x (1 - x)`.
    """
    height, width, channels = curves.shape
    values = np.broadcast_to(np.linspace(0, 1, 256, dtype=np.float32), (height, width, 3, 256))
    for each in np.split(curves, channels // 3, axis=-1):
        values = values + each[..., None] * values * (1 - values)
    return values * 255


def apply(image: np.ndarray, tables: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """Apply tables, float32 hxwx3x256, laid out over all of it and blended between, to uint8 HxWx3.

    Gives again and again the result, uint8 HxWx3, and which share of it is done.
    """
    height, width = image.shape[:2]
    result = np.empty_like(image)
    rows = max(1, BAND_PIXELS // width)
    columns = _places(width, tables.shape[1])
    lines = _places(height, tables.shape[0])

    def work(top: int) -> None:
        band = np.s_[top : top + rows]
        _apply(image[band], tables, *(part[band] for part in lines), *columns, result[band])

    tops = range(0, height, rows)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.map(work, tops), 1):
            yield result, done / len(tops)


def _places(length: int, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Tell between which cells the pixels of a side lie: the first of both, and the share of the second."""
    places = np.clip((np.arange(length) + 0.5) * cells / length - 0.5, 0, cells - 1)
    first = np.minimum(places.astype(np.int64), max(0, cells - 2))
    return first, (places - first).astype(np.float32)


@njit(cache=True, nogil=True)
def _apply(image, tables, lines, line_shares, columns, column_shares, result):
    """Do it to some rows of a photo."""
    height, width, _ = image.shape
    below, right = min(1, tables.shape[0] - 1), min(1, tables.shape[1] - 1)
    for y in range(height):
        upper, lower, share = tables[lines[y]], tables[lines[y] + below], line_shares[y]
        row = upper + share * (lower - upper)
        for x in range(width):
            column, share = columns[x], column_shares[x]
            for channel in range(3):
                value = image[y, x, channel]
                left_value = row[column, channel, value]
                result[y, x, channel] = np.uint8(
                    left_value + share * (row[column + right, channel, value] - left_value) + np.float32(0.5)
                )
