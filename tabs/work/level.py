"""Photos set level and upright: by lines where these agree, else by what the straightening of restorations sees."""

from typing import Literal

import numpy as np

from envo import perspective
from envo.edits import Geometry
from models import restore

Way = Literal["straighten", "vertical", "horizontal", "full"]

_SAME = 2.0
"""Degrees that the network may be off where lines say the same more exactly."""
_UNSURE = "The lines in it do not tell for sure how it is to hang; nothing was changed."
_RIGHT = {
    "straighten": "It hangs level as far as its lines tell.",
    "vertical": "What stands in it is upright.",
    "horizontal": "What lies in it is level.",
    "full": "What stands in it is upright, and what lies level.",
}


def put_right(image: np.ndarray, geometry: Geometry, way: Way) -> tuple[Geometry, str]:
    """Set uint8 HxWx3 right; gives its geometry, which stays where nothing tells, and a sentence of what was done."""
    found = _straightened(image, geometry) if way == "straighten" else _tilted(image, geometry, way)
    if found is None:
        return geometry, _UNSURE
    if (found.angle, found.vertical, found.horizontal) == (geometry.angle, geometry.vertical, geometry.horizontal):
        return geometry, _RIGHT[way]
    if way == "straighten":
        return found, f"Straightened: the angle is {found.angle:+.1f}° now.".replace("-", "−")
    return found, _RIGHT[way].replace(" is ", " is now ", 1)


def _tilted(image: np.ndarray, geometry: Geometry, way: Way) -> Geometry | None:
    return perspective.suggest(image, geometry, way != "horizontal", way != "vertical")


def _straightened(image: np.ndarray, geometry: Geometry) -> Geometry | None:
    """Turn by the angle at which lines are upright; where they do not tell, by what the network sees."""
    level = perspective.replaced(geometry)
    picture, _ = perspective.seen(image, level)
    lines = perspective.agreed(perspective.lines(picture), True, False)
    step = restore.STEPS["straighten"]
    look = step.look(picture)
    # What lies on its side is turned by hand.
    angle = float(look.settings.get("angle", 0.0)) if look.settings.get("turn", 0) == 0 else 0.0
    if lines and (not angle or abs(lines.angle - angle) <= _SAME):
        angle = lines.angle
    elif not angle and not lines:
        return None
    return perspective.replaced(geometry, angle)
