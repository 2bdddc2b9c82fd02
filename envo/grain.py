"""The grain of film: noise that belongs to places of the photo, the same at every zoom and in the file."""

from collections.abc import Mapping

import numpy as np

from envo.adjustments import CONSTANTS, value


def cell(adjustments: Mapping[str, float], edge: int) -> float:
    """Give the size of a grain in pixels of the photo, whose long edge is `edge`; one at least."""
    smallest, more = CONSTANTS["grain_cell"]
    return max(1.0, edge * (smallest + more * value(adjustments, "grain_size") / 100))


def at(x: np.ndarray, y: np.ndarray, adjustments: Mapping[str, float], edge: int, scale: float) -> np.ndarray:
    """Give the grain at pixels (x, y) of the photo, float32 that broadcast: float32 in [-1, 1].

    edge: the photo's long edge in pixels. scale: pixels of the picture for one of the photo; grains that are smaller
    than a pixel of the picture fade, as they do where a photo is made smaller.
    """
    size = cell(adjustments, edge)
    uneven = np.float32(value(adjustments, "grain_roughness") / 200)
    fine = _noise(x / np.float32(size), y / np.float32(size))
    coarse = size * CONSTANTS["grain_coarse"]
    grain = fine + uneven * (_noise(x / np.float32(coarse), y / np.float32(coarse)) - fine)
    return grain * np.float32(min(1.0, size * scale))


def _noise(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give value noise, float32 in [-1, 1]: random values at whole places, between them bilinearly."""
    left, top = np.floor(x), np.floor(y)
    u, v = x - left, y - top
    column, row = left.astype(np.uint32), top.astype(np.uint32)
    one = np.uint32(1)
    upper = _random(column, row) * (1 - u) + _random(column + one, row) * u
    lower = _random(column, row + one) * (1 - u) + _random(column + one, row + one) * u
    return upper * (1 - v) + lower * v


def _random(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Hash whole places (uint32) to float32 in [-1, 1) (C. Wellons, "Prospecting for hash functions", 2018)."""
    hashed = column * np.uint32(0x9E3779B1) ^ row * np.uint32(0x85EBCA77)
    hashed ^= hashed >> np.uint32(16)
    hashed *= np.uint32(0x7FEB352D)
    hashed ^= hashed >> np.uint32(15)
    hashed *= np.uint32(0x846CA68B)
    hashed ^= hashed >> np.uint32(16)
    return (hashed >> np.uint32(8)).astype(np.float32) * np.float32(2**-23) - 1
