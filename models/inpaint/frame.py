"""Holes in photos, framed for an engine and filled back: the one place above all engines that change a part.

    share = frame.share(mask, frame.ERASE)             # what is to be changed, and how much of it
    for box in frame.apart(share, wanted):             # holes far from each other, each on its own
        view = frame.look(photo, share, box, wanted)   # around the hole, at the size that the engine works at
        frame.paste(photo, share, view, fill(view.pixels, view.hole))

What an engine gives is matched at the seam to the photo around it. Where the mask is 0 the photo stays as it is, byte
for byte, whatever the engine does.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from envo import photo
from envo.errors import UserError

FAINT = 5
"""Alpha, of 255, up to which a mask counts as 0: mattes have haze where there is nothing."""
SOLID = 26
"""Alpha, of 255, from which on a thing to erase goes altogether: half of it left would still be seen."""
ERASE = np.clip((np.arange(256, dtype=np.float32) - FAINT) / (SOLID - FAINT), 0, 1)
"""How much of a pixel is erased, 0 to 1, by the alpha of its mask."""
REPLACE = np.where(np.arange(256) > FAINT, np.arange(256) / 255, 0).astype(np.float32)
"""How much of a pixel is replaced, 0 to 1, by the alpha of its mask."""

GRID = 1024
"""Long edge at which holes are told apart, in pixels."""
RIM = 8
"""Colours are matched by what an engine gives so near to a hole, in pixels of its view."""
DOUBT = 20
"""A difference in colour, of 255, that counts half: larger ones are things that grew beyond the hole, not its light."""
BAND = 512
"""Rows pasted at a time, which keeps memory small for large photos."""
PREVIEW_EDGE = 512
"""Long edge of previews, in pixels."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the photo."""


@dataclass(frozen=True)
class Frame:
    """How an engine wants to be shown a hole."""

    edge: int
    """It works best on so many pixels squared; what is larger is scaled down to that."""
    multiple: int = 1
    """Width and height must be multiples of this."""
    smallest: int = 1
    """Neither may be less than this. Both are seen to by reflection."""
    context: float = 0.75
    """What is shown on each side of a hole, as a share of its longer side."""
    least: int = 128
    """Pixels of the photo that are shown across and down at least, where it has them."""
    enlarges: bool = False
    """Whether what is smaller than `edge` squared is scaled up to it."""


@dataclass(frozen=True)
class View:
    """A part of a photo, as an engine gets it."""

    pixels: np.ndarray
    """uint8 hxwx3."""
    hole: np.ndarray
    """uint8 hxw, 1 in the hole."""
    box: Box
    """The part of the photo that is shown."""
    inner: Box
    """The part of that in which this view's own hole is."""
    size: tuple[int, int]
    """Width and height of what is shown of it; what `pixels` has beyond is reflected."""


def share(mask: np.ndarray, table: np.ndarray) -> np.ndarray:
    """How much of each pixel is to be changed: uint8 HxW, 0 for not at all, of a mask, uint8 HxW, by a table above.

    Raises UserError for a mask that leaves nothing to change or nothing to go by.
    """
    shares = cv2.LUT(np.ascontiguousarray(mask), np.rint(table * 255).astype(np.uint8))
    selected = cv2.countNonZero(shares)
    if not selected:
        raise UserError("Nothing is selected: mark what should change first.")
    if selected == shares.size:
        raise UserError("The whole photo is selected: leave out a part of it, for the rest is made to fit that.")
    return shares


def apart(shares: np.ndarray, frame: Frame) -> list[Box]:
    """Boxes of the holes, uint8 HxW above 0, which do not overlap; holes that see each other are in one box."""
    height, width = shares.shape
    scale = min(1, GRID / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grid = (cv2.resize(np.uint8(shares > 0) * np.uint8(255), size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    boxes = _pieces(grid)
    while True:
        # Half the context of each: they are joined when the holes are nearer to each other than their context.
        near = np.zeros_like(grid)
        for left, top, right, bottom in boxes:
            margin = math.ceil(_margin((left, top, right, bottom), frame, scale) / 2)
            near[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin] = 1
        _, labels = cv2.connectedComponents(near)
        joined: dict[int, Box] = {}
        for box in boxes:
            label = int(labels[box[1], box[0]])
            joined[label] = _union(box, joined.get(label, box))
        if len(joined) == len(boxes):
            break
        boxes = list(joined.values())
    across, down = width / size[0], height / size[1]
    scaled = [(left * across, top * down, right * across, bottom * down) for left, top, right, bottom in boxes]
    return [
        (int(left), int(top), min(width, math.ceil(right)), min(height, math.ceil(bottom)))
        for left, top, right, bottom in scaled
    ]


def bounds(shares: np.ndarray) -> Box:
    """Give the one box of all holes, uint8 HxW above 0."""
    left, top, width, height = cv2.boundingRect(shares)
    return left, top, left + width, top + height


def look(image: np.ndarray, shares: np.ndarray, inner: Box, frame: Frame) -> View:
    """Show an engine the hole inside the box `inner`, of a photo, uint8 HxWx3, and its holes, uint8 HxW above 0."""
    box = _around(inner, shares.shape, frame)
    where = np.s_[box[1] : box[3], box[0] : box[2]]
    pixels, hole = image[where], (shares[where] > 0).astype(np.uint8)
    height, width = hole.shape
    scale = min(frame.edge / math.sqrt(height * width), 2 * frame.edge / max(height, width))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        part = _shares(hole, size)
        hole = (part > 0).astype(np.uint8)
        hole.flat[part.argmin()] = 0  # there is always something to go by
    elif scale > 1 and frame.enlarges:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
        wider = cv2.dilate(hole, np.ones((5, 5)))  # for what is enlarged takes colours from its neighbours
        hole = cv2.resize(hole if wider.all() else wider, size, interpolation=cv2.INTER_NEAREST)
    size = (hole.shape[1], hole.shape[0])
    more = [-(-max(edge, frame.smallest) // frame.multiple) * frame.multiple - edge for edge in size]
    pixels, hole = (cv2.copyMakeBorder(each, 0, more[1], 0, more[0], cv2.BORDER_REFLECT_101) for each in (pixels, hole))
    return View(np.ascontiguousarray(pixels), hole, box, inner, size)


def paste(image: np.ndarray, shares: np.ndarray, view: View, answer: np.ndarray) -> None:
    """Put into a photo, uint8 HxWx3, what an engine gave for a view of it, uint8 hxwx3, as much as `shares` says."""
    left, top, right, bottom = view.box
    width, height = view.size
    filled = match(view, answer)[:height, :width]
    if (width, height) != (right - left, bottom - top):
        shrinks = width > right - left
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        filled = cv2.resize(filled, (right - left, bottom - top), interpolation=interpolation)
    x0, y0, x1, y1 = view.inner
    for y in range(y0, y1, BAND):
        rows = np.s_[y : min(y + BAND, y1), x0:x1]
        weight = shares[rows].astype(np.float32)[..., None] / 255
        old = image[rows].astype(np.float32)
        new = filled[y - top : min(y + BAND, y1) - top, x0 - left : x1 - left]
        image[rows] = np.rint(old + weight * (new - old)).astype(np.uint8)


def preview(image: np.ndarray, shares: np.ndarray, view: View) -> Callable[[np.ndarray], np.ndarray]:
    """Make what shows an answer to a view, uint8 of any size, in its place in a small photo: uint8 hxwx3."""
    small = photo.resize(image, PREVIEW_EDGE)
    height, width = small.shape[:2]
    weight = cv2.resize(shares, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    across, down = width / image.shape[1], height / image.shape[0]
    left, top = int(view.box[0] * across), int(view.box[1] * down)
    right, bottom = math.ceil(view.box[2] * across), math.ceil(view.box[3] * down)
    seen = view.size[1] / view.hole.shape[0], view.size[0] / view.hole.shape[1]

    def show(answer: np.ndarray) -> np.ndarray:
        answer = answer[: math.ceil(answer.shape[0] * seen[0]), : math.ceil(answer.shape[1] * seen[1])]
        whole = small.astype(np.float32)
        whole[top:bottom, left:right] = cv2.resize(answer, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
        return np.rint(small + weight * (whole - small)).astype(np.uint8)

    return show


def resized(hole: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bring a hole, uint8 HxW of 0 and 1, to `size` (width, height): in it is whatever has a part in it."""
    return (_shares(hole, size) > 0).astype(np.uint8)


def _shares(hole: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """How much of each pixel at another `size` (width, height) is in a hole, uint8 HxW of 0 and 1: uint8."""
    return cv2.resize(hole * np.uint8(255), size, interpolation=cv2.INTER_AREA)


def match(view: View, answer: np.ndarray) -> np.ndarray:
    """Give the view, uint8 hxwx3, with its hole filled by the answer of an engine, whose colours are matched to it.

    What the answer differs in from the photo right beside the hole is spread over the hole as a smooth membrane, after
    Farbman et al., "Coordinates for Instant Image Cloning", SIGGRAPH 2009. So an engine that keeps what is beside the
    hole is believed to the byte.
    """
    inside = view.hole > 0
    side = 2 * RIM + 1
    rim = cv2.dilate(view.hole, np.ones((side, side), np.uint8)) - view.hole
    difference = view.pixels.astype(np.float32) - answer
    if difference[rim > 0].any():
        trust = rim / (1 + (np.abs(difference).mean(axis=2) / DOUBT) ** 2)
        values, trust = (cv2.GaussianBlur(each, (side, side), 0) for each in (difference * trust[..., None], trust))
        answer = np.rint(np.clip(answer + _spread(values, trust), 0, 255)).astype(np.uint8)
    return np.where(inside[..., None], answer, view.pixels)


def _spread(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Spread values, float32 hxwx3 times their weights, float32 hxw, to where the weight is small: float32 hxwx3.

    The pull-push of Gortler et al., "The Lumigraph", SIGGRAPH 1996: each pixel takes what it lacks from the image of
    half the size.
    """
    height, width = weight.shape
    if height == width == 1:
        return values / max(float(weight[0, 0]), 1e-6)
    half = ((width + 1) // 2, (height + 1) // 2)
    small = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
    gain = np.minimum(4, 1 / np.maximum(small, 1e-6))
    coarse = cv2.resize(values, half, interpolation=cv2.INTER_AREA) * gain[..., None]
    coarse = cv2.resize(_spread(coarse, small * gain), (width, height), interpolation=cv2.INTER_LINEAR)
    return values + (1 - weight[..., None]) * coarse


def _pieces(grid: np.ndarray) -> list[Box]:
    """Boxes of the connected pieces of a mask, uint8 hxw."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(grid)
    return [(int(x), int(y), int(x + width), int(y + height)) for x, y, width, height, _ in stats[1:]]


def _union(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _margin(box: Box, frame: Frame, scale: float = 1) -> int:
    """Pixels shown on each side of a box, at a scale of the photo."""
    longer = max(box[2] - box[0], box[3] - box[1])
    return math.ceil(max(frame.context * longer, (frame.least * scale - longer) / 2))


def _around(inner: Box, shape: tuple[int, int], frame: Frame) -> Box:
    """The box with its context; at an edge of the photo there is more on the other side instead."""
    margin = _margin(inner, frame)
    spans = []
    for start, stop, end in ((inner[0], inner[2], shape[1]), (inner[1], inner[3], shape[0])):
        length = min(end, stop - start + 2 * margin)
        first = min(max(0, start - margin), end - length)
        spans.append((first, first + length))
    return spans[0][0], spans[1][0], spans[0][1], spans[1][1]
