"""The step that takes away grain, noise, JPEG's blocks, and blur."""

from collections.abc import Mapping
from typing import Any, ClassVar

import cv2
import numpy as np

from models import cache
from models.engine import quiet
from models.faces import find
from models.restore import likeness, network
from models.restore.base import NOT_JUDGED, CleanEngine, Done, Look, Report, Step, difference, mixed
from models.restore.scunet import SCUNet

OPERATIONS = 120e3
"""Of the network for each pixel of a photo."""
PATCH = 256
"""Pixels squared of the pieces by which a photo is judged."""
FIELD = 32
"""Pixels squared of the fields of a piece by which grain is told from what a photo shows."""
LEAST = 2.0
"""So much a photo must change at the median piece, of 255, for the step to be suggested."""
GRAINED = 1.3
"""So much all but a tenth of the fields must change, too: grain is everywhere, and grass, feathers or cloth are not."""
PLAIN = 4.5
"""From so much on at the median piece it is grain, wherever it is: what photos show is not taken for so much of it."""
BLOCKS = 1.4
"""So many times as sharp as others are the edges between blocks of a photo that was compressed coarsely. Of 14 sound
photos, which were compressed finely, none comes to more than 1.33; where JPEG's quality is 75 or less, most do."""
BLOCK = 8
"""Pixels of JPEG's blocks."""
SHARPER = 0.8
"""By so much more than a photo changes must its detail gain for it to be blurred; what is sharp loses some."""
MUCH = 4.0
"""From so much on it is called much."""


class EnvoClean(CleanEngine):
    """A small network that was trained here; it invents nothing."""

    name = "envo-clean"
    label = "Envo clean"
    requires = ("clean",)
    doing = "Cleaning"
    """What it does, as a visitor reads it."""

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return OPERATIONS * pixels / cache.speed()

    def clean(self, image: np.ndarray, report: Report) -> np.ndarray:
        return network.answer_tiled(self.requires[0], image, 1, report, self.doing)


class Cleaning(Step[CleanEngine]):
    """What takes something away from all of a photo. A subclass says what it is and implements `look`."""

    said: ClassVar[str]
    """What was done."""

    def _apply(
        self,
        engine: CleanEngine,
        image: np.ndarray,
        values: Mapping[str, Any],
        report: Report,
        marks: np.ndarray | None,
    ) -> Done:
        pixels = mixed(image, engine.clean(image, report), values)
        pixels = likeness.spared(image, pixels, find.quickly(pixels))
        return Done(pixels, self.said, changed=not np.array_equal(image, pixels))


class Clean(Cleaning):
    id = "clean"
    label = "Clean"
    about = "Takes away grain, noise, blocks of JPEG, and some blur."
    said = "Took away grain, noise and blur"

    def __init__(self) -> None:
        super().__init__([SCUNet(), EnvoClean()])

    def look(self, image: np.ndarray) -> Look:
        engine = self.engines["envo-clean"]
        if not engine.available():
            return NOT_JUDGED
        changes, fields = [], []
        for piece in pieces(image):
            cleaned = engine.clean(piece, quiet)
            changes.append((difference(piece, cleaned), _detail(cleaned) - _detail(piece)))
            fields.append(_fields(piece, cleaned))
        change, gained = np.median(changes, 0)
        is_blurred = gained > SHARPER * change
        is_grained = change > PLAIN or np.quantile(np.concatenate(fields), 0.1) > GRAINED
        if change < LEAST or not (is_blurred or is_grained or blocks(image) > BLOCKS):
            return Look(False, "Clean already.")
        much = "A little" if change < MUCH else "Much"
        what = "blur" if is_blurred else "grain, noise or coarse compression"
        return Look(True, f"{much} {what}.")


def pieces(image: np.ndarray) -> list[np.ndarray]:
    """Cut a photo's middle and the middles of its quarters, as far as it has them."""
    height, width = image.shape[:2]
    cut = []
    for y, x in ((0.5, 0.5), (0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)):
        top = int(np.clip(height * y - PATCH / 2, 0, max(0, height - PATCH)))
        left = int(np.clip(width * x - PATCH / 2, 0, max(0, width - PATCH)))
        cut.append(np.ascontiguousarray(image[top : top + PATCH, left : left + PATCH]))
    return cut


def _detail(image: np.ndarray) -> float:
    return float(cv2.Laplacian(image, cv2.CV_32F).std())


def _fields(piece: np.ndarray, cleaned: np.ndarray) -> np.ndarray:
    """Tell how much each field of a piece, uint8 HxWx3, changed, of 255: float32 N."""
    change = cv2.absdiff(piece, cleaned).astype(np.float32) ** 2
    size = [max(1, length // FIELD) for length in change.shape[1::-1]]
    return np.sqrt(cv2.resize(change, size, interpolation=cv2.INTER_AREA).mean(2)).ravel()


def blocks(image: np.ndarray) -> float:
    """Tell how much sharper the edges of uint8 HxWx3 are where JPEG's blocks meet than elsewhere; about 1: no more."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ratios = []
    for axis in (0, 1):
        if grey.shape[axis] < 3 * BLOCK:
            continue
        edges = np.abs(np.diff(grey, 2, axis=axis)).mean(1 - axis)
        phases = [edges[start::BLOCK].mean() for start in range(BLOCK)]
        ratios.append(max(phases) / (np.median(phases) + 0.1))  # a flat photo has no edges at all
    return float(np.mean(ratios)) if ratios else 1.0
