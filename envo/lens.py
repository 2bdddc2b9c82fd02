"""What lenses do to photos, and what takes it back: distortion, vignetting and lateral colour.

A `Profile` says what a lens does at the focal length, aperture and distance of a photo; `envo/lenses.py` finds it.
Whoever measured it, it is a few tables over the distance from the optical centre, so that Python and the page compute
the same by it. A `Correction` is what an edit takes of it, as one table over the distance in the corrected photo. The
same in `static/webgl/lens.js`.

Distances are 1 at half the photo's diagonal.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from envo import edits

REACH = 1.5
"""How far from the centre tables reach."""
STEPS = 256
"""Entries of a table, at distances of the same steps."""
SIDE = 32
"""At so many places of each side of a picture it is looked whether the photo reaches so far."""
DISTANCES = np.linspace(0, REACH, STEPS)
_SCALES = (0.25, 2.0)
"""By how much a corrected photo is shrunk or enlarged beneath its frame at most."""

Size = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Profile:
    """What a lens does to a photo.

    source: "file" for what a DNG says itself, "lensfun". maker, model: of the lens; "" for a DNG's own.
    centre: of the lens, in photo coordinates. The tables are float64 of `STEPS` entries; None for what is not known:
    distortion: by what is farther from the centre in the photo what lies at a distance in the corrected one.
    red, blue: over distances in the photo: by what they are farther from it than green.
    gain: over distances in the photo: what light there is to come times.
    """

    source: Literal["file", "lensfun"]
    maker: str
    model: str
    centre: tuple[float, float] = (0.5, 0.5)
    distortion: np.ndarray | None = None
    red: np.ndarray | None = None
    blue: np.ndarray | None = None
    gain: np.ndarray | None = None

    def schema(self) -> dict:
        """Give it as JSON."""
        tables = {"distortion": self.distortion, "red": self.red, "blue": self.blue, "gain": self.gain}
        return {
            "source": self.source,
            "maker": self.maker,
            "model": self.model,
            "centre": list(self.centre),
            **{name: None if table is None else table.tolist() for name, table in tables.items()},
        }


@dataclass(frozen=True, eq=False)
class Correction:
    """What takes back what a lens did to a photo, as far as an edit wants it.

    centre: in photo coordinates. sides: what these come times, to be distances. table: float64 `STEPS`x4, over
    distances in the corrected photo: by what red, green and blue are farther from the centre in the photo, and what
    light there is to come times.
    """

    centre: tuple[float, float]
    sides: tuple[float, float]
    table: np.ndarray

    def bent(self, places: np.ndarray, channel: int = 1) -> np.ndarray:
        """Give where in the photo places of the corrected one lie: float64 ...x2, photo coordinates."""
        from envo import bend  # compiles when it is first needed

        flat = np.ascontiguousarray(places, np.float64).reshape(-1, 2)
        made = np.empty_like(flat)
        bend.bend(flat, np.ascontiguousarray(self.table[:, channel]), REACH, self.centre, self.sides, made)
        return made.reshape(places.shape)

    def straight(self, places: np.ndarray) -> np.ndarray:
        """Give where in the corrected photo places of the photo lie: the other way than `bent`."""
        away = (np.asarray(places, np.float64) - self.centre) * self.sides
        bent = np.hypot(away[..., 0], away[..., 1])
        # Within a step both the distance and its factor are straight lines: the product is a parabola.
        ends = DISTANCES * self.table[:, 1]
        first = np.clip(np.searchsorted(ends, bent, side="right") - 1, 0, STEPS - 2)
        step, factor = DISTANCES[1], self.table[first, 1]
        slope = (self.table[first + 1, 1] - factor) / step
        b, c = factor + slope * DISTANCES[first], ends[first] - bent  # slope t^2 + b t + c = 0
        t = -2 * c / (b + np.sqrt(np.maximum(b * b - 4 * slope * c, 0)))
        within = bent <= ends[-1]
        share = np.where(within, DISTANCES[first] + t, bent / self.table[-1, 1]) / np.maximum(bent, 1e-12)
        share = np.where(bent < 1e-12, 1 / self.table[0, 1], share)[..., None]
        return self.centre + away * share / self.sides

    def channels(self, places: np.ndarray) -> np.ndarray:
        """Give what `bent` does for red, green and blue, 3x...x2; where all lie in the same places, 1x...x2."""
        return np.stack([self.bent(places, channel) for channel in (range(3) if self._parts else (1,))])

    @cached_property
    def _parts(self) -> bool:
        return bool((self.table[:, [0, 2]] != self.table[:, [1]]).any())


def correction(profile: Profile | None, wish: edits.Lens, size: Size) -> Correction | None:
    """Take of a profile what an edit wants, for a photo of `size`; None for nothing.

    The corrected photo is scaled beneath its frame, so that it just fills that.
    """
    if profile is None or not wish.shows:
        return None
    sides = (float(2 * size[0] / np.hypot(*size)), float(2 * size[1] / np.hypot(*size)))
    # A lens does not fold a picture over, though a formula may where nothing was measured.
    bent = np.maximum.accumulate(DISTANCES * _share(profile.distortion, wish.distortion)) + 1e-7 * DISTANCES

    def scaled(scale: float) -> Correction:
        """Correct, what is in the frame being `scale` times as large."""
        at = scale * DISTANCES
        found = np.interp(at, DISTANCES, bent) + np.maximum(at - REACH, 0) * (bent[-1] / REACH)
        away = np.append(found[1] / DISTANCES[1], found[1:] / DISTANCES[1:])
        red, blue, gain = (
            np.interp(found, DISTANCES, _share(table, strength))
            for table, strength in (
                (profile.red, wish.colour),
                (profile.blue, wish.colour),
                (profile.gain, wish.vignetting),
            )
        )
        return Correction(profile.centre, sides, np.stack([away * red, away, away * blue, gain], axis=1))

    if profile.distortion is None or not wish.distortion:
        return scaled(1.0)
    whole = rim((0, 0, 1, 1))
    least, most = _SCALES
    for _ in range(40):
        half = (least + most) / 2
        inside = scaled(half).bent(whole)
        is_filled = inside.min() >= 0 and inside.max() <= 1
        least, most = (half, most) if is_filled else (least, half)
    return scaled(least)


def rim(box: tuple[float, float, float, float]) -> np.ndarray:
    """Give places along the sides of a box (left, top, right, bottom), its corners among them: float64 Nx2."""
    left, top, right, bottom = box
    along = np.arange(SIDE) / SIDE
    x, y = left + along * (right - left), top + along * (bottom - top)
    sides = ((x, np.full(SIDE, top)), (np.full(SIDE, right), y), (right + left - x, np.full(SIDE, bottom)))
    sides = (*sides, (np.full(SIDE, left), bottom + top - y))
    return np.concatenate([np.stack(each, axis=1) for each in sides])


def _share(table: np.ndarray | None, strength: float) -> np.ndarray:
    """Give a table of factors at a strength of so many percent; ones where there is none."""
    return np.ones(STEPS) if table is None else 1 + strength / 100 * (table - 1)
