"""The step that finds faces, makes each clear, and puts it back."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from models import cache
from models.engine import quiet
from models.faces import find
from models.faces.align import View
from models.restore import network
from models.restore.base import NOT_JUDGED, Done, FaceEngine, Look, Report, Step, difference
from models.restore.clean import OPERATIONS
from models.restore.gfpgan import GFPGAN, CodeFormer

SMALLEST = 32
"""Pixels across a view of a face; of a smaller one there is nothing to go by."""
LARGEST = 700
"""Pixels across a view of a face that is looked at; larger ones show all there is."""
LEAST = 2.0
"""So much a face must change, of 255, for the step to be suggested."""
TYPICAL = 2
"""So many faces are reckoned with before they are counted."""


class EnvoFaces(FaceEngine):
    """A small network that was trained here on faces; it invents nothing, so nobody becomes another person."""

    name = "envo-faces"
    label = "Envo faces"
    requires = ("restore-faces",)
    size = 256

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return TYPICAL * OPERATIONS * self.size**2 / cache.speed() + 1.5

    def restore(self, face: np.ndarray, report: Report) -> np.ndarray:
        return np.rint(network.answer(self.requires[0], face)).astype(np.uint8)


class Faces(Step[FaceEngine]):
    id = "faces"
    label = "Faces"
    about = "Finds faces and makes each of them clearer."

    def __init__(self) -> None:
        super().__init__([GFPGAN(), CodeFormer(), EnvoFaces()])

    def look(self, image: np.ndarray) -> Look:
        engine = self.engines["envo-faces"]
        if not engine.available():
            return NOT_JUDGED
        views = _views(image)
        if not views:
            return Look(False, "No face was found that this could help.")
        changes = []
        for view in views[:3]:
            face = _cut(image, view, engine.size)
            restored = engine.restore(face, quiet)
            changes.append(difference(face, restored))
        faces = "One face" if len(views) == 1 else f"{len(views)} faces"
        if max(changes) < LEAST:
            return Look(False, f"{faces}, clear already.")
        return Look(True, f"{faces} could be clearer.")

    def _apply(
        self,
        engine: FaceEngine,
        image: np.ndarray,
        values: Mapping[str, Any],
        report: Report,
        marks: np.ndarray | None,
    ) -> Done:
        report("Looking for faces", None)
        views = _views(image)
        if not views:
            return Done(image, "Found none that this could help", changed=False)
        result = image.astype(np.float32)
        for index, view in enumerate(views):
            report(f"Face {index + 1} of {len(views)}", index / len(views))
            face = _cut(image, view, engine.size)
            restored = engine.restore(face, quiet)
            _put(result, view, restored.astype(np.float32) - face, values["strength"] / 100)
        pixels = np.rint(np.clip(result, 0, 255)).astype(np.uint8)
        return Done(pixels, "Restored one face" if len(views) == 1 else f"Restored {len(views)} faces")


def _views(image: np.ndarray) -> list[View]:
    """Frame the faces of uint8 HxWx3 as FFHQ does (Karras et al. 2019), largest first."""
    views = [View.of(face.landmarks, 1.0) for face in find.find(image)]
    return [view for view in views if SMALLEST <= view.side <= LARGEST]


def _cut(image: np.ndarray, view: View, size: int) -> np.ndarray:
    shrunk = view.side / size
    # Without smoothing before, a large face would come out jagged.
    smooth = cv2.GaussianBlur(image, (0, 0), 0.4 * shrunk) if shrunk > 1.2 else image
    return cv2.warpAffine(smooth, view.matrix(size), (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def _put(photo: np.ndarray, view: View, change: np.ndarray, strength: float) -> None:
    """Add a face's change, float32 SxSx3, to float32 HxWx3: wholly in its oval, less and less towards the edge."""
    size = len(change)
    y, x = np.mgrid[:size, :size].astype(np.float32) / (size - 1) * 2 - 1
    share = np.clip((1 - np.hypot(x / 0.9, (y - 0.05) / 0.98)) / 0.25, 0, 1) * np.float32(strength)
    if view.side < size:  # what the photo cannot hold would come out jagged
        change = cv2.GaussianBlur(change, (0, 0), 0.35 * size / view.side)
    back = cv2.invertAffineTransform(view.matrix(size))
    corners = cv2.transform(np.float32([[[0, 0], [size, 0], [size, size], [0, size]]]), back)[0]
    left, top = np.maximum(np.floor(corners.min(0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(0)).astype(int) + 1, photo.shape[1::-1])
    if right <= left or bottom <= top:
        return
    back[:, 2] -= (left, top)
    added = cv2.warpAffine(change * share[..., None], back, (int(right - left), int(bottom - top)))
    photo[top:bottom, left:right] += added
