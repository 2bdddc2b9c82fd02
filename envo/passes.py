"""What a layer does to its neighbourhood: lens, gaussian and motion blur, glow, and sharpening.

    passed = make(adjustments, mask, size, edge, below)
    colour = passed.rows(colour, matte, at)

Blurs look at what the layers below made of the photo, in linear light. They do so on a *grid*: the photo halved until
their reach is a few pixels, as far as that goes. The same steps in the browser: `static/webgl/passes.js`.

Within a mask nothing of what is outside bleeds in: the average is weighed by the matte (normalised convolution,
Knutsson & Westin, CVPR 1993), and at soft edges a pixel's share of either side is taken apart first (Forte,
"Approximate Fast Foreground Colour Estimation", ICIP 2021): what changes is the layer's own share alone.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from envo.adjustments import CONSTANTS, value
from envo.masks import sample

BLURS = ("lens_blur", "gaussian_blur", "motion_blur")
PASSES = (*BLURS, "glow")
"""Adjustments that look at what the layers below made."""

BAND_PIXELS = 2**19
"""Pixels worked on at a time by a thread: intermediate values stay small however large the photo is."""

Size = tuple[int, int]
"""Width and height."""
Rows = Callable[[int, int], np.ndarray]
"""Rows `top` to `bottom` of a picture: float32 (bottom - top)xWx3."""
Below = Callable[[Size], Rows]
"""What the layers below made of the photo, on a grid of this size: linear sRGB."""


@dataclass(frozen=True)
class Mask:
    """Where a layer applies.

    rows: gives the mask on a grid over the picture, in rows `top` to `bottom`: float32 (bottom - top)xW in [0, 1].
    finest: long edge of the picture, in pixels of what the mask is stored as.
    """

    rows: Callable[[Size, int, int], np.ndarray]
    finest: float


_LUMINANCE = np.array(CONSTANTS["linear_to_xyz"][1], np.float32)


@dataclass(frozen=True)
class Passed:
    """What a layer's blurs and glow made, each on its grid: float16 hxwx3."""

    blurred: np.ndarray | None
    """Roots of the blurred colours."""
    sides: tuple[np.ndarray, np.ndarray] | None
    """Roots of the smooth colours outside the mask and within it; None where there is no mask."""
    glow: np.ndarray | None
    """Light that is added: linear sRGB."""

    def rows(self, colour: np.ndarray, matte: np.ndarray | None, at: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Give what becomes of some pixels, linear sRGB float32 Nx3, where the layer shows wholly.

        matte: float32 Nx1 of these pixels, None for a layer without a mask. at: looks a grid up there, float32 Nx3.
        """
        m = np.float32(1) if matte is None else matte
        if self.blurred is not None:
            root = m * at(self.blurred)
            if self.sides is not None and len(soft := np.flatnonzero(m < 1)):
                outside, inside = (at(side)[soft] for side in self.sides)
                share = 1 - m[soft]
                root[soft] += share * _own(_root(colour[soft]), outside, inside, share)
            colour = root * root
        if self.glow is not None:
            glow = m * at(self.glow)
            colour = colour * (1 - np.clip(glow @ _LUMINANCE, 0, 1)[:, None]) + glow
        return colour


def make(adjustments: Mapping[str, float], mask: Mask | None, size: Size, edge: float, below: Below) -> Passed | None:
    """Make the blurs and the glow of one layer for a picture of `size`; None where it has none.

    mask: where it applies, None for everywhere. edge: the long edge of the whole photo, in pixels of the picture: what
    reaches are shares of.
    """
    used = {name: value(adjustments, name) / 100 for name in PASSES if adjustments.get(name)}
    blurred = sides = glow = None
    if not used.keys().isdisjoint(BLURS):
        sides = mask is not None and _sides(mask, size, edge, below)
        blurred = _blurred(adjustments, used, mask, size, edge, below, sides or None)
    if "glow" in used:
        glow = _glow(adjustments, mask, size, edge, below)
    return Passed(blurred, sides or None, glow) if used else None


def halved(size: Size, level: int) -> Size:
    """Give the size of the grid at a level, as that of a mipmap is."""
    return max(1, size[0] >> level), max(1, size[1] >> level)


def reduced(rows: Rows, size: Size, grid: Size) -> np.ndarray:
    """Average a picture of `size` over the pixels of a smaller grid: float32 hxwx3."""
    narrow = np.empty((size[1], grid[0], 3), np.float32)

    def work(top: int, bottom: int) -> None:
        band = (grid[0], bottom - top)
        cv2.resize(rows(top, bottom), band, dst=narrow[top:bottom], interpolation=cv2.INTER_AREA)

    in_bands(size, work)
    return cv2.resize(narrow, grid, interpolation=cv2.INTER_AREA)


def in_bands(size: Size, work: Callable[[int, int], None], step: int = 1) -> None:
    """Call `work` with top and bottom of bands that make up `size`; tops are multiples of `step`."""
    width, height = size
    rows = step * max(1, BAND_PIXELS // (width * step))
    tops = range(0, height, rows)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(work, tops, [min(top + rows, height) for top in tops]))


def bloomed(light: np.ndarray, bloom: float) -> np.ndarray:
    """Make bright colours brighter, float32 ...x3 of linear light; black stays black, white becomes 1 / (1 - bloom)."""
    return light / (1 - bloom * np.clip(light.max(axis=-1, keepdims=True), 0, 1))


def unbloomed(light: np.ndarray, bloom: float) -> np.ndarray:
    """Undo `bloomed`."""
    return light / np.minimum(1 + bloom * np.maximum(light.max(axis=-1, keepdims=True), 0), 1 / (1 - bloom))


def disc(radius: float, blades: int = 0) -> np.ndarray:
    """Kernel of a lens's disc, float32: round, or of the same area with as many straight sides as there are blades.

    Pixels that its rim crosses count by the part that lies in it.
    """
    radius = max(radius, 0.5)
    if blades < 5:
        return _shape(radius, radius, lambda x, y: x * x + y * y <= radius * radius)
    side = radius * math.sqrt(math.pi / (blades * math.tan(math.pi / blades)))  # its distance from the centre
    corner = side / math.cos(math.pi / blades)
    turns = [2 * math.pi * i / blades for i in range(blades)]
    return _shape(
        corner, corner, lambda x, y: np.maximum.reduce([math.sin(t) * x + math.cos(t) * y for t in turns]) <= side
    )


def line(length: float, degrees: float) -> np.ndarray:
    """Kernel of a line, float32: one pixel wide, `degrees` anticlockwise from level."""
    half, (x1, y1) = max(length, 1) / 2, (math.cos(math.radians(degrees)), -math.sin(math.radians(degrees)))
    across, down = (abs(half * a) + abs(b) / 2 for a, b in ((x1, y1), (y1, x1)))
    return _shape(across, down, lambda x, y: (abs(x * x1 + y * y1) <= half) & (abs(x * y1 - y * x1) <= 0.5))


def bell(sigma: float) -> np.ndarray:
    """Kernel of a Gaussian along one axis, float32 n."""
    at = np.arange(-math.ceil(3 * sigma), math.ceil(3 * sigma) + 1)
    weights = np.exp(-0.5 * (at / max(sigma, 1e-3)) ** 2)
    return (weights / weights.sum()).astype(np.float32)


def _shape(across: float, down: float, inside: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Kernel of a shape that reaches so far to either side, float32: each pixel counts by its part within."""
    fine = CONSTANTS["pass_fine"]
    reach = math.ceil(across - 0.5), math.ceil(down - 0.5)
    x, y = (((np.arange((2 * each + 1) * fine) + 0.5) / fine - each - 0.5).astype(np.float32) for each in reach)
    parts = inside(x[None, :], y[:, None]).reshape(2 * reach[1] + 1, fine, 2 * reach[0] + 1, fine)
    kernel = parts.mean(axis=(1, 3), dtype=np.float32)
    return kernel / kernel.sum()


def _level(reach: float, wanted: str, size: Size) -> int:
    """How often the photo is halved for a reach in its pixels, so that it is 1 to 2 times what is wanted there."""
    least = math.ceil(math.log2(max(size) / CONSTANTS["pass_edge"]))
    return max(0, least, math.floor(math.log2(max(reach, 1e-6) / CONSTANTS[wanted])))


def _blurred(
    adjustments: Mapping[str, float],
    used: Mapping[str, float],
    mask: Mask | None,
    size: Size,
    edge: float,
    below: Below,
    sides: tuple[np.ndarray, np.ndarray] | None,
) -> np.ndarray:
    """Blur what the layers below made: roots, float16 hxwx3."""
    k = CONSTANTS
    reaches = {name: used[name] * k[name] * edge for name in BLURS if name in used}
    level = max(_level(reach, f"{name}_pixels", size) for name, reach in reaches.items())
    grid = halved(size, level)
    reaches = {name: reach * max(grid) / max(size) for name, reach in reaches.items()}
    bloom = np.float32(0)
    kernels = []
    if "lens_blur" in used:
        bloom = np.float32(k["lens_bloom"] * value(adjustments, "lens_highlights") / 100)
        kernels.append(disc(reaches["lens_blur"], int(value(adjustments, "lens_blades"))))
    if "gaussian_blur" in used:
        curve = bell(reaches["gaussian_blur"])
        kernels += [curve[None], curve[:, None]]
    if "motion_blur" in used:
        kernels.append(line(reaches["motion_blur"], value(adjustments, "motion_angle")))

    light = below(grid)

    def prepared(top: int, bottom: int) -> np.ndarray:
        own, share = light(top, bottom), np.ones((bottom - top, grid[0], 1), np.float32)
        if mask is not None:
            mean, _ = _masked(mask, grid, top, bottom)
            soft = (mean > 0) & (mean < 1)
            outside, inside = (sample(side, grid, top, bottom)[soft] for side in sides)
            own[soft] = _own(_root(own[soft]), inside, outside, mean[soft][:, None]) ** 2
            first = max(top - 1, 0)
            _, least = _masked(mask, grid, first, min(bottom + 1, grid[1]))
            least = cv2.erode(least, np.ones((3, 3), np.uint8))[top - first :][: bottom - top]
            share = np.float32(k["pass_floor"]) + least[..., None] ** 4
        return np.dstack([bloomed(own, bloom) * share, share])

    return _spread(prepared, grid, kernels, lambda light: _root(unbloomed(light, bloom)))


def _own(mixed: np.ndarray, own: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Give a pixel's own colours, freed of those that shine through; all roots, float32 ...x3.

    own, other: smooth colours about there. share: float32 ...x1 in [0, 1], how much of the pixel is its own. What both
    fail to explain of a pixel is given to its own.
    """
    return np.maximum(own + share * (mixed - share * own - (1 - share) * other), 0)


def _root(light: np.ndarray) -> np.ndarray:
    """Square roots of linear sRGB, float32: near to encoded values, as which mattes take colours for mixed."""
    return np.sqrt(np.maximum(light, 0))


def _sides(mask: Mask, size: Size, edge: float, below: Below) -> tuple[np.ndarray, np.ndarray]:
    """Smooth colours outside a mask and within it, each of what lies surely on its side: roots, float16 hxwx3."""
    sigma = CONSTANTS["side_sigma"] * edge
    grid = halved(size, _level(sigma, "side_sigma_pixels", size))
    curve = bell(sigma * max(grid) / max(size))
    light = below(grid)

    def prepared(top: int, bottom: int, inside: bool) -> np.ndarray:
        m = _masked(mask, grid, top, bottom)[0][..., None]
        share = np.float32(CONSTANTS["pass_floor"]) + (m if inside else 1 - m) ** 4
        return np.dstack([_root(light(top, bottom)) * share, share])

    outside, inside = (_spread(partial(prepared, inside=side), grid, [curve[None], curve[:, None]]) for side in (0, 1))
    return outside, inside


def _glow(adjustments: Mapping[str, float], mask: Mask | None, size: Size, edge: float, below: Below) -> np.ndarray:
    """Spread the light of what is bright: float16 hxwx3."""
    sigma = CONSTANTS["glow_sigma"] * (0.1 + 0.9 * value(adjustments, "glow_radius") / 100) * edge
    grid = halved(size, _level(sigma, "glow_sigma_pixels", size))
    curve = bell(sigma * max(grid) / max(size))
    light = below(grid)
    strength = np.float32(CONSTANTS["glow"] * value(adjustments, "glow") / 100)

    def prepared(top: int, bottom: int) -> np.ndarray:
        bright = np.maximum(light(top, bottom), 0)
        bright *= np.minimum(bright.max(axis=-1, keepdims=True), 1) ** 2
        if mask is not None:
            bright *= _masked(mask, grid, top, bottom)[0][..., None]
        return np.dstack([bright, np.ones_like(bright[..., :1])])

    return _spread(prepared, grid, [curve[None], curve[:, None]], lambda light: strength * light)


def _masked(mask: Mask, grid: Size, top: int, bottom: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and least of a mask within each pixel of rows of a grid: float32 (bottom - top)xw each."""
    fine = max(1, math.ceil(mask.finest / (2 * max(grid))))  # bilinear: each place tells of its neighbours, too
    parts = mask.rows((fine * grid[0], fine * grid[1]), fine * top, fine * bottom)
    parts = parts.reshape(bottom - top, fine, grid[0], fine)
    return parts.mean(axis=(1, 3)), parts.min(axis=(1, 3))


def _spread(
    prepared: Rows, grid: Size, kernels: Sequence[np.ndarray], finish: Callable[[np.ndarray], np.ndarray] | None = None
) -> np.ndarray:
    """Filter colours that come times their share, and that, ...x4; gives the colours, float16 hxwx3.

    There is nothing beyond the grid's edges.
    """
    planes = np.empty((grid[1], grid[0], 4), np.float16)  # as exact as the browser's
    result = np.empty((grid[1], grid[0], 3), np.float16)

    def prepare(top: int, bottom: int) -> None:
        planes[top:bottom] = prepared(top, bottom)

    def filtered(kernel: np.ndarray, top: int, bottom: int) -> None:
        margin = len(kernel) // 2
        first, last = max(0, top - margin), min(bottom + margin, grid[1])
        band = cv2.filter2D(before[first:last].astype(np.float32), -1, kernel, borderType=cv2.BORDER_CONSTANT)
        planes[top:bottom] = band[top - first : bottom - first]

    def divide(top: int, bottom: int) -> None:
        band = planes[top:bottom].astype(np.float32)
        colour = band[..., :3] / np.maximum(band[..., 3:], 1e-6)
        result[top:bottom] = finish(colour) if finish else colour

    in_bands(grid, prepare)
    for kernel in kernels:
        before, planes = planes, np.empty_like(planes)
        in_bands(grid, partial(filtered, kernel))
    in_bands(grid, divide)
    return result


def sharpness(
    lightness: Callable[[int, int], np.ndarray], size: Size, top: int, bottom: int, sigma: float, masking: float
) -> np.ndarray:
    """Give what sharpening adds at full strength to OKLab's lightness in rows `top` to `bottom`: float32 N.

    What a Gaussian of `sigma` pixels takes away, where there are edges: the more so the higher `masking`, 0 to 100.
    lightness: gives rows of what is sharpened, float32 (bottom - top)xW. Each row is what it would be in the whole.
    """
    if sigma < CONSTANTS["sharp_least"]:
        return np.zeros((bottom - top) * size[0], np.float32)
    curve = bell(sigma)
    margin = 2 * (len(curve) // 2)
    first, last = max(0, top - margin), min(bottom + margin, size[1])
    light = lightness(first, last)
    fine = light - cv2.sepFilter2D(light, -1, curve, curve, borderType=cv2.BORDER_REPLICATE)
    if masking:
        # How much is going on there, beside what noise does.
        busy = cv2.sepFilter2D(fine * fine, -1, curve, curve, borderType=cv2.BORDER_REPLICATE)
        fine *= busy / (busy + edge_variance(masking))
    return fine[top - first : bottom - first].reshape(-1)


def edge_variance(masking: float) -> np.float32:
    """Give the variance of fine detail at which sharpening has half its strength under `masking`, 0 to 100."""
    return np.float32((CONSTANTS["sharp_edge"] * (masking / 100) ** 2) ** 2)
