"""From light to a screen or a file: what is brighter than white, what lies outside a gamut, and the curve.

The same steps as at the end of `static/webgl/shaders/develop.glsl.js`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from envo import gamut, kernel
from envo.adjustments import CONSTANTS
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
    """Turn linear sRGB, float32 ...x3 not clamped, into what an output holds: ...x3.

    headroom: stops above white that the photo's light reaches, which are drawn in below white; 0 for one that ends
    there. Colours outside the gamut move towards the grey of the same luminance until they fit: the hue is kept.
    """
    made = np.empty(light.shape, output.depth)
    planes = np.ascontiguousarray(light.reshape(-1, 3).T, np.float32)
    write(planes.copy() if planes.base is light else planes, output, headroom, made.reshape(-1, 3))
    return made


def write(colour: np.ndarray, output: Output, headroom: float, made: np.ndarray) -> None:
    """Do as `displayed` does, of planes, float32 3xN, which do not last, into `made`, Nx3.

    Light up to `headroom` stops above white comes below it as `kernel.draw_in` says; what is darker than the knee
    stays: the brightest channel m becomes k + (1 - k) s t / (1 + (s - 1) t) with t = (m - k) / (2^headroom - k) and s
    such that the curve leaves the knee k as steep as it comes; the others go with it.
    """
    if output.depth == "float32":
        made[:] = colour.T
        return
    if headroom > 0:
        kernel.draw_in(colour, CONSTANTS["headroom_knee"], headroom)
    if output.gamut != gamut.SRGB:
        kernel.transform(colour, output.gamut.from_srgb)
    kernel.fit(colour, output.gamut.luminance)
    kernel.to_integers(colour, np.iinfo(output.depth).max, made)
