"""A photo with its edit document, at full size: the reference for the shaders and the export.

The same steps as `static/webgl/shaders/develop.glsl.js`, layer by layer over linear sRGB; the formulas of the
adjustments are in `envo/adjustments.py`.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from envo.adjustments import COLOUR, CONSTANTS, TONE, light_matrix, tone_table, value, vignette
from envo.colour import linear_to_srgb, srgb_to_linear
from envo.edits import EditDocument, Layer, is_own
from envo.errors import UserError
from envo.masks import feather, sample
from envo.material import Material
from envo.photo import Image

BAND_PIXELS = 2**18
"""Pixels worked on at a time by a thread: intermediate values stay small however large the photo is."""

_LUMINANCE = np.array(CONSTANTS["linear_to_xyz"][1], np.float32)
_LINEAR_TO_CONE = np.array(CONSTANTS["linear_to_cone"])
_CONE_TO_OKLAB = np.array(CONSTANTS["cone_to_oklab"], np.float32)
_OKLAB_TO_CONE = np.linalg.inv(CONSTANTS["cone_to_oklab"]).astype(np.float32)
_CONE_TO_LINEAR = np.linalg.inv(CONSTANTS["linear_to_cone"]).astype(np.float32)


_DECODED = srgb_to_linear(np.arange(256) / 255).astype(np.float32)  # the 256 values of an 8-bit photo


@dataclass(frozen=True)
class _Development:
    """One layer, ready to be applied."""

    layer: Layer
    matte: np.ndarray | None  # float32 HxW, feathered; None covers everything
    light: np.ndarray  # 3x3 float32
    tone: np.ndarray | None  # table of the tone curve
    perceptual: bool  # whether anything beyond light is changed


def render(image: Image, document: EditDocument, material: Material) -> np.ndarray:
    """Develop `image` by `document`: uint8 sRGB HxWx3, of the image's size.

    Raises UserError when a layer needs a matte that is not there.
    """
    developments = [_prepare(layer, material.mattes) for layer in document.layers if layer.shows]
    height, width = image.pixels.shape[:2]
    result = np.empty((height, width, 3), np.uint8)
    rows = max(1, BAND_PIXELS // width)

    def work(top: int) -> None:
        bottom = min(top + rows, height)
        source = image.pixels[top:bottom]
        colour = _DECODED[source] if source.dtype == np.uint8 else source.astype(np.float32)
        colour = colour.reshape(-1, 3)
        for each in developments:
            _apply(each, colour, (width, height), top, bottom)
        result[top:bottom] = _display(colour).reshape(-1, width, 3)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, range(0, height, rows)))
    return result


def _prepare(layer: Layer, mattes: Mapping[str, np.ndarray]) -> _Development:
    matte = None
    if layer.mask:
        if layer.mask.kind not in mattes and is_own(layer.mask.kind):
            raise UserError("A mask that this edit uses was deleted; delete its layer too.")
        if layer.mask.kind not in mattes:
            raise UserError(f"The {layer.mask.kind} has not been found in this photo yet; try again soon.")
        matte = feather(mattes[layer.mask.kind].astype(np.float32) / 255, layer.mask.feather)
        matte = 1 - matte if layer.mask.invert else matte
    toned = not layer.adjustments.keys().isdisjoint(TONE)
    perceptual = toned or not layer.adjustments.keys().isdisjoint(COLOUR)
    light = light_matrix(layer.adjustments)
    return _Development(
        layer,
        matte,
        (_LINEAR_TO_CONE @ light if perceptual else light).astype(np.float32),
        tone_table(layer.adjustments) if toned else None,
        perceptual,
    )


def _apply(each: _Development, colour: np.ndarray, size: tuple[int, int], top: int, bottom: int) -> None:
    """Mix the developed colours into `colour`, float32 Nx3: rows `top` to `bottom` of the photo."""
    corner = _corner(size, top, bottom) if "vignette" in each.layer.adjustments else None
    if each.matte is None and each.layer.opacity == 1:
        colour[:] = _develop(each, colour, corner)
        return
    weight = np.full((len(colour), 1), each.layer.opacity, np.float32)
    if each.matte is not None:
        weight *= sample(each.matte, size, top, bottom).reshape(-1, 1)
    inside = np.flatnonzero(weight > 0)
    before = colour[inside]
    after = _develop(each, before, corner if corner is None else corner[inside])
    colour[inside] = before + weight[inside] * (after - before)


def _corner(size: tuple[int, int], top: int, bottom: int) -> np.ndarray:
    """Give how far in the corners each pixel lies, float32 Nx1: smoothstep of the squared distance."""
    x = (2 * np.arange(size[0], dtype=np.float32) + 1) / size[0] - 1
    y = (2 * np.arange(top, bottom, dtype=np.float32) + 1) / size[1] - 1
    reach = (x[None, :] ** 2 + y[:, None] ** 2) / 2
    return (reach**2 * (3 - 2 * reach)).reshape(-1, 1)


def _develop(each: _Development, colour: np.ndarray, corner: np.ndarray | None) -> np.ndarray:
    """Apply one layer's adjustments to linear sRGB, float32 Nx3."""
    adjustments = each.layer.adjustments
    colour = colour @ each.light.T
    if corner is not None:
        colour *= vignette(adjustments, corner)
    if not each.perceptual:
        return colour

    lab = np.cbrt(np.maximum(colour, 0)) @ _CONE_TO_OKLAB.T
    lightness, a, b = np.maximum(lab[:, 0], 0), lab[:, 1], lab[:, 2]
    if each.tone is not None:
        toned = _look_up(each.tone, lightness)
        scale = (toned + CONSTANTS["chroma_floor"]) / (lightness + CONSTANTS["chroma_floor"])
        lightness, a, b = toned, a * scale, b * scale
    if "vibrance" in adjustments:
        scale = _vibrance(a, b, adjustments["vibrance"] / 100)
        a, b = a * scale, b * scale
    strength = 1 + value(adjustments, "saturation") / 100
    turn = np.deg2rad(value(adjustments, "hue"))
    x, y = np.float32(strength * np.cos(turn)), np.float32(strength * np.sin(turn))
    a, b = x * a - y * b, y * a + x * b
    if "sepia" in adjustments:
        amount = np.float32(adjustments["sepia"] / 100)
        middle = np.maximum(4 * lightness * (1 - lightness), 0)
        tint_a, tint_b = np.float32(CONSTANTS["sepia"])
        a, b = a + amount * (tint_a * middle - a), b + amount * (tint_b * middle - b)
    cone = np.stack([lightness, a, b], axis=1) @ _OKLAB_TO_CONE.T
    return (cone * cone * cone) @ _CONE_TO_LINEAR.T


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


def _display(colour: np.ndarray) -> np.ndarray:
    """Turn linear sRGB, float32 Nx3, into uint8 sRGB.

    Colours outside the gamut move towards the grey of the same luminance until they fit: the hue is kept.
    """
    outside = np.flatnonzero((colour < 0).any(axis=1) | (colour > 1).any(axis=1))
    if len(outside):
        luminance = np.clip(colour[outside] @ _LUMINANCE, 0, 1)[:, None]
        away = colour[outside] - luminance
        above = np.maximum(away.max(axis=1, keepdims=True), 1e-9)
        below = np.maximum(-away.min(axis=1, keepdims=True), 1e-9)
        reach = np.minimum(1, np.minimum((1 - luminance) / above, luminance / below))
        colour[outside] = luminance + away * reach
    return (255 * linear_to_srgb(np.clip(colour, 0, 1)) + 0.5).astype(np.uint8)
