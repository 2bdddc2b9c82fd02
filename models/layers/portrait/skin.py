"""Skin: of the face, the ears and the neck, as the network sees it, and of the body, by its colour."""

import cv2
import numpy as np

from models.faces.align import Frame
from models.layers.portrait.colour import to_lab
from models.layers.portrait.heads import SKIN, Head

DISTANCE = 2.0
"""How unlike the face's skin other skin may be in colour, in standard deviations."""
SPREAD = (12.0, 3.0, 3.0)
"""Standard deviations of a face's colours, in CIE Lab, that are taken for granted."""
LEAST_FACE = 30
"""Pixels of a face's skin from which its colours are known."""
LEAST_PATCH = 0.05
"""Share of the face's skin that a patch of skin on the body must have; smaller ones are chance."""


def find_skin(photo: np.ndarray, people: np.ndarray | None, head: Head, whole: Frame) -> np.ndarray:
    """Find the skin of a head and of the body below in `photo`, uint8 hxwx3: all of the photo, reduced.

    `whole` is the photo's frame at its full size; `people` the matte of all people, float32 hxw in [0, 1], or None,
    and then skin is looked for in the near view alone. Gives float32 hxw.
    """
    known = tuple(part for part in head.near.parts if part != "background")
    skin, known = cv2.split(head.lay([SKIN, known], whole, photo.shape[1::-1], wide=False))
    if people is None:
        return skin
    skin = np.minimum(skin, people)
    return np.maximum(skin, _body(to_lab(photo), skin, people * (1 - known)))


def _body(lab: np.ndarray, skin: np.ndarray, people: np.ndarray) -> np.ndarray:
    """What of float32 hxw `people` has the colours of the face's `skin`; `lab` is float32 hxwx3."""
    face = lab[skin > 0.8]
    if len(face) < LEAST_FACE:
        return np.zeros_like(skin)
    spread = np.maximum(face.std(axis=0), SPREAD)
    distance = np.linalg.norm((lab - np.median(face, axis=0)) / spread, axis=2)
    like = np.clip(1.5 * (DISTANCE - distance), 0, 1) * people
    like = cv2.medianBlur(np.rint(like * 255).astype(np.uint8), 5).astype(np.float32) / 255
    _, labels, stats, _ = cv2.connectedComponentsWithStats((like > 0.5).astype(np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] >= LEAST_PATCH * len(face)
    large[0] = False
    return like * cv2.dilate(large[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
