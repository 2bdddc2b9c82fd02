"""Portraits with a hood, a hat or a hand laid over the head: what is hair, face, eyes and mouth there is exactly known.

They are not made as `training.composites` makes those that the network learns from: hoods follow the head's outline,
hats are drawn with brims or cut out of another of the portraits, hands are silhouettes, all filled with what lies in
the photos that were asked for. The same files give the same composites.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from bench import common
from training import parts
from training.composites import BACKGROUND, LEAST_FACE, LEAST_HAT, Head, X, Y
from training.parts import OTHER, SIZE, Pair, shows

COUNT = 60
FOLDERS = ("regions/images", "photos")
"""Folders beside the portraits in which cloth is looked for."""
MOST_CLOTH = 40
"""Photos of each of them that are enough."""
QUALITY = 88
"""Of the JPEG as which a composite is shown: the portrait and what lies over it went through one camera."""
HAND = np.float32(
    [
        (0.28, 3), (0.3, 1), (0.24, 0.62), (0.02, 0.42), (-0.02, 0.34), (0.06, 0.3), (0.24, 0.4), (0.3, 0.36),
        (0.26, 0.06), (0.3, 0.01), (0.36, 0.05), (0.42, 0.3), (0.43, -0.04), (0.48, -0.1), (0.54, -0.04), (0.55, 0.29),
        (0.6, 0.0), (0.66, -0.05), (0.71, 0.01), (0.68, 0.33), (0.76, 0.14), (0.82, 0.11), (0.86, 0.17), (0.8, 0.44),
        (0.76, 0.66), (0.68, 1), (0.72, 3),
    ]
)  # fmt: skip
"""The outline of a hand that points up, with its arm, (x, y): about as wide as 1."""


@dataclass(frozen=True)
class Source:
    """What composites are made of."""

    portraits: list[Pair]
    cloth: list[np.ndarray]
    """Photos, uint8 HxWx3."""


def read(folder: Path, files: Sequence[Path], asked: Callable[[list[Path]], list[Path]]) -> Source:
    """Read the portraits of `files` in `folder`, those with a clear face, and the `asked` photos from beside it."""
    beside = [list((folder.parent / name).iterdir()) for name in FOLDERS if (folder.parent / name).is_dir()]
    found = [file for photos in beside for file in common.spread(asked(photos), MOST_CLOTH)]
    cloth = [cv2.imread(str(file), cv2.IMREAD_COLOR_RGB) for file in found]
    portraits = [pair for pair in parts.read(folder, files) if Head(*pair).face.mean() > LEAST_FACE]
    return Source(portraits, cloth or [image for image, _ in portraits])


def make(source: Source, count: int = COUNT) -> dict[str, list[Pair]]:
    """Make so many composites, by kind: images, and labels of which `OTHER` is neither face nor ear nor hair."""
    made: dict[str, list[Pair]] = {}
    bare = [pair for pair in source.portraits if not shows(pair[1], "hat").any()]
    for number in range(count):
        kind = (hood, hat, hand)[number % 3]
        random = np.random.default_rng([22, number])
        head = Head(*bare[number * len(bare) // count])
        kind(random, head, source)
        _, data = cv2.imencode(".jpg", head.image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        made.setdefault(kind.__name__, []).append((cv2.imdecode(data, cv2.IMREAD_COLOR), head.labels))
    return made


def hood(random: Generator, head: Head, source: Source) -> None:
    """Pull a hood over the head: from the face as far as the hair goes and a bit farther, and on the shoulders."""
    hull = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(head.face.astype(np.uint8))), 1)
    margin = int(random.uniform(2, 26))
    opening = _grown(hull, margin)
    above = (head.hair | head.face) & (head.chin > Y)
    outer = _grown(above.astype(np.uint8), int(random.uniform(10, 45))) | opening
    slope = np.abs(X - head.middle) - 0.5 * head.width * random.uniform(1, 1.4)
    body = (head.chin - 10 < Y) & (slope < 1.6 * (Y - head.chin) + 40)
    inside = cv2.distanceTransform(opening.astype(np.uint8), cv2.DIST_L2, 5)
    head.darken(np.where(opening, 1 - 0.5 * np.exp(-inside / random.uniform(4, 20)), 1).astype(np.float32))
    cloth = _cloth(random, source)
    dark = opening & shows(head.labels, "background", "clothes", "hat")
    head.lay((cloth * 0.35).astype(np.uint8), _edge(dark), OTHER)
    rest = (outer | body) & ~opening
    rim = cv2.distanceTransform((~opening).astype(np.uint8), cv2.DIST_L2, 5)
    light = 1 - 0.45 * np.exp(-(((rim - 10) / 3) ** 2))
    head.lay((cloth * light[..., None]).astype(np.uint8), _edge(rest), OTHER)


def hat(random: Generator, head: Head, source: Source) -> None:
    """Put a hat on: every other time another portrait's, where one wears one."""
    hats = [pair for pair in source.portraits if shows(pair[1], "hat").mean() > LEAST_HAT]
    if hats and random.random() < 0.5:
        image, labels = hats[random.integers(len(hats))]
        donor = Head(image, labels)
        move = np.float32([[1, 0, head.middle - donor.middle], [0, 1, min(0.0, head.brows - donor.brows)]])
        worn = cv2.warpAffine(shows(labels, "hat").astype(np.uint8), move, (SIZE, SIZE)).astype(bool)
        front = cv2.warpAffine(image, move, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)
    else:
        front = _cloth(random, source)
        worn, shaded = _brimmed(random, head)
        front = (front * shaded[..., None]).astype(np.uint8)
    # Hair that rises above it goes.
    over = cv2.dilate((head.hair & (_lower(worn) > Y)).astype(np.uint8), np.ones((7, 7)))
    head.lay(cv2.inpaint(head.image, over, 5, cv2.INPAINT_TELEA), over.astype(np.float32), BACKGROUND)
    head.shade(random, _edge(worn))
    head.lay(front, _edge(worn), OTHER)


def hand(random: Generator, head: Head, source: Source) -> None:
    """Hold another's hand before the mouth, the cheek or the hair."""
    image, labels = source.portraits[random.integers(len(source.portraits))]
    skin = image[shows(labels, "skin")]
    colour = np.median(skin, axis=0) if len(skin) else np.float32([190, 150, 130])
    turn = np.deg2rad(random.uniform(-50, 50))
    scale = head.width * random.uniform(0.55, 0.8) * np.array([random.choice([-1, 1]), 1])
    points = (HAND - (0.5, 0.45)) * scale
    points = points @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points += np.array([head.middle, head.top]) + random.uniform([-0.6, 0.3], [0.6, 1.0]) * (head.width, head.height)
    drawn = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(drawn, [np.rint(points * 16).astype(np.int32)], 1, shift=4)
    drawn = cv2.medianBlur(drawn, 9)
    depth = cv2.distanceTransform(drawn, cv2.DIST_L2, 5)
    light = 0.6 + 0.45 * np.sqrt(np.clip(depth / (0.11 * head.width), 0, 1)) + 0.05 * (X - head.middle) / head.width
    grain = 1 + 0.025 * cv2.GaussianBlur(random.standard_normal((SIZE, SIZE)), (0, 0), 1.5)[..., None]
    head.shade(random, _edge(drawn > 0))
    head.lay(np.clip(colour * light[..., None] * grain, 0, 255).astype(np.uint8), _edge(drawn > 0), OTHER)


def _lower(mask: np.ndarray) -> np.ndarray:
    """Tell for each column of a mask, bool HxW, the row at which it ends, 0 where it has none: int W."""
    return np.where(mask.any(0), SIZE - mask[::-1].argmax(0), 0)


def _brimmed(random: Generator, head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Draw a hat with a brim: where it is, bool HxW, and how its light falls, float32 HxW."""
    middle, wide = head.middle, head.width * random.uniform(0.62, 0.75)
    brim = head.brows - random.uniform(0.06, 0.2) * head.height
    crown = np.array([(-1, 0.05), (-0.86, -1), (-0.4, -1.15), (0, -1.05), (0.4, -1.15), (0.86, -1), (1, 0.05)])
    points = np.array([middle, brim]) + crown * (wide, head.height * random.uniform(0.5, 0.8))
    drawn = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(drawn, [np.rint(points).astype(np.int32)], 1)
    drawn = cv2.medianBlur(drawn, 15)
    flat = ((X - middle) / (wide * random.uniform(1.3, 1.8))) ** 2 + ((Y - brim) / (0.12 * head.height)) ** 2 < 1
    band = (drawn > 0) & ~flat & (brim - 0.3 * head.height < Y)
    light = 1 - 0.3 * np.abs(X - middle) / wide - 0.35 * band - 0.2 * (flat & (brim > Y))
    return flat | (drawn > 0), np.clip(light, 0.2, 1).astype(np.float32)


def _cloth(random: Generator, source: Source) -> np.ndarray:
    """Find cloth in a photo: a part of it, blurred to folds or as it is, uint8 512x512x3."""
    photo = source.cloth[random.integers(len(source.cloth))]
    edge = max(16, round(min(photo.shape[:2]) * random.uniform(0.15, 0.5)))
    top, left = (random.integers(length - edge + 1) if length > edge else 0 for length in photo.shape[:2])
    part = photo[top : top + edge, left : left + edge]
    if random.random() < 0.5:
        part = cv2.GaussianBlur(part, (0, 0), edge / 20)
    return cv2.resize(part, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    """Grow a mask, uint8 HxW, by so many pixels, and round it off: bool HxW."""
    grown = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1)))
    return cv2.GaussianBlur(grown.astype(np.float32), (0, 0), 6) > 0.5


def _edge(mask: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)
