"""The step that takes away grain, noise, JPEG's blocks, and blur."""

from collections.abc import Mapping
from typing import Any, ClassVar

import cv2
import numpy as np

from models import cache
from models.engine import quiet
from models.restore import network
from models.restore.base import NOT_JUDGED, CleanEngine, Done, Look, Report, Step, difference, mixed
from models.restore.scunet import SCUNet

OPERATIONS = 120e3
"""Of the network for each pixel of a photo."""
PATCH = 256
"""Pixels squared of the pieces by which a photo is judged."""
LEAST = 1.6
"""So much a photo must change at the median piece, of 255, for the step to be suggested."""
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
        changes = []
        for piece in _pieces(image):
            cleaned = engine.clean(piece, quiet)
            changes.append((difference(piece, cleaned), _detail(cleaned) - _detail(piece)))
        change, gained = np.median(changes, 0)
        if change < LEAST:
            return Look(False, "Clean already.")
        much = "A little" if change < MUCH else "Much"
        what = "blur" if gained > 0 else "grain, noise or coarse compression"
        return Look(True, f"{much} {what}.")


def _pieces(image: np.ndarray) -> list[np.ndarray]:
    """Cut a photo's middle and the middles of its quarters, as far as it has them."""
    height, width = image.shape[:2]
    pieces = []
    for y, x in ((0.5, 0.5), (0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)):
        top = int(np.clip(height * y - PATCH / 2, 0, max(0, height - PATCH)))
        left = int(np.clip(width * x - PATCH / 2, 0, max(0, width - PATCH)))
        pieces.append(np.ascontiguousarray(image[top : top + PATCH, left : left + PATCH]))
    return pieces


def _detail(image: np.ndarray) -> float:
    return float(cv2.Laplacian(image, cv2.CV_32F).std())
