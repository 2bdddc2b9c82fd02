"""OKLab and linear sRGB: Björn Ottosson, "A perceptual color space for image processing" (2020)."""

import numpy as np

from envo.adjustments import CONSTANTS

_LINEAR_TO_CONE = np.array(CONSTANTS["linear_to_cone"], np.float32)
_CONE_TO_OKLAB = np.array(CONSTANTS["cone_to_oklab"], np.float32)
_OKLAB_TO_CONE = np.linalg.inv(CONSTANTS["cone_to_oklab"]).astype(np.float32)
_CONE_TO_LINEAR = np.linalg.inv(CONSTANTS["linear_to_cone"]).astype(np.float32)


def from_linear(linear: np.ndarray) -> np.ndarray:
    """Turn linear sRGB into OKLab: float32 ...x3."""
    return np.cbrt(np.maximum(linear @ _LINEAR_TO_CONE.T, 0)) @ _CONE_TO_OKLAB.T


def to_linear(lab: np.ndarray) -> np.ndarray:
    """Turn OKLab into linear sRGB, not clipped: float32 ...x3."""
    cone = lab @ _OKLAB_TO_CONE.T
    return (cone * cone * cone) @ _CONE_TO_LINEAR.T
