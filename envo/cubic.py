"""Catmull and Rom's cubic (1974) between pixels, compiled: NumPy would take ten times as long."""

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
def look_up(pixels: np.ndarray, x: np.ndarray, y: np.ndarray, made: np.ndarray) -> None:
    """Look pixels, float32 HxWx3, up at places between them, float64 hxw each, into `made`, float32 hxwx3.

    The middle of the first pixel is at (0, 0). Beyond the edges these are repeated.
    """
    height, width = pixels.shape[:2]
    across, down = np.empty(4, np.float32), np.empty(4, np.float32)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            left, top = np.floor(x[i, j]), np.floor(y[i, j])
            _weigh(x[i, j] - left, across)
            _weigh(y[i, j] - top, down)
            red = green = blue = np.float32(0)
            for k in range(4):
                row = min(max(int(top) + k - 1, 0), height - 1)
                for n in range(4):
                    column = min(max(int(left) + n - 1, 0), width - 1)
                    weight = down[k] * across[n]
                    red += weight * pixels[row, column, 0]
                    green += weight * pixels[row, column, 1]
                    blue += weight * pixels[row, column, 2]
            made[i, j, 0] = red
            made[i, j, 1] = green
            made[i, j, 2] = blue


@numba.njit(nogil=True, cache=True)
def _weigh(t: float, weights: np.ndarray) -> None:
    """Weigh the four pixels about a place that is `t`, 0 to 1, beyond the second one."""
    weights[0] = ((-0.5 * t + 1) * t - 0.5) * t
    weights[1] = (1.5 * t - 2.5) * t * t + 1
    weights[2] = ((-1.5 * t + 2) * t + 0.5) * t
    weights[3] = (0.5 * t - 0.5) * t * t
