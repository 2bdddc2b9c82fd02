"""Holes to be filled: what people paint over, scratch out and click away. Each is a mask, uint8 HxW, 1 in the hole."""

import cv2
import numpy as np
from numpy.random import Generator

from training import augment

KINDS = ("thick", "thin", "object")


def draw(random: Generator, shape: tuple[int, int], kind: str, outlines: list[np.ndarray]) -> np.ndarray:
    """Draw holes of a kind of `KINDS` into a frame of `shape` (height, width); at least one pixel is in.

    outlines: mattes of things, uint8 HxW of any shape, one of which `object` takes.
    """
    while True:
        if kind == "object":
            mask = outline(random, shape, outlines)
        else:
            mask = strokes(random, shape, *((1, 4), (0.08, 0.16)) if kind == "thick" else ((4, 9), (0.008, 0.025)))
        if 0 < mask.mean() < 0.5:
            return mask


def strokes(
    random: Generator, shape: tuple[int, int], count: tuple[int, int], width: tuple[float, float]
) -> np.ndarray:
    """Paint a few strokes (from and below `count`) as with a brush whose width is a share of the short edge.

    After the free-form masks of Yu et al., ICCV 2019, arXiv:1806.03589.
    """
    mask = np.zeros(shape, np.uint8)
    edge, last = min(shape), np.array(shape[::-1]) - 1
    thin = width[1] < 0.05
    for _ in range(random.integers(*count)):
        at, angle = random.uniform(0, last), random.uniform(0, 2 * np.pi)
        for _ in range(random.integers(3, 8) if thin else random.integers(2, 6)):
            angle = angle + random.normal(0, 0.6) if thin else random.uniform(0, 2 * np.pi)
            reach = random.uniform(0.05, 0.2) if thin else random.uniform(0.1, 0.25)
            to = np.clip(at + reach * edge * np.array([np.cos(angle), np.sin(angle)]), 0, last)
            pixels = max(2, round(random.uniform(*width) * edge))
            cv2.line(mask, at.astype(int).tolist(), to.astype(int).tolist(), 1, pixels)
            at = to
    return mask


def outline(random: Generator, shape: tuple[int, int], outlines: list[np.ndarray]) -> np.ndarray:
    """Take the outline of some thing, turned, scaled and moved."""
    matte = outlines[random.integers(len(outlines))]
    matrix = augment.geometry(random, matte.shape[::-1], shape[0], zoom=(0.5, 1.2), shift=0.3)
    square = cv2.warpAffine(matte, matrix, (shape[0], shape[0]))
    return (cv2.resize(square, shape[::-1]) > 127).astype(np.uint8)
