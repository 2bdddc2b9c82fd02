"""Pictures made smaller for a file, and sharpened for their size: averaged as light, sharpened as the eye sees.

Each pixel is the average of what it covers. Kernels with negative lobes, such as Lanczos's, keep a little more of the
finest lines and draw halos along every edge for it; what averaging softens, `sharpened` brings back within bounds.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from envo.colour import linear_to_srgb, srgb_to_linear
from envo.exportsettings import Size
from envo.gamut import Gamut

Rows = Callable[[int, int], np.ndarray]
"""Gives rows of a picture, from one to before another."""

STRENGTHS = {"low": 0.35, "standard": 0.7, "high": 1.2}
"""How much of what a blur takes away is added."""
OVERSHOOT = 0.1
"""Sharpening leaves what is around a pixel by no more than this share of its contrast: no halo is brighter."""
_SIGMA = 0.7
_REACH = 2
"""Pixels around one that sharpening looks at."""
_BLOCK = 2**18
"""Pixels of the larger picture that are averaged at a time."""


def target(size: Size, width: int, height: int) -> tuple[int, int]:
    """Give the width and height of a picture that is exported at a size; never larger than it is, never under 1."""
    scale = {
        "full": 1.0,
        "edge": size.value / max(width, height),
        "percent": size.value / 100,
        "megapixels": math.sqrt(1e6 * size.value / (width * height)),
    }[size.by]
    scale = min(1.0, scale)
    return max(1, round(width * scale)), max(1, round(height * scale))


def light(rows: Rows) -> Rows:
    """Turn rows of uint16 with the sRGB curve into linear light, float32."""
    return lambda top, bottom: _DECODED[rows(top, bottom)]


def encoded(rows: Rows, depth: str) -> Rows:
    """Turn rows of linear light into uint8 or uint16 with the sRGB curve."""
    most = np.iinfo(depth).max
    return lambda top, bottom: (most * linear_to_srgb(np.clip(rows(top, bottom), 0, 1)) + 0.5).astype(depth)


def averaged(rows: Rows, size: tuple[int, int], smaller: tuple[int, int]) -> Rows:
    """Average rows of a picture of `size`, float32 HxWx3, over the pixels of a smaller one."""
    (width, height), (narrow, low) = size, smaller
    scale = height / low
    block = max(1, int(_BLOCK / (width * scale)))

    def some(top: int, bottom: int) -> np.ndarray:
        first, last = math.floor(top * scale), min(height, math.ceil(bottom * scale - 1e-9))
        band = rows(first, last)
        if narrow != width:
            band = cv2.resize(band, (narrow, last - first), interpolation=cv2.INTER_AREA)
        edges = np.arange(top, bottom + 1) * scale - first
        places = np.arange(last - first)
        shares = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
        weights = np.maximum(shares, 0).astype(np.float32) / np.float32(scale)
        return (weights @ band.reshape(last - first, -1)).reshape(bottom - top, narrow, 3)

    return lambda top, bottom: np.concatenate([some(at, min(at + block, bottom)) for at in range(top, bottom, block)])


def sharpened(rows: Rows, height: int, amount: float, gamut: Gamut) -> Rows:
    """Sharpen rows of linear light, float32 HxWx3 in a gamut, by their lightness; colours keep their hue.

    Unsharp masking, which leaves the range of the pixels around one by `OVERSHOOT` of it at most.
    """

    def some(top: int, bottom: int) -> np.ndarray:
        above, below = min(_REACH, top), min(_REACH, height - bottom)
        band = rows(top - above, bottom + below)
        luminance = np.maximum(band @ gamut.luminance, 0)
        seen = linear_to_srgb(np.minimum(luminance, 1))
        blurred = cv2.GaussianBlur(seen, (2 * _REACH + 1,) * 2, _SIGMA, borderType=cv2.BORDER_REPLICATE)
        around = np.ones((3, 3), np.uint8)
        least, most = cv2.erode(seen, around), cv2.dilate(seen, around)
        over = np.float32(OVERSHOOT) * (most - least)
        wanted = np.clip(seen + np.float32(amount) * (seen - blurred), least - over, most + over)
        wanted = srgb_to_linear(np.clip(wanted, 0, 1))
        factor = (wanted + np.float32(1e-4)) / (np.minimum(luminance, 1) + np.float32(1e-4))
        made = band * factor[..., None]
        return made[above : len(made) - below]

    return some


_DECODED = srgb_to_linear((np.arange(65536) / 65535).astype(np.float32))
"""Linear light of each value of 16 bits."""
