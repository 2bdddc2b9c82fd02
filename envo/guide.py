"""The guide of a photo: a small picture of it by which masks keep to its edges and colours.

Made once a photo and kept with its content, without loss, so that the browser reads the same bytes as Python. What
comes of it is the same in `static/webgl/guide.js`.
"""

import io
import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from PIL import Image

from envo import masks, oklab, photo
from envo.adjustments import CONSTANTS
from envo.colour import DECODED

EDGE = 1024
"""Long edge of a guide, in pixels."""


def make(pixels: np.ndarray) -> bytes:
    """Make the guide of a photo, a PNG: uint8 sRGB, or float32 linear sRGB, HxWx3."""
    return photo.encode(photo.as_uint8(photo.resize(pixels, EDGE)), "PNG")


@dataclass(frozen=True, eq=False)
class Guide:
    """A guide, read: uint8 sRGB hxwx3."""

    pixels: np.ndarray

    @classmethod
    def load(cls, data: bytes) -> "Guide":
        """Read what `make` made. Raises ValueError for what is no picture."""
        try:
            return cls(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
        except (OSError, SyntaxError) as error:
            raise ValueError("this is no guide") from error

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @cached_property
    def lab(self) -> np.ndarray:
        """OKLab, float32 hxwx3."""
        return oklab.from_linear(DECODED[self.pixels])

    @cached_property
    def half(self) -> list[np.ndarray]:
        """Red, green and blue of the guide at half its size, float32 hxw in [0, 1]."""
        return [halved(channel.astype(np.float32) / 255) for channel in cv2.split(self.pixels)]

    def alike(self, point: tuple[float, float], radius: float) -> np.ndarray:
        """Give how much each pixel has the colours about a point of the photo, float32 hxw in [0, 1].

        point: in photo coordinates. radius: that of the brush, as a share of the photo's long edge.
        """
        width, height = self.size
        x, y = (min(max(at * length - 0.5, 0), length - 1) for at, length in zip(point, self.size, strict=True))
        near = max(1.5, CONSTANTS["aware_share"] * radius * max(self.size))
        left, top = max(math.ceil(x - near), 0), max(math.ceil(y - near), 0)
        columns = np.arange(left, min(math.floor(x + near) + 1, width))
        rows = np.arange(top, min(math.floor(y + near) + 1, height))
        inside = (columns - x)[None, :] ** 2 + (rows - y)[:, None] ** 2 <= near**2
        about = self.lab[top : top + len(rows), left : left + len(columns)][inside].mean(axis=0, dtype=np.float64)
        low, high = CONSTANTS["aware_reach"]
        t = np.clip((distance(self.lab, about.astype(np.float32)) - np.float32(low)) / np.float32(high - low), 0, 1)
        return 1 - t * t * (3 - 2 * t)

    def fit(self, matte: np.ndarray) -> np.ndarray:
        """Fit a matte, uint8 HxW, to the edges of the photo: float32 hxw in [0, 1], of the guide's size.

        Its edge may be `CONSTANTS["fit_reach"]` of the long edge away from that of the photo: so far about it the matte
        is doubted, and `masks.linear_alpha`, which works on the guide at half its size, asked what is rather so.
        """
        small = matte.astype(np.float32) / 255
        size = self.half[0].shape[::-1]
        reach = max(1, round(CONSTANTS["fit_reach"] * max(size)))
        while small.shape[1] > 2 * size[0] or small.shape[0] > 2 * size[1]:
            small = halved(small)
        small = masks.sample(small, size)
        near = (2 * reach + 1, 2 * reach + 1)
        coarse = cv2.blur(cv2.blur(small, near), near)
        weight = (2 * coarse - 1) ** 2 + np.float32(CONSTANTS["refine_doubt"])
        slopes = masks.linear_alpha(self.half, small, weight, (4 * reach + 1, 4 * reach + 1))
        return masks.alpha_of(slopes, self.pixels)


def halved(channel: np.ndarray) -> np.ndarray:
    """Halve a picture, float32 hxw, between its pixels: sides are rounded up."""
    height, width = channel.shape
    return masks.sample(channel, (math.ceil(width / 2), math.ceil(height / 2)))


def distance(lab: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Give how different colours, OKLab float32 ...x3, are from another one: lightness counts less than the rest."""
    away = (lab - colour) * np.array([CONSTANTS["colour_lightness"], 1, 1], np.float32)
    return np.sqrt((away * away).sum(axis=-1))
