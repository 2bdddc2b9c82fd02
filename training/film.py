"""Photos made negatives: what film, and whoever scans or photographs it, makes of a scene, with the truth beside.

A film's layers answer light by characteristic curves: density over the logarithm of exposure, straight in the middle,
with a toe below and a shoulder above (Hurter and Driffield 1890). The numbers are about those of data sheets of colour
films for daylight and of black-and-white films: contrasts of 0.5 to 0.7, a clear base of 0.2 to 1.0, orange on colour
film. Pictures are uint8 HxWx3 RGB; none is changed in place.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from envo import colour

BASE = np.float32([0.22, 0.62, 0.85])
"""Density of colour film's clear base for red, green and blue light: the orange mask."""
CONTRAST = np.float32([0.56, 0.60, 0.63])
"""Density that a tenfold exposure adds to its layers."""
GREY_CONTRAST = 0.6
"""The same of black-and-white film."""
STRAY = np.float32([[1, 0.06, 0.02], [0.08, 1, 0.06], [0.03, 0.1, 1]])
"""How much each dye holds back of the light of the others."""
LEAST_LIGHT = 0.004
"""Share of white that falls everywhere, by the lens."""
DENSEST = 2.6
"""More than this, above its base, no film has."""
AROUND = ("nothing", "rebate", "holes", "holder", "light")
"""What is seen about the picture: nothing, the clear rebate, the holes of its edges too, the holder's black, or all of
that on the light it lies on."""


@dataclass(frozen=True)
class Roll:
    """What all frames of a film have in common."""

    grey: bool
    base: np.ndarray
    """Density of the clear film, float32 3."""
    contrast: np.ndarray
    speed: np.ndarray
    """Logarithm of the exposure at which each layer begins to answer, float32 3."""
    grain: float
    scan: np.ndarray
    """Light of the clear film as it is scanned, float32 3: linear."""


def roll(random: Generator, grey: bool) -> Roll:
    """Draw a film, developed and scanned in some way."""
    if grey:
        base = np.full(3, random.uniform(0.1, 0.35), np.float32)
        contrast = np.full(3, GREY_CONTRAST * random.uniform(0.85, 1.15), np.float32)
        cast = 10 ** random.normal(0, 0.012, 3)
        speed = np.full(3, random.uniform(-2.6, -2.1), np.float32)
    else:
        base = BASE * random.uniform(0.85, 1.15) + random.normal(0, 0.03, 3)
        contrast = CONTRAST * random.uniform(0.9, 1.1) * random.uniform(0.96, 1.04, 3)
        # Cameras take some of the orange for the colour of the light, and lessen it.
        cast = 10 ** ((base - base[0]) * random.uniform(0, 0.45))
        speed = random.uniform(-2.6, -2.1) + random.normal(0, 0.06, 3)
    light = 10 ** -(base - base.min()) * cast
    light = light / light.max() * random.uniform(0.45, 0.92)
    return Roll(grey, *np.float32([base, contrast, speed]), random.uniform(0.004, 0.025), np.float32(light))


def negative(random: Generator, image: np.ndarray, film: Roll, around: str = "nothing") -> np.ndarray:
    """Take a photo on a frame of a film, and scan that: uint8, of the same size where nothing is seen `around` it.

    around: one of `AROUND`; what is seen is about the picture, which keeps its size.
    """
    light = colour.srgb_to_linear(image / np.float32(255)) + LEAST_LIGHT
    if film.grey:
        light = np.repeat((light @ colour.LUMINANCE)[..., None], 3, axis=2)
    else:
        light = light * np.float32(10 ** random.normal(0, 0.03, 3))  # of the lamp or the hour
    exposure = np.log10(light) + random.uniform(-0.15, 0.35) - film.speed
    toe = 0.18
    density = film.contrast * toe * np.logaddexp(0, exposure / toe)
    grain = random.normal(0, 1, image.shape[:2] + ((1,) if film.grey else (3,)))
    grain = cv2.GaussianBlur(grain, (0, 0), random.uniform(0.5, 0.9)).reshape(grain.shape) * 2
    density = density + film.grain * np.sqrt(density) * grain
    density = DENSEST * np.tanh(density / DENSEST)  # the shoulder
    density = density if film.grey else density @ (STRAY / STRAY.sum(1, keepdims=True)).T
    scanned = _surrounded(random, film.scan * 10**-density, film, around)
    scanned = scanned + random.uniform(0, 0.002)  # stray light of the scanner
    encoded = colour.linear_to_srgb(np.clip(scanned, 0, 1))
    return np.rint(np.clip(encoded, 0, 1) * 255).astype(np.uint8)


def drawn(random: Generator, image: np.ndarray, grey: bool, around: str | None = None) -> np.ndarray:
    """Make a negative of a photo on a film, and in surroundings, that are drawn; as JPEG leaves it."""
    seen = around or str(random.choice(AROUND, p=[0.5, 0.2, 0.1, 0.1, 0.1]))
    made = negative(random, image, roll(random, grey), seen)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(85, 98))]
    return cv2.imdecode(cv2.imencode(".jpg", made[..., ::-1], quality)[1], cv2.IMREAD_COLOR_RGB)


def inside(made: np.ndarray, size: tuple[int, int]) -> tuple[slice, slice]:
    """Tell where the picture is in a negative, HxWx3, that has something around: `size` is its width and height."""
    left, top = ((whole - part) // 2 for whole, part in zip(made.shape[1::-1], size, strict=True))
    return slice(top, top + size[1]), slice(left, left + size[0])


def _surrounded(random: Generator, light: np.ndarray, film: Roll, around: str) -> np.ndarray:
    """Lay a frame, linear float HxWx3, into what is seen about it."""
    if around == "nothing":
        return light
    height, width = light.shape[:2]
    edge = max(height, width)
    thin = max(2, round(edge * random.uniform(0.015, 0.04)))
    light = _framed(light, thin, thin, film.scan)
    if around in ("holes", "light"):
        band = max(6, round(edge * 0.11))
        light = _framed(light, band, 0, film.scan)
        hole, step = band // 2, band
        for left in range(step // 2, light.shape[1] - hole, step):
            for top in (band // 4, light.shape[0] - band // 4 - hole):
                light[top : top + hole, left : left + hole] = 1.0
    if around in ("holder", "light"):
        wide = round(edge * random.uniform(0.03, 0.08))
        light = _framed(light, wide, wide, np.float32([0.003] * 3 if around == "holder" else [1.0] * 3))
    return light


def _framed(light: np.ndarray, high: int, wide: int, value: np.ndarray) -> np.ndarray:
    framed = np.empty((light.shape[0] + 2 * high, light.shape[1] + 2 * wide, 3), light.dtype)
    framed[:] = value
    framed[high : high + light.shape[0], wide : wide + light.shape[1]] = light
    return framed
