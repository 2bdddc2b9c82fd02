"""Teach when filling what looks like scratches is worth it: how many dB it is expected to gain, by what is suspected.

Photos are shown as they came, reduced and compressed finely as pages have them, aged without a mark, and scratched,
sharply or as a scan shows marks, most after they were aged; some are made grey first; and on some a program draws what
is thin and meant: stars, writing, wires. What is suspected in each is measured (`models.restore.suspects`), and what
filling it gains; `training.judges` learns the one from the other.

usage: python -m training.scratch_worth --data DIR [--most 700] [--out FILE]
"""

import cv2
import numpy as np
from numpy.random import Generator

from models import restore
from models.restore import scratches
from models.restore.suspects import FEW
from training import ageing, judges
from training.judges import error, gain

UNMARKED = ("grain", "jpeg", "blur", "stains", "fading", "halftone", "reduced", "sound")
DRAWN = ("stars", "writing", "wires")
GREY = "grey "
"""Before the name of a kind that becomes of a grey photo."""
KINDS = (
    ("sound",),
    ("scratches", "mixed"),
    UNMARKED,
    ("grey sound", "grey scratches", "grey mixed"),
    (*DRAWN, "grey fading", "grey grain", "grey jpeg"),
    ("cracked", "grey cracked"),
)
OF_PORTRAITS = (("sound",), ("worn", "mixed"), ("grey sound", "grey worn", "grey mixed"))
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
SOFT = 0.5
"""How often marks are soft in every other photo that has any; see `training.ageing.marks`."""


def measured(random: Generator, image: np.ndarray, kind: str) -> tuple[np.ndarray, float]:
    """Draw a view of uint8 HxWx3, and fill its marks. Gives what was suspected and how many dB that gained."""
    old, before = shown(random, image, kind)
    step = restore.STEPS["scratches"]
    signs, marks = step.suspected(old)
    filled = step.apply(old, step.checked({}), "envo-scratches", marks=marks).pixels
    return signs, gain(error(old, before), error(filled, before))


def shown(random: Generator, image: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Make of uint8 HxWx3 what is shown, and what that is without its marks."""
    if kind.startswith(GREY):
        image, kind = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), kind[len(GREY) :]
    if kind == "cracked":
        image, _ = judges.sound(random, image, kind)
        image = ageing.unmarked(random, image, random.choice(["mixed", "fading", "none"]))
        return cracked(random, image), image
    if kind in DRAWN:
        image = {"stars": starry, "writing": written, "wires": wired}[kind](random, image)
    elif kind in ageing.ALL:
        image = ageing.unmarked(random, image, kind)
    else:
        image = judges.sound(random, image, kind)[0]
    marked = ageing.marks(random, image, random.choice([0, SOFT]))[0] if kind in ageing.MARKED else image
    return marked, image


def cracked(random: Generator, image: np.ndarray) -> np.ndarray:
    """Crack a photo from side to side, as a print that was bent: wider than `training.ageing` does."""
    shape = np.array(image.shape[1::-1], float)
    cover = np.zeros(image.shape[:2], np.uint8)
    for _ in range(random.integers(1, 4)):
        start, end = random.uniform(0, 1, (2, 2))
        axis = random.integers(2)
        start[axis], end[axis] = 0, 1
        points = np.linspace(start, end, random.integers(6, 40)) * shape
        points += random.normal(0, random.uniform(0.5, 8), points.shape)
        width = max(2, round(shape.min() * random.uniform(0.012, 0.03)))
        cv2.polylines(cover, [np.rint(points).astype(np.int32)], False, 255, width, cv2.LINE_AA)
    soft = cv2.GaussianBlur(cover, (0, 0), random.uniform(0.3, 1))
    share = soft[..., None] * np.float32(random.uniform(0.8, 1) / 255)
    paper = random.uniform([200, 195, 180], 255) + random.normal(0, random.uniform(0, 8), image.shape)
    return _levels(image * (1 - share) + paper * share)


def starry(random: Generator, image: np.ndarray) -> np.ndarray:
    """Make night of a photo, with lights in it."""
    height, width = image.shape[:2]
    count = int(height * width * np.exp(random.uniform(np.log(1e-4), np.log(2e-3))))
    lights = np.zeros((height, width), np.float32)
    lights[random.integers(0, height, count), random.integers(0, width, count)] = random.uniform(200, 2500, count)
    night = cv2.GaussianBlur(image, (0, 0), random.uniform(1, 20)) * np.float32(random.uniform(0, 0.3))
    night = night * np.float32(random.uniform(0.6, 1, 3)) + random.uniform(4, 24)
    return _levels(night + cv2.GaussianBlur(lights, (0, 0), random.uniform(0.6, 1.6))[..., None])


def written(random: Generator, image: np.ndarray) -> np.ndarray:
    """Write on paper, or over a photo."""
    height, width = image.shape[:2]
    shade = cv2.resize(random.uniform(110, 255, (2, 2)).astype(np.float32), (width, height))
    paper = shade[..., None] * np.float32(random.uniform(0.9, 1, 3)) + random.normal(0, 3, image.shape)
    page = _levels(paper) if random.random() < 0.7 else image.copy()
    font, scale, ink = FONTS[random.integers(len(FONTS))], random.uniform(0.3, 1.2), random.uniform(0, 70)
    for y in range(int(random.uniform(10, 40)), height, int(scale * random.uniform(28, 45)) + 4):
        line = "".join(chr(each) for each in random.choice([*range(97, 123), 32, 32, 32], int(width / scale / 18) + 2))
        at = (int(random.uniform(0, 30)), y)
        cv2.putText(page, line, at, font, scale, [ink] * 3, 1 + int(scale > 0.7), cv2.LINE_AA)
    return cv2.GaussianBlur(page, (0, 0), random.uniform(0.3, 1))


def wired(random: Generator, image: np.ndarray) -> np.ndarray:
    """Give a photo a sky with wires and masts before it."""
    height, width = image.shape[:2]
    horizon = int(height * random.uniform(0.4, 0.9))
    sky = np.linspace(random.uniform(90, 200), random.uniform(180, 250), horizon)[:, None, None]
    photo = image.copy()
    photo[:horizon] = _levels(sky * random.uniform(0.85, 1.05, 3) + np.zeros((horizon, width, 1)))
    ink = random.uniform(20, 70, 3)
    slope, gap = random.uniform(-0.3, 0.3), random.uniform(0.04, 0.15) * height
    for number in range(random.integers(2, 10)):
        y = int(0.05 * height + number * gap)
        end = min(horizon, int(y + slope * width))
        if y < horizon:
            cv2.line(photo, (0, y), (width, end), ink, random.integers(1, 4), cv2.LINE_AA)
    for x in random.integers(0, width, random.integers(0, 3)).tolist():
        cv2.line(photo, (x, 0), (x + 6, height), ink, random.integers(2, 7), cv2.LINE_AA)
    return photo


def _levels(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


LESSON = judges.Lesson("scratch-worth", 91, KINDS, OF_PORTRAITS, measured, 700, np.log(scratches.LEAST + FEW))

if __name__ == "__main__":
    judges.main(__doc__, LESSON)
