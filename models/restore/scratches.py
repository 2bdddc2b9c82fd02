"""The step that finds scratches, cracks, creases and dust, and fills them."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from envo import photo
from envo.controls import Control
from models import cache, inpaint, weights
from models.engine import part, quiet
from models.inpaint import membrane
from models.restore import judge, network
from models.restore.base import NOT_JUDGED, STRENGTH, Done, Look, Report, ScratchEngine, Step, mixed
from models.restore.suspects import suspects
from models.restore.zeroscratches import ZeroScratches

OPERATIONS = 60e3
"""Of the network for each pixel of a photo."""
LARGER = 1.25
"""A photo is looked at twice, the second time so much larger and on its head: what shows both times is a scratch."""
SMALLER = 0.5
"""And once so much smaller, for the network was shown no marks wider than about six pixels."""
WIDE = 5
"""Of that only what is so many of its pixels wide, or nearly, counts: the other looks are better at thin marks."""
LONG = 16
"""And what is so many times as long as wide, for a crack is; a lit window is not, but is a reason to doubt."""
SENSITIVITY = Control(
    "sensitivity", "Sensitivity", "How faint a mark may be to be taken for damage.", 0, 100, 50, 1, "%"
)
SEEN = 1e6
"""Photos are looked through at so many pixels at most: what a larger one shows beyond is no scratch but its grain."""
THIN = 15
"""Marks so many pixels wide or less, at that size, are bridged; wider ones get what could have been there."""
MARGIN = 1
"""Marks are filled so many pixels beyond where they were found, at that size, for their edges are soft."""
JUDGE = "scratch-worth"
"""Weights that tell whether filling is worth it."""
LEAST = 2e-3
"""Share of the photo that must be marked for the step to be suggested."""
SUSPECTED = 0.25
"""Probability from which on a pixel may be marked."""
GAIN = 4.0
"""So many dB must be expected of the filling for the step to be suggested."""
LEAST_EVEN = 0.08
"""Share of the marks that must lie on each quarter of a photo, from its darkest pixels to its lightest, lest it be said
that they lie on one thing."""
NIGHT = 40
"""How light their ground must be on average, of 255, for it not to be said that they are lamps or stars."""
MOST = 0.1
"""A larger share is no damage but what the photo is of, such as snow, or the mortar between bricks."""


class EnvoScratches(ScratchEngine):
    """A U-Net that was trained here on photos scratched by a program."""

    name = "envo-scratches"
    label = "Envo scratches"
    requires = ("scratches",)

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return (OPERATIONS * (1 + LARGER**2 + SMALLER**2) / cache.speed() + 3e-6) * pixels

    def find(self, image: np.ndarray, report: Report) -> np.ndarray:
        thin, wide = self.looks(image, report)
        return np.maximum(thin, _long(wide))

    def looks(self, image: np.ndarray, report: Report) -> tuple[np.ndarray, np.ndarray]:
        """Tell how probably each pixel of uint8 HxWx3 is in a thin mark and in a wide one: both uint8 HxW."""

        def look(view: np.ndarray, time: int) -> np.ndarray:
            return network.answer_tiled(self.requires[0], view, 255, part(report, time, 3), "Looking for scratches")

        size = image.shape[1::-1]
        larger, smaller = ([max(1, round(scale * length)) for length in size] for scale in (LARGER, SMALLER))
        once = look(image, 0)
        again = look(cv2.resize(image[::-1, ::-1], larger, interpolation=cv2.INTER_CUBIC), 1)
        again = cv2.resize(again, size, interpolation=cv2.INTER_AREA)[::-1, ::-1]
        wide = look(cv2.resize(image, smaller, interpolation=cv2.INTER_AREA), 2)
        wide = cv2.resize(cv2.morphologyEx(wide, cv2.MORPH_OPEN, _disc(WIDE)), size, interpolation=cv2.INTER_LINEAR)
        return cv2.addWeighted(once, 0.5, again, 0.5, 0), wide


class Scratches(Step[ScratchEngine]):
    id = "scratches"
    label = "Scratches"
    about = "Finds scratches, cracks, creases and dust, and fills them."
    controls = (STRENGTH, SENSITIVITY)
    takes_marks = True

    def __init__(self) -> None:
        super().__init__([ZeroScratches(), EnvoScratches()])

    def look(self, image: np.ndarray) -> Look:
        if not (self.engines["envo-scratches"].available() and weights.available(JUDGE)):
            return NOT_JUDGED
        image = photo.reduce(image, SEEN)
        signs, marks = self.suspected(image)
        share = float((marks > 0).mean())
        if not share:
            return Look(False, "No scratch was found.")
        if share < LEAST:
            return Look(False, "Hardly any scratches, if that is what they are.")
        if share > MOST:
            return Look(False, "What looks like scratches is nearly everywhere: too much to be damage.")
        if judge.expected(signs, np.load(weights.path(JUDGE))) > GAIN:
            return Look(True, f"Scratches, cracks or specks on {100 * share:.2g} % of the photo.")
        quarters, light = _ground(image, marks > 0)
        if light < NIGHT:
            return Look(False, "What looks like scratches may well be lights in the dark.")
        if quarters.min() < LEAST_EVEN:
            return Look(False, "What looks like scratches lies on one thing alone: it may well be part of it.")
        return Look(False, "What looks like scratches may well be what the photo shows.")

    def suspected(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Measure what looks like marks in uint8 HxWx3 of a megapixel at most, as `suspects`, and give these marks.

        These are uint8 HxW, 0 or 255, as they are found by the sensitivity that comes first.
        """
        thin, wide = self.engines["envo-scratches"].looks(image, quiet)
        long = _long(wide)
        marks = _above(np.maximum(thin, long), SENSITIVITY.default)
        return suspects(image, thin, wide, long), marks

    def find(
        self, image: np.ndarray, values: Mapping[str, Any], engine: str = "auto", report: Report | None = None
    ) -> np.ndarray:
        """Find the marks of uint8 HxWx3: uint8 HxW, 0 or 255. Raises UserError where the weights are not here."""
        worker = self.pick(engine)
        worker.require()
        return _marks(worker, image, values["sensitivity"], report or quiet)

    def _apply(
        self,
        engine: ScratchEngine,
        image: np.ndarray,
        values: Mapping[str, Any],
        report: Report,
        marks: np.ndarray | None,
    ) -> Done:
        if marks is None:
            marks = _marks(engine, image, values["sensitivity"], report)
        found = (marks > 127).astype(np.uint8)
        count = cv2.connectedComponents(found)[0] - 1
        if not count:
            return Done(image, "Found none", changed=False)
        scale = max(1.0, (found.size / SEEN) ** 0.5)
        hole = cv2.dilate(found, _disc(2 * round(MARGIN * scale) + 1))
        if hole.all():
            return Done(image, "Left as it was, for all of it is marked", changed=False)
        pixels = mixed(image, filled(image, hole, round(THIN * scale), report), values)
        share = f"{100 * found.mean():.2g} % of the photo"
        return Done(pixels, f"Filled {count} mark{'s' if count > 1 else ''}, {share}", marks=hole * np.uint8(255))


def _marks(engine: ScratchEngine, image: np.ndarray, sensitivity: float, report: Report) -> np.ndarray:
    """Find the marks of uint8 HxWx3: uint8 HxW, 0 or 255."""
    probability = engine.find(photo.reduce(image, SEEN), report)
    probability = cv2.resize(probability, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return _above(probability, sensitivity)


def _above(probability: np.ndarray, sensitivity: float) -> np.ndarray:
    """Take for marks what is probable enough, of uint8 HxW: uint8 HxW, 0 or 255."""
    # From 0.95 down to 0.05; half of that way is 0.5.
    least = 255 * (0.95 - 0.9 * sensitivity / 100)
    return cv2.threshold(probability, least, 255, cv2.THRESH_BINARY)[1]


def _long(probability: np.ndarray) -> np.ndarray:
    """Keep of a probability, uint8 HxW, what hangs together and is much longer than wide."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((probability > 255 * SUSPECTED).astype(np.uint8))
    squared = (stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].astype(np.int64) ** 2).sum(1)
    kept = squared >= LONG * stats[:, cv2.CC_STAT_AREA]
    kept[0] = False
    return np.where(kept[labels], probability, np.uint8(0))


def _ground(image: np.ndarray, marked: np.ndarray) -> tuple[np.ndarray, float]:
    """Tell on what marks, bool HxW, of uint8 HxWx3 lie: around them, close by, as far as they have any surroundings.

    Gives which share of them lies on each quarter of the pixels, from dark to light, float 4; and how light that
    ground is on average, of 255.
    """
    grey = cv2.blur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (5, 5))
    marks = marked.astype(np.uint8)
    around = grey[cv2.dilate(marks, _disc(9)) > cv2.dilate(marks, _disc(5))]
    if not around.size:
        return np.zeros(4), 0.0
    below = np.bincount(grey.ravel(), minlength=256).cumsum() / grey.size
    quarters = np.histogram(below[around], (0, 0.25, 0.5, 0.75, 1))[0] / around.size
    return quarters, float(around.mean())


def filled(image: np.ndarray, hole: np.ndarray, thin: int, report: Report) -> np.ndarray:
    """Fill a hole, uint8 HxW of 0 and 1, in uint8 HxWx3.

    Over marks up to `thin` pixels wide the photo around is carried on smoothly, which is nearer to what was there than
    anything else; for wide ones an engine of `models.inpaint` says what was.
    """
    wide = cv2.morphologyEx(hole, cv2.MORPH_OPEN, _disc(thin))
    pixels = membrane.fill(image, hole)
    if not wide.any():
        return pixels
    return inpaint.erase("auto").erase(pixels, wide * np.uint8(255), report).pixels


def _disc(size: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
