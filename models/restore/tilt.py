"""By how much a photo hangs askew: what is level or plumb at each angle, and what it looks like as a whole.

Two networks give each angle a probability: one weighs lines and edges (`training/tilt.py`), the other knows what stands
and what lies by what it is (`training/level.py`). The first is exact, but takes a slope for the ground; the second
knows better, but less exactly.
"""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np

from models import cache, weights

EDGE = 640
"""Pixels of the long edge at which lines are looked for."""
PROFILE_EDGE = 160
"""Pixels of the short edge at which rows and columns are summed up."""
MOST = 20
"""Degrees of the largest tilt that is looked for."""
STEP = 0.25
ANGLES = np.arange(-MOST, MOST + STEP / 2, STEP).astype(np.float32)
"""Tilts that are told apart, in degrees, clockwise above 0."""
LENGTHS = (0.03, 0.07, 0.15, np.inf)
"""Lines are told apart by their length, in long edges of the photo."""
SIGMA = 0.4
"""Degrees by which a line may be off."""
LEANS = np.arange(-24, 25, 3)
"""Degrees by which plumb lines may converge from one side of a photo to the other, as where a camera looks up."""
SCALES = (1.0, 2.0)
"""Blurs, in pixels, at which edges are looked at."""
NEAR = 1.0
"""Degrees within which angles are taken for the same."""
CHANNELS = 2 * (len(LENGTHS) - 1) + 1 + 2 * len(SCALES) + 2
SHAPES = ((192, 256), (256, 192), (224, 224))
"""Heights and widths of what is seen as a whole."""
SEEN = np.arange(-22, 22.25, 0.5).astype(np.float32)
"""Tilts that are told apart by that, in degrees, clockwise above 0."""
LINES, WHOLE = "tilt", "level"
NETWORKS = (LINES, WHOLE)
MEMORY = {LINES: 10 * 2**20, WHOLE: 60 * 2**20}
"""Bytes that each network and its buffers take."""
WHOLE_WEIGHT = 1.5
"""What the logarithms of the second network's probabilities count, beside those of the first."""
BLUR = 2.0
"""Degrees by which what is known of the whole is blurred, for it tells among lines but not as exactly as they do."""
FLOOR = 1e-4
"""Probability below which it does not matter how improbable an angle is."""
LEVEL = 0.2
"""Probability, before a photo is looked at, that it hangs level, within a degree or so; any other tilt is as likely as
another. More photos do, but mostly these leave no doubt of it."""
_NEAR_LEVEL = np.exp(-(ANGLES**2) / 2)
EXPECTED = (1 - LEVEL) / len(ANGLES) + LEVEL * _NEAR_LEVEL / _NEAR_LEVEL.sum()
"""Probability of each of `ANGLES` before a photo is looked at."""


@dataclass(frozen=True)
class Tilt:
    """By how much a photo hangs askew."""

    angle: float
    """Degrees, clockwise: the median of what is probable, from which the truth is the least far on average."""
    gain: float
    """Degrees by which it is to be expected to hang straighter when that is turned back."""
    sure: float
    """Probability that it is right within `NEAR` degrees."""


def find(image: np.ndarray) -> Tilt:
    """Tell by how much uint8 HxWx3, which is upright otherwise, hangs askew."""
    seen = evidence(image)[None]
    whole = framed(image).astype(np.float32)
    lines = shares(LINES, np.stack([seen, seen[:, ::-1]]))
    looks = np.interp(ANGLES, SEEN, shares(WHOLE, np.stack([whole, whole[:, ::-1]]))).astype(np.float32)
    looks = cv2.GaussianBlur(looks[None], (0, 0), BLUR / STEP, borderType=cv2.BORDER_REPLICATE)[0]
    scores = np.log(lines + FLOOR) + WHOLE_WEIGHT * np.log(looks / looks.sum() + FLOOR)
    joint = np.exp(scores - scores.max())
    joint /= joint.sum()
    angle = np.interp(0.5, joint.cumsum() - joint / 2, ANGLES)
    joint *= EXPECTED
    joint /= joint.sum()
    off = np.abs(ANGLES - angle)
    return Tilt(float(angle), float(joint @ (np.abs(ANGLES) - off)), float(joint[off <= NEAR].sum()))


def shares(name: str, both: np.ndarray) -> np.ndarray:
    """Ask a network how probable each angle is, by what a photo and its mirror image show: float32 A."""
    path = weights.path(name)
    with cache.use(path, lambda: cache.onnx_session(path), MEMORY[name]) as session:
        plain, mirrored = session.run(["angles"], {"image": both})[0]
    return (plain + mirrored[::-1]) / 2


def shape(image: np.ndarray) -> tuple[int, int]:
    """The one of `SHAPES` that is closest to that of HxWx3."""
    height, width = image.shape[:2]
    return min(SHAPES, key=lambda shape: abs(np.log(shape[1] / shape[0] * height / width)))


def framed(image: np.ndarray) -> np.ndarray:
    """Cut the middle out of uint8 HxWx3 that is one of `SHAPES`, and bring it to that."""
    wanted = shape(image)
    share = min(length / side for length, side in zip(image.shape, wanted, strict=False))
    size = [max(1, round(side * share)) for side in wanted]
    top, left = ((length - side) // 2 for length, side in zip(image.shape, size, strict=False))
    part = image[top : top + size[0], left : left + size[1]]
    return cv2.resize(part, wanted[::-1], interpolation=cv2.INTER_AREA)


def evidence(image: np.ndarray) -> np.ndarray:
    """Sum up what in uint8 HxWx3 would be level or plumb if it hung at each of `ANGLES`: float32 161x13.

    Logarithms of: lines by their length, level and plumb, and plumb ones that converge (LSD, Grompone von Gioi et
    al., PAMI 2010); edges at two scales by the structure tensor, level and plumb; and how sharply rows and columns
    differ, which tells horizons.
    """
    scale = min(1, EDGE / max(image.shape))
    size = [max(8, round(length * scale)) for length in image.shape[1::-1]]
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    sums = [
        *_lines(grey),
        *(each for scale in SCALES for each in _edges(grey.astype(np.float32), scale)),
        *_profiles(grey),
    ]
    return np.log(np.stack(sums, axis=-1).astype(np.float32) + 0.02)


def _lines(grey: np.ndarray) -> list[np.ndarray]:
    found = cv2.createLineSegmentDetector().detect(grey)[0]
    found = np.empty((0, 4), np.float32) if found is None else found.reshape(-1, 4)
    across, edge = found[:, 2:] - found[:, :2], max(grey.shape)
    pixels = np.hypot(*across.T)
    angles = np.rad2deg(np.arctan2(across[:, 1], across[:, 0]))
    off = (angles + 45) % 90 - 45
    level = np.abs((angles + 90) % 180 - 90) < 45
    places = (found[:, 0] + found[:, 2]) / 2 / edge - grey.shape[1] / edge / 2
    lengths, spread = pixels / edge, SIGMA + 8 / np.maximum(pixels, 1)

    def summed(which: np.ndarray, lean: float = 0) -> np.ndarray:
        near = np.exp(-(((ANGLES[:, None] - off[which] + lean * places[which]) / spread[which]) ** 2) / 2)
        return near @ lengths[which]

    sums = [
        summed(side & (lengths >= shortest) & (lengths < longest))
        for side in (level, ~level)
        for shortest, longest in itertools.pairwise(LENGTHS)
    ]
    plumb = ~level & (lengths >= LENGTHS[0])
    return [*sums, np.max([summed(plumb, lean) * np.exp(-abs(lean) / 20) for lean in LEANS], axis=0)]


def _edges(grey: np.ndarray, blur: float) -> list[np.ndarray]:
    """How much edge there is at each angle, level and plumb, where edges have one direction."""
    grey = cv2.GaussianBlur(grey, (0, 0), blur)
    x, y = (cv2.Scharr(grey, cv2.CV_32F, *order) / 32 for order in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.GaussianBlur(each, (0, 0), 1.5 * blur) for each in (x * x, y * y, x * y))
    energy, directed = xx + yy, np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    angles = np.rad2deg(np.arctan2(2 * xy, xx - yy)) / 2  # of the gradient: 0 at plumb edges
    weights = np.sqrt(energy) * (directed / (energy + 20)) ** 4
    bins = np.append(ANGLES - STEP / 2, MOST + STEP / 2)
    sums = []
    for off in (np.where(angles > 0, angles - 90, angles + 90), angles):
        counted = np.histogram(off, bins, weights=weights)[0].astype(np.float32)
        counted = cv2.GaussianBlur(counted[None], (0, 0), 2, borderType=cv2.BORDER_REPLICATE)[0]
        sums.append(counted / grey.size * 20)
    return sums


def _profiles(grey: np.ndarray) -> list[np.ndarray]:
    """How much neighbouring rows, and columns, differ, when a photo is turned back from each angle."""
    scale = PROFILE_EDGE / min(grey.shape)
    size = [min(2 * PROFILE_EDGE, max(PROFILE_EDGE, round(length * scale))) for length in grey.shape[::-1]]
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    middle = (np.array(size) - 1) / 2
    wide, high = (round(length / 1.3) for length in size)
    coarse = np.arange(-MOST, MOST + 1)
    sums = []
    for angle in coarse:
        cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        matrix = np.array([[cosine, -sine], [sine, cosine]])
        back = np.column_stack([matrix, middle - matrix @ [(wide - 1) / 2, (high - 1) / 2]])
        view = cv2.warpAffine(small, back, (wide, high), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        sums.append([np.square(np.diff(view.mean(axis))).mean() / 20 for axis in (1, 0)])
    return [np.interp(ANGLES, coarse, each) for each in np.array(sums).T]
