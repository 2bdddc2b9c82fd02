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
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            made[i, j, 0], made[i, j, 1], made[i, j, 2] = _colour(pixels, curve, x[i, j], y[i, j])


@numba.njit(nogil=True, cache=True)
def look_up_channel(
    pixels: np.ndarray, channel: int, curve: np.ndarray, x: np.ndarray, y: np.ndarray, made: np.ndarray
) -> None:
    """Look one channel up, as `look_up` does all of them, into that of `made`."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            made[i, j, channel] = _channel(pixels, channel, curve, x[i, j], y[i, j])


@numba.njit(nogil=True, cache=True, error_model="numpy")
def look_through(
    pixels: np.ndarray,
    curve: np.ndarray,
    places: np.ndarray,
    table: np.ndarray,
    reach: float,
    centre: tuple[float, float],
    sides: tuple[float, float],
    made: np.ndarray,
) -> None:
    """Look pixels up, as `look_up` does, at places of the photo that a lens is corrected in, float64 hxwx2, 0 to 1.

    table, reach, centre, sides: of the correction, see `lens.Correction`.
    """
    height, width = pixels.shape[:2]
    last = len(table) - 1
    for i in range(places.shape[0]):
        for j in range(places.shape[1]):
            x, y = places[i, j, 0] - centre[0], places[i, j, 1] - centre[1]
            across, down = x * sides[0], y * sides[1]
            at = min(np.sqrt(across * across + down * down) / reach, 1.0) * last
            first = min(int(at), last - 1)
            part = at - first
            red = table[first, 0] + part * (table[first + 1, 0] - table[first, 0])
            green = table[first, 1] + part * (table[first + 1, 1] - table[first, 1])
            blue = table[first, 2] + part * (table[first + 1, 2] - table[first, 2])
            gain = table[first, 3] + part * (table[first + 1, 3] - table[first, 3])
            if red == green and green == blue:
                to_x, to_y = (centre[0] + x * green) * width - 0.5, (centre[1] + y * green) * height - 0.5
                made[i, j, 0], made[i, j, 1], made[i, j, 2] = _colour(pixels, curve, to_x, to_y)
            else:
                for c, factor in enumerate((red, green, blue)):
                    to_x, to_y = (centre[0] + x * factor) * width - 0.5, (centre[1] + y * factor) * height - 0.5
                    made[i, j, c] = _channel(pixels, c, curve, to_x, to_y)
            for c in range(3):
                made[i, j, c] *= np.float32(gain)


@numba.njit(nogil=True, cache=True)
def _colour(pixels: np.ndarray, curve: np.ndarray, x: float, y: float) -> tuple[float, float, float]:
    """Look all channels up at a place."""
    height, width = pixels.shape[:2]
    left, top = np.floor(x), np.floor(y)
    across, down = _weights(np.float32(x - left)), _weights(np.float32(y - top))
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
    return max(red, least_red), max(green, least_green), max(blue, least_blue)


@numba.njit(nogil=True, cache=True)
def _channel(pixels: np.ndarray, channel: int, curve: np.ndarray, x: float, y: float) -> float:
    """Look one channel up at a place."""
    height, width = pixels.shape[:2]
    left, top = np.floor(x), np.floor(y)
    across, down = _weights(np.float32(x - left)), _weights(np.float32(y - top))
    column, row = int(left) - 1, int(top) - 1
    found = least = np.float32(0)
    for k in range(4):
        line = pixels[min(max(row + k, 0), height - 1)]
        for n in range(4):
            value = _value(curve, line[min(max(column + n, 0), width - 1), channel])
            found += down[k] * across[n] * value
            least = min(least, value)
    return max(found, least)


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
