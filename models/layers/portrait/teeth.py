"""Teeth: what in the inner mouth is neither gap nor tongue."""

import cv2
import numpy as np

from models.faces.align import Frame
from models.layers.portrait.colour import to_lab

LEAST = 0.004
"""Share of the square over the distance of the eyes that teeth must cover; less is a glint."""


def find_teeth(
    mouth: np.ndarray, photo: np.ndarray, skin: np.ndarray, lips: np.ndarray, eyes_apart: float
) -> np.ndarray:
    """Find the teeth, uint8 HxW, in the matte of the inner mouth, uint8 HxW, over `photo`, uint8 HxWx3.

    Teeth are brighter than the gap and less red than tongue and lips, judged by the face's own colours of `skin` and
    `lips` in CIE Lab. `eyes_apart` is in pixels. All 0 if the mouth is closed.
    """
    teeth = np.zeros_like(mouth)
    left, top, width, height = cv2.boundingRect(mouth)
    if not width:
        return teeth
    inside = Frame(left, top, left + width, top + height)
    lab = cv2.GaussianBlur(to_lab(inside.of(photo)), (0, 0), max(0.3, 0.005 * eyes_apart))
    bright = np.clip((lab[..., 0] / max(skin[0], 1) - 0.55) / 0.25, 0, 1)
    # From skin (0) to lips (1); in grey photos there is no red to go by, and brightness decides.
    red = (lab[..., 1] - skin[1]) / max(lips[1] - skin[1], 3)
    inside.of(teeth)[:] = np.rint(inside.of(mouth) * bright * np.clip(1 - 2 * red, 0, 1))
    return teeth if teeth.sum() / 255 >= LEAST * eyes_apart**2 else np.zeros_like(mouth)
