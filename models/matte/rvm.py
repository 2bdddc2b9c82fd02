"""Robust Video Matting (Lin et al., WACV 2022, arXiv:2108.11515), MobileNetV3, used on stills."""

import math

import cv2
import numpy as np

from models import cache, weights
from models.matte.base import Engine

NETWORK_EDGE = 320
"""The network sees this many pixels squared; a guided filter then follows the hair at the working size.

On 50 portraits with drawn masks, overlap with them is flat from 224 to 384 (0.952) and falls beyond (0.946 at
512); on upper bodies 256 tears holes into shirts and 512 loses dark clothes. By area, not by edge, so that a
panorama is not squeezed flat.
"""
PASSES = 2
"""The network was trained on video: shown the same frame again it remembers, and corrects holes.

Overlap rises from 0.950 to 0.952; a third pass adds less than 0.001.
"""
LEAST_FIRM = 0.75
"""Share of the pixels with alpha over 0.1 that must have alpha over 0.9: on things the network guesses faintly."""
LEAST_COVER = 0.005
"""Share of the photo that must have alpha over 0.5."""
MEMORY = 400 * 2**20
"""Bytes that the network and its buffers take for a photo of 2048x2048."""


class RobustVideoMatting(Engine):
    """People against anything, hair included.

    RATES
    """

    name = "Robust Video Matting"
    requires = ("rvm-mobilenetv3",)

    def _person(self, image: np.ndarray) -> np.ndarray | None:
        path = weights.path(*self.requires)
        height, width = image.shape[:2]
        ratio = min(1.0, NETWORK_EDGE / math.sqrt(height * width))
        inputs = {
            "src": np.ascontiguousarray(image.transpose(2, 0, 1), np.float32)[None] / np.float32(255),
            "downsample_ratio": np.array([ratio], np.float32),
        }
        memory = [np.zeros((1, 1, 1, 1), np.float32)] * 4
        with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
            for _ in range(PASSES):
                inputs |= {f"r{i}i": state for i, state in enumerate(memory, 1)}
                alpha, *memory = session.run(["pha", "r1o", "r2o", "r3o", "r4o"], inputs)
        alpha = alpha[0, 0]
        return np.rint(alpha * 255).astype(np.uint8) if _somebody(alpha, ratio) else None


def _somebody(alpha: np.ndarray, ratio: float) -> bool:
    """Whether the matte, float32 HxW, is of somebody: a firm body of some size, not a faint guess."""
    size = (max(1, round(alpha.shape[1] * ratio)), max(1, round(alpha.shape[0] * ratio)))
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    firm = np.count_nonzero(small > 0.9) >= LEAST_FIRM * np.count_nonzero(small > 0.1)
    return bool(firm and np.count_nonzero(small > 0.5) >= max(1, LEAST_COVER * small.size))
