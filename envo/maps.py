"""Structure and haze maps: what adjustments that look at a pixel's surroundings need to know of a photo.

Made once a photo, whatever its edit, and kept with its content; both renderers read the same half floats. A map has two
numbers for each of its pixels, a and b, which say what is sought as a line over the lightness L (OKLab's) of the photo
itself: a L + b. Enlarged bilinearly, the line follows the photo's own edges, however fine those are (the guided filter:
He, Sun and Tang 2013; its coefficients on small pictures: He and Sun, "Fast guided filter", arXiv:1505.00996). Coarser
bases are lines over the finest one instead, so that none has detail that a finer one lacks.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from envo import kernel, photo
from envo.adjustments import CONSTANTS
from envo.colour import DECODED

SCALES = ((0.003, 1024, 0.01), (0.012, 512, 0.002), (0.04, 256, 0.0035))
"""Of the bases, from fine to coarse: the radius of the window, as a share of the photo's long edge; the long edge of
its map in pixels; and the variance of lightness within a window from which on the base rather follows it, as an edge,
than leaves it out, as texture. Beside an edge of lightness 0.35 and 0.75 shadows at 100 and clarity at 50 together
overshoot by 3 of 255; by 4 they would if the wider windows had 0.005."""

HAZE_EDGE = 512
HAZE_PATCH = 15
"""Side of the patches, in pixels of the haze map, in each of which something is taken to be dark or purely coloured."""
LEAST_AIRLIGHT = 0.05
"""A photo so dark that its haziest place has less has no haze."""
AIRLIGHT_GREY = 0.7
"""So far is the airlight taken to be grey: where there is little haze it has the colour of some wall, which would leave
its complement behind."""
HAZE_WIDE = 151
"""Side of the squares, a good quarter of the photo, in each of which something is dark where there is no haze."""
HAZE_BEGINS, HAZE_ENDS = (0.02, 0.1), (0.6, 0.85)
"""What the darkest of such a square has of the airlight, on the average of the photo: from where to where it becomes
haze, and from where to where rather a white wall or snow that fills the photo. Of 422 photos without haze one in twenty
lies above 0.07, of 770 with synthetic haze one in twenty below 0.09."""
HAZE_RADIUS, HAZE_NOISE = 8, 1e-3
"""Radius of the window in which transmission is a line over lightness, in pixels of the haze map, and the variance of
lightness that is taken for noise."""

VERSION = 4
"""Goes up with whatever changes what `make` gives: maps that are kept are then made anew."""
_HEAD = struct.Struct("<4s2I8H3f")
"""What it is, version, checksum of all that follows it, width and height of each map, airlight."""
_KIND = b"maps"
_LINEAR_TO_CONE = np.array(CONSTANTS["linear_to_cone"], np.float32)
_LIGHTNESS = np.array(CONSTANTS["cone_to_oklab"][:1], np.float32)


@dataclass(frozen=True, eq=False)
class Maps:
    """The maps of a photo. `make` makes them.

    bases: a map for each of `SCALES`, float16 hxwx2: the lightness with its texture smoothed away, its edges kept.
    haze: one of transmission, float16 hxwx2: the share of light that comes through from what is seen; 1 is clear.
    airlight: linear sRGB of what stands between, three floats.
    """

    bases: tuple[np.ndarray, ...]
    haze: np.ndarray
    airlight: tuple[float, float, float]

    def dump(self) -> bytes:
        """Write the maps as the page gets them: `_HEAD`, then a and b of each pixel, little-endian half floats."""
        parts = [*self.bases, self.haze]
        sizes = [edge for part in parts for edge in part.shape[1::-1]]
        body = b"".join(part.astype("<f2").tobytes() for part in parts)
        head = _HEAD.pack(_KIND, VERSION, 0, *sizes, *self.airlight)
        return head[:8] + struct.pack("<I", zlib.crc32(body, zlib.crc32(head[12:]))) + head[12:] + body

    @classmethod
    def load(cls, data: bytes) -> "Maps":
        """Read what `dump` wrote. Raises ValueError for anything else, and for maps of another version."""
        if len(data) < _HEAD.size:
            raise ValueError("these are no maps")
        kind, version, checksum, *sizes, red, green, blue = _HEAD.unpack_from(data)
        if (kind, version) != (_KIND, VERSION) or zlib.crc32(memoryview(data)[12:]) != checksum:
            raise ValueError("these maps are damaged, or of another version")
        parts, at = [], _HEAD.size
        for width, height in zip(sizes[::2], sizes[1::2], strict=True):
            parts.append(np.frombuffer(data, "<f2", 2 * width * height, at).reshape(height, width, 2))
            at += parts[-1].nbytes
        return cls(tuple(parts[:-1]), parts[-1], (red, green, blue))

    def detail(self, lightness: np.ndarray, lines: Sequence[np.ndarray]) -> np.ndarray:
        """Look the maps up at some pixels, as the browser does.

        lightness: float32 N, that of the original photo at these pixels. lines: `floats`, resampled to them, float32
        Nx2 each. Gives float32 4xN: how far the base of each scale lies above their lightness, and their transmission,
        from `CONSTANTS["haze_kept"]` to 1. Coarser bases are lines over the finest one.
        """
        made = np.empty((4, len(lightness)), np.float32)
        kernel.bases(lightness, *lines, CONSTANTS["haze_kept"], made)
        return made

    @cached_property
    def floats(self) -> list[np.ndarray]:
        """All maps, float32 hxwx2."""
        return [part.astype(np.float32) for part in (*self.bases, self.haze)]


def lightness(linear: np.ndarray) -> np.ndarray:
    """OKLab's L of linear sRGB: float32 HxWx3 to HxW."""
    cone = cv2.transform(linear, _LINEAR_TO_CONE)
    return cv2.transform(np.cbrt(np.maximum(cone, 0, out=cone), out=cone), _LIGHTNESS)


def make(pixels: np.ndarray) -> Maps:
    """Make the maps of a photo: uint8 sRGB, or float32 linear sRGB, HxWx3; more than `WORKING_EDGE` adds nothing."""
    small = photo.resize(pixels, SCALES[0][1])
    linear = DECODED[small] if small.dtype == np.uint8 else small
    light = lightness(linear)
    squares = light * light
    bases = tuple(_base(light, squares, *scale) for scale in SCALES)
    haze, airlight = _haze(photo.resize(linear, HAZE_EDGE), photo.resize(light, HAZE_EDGE))
    return Maps(bases, haze, airlight)


def of(image: photo.Image) -> Maps:
    """Make the maps of a photo that was decoded: by the lightness of its own light, by which they are looked up."""
    return make(image.gain.light(image.pixels, image.gamut) if image.gain else image.pixels)


def _base(light: np.ndarray, squares: np.ndarray, share: float, edge: int, least: float) -> np.ndarray:
    """Make the map of one scale from the lightness and its squares, float32 HxW: float16 hxwx2.

    The guided filter has a = variance / (variance + least). Both squared, texture and edges are told apart more
    sharply: as much texture is smoothed away with a third of the halo.
    """
    light, squares = photo.resize(light, edge), photo.resize(squares, edge)
    radius = max(1, round(share * max(light.shape)))
    mean, square = _mean(light, radius), _mean(squares, radius)
    variance = np.maximum(square - mean * mean, 0)
    a = variance**2 / (variance**2 + least**2)
    return _lines(a, (1 - a) * mean, radius)


def _haze(linear: np.ndarray, light: np.ndarray) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Make the haze map, float16 hxwx2, and the airlight from linear sRGB and its lightness, float32 hxwx3 and hxw.

    The dark channel prior (He, Sun and Tang, "Single Image Haze Removal Using Dark Channel Prior", 2009).
    """
    linear = np.clip(linear, 0, 1)
    patch = np.ones((HAZE_PATCH, HAZE_PATCH), np.uint8)
    dark = cv2.erode(linear.min(axis=2), patch).ravel()
    haziest = np.argpartition(dark, -max(1, dark.size // 1000))[-max(1, dark.size // 1000) :]
    airlight = np.maximum(linear.reshape(-1, 3)[haziest].mean(axis=0), LEAST_AIRLIGHT)
    airlight = AIRLIGHT_GREY * airlight.mean() + (1 - AIRLIGHT_GREY) * airlight
    share = (linear / airlight).min(axis=2)
    # The haziest of all patches that hold a pixel counts, else what stands before haze would keep a halo of it.
    hazy = np.minimum(cv2.morphologyEx(share, cv2.MORPH_OPEN, patch), 1)
    clear = 1 - _haziness(share) * (1 - CONSTANTS["haze_kept"]) * hazy
    mean, square, mean_clear, product = (
        _mean(each, HAZE_RADIUS) for each in (light, light * light, clear, light * clear)
    )
    a = (product - mean * mean_clear) / (np.maximum(square - mean * mean, 0) + HAZE_NOISE)
    return _lines(a, mean_clear - a * mean, HAZE_RADIUS), tuple(float(each) for each in airlight)


def _haziness(share: np.ndarray) -> float:
    """Tell whether a photo has haze at all, 0 to 1, by the share of airlight in each pixel's channels, float32 hxw.

    Patches are bright for other reasons, too: a wall, a white dress, snow. But these are seldom as large as haze, and
    where they are it is by `HAZE_ENDS` that they are known.
    """
    wide = float(cv2.erode(share, np.ones((HAZE_WIDE, HAZE_WIDE), np.uint8)).mean())
    is_haze, is_white = (_smoothstep((wide - low) / (high - low)) for low, high in (HAZE_BEGINS, HAZE_ENDS))
    return is_haze * (1 - is_white)


def _smoothstep(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _mean(values: np.ndarray, radius: int) -> np.ndarray:
    """Means of the windows of float32 HxW, which are mirrored at its edges."""
    side = 2 * radius + 1
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT)


def _lines(a: np.ndarray, b: np.ndarray, radius: int) -> np.ndarray:
    """Put the lines of all windows that hold a pixel together, as their mean: float32 hxw each to float16 hxwx2."""
    return np.stack([_mean(a, radius), _mean(b, radius)], axis=-1).astype(np.float16)
