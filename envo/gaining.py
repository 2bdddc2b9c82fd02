"""Gain maps applied to pixels, compiled; see `envo.gainmap`. The same as in `static/webgl/shaders/resample.glsl.js`."""

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
def apply(
    pixels: np.ndarray,
    decoded: np.ndarray,
    values: np.ndarray,
    gains: np.ndarray,
    shift: np.ndarray,
    top: int,
    made: np.ndarray,
) -> None:
    """Write rows of the light that a base, uint8 HxWx3, and its gain map, uint8 hxwx1 or x3, come to.

    decoded: light of 256 values of the base. gains: log2 of the gain of 256 values of the map, 3x256; between values
    bilinear. shift: 2x3, what is added to the base, and taken from what comes of it. made: float32 rows from `top` on,
    linear, in the gamut of the base.
    """
    rows, width = made.shape[:2]
    last, end, channels = values.shape[0] - 1, values.shape[1] - 1, values.shape[2]
    for row in range(rows):
        y = min(max((top + row + 0.5) * values.shape[0] / pixels.shape[0] - 0.5, 0.0), float(last))
        above = int(y)
        below, down = min(above + 1, last), np.float32(y - above)
        for column in range(width):
            x = min(max((column + 0.5) * values.shape[1] / width - 0.5, 0.0), float(end))
            left = int(x)
            right, across = min(left + 1, end), np.float32(x - left)
            for i in range(3):
                c = i if channels == 3 else 0
                first = gains[i, values[above, left, c]]
                first += across * (gains[i, values[above, right, c]] - first)
                second = gains[i, values[below, left, c]]
                second += across * (gains[i, values[below, right, c]] - second)
                gain = np.exp2(first + down * (second - first))
                made[row, column, i] = (decoded[pixels[top + row, column, i]] + shift[0, i]) * gain - shift[1, i]
