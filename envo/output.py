"""From light to a screen or a file: what is brighter than white, what lies outside a gamut, and the curve.

The same steps as at the end of `static/webgl/shaders/develop.glsl.js`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from envo import gamut, kernel
from envo.gamut import Gamut
from envo.shoulder import Shoulder

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


def displayed(light: np.ndarray, output: Output, shoulder: Shoulder | None = None) -> np.ndarray:
    """Turn linear sRGB, float32 ...x3 not clamped, into what an output holds: ...x3.

    shoulder: what draws light in that reaches above white; None for a photo that ends there. Colours outside the gamut
    move towards the grey of the same luminance until they fit: the hue is kept.
    """
    made = np.empty(light.shape, output.depth)
    planes = np.ascontiguousarray(light.reshape(-1, 3).T, np.float32)
    write(planes.copy() if planes.base is light else planes, output, shoulder, made.reshape(-1, 3))
    return made


def write(colour: np.ndarray, output: Output, shoulder: Shoulder | None, made: np.ndarray) -> None:
    """Do as `displayed` does, of planes, float32 3xN, which do not last, into `made`, Nx3."""
    if output.depth == "float32":
        made[:] = colour.T
        return
    if shoulder:
        kernel.draw_in(colour, shoulder.factors, 2.0**shoulder.headroom)
    if output.gamut != gamut.SRGB:
        kernel.transform(colour, output.gamut.from_srgb)
    kernel.fit(colour, output.gamut.luminance)
    kernel.to_integers(colour, np.iinfo(output.depth).max, made)
