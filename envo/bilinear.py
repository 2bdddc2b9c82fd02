"""Bilinear between pixels, and where pixels of a picture lie, compiled: NumPy would take twenty times as long."""

import numba
import numpy as np


@numba.njit(nogil=True, cache=True, error_model="numpy")
def across(rows: np.ndarray, made: np.ndarray) -> None:
    """Resample rows, float32 hxwxC, to the width of `made`, float32 hxWxC, at the middles of its pixels."""
    height, width, channels = rows.shape
    left, right = np.empty(made.shape[1], np.uint32), np.empty(made.shape[1], np.uint32)
    share = np.empty(made.shape[1], np.float32)
    for j in range(made.shape[1]):
        at = min(max((j + 0.5) * (width / made.shape[1]) - 0.5, 0.0), width - 1.0)
        left[j] = int(at)
        right[j] = min(int(at) + 1, width - 1)
        share[j] = np.float32(at - int(at))
    for i in range(height):
        row, done = rows[i], made[i]
        for j in range(made.shape[1]):
            for k in range(channels):
                first = row[left[j], k]
                done[j, k] = first + share[j] * (row[right[j], k] - first)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def look_up(grid: np.ndarray, places: np.ndarray, made: np.ndarray) -> None:
    """Look a grid over a photo, float32 HxWxC, up at photo coordinates, float64 hxwx2, into `made`, float32 hxwxC."""
    height, width, channels = grid.shape
    for i in range(places.shape[0]):
        for j in range(places.shape[1]):
            x = min(max(places[i, j, 0] * width - 0.5, 0.0), width - 1.0)
            y = min(max(places[i, j, 1] * height - 0.5, 0.0), height - 1.0)
            left, above = int(x), int(y)
            right, below = min(left + 1, width - 1), min(above + 1, height - 1)
            u, v = np.float32(x - left), np.float32(y - above)
            for k in range(channels):
                upper = grid[above, left, k] + u * (grid[above, right, k] - grid[above, left, k])
                lower = grid[below, left, k] + u * (grid[below, right, k] - grid[below, left, k])
                made[i, j, k] = upper + v * (lower - upper)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def project(matrix: np.ndarray, width: int, height: int, left: int, top: int, made: np.ndarray) -> None:
    """Bring the middles of pixels of a picture, from a place on, by a homography into `made`, float64 hxwx2."""
    for i in range(made.shape[0]):
        y = (top + i + 0.5) / height
        over = matrix[0, 1] * y + matrix[0, 2]
        down = matrix[1, 1] * y + matrix[1, 2]
        depth = matrix[2, 1] * y + matrix[2, 2]
        for j in range(made.shape[1]):
            x = (left + j + 0.5) / width
            by = 1.0 / (depth + matrix[2, 0] * x)
            made[i, j, 0] = (over + matrix[0, 0] * x) * by
            made[i, j, 1] = (down + matrix[1, 0] * x) * by
