"""Signs of fading that a photo shows only at some size, and that are measured rather than learned.

A print that has faded has no pixel darker than its black or lighter than its white has become, anywhere, in any
channel; a sunset and a fog mostly leave something dark or light in some place. How rough a photo is tells how far its
ends are stretched by grain.
"""

import cv2
import numpy as np

EDGE = 256
"""Pixels squared at which a photo is looked at."""
RIM = 10
"""So many of them along the edges may be a print's border, and are looked at apart."""
SHARES = (0, 0.0002, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9998, 1)
"""Of the pixels inside that are darker than what is told."""
RIM_SHARES = (0, 0.02, 0.1, 0.5, 0.9, 0.98, 1)
CELLS = 8
"""Fields across and down of which each tells its darkest and its lightest pixel."""
CELL_SHARES = (0, 0.1, 0.3, 0.5, 0.7, 0.9, 1)
PLANES = 6
"""Red, green, blue; the most, the least and the mean of them."""
COUNT = PLANES * (len(SHARES) + len(RIM_SHARES)) + 2 * 4 * len(CELL_SHARES) + 9
"""Numbers that `signs` gives."""


def signs(image: np.ndarray) -> np.ndarray:
    """Measure uint8 HxWx3 of any size: float32 `COUNT`, each about -2 to 2."""
    red, green, blue = cv2.split(cv2.resize(image, (EDGE, EDGE), interpolation=cv2.INTER_AREA))
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    mean = ((red.astype(np.uint16) + green + blue) // 3).astype(np.uint8)
    told: list[np.ndarray] = []
    for plane in (red, green, blue, most, least, mean):
        counts = [np.bincount(part.ravel(), minlength=256) for part in (plane[RIM:-RIM, RIM:-RIM], plane)]
        told += [_quantiles(counts[0], SHARES), _quantiles(counts[1] - counts[0], RIM_SHARES)]
    at = np.rint(np.multiply(CELL_SHARES, CELLS**2 - 1)).astype(int)
    for plane in (red, green, blue, mean):
        rows = plane.reshape(CELLS, EDGE // CELLS, EDGE)
        for ends in (rows.min(1).reshape(-1, EDGE // CELLS).min(1), rows.max(1).reshape(-1, EDGE // CELLS).max(1)):
            told.append(np.sort(ends)[at])
    spread = np.concatenate(told) / 64 - 2
    rough = []
    for plane in (red, green, blue):
        edges = cv2.convertScaleAbs(cv2.Laplacian(plane, cv2.CV_16S))
        rough += [edges.mean(), *_quantiles(np.bincount(edges.ravel(), minlength=256), (0.5,)), plane.std()]
    return np.float32([*spread, *(np.log1p(rough) - 2)])


def ends(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell how dark the darkest thousandth of uint8 HxWx3 is in each channel, and how light the lightest: float 3."""
    small = cv2.resize(image, (EDGE, EDGE), interpolation=cv2.INTER_AREA)[RIM:-RIM, RIM:-RIM].reshape(-1, 3)
    black, white = np.quantile(small, (0.001, 0.999), axis=0)
    return black, white


def _quantiles(counts: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """Tell below which value lie so many of what was counted, by value: float N."""
    below = counts.cumsum()
    return np.searchsorted(below, np.maximum(1, np.multiply(shares, below[-1]))).clip(0, 255).astype(np.float64)
