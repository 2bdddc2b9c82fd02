"""What `envo/render.py` does, in plain NumPy and over the whole picture at once: for tests, and for benches to compare.

Written to be read, beside `envo/adjustments.py`. Blurs and glow are not in it.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from envo import expressions, passes, tables
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
from envo.colour import DECODED, linear_to_srgb, srgb_to_linear
from envo.cube import Lut
from envo.edits import EditDocument, Layer
from envo.gamut import GAMUTS
from envo.geometry import Framing, framing
from envo.grain import cell
from envo.lens import correction
from envo.material import Material
from envo.oklab import from_linear, to_linear
from envo.output import SCREEN, Output
from envo.photo import Image
from envo.shoulder import STEPS, Shoulder

_DETAIL = {*LOCAL_TONE, *NOISE, "clarity", "texture", "skin_smoothing", "sharpening"}
_TO_CONE = np.array(CONSTANTS["linear_to_cone"], np.float32)
_MIXER, _GRADING = ({each.id for each in ADJUSTMENTS.values() if each.section == name} for name in ("Mixer", "Grading"))


@dataclass
class _Photo:
    """The photo as it came, framed: linear sRGB, float32 HxWx3, and what goes with it."""

    light: np.ndarray
    clean: np.ndarray | None
    frame: Framing
    full: tuple[int, int]
    material: Material
    lab: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.lab = _oklab(self.light)

    @property
    def scale(self) -> float:
        return self.frame.edge / max(self.full)

    def detail(self) -> np.ndarray:
        """How far the base of each scale lies above the lightness, and the transmission: HxWx4."""
        if self.material.maps is None:
            return np.zeros((*self.lab.shape[:2], 4), np.float32)
        maps = self.material.maps
        light = self.lab[..., 0]
        fine, middle, coarse, haze = (self.frame.sample(part.astype(np.float32)) for part in (*maps.bases, maps.haze))
        finest = fine[..., 0] * light + fine[..., 1]
        bases = [finest, *(each[..., 0] * finest + each[..., 1] for each in (middle, coarse))]
        clear = np.clip(haze[..., 0] * light + haze[..., 1], CONSTANTS["haze_kept"], 1)
        return np.stack([*(base - light for base in bases), clear], axis=-1)


def render(
    image: Image, document: EditDocument, material: Material, into: Output = SCREEN, shoulder: Shoulder | None = None
) -> np.ndarray:
    """Do as `render.render` does."""
    size = image.pixels.shape[1::-1]
    frame = framing(document.geometry, size, correction(material.lens, document.lens, size))

    def framed(pixels: np.ndarray) -> np.ndarray:
        cut = frame.picture(pixels, DECODED)
        light = DECODED[cut] if cut.dtype == np.uint8 else cut
        return light @ GAMUTS[image.gamut].to_srgb.T if pixels.dtype == np.uint8 else light

    clean = None if material.denoised is None else framed(material.denoised)
    photo = _Photo(framed(image.pixels), clean, frame, (image.header.width, image.header.height), material)
    colour = photo.light
    for layer in document.layers:
        if layer.shows:
            made = _developed(layer, colour, photo)
            matte = 1 if layer.mask is None else _mask(layer, photo)
            colour = colour + np.float32(layer.opacity) * matte * (made - colour)
    colour = _viewed(colour, document.view)
    return colour if into.depth == "float32" else displayed(colour, into, shoulder if document.view == "none" else None)


def displayed(light: np.ndarray, into: Output, shoulder: Shoulder | None = None) -> np.ndarray:
    """Do as `output.displayed` does."""
    colour = fitted(drawn_in(light, shoulder) @ into.gamut.from_srgb.T, into.gamut.luminance)
    top = np.iinfo(into.depth).max
    return (top * linear_to_srgb(np.clip(colour, 0, 1)) + 0.5).astype(into.depth)


def drawn_in(light: np.ndarray, shoulder: Shoulder | None) -> np.ndarray:
    """Bring light above white below it."""
    if shoulder is None:
        return light
    brightest, most = np.maximum(light.max(axis=-1, keepdims=True), 1e-6), 2.0**shoulder.headroom
    place = STEPS * np.minimum(np.sqrt(brightest / most), 1)
    factor = np.interp(place, np.arange(STEPS + 1), shoulder.factors) * np.minimum(1, most / brightest)
    return light * factor.astype(np.float32)


def fitted(colour: np.ndarray, luminance: np.ndarray) -> np.ndarray:
    """Move colours towards the grey of their luminance until they lie between 0 and 1."""
    grey = np.clip(colour @ luminance, 0, 1)[..., None]
    away = colour - grey
    above, below = np.maximum(away.max(-1, keepdims=True), 1e-9), np.maximum(-away.min(-1, keepdims=True), 1e-9)
    reach = np.minimum(1, np.minimum((1 - grey) / above, grey / below))
    outside = ((colour < 0) | (colour > 1)).any(axis=-1, keepdims=True)
    return np.where(outside, grey + away * reach, colour)


def _mask(layer: Layer, photo: _Photo) -> np.ndarray:
    def original(grid: passes.Size, top: int, bottom: int) -> np.ndarray:
        assert grid == photo.frame.size
        return photo.lab[top:bottom]

    made = expressions.mask(layer.mask, photo.material, photo.frame, photo.full, original)
    if made is None:
        return np.float32(0)
    return made.rows(photo.frame.size, 0, photo.frame.size[1])[..., None]


def _developed(layer: Layer, colour: np.ndarray, photo: _Photo) -> np.ndarray:
    values = layer.adjustments
    uses = {name for name in values if changes(values, name)}
    if "dehaze" in uses and photo.material.maps is not None:
        colour = _dehazed(colour, photo.detail()[..., 3:], photo.material.maps.airlight, values["dehaze"] / 100)
    colour = colour @ light_matrix(values).astype(np.float32).T
    if "vignette" in uses:
        width, height = photo.frame.size
        x, y = ((2 * np.arange(side, dtype=np.float32) + 1) / side - 1 for side in (width, height))
        colour = colour * vignette(values, cornerness(x[None, :], y[:, None], values, width / height))[..., None]
    toned = uses & set(TONE) if layer.process == 1 else uses & set(TONE) - set(LOCAL_TONE)
    if toned or "rgb" in layer.curves or uses - set(LINEAR):
        colour = _perceptual(layer, uses, colour, photo)
    if layer.curves.keys() - {"rgb"} or layer.lut:
        lut = photo.material.luts[layer.lut.id] if layer.lut else None
        colour = _encoded(layer, lut, colour)
    return colour.astype(np.float32)


def _perceptual(layer: Layer, uses: set[str], colour: np.ndarray, photo: _Photo) -> np.ndarray:
    values = layer.adjustments
    is_plain = layer.process == 1
    lab = _oklab(colour)
    light, a, b = np.maximum(lab[..., 0], 0), lab[..., 1], lab[..., 2]
    before = light
    if uses & (_DETAIL - set(LOCAL_TONE) if is_plain else _DETAIL):
        before, light, a, b = _detailed(values, uses, is_plain, (light, a, b), photo)
    if uses & (set(TONE) if is_plain else set(TONE) - set(LOCAL_TONE)) or "rgb" in layer.curves:
        light = _toned(tone_table(values, is_plain, layer.curves.get("rgb", ())), light)
    follows = (light + CONSTANTS["chroma_floor"]) / (before + CONSTANTS["chroma_floor"])
    a, b = a * follows, b * follows
    if "vibrance" in uses:
        stronger = _vibrance(a, b, values["vibrance"] / 100)
        a, b = a * stronger, b * stronger
    strength, turn = 1 + value(values, "saturation") / 100, np.deg2rad(value(values, "hue"))
    x, y = strength * np.cos(turn), strength * np.sin(turn)
    a, b = x * a - y * b, y * a + x * b
    if uses & _MIXER:
        light, a, b = _mixed(tables.mixer_table(values), light, a, b)
    if "skin_redness" in uses:
        a, b = _evened(a, b, values["skin_redness"] / 100)
    if "monochrome" in uses:
        a, b = a * (1 - values["monochrome"] / 100), b * (1 - values["monochrome"] / 100)
    if uses & _GRADING:
        added = _between(tables.grading_table(values), np.minimum(light, 1))
        light, a, b = np.maximum(light + added[..., 2], 0), a + added[..., 0], b + added[..., 1]
    middle = np.maximum(4 * light * (1 - light), 0)
    if "sepia" in uses:
        tint_a, tint_b = CONSTANTS["sepia"]
        amount = values["sepia"] / 100
        a, b = a + amount * (tint_a * middle - a), b + amount * (tint_b * middle - b)
    if "grain" in uses:
        light = np.maximum(light + CONSTANTS["grain"] * values["grain"] / 100 * middle * grain(values, photo), 0)
    return to_linear(np.stack([light, a, b], axis=-1).astype(np.float32))


def _dehazed(colour: np.ndarray, clear: np.ndarray, airlight: tuple[float, ...], amount: float) -> np.ndarray:
    light = np.float32(airlight)
    if amount < 0:
        through = 1 + amount * CONSTANTS["mist"] * (1 - CONSTANTS["mist_spared"] * clear)
        return (colour * through + light * (1 - through)).astype(np.float32)
    through = 1 + amount * (np.maximum(clear, CONSTANTS["clearest"]) - 1)
    cone = np.maximum(((colour - light) / through + light) @ _TO_CONE.T, 0)
    return (cone @ np.linalg.inv(_TO_CONE).T).astype(np.float32)


def _detailed(
    values: dict, uses: set[str], is_plain: bool, lab: tuple[np.ndarray, ...], photo: _Photo
) -> tuple[np.ndarray, ...]:
    light, a, b = lab
    carried = (light + CONSTANTS["carry"]) / (photo.lab[..., 0] + CONSTANTS["carry"])
    luminance, chroma = value(values, "noise_luminance") / 100, value(values, "noise_colour") / 100
    noise = 0 * photo.lab if photo.clean is None else _oklab(photo.clean) - photo.lab
    light = np.maximum(light + luminance * carried * noise[..., 0], 0)
    a, b = a + chroma * carried * noise[..., 1], b + chroma * carried * noise[..., 2]
    before = light
    fine, middle, coarse = (carried * each for each in np.moveaxis(photo.detail()[..., :3], -1, 0))
    if uses & set(LOCAL_TONE) and not is_plain:
        base = np.maximum(light + middle, 0)
        light = light + local_curve(base, *local_tones(values)) - base
    clarity, texture, smoothing = (
        CONSTANTS[name] * value(values, name) / 100 for name in ("clarity", "texture", "skin_smoothing")
    )
    light = light + clarity * (fine - coarse) - texture * fine - smoothing * (fine - middle)
    if "sharpening" in uses:
        sigma = value(values, "sharpening_radius") * photo.scale
        cleaned = photo.lab[..., 0] + luminance * noise[..., 0]
        sharp = sharpness(cleaned, sigma, value(values, "sharpening_masking"))
        light = light + CONSTANTS["sharpening"] * values["sharpening"] / 100 * carried * sharp
    return before, np.maximum(light, 0), a, b


def local_curve(base: np.ndarray, highlights: float, shadows: float) -> np.ndarray:
    """Map the edge-aware base of lightness by the strengths that `local_tones` gives."""
    x = np.minimum(base, 1)
    x = x + highlights * x * x * x * (1 - x)
    dark = 1 - x
    x = x + shadows * x * dark * dark * dark
    return x + np.maximum(base - 1, 0) * (1 - min(abs(highlights), CONSTANTS["highlights"]))


def sharpness(light: np.ndarray, sigma: float, masking: float) -> np.ndarray:
    """Give what a Gaussian takes away, where there are edges."""
    if sigma < CONSTANTS["sharp_least"]:
        return np.zeros_like(light)
    curve = passes.bell(sigma)
    fine = light - cv2.sepFilter2D(light, -1, curve, curve, borderType=cv2.BORDER_REPLICATE)
    if masking:
        busy = cv2.sepFilter2D(fine * fine, -1, curve, curve, borderType=cv2.BORDER_REPLICATE)
        fine = fine * busy / (busy + passes.edge_variance(masking))
    return fine


def _oklab(light: np.ndarray) -> np.ndarray:
    lab = from_linear(light)
    lab[..., 0] = np.maximum(lab[..., 0], 0)
    return lab


def _mixed(table: np.ndarray, light: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
    side = a / (np.abs(a) + np.abs(b) + 1e-9)
    found = _between(table, np.where(b >= 0, 1 - side, 3 + side) / 4)
    square = a * a + b * b
    gate = square / (square + CONSTANTS["mixer_chroma"] ** 2)
    x, y = 1 + gate * (found[..., 0] - 1), gate * found[..., 1]
    lighter = gate * found[..., 2] * np.maximum(light * (1 - light), 0)
    return np.maximum(light + lighter, 0), x * a - y * b, y * a + x * b


def _evened(a: np.ndarray, b: np.ndarray, amount: float) -> tuple[np.ndarray, np.ndarray]:
    x, y = CONSTANTS["skin"]
    along, across = np.maximum(a * x + b * y, 0), np.maximum(a * y - b * x, 0)
    away = amount * along**2 / (a * a + b * b + 1e-12) * across
    return a - away * y, b + away * x


def _vibrance(a: np.ndarray, b: np.ndarray, amount: float) -> np.ndarray:
    square = a * a + b * b
    along = np.maximum(a * CONSTANTS["skin"][0] + b * CONSTANTS["skin"][1], 0)
    skin = (along * along / (square + 1e-12)) ** 4
    return 1 + amount * (1 - CONSTANTS["skin_spared"] * skin) / (1 + square / CONSTANTS["vibrance_chroma"] ** 2)


def grain(values: dict, photo: _Photo) -> np.ndarray:
    """Give the grain of a picture, in [-1, 1]."""
    x, y = np.moveaxis((photo.frame.places() * photo.full).astype(np.float32), -1, 0)
    size = cell(values, max(photo.full))
    coarse = size * CONSTANTS["grain_coarse"]
    fine = _noise(x * np.float32(1 / size), y * np.float32(1 / size))
    wide = _noise(x * np.float32(1 / coarse), y * np.float32(1 / coarse))
    uneven = value(values, "grain_roughness") / 200
    return (fine + uneven * (wide - fine)) * min(1.0, size * photo.scale)


def _noise(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    left, top = np.floor(x), np.floor(y)
    u, v = x - left, y - top
    column, row = left.astype(np.uint32), top.astype(np.uint32)
    upper = _random(column, row) * (1 - u) + _random(column + 1, row) * u
    lower = _random(column, row + 1) * (1 - u) + _random(column + 1, row + 1) * u
    return upper * (1 - v) + lower * v


def _random(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    hashed = column * np.uint32(0x9E3779B1) ^ row * np.uint32(0x85EBCA77)
    hashed = (hashed ^ (hashed >> 16)) * np.uint32(0x7FEB352D)
    hashed = (hashed ^ (hashed >> 15)) * np.uint32(0x846CA68B)
    return ((hashed ^ (hashed >> 16)) >> 8).astype(np.float32) * np.float32(2**-23) - 1


def _encoded(layer: Layer, lut: Lut | None, colour: np.ndarray) -> np.ndarray:
    inside = np.clip(colour, 0, 1)
    encoded = linear_to_srgb(inside)
    if layer.curves.keys() - {"rgb"}:
        table = tables.channel_table(layer.curves)
        encoded = np.stack([_between(table, encoded[..., i])[..., i] for i in range(3)], axis=-1)
    if lut:
        strength = value(layer.adjustments, "lut_strength") / 100
        encoded = encoded + strength * (looked_up(lut, encoded.reshape(-1, 3)).reshape(encoded.shape) - encoded)
    return srgb_to_linear(encoded) + (colour - inside)


def looked_up(lut: Lut, rgb: np.ndarray) -> np.ndarray:
    """Look encoded colours, Nx3, up in a LUT: in three dimensions by the corners of the tetrahedron about them."""
    low, high = lut.domain
    place = np.fmin(np.fmax((rgb - low) / (high - low), 0), 1) * (lut.size - 1)
    cell_ = np.minimum(place.astype(int), lut.size - 2)
    share = place - cell_
    entries = lut.table.astype(np.float32)
    if lut.dimensions == 1:
        start, end = entries[cell_, range(3)], entries[cell_ + 1, range(3)]
        return start + (end - start) * share
    order = np.argsort(-share, axis=1, kind="stable")
    at, found, left = cell_.copy(), 0, np.ones(len(rgb))
    for k in range(3):
        far = np.take_along_axis(share, order[:, k : k + 1], axis=1)[:, 0]
        found = found + entries[at[:, 2], at[:, 1], at[:, 0]] * (left - far)[:, None]
        at[np.arange(len(at)), order[:, k]] += 1
        left = far
    return (found + entries[at[:, 2], at[:, 1], at[:, 0]] * left[:, None]).astype(np.float32)


def _viewed(colour: np.ndarray, view: str) -> np.ndarray:
    if view == "none":
        return colour
    contrast, grey = CONSTANTS["view_contrast"][view], CONSTANTS["view_grey"]
    toe = grey**contrast * (1 - grey) / grey
    inset = np.array(CONSTANTS["view_inset"]) if view == "agx" else np.eye(3)
    light = np.maximum(colour @ inset.T, 0) ** contrast
    return ((light / (light + toe)) @ np.linalg.inv(inset).T).astype(np.float32)


def _between(table: np.ndarray, place: np.ndarray) -> np.ndarray:
    at = place * CONSTANTS["steps"]
    first = np.clip(at.astype(int), 0, CONSTANTS["steps"] - 1)
    return table[first] + (at - first)[..., None] * (table[first + 1] - table[first])


def _toned(table: np.ndarray, light: np.ndarray) -> np.ndarray:
    size = CONSTANTS["table_size"]
    at = np.minimum(np.sqrt(light / CONSTANTS["table_top"]) * size, size)
    first = np.minimum(at.astype(int), size - 1)
    return table[first] + (at - first) * (table[first + 1] - table[first])
