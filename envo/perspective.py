"""Perspective from lines: by which angle and which tilt what stands upright in a photo does so, and what lies level.

Straight lines are found by LSD (Grompone von Gioi et al. 2010). Upright ones that run together meet in a vanishing
point, and so do level ones; the tilt of `envo/geometry.py` sends it to infinity, and the angle turns to where it went.
Nothing is done that the lines do not agree on.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from envo import photo
from envo.adjustments import CONSTANTS
from envo.edits import Geometry
from envo.geometry import Framing, framing

EDGE = 1024
"""Long edge at which lines are looked for, in pixels."""
SHORTEST = 0.03
"""Length of the shortest line that counts, in long edges of the photo."""
UPRIGHT = 25.0
"""Degrees off an axis up to which a line may belong to it."""
NEAR = 1.5
"""Degrees within which a line points to a vanishing point."""
TRIALS = 400
"""So many pairs of lines are tried."""
LEAST_LINES = 12
"""So many lines must agree."""
LEAST_LENGTH = 2.0
"""So long are they together at least, in long edges of the photo."""
LEAST_SHARE = 0.5
"""Share of all lines about the axis, by length, that they are at least."""
LEAST_SPREAD = 0.15
"""So far are they spread across the photo at least, in long edges: the standard deviation of their places."""
LEAST_TILT, MOST_TILT = 4.0, 70.0
"""Percent of tilt below which it is not worth cutting a photo, and beyond which it is no accident."""
LEAST_ANGLE, MOST_ANGLE = 0.3, 15.0
"""The same for degrees."""


@dataclass(frozen=True)
class Lines:
    """Line segments of a photo, N of them, about its middle, in units of its long edge."""

    ends: np.ndarray
    """float64 Nx2x2."""

    @property
    def middles(self) -> np.ndarray:
        return self.ends.mean(axis=1)

    @property
    def ways(self) -> np.ndarray:
        """Directions, of length 1."""
        ways = self.ends[:, 1] - self.ends[:, 0]
        return ways / np.linalg.norm(ways, axis=1, keepdims=True)

    @property
    def lengths(self) -> np.ndarray:
        return np.linalg.norm(self.ends[:, 1] - self.ends[:, 0], axis=1)

    def where(self, which: np.ndarray) -> "Lines":
        """Give some of them."""
        return Lines(self.ends[which])


@dataclass(frozen=True)
class Found:
    """How a photo is to be turned and tilted, as `envo.edits.Geometry` tells it; all 0 where it is right as it is."""

    angle: float = 0.0
    vertical: float = 0.0
    horizontal: float = 0.0


def suggest(image: np.ndarray, geometry: Geometry, vertical: bool, horizontal: bool) -> Geometry | None:
    """Set what stands in uint8 HxWx3 upright, what lies level, or both; None where the lines do not tell.

    The angle, and the tilts that are asked for, are set anew; another tilt and the turns stay. There is no crop.
    """
    tilts = {"vertical": vertical, "horizontal": horizontal}
    kept = replaced(geometry, **{name: 0.0 for name, is_set in tilts.items() if is_set})
    picture, frame = seen(image, kept)
    found = agreed(lines(picture), vertical, horizontal)
    if found is None:
        return None
    # Tilts add up; those of a picture that was cut off are smaller by as much.
    scale = max(frame.full) / max(frame.size)
    values = {name: _short(getattr(found, name) * scale, 0) for name, is_set in tilts.items() if is_set}
    return replaced(kept, angle=found.angle, **values)


def replaced(geometry: Geometry, angle: float = 0.0, **values: float) -> Geometry:
    """Give a geometry that is turned by an angle and tilted otherwise, without a crop."""
    return geometry.model_copy(update={"crop": None, "angle": angle, **values})


def seen(image: np.ndarray, geometry: Geometry) -> tuple[np.ndarray, Framing]:
    """Frame uint8 HxWx3: uint8 of the framing's size."""
    frame = framing(geometry, image.shape[1::-1])
    picture = frame.picture(image, np.arange(256, dtype=np.float32) / 255)
    if picture.dtype != np.uint8:
        picture = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(picture), frame


def _short(value: float, digits: int) -> float:
    return round(min(100.0, max(-100.0, value)), digits) + 0.0


def lines(image: np.ndarray) -> Lines:
    """Find the lines of uint8 HxWx3."""
    grey = cv2.cvtColor(photo.resize(image, EDGE), cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    edge = max(width, height)
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    ends = (np.zeros((0, 2, 2)) if found is None else found.reshape(-1, 2, 2)).astype(np.float64)
    # What runs along the photo's own edge is its frame.
    rim = np.minimum(ends, np.array([width, height]) - 1 - ends).max(axis=1).min(axis=1) < 0.01 * edge
    kept = Lines((ends[~rim] - np.array([width, height]) / 2) / edge)
    return kept.where(kept.lengths >= SHORTEST)


def agreed(found: Lines, vertical: bool, horizontal: bool) -> Found | None:
    """Tell how upright lines are set upright, level ones level, or both; None where the lines do not agree."""
    upright = _vanishing(found, 1) if vertical else None
    level = _vanishing(found, 0) if horizontal else None
    if upright is not None and level is not None:
        tilt = np.linalg.lstsq(np.stack([upright[:2], level[:2]]), -np.array([upright[2], level[2]]), rcond=None)[0]
    elif upright is not None:
        tilt = np.array([0.0, -upright[2] / upright[1]])
    elif level is not None:
        tilt = np.array([-level[2] / level[0], 0.0])
    else:
        return None
    # Where the vanishing points went: to infinity, in the same direction from the middle.
    angles = [np.degrees(np.arctan2(upright[0], upright[1]))] if upright is not None else []
    angles += [np.degrees(np.arctan2(-level[1], level[0]))] if level is not None else []
    angles = [(angle + 90) % 180 - 90 for angle in angles]
    percent = tilt / (CONSTANTS["perspective"] / 100)
    is_wild = abs(angles[0]) > MOST_ANGLE or np.abs(percent).max() > MOST_TILT
    if is_wild or (len(angles) > 1 and np.ptp(angles) > MOST_ANGLE):
        return None
    across, down = (_short(float(each), 0) if abs(each) >= LEAST_TILT else 0.0 for each in percent)
    return Found(_short(float(angles[0]), 1) if abs(angles[0]) >= LEAST_ANGLE else 0.0, down, across)


def _vanishing(found: Lines, axis: int) -> np.ndarray | None:
    """Find where lines along an axis, 0 across and 1 down, meet: homogeneous float64 3; None where they do not."""
    limit = np.cos(np.radians(UPRIGHT))
    near = found.where(np.abs(found.ways[:, axis]) >= limit)
    if len(near.ends) < LEAST_LINES:
        return None
    places, ways, lengths = near.middles, near.ways, near.lengths
    normals = np.stack([-ways[:, 1], ways[:, 0]], axis=1)
    equations = np.column_stack([normals, -(normals * places).sum(axis=1)])
    rng = np.random.default_rng(0)
    chance = lengths / lengths.sum()
    pairs = rng.choice(len(lengths), (TRIALS, 2), p=chance)
    points = np.cross(equations[pairs[:, 0]], equations[pairs[:, 1]])
    points = points[np.linalg.norm(points, axis=1) > 1e-9]
    # Lines that are parallel to the axis meet at infinity; that is tried, too.
    points = np.vstack([points, np.eye(3)[axis]])
    scores = [(lengths * _agreement(point, places, ways)).sum() for point in points]
    best = points[int(np.argmax(scores))]
    for _ in range(5):
        weights = lengths * _agreement(best, places, ways)
        # The distance of a vanishing point from a line counts as the angle in which it is seen from the line's middle.
        best = best / np.linalg.norm(best)
        far = np.linalg.norm(best[:2] - best[2] * places, axis=1)
        best = np.linalg.svd(equations * (np.sqrt(weights) / np.maximum(far, 1e-6))[:, None])[2][-1]
    agrees = _agreement(best, places, ways) > 0
    spread = np.sqrt(np.cov(places[agrees, 1 - axis], aweights=lengths[agrees])) if agrees.sum() > 1 else 0.0
    is_sure = (
        agrees.sum() >= LEAST_LINES
        and lengths[agrees].sum() >= LEAST_LENGTH
        and lengths[agrees].sum() >= LEAST_SHARE * lengths.sum()
        and spread >= LEAST_SPREAD
    )
    return best if is_sure and abs(best[axis]) > 1e-9 else None


def _agreement(point: np.ndarray, places: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """How far lines point to a homogeneous point: 1 wholly, 0 from `NEAR` degrees off."""
    towards = point[:2] - point[2] * places
    towards = towards / np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-12)
    off = np.degrees(np.arcsin(np.clip(np.abs(towards[:, 0] * ways[:, 1] - towards[:, 1] * ways[:, 0]), 0, 1)))
    return np.maximum(0.0, 1 - (off / NEAR) ** 2)
