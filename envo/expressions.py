"""Masks as expressions: what the parts of a layer's mask come to at the pixels of a picture.

Each part has a value from 0 to 1 at a place; how they are put together is told in `envo/edits.py`. Mattes and brushes
are rasters over the photo, of the photo's working size: fitted to its edges (`Guide.fit`) as far as `refine` says, then
feathered. Gradients are functions of the place, ranges of the colour that the photo as it came has there. Soft parts
are smoothsteps. The same formulas in the browser: `static/webgl/shaders/expression.glsl.js`.
"""

from collections.abc import Callable
from functools import reduce

import numpy as np

from envo import brush, edits, guide, masks, oklab
from envo.adjustments import CONSTANTS
from envo.colour import srgb_to_linear
from envo.edits import Brush, Colour, Linear, Luminance, Matte, Radial, is_own
from envo.errors import UserError
from envo.geometry import Framing, Size
from envo.material import Material
from envo.passes import Mask

Original = Callable[[Size, int, int], np.ndarray]
"""The photo as it came in rows `top` to `bottom` of a grid over the picture: OKLab, float32 (bottom - top)xWx3."""
_Part = Matte | Brush | Linear | Radial | Luminance | Colour
_Rows = Callable[["_Band"], np.ndarray]
"""A part's value in a band: float32 hxw."""


class _Band:
    """Rows of a grid over the picture."""

    def __init__(self, frame: Framing, top: int, bottom: int, full: Size, original: Original):
        self.frame, self.top, self.bottom, self.full, self._original = frame, top, bottom, full, original

    @property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the pixels lie, x and y as shares of the photo's long edge: float32 hxw each."""
        places = self.frame.places(self.top, self.bottom) * scale(self.full)
        return places[..., 0].astype(np.float32), places[..., 1].astype(np.float32)

    @property
    def lab(self) -> np.ndarray:
        return self._original(self.frame.size, self.top, self.bottom)


def mask(of: edits.Mask, material: Material, frame: Framing, full: Size, original: Original) -> Mask | None:
    """Prepare a layer's mask for a picture; None where it is nothing: its first part is a matte that the photo has not.

    full: size of the photo, which `frame` may have smaller. Raises UserError for a matte that was not made yet.
    """
    first = of.parts[0]
    if isinstance(first, Matte) and material.mattes.get(first.key, first) is None:
        return None
    kept = {part.key: _matte(part, material) for part in of.mattes}
    working = brush.size_of(full)
    finest = 0
    rows: list[tuple[_Part, _Rows]] = []
    for part in of.parts:
        if isinstance(part, Matte | Brush):
            raster = kept[part.key] if isinstance(part, Matte) else brush.paint(part.strokes, working, material.guide)
            finest = max(finest, max(working if raster is None else raster.shape))
            rows.append((part, _nothing if raster is None else _raster(part, raster, material.guide)))
        else:
            finest = max(finest, *working)
            rows.append((part, _ANALYTIC[part.shape](part, full)))

    def put_together(grid: Size, top: int, bottom: int) -> np.ndarray:
        band = _Band(frame.at(grid), top, bottom, full, original)
        whole = combined([(part, each(band), each is not _nothing) for part, each in rows])
        return 1 - whole if of.invert else whole

    return Mask(put_together, finest * max(frame.size) / frame.edge)


def combined(parts: list[tuple[_Part, np.ndarray, bool]]) -> np.ndarray:
    """Put values of parts together, float32 of one shape; the flag tells whether there is anything to invert."""

    def put(before: np.ndarray | None, each: tuple[_Part, np.ndarray, bool]) -> np.ndarray:
        part, values, is_there = each
        values = 1 - values if part.invert and is_there else values
        if part.how == "add":
            return values if before is None else np.minimum(before + values, 1)
        before = np.float32(1) if before is None else before
        return before * values if part.how == "intersect" else np.maximum(before - values, 0)

    return reduce(put, parts, None)


def scale(full: Size) -> tuple[float, float]:
    """Give what photo coordinates come times, to be shares of the long edge."""
    return full[0] / max(full), full[1] / max(full)


def _matte(part: Matte, material: Material) -> np.ndarray | None:
    if part.key in material.mattes:
        return material.mattes[part.key]
    if is_own(part.kind):
        raise UserError("A mask that this edit uses was deleted; delete its layer too.")
    raise UserError(f"The {part.kind} has not been found in this photo yet; try again soon.")


def _nothing(band: _Band) -> np.ndarray:
    return np.zeros((band.bottom - band.top, band.frame.size[0]), np.float32)


def _raster(part: Matte | Brush, raster: np.ndarray, by: guide.Guide | None) -> _Rows:
    """A matte or what was painted, uint8 HxW."""
    values = raster.astype(np.float32) / 255
    if part.refine and by is not None:
        fitted = masks.sample(by.fit(raster), raster.shape[::-1])
        values += np.float32(part.refine / 100) * (fitted - values)
    soft = masks.feather(values, part.feather)
    return lambda band: band.frame.sample(soft, band.top, band.bottom)


def _linear(part: Linear, full: Size) -> _Rows:
    (x0, y0), (x1, y1) = (np.multiply(point, scale(full)) for point in (part.start, part.end))
    u, v = x1 - x0, y1 - y0
    length = max(u * u + v * v, 1e-12)
    soft = max(part.feather / 100, CONSTANTS["soft_least"])

    def rows(band: _Band) -> np.ndarray:
        x, y = band.places
        along = (x - np.float32(x0)) * np.float32(u / length) + (y - np.float32(y0)) * np.float32(v / length)
        return 1 - _smoothstep(0.5 - soft / 2, 0.5 + soft / 2, along)

    return rows


def _radial(part: Radial, full: Size) -> _Rows:
    x0, y0 = np.multiply(part.centre, scale(full))
    turn = np.deg2rad(part.angle)
    cos, sin = np.cos(turn), np.sin(turn)
    across, down = part.radii
    soft = max(part.feather / 100, CONSTANTS["soft_least"])

    def rows(band: _Band) -> np.ndarray:
        x, y = band.places
        x, y = x - np.float32(x0), y - np.float32(y0)
        u = x * np.float32(cos / across) + y * np.float32(sin / across)
        v = y * np.float32(cos / down) - x * np.float32(sin / down)
        return 1 - _smoothstep(1 - soft, 1, np.sqrt(u * u + v * v))

    return rows


def _luminance(part: Luminance, _full: Size) -> _Rows:
    soft = max(CONSTANTS["luminance_soft"] * part.feather / 100, CONSTANTS["luminance_least"])

    def rows(band: _Band) -> np.ndarray:
        light = np.clip(band.lab[..., 0], 0, 1)
        above = _smoothstep(part.low - soft, part.low, light)
        return above * (1 - _smoothstep(part.high, part.high + soft, light))

    return rows


def _colour(part: Colour, _full: Size) -> _Rows:
    wanted = oklab.from_linear(srgb_to_linear(np.array(part.colour)).astype(np.float32))
    near = CONSTANTS["colour_soft"] * part.tolerance / 100
    soft = max(CONSTANTS["colour_soft"] * part.feather / 100, CONSTANTS["colour_least"])
    return lambda band: 1 - _smoothstep(near, near + soft, guide.distance(band.lab, wanted))


_ANALYTIC = {"linear": _linear, "radial": _radial, "luminance": _luminance, "colour": _colour}


def _smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Rise from 0 at `low` to 1 at `high`, float32."""
    t = np.clip((x - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)
