"""What patches must not show twice: heads, people, what a photo is of, and what occurs in it once, beside a hole."""

from collections.abc import Iterator

import cv2
import numpy as np

from models.faces import find
from models.inpaint import membrane, singular
from models.layers import people, subject

RIM = 8
"""What a hole lies in is told by so many pixels around it."""
OWN_HEAD, OWN_BODY, OWN_THING = 0.3, 0.4, 0.1
"""Shares of that from which on a hole lies in a head, a person or the subject, and is mended with what that shows: a
mark on a cheek with the cheek, and what was held before clothes with these."""
THIN = 12
"""Pixels; a hole that is nowhere deeper is too narrow to show anybody twice, and is mended with whatever it crosses."""
SOLID = 64
"""Alpha, of 255, from which on a matte counts."""
BESIDE, ABOVE, BELOW = 0.35, 0.6, 0.25
"""How far a head reaches beyond its face, in widths and heights of the box of MTCNN, for it has hair."""
REACH = 3
"""Pixels around that are spared, too: patches reach so far from their middle."""
LEAST_LEFT, LEAST_COMMON = 0.1, 0.5
"""Sources as large as this share of the hole must be left; else less is spared, and heads last of all. What occurs once
is spared only where more is left than that, for many a photo has nothing twice."""


def mask(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Tell what of a photo is no source of patches: uint8 hxw, 1 for what is spared; never in the hole.

    image: uint8 hxwx3; what is under the hole does not count. hole: uint8 hxw of 0 and 1. Of networks that are not here
    nothing is asked.
    """
    if cv2.distanceTransform(hole, cv2.DIST_L2, 3).max() <= THIN:
        return np.zeros_like(hole)
    seen = membrane.fill(image, hole)
    rim = cv2.dilate(hole, _square(RIM)) - hole
    heads = _union(hole, rim, _heads(seen))
    beings = heads | _union(hole, rim, _bodies(seen))
    once = singular.mask(seen, hole, beings)
    for spared, least in ((beings | once, LEAST_COMMON), (beings, LEAST_LEFT), (heads, LEAST_LEFT)):
        if np.count_nonzero(hole | cv2.dilate(spared, _square(REACH))) + least * hole.sum() <= hole.size:
            return spared
    return np.zeros_like(hole)


def _union(hole: np.ndarray, rim: np.ndarray, found: Iterator[tuple[np.ndarray, float]]) -> np.ndarray:
    """Unite masks, bool hxw, each with its share of the rim from which on the hole lies in it, less those: uint8."""
    union = np.zeros_like(hole)
    for where, own in found:
        if rim[where].sum() < own * max(1, rim.sum()):
            union |= cv2.dilate(where.astype(np.uint8), _square(REACH))
    return union & (1 - hole)


def _heads(image: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    for face in find.quickly(image):
        x0, y0, x1, y1 = face.box
        wide, high = x1 - x0, y1 - y0
        ends = (y0 - ABOVE * high, y1 + BELOW * high, x0 - BESIDE * wide, x1 + BESIDE * wide)
        top, bottom, left, right = (max(0, round(float(end))) for end in ends)
        where = np.zeros(image.shape[:2], bool)
        where[top:bottom, left:right] = True
        yield where, OWN_HEAD


def _bodies(image: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    person, thing = people.auto(), subject.quick()
    if person.available() and (found := person.matte(image).alpha) is not None:
        yield found >= SOLID, OWN_BODY
    if thing.available() and (found := thing.matte(image).alpha) is not None:
        yield found >= SOLID, OWN_THING


def _square(reach: int) -> np.ndarray:
    return np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
