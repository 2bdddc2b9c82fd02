"""A photo with its edit document, at full size: the reference for the shaders and the export.

The same steps as `static/webgl/shaders/develop.glsl.js`, layer by layer over linear sRGB; the formulas of the
adjustments are in `envo/adjustments.py`.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial

import numpy as np

from envo import expressions, grain, oklab, passes
from envo.adjustments import (
    ADJUSTMENTS,
    CONSTANTS,
    LINEAR,
    LOCAL_TONE,
    NOISE,
    TONE,
    changes,
    cornerness,
    light_matrix,
    local_curve,
    local_tones,
    tone_table,
    value,
    vignette,
)
from envo.colour import DECODED, linear_to_srgb, srgb_to_linear
from envo.cube import Lut
from envo.edits import EditDocument, Layer
from envo.errors import UserError
from envo.gamut import GAMUTS, SRGB
from envo.geometry import Framing, framing
from envo.lens import correction
from envo.masks import sample
from envo.material import Material
from envo.output import SCREEN, Output, displayed
from envo.photo import Image
from envo.tables import channel_table, grading_table, mixer_table

BAND_PIXELS = 2**18
"""Pixels worked on at a time by a thread: intermediate values stay small however large the photo is."""

_LINEAR_TO_CONE = np.array(CONSTANTS["linear_to_cone"])
_TO_CONE = _LINEAR_TO_CONE.T.astype(np.float32)
_CONE_TO_OKLAB = np.array(CONSTANTS["cone_to_oklab"], np.float32)
_OKLAB_TO_CONE = np.linalg.inv(CONSTANTS["cone_to_oklab"]).astype(np.float32)
_CONE_TO_LINEAR = np.linalg.inv(CONSTANTS["linear_to_cone"]).astype(np.float32)


_PRESENCE = ("clarity", "texture", "skin_smoothing")
_DETAIL = {*LOCAL_TONE, *NOISE, *_PRESENCE, "sharpening"}
"""Adjustments that look at what the original photo is like around a pixel."""
_MIXER, _GRADING = ({each.id for each in ADJUSTMENTS.values() if each.section == name} for name in ("Mixer", "Grading"))


@dataclass(frozen=True)
class _Development:
    """One layer, ready to be applied: what it needs, and None or False for what it has not."""

    layer: Layer
    mask: passes.Mask | None  # None covers everything
    light: np.ndarray  # 3x3 float32
    tone: np.ndarray | None  # table of the tone curve
    local: tuple[float, float] | None  # strengths of highlights and shadows
    mixer: np.ndarray | None  # tables, see `envo/tables.py`
    grading: np.ndarray | None
    channels: np.ndarray | None
    lut: Lut | None
    uses: frozenset[str]  # adjustments that change something
    is_perceptual: bool  # whether anything beyond light is changed
    passed: passes.Passed | None = None  # blurs and glow


@dataclass(frozen=True)
class _Band:
    """Rows of the picture as it came, N pixels: what layers ask of it, each worked out when first asked."""

    light: passes.Rows  # of the picture
    clean: passes.Rows | None  # of the picture without its noise
    frame: Framing  # where in the photo it lies
    full: tuple[int, int]  # size of the photo, which `frame` may have smaller
    top: int
    bottom: int
    material: Material
    sharpens: bool  # what is only there to be blurred is not sharpened before

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.frame.size

    @property
    def scale(self) -> float:
        """Pixels of the picture for one of the photo."""
        return self.frame.edge / max(self.full)

    def look_up(self, stored: np.ndarray) -> np.ndarray:
        """Resample what is stored over the photo to these rows: float32 hxw[xC]."""
        return self.frame.sample(stored, self.top, self.bottom)

    @cached_property
    def colour(self) -> np.ndarray:
        """Linear sRGB, float32 Nx3."""
        return self.light(self.top, self.bottom).reshape(-1, 3)

    @cached_property
    def lab(self) -> np.ndarray:
        """OKLab, float32 Nx3."""
        return _oklab(self.colour @ _TO_CONE)

    @cached_property
    def detail(self) -> np.ndarray | None:
        """How far the base of each scale lies above its lightness, and the transmission: float32 Nx4; see `Maps`."""
        if self.material.maps is None:
            return None
        lightness = self.lab[:, 0].reshape(self.bottom - self.top, -1)
        return self.material.maps.detail(lightness, self.look_up)

    @cached_property
    def noise(self) -> np.ndarray | None:
        """What its OKLab lacks without noise, float32 Nx3."""
        if self.clean is None:
            return None
        return _oklab(self.clean(self.top, self.bottom).reshape(-1, 3) @ _TO_CONE) - self.lab

    def sharpness(self, adjustments: Mapping[str, float]) -> np.ndarray:
        """Give what sharpening adds to lightness at its full strength, float32 N; see `passes.sharpness`."""
        amount = np.float32(value(adjustments, "noise_luminance") / 100)

        def cleaned(rows: _Band) -> np.ndarray:
            noise = amount * rows.noise[:, 0] if amount and rows.noise is not None else 0
            return rows.lab[:, 0] + noise

        def lightness(top: int, bottom: int) -> np.ndarray:
            above, below = replace(self, top=top, bottom=self.top), replace(self, top=self.bottom, bottom=bottom)
            return np.concatenate([cleaned(rows) for rows in (above, self, below)]).reshape(bottom - top, -1)

        sigma = value(adjustments, "sharpening_radius") * self.scale
        masking = value(adjustments, "sharpening_masking")
        return passes.sharpness(lightness, self.size, self.top, self.bottom, sigma, masking)

    def corner(self, adjustments: Mapping[str, float]) -> np.ndarray:
        """Give how far in the corners each pixel lies, float32 Nx1; see `adjustments.vignette`."""
        x = (2 * np.arange(self.size[0], dtype=np.float32) + 1) / self.size[0] - 1
        y = (2 * np.arange(self.top, self.bottom, dtype=np.float32) + 1) / self.size[1] - 1
        return cornerness(x[None, :], y[:, None], adjustments, self.size[0] / self.size[1]).reshape(-1, 1)

    def grain(self, adjustments: Mapping[str, float]) -> np.ndarray:
        """Give the grain at each pixel, float32 N in [-1, 1]."""
        places = (self.frame.places(self.top, self.bottom) * self.full).astype(np.float32)
        return grain.at(places[..., 0], places[..., 1], adjustments, max(self.full), self.scale).reshape(-1)


Stopping = Callable[[], None]
"""Called between bands: raises where nobody waits any more."""
Report = Callable[[float], None]
"""Called with how far it is, 0 to 1, by any thread."""


@dataclass(frozen=True, eq=False)
class Rendering:
    """A photo with its edit, of which any rows can be had: what all of them need was made once. For any thread.

    into: what it is rendered into. `rendering` makes it.
    """

    into: Output
    _band: _Band  # of all rows
    _developments: Sequence[_Development]
    _view: str
    _headroom: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self._band.size

    def rows(self, top: int, bottom: int) -> np.ndarray:
        """Give rows `top` to `bottom`, each as it is in the whole: (bottom - top)xWx3 as `into` has it."""
        made = np.empty((bottom - top, self.size[0], 3), self.into.depth)
        for first, last in self._bands(top, bottom):
            self._render(first, last, made[first - top : last - top])
        return made

    def whole(self, stopping: Stopping | None = None, report: Report | None = None) -> np.ndarray:
        """Give the whole picture, made by as many threads as there are cores. Raises what `stopping` does."""
        width, height = self.size
        made = np.empty((height, width, 3), self.into.depth)

        def work(band: tuple[int, int]) -> int:
            if stopping:
                stopping()
            self._render(*band, made[slice(*band)])
            return band[1] - band[0]

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            done = 0
            for rows in pool.map(work, self._bands(0, height)):
                done += rows
                if report:
                    report(done / height)
        return made

    def _bands(self, top: int, bottom: int) -> list[tuple[int, int]]:
        rows = max(1, BAND_PIXELS // self.size[0])
        return [(first, min(first + rows, bottom)) for first in range(top, bottom, rows)]

    def _render(self, top: int, bottom: int, made: np.ndarray) -> None:
        band = replace(self._band, top=top, bottom=bottom)
        colour = _view(_stack(self._developments, band), self._view)
        made[:] = displayed(colour, self.into, self._headroom).reshape(made.shape)


def render(image: Image, document: EditDocument, material: Material, into: Output = SCREEN) -> np.ndarray:
    """Develop `image` by `document`: HxWx3 as `into` has it, of the size that its geometry leaves of the image.

    Raises UserError when a layer needs a matte or a LUT that is not there.
    """
    return rendering(image, document, material, into).whole()


def rendering(
    image: Image,
    document: EditDocument,
    material: Material,
    into: Output = SCREEN,
    stopping: Stopping | None = None,
) -> Rendering:
    """Prepare what `render` does, so that no whole copy of a picture need lie beside its photo and its file.

    Raises UserError as `render` does, and what `stopping` raises.
    """
    stopping = stopping or (lambda: None)
    full = (image.header.width, image.header.height)
    size = image.pixels.shape[1::-1]
    frame = framing(document.geometry, size, correction(material.lens, document.lens, size))
    light, clean = (
        None
        if each is None
        else partial(_light, image.gain.light(each, image.gamut) if image.gain else each, frame, image.gamut)
        for each in (image.pixels, material.denoised)
    )
    band = _Band(light, clean, frame, full, 0, frame.size[1], material, sharpens=True)
    small = cache(partial(_reduced, band))
    original = partial(_original, cache(partial(_sized, band)))
    developments: list[_Development] = []
    for layer in document.layers:
        if layer.shows:
            stopping()
            mask = layer.mask and expressions.mask(layer.mask, material, frame, full, original)
            if layer.mask and mask is None:
                continue
            each = _prepare(layer, mask, material)
            below = partial(_below, small, tuple(developments))
            passed = passes.make(layer.adjustments, each.mask, frame.size, frame.edge, below)
            developments.append(replace(each, passed=passed))
    # A view transform brings what is above white to the screen by itself.
    headroom = image.header.headroom if document.view == "none" else 0
    return Rendering(into, band, developments, document.view, headroom)


def _stack(developments: Sequence[_Development], band: _Band) -> np.ndarray:
    """Apply layers from the bottom up: linear sRGB, float32 Nx3."""
    colour = band.colour.copy()
    for each in developments:
        _apply(each, colour, band)
    return colour


def _reduced(band: _Band, grid: passes.Size) -> _Band:
    """Give a whole picture on a grid that is not larger."""
    if grid == band.size:
        return replace(band, sharpens=False)
    light, clean = (each and _stored(passes.reduced(each, band.size, grid)) for each in (band.light, band.clean))
    return replace(band, light=light, clean=clean, frame=band.frame.at(grid), sharpens=False)


def _sized(band: _Band, grid: passes.Size) -> passes.Rows:
    """Give the rows of a whole picture on a grid."""
    size = band.size
    if grid == size:
        return band.light
    if grid[0] > size[0] or grid[1] > size[1]:
        return _stored(sample(band.light(0, size[1]), grid))
    return _stored(passes.reduced(band.light, size, grid))


def _stored(pixels: np.ndarray) -> passes.Rows:
    return lambda top, bottom: pixels[top:bottom]


def _original(sized: Callable[[passes.Size], passes.Rows], grid: passes.Size, top: int, bottom: int) -> np.ndarray:
    """Give the photo as it came in rows of a grid, as `expressions.mask` wants it; `sized` gives the picture there."""
    return oklab.from_linear(sized(grid)(top, bottom))


def _below(
    small: Callable[[passes.Size], _Band], developments: Sequence[_Development], grid: passes.Size
) -> passes.Rows:
    """Give what layers make of a picture on a grid, as `passes.make` wants it; `small` gives the picture there."""
    whole = small(grid)

    def rows(top: int, bottom: int) -> np.ndarray:
        return _stack(developments, replace(whole, top=top, bottom=bottom)).reshape(bottom - top, -1, 3)

    return rows


def _light(pixels: np.ndarray, frame: Framing, gamut: str, top: int, bottom: int) -> np.ndarray:
    """Give rows of the picture that a frame leaves of any `Image`, linear sRGB: float32 (bottom - top)xWx3."""
    rows = frame.rows(pixels, DECODED, top, bottom)
    light = DECODED[rows] if rows.dtype == np.uint8 else rows
    return light @ GAMUTS[gamut].to_srgb.T if pixels.dtype == np.uint8 and gamut != SRGB.id else light


def _prepare(layer: Layer, mask: passes.Mask | None, material: Material) -> _Development:
    values = layer.adjustments
    uses = frozenset(name for name in values if changes(values, name))
    is_plain = layer.process == 1
    toned = uses & (set(TONE) if is_plain else set(TONE) - set(LOCAL_TONE)) or "rgb" in layer.curves
    uses -= set(LOCAL_TONE) if is_plain else set()
    perceptual = bool(toned or uses - set(LINEAR))
    light = light_matrix(values)
    return _Development(
        layer,
        mask,
        (_LINEAR_TO_CONE @ light if perceptual else light).astype(np.float32),
        tone_table(values, is_plain, layer.curves.get("rgb", ())) if toned else None,
        local_tones(values) if uses & set(LOCAL_TONE) and not is_plain else None,
        mixer_table(values) if uses & _MIXER else None,
        grading_table(values) if uses & _GRADING else None,
        channel_table(layer.curves) if layer.curves.keys() - {"rgb"} else None,
        _lut(layer, material),
        uses,
        perceptual,
    )


def _lut(layer: Layer, material: Material) -> Lut | None:
    if layer.lut and layer.lut.id not in material.luts:
        raise UserError("A LUT that this edit uses was deleted; bring its .cube file again, or remove it.")
    return layer.lut and material.luts[layer.lut.id]


def _apply(each: _Development, colour: np.ndarray, band: _Band) -> None:
    """Mix the developed colours into `colour`, float32 Nx3."""
    opacity = np.float32(each.layer.opacity)
    inside, matte = slice(None), None
    if each.mask is not None:
        matte = each.mask.rows(band.size, band.top, band.bottom).reshape(-1, 1)
        inside = np.flatnonzero(matte > 0)
        matte = matte[inside]
    before = colour[inside]
    passed = before
    if each.passed:
        passed = each.passed.rows(before, matte, partial(_at, band, inside))
    after = _develop(each, passed, band, inside)
    if matte is None and opacity == 1:
        colour[:] = after
        return
    weight = opacity if matte is None else opacity * matte
    mixed = before + weight * (after - passed)
    colour[inside] = mixed if passed is before else mixed + opacity * (passed - before)


def _at(band: _Band, inside: slice | np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Look a grid over the photo, ...x3, up at those pixels of a band that are `inside`: float32 Nx3."""
    return sample(grid, band.size, band.top, band.bottom).reshape(-1, 3)[inside]


def _develop(each: _Development, colour: np.ndarray, band: _Band, inside: slice | np.ndarray) -> np.ndarray:
    """Apply one layer's adjustments to linear sRGB, float32 Nx3, of those pixels of a band that are `inside`."""
    values, uses = each.layer.adjustments, each.uses
    if "dehaze" in uses and band.detail is not None:
        colour = _dehaze(colour, band.detail[inside, 3:], band.material.maps.airlight, values["dehaze"] / 100)
    colour = colour @ each.light.T
    if "vignette" in uses:
        colour *= vignette(values, band.corner(values)[inside])
    if each.is_perceptual:
        colour = _perceptual(each, colour, band, inside)
    if each.channels is not None or each.lut:
        colour = _output(each, colour)
    return colour


def _perceptual(each: _Development, cone: np.ndarray, band: _Band, inside: slice | np.ndarray) -> np.ndarray:
    """Apply what a layer does to OKLab, float32 Nx3 of cone responses; gives linear sRGB."""
    values, uses = each.layer.adjustments, each.uses
    lab = _oklab(cone)
    lightness, a, b = np.maximum(lab[:, 0], 0), lab[:, 1], lab[:, 2]
    if uses & _DETAIL:
        before, lightness, a, b = _detail(each, lightness, a, b, band, inside)
    else:
        before = lightness
    if each.tone is not None:
        lightness = _look_up(each.tone, lightness)
    if lightness is not before:
        scale = (lightness + CONSTANTS["chroma_floor"]) / (before + CONSTANTS["chroma_floor"])
        a, b = a * scale, b * scale
    if "vibrance" in uses:
        scale = _vibrance(a, b, values["vibrance"] / 100)
        a, b = a * scale, b * scale
    strength = 1 + value(values, "saturation") / 100
    turn = np.deg2rad(value(values, "hue"))
    x, y = np.float32(strength * np.cos(turn)), np.float32(strength * np.sin(turn))
    a, b = x * a - y * b, y * a + x * b
    if each.mixer is not None:
        lightness, a, b = _mix(each.mixer, lightness, a, b)
    if "skin_redness" in uses:
        a, b = _even(a, b, values["skin_redness"] / 100)
    if "monochrome" in uses:
        left = np.float32(1 - values["monochrome"] / 100)
        a, b = a * left, b * left
    if each.grading is not None:  # later, so that black and white can be tinted
        added = _between(each.grading, np.minimum(lightness, 1))
        lightness, a, b = np.maximum(lightness + added[:, 2], 0), a + added[:, 0], b + added[:, 1]
    if "sepia" in uses:
        amount = np.float32(values["sepia"] / 100)
        middle = np.maximum(4 * lightness * (1 - lightness), 0)
        tint_a, tint_b = np.float32(CONSTANTS["sepia"])
        a, b = a + amount * (tint_a * middle - a), b + amount * (tint_b * middle - b)
    if "grain" in uses:
        strength = np.float32(CONSTANTS["grain"] * values["grain"] / 100)
        middle = np.maximum(4 * lightness * (1 - lightness), 0)
        lightness = np.maximum(lightness + strength * middle * band.grain(values)[inside], 0)
    cone = np.stack([lightness, a, b], axis=1) @ _OKLAB_TO_CONE.T
    return (cone * cone * cone) @ _CONE_TO_LINEAR.T


def _dehaze(colour: np.ndarray, clear: np.ndarray, airlight: tuple[float, ...], amount: float) -> np.ndarray:
    """Take haze from linear sRGB, float32 Nx3, or add mist: `clear` is the transmission, float32 Nx1."""
    light = np.float32(airlight)
    if amount < 0:
        through = 1 + np.float32(amount * CONSTANTS["mist"]) * (1 - np.float32(CONSTANTS["mist_spared"]) * clear)
        return colour * through + light * (1 - through)
    through = 1 + np.float32(amount) * (np.maximum(clear, np.float32(CONSTANTS["clearest"])) - 1)
    # Not below zero as cone responses: the gamut is for the display transform to fit.
    return np.maximum(((colour - light) / through + light) @ _TO_CONE, 0) @ _CONE_TO_LINEAR.T


def _detail(
    each: _Development, lightness: np.ndarray, a: np.ndarray, b: np.ndarray, band: _Band, inside: slice | np.ndarray
) -> tuple[np.ndarray, ...]:
    """Apply what differs from place to place to L, a, b, float32 N: L as only noise was taken from it comes first."""
    values, uses = each.layer.adjustments, each.uses
    carry = np.float32(CONSTANTS["carry"])
    carried = (lightness + carry) / (band.lab[inside, 0] + carry)
    if band.noise is not None and not uses.isdisjoint(NOISE):
        noise = carried[:, None] * band.noise[inside]
        lightness = np.maximum(lightness + np.float32(value(values, "noise_luminance") / 100) * noise[:, 0], 0)
        amount = np.float32(value(values, "noise_colour") / 100)
        a, b = a + amount * noise[:, 1], b + amount * noise[:, 2]
    before = lightness
    detail = None if band.detail is None else carried[:, None] * band.detail[inside, :3]
    if each.local:
        base = lightness if detail is None else np.maximum(lightness + detail[:, 1], 0)
        lightness = lightness + local_curve(base, *each.local) - base
    if detail is not None and not uses.isdisjoint(_PRESENCE):
        clarity, texture, smoothing = (np.float32(CONSTANTS[name] * value(values, name) / 100) for name in _PRESENCE)
        lightness = lightness + clarity * (detail[:, 0] - detail[:, 2]) - texture * detail[:, 0]
        lightness = lightness - smoothing * (detail[:, 0] - detail[:, 1])
    if "sharpening" in uses and band.sharpens:
        amount = np.float32(CONSTANTS["sharpening"] * values["sharpening"] / 100)
        lightness = lightness + amount * carried * band.sharpness(values)[inside]
    return before, np.maximum(lightness, 0), a, b


def _oklab(cone: np.ndarray) -> np.ndarray:
    """Turn cone responses into OKLab, float32 Nx3."""
    return np.cbrt(np.maximum(cone, 0)) @ _CONE_TO_OKLAB.T


def _mix(table: np.ndarray, lightness: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
    """Apply the mixer's table to L, a and b, float32 N; faint colours less."""
    reach = np.abs(a) + np.abs(b) + np.float32(1e-9)
    place = np.where(b >= 0, 1 - a / reach, 3 + a / reach) / 4
    found = _between(table, place)
    square = a * a + b * b
    gate = square / (square + np.float32(CONSTANTS["mixer_chroma"] ** 2))
    x, y = 1 + gate * (found[:, 0] - 1), gate * found[:, 1]
    lighter = gate * found[:, 2] * np.maximum(lightness * (1 - lightness), 0)
    return np.maximum(lightness + lighter, 0), x * a - y * b, y * a + x * b


def _even(a: np.ndarray, b: np.ndarray, amount: float) -> tuple[np.ndarray, np.ndarray]:
    """Bring what is redder than skin towards its hue: a and b, float32 N; other colours less, the further they are."""
    x, y = np.float32(CONSTANTS["skin"])
    along, across = a * x + b * y, np.maximum(a * y - b * x, 0)
    near = np.maximum(along, 0) ** 2 / (a * a + b * b + np.float32(1e-12))
    away = np.float32(amount) * near * across
    return a - away * y, b + away * x


def _output(each: _Development, colour: np.ndarray) -> np.ndarray:
    """Apply the channel curves and the LUT to linear sRGB, float32 Nx3; what lies outside of 0 to 1 is added again."""
    inside = np.clip(colour, 0, 1)
    encoded = linear_to_srgb(inside)
    if each.channels is not None:
        encoded = np.stack([_between(each.channels, encoded[:, i])[:, i] for i in range(3)], axis=1)
    if each.lut:
        strength = np.float32(value(each.layer.adjustments, "lut_strength") / 100)
        encoded = encoded + strength * (each.lut.apply(encoded) - encoded)
    return srgb_to_linear(encoded) + (colour - inside)


def _view(colour: np.ndarray, view: str) -> np.ndarray:
    """Bring light beyond white to the screen: linear sRGB, float32 Nx3, by one of `adjustments.VIEWS`."""
    if view == "none":
        return colour
    contrast, grey = CONSTANTS["view_contrast"][view], CONSTANTS["view_grey"]
    toe = grey**contrast * (1 - grey) / grey
    inset = np.array(CONSTANTS["view_inset"]) if view == "agx" else np.eye(3)
    light = np.maximum(colour @ inset.T.astype(np.float32), 0) ** np.float32(contrast)
    return (light / (light + np.float32(toe))) @ np.linalg.inv(inset).T.astype(np.float32)


def _between(table: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Look up a table of `CONSTANTS["steps"]` + 1 rows at places 0 to 1, float32 N, between its rows linearly."""
    at = place * np.float32(CONSTANTS["steps"])
    first = np.clip(at.astype(np.intp), 0, CONSTANTS["steps"] - 1)
    return table[first] + (at - first).astype(np.float32)[:, None] * (table[first + 1] - table[first])


def _look_up(table: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Look up the tone table at `lightness` (float32 N, >= 0), between its entries linearly."""
    size = CONSTANTS["table_size"]
    at = np.minimum(np.sqrt(lightness / CONSTANTS["table_top"]) * size, size)
    first = np.minimum(at.astype(np.intp), size - 1)
    return table[first] + (at - first).astype(np.float32) * (table[first + 1] - table[first])


def _vibrance(a: np.ndarray, b: np.ndarray, amount: float) -> np.ndarray:
    """Give the factor on the chroma of each (a, b), float32 N: most for faint colours, little for skin.

    Skin is spared by the eighth power of the cosine of the angle to its hue.
    """
    square = a * a + b * b
    along = np.maximum(a * CONSTANTS["skin"][0] + b * CONSTANTS["skin"][1], 0)
    skin = (along * along / (square + 1e-12)) ** 4
    faint = 1 / (1 + square / CONSTANTS["vibrance_chroma"] ** 2)
    return 1 + amount * (1 - CONSTANTS["skin_spared"] * skin) * faint
