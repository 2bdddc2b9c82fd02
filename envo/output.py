"""From light to a screen or a file: what is brighter than white, what lies outside a gamut, and the curve.

The same steps as at the end of `static/webgl/shaders/develop.glsl.js`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from envo import gamut
from envo.adjustments import CONSTANTS
from envo.colour import linear_to_srgb
from envo.gamut import Gamut

Depth = Literal["uint8", "uint16", "float32"]


@dataclass(frozen=True)
class Output:
    """What a photo is rendered into.

    gamut: of the pixels; those of 8 and 16 bits are written with the sRGB curve, whatever curve files in it have.
    depth: "uint8" and "uint16" hold encoded values; "float32" light as it is: linear, in the primaries of sRGB whatever
        the gamut, brighter than white and below zero where it is so.
    """

    gamut: Gamut = gamut.SRGB
    depth: Depth = "uint8"


SCREEN = Output()
"""What any screen shows, and most files hold: sRGB of 8 bits."""


def displayed(light: np.ndarray, output: Output, headroom: float = 0) -> np.ndarray:
    """Turn linear sRGB, float32 Nx3 not clamped, into what an output holds: Nx3.

    headroom: stops above white that the photo's light reaches, which are drawn in below white; 0 for one that ends
    there. Colours outside the gamut move towards the grey of the same luminance until they fit: the hue is kept.
    """
    if output.depth == "float32":
        return light
    colour = fitted(drawn_in(light, headroom) @ output.gamut.from_srgb.T, output.gamut)
    top = np.iinfo(output.depth).max
    return (top * linear_to_srgb(np.clip(colour, 0, 1)) + 0.5).astype(output.depth)


def drawn_in(light: np.ndarray, headroom: float) -> np.ndarray:
    """Bring light up to `headroom` stops above white below it, float32 Nx3; what is darker than the knee stays.

    The brightest channel m becomes k + (1 - k) s t / (1 + (s - 1) t) with t = (m - k) / (2^headroom - k) and s such
    that the curve leaves the knee k as steep as it comes; the others go with it.
    """
    if headroom <= 0:
        return light
    knee, most = CONSTANTS["headroom_knee"], 2.0**headroom
    slope = (most - knee) / (1 - knee)
    brightest = np.maximum(light.max(axis=1, keepdims=True), 1e-6)
    t = np.maximum(brightest - np.float32(knee), 0) * np.float32(1 / (most - knee))
    drawn = np.float32(knee) + np.float32((1 - knee) * slope) * t / (1 + np.float32(slope - 1) * t)
    return light * np.where(brightest > knee, drawn / brightest, np.float32(1))


def fitted(colour: np.ndarray, into: Gamut) -> np.ndarray:
    """Move colours, float32 Nx3 of linear light in a gamut, towards the grey of their luminance until they fit it."""
    outside = np.flatnonzero((colour < 0).any(axis=1) | (colour > 1).any(axis=1))
    if len(outside):
        luminance = np.clip(colour[outside] @ into.luminance, 0, 1)[:, None]
        away = colour[outside] - luminance
        above = np.maximum(away.max(axis=1, keepdims=True), 1e-9)
        below = np.maximum(-away.min(axis=1, keepdims=True), 1e-9)
        reach = np.minimum(1, np.minimum((1 - luminance) / above, luminance / below))
        colour[outside] = luminance + away * reach
    return colour
