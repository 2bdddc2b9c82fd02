"""Curves through points, as people draw them over a histogram."""

from collections.abc import Sequence

import numpy as np

Points = Sequence[tuple[float, float]]
"""A curve's points, x ascending, both in [0, 1]."""


def curve_at(points: Points, x: np.ndarray) -> np.ndarray:
    """Give a curve at `x`, float64 of any shape: through its points, monotone between them, level beyond its ends.

    Cubic Hermite splines with the tangents of Fritsch and Carlson, "Monotone Piecewise Cubic Interpolation" (1980), in
    the form of Steffen (1990), which needs no second pass.
    """
    at, to = np.array(points, np.float64).T
    widths = np.diff(at)
    slopes = np.diff(to) / widths
    tangents = np.concatenate([slopes[:1], np.zeros(len(at) - 2), slopes[-1:]])
    for i in range(1, len(at) - 1):
        left, right = slopes[i - 1], slopes[i]
        mean = (left * widths[i] + right * widths[i - 1]) / (widths[i - 1] + widths[i])
        tangents[i] = (np.sign(left) + np.sign(right)) * min(abs(left), abs(right), abs(mean) / 2)
    x = np.clip(x, at[0], at[-1])
    i = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(widths) - 1)
    u = (x - at[i]) / widths[i]
    bend = (1 - u) * (tangents[i] - slopes[i]) - u * (tangents[i + 1] - slopes[i])
    return to[i] + u * (to[i + 1] - to[i]) + u * (1 - u) * widths[i] * bend
