"""What looks like scratches, in numbers: whether it is damage, or wires, lamps, whiskers and the rim of a guitar.

Damage is all over a photo and does not ask what is below it, is of one colour, mostly paper's, and lies on dark and on
light ground; what a photo shows has its place, its colours, and edges of its own.
"""

import cv2
import numpy as np

LEVELS = (0.25, 0.5, 0.725, 0.9, 0.975)
"""Probabilities from which on pixels are counted."""
FIELDS = (3, 6)
"""Across and down of which it is told how evenly they are marked."""
SHARES = (0.25, 0.5, 0.75, 1)
"""Of these fields that are marked less than what is told."""
GROUND = 15
"""Pixels across of what is around a mark."""
SPECKS, LINES = 2.0, 16.0
"""How often the area of its mark the squared diagonal of a mark is: up to, and from which on."""
FEW = 1e-5
"""What is added to shares before their logarithm is taken."""
COUNT = 62
"""Numbers that `suspects` gives."""


def suspects(image: np.ndarray, thin: np.ndarray, wide: np.ndarray, long: np.ndarray) -> np.ndarray:
    """Measure what is suspected in uint8 HxWx3: float32 `COUNT`.

    thin, wide: how probably each pixel is in a thin mark and in a wide one, uint8 HxW. long: the wide ones that are
    long.
    """
    found = np.maximum(thin, long)
    shares = [(each > 255 * level).mean() for each in (thin, wide, long) for level in LEVELS]
    marked = found > 127
    return np.float32([
        *np.log(np.array(shares) + FEW),
        *_sureness(found),
        *_evenness(marked),
        *_shapes(marked.astype(np.uint8)),
        *_colours(image, marked.astype(np.uint8)),
    ])  # fmt: skip


def _sureness(found: np.ndarray) -> list[float]:
    """Tell how sure the network is of what it sees at all."""
    perhaps = found[found > 255 * LEVELS[0]]
    if not perhaps.size:
        return [0.0] * 3
    return [perhaps.mean() / 255, (perhaps > 255 * LEVELS[2]).mean(), (perhaps > 255 * LEVELS[4]).mean()]


def _evenness(marked: np.ndarray) -> list[float]:
    """Tell how the marks lie in fields of a photo."""
    told = []
    for count in FIELDS:
        shares = cv2.resize(marked.astype(np.float32), (count, count), interpolation=cv2.INTER_AREA)
        told += [*np.log(np.quantile(shares, SHARES) + FEW), shares.std() / (shares.mean() + FEW)]
    return told


def _shapes(marked: np.ndarray) -> list[float]:
    """Tell how many marks there are, how large, long, wide, and whether they have one direction."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(marked)
    areas = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    if not areas.size:
        return [0.0] * 9
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].astype(np.float64)
    longish = (sides**2).sum(1) / areas
    right, down = (cv2.Sobel(marked, cv2.CV_32F, *by) for by in ((1, 0), (0, 1)))
    strength = (right**2 + down**2).sum()
    one_way = np.hypot((right**2 - down**2).sum(), 2 * (right * down).sum()) / (strength + FEW)
    rim = marked.copy()
    rim[2:-2, 2:-2] = 0
    return [
        np.log(areas.size / marked.size * 1e5),
        np.log(np.median(areas)),
        np.log(areas.max()),
        areas.max() / areas.sum(),
        areas[longish < SPECKS].sum() / areas.sum(),
        areas[longish > LINES].sum() / areas.sum(),
        np.minimum(cv2.distanceTransform(marked, cv2.DIST_L2, 3)[marked > 0], max(marked.shape)).mean(),
        one_way,
        rim.sum() / areas.sum(),
    ]


def _colours(image: np.ndarray, marked: np.ndarray) -> list[float]:
    """Tell what colours the marks have beside their ground and beside the photo, and what that ground is."""
    around = 1 - cv2.dilate(marked, np.ones((3, 3), np.uint8)).astype(np.float32)
    seen = cv2.blur(around, (GROUND, GROUND))
    ground = cv2.blur(image * around[..., None], (GROUND, GROUND)) / np.maximum(seen, 1e-3)[..., None]
    grey, dim = image.mean(2, dtype=np.float32), ground.mean(2)
    edges = cv2.morphologyEx(dim, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    rough = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    dark, middle, light = np.quantile(grey, (0.005, 0.5, 0.995))
    vivid = (image.max(2) - image.min(2)).astype(np.float32)
    photo = [dark, middle, light, grey.std(), vivid.mean(), np.median(rough) * 10, rough.mean() * 5]
    there = (marked > 0) & (seen > 0.1)
    if not there.any():
        return [*(each / 64 for each in photo), *[0.0] * 18]
    colours, below = image[there].astype(np.float32), ground[there]
    by = colours.mean(1) - below.mean(1)
    ranks = np.searchsorted(np.sort(dim[::4, ::4].ravel()), below.mean(1)) / dim[::4, ::4].size
    tint = (colours - colours.mean(1, keepdims=True)).mean(0)
    return [
        *(each / 64 for each in photo),
        *np.histogram(ranks, (0, 0.25, 0.5, 0.75, 1.01))[0] / ranks.size,
        ranks.std(),
        below.mean() / 64,
        by.mean() / 64,
        by.std() / 64,
        np.abs(by).mean() / 64,
        (by > 0).mean(),
        colours.mean() / 64,
        colours.mean(1).std() / 64,
        (colours - colours.mean(1, keepdims=True)).std(0).mean() / 16,
        np.ptp(colours, 1).mean() / 32,
        np.abs(tint).max() / 16,
        (light - colours.mean()) / 64,
        edges[there].mean() / (edges.mean() + 1),
        np.log((np.abs(by).mean() + 1) / (rough.mean() + 1)),
    ]  # fmt: skip
