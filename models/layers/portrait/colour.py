"""Colours as people tell them apart."""

import cv2
import numpy as np


def to_lab(image: np.ndarray) -> np.ndarray:
    """CIE Lab, float32 HxWx3 with L from 0 to 100, of uint8 HxWx3 sRGB."""
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def typical(lab: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Mean colour of float32 hxwx3 where the probability, float32 hxw, is high."""
    weight = plane**2 + 1e-6
    return (lab * weight[..., None]).sum(axis=(0, 1)) / weight.sum()
