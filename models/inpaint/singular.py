"""What occurs once in a photo: a badge, a clock, an eye, a word. Patches of it would show it twice."""

import cv2
import numpy as np

WINDOW = 4.0
"""Pixels about a place, as a Gaussian's, by which it is described."""
STRIDE = 5
"""Pixels between places that are looked at."""
FINE = 1.5
"""Pixels; what is finer is grain, and what lies between this and the window are marks and edges."""
LIGHT = 0.7
"""What a difference in lightness counts, beside one in colour: shade lies over all things."""
ALIKE = 9.0
"""How far descriptions may lie from each other of places that look alike, in units of CIELAB."""
RARE = 0.03
"""Share of a photo's places below which on those that look alike are rare."""
RIM_SHARE = 0.04
"""Share of the places at a hole from which on what looks like them belongs into it, however rare."""
LARGEST = 0.025
"""Share of the photo up to which rare places that touch are a thing: what is larger is a scene's only meadow."""
SOLID = 0.6
"""Share that a thing fills of the hull around it; what fills less is an outline of something, which may run on through
the hole."""
AROUND = 3
"""Pixels around rare places that count as these."""


def mask(image: np.ndarray, hole: np.ndarray, spared: np.ndarray) -> np.ndarray:
    """Tell what is rare in a photo and nothing like the rim of a hole: uint8 hxw, 1 for that; never in the hole.

    Places are described by their colour, how strong their grain and their marks are, and where to these run. So a place
    of a lawn, a wall or a sky is like another, though no pixel is.

    image: uint8 hxwx3; what is under the hole does not count. hole: uint8 hxw of 0 and 1. spared: uint8 hxw, above 0
    for what is no source of patches anyway.
    """
    height, width = hole.shape
    known = 1 - hole
    grid = np.s_[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
    places, there = _described(image, known)[grid], (known[grid] > 0) & (spared[grid] == 0)
    beside = cv2.distanceTransform(known, cv2.DIST_L2, 5)[grid] <= 2 * WINDOW + STRIDE
    rim, asked = places[there & beside], there & ~beside
    if not len(rim) or not asked.any():
        return np.zeros_like(hole)
    is_rare = _share(places[asked], places[there]) < RARE
    is_rare[is_rare] = _share(places[asked][is_rare], rim) < RIM_SHARE
    found = np.zeros(there.shape, np.uint8)
    found[asked] = is_rare
    found = cv2.resize(_things(found), (width, height), interpolation=cv2.INTER_NEAREST)
    return cv2.dilate(found, np.ones((2 * AROUND + 1, 2 * AROUND + 1), np.uint8)) & known


def _things(found: np.ndarray) -> np.ndarray:
    """Leave of rare places, uint8 hxw of 0 and 1, those that are a thing each; some alone, or in a line, are none."""
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found)
    solid = np.zeros(count, np.uint8)
    for number in range(1, count):
        area = stats[number, cv2.CC_STAT_AREA]
        if area <= LARGEST * found.size:
            hull = cv2.convexHull(cv2.findNonZero((labels == number).astype(np.uint8)))
            around = cv2.fillConvexPoly(np.zeros_like(found), hull, 1)
            solid[number] = area >= SOLID * np.count_nonzero(around)
    return solid[labels]


def _described(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Describe the surroundings of every pixel, by those that are known: float32 hxwx8."""
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    weight = known.astype(np.float32)
    total = np.maximum(cv2.GaussianBlur(weight, (0, 0), WINDOW), 1e-4)

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values * weight, (0, 0), WINDOW) / total

    smooth = cv2.GaussianBlur(lab, (0, 0), FINE)
    grain = (lab - smooth)[..., 0]
    marks = smooth - cv2.GaussianBlur(lab, (0, 0), WINDOW)
    across, down = (cv2.Sobel(marks[..., 0], cv2.CV_32F, *order) / 4 for order in ((1, 0), (0, 1)))
    xx, yy, xy = mean(across * across), mean(down * down), mean(across * down)
    edges = np.sqrt(xx + yy + 1e-3)
    return np.dstack([
        LIGHT * mean(lab[..., 0]), mean(lab[..., 1]), mean(lab[..., 2]),
        np.sqrt(mean(grain**2)), np.sqrt(mean(marks[..., 0] ** 2)), np.sqrt(mean((marks[..., 1:] ** 2).sum(-1))),
        (xx - yy) / edges, 2 * xy / edges,
    ])  # fmt: skip


def _share(asked: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of other places, float32 NxC, that look like each of those asked for, float32 MxC: float64 M."""
    squares = (others**2).sum(1)
    shares = [np.zeros(0)]
    for part in np.split(asked, range(1024, len(asked), 1024)):
        distances = (part**2).sum(1)[:, None] + squares - 2 * part @ others.T
        shares.append((distances < ALIKE**2).mean(1))
    return np.concatenate(shares)
