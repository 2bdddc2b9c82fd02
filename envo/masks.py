"""Alpha mattes: soft masks, 1 inside and 0 outside, at the working size of a photo."""

import io
import math

import cv2
import numpy as np
from PIL import Image

from envo.adjustments import CONSTANTS


def encode_matte(matte: np.ndarray) -> bytes:
    """Write a matte, uint8 HxW, as a grey PNG."""
    buffer = io.BytesIO()
    Image.fromarray(matte).save(buffer, "PNG")
    return buffer.getvalue()


def decode_matte(data: bytes) -> np.ndarray:
    """Read the uint8 HxW of a PNG made by `encode_matte`."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def feather(matte: np.ndarray, percent: float) -> np.ndarray:
    """Soften a matte, float32 HxW in [0, 1], by a Gaussian; edges are repeated.

    Sigma at 100 percent is `CONSTANTS["feather"]` of the long edge. A wide Gaussian is blurred at a reduced
    size, halved until sigma is at most `CONSTANTS["feather_sigma"]` pixels, as in `static/webgl/mattes.js`.
    """
    height, width = matte.shape
    sigma = percent / 100 * CONSTANTS["feather"] * max(height, width)
    if sigma == 0:
        return matte
    small = matte
    while sigma > CONSTANTS["feather_sigma"]:
        half = (math.ceil(small.shape[1] / 2), math.ceil(small.shape[0] / 2))
        small = cv2.resize(small, half, interpolation=cv2.INTER_LINEAR)
        sigma /= 2
    kernel = cv2.getGaussianKernel(2 * math.ceil(3 * sigma) + 1, sigma, cv2.CV_32F)
    small = cv2.sepFilter2D(small, -1, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def sample(matte: np.ndarray, size: tuple[int, int], top: int = 0, bottom: int | None = None) -> np.ndarray:
    """Resample a matte to `size` (width, height), bilinearly at pixel centres; give rows `top` to `bottom`.

    `matte` is float32 HxW; so is what comes back, (bottom - top) x width. Every row is what it would be in
    the whole, so a large photo can be worked on in bands.
    """
    width, height = size
    rows = np.arange(top, height if bottom is None else bottom)
    last = matte.shape[0] - 1
    at = np.clip((rows + 0.5) * (matte.shape[0] / height) - 0.5, 0, last).astype(np.float32)
    first = at.astype(np.intp)
    part = (at - first)[:, None]
    band = matte[first] + part * (matte[np.minimum(first + 1, last)] - matte[first])
    return cv2.resize(band, (width, len(rows)), interpolation=cv2.INTER_LINEAR)
