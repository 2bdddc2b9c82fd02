"""The gamuts that pixels of Envo are in: sRGB, and the wider ones of phones, screens and cameras.

Light is linear in the primaries of sRGB everywhere, and not clamped: what lies outside its gamut has channels below
zero. Pixels of 8 and 16 bits are in one of `GAMUTS`, whose primaries hold them without any.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from envo import colour
from envo.colour import Space


@dataclass(frozen=True)
class Gamut:
    """Primaries, and how files say them.

    id: as headers, edits and the page name it. name: what a visitor reads. space: as files in it tell their colours.
    """

    id: str
    name: str
    space: Space

    @cached_property
    def to_srgb(self) -> np.ndarray:
        """3x3 float32: linear light of these primaries to linear sRGB, where that may fall below zero."""
        if self.space.primaries == colour.SRGB_PRIMARIES:
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
        return colour.srgb_profile() if self.space.is_srgb else self.space.profile()


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


@cache
def schema() -> list[dict]:
    """Give the browser, as JSON, the gamuts in their order: id, name, and the matrices row by row."""
    return [
        {"id": each.id, "name": each.name, "to_srgb": each.to_srgb.tolist(), "from_srgb": each.from_srgb.tolist()}
        | {"luminance": each.luminance.tolist()}
        for each in GAMUTS.values()
    ]
