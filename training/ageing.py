"""Photos made old: what time, bad printing and bad scanning do to them, each with the truth beside.

The kinds follow Wan et al., "Bringing Old Photos Back to Life" (CVPR 2020, arXiv:2004.09484), which ages photos by
scratches, holes, blur, noise and fading, and the order of what is lost is shuffled as by Zhang et al., "Designing a
Practical Degradation Model" (ICCV 2021, arXiv:2103.14006). Pictures are uint8 HxWx3 RGB; none is changed in place.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from training import augment

Change = Callable[[np.ndarray], np.ndarray]

VISIBLE = 12
"""A mark that changes no channel by so much, of 255, cannot be seen, and counts as none."""
LOSSES = ("grain", "blur", "jpeg", "halftone")
KINDS = ("scratches", "stains", "fading", *LOSSES, "mixed")
"""What becomes of photos."""
ALL = (*KINDS, "worn")
"""And of portraits: what `aged` can do."""
MARKED = ("scratches", "mixed", "worn")
"""Of these, what leaves marks."""


def aged(random: Generator, image: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Age a photo by one of `ALL`: the photo, and its marks as `marks` gives them.

    "mixed" is a print that lay about: always faded and scratched, with one or two other losses. "worn" is blurred,
    grained and scratched, all three, as an old portrait is.
    """
    image = unmarked(random, image, kind)
    return marks(random, image) if kind in MARKED else (image, np.zeros(image.shape[:2], np.uint8))


def unmarked(random: Generator, image: np.ndarray, kind: str) -> np.ndarray:
    """Age a photo as `aged` does, but for its marks, which come last."""
    if kind == "fading":
        return fading(random)(image)
    if kind in LOSSES:
        return lost(random, image, kind)
    if kind == "stains":
        return stained(random, image)
    if kind == "worn":
        for loss in ("blur", "grain"):
            image = lost(random, image, loss)
    if kind == "mixed":
        image = fading(random)(image)
        if random.random() < 0.3:
            image = stained(random, image)
        for loss in random.permutation(LOSSES[:3])[: random.integers(1, 3)]:
            image = lost(random, image, loss)
    return image


def marks(random: Generator, image: np.ndarray, soft: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Scratch, crack, crease and dust a photo: it, and where that can be seen, uint8 HxW of 0 and 1.

    `soft` is the chance of each kind of marks to look as they do in a scan: see `_scanned`.
    """
    shape = image.shape[:2]
    worn = image.astype(np.float32)
    alpha = np.zeros(shape, np.float32)
    for draw in _some_marks(random):
        cover = draw(random, shape)
        cover *= random.uniform(0.7, 1.0)
        colour = _colour_of_marks(random, image)
        if soft and random.random() < soft:  # without, chance is not asked: what is measured by stays the same
            cover, relief = _scanned(random, cover)
            worn += relief[..., None]
            alpha[np.abs(relief) >= VISIBLE] = 1
        worn += (colour - worn) * cover[..., None]
        alpha = np.maximum(alpha, cover)
    worn = np.clip(np.rint(worn), 0, 255).astype(np.uint8)
    seen = ((cv2.absdiff(worn, image).max(2) >= VISIBLE) & (alpha > 0.2)).astype(np.uint8)
    if soft:  # between its light and its dark side, a mark may show nothing
        seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return worn, seen


def covered(random: Generator, shape: tuple[int, int]) -> np.ndarray:
    """Draw marks alone, as `marks` does: how much of a photo they cover, float32 HxW."""
    return np.maximum.reduce([draw(random, shape) * random.uniform(0.7, 1.0) for draw in _some_marks(random)])


def _some_marks(random: Generator) -> list[Callable[[Generator, tuple[int, int]], np.ndarray]]:
    """Pick one to three kinds of marks."""
    kinds = (_scratches, _cracks, _dust, _creases, _holes)
    return [kinds[at] for at in random.choice(len(kinds), random.choice([1, 2, 3], p=[0.4, 0.4, 0.2]), replace=False)]


def _colour_of_marks(random: Generator, image: np.ndarray) -> np.ndarray:
    """Draw what shows where the picture is gone: paper mostly, else dirt; with some texture, float32 HxWx3 or 3."""
    if random.random() < 0.85:
        colour = random.uniform([195, 190, 175], 255)
        # The paper of a faded photo is about as light as its lightest parts.
        colour = np.minimum(colour, np.percentile(image, 99.5, (0, 1)) + random.uniform(0, 60))
    else:
        colour = random.uniform(0, 70) * random.uniform([0.8, 0.7, 0.6], 1)
    texture = cv2.resize(random.normal(0, 8, (image.shape[0] // 3 + 1, image.shape[1] // 3 + 1)), image.shape[1::-1])
    return np.clip(colour + texture[..., None], 0, 255).astype(np.float32)


def _scanned(random: Generator, cover: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Blur marks as a scan of few pixels does, and let them stand out or lie deeper: both float32 HxW.

    Gives how much is covered, and what the lamp, which shines from one side, adds to the photo, of 255.
    """
    soft = cv2.GaussianBlur(cover, (0, 0), random.uniform(0.4, 1.2))
    soft *= cover.max() / max(soft.max(), 1e-6)
    side = random.uniform(0, 2 * np.pi)
    slope = np.cos(side) * cv2.Sobel(soft, cv2.CV_32F, 1, 0) + np.sin(side) * cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    relief = slope * (random.uniform(0, 70) / max(np.abs(slope).max(), 1e-6))
    return soft * np.float32(random.uniform(0.25, 1.0)), relief.astype(np.float32)


def _thickness(random: Generator, shape: tuple[int, int], most: float) -> float:
    """Draw how wide a mark is, in pixels: thin ones are the many."""
    reference = max(min(shape), 256)
    return float(np.exp(random.uniform(np.log(0.9), np.log(max(1.0, most * reference)))))


def _stroke(cover: np.ndarray, points: np.ndarray, width: float, fade: np.ndarray | float = 1.0) -> None:
    """Draw a line through points (x, y), float Nx2, with smooth edges, at most `fade` strong along it."""
    scale = 8
    fixed = np.rint(points * scale).astype(np.int32)
    fades = np.broadcast_to(fade, len(points))
    for start, end, strength in zip(fixed[:-1], fixed[1:], fades[:-1], strict=True):
        # OpenCV's smooth lines are 8 bits.
        low = np.minimum(start, end) // scale - 4 - int(width)
        high = np.maximum(start, end) // scale + 5 + int(width)
        low, high = np.maximum(low, 0), np.minimum(high, cover.shape[::-1])
        if (high <= low).any():
            continue
        part = np.zeros((high - low)[::-1], np.uint8)
        cv2.line(
            part,
            (start - low * scale).tolist(),
            (end - low * scale).tolist(),
            255,
            max(1, round(width)),
            cv2.LINE_AA,
            3,
        )
        view = cover[low[1] : high[1], low[0] : high[0]]
        thin = min(1.0, width)
        np.maximum(view, part.astype(np.float32) * np.float32(strength * thin / 255), out=view)


def _walk(random: Generator, start: np.ndarray, angle: float, step: float, count: int, turn: float) -> np.ndarray:
    """Draw a path, float Nx2, that changes its direction by about `turn` radians each step."""
    angles = angle + np.cumsum(random.normal(0, turn, count))
    steps = step * np.stack([np.cos(angles), np.sin(angles)], 1)
    return np.concatenate([start[None], start + np.cumsum(steps, 0)])


def _scratches(random: Generator, shape: tuple[int, int]) -> np.ndarray:
    """Fairly straight lines that come in one or two directions, often with gaps."""
    cover = np.zeros(shape, np.float32)
    extent = np.array(shape[::-1], float)
    reach = extent.max()
    direction = random.uniform(0, np.pi)
    for _ in range(random.integers(2, 12)):
        angle = direction + random.normal(0, 0.25) if random.random() < 0.7 else random.uniform(0, np.pi)
        count = random.integers(6, 20)
        length = reach * random.uniform(0.1, 1.0)
        path = _walk(random, random.uniform(0, 1, 2) * extent, angle, length / count, count, random.uniform(0, 0.12))
        fade = np.clip(random.normal(0.9, 0.35, len(path)), 0, 1)
        _stroke(cover, path, _thickness(random, shape, 0.008), fade)
    return cover


def _cracks(random: Generator, shape: tuple[int, int]) -> np.ndarray:
    """Jagged lines that branch."""
    cover = np.zeros(shape, np.float32)
    extent = np.array(shape[::-1], float)
    step = extent.max() * 0.015 + 2
    for _ in range(random.integers(1, 4)):
        width = _thickness(random, shape, 0.012)
        trunk = _walk(random, random.uniform(0, 1, 2) * extent, random.uniform(0, 2 * np.pi), step, 40, 0.5)
        _stroke(cover, trunk, width)
        for at in random.integers(0, len(trunk), random.integers(0, 6)):
            branch = _walk(random, trunk[at], random.uniform(0, 2 * np.pi), step, random.integers(4, 16), 0.5)
            _stroke(cover, branch, max(0.8, width * 0.6))
    return cover


def _dust(random: Generator, shape: tuple[int, int]) -> np.ndarray:
    """Specks and short hairs."""
    cover = np.zeros(shape, np.float32)
    extent = np.array(shape[::-1], float)
    for _ in range(int(shape[0] * shape[1] * random.uniform(0.2, 3) / 4096) + 2):
        at, width = random.uniform(0, 1, 2) * extent, _thickness(random, shape, 0.012)
        if random.random() < 0.15:
            _stroke(cover, _walk(random, at, random.uniform(0, 6.3), 3, random.integers(3, 10), 0.5), min(width, 1.5))
        else:
            _stroke(cover, _walk(random, at, random.uniform(0, 6.3), width * 0.5, 2, 1.5), width)
    return cover


def _creases(random: Generator, shape: tuple[int, int]) -> np.ndarray:
    """Where the print was folded: a line across most of it, ragged at the edges."""
    cover = np.zeros(shape, np.float32)
    extent = np.array(shape[::-1], float)
    for _ in range(random.integers(1, 3)):
        angle = random.choice([0, np.pi / 2]) + random.normal(0, 0.25)
        middle = random.uniform(0.1, 0.9, 2) * extent
        along = np.linspace(-0.8, 0.8, 40)[:, None] * extent.max() * np.array([np.cos(angle), np.sin(angle)])
        path = middle + along + np.cumsum(random.normal(0, 0.6, (40, 2)), 0)
        width = _thickness(random, shape, 0.02)
        _stroke(cover, path, width, np.clip(random.normal(0.8, 0.3, 40), 0.2, 1))
        for _ in range(random.integers(0, 12)):  # flakes
            at = path[random.integers(len(path))] + random.normal(0, width, 2)
            _stroke(cover, _walk(random, at, random.uniform(0, 6.3), width * 0.6, 3, 1), max(1, width * 0.8))
    return cover


def _holes(random: Generator, shape: tuple[int, int]) -> np.ndarray:
    """Small places where the surface came off."""
    cover = np.zeros(shape, np.float32)
    reference = max(min(shape), 256)
    for _ in range(random.integers(1, 5)):
        around = np.sort(random.uniform(0, 2 * np.pi, 14))
        radius = reference * np.exp(random.uniform(np.log(0.006), np.log(0.035))) * random.uniform(0.5, 1.4, (14, 1))
        middle = random.uniform(0, 1, 2) * shape[::-1]
        corners = middle + radius * np.stack([np.cos(around), np.sin(around)], 1)
        part = np.zeros(shape, np.uint8)
        cv2.fillPoly(part, [np.rint(corners * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
        cover = np.maximum(cover, part.astype(np.float32) / 255)
    return cover


def stained(random: Generator, image: np.ndarray) -> np.ndarray:
    """Put soft spots of damp and dirt on a photo, through which it shows."""
    height, width = image.shape[:2]
    worn = image.astype(np.float32)
    for _ in range(random.integers(1, 4)):
        noise = cv2.resize(
            random.normal(0, 1, (6, 6)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
        x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
        at, radius = random.uniform(-1, 1, 2), random.uniform(0.15, 0.5)
        distance = np.hypot(x - at[0], y - at[1]) / radius + 0.25 * noise
        spot = 1 / (1 + np.exp((distance - 1) * random.uniform(4, 25)))
        tint = random.uniform([0.75, 0.65, 0.45], [1.0, 0.95, 0.85])
        worn *= 1 - (spot[..., None] * (1 - tint)).astype(np.float32)
    return np.clip(np.rint(worn), 0, 255).astype(np.uint8)


def fading(random: Generator) -> Change:
    """Draw how the dyes of a print fade: blacks get light, whites yellow, colours weak and shifted."""
    black = random.uniform(0, 0.22) + random.uniform(-0.05, 0.05, 3)
    white = random.uniform(0.72, 1.0) * np.array([1, random.uniform(0.88, 1.02), random.uniform(0.7, 1.02)])
    gamma = np.exp(random.normal(0, 0.12) + random.normal(0, 0.1, 3))
    black = np.clip(black, 0, 0.3)
    white = np.clip(white, black + 0.25, 1)
    return faded(black, white, gamma, random.uniform(0.35, 1.0))


def faded(black: np.ndarray, white: np.ndarray, gamma: np.ndarray, kept: float) -> Change:
    """Fade so that black and white, 3 each, come to these, middle tones go by an exponent, and so much colour stays."""
    ramp = np.linspace(0, 1, 256)[:, None] ** gamma
    table = np.rint((black + (white - black) * ramp) * 255).astype(np.uint8)

    def change(image: np.ndarray) -> np.ndarray:
        grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        return cv2.LUT(cv2.addWeighted(image, kept, grey, 1 - kept, 0), table[None])

    return change


def lost(random: Generator, image: np.ndarray, kind: str) -> np.ndarray:
    """Lose detail by one of `LOSSES`."""
    return {"grain": _grain, "blur": _blur, "jpeg": _jpeg, "halftone": _halftone}[kind](random, image)


def _grain(random: Generator, image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    channels = 1 if random.random() < 0.55 else 3
    noise = random.standard_normal((height, width, channels), np.float32)
    size = random.uniform(0, 1.0)
    if size > 0.35:  # clumps
        noise = cv2.GaussianBlur(noise, (0, 0), size).reshape(height, width, channels)
        noise /= noise.std() + 1e-6
    strength = np.float32(np.exp(random.uniform(np.log(3), np.log(24))))
    # Film's is strongest in the middle tones.
    middle = image.mean(2, dtype=np.float32)[..., None] / 255
    noise *= strength * (0.55 + 1.8 * middle * (1 - middle))
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _blur(random: Generator, image: np.ndarray) -> np.ndarray:
    kind = random.integers(3)
    if kind == 0:
        return cv2.GaussianBlur(image, (0, 0), random.uniform(0.5, 2.2))
    if kind == 1:  # few pixels
        share = random.uniform(0.35, 0.8)
        few = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        return cv2.resize(few, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    radius = random.uniform(1.0, 2.6)  # out of focus
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return cv2.filter2D(image, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)


def _jpeg(random: Generator, image: np.ndarray) -> np.ndarray:
    return augment.compressed(random, image, 18, 75)


def _halftone(random: Generator, image: np.ndarray) -> np.ndarray:
    """Print as newspapers do, in dots, and scan that: Ulichney, Digital Halftoning, 1987."""
    height, width = image.shape[:2]
    period = random.uniform(2.6, 5.0)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    hard = np.float32(random.uniform(1.5, 4))
    first = random.uniform(0, np.pi / 2)
    grey = random.random() < 0.5
    source = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None] if grey else image
    parts = []
    for channel in range(source.shape[2]):
        angle = first + channel * np.pi / 6
        u = (x * np.cos(angle) + y * np.sin(angle)) * np.float32(2 * np.pi / period)
        v = (y * np.cos(angle) - x * np.sin(angle)) * np.float32(2 * np.pi / period)
        screen = (np.cos(u) + np.cos(v)) / 4 + 0.5
        parts.append(np.clip((source[..., channel] / np.float32(255) - screen) * hard + 0.5, 0, 1))
    dots = np.stack(parts, -1)
    if grey:  # black dots on a photo that keeps its colour
        dots = dots * image / np.maximum(source, 1)
    printed = cv2.GaussianBlur(np.clip(dots, 0, 1).reshape(image.shape), (0, 0), random.uniform(0.5, 1.0)) * 255
    share = random.uniform(0.4, 1.0)
    return np.clip(
        np.rint(cv2.addWeighted(printed.astype(np.float32), share, image.astype(np.float32), 1 - share, 0)), 0, 255
    ).astype(np.uint8)
