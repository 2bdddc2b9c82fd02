"""How light that reaches above white is drawn in below it: one table, which both renderers look up.

The brightest of a pixel's three channels comes times what the table says for it, and the others with it, so that hues
stay. A photo that is light alone (PQ, HLG) is drawn in from a knee on; one with a gain map so that, untouched, it looks
as its base does, by which its maker says how it is to look on a plain screen.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from envo.adjustments import CONSTANTS

STEPS = 64
"""Steps of the table, even in the root of light."""
_SMOOTH = 0.02
_AT_TOP = 0.02
"""What a table's smoothness, and that its end is white, weigh against all that a photo says."""
_DARK = 2**-10
"""Light of which no ratio is taken."""


@dataclass(frozen=True, eq=False)
class Shoulder:
    """The table of a photo.

    headroom: stops above white where it ends; what is brighter comes out as bright as there. factors: float32 65.
    """

    headroom: float
    factors: np.ndarray


@lru_cache(64)
def from_knee(headroom: float) -> Shoulder:
    """Make the table that leaves what is darker than a knee as it is, and leaves the knee as steep as it comes.

    The brightest channel m becomes k + (1 - k) s t / (1 + (s - 1) t) with t = (m - k) / (2^headroom - k) and s the
    slope of that.
    """
    knee, most = CONSTANTS["headroom_knee"], 2.0**headroom
    slope = (most - knee) / (1 - knee)
    light = _nodes(headroom)
    t = np.maximum(light - knee, 0) / (most - knee)
    drawn = knee + (1 - knee) * slope * t / (1 + (slope - 1) * t)
    return Shoulder(headroom, np.where(light > knee, drawn / np.maximum(light, _DARK), 1).astype(np.float32))


def fitted(light: np.ndarray, base: np.ndarray, headroom: float) -> Shoulder:
    """Make the table that brings light to what a base has of it, as nearly as one table can.

    light, base: brightest channels of the same pixels, float32 N of linear sRGB. The logarithms of its factors are as
    smooth as the pixels let them be, and where no pixel says anything, straight.
    """
    seen = (light > _DARK) & (base > _DARK)
    place = np.clip(np.sqrt(light[seen] / 2.0**headroom) * STEPS, 0, STEPS - 1e-3)
    ratio = np.log2(np.minimum(base[seen], 1) / light[seen])
    first = place.astype(np.intp)
    part = place - first
    system, wanted = np.zeros((STEPS + 1, STEPS + 1)), np.zeros(STEPS + 1)
    for offset, share in ((0, 1 - part), (1, part)):
        np.add.at(wanted, first + offset, share * ratio)
        for other, along in ((0, 1 - part), (1, part)):
            np.add.at(system, (first + offset, first + other), share * along)
    bends = np.diff(np.eye(STEPS + 1), 2, axis=0)
    weight = max(len(ratio), 1)
    system += weight * _SMOOTH * bends.T @ bends
    system[-1, -1] += weight * _AT_TOP
    wanted[-1] -= weight * _AT_TOP * headroom
    nodes = _nodes(headroom)
    shown = np.maximum.accumulate(nodes * np.exp2(np.linalg.solve(system, wanted)))
    factors = np.minimum(shown, 1)[1:] / nodes[1:]
    return Shoulder(headroom, np.concatenate([factors[:1], factors]).astype(np.float32))


def _nodes(headroom: float) -> np.ndarray:
    return 2.0**headroom * (np.arange(STEPS + 1) / STEPS) ** 2
