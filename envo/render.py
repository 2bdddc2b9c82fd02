"""A photo with its edit document, at full size: the reference for the shaders and the export.

The same steps as `static/webgl/shaders/develop.glsl.js`, layer by layer over linear sRGB. Where they come from is in
`envo/adjustments.py`, and what they do to pixels in `envo/kernel.py`; here is when which of them is taken. In plain
NumPy the same is `tests/plain.py`.

Rows of the picture are worked on as a *band*, for which maps, masks and the like are looked up; within it some thousand
pixels at a time go through all layers as a *chunk*, so that they stay near the processor.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial

import numpy as np

from envo import expressions, grain, kernel, output, passes
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
    local_tones,
    tone_table,
    value,
    vignette,
)
from envo.colour import DECODED
from envo.cube import Lut
from envo.edits import EditDocument, Layer
from envo.errors import UserError
from envo.gamut import GAMUTS, SRGB
from envo.geometry import Framing, framed
from envo.masks import sample
from envo.material import Material
from envo.output import SCREEN, Output
from envo.photo import Image
from envo.shoulder import Shoulder
from envo.tables import channel_table, grading_table, mixer_table

BAND_PIXELS = 2**18
"""Pixels of a band, which a thread works on at a time: what is looked up for it stays small however large the photo."""
CHUNK_PIXELS = 2**14
"""Pixels of a chunk: ten planes of them stay in the second cache of a processor."""

_LINEAR_TO_CONE = np.array(CONSTANTS["linear_to_cone"])
_TO_CONE = _LINEAR_TO_CONE.astype(np.float32)
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
class _Pixels:
    """Pixels of a picture, whose rows are uint8 or float32 hxwx3. to_srgb: what brings their light to linear sRGB."""

    rows: Callable[[int, int], np.ndarray]
    to_srgb: np.ndarray | None = None  # 3x3 float32

    def planes(self, pixels: np.ndarray) -> np.ndarray:
        """Give linear sRGB of some of them, Nx3: float32 3xN."""
        planes = np.empty((3, len(pixels)), np.float32)
        if pixels.dtype == np.uint8:
            kernel.from_bytes(pixels, DECODED, planes)
        else:
            kernel.from_light(pixels, planes)
        if self.to_srgb is not None:
            kernel.transform(planes, self.to_srgb)
        return planes

    def light(self, top: int, bottom: int) -> np.ndarray:
        """Give linear sRGB of rows: float32 hxwx3."""
        rows = self.rows(top, bottom)
        light = DECODED[rows] if rows.dtype == np.uint8 else rows
        return light if self.to_srgb is None else light @ self.to_srgb.T

    def lightness(self, top: int, bottom: int) -> np.ndarray:
        """Give OKLab's lightness of rows: float32 hxw."""
        rows = self.rows(top, bottom)
        made, flat = np.empty(rows.shape[:2], np.float32), _flat(rows)
        for part in _chunks(made.size):
            kernel.to_lightness(self.planes(flat[part]), _TO_CONE, _CONE_TO_OKLAB, made.reshape(-1)[part])
        return made


@dataclass(frozen=True)
class _Band:
    """Rows of the picture as it came: what layers ask of its surroundings, each looked up when first asked."""

    light: _Pixels  # of the picture
    clean: _Pixels | None  # of the picture without its noise
    frame: Framing  # where in the photo it lies
    full: tuple[int, int]  # size of the photo, which `frame` may have smaller
    top: int
    bottom: int
    material: Material
    sharpens: bool  # what is only there to be blurred is not sharpened before
    found: dict = field(default_factory=dict)  # what is looked up for layers

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.frame.size

    @property
    def scale(self) -> float:
        """Pixels of the picture for one of the photo."""
        return self.frame.edge / max(self.full)

    def at(self, top: int, bottom: int) -> "_Band":
        """Give other rows of the same."""
        return replace(self, top=top, bottom=bottom, found={})

    def once(self, key: object, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Look up for these rows what is asked for by chunk after chunk."""
        if key not in self.found:
            self.found[key] = make()
        return self.found[key]

    @cached_property
    def pixels(self) -> np.ndarray:
        """Its own, Nx3."""
        return _flat(self.light.rows(self.top, self.bottom))

    @cached_property
    def clean_pixels(self) -> np.ndarray:
        """Those without noise, Nx3."""
        return _flat(self.clean.rows(self.top, self.bottom))

    @cached_property
    def lines(self) -> list[np.ndarray]:
        """The material's maps, resampled to it: float32 Nx2 each."""
        return [self.frame.sample(part, self.top, self.bottom).reshape(-1, 2) for part in self.material.maps.floats]

    @cached_property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Which pixels of the photo lie there, x and y: float32 N each."""
        x, y = np.moveaxis((self.frame.places(self.top, self.bottom) * self.full).astype(np.float32), -1, 0)
        return np.ascontiguousarray(x).reshape(-1), np.ascontiguousarray(y).reshape(-1)

    def matte(self, each: _Development) -> np.ndarray:
        """Give a layer's mask, float32 N."""
        return self.once(id(each), lambda: each.mask.rows(self.size, self.top, self.bottom).reshape(-1))

    def sharpness(self, adjustments: Mapping[str, float]) -> np.ndarray:
        """Give what sharpening adds to lightness at its full strength, float32 N; see `passes.sharpness`."""
        amount = np.float32(value(adjustments, "noise_luminance") / 100)
        sigma, masking = (value(adjustments, f"sharpening_{name}") for name in ("radius", "masking"))

        def lightness(top: int, bottom: int) -> np.ndarray:
            light = self.light.lightness(top, bottom)
            return light + amount * (self.clean.lightness(top, bottom) - light) if amount and self.clean else light

        return self.once(
            ("sharpness", amount, sigma, masking),
            lambda: passes.sharpness(lightness, self.size, self.top, self.bottom, sigma * self.scale, masking),
        )

    def vignette(self, each: _Development) -> np.ndarray:
        """Give by what a layer's vignette multiplies light, float32 N."""
        values, (width, height) = each.layer.adjustments, self.size

        def made() -> np.ndarray:
            x = (2 * np.arange(width, dtype=np.float32) + 1) / width - 1
            y = (2 * np.arange(self.top, self.bottom, dtype=np.float32) + 1) / height - 1
            corner = cornerness(x[None, :], y[:, None], values, width / height)
            return vignette(values, corner).astype(np.float32, copy=False).reshape(-1)

        return self.once(("vignette", id(each)), made)


class _Chunk:
    """Some pixels of a band. part: which of its N."""

    def __init__(self, band: _Band, part: slice):
        self.band, self.part = band, part

    @property
    def colour(self) -> np.ndarray:
        """Linear sRGB of the photo as it came, float32 3xN: another copy each time."""
        return self.band.light.planes(self.band.pixels[self.part])

    @cached_property
    def lab(self) -> np.ndarray:
        """OKLab of the photo as it came, float32 3xN."""
        lab = self.colour
        kernel.to_lab(lab, _TO_CONE, _CONE_TO_OKLAB)
        return lab

    @cached_property
    def clean(self) -> np.ndarray:
        """OKLab of the photo without its noise, float32 3xN."""
        lab = self.band.clean.planes(self.band.clean_pixels[self.part])
        kernel.to_lab(lab, _TO_CONE, _CONE_TO_OKLAB)
        return lab

    @cached_property
    def detail(self) -> np.ndarray | None:
        """How far the base of each scale lies above the lightness, and the transmission: float32 4xN; see `Maps`."""
        if self.band.material.maps is None:
            return None
        lines = [each[self.part] for each in self.band.lines]
        return self.band.material.maps.detail(self.lab[0], lines)


def _flat(rows: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rows).reshape(-1, rows.shape[2])


def _chunks(count: int) -> Iterator[slice]:
    return (slice(first, min(first + CHUNK_PIXELS, count)) for first in range(0, count, CHUNK_PIXELS))


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
    _shoulder: Shoulder | None

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
        flat = made.reshape(-1, 3)
        for part, colour in _stack(self._developments, self._band.at(top, bottom)):
            _view(colour, self._view)
            output.write(colour, self.into, self._shoulder, flat[part])


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
    frame = framed(document, size, material.lens)
    light, clean = (None if each is None else _framed(image, each, frame) for each in (image.pixels, material.denoised))
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
    shoulder = image.shoulder if document.view == "none" else None
    return Rendering(into, band, developments, document.view, shoulder)


def _stack(developments: Sequence[_Development], band: _Band) -> Iterator[tuple[slice, np.ndarray]]:
    """Apply layers from the bottom up: gives chunk by chunk which pixels of a band, and linear sRGB, float32 3xN."""
    for part in _chunks(len(band.pixels)):
        chunk = _Chunk(band, part)
        colour = chunk.colour
        for each in developments:
            colour = _apply(each, colour, chunk)
        yield part, colour


def _framed(image: Image, pixels: np.ndarray, frame: Framing) -> _Pixels:
    """Give the picture that a frame leaves of the pixels of any image, or of others like them."""
    is_wide = pixels.dtype == np.uint8 and image.gamut != SRGB.id
    pixels = image.gain.applied(pixels) if image.gain else pixels
    return _Pixels(partial(frame.rows, pixels, DECODED), GAMUTS[image.gamut].to_srgb if is_wide else None)


def _reduced(band: _Band, grid: passes.Size) -> _Band:
    """Give a whole picture on a grid that is not larger."""
    if grid == band.size:
        return replace(band, sharpens=False)
    light, clean = (each and _stored(passes.reduced(each.light, band.size, grid)) for each in (band.light, band.clean))
    return replace(band, light=light, clean=clean, frame=band.frame.at(grid), sharpens=False)


def _sized(band: _Band, grid: passes.Size) -> _Pixels:
    """Give a whole picture on a grid."""
    size = band.size
    if grid == size:
        return band.light
    if grid[0] > size[0] or grid[1] > size[1]:
        return _stored(sample(band.light.light(0, size[1]), grid))
    return _stored(passes.reduced(band.light.light, size, grid))


def _stored(light: np.ndarray) -> _Pixels:
    return _Pixels(lambda top, bottom: light[top:bottom])


def _original(sized: Callable[[passes.Size], _Pixels], grid: passes.Size, top: int, bottom: int) -> np.ndarray:
    """Give the photo as it came in rows of a grid, as `expressions.mask` wants it; `sized` gives the picture there."""
    pixels = sized(grid)
    rows = pixels.rows(top, bottom)
    lab = pixels.planes(_flat(rows))
    kernel.to_lab(lab, _TO_CONE, _CONE_TO_OKLAB)
    return np.moveaxis(lab.reshape(3, *rows.shape[:2]), 0, -1)


def _below(
    small: Callable[[passes.Size], _Band], developments: Sequence[_Development], grid: passes.Size
) -> passes.Rows:
    """Give what layers make of a picture on a grid, as `passes.make` wants it; `small` gives the picture there."""
    whole = small(grid)

    def rows(top: int, bottom: int) -> np.ndarray:
        made = np.empty((bottom - top, grid[0], 3), np.float32)
        for part, colour in _stack(developments, whole.at(top, bottom)):
            made.reshape(-1, 3)[part] = colour.T
        return made

    return rows


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


def _apply(each: _Development, colour: np.ndarray, chunk: _Chunk) -> np.ndarray:
    """Develop colours, linear sRGB float32 3xN, by one layer; gives them, in place or not."""
    opacity = each.layer.opacity
    matte = None
    if each.mask is not None:
        matte = chunk.band.matte(each)[chunk.part]
        if not matte.any():
            return colour
    passed = _passed(each, colour, matte, chunk) if each.passed else None
    made = (colour if passed is None else passed).copy()
    _develop(each, made, chunk)
    if passed is not None:
        whole = np.ones(len(made[0]), np.float32) if matte is None else matte
        kernel.put_blurred(colour, passed, made, whole, opacity)
    elif matte is not None:
        kernel.put(colour, made, matte, opacity)
    elif opacity != 1:
        kernel.put_everywhere(colour, made, opacity)
    else:
        return made
    return colour


def _passed(each: _Development, colour: np.ndarray, matte: np.ndarray | None, chunk: _Chunk) -> np.ndarray:
    """Give what a layer's blurs and glow make of colours, float32 3xN, where it shows wholly."""
    band = chunk.band

    def at(grid: np.ndarray) -> np.ndarray:
        found = band.once(id(grid), lambda: sample(grid, band.size, band.top, band.bottom).reshape(-1, 3))
        return found[chunk.part]

    pixels = np.ascontiguousarray(colour.T)
    return np.ascontiguousarray(each.passed.rows(pixels, None if matte is None else matte[:, None], at).T)


def _develop(each: _Development, colour: np.ndarray, chunk: _Chunk) -> None:
    """Apply one layer's adjustments to linear sRGB, float32 3xN."""
    if "dehaze" in each.uses and chunk.detail is not None:
        _dehaze(each, colour, chunk)
    if "vignette" in each.uses:
        kernel.scale(colour, chunk.band.vignette(each)[chunk.part])
    if each.is_perceptual:
        kernel.to_lab(colour, each.light, _CONE_TO_OKLAB)
        _perceptual(each, colour, chunk)
        kernel.from_lab(colour, _OKLAB_TO_CONE, _CONE_TO_LINEAR)
    else:
        kernel.transform(colour, each.light)
    if each.channels is not None or each.lut:
        _output(each, colour)


def _dehaze(each: _Development, colour: np.ndarray, chunk: _Chunk) -> None:
    """Take haze from linear sRGB, or add mist."""
    amount, clear = each.layer.adjustments["dehaze"] / 100, chunk.detail[3]
    airlight = np.float32(chunk.band.material.maps.airlight)
    if amount < 0:
        kernel.add_mist(colour, clear, airlight, amount * CONSTANTS["mist"], CONSTANTS["mist_spared"])
        return
    kernel.take_haze(colour, clear, airlight, amount, CONSTANTS["clearest"])
    # Not below zero as cone responses: the gamut is for the display transform to fit.
    kernel.transform(colour, _TO_CONE)
    kernel.raise_to_black(colour)
    kernel.transform(colour, _CONE_TO_LINEAR)


def _perceptual(each: _Development, lab: np.ndarray, chunk: _Chunk) -> None:
    """Apply what a layer does to OKLab."""
    values, uses = each.layer.adjustments, each.uses
    light = lab[0]
    before = None
    if uses & _DETAIL:
        before = _detail(each, lab, chunk)
    if each.tone is not None:
        before = light.copy() if before is None else before
        kernel.tone(light, each.tone, CONSTANTS["table_top"])
    if before is not None:
        kernel.follow(lab, before, CONSTANTS["chroma_floor"])
    if "vibrance" in uses:
        amount, spared, faint = values["vibrance"] / 100, CONSTANTS["skin_spared"], CONSTANTS["vibrance_chroma"]
        kernel.vibrance(lab, amount, *CONSTANTS["skin"], spared, faint)
    if not uses.isdisjoint(("saturation", "hue")):
        strength, turn = 1 + value(values, "saturation") / 100, np.deg2rad(value(values, "hue"))
        kernel.turn(lab, strength * float(np.cos(turn)), strength * float(np.sin(turn)))
    if each.mixer is not None:
        kernel.mix(lab, each.mixer, CONSTANTS["mixer_chroma"])
    if "skin_redness" in uses:
        kernel.even(lab, values["skin_redness"] / 100, *CONSTANTS["skin"])
    if "monochrome" in uses:
        kernel.turn(lab, 1 - values["monochrome"] / 100, 0.0)
    if each.grading is not None:  # later, so that black and white can be tinted
        kernel.grade(lab, each.grading)
    if "sepia" in uses:
        kernel.tint(lab, values["sepia"] / 100, *CONSTANTS["sepia"])
    if "grain" in uses:
        size = grain.cell(values, max(chunk.band.full))
        strength = CONSTANTS["grain"] * values["grain"] / 100 * min(1.0, size * chunk.band.scale)
        x, y = (each[chunk.part] for each in chunk.band.places)
        uneven = value(values, "grain_roughness") / 200
        kernel.add_grain(light, x, y, size, size * CONSTANTS["grain_coarse"], uneven, strength)


def _detail(each: _Development, lab: np.ndarray, chunk: _Chunk) -> np.ndarray:
    """Apply what differs from place to place to OKLab; gives its lightness as only noise was taken from it."""
    values, uses, band = each.layer.adjustments, each.uses, chunk.band
    light, carried = lab[0], np.empty_like(lab[0])
    kernel.carry(light, chunk.lab[0], CONSTANTS["carry"], carried)
    if band.clean and not uses.isdisjoint(NOISE):
        amounts = (value(values, name) / 100 for name in NOISE)
        kernel.take_noise(lab, chunk.lab, chunk.clean, carried, *amounts)
    before = light.copy()
    if each.local or (chunk.detail is not None and not uses.isdisjoint(_PRESENCE)):
        detail = np.zeros((3, len(light)), np.float32) if chunk.detail is None else chunk.detail
        strengths = tuple(CONSTANTS[name] * value(values, name) / 100 for name in _PRESENCE)
        kernel.add_detail(light, carried, detail, each.local or (0.0, 0.0), CONSTANTS["highlights"], strengths)
    if "sharpening" in uses and band.sharpens:
        amount = CONSTANTS["sharpening"] * values["sharpening"] / 100
        kernel.sharpen(light, carried, band.sharpness(values)[chunk.part], amount)
    return before


def _output(each: _Development, colour: np.ndarray) -> None:
    """Apply the channel curves and the LUT to linear sRGB; what lies outside of 0 to 1 is added again."""
    beyond = np.empty_like(colour)
    kernel.encode(colour, beyond)
    if each.channels is not None:
        kernel.curves(colour, each.channels)
    if each.lut:
        each.lut.apply(colour, value(each.layer.adjustments, "lut_strength") / 100)
    kernel.decode(colour, beyond)


def _view(colour: np.ndarray, view: str) -> None:
    """Bring light beyond white to the screen: linear sRGB, float32 3xN, by one of `adjustments.VIEWS`."""
    if view == "none":
        return
    contrast, grey = CONSTANTS["view_contrast"][view], CONSTANTS["view_grey"]
    inset = np.array(CONSTANTS["view_inset"]) if view == "agx" else np.eye(3)
    outset = np.linalg.inv(inset).astype(np.float32)
    kernel.view(colour, inset.astype(np.float32), outset, contrast, grey**contrast * (1 - grey) / grey)
