"""Distances to lines of many points, compiled: NumPy would look at each pixel once for each point."""

import numba
import numpy as np

TILE = 16
"""Pixels of a side of the squares of which it is told first what of a line is near."""


@numba.njit(nogil=True, cache=True)
def cover(points: np.ndarray, inner: float, outer: float, covered: np.ndarray) -> None:
    """Write how much of each pixel is covered into `covered`, float32 HxW of zeros.

    points: of the line, float64 Nx2, in pixels; the middle of the first one is at (0, 0). 1 up to a distance of `inner`
    from the line, 0 from `outer` on, a smoothstep between.
    """
    height, width = covered.shape
    pieces = max(len(points) - 1, 1)
    far, close = np.empty(pieces), np.empty(pieces, np.int64)
    half = 0.5 * (TILE - 1)
    reach = half * np.sqrt(2.0)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            least = np.inf
            for i in range(pieces):
                far[i] = np.sqrt(_away(points, i, left + half, top + half))
                least = min(least, far[i])
            if least - reach >= outer:
                continue
            is_whole = least + reach <= inner
            count = 0
            for i in range(pieces):
                if far[i] <= least + 2 * reach:
                    close[count] = i
                    count += 1
            for y in range(top, min(top + TILE, height)):
                for x in range(left, min(left + TILE, width)):
                    if is_whole:
                        covered[y, x] = 1
                        continue
                    near = np.inf
                    for i in range(count):
                        near = min(near, _away(points, close[i], x, y))
                    t = min(max((np.sqrt(near) - inner) / (outer - inner), 0.0), 1.0)
                    covered[y, x] = 1 - t * t * (3 - 2 * t)


@numba.njit(nogil=True, cache=True)
def _away(points: np.ndarray, i: int, x: float, y: float) -> float:
    """Square of the distance to the i-th piece of a line, which may be a point alone."""
    x0, y0 = points[i]
    x1, y1 = points[min(i + 1, len(points) - 1)]
    u, v = x1 - x0, y1 - y0
    length = u * u + v * v
    t = 0.0 if length == 0 else min(max(((x - x0) * u + (y - y0) * v) / length, 0.0), 1.0)
    dx, dy = x - x0 - t * u, y - y0 - t * v
    return dx * dx + dy * dy
