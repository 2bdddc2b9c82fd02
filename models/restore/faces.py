"""The step that finds faces, makes each clear, and puts it back as far as it stays the same person's.

Whoever is somebody else for it keeps the face of before (`models.restore.likeness`); what of a clear face is not from
the photo is told, too (`invented`).
"""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from models import cache
from models.engine import quiet
from models.faces import find
from models.faces.align import Frame, View
from models.faces.find import Found
from models.layers.portrait import network as portrait
from models.restore import likeness, network
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

AREA = 6.0
"""Detail is compared about so many pixels around each, of a view of `MAP`, as a standard deviation."""
MAP = 256
"""Pixels squared of the view in which is judged what was made up."""
FOLLOWING = 0.4
"""Of detail that was only sharpened, not more than this share seems to follow none that was there."""
SEEN, WHOLLY = 1.5, 6.0
"""Detail of so much, of 255, that the face did not have, is made up, and from so much on wholly."""


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
    about = "Finds faces and makes each of them clearer, as far as each stays alike."

    def __init__(self) -> None:
        super().__init__([GFPGAN(), CodeFormer(), EnvoFaces()])

    def look(self, image: np.ndarray) -> Look:
        engine = self.engines["envo-faces"]
        if not engine.available():
            return NOT_JUDGED
        found = _faces(image)
        if not found:
            return Look(False, "No face was found that this could help.")
        changes = []
        for _, view in found[:3]:
            face = _cut(image, view, engine.size)
            restored = engine.restore(face, quiet)
            changes.append(difference(face, restored))
        faces = "One face" if len(found) == 1 else f"{len(found)} faces"
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
        found = _faces(image)
        if not found:
            return Done(image, "Found none that this could help", changed=False)
        comparing, wished = likeness.engine(), values["strength"] / 100
        result, made_up = image.copy(), np.zeros(image.shape[:2], np.uint8)
        kept: list[float] = []
        lowered = left = 0
        for index, (face, view) in enumerate(found):
            report(f"Face {index + 1} of {len(found)}", index / len(found))
            cut = _cut(image, view, engine.size)
            change = engine.restore(cut, quiet).astype(np.float32) - cut
            frame = view.frame(*image.shape[1::-1])
            before, added = frame.of(result).astype(np.float32), _added(view, frame, change)

            def after(strength: float, before: np.ndarray = before, added: np.ndarray = added) -> np.ndarray:
                return np.rint(np.clip(before + strength * added, 0, 255)).astype(np.uint8)

            strength = wished
            if comparing:
                strength, alike = likeness.Sitter(comparing, result, face).strongest(after, wished)
                lowered, left = lowered + (0 < strength < wished), left + (strength == 0 < wished)
                if strength or not wished:
                    kept.append(alike)
            frame.of(result)[:] = after(strength)
            own = frame.of(made_up)
            np.maximum(own, invented(view, frame, cut, change * np.float32(strength)), out=own)
        said = _said(len(found), kept, lowered, left)
        likeness_kept = min(kept) if kept else None
        return Done(result, said, not np.array_equal(result, image), invented=made_up, likeness=likeness_kept)


def _said(count: int, kept: list[float], lowered: int, left: int) -> str:
    """Tell what was done to so many faces: how much alike they are kept, and which were restored less, or left."""
    done = count - left
    other = "for it would have become somebody else" if left == 1 else "for they would have become others"
    if not done:
        return f"Left {'the face as it was' if left == 1 else f'{left} faces as they were'}, {other}"
    said = "Restored one face" if done == 1 else f"Restored {done} faces"
    if kept:
        said += f", kept {int(min(kept))} % alike" + (" or more" if done > 1 else "")
    else:
        said += "; whether it is alike was not measured" if done == 1 else "; whether they are alike was not measured"
    if lowered:
        said += " by a lower strength" if done == 1 else f", {lowered} by a lower strength"
    return said + (f"; left {left} as {'it was' if left == 1 else 'they were'}, {other}" if left else "")


def _faces(image: np.ndarray) -> list[tuple[Found, View]]:
    """Frame the faces of uint8 HxWx3 as FFHQ does (Karras et al. 2019), largest first.

    The portrait network must see a face there, too: what finds them takes other things for faces now and then.
    """
    able = [face for face in find.find(image) if SMALLEST <= View.of(face.landmarks, 1.0).side <= LARGEST]
    return [(face, View.of(face.landmarks, 1.0)) for face in portrait.seen(image, able)]


def _cut(image: np.ndarray, view: View, size: int) -> np.ndarray:
    shrunk = view.side / size
    # Without smoothing before, a large face would come out jagged.
    smooth = cv2.GaussianBlur(image, (0, 0), 0.4 * shrunk) if shrunk > 1.2 else image
    return cv2.warpAffine(smooth, view.matrix(size), (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def _added(view: View, frame: Frame, change: np.ndarray) -> np.ndarray:
    """Lay a face's change, float32 SxSx3, over a frame: float32 hxwx3; wholly in its oval, less towards the edge."""
    size = len(change)
    if view.side < size:  # what the photo cannot hold would come out jagged
        change = cv2.GaussianBlur(change, (0, 0), 0.35 * size / view.side)
    return view.uncut(change * likeness.oval(size)[..., None], frame, frame.size)


def invented(view: View, frame: Frame, face: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Tell how much of a face's detail is made up: uint8 hxw over a frame, 255 for wholly.

    face, change: uint8 and float32 SxSx3. Detail is made up as far as it follows none that the face had: sharpening
    raises what is there, cleaning takes something away, and neither makes anything up.
    """
    small = cv2.resize(face, (MAP, MAP), interpolation=cv2.INTER_AREA)
    changed = cv2.resize(change, (MAP, MAP), interpolation=cv2.INTER_AREA)
    was, now = (_detail(pixels) for pixels in (small.astype(np.float32), small + changed))

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (0, 0), AREA)

    seen, energy, shared = mean(was * was) + 1e-3, mean(now * now) + 1e-3, mean(was * now)
    # What was raised is all in proportion; under what was taken away it lay as it is.
    followed = np.clip(np.maximum(shared / np.sqrt(seen * energy), shared / energy), 0, 1)
    new = np.sqrt(energy) * (np.sqrt(1 - followed**2) - FOLLOWING)
    share = np.clip((new - SEEN) / (WHOLLY - SEEN), 0, 1) * likeness.oval(MAP)
    return np.rint(255 * view.uncut(share[..., None], frame, frame.size)[..., 0]).astype(np.uint8)


def _detail(face: np.ndarray) -> np.ndarray:
    """Give the luminance of float32 SxSx3 without its tone: float32 SxS."""
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)
    return grey - cv2.GaussianBlur(grey, (0, 0), AREA)
