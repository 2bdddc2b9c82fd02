"""Coloured noise of a RAW, taken out as cameras do: as it is measured, of its colours alone, so that detail stays.

Over the square roots of a sensor's balanced channels, which make the noise of light alike in every tone, colours are
the differences of red and blue to green. Of what these are at each scale (Burt and Adelson, "The Laplacian pyramid",
1983), what is no stronger than the noise is taken away, and what is stronger stays (Gao, "Wavelet shrinkage denoising
using the non-negative garrote", 1998): lightness is what it was.
"""

from dataclasses import dataclass

import numba
import numpy as np

LEVELS = 5
"""Scales, each of twice as many pixels as the one before: noise that is coarser is hardly there."""
REACH = 2**LEVELS * 2
"""So many pixels around a place have to do with what becomes of it."""
_DARK = 0.05
"""Square root of the light below which the scale is a straight line: there is the noise of the sensor itself."""
_STRENGTH = 3.0
"""By how many standard deviations what is taken for noise lies about nothing."""
_FALLS = (1.0, 1.2, 0.8, 0.35, 0.2)
"""What noise is of that at the finest scale at most: what is more is not noise."""
_TILE, _TILES = 256, 6
"""Noise is measured in so many tiles along each side, of so many pixels."""
_FEW = 10
"""Of these, and of what is within each, by the share, in percent, that has the least in it: all of it has the noise."""


@dataclass(frozen=True, eq=False)
class ColourNoise:
    """What is known of a photo's noise: `sizes`, float32 `LEVELS` x 2, its standard deviations in red and in blue."""

    sizes: np.ndarray

    @classmethod
    def of(cls, pixels: np.ndarray, scale: float) -> "ColourNoise":
        """Measure it in balanced channels, uint16 HxWx3, that are multiplied by `scale`."""
        found = []
        for rows in _places(pixels.shape[0]):
            for columns in _places(pixels.shape[1]):
                tile = pixels[rows, columns]
                if min(tile.shape[:2]) < 2**LEVELS or tile.min() == 65535:
                    continue
                colours, _ = _apart(tile * np.float32(scale))
                found.append([_flattest(level) for level in _levels(colours)[:-1]])
        found = [sizes for sizes in found if np.max(sizes) > 0]  # all black, or all white, there is nothing to measure
        if not found:
            return cls(np.zeros((LEVELS, 2), np.float32))
        sizes = np.percentile(found, _FEW, axis=0)
        return cls(np.minimum(sizes, np.outer(_FALLS, sizes[0])).astype(np.float32))

    def take(self, band: np.ndarray, amount: float) -> None:
        """Take it out in place, float32 NxWx3 with `REACH` rows more on both sides; amount: 0 to 1 of it."""
        import cv2

        if min(band.shape[:2]) < 2**LEVELS or not self.sizes.any():
            return
        colours, light = _apart(band)
        *fine, left = _levels(colours)
        for level, sizes in zip(reversed(fine), reversed(self.sizes), strict=True):
            left = cv2.pyrUp(left, dstsize=level.shape[1::-1])
            _keep(level, left, np.maximum(sizes * np.float32(_STRENGTH), np.float32(1e-9)), np.float32(amount))
        _together(left, light, band)


def _places(length: int) -> list[slice]:
    """Spread tiles along a side."""
    starts = np.unique(np.linspace(0, max(length - _TILE, 0), _TILES).astype(int))
    return [slice(start, start + _TILE) for start in starts]


def _flattest(level: np.ndarray) -> np.ndarray:
    """Judge the noise in one scale of a tile, HxWx2: the standard deviations where there is little else."""
    import cv2

    around = cv2.blur(level * level, (9, 9))
    return np.sqrt(np.maximum(np.percentile(around, _FEW, axis=(0, 1)), 0)) * 1.1


@numba.njit(nogil=True, cache=True, fastmath=True)
def _root(light: float) -> float:
    size = np.sqrt(abs(light) + np.float32(_DARK * _DARK)) - np.float32(_DARK)
    return size if light > 0 else -size


@numba.njit(nogil=True, cache=True, fastmath=True)
def _squared(root: float) -> float:
    size = abs(root) + np.float32(_DARK)
    light = size * size - np.float32(_DARK * _DARK)
    return light if root > 0 else -light


@numba.njit(nogil=True, cache=True, fastmath=True)
def _apart(band: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell colour (HxWx2) from lightness (HxW) in light, float32 HxWx3."""
    height, width = band.shape[:2]
    colours, light = np.empty((height, width, 2), np.float32), np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            red, green, blue = _root(band[y, x, 0]), _root(band[y, x, 1]), _root(band[y, x, 2])
            colours[y, x, 0], colours[y, x, 1] = red - green, blue - green
            light[y, x] = (red + green + green + blue) * np.float32(0.25)
    return colours, light


@numba.njit(nogil=True, cache=True, fastmath=True)
def _keep(level: np.ndarray, left: np.ndarray, limits: np.ndarray, amount: float) -> None:
    """Add to what is `left` of coarser scales what of a scale is no noise: float32 HxWx2."""
    for y in range(level.shape[0]):
        for x in range(level.shape[1]):
            red, blue = level[y, x, 0], level[y, x, 1]
            strength = (red / limits[0]) ** 2 + (blue / limits[1]) ** 2
            kept = np.float32(1) - amount / max(strength, np.float32(1))
            left[y, x, 0] += kept * red
            left[y, x, 1] += kept * blue


@numba.njit(nogil=True, cache=True, fastmath=True)
def _together(colours: np.ndarray, light: np.ndarray, band: np.ndarray) -> None:
    """Write light of colours and lightness: the way back of `_apart`."""
    for y in range(band.shape[0]):
        for x in range(band.shape[1]):
            red, blue = colours[y, x, 0], colours[y, x, 1]
            green = light[y, x] - (red + blue) * np.float32(0.25)
            band[y, x, 0], band[y, x, 1], band[y, x, 2] = _squared(green + red), _squared(green), _squared(green + blue)


def _levels(colours: np.ndarray) -> list[np.ndarray]:
    """Take HxWxC apart into `LEVELS` scales and what is left."""
    import cv2

    found = []
    for _ in range(LEVELS):
        coarse = cv2.pyrDown(colours)
        found.append(colours - cv2.pyrUp(coarse, dstsize=colours.shape[1::-1]))
        colours = coarse
    return [*found, colours]
