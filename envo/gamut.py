"""The gamuts that pixels of Envo are in: sRGB, and the wider ones of phones, screens and cameras.

Light is linear in the primaries of sRGB everywhere, and not clamped: what lies outside its gamut has channels below
zero. Pixels of 8 and 16 bits are in one of `GAMUTS`, whose primaries hold them without any.
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from envo import colour
from envo.colour import Space, srgb_to_linear

_SLACK = 0.005
"""Light, below zero, of colours that are still taken to lie within a gamut: profiles round their primaries."""


@dataclass(frozen=True)
class Gamut:
    """Primaries, and how files say them.

    id: as headers, edits and the page name it. name: what a visitor reads. space: as files in it tell their colours.
    """

    id: str
    name: str
    space: Space

    @property
    def is_srgb(self) -> bool:
        return self.id == "srgb"

    @cached_property
    def to_srgb(self) -> np.ndarray:
        """3x3 float32: linear light of these primaries to linear sRGB, where that may fall below zero."""
        if self.is_srgb:
            return np.eye(3, dtype=np.float32)
        return (np.linalg.inv(colour.xyz_d50(colour.SRGB_PRIMARIES)) @ colour.xyz_d50(self.space.primaries)).astype(
            np.float32
        )

    @cached_property
    def from_srgb(self) -> np.ndarray:
        """3x3 float32: the way back."""
        return np.linalg.inv(self.to_srgb.astype(float)).astype(np.float32)

    @cached_property
    def luminance(self) -> np.ndarray:
        """Weights of the linear channels in luminance, float32 3."""
        return (colour.LUMINANCE @ self.to_srgb).astype(np.float32)

    @cached_property
    def profile(self) -> bytes:
        """The ICC profile of files in it."""
        return colour.srgb_profile() if self.is_srgb else self.space.profile(self.name)

    @cached_property
    def curved_as_srgb(self) -> bytes:
        """The ICC profile of pixels as Envo has them: of these primaries, with the sRGB curve."""
        if self.space.transfer == "sRGB":
            return self.profile
        return replace(self.space, transfer="sRGB").profile(f"{self.name} with the sRGB curve")


GAMUTS = {
    each.id: each
    for each in (
        Gamut("srgb", "sRGB", colour.SRGB),
        Gamut("display-p3", "Display P3", Space(primaries=colour.PRIMARIES[12])),
        Gamut("adobe-rgb", "Adobe RGB", Space(primaries=colour.ADOBE_PRIMARIES, transfer=colour.ADOBE_GAMMA)),
    )
}
"""All of them, the narrowest first."""
SRGB = GAMUTS["srgb"]
WIDE = GAMUTS["display-p3"]
"""What stands for colours that none of them holds, or nobody knows how far they reach: what screens can show."""


@colour.remembered
def holding(space: Space, model: str = "RGB") -> Gamut | None:
    """Find the narrowest gamut that holds all colours of pixels of a space and a model of `raster.Facts`.

    None where none does.
    """
    if model == "Lab":
        return None
    if model == "grey" or space.is_srgb:
        return SRGB
    if model == "RGB" and (profile := colour.curves_and_matrix(space)):
        if profile.to_srgb is None:
            return SRGB
        held = (each for each in GAMUTS.values() if (each.from_srgb @ profile.to_srgb).min() >= -_SLACK)
        return next(held, None)
    # What a profile of lookup tables can mean, only lcms tells.
    channels = 4 if model == "CMYK" else 3
    steps = np.stack(np.meshgrid(*[np.arange(0, 256, 51)] * channels), axis=-1).reshape(-1, 1, channels)
    light = srgb_to_linear(colour.to_gamut(steps.astype(np.uint8), model, space, WIDE) / np.float32(255))
    return SRGB if (light @ WIDE.to_srgb.T).min() >= -_SLACK else WIDE


def as_in_file(pixels: np.ndarray, gamut: Gamut, dtype: type[np.integer] | None = None) -> np.ndarray:
    """Give pixels, uint8 or uint16 of a gamut with the sRGB curve, the curve that files in it have: the same shape.

    dtype: of what is given, np.uint8 or np.uint16; None: that of the pixels. Of 16 bits, 8 are rounded once only.
    """
    wanted = np.dtype(dtype or pixels.dtype)
    if gamut.space.transfer == "sRGB" and wanted == pixels.dtype:
        return pixels
    return _recurved(gamut.space.transfer, pixels.dtype, wanted)[pixels]


@cache
def _recurved(transfer: str | float, had: np.dtype, wanted: np.dtype) -> np.ndarray:
    """Tabulate what each value with the sRGB curve is with another."""
    encoded = np.linspace(0, 1, np.iinfo(had).max + 1)
    if transfer != "sRGB":
        encoded = srgb_to_linear(encoded).astype(float) ** (1 / transfer)
    return np.rint(encoded * np.iinfo(wanted).max).astype(wanted)


@cache
def schema() -> list[dict]:
    """Give the browser, as JSON, the gamuts in their order: id, name, and the matrices row by row."""
    return [
        {"id": each.id, "name": each.name, "to_srgb": each.to_srgb.tolist(), "from_srgb": each.from_srgb.tolist()}
        | {"luminance": each.luminance.tolist()}
        for each in GAMUTS.values()
    ]
