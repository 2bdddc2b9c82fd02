"""Gain maps: how much brighter than a plain picture each of its places is on a screen that can show it (ISO 21496-1).

A photo with one is a *base*, which any viewer shows, and a small picture of the gains: the logarithms of what the
base's linear light is multiplied by. Files tell the numbers to read it by in three ways: as the standard does, in
bytes; as Adobe and Google do, in XMP; and as Apple did before there was a standard.
"""

import os
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from envo import xmp
from envo.colour import BAND, DECODED, srgb_to_linear
from envo.gamut import GAMUTS, SRGB, Gamut
from envo.settings import GAIN_EDGE
from envo.shoulder import Shoulder, fitted

HDRGM = "http://ns.adobe.com/hdr-gain-map/1.0/"
"""Namespace of what Adobe and Google tell in XMP."""
APPLE = "urn:com:apple:photo:2020:aux:hdrgainmap"
"""What Apple calls its gain maps."""

_MOST_STOPS = 16.0
"""Gains and headrooms beyond are no photo's."""
_FITTED_EDGE = 256
"""Long edge of the base that a shoulder is fitted to."""
_LEAST_STOPS = 0.05
"""What reaches no further above white is taken for white."""
_OFFSET = 1 / 64
"""What is added to base and light before one is divided by the other: Adobe's, so that black stays black."""
_MULTICHANNEL, _BASE_SPACE, _BACKWARD, _COMMON = 0x80, 0x40, 0x04, 0x08
"""Bits of the standard's flags; the last two are of its drafts, and are still written."""


@dataclass(frozen=True)
class Numbers:
    """What a file tells of its gain map. All but headrooms are of R, G and B.

    least, most: log2 of the gains that its values 0 and 1 stand for. gamma: what values between were raised to.
    base_offset, offset: what is added to the base, and taken from the light that comes of it. base_headroom, headroom:
    log2 of how far over white a screen reaches on which the base is shown as it is, and with all of the gain.
    """

    least: tuple[float, ...]
    most: tuple[float, ...]
    gamma: tuple[float, ...] = (1.0,) * 3
    base_offset: tuple[float, ...] = (_OFFSET,) * 3
    offset: tuple[float, ...] = (_OFFSET,) * 3
    base_headroom: float = 0.0
    headroom: float = 0.0

    @property
    def makes_brighter(self) -> bool:
        """Whether these are numbers by which a base of standard range can be made brighter."""
        every = (*self.least, *self.most, *self.gamma, *self.base_offset, *self.offset)
        if not np.isfinite([*every, self.base_headroom, self.headroom]).all():
            return False
        in_reach = min(self.least) >= -_MOST_STOPS and max(self.most) <= _MOST_STOPS
        ordered = all(least <= most for least, most in zip(self.least, self.most, strict=True))
        offsets = (*self.base_offset, *self.offset)
        fits = min(self.gamma) > 0.01 and max(self.gamma) < 100 and min(offsets) >= 0 and max(offsets) <= 1
        return in_reach and ordered and fits and self.base_headroom == 0 and 0 < self.headroom <= _MOST_STOPS

    @property
    def gains(self) -> np.ndarray:
        """Log2 of the gain that each of 256 values stands for, of R, G and B: float32 3x256, exact in half floats."""
        values = np.linspace(0, 1, 256)
        rows = zip(self.least, self.most, self.gamma, strict=True)
        return _halved(np.stack([least + (most - least) * values ** (1 / gamma) for least, most, gamma in rows]))

    @property
    def shift(self) -> np.ndarray:
        """Offsets of base and light: float32 2x3."""
        return np.array([self.base_offset, self.offset], np.float32)


@dataclass(frozen=True)
class AppleNumbers:
    """What Apple tells of its own: gains go from 1 to 2^headroom along its map's light, as sRGB's curve has that."""

    headroom: float

    @property
    def makes_brighter(self) -> bool:
        return 0 < self.headroom <= _MOST_STOPS

    @property
    def gains(self) -> np.ndarray:
        gains = 1 + (2.0**self.headroom - 1) * srgb_to_linear(np.linspace(0, 1, 256))
        return _halved(np.stack([np.log2(gains)] * 3))

    @property
    def shift(self) -> np.ndarray:
        return np.zeros((2, 3), np.float32)


def _halved(values: np.ndarray) -> np.ndarray:
    """Round to half floats, which the browser has them in."""
    return values.astype(np.float16).astype(np.float32)


@dataclass(frozen=True)
class Found:
    """A gain map as it is in a file.

    data, kind: a file in which the map is the picture, and its format. numbers: by which it is read.
    """

    data: bytes
    kind: str
    numbers: Numbers | AppleNumbers


@dataclass(frozen=True, eq=False)
class GainMap:
    """A gain map, ready to be applied.

    values: uint8 hxw, the same gain for R, G and B, or hxwx3; of any size, upright, over all of the photo.
    numbers: by which they are read. shoulder: what draws the light in so that it looks as the base does; see `of_base`.
    """

    values: np.ndarray
    numbers: Numbers | AppleNumbers
    shoulder: Shoulder | None = None

    @property
    def headroom(self) -> float:
        """Stops above white that the photo's light reaches."""
        return self.numbers.headroom

    def light(self, pixels: np.ndarray, gamut: str) -> np.ndarray:
        """Make the photo's light of its base, uint8 HxWx3 in a gamut of `GAMUTS`, of any size: float32 linear sRGB."""
        light = self.applied(pixels)
        return light if gamut == SRGB.id else light @ GAMUTS[gamut].to_srgb.T

    def applied(self, pixels: np.ndarray) -> np.ndarray:
        """Make the same, in the gamut of the base."""
        from envo import gaining  # compiled code takes long to load

        light = np.empty(pixels.shape, np.float32)
        values = self.values if self.values.ndim == 3 else self.values[..., None]
        told = self.numbers.gains, self.numbers.shift

        def work(top: int) -> None:
            gaining.apply(pixels, DECODED, values, *told, top, light[top : top + BAND])

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(work, range(0, len(pixels), BAND)))
        return light

    def of_base(self, pixels: np.ndarray, gamut: str) -> "GainMap":
        """Give it with the shoulder that it has over a base, uint8 HxWx3 in a gamut of `GAMUTS`, of any size."""
        import cv2

        height, width = pixels.shape[:2]
        scale = _FITTED_EDGE / max(width, height)
        if scale < 1:
            size = (max(1, round(scale * width)), max(1, round(scale * height)))
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        light, base = self.light(pixels, gamut), DECODED[pixels] @ GAMUTS[gamut].to_srgb.T
        brightest = (each.max(axis=2).reshape(-1) for each in (light, base))
        return replace(self, shoulder=fitted(*brightest, self.headroom))

    def dump(self) -> bytes:
        """Write it as the page gets it, little-endian: headroom, `shift` and the shoulder's factors as float32, `gains`
        as half floats, and the values as a PNG, whose long edge is at most `GAIN_EDGE`.
        """
        import cv2
        import imagecodecs

        height, width = self.values.shape[:2]
        scale, values = GAIN_EDGE / max(width, height), self.values
        if scale < 1:
            size = (max(1, round(scale * width)), max(1, round(scale * height)))
            values = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
        told = [[self.headroom], self.numbers.shift.ravel(), self.shoulder.factors]
        gains = self.numbers.gains.astype("<f2")
        return np.concatenate(told).astype("<f4").tobytes() + gains.tobytes() + imagecodecs.png_encode(values, level=4)


# How files tell the numbers.


def of_iso(body: bytes) -> Numbers | None:
    """Read them as the standard has them (ISO 21496-1, annex C); None for what is broken, or makes nothing brighter."""
    try:
        flags, at = body[4], 5
        rows = 3 if flags & _MULTICHANNEL else 1
        if flags & _COMMON:
            by, *told = struct.unpack_from(f">III{'iiIii' * rows}", body, at)
            values = [each / by for each in told]
        else:
            pairs = struct.unpack_from(f">IIII{'iIiIIIiIiI' * rows}", body, at)
            values = [part / by for part, by in zip(pairs[::2], pairs[1::2], strict=True)]
    except (IndexError, struct.error, ZeroDivisionError):
        return None
    each = [tuple((values[2 + i :: 5] * 3)[:3]) for i in range(5)]
    return _usable(Numbers(*each, base_headroom=values[0], headroom=values[1])) if not flags & _BACKWARD else None


def as_iso(numbers: Numbers) -> bytes:
    """Write them so."""
    told = [*_ratio(numbers.base_headroom), *_ratio(numbers.headroom)]
    for each in zip(*_channels(numbers), strict=True):
        told += [part for value in each for part in _ratio(value)]
    return bytes(4) + struct.pack(f">BIIII{'iIiIIIiIiI' * 3}", _MULTICHANNEL | _BASE_SPACE, *told)


def of_xmp(packet: bytes) -> "Numbers | AppleNumbers | None":
    """Read them in the XMP of the map, as Adobe and Google, or Apple, have them there; None as `of_iso` does."""
    try:
        told = xmp.properties(packet)
    except ValueError:
        return None
    said = {name.removeprefix(f"{{{HDRGM}}}"): value for name, value in told.items() if name.startswith(f"{{{HDRGM}}}")}
    if "GainMapMax" not in said or said.get("BaseRenditionIsHDR") == "True":
        return None

    def number(name: str, missing: float) -> tuple[float, ...]:
        values = [float(each) for each in xmp.texts(said.get(name))] or [missing]
        return tuple((values * 3)[:3]) if len(values) in (1, 3) else (np.nan,) * 3

    try:
        return _usable(
            Numbers(
                *(number(name, missing) for name, missing in _IN_XMP.items()),
                base_headroom=number("HDRCapacityMin", 0)[0],
                headroom=number("HDRCapacityMax", 0)[0],
            )
        )
    except ValueError:
        return None


_IN_XMP = {"GainMapMin": 0.0, "GainMapMax": 1.0, "Gamma": 1.0, "OffsetSDR": _OFFSET, "OffsetHDR": _OFFSET}
"""Their names in XMP, in the order of `Numbers`, and what they are where nothing is told."""


def as_xmp(numbers: Numbers) -> bytes:
    """Write them so: a packet, in the plain way that all readers know, for which R, G and B have the same numbers."""
    told = {"Version": "1.0"} | {name: each[0] for name, each in zip(_IN_XMP, _channels(numbers), strict=True)}
    told |= {"HDRCapacityMin": numbers.base_headroom, "HDRCapacityMax": numbers.headroom, "BaseRenditionIsHDR": "False"}
    return xmp.plain({"hdrgm": HDRGM}, {f"hdrgm:{name}": f"{value}" for name, value in told.items()})


def of_apple(headroom: float, fine: float) -> AppleNumbers | None:
    """Read them in fields 33 and 48 of Apple's maker note; None where they make nothing brighter.

    The pieces of lines are from Apple's "Applying Apple HDR effect to your photos".
    """
    if not np.isfinite([headroom, fine]).all():
        return None
    if headroom < 1:
        stops = 1.8 - 20 * fine if fine <= 0.01 else 1.601 - 0.101 * fine
    else:
        stops = 3.0 - 70 * fine if fine <= 0.01 else 2.303 - 0.303 * fine
    return of_stops(stops)


def of_stops(headroom: float) -> AppleNumbers | None:
    """Read them as newer files of Apple's tell them: a headroom, in stops; None as `of_apple` does."""
    return _usable(AppleNumbers(headroom))


def _usable(numbers: "Numbers | AppleNumbers") -> "Numbers | AppleNumbers | None":
    return numbers if numbers.makes_brighter else None


def _channels(numbers: Numbers) -> tuple[tuple[float, ...], ...]:
    return numbers.least, numbers.most, numbers.gamma, numbers.base_offset, numbers.offset


def _ratio(value: float) -> tuple[int, int]:
    return round(value * 1_000_000), 1_000_000


# How a map is made.


@dataclass(frozen=True)
class Light:
    """What a gain map is to bring a base to.

    rows: gives the light from one row to before another, float32 hxWx3 linear sRGB, not clamped. gamut: of the base.
    stops: above white that are kept of it; what is brighter is brought down to there, its hue kept.
    """

    rows: Callable[[int, int], np.ndarray]
    gamut: Gamut
    stops: float


def made(base: np.ndarray, light: Light) -> GainMap | None:
    """Make the map that brings a base, uint8 HxWx3 as in files of its gamut, to light, as large as the base.

    None where none of it is brighter than white. A map of half the size would take a third of the bytes, and beside
    edges be half as bright as the light, or twice.
    """
    logarithms = np.empty(base.shape, np.float16)
    transfer = light.gamut.space.transfer
    decoded = DECODED if transfer == "sRGB" else (np.arange(256, dtype=np.float32) / 255) ** np.float32(transfer)
    from_srgb, most_light, brightest = light.gamut.from_srgb.T, np.float32(2.0**light.stops), 1.0
    for top in range(0, len(base), BAND):
        band = base[top : top + BAND]
        wanted = np.maximum(light.rows(top, top + len(band)) @ from_srgb, 0)
        wanted *= np.minimum(1, most_light / np.maximum(wanted.max(axis=2, keepdims=True), most_light))
        brightest = max(brightest, float(wanted.max()))
        logarithms[top : top + BAND] = np.log2((wanted + np.float32(_OFFSET)) / (decoded[band] + np.float32(_OFFSET)))
    headroom = float(np.log2(brightest))
    if headroom < _LEAST_STOPS:
        return None
    least, most = float(logarithms.min()), float(logarithms.max())
    most = max(most, least + 2**-10)
    values = np.empty(base.shape, np.uint8)
    for top in range(0, len(base), BAND):
        band = logarithms[top : top + BAND].astype(np.float32)
        values[top : top + BAND] = (band - np.float32(least)) * np.float32(255 / (most - least)) + np.float32(0.5)
    return GainMap(values, Numbers((least,) * 3, (most,) * 3, headroom=headroom))
