"""Catmull and Rom's cubic (1974) between pixels, compiled: NumPy would take ten times as long."""

import numba
import numpy as np
from numba.extending import overload


def look_up_each(pixels: np.ndarray, curve: np.ndarray, places: np.ndarray, made: np.ndarray) -> None:
    """Look pixels up as `look_up` does, at places, float64 1xhxwx2, or 3xhxwx2: another one for each channel."""
    if len(places) == 1:
        look_up(pixels, curve, places[0, ..., 0], places[0, ..., 1], made)
        return
    for channel, of_it in enumerate(places):
        look_up_channel(pixels, channel, curve, of_it[..., 0], of_it[..., 1], made)


@numba.njit(nogil=True, cache=True)
def look_up(pixels: np.ndarray, curve: np.ndarray, x: np.ndarray, y: np.ndarray, made: np.ndarray) -> None:
    """Look pixels, HxWx3, up at places between them, float64 hxw each, into `made`, float32 hxwx3.

    pixels: float32; or uint8, which stand for the entries of `curve`, float32 256. The middle of the first pixel is at
    (0, 0). Beyond the edges these are repeated. Beside an edge the cubic goes beyond what is there: not below black,
    unless there is less.
    """
    height, width = pixels.shape[:2]
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            left, top = np.floor(x[i, j]), np.floor(y[i, j])
            across, down = _weights(np.float32(x[i, j] - left)), _weights(np.float32(y[i, j] - top))
            column, row = int(left) - 1, int(top) - 1
            red = green = blue = np.float32(0)
            least_red = least_green = least_blue = np.float32(0)
            for k in range(4):
                line = pixels[min(max(row + k, 0), height - 1)]
                for n in range(4):
                    at = min(max(column + n, 0), width - 1)
                    weight = down[k] * across[n]
                    r, g, b = _value(curve, line[at, 0]), _value(curve, line[at, 1]), _value(curve, line[at, 2])
                    red += weight * r
                    green += weight * g
                    blue += weight * b
                    least_red, least_green, least_blue = min(least_red, r), min(least_green, g), min(least_blue, b)
            made[i, j, 0] = max(red, least_red)
            made[i, j, 1] = max(green, least_green)
            made[i, j, 2] = max(blue, least_blue)


@numba.njit(nogil=True, cache=True)
def look_up_channel(
    pixels: np.ndarray, channel: int, curve: np.ndarray, x: np.ndarray, y: np.ndarray, made: np.ndarray
) -> None:
    """Look one channel up, as `look_up` does all of them, into that of `made`."""
    height, width = pixels.shape[:2]
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            left, top = np.floor(x[i, j]), np.floor(y[i, j])
            across, down = _weights(np.float32(x[i, j] - left)), _weights(np.float32(y[i, j] - top))
            column, row = int(left) - 1, int(top) - 1
            found = least = np.float32(0)
            for k in range(4):
                line = pixels[min(max(row + k, 0), height - 1)]
                for n in range(4):
                    value = _value(curve, line[min(max(column + n, 0), width - 1), channel])
                    found += down[k] * across[n] * value
                    least = min(least, value)
            made[i, j, channel] = max(found, least)


@numba.njit(nogil=True, cache=True)
def _weights(t: float) -> tuple[float, float, float, float]:
    """Weigh the four pixels about a place that is `t`, 0 to 1, beyond the second one."""
    half, one, two = np.float32(0.5), np.float32(1), np.float32(2)
    return (
        ((one - half * t) * t - half) * t,
        (np.float32(1.5) * t - np.float32(2.5)) * t * t + one,
        ((two - np.float32(1.5) * t) * t + half) * t,
        (half * t - half) * t * t,
    )


def _value(curve: np.ndarray, stored: float) -> float:
    raise NotImplementedError("compiled code alone calls it")


@overload(_value)
def _value_of(curve, stored):  # types; numba compares the names of arguments with those below
    if isinstance(stored, numba.types.Integer):
        return lambda curve, stored: curve[stored]
    return lambda curve, stored: stored
