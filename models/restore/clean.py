"""The step that takes away grain, noise, JPEG's blocks, and blur."""

from collections.abc import Mapping
from typing import Any, ClassVar

import cv2
import numpy as np

from models import cache, weights
from models.engine import quiet
from models.faces import find
from models.restore import judge, likeness, network
from models.restore.base import NOT_JUDGED, CleanEngine, Done, Look, Report, Step, difference, mixed
from models.restore.residue import FIELD, residue
from models.restore.scunet import SCUNet

JUDGE = "clean-worth"
"""Weights that tell whether cleaning is worth it."""
OPERATIONS = 120e3
"""Of the network for each pixel of a photo."""
PATCH = 256
"""Pixels squared of the pieces by which a photo is judged."""
LEAST = 1.0
"""So much a photo must change at the median piece, of 255, for the step to be suggested."""
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
        if not (engine.available() and weights.available(JUDGE)):
            return NOT_JUDGED
        shown = pieces(image)
        if min(shown[0].shape[:2]) < FIELD:
            return Look(False, "Too small to tell.")
        cleaned = [engine.clean(piece, quiet) for piece in shown]
        change = np.median([difference(*pair) for pair in zip(shown, cleaned, strict=True)])
        if change < LEAST or judge.expected(signs(image, shown, cleaned), np.load(weights.path(JUDGE))) <= 0:
            return Look(False, "Clean already.")
        gained = np.median([_detail(after) - _detail(before) for before, after in zip(shown, cleaned, strict=True)])
        much = "A little" if change < MUCH else "Much"
        what = "blur" if gained > SHARPER * change else "grain, noise or coarse compression"
        return Look(True, f"{much} {what}.")


def signs(image: np.ndarray, shown: list[np.ndarray], cleaned: list[np.ndarray]) -> np.ndarray:
    """Measure a photo by pieces of it and what these are once cleaned, all uint8 HxWx3: float32 F."""
    told = [residue(*pair) for pair in zip(shown, cleaned, strict=True)]
    return np.append(np.median(told, 0), np.log(max(0.1, blocks(image)))).astype(np.float32)


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
