"""Pixels as a photo, without a file."""

import numpy as np

from envo.photo import Header, Image


def picture(pixels: np.ndarray) -> Image:
    """Call pixels a photo: uint8 sRGB, or float32 linear sRGB, HxWx3."""
    height, width = pixels.shape[:2]
    is_linear = pixels.dtype != np.uint8
    return Image(pixels, Header("PNG", width, height, 16 if is_linear else 8, not is_linear, is_linear))
