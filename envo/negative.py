"""Film negatives turned into positives: what the film's clear base is, and how its densities become light again.

A scan tells how much light the film lets through. Its density over the film's own clear base, D = -log10(light / base),
grows by the film's contrast with the logarithm of what the scene sent (Hurter and Driffield 1890), each dye for itself;
so the scene is 10 ** (D / contrast), as in RawTherapee's film negative, where it is a power of the light. Taking the
base out first takes the orange mask out, as darktable's negadoctor does, which follows Kodak's Cineon (2.046 of density
from black to white, D. Kennel, "Digital film scanning and recording", SMPTE 1994). The base is the lightest part of the
film, its rebate or else what the scene left black. What it was in balance is guessed by the densest part, where paper
white is, and by the middle of all. A print's curve brings it onto paper: a soft white, black where the film is clear.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from envo import colour, photo

CONTRAST = np.float32([0.56, 0.60, 0.63])
"""Density that ten times the light adds, for red, green and blue: about that of colour films' data sheets."""
GREY_CONTRAST = 0.6
"""The same of black-and-white film."""
DECADES = 2.0
"""Tenfolds of light that a frame usually holds; one that holds more or less was mostly developed so."""
TRUST = 0.3
"""How far a frame's own range counts in its contrast, beside the data sheets'."""
WHITE_TRUST = 0.65
"""How far the densest parts are taken for white, beside film that is balanced for daylight; sunsets stay warm."""
EDGE = 384
"""Pixels of the long edge at which a film is measured."""
LEAST_LIGHT = 1e-4
"""Light below which nothing is measured: 8 bits have no less."""
CLEAR, HOLDER = 0.955, 0.02
"""Light from which on all channels show no film but what it lies on; and under which they may show what holds it, or
what is densest in the picture."""
LIKE = 0.07
"""Densities so near to the base's are the clear film."""
OUTSIDE = 0.7
"""Share of a row or column that is no picture, from which on it is cut off for measuring."""
MOST_OUTSIDE = 0.35
"""Share of the height, or width, that is cut off at most on a side."""
RIM = 2
"""Pixels within what was cut off that are not measured either, for they are of both."""
DENSE = 0.9
"""Quantile of the densities from which on a picture counts as dense."""
ORANGE = (0.1, 0.15)
"""So much less density for red light than for green, and than for blue, has the orange mask at least."""
YELLOW = 0.6
"""So much less density for green light than for blue it has at most: sepia has more."""
DEEPEST = (0.99, 1.6)
"""A quantile of the densities over the base, and what it is at most: prints and photos go from black to white."""
GREY, GREY_LIGHT = 0.1, 0.01
"""So far apart, as densities, are the channels of what has no colour, at most; and the light below which none shows."""
BASE = (0.985, 0.998)
"""Quantiles of how light the film is between which its base is seen."""
BLACK, WHITE = 0.01, 0.998
"""Quantiles of a picture's densities that become black and white."""
PAPER = 0.85
"""Light of that white, linear, before the paper's curve."""
SHOULDER = 0.8
"""Light from which on the paper's curve bends, towards 1."""
WARMTH = 0.12
"""Tenfolds by which the most warmth parts red from blue, each from green."""
BAND = 512
"""Rows handled at a time."""


@dataclass(frozen=True, eq=False)
class Film:
    """What a negative's film is, and how its frame was exposed and developed."""

    grey: bool
    """Whether it is black and white."""
    base: np.ndarray
    """Light of the clear film, linear, float32 3."""
    contrast: np.ndarray
    """Density that ten times the light adds, float32 3."""
    scale: np.ndarray
    """What the light of the scene is multiplied with, so that its white is paper's, float32 3."""
    black: np.ndarray
    """What is taken off then, so that its black is black, float32 3."""


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan as a film is measured by it."""

    light: np.ndarray
    """float32 HxWx3, linear."""
    film: np.ndarray
    """Where film may be, not what it lies on, bool HxW."""
    base: np.ndarray
    """Light of what is lightest on the film, float32 3."""

    @classmethod
    def of(cls, image: np.ndarray) -> "Scan":
        """Measure uint8 or uint16 HxWx3 sRGB from 1x1."""
        small = photo.resize(image, EDGE)
        light = colour.srgb_to_linear(small / np.float32(np.iinfo(image.dtype).max))
        # Between what is clear and the film lies what is of both.
        film = cv2.dilate((light.min(2) >= CLEAR).astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
        if film.mean() < 0.2:
            film = np.full_like(film, True)
        pixels = light[film]
        lightness = np.log(np.maximum(pixels, LEAST_LIGHT)).sum(1)
        low, high = np.quantile(lightness, BASE)
        base = pixels[(lightness >= low) & (lightness <= high)].mean(0)
        return cls(light, film, np.maximum(base, LEAST_LIGHT))

    def is_orange(self) -> bool:
        """Whether it may be colour film with its orange mask.

        The clear base has it, and so has what is densest; and all lies within the densities that such film has.
        """
        density, light = self.densities(self.base), np.log10(self.base)
        mean = density.mean(1)
        dense = light - np.median(density[mean >= np.quantile(mean, DENSE)], axis=0)
        masked = all(each[0] - each[1] >= ORANGE[0] and each[0] - each[2] >= ORANGE[1] for each in (light, dense))
        return bool(masked and light[1] - light[2] <= YELLOW and np.quantile(mean, DEEPEST[0]) <= DEEPEST[1])

    def is_grey(self) -> bool:
        """Whether the scan has next to no colours, as one of black-and-white film."""
        light = np.log10(np.maximum(self.light, GREY_LIGHT))
        apart = np.abs(light[..., [0, 2]] - light[..., [1]]).max(2)
        return bool(np.quantile(apart, 0.9) <= GREY)

    def densities(self, base: np.ndarray) -> np.ndarray:
        """Give the densities of the picture over a base, float32 Nx3, less what is seen around it."""
        density = np.log10(base / np.maximum(self.light, LEAST_LIGHT))
        outside = (np.abs(density).max(2) < LIKE) | ~self.film | (self.light.max(2) <= HOLDER)
        rows, columns = _inside(outside)
        within = self.film[rows, columns]
        density = density[rows, columns]
        return density[within] if within.any() else density.reshape(-1, 3)

    def developed(self, grey: bool, base: np.ndarray | None = None) -> Film:
        """Tell what the film is; base: that of its roll, float32 3, if it is known."""
        base = self.base if base is None else base
        usual = np.full(3, GREY_CONTRAST, np.float32) if grey else CONTRAST
        density = self.densities(base)
        if grey:
            density = density.mean(1, keepdims=True).repeat(3, 1)
        black, white = np.quantile(density, (BLACK, WHITE), axis=0)
        own = np.clip((white - black) / DECADES, 0.6 * usual, 1.5 * usual)
        contrast = usual ** (1 - TRUST) * own**TRUST
        black, white = 10 ** (black / contrast), 10 ** (white / contrast)
        scale = PAPER / (white**WHITE_TRUST * white.mean() ** (1 - WHITE_TRUST))
        return Film(grey, *(np.float32(each) for each in (base, contrast, scale, black * scale)))


def positive(image: np.ndarray, film: Film, exposure: float = 0.0, warmth: float = 0.0) -> np.ndarray:
    """Turn a negative, uint8 or uint16 HxWx3 sRGB, into its positive, of the same dtype.

    exposure: stops by which it is made lighter. warmth: from -1 for bluish to 1 for yellowish.
    """
    top = np.iinfo(image.dtype).max
    codes = colour.srgb_to_linear(np.arange(top + 1) / np.float32(top))[:, None]
    density = np.log10(film.base / np.maximum(codes, LEAST_LIGHT))
    gain = 2**exposure * 10 ** (warmth * WARMTH * np.float32([1, 0, -1]))
    if not film.grey:
        curves = np.rint(_printed(density, film, gain) * top).astype(image.dtype)
        return np.stack([curves[:, channel][image[..., channel]] for channel in range(3)], axis=2)
    result = np.empty_like(image)
    for start in range(0, len(image), BAND):
        part = image[start : start + BAND]
        mean = sum(density[:, channel][part[..., channel]] for channel in range(3)) / 3
        grey = _printed(mean[..., None], film, np.float32([2**exposure]), 1)
        result[start : start + BAND] = np.rint(grey * top)
    return result


def _printed(density: np.ndarray, film: Film, gain: np.ndarray, channels: int = 3) -> np.ndarray:
    """Print densities over the base, float32 ...xC: encoded sRGB from 0 to 1."""
    contrast, scale, black = (each[:channels] for each in (film.contrast, film.scale, film.black))
    light = (10 ** (density / contrast) * scale - black) * PAPER / np.maximum(PAPER - black, 0.3) * gain
    over = (light - SHOULDER) / (1 - SHOULDER)
    light = np.where(over > 0, SHOULDER + (1 - SHOULDER) * np.tanh(over), np.maximum(light, 0))
    return colour.linear_to_srgb(light)


def _inside(outside: np.ndarray) -> tuple[slice, slice]:
    """Tell in which rows and columns a picture lies, by where it is surely not, bool HxW."""
    ends = [0, outside.shape[0], 0, outside.shape[1]]
    most = [int(length * MOST_OUTSIDE) for length in outside.shape]
    for _ in range(2):  # once the columns are narrowed, more rows may be full
        for axis in (0, 1):
            top, bottom, left, right = ends
            full = outside[top:bottom, left:right].mean(1 - axis) > OUTSIDE
            first, last = _run(full), _run(full[::-1])
            limit, length = most[axis], outside.shape[axis]
            ends[2 * axis] = min(ends[2 * axis] + first, limit)
            ends[2 * axis + 1] = max(ends[2 * axis + 1] - last, length - limit)
    (top, bottom), (left, right) = (
        (first + RIM * (first > 0), last - RIM * (last < length))
        for first, last, length in zip(ends[::2], ends[1::2], outside.shape, strict=True)
    )
    if bottom <= top or right <= left:
        return slice(None), slice(None)
    return slice(top, bottom), slice(left, right)


def _run(full: np.ndarray) -> int:
    """Count how many of bool N are True before the first that is not."""
    return int(np.argmin(np.append(full, False)))
