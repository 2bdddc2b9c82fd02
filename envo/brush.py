"""What was painted with brush and eraser, as a raster over the photo. The same in `static/webgl/brush.js`.

Within a stroke what covers a place most counts, so that a stroke is even where it crosses itself; strokes add up.
"""

from collections.abc import Sequence

import numpy as np

from envo import masks, photo
from envo.adjustments import CONSTANTS
from envo.edits import Stroke
from envo.guide import Guide

Size = tuple[int, int]
"""Width and height."""


def size_of(full: Size) -> Size:
    """Give the size of the raster of a photo of `full` pixels: that of its mattes."""
    return photo.fit(*full, CONSTANTS["working_edge"])


def paint(strokes: Sequence[Stroke], size: Size, guide: Guide | None) -> np.ndarray:
    """Paint strokes one after another: uint8 HxW.

    A stroke covers a place wholly up to its `hardness` of its radius away from its line, and fades by a smoothstep to
    the rim; at the least over a pixel. What it covers, times its flow, is painted over what was there, or erased of it.
    guide: what strokes that are aware look at; without one they are as others.
    """
    width, height = size
    painted = np.zeros((height, width), np.float32)
    for stroke in strokes:
        left, top, covered = _covered(stroke, size)
        if covered.size == 0:
            continue
        box = np.s_[top : top + covered.shape[0], left : left + covered.shape[1]]
        if stroke.aware and guide is not None:
            alike = guide.alike(stroke.points[0], stroke.size / 2)
            covered *= masks.sample(alike, size, top, top + covered.shape[0])[:, box[1]]
        covered *= np.float32(stroke.flow / 100)
        painted[box] = painted[box] * (1 - covered) if stroke.erase else 1 - (1 - painted[box]) * (1 - covered)
    return masks.to_uint8(painted)


def _covered(stroke: Stroke, size: Size) -> tuple[int, int, np.ndarray]:
    """Give where the box about a stroke begins, and how much of each pixel in it is covered: float32 hxw."""
    from envo import capsules  # compiles when it is first needed

    points = np.array(stroke.points) * size - 0.5  # the middle of the first pixel is at (0, 0)
    radius = stroke.size / 2 * max(size)
    outer = radius + 0.5
    inner = min(stroke.hardness / 100 * radius, radius - 0.5)
    low = np.clip(np.floor(points.min(axis=0) - outer).astype(int), 0, size)
    high = np.clip(np.ceil(points.max(axis=0) + outer).astype(int) + 1, 0, size)
    left, top = low
    covered = np.zeros((max(high[1] - top, 0), max(high[0] - left, 0)), np.float32)
    if covered.size:
        capsules.cover(points - low, inner, outer, covered)
    return left, top, covered
