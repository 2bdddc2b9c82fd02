"""Whether somebody is still who they were: how much alike a face is before and after a repair.

Faces are compared by the embeddings that also tell people apart in the gallery (`models.faces`). Blurred and small ones
embed badly: a face and the same face shrunk to 40 pixels and blurred seem to be of two people, so that even the truth
itself would be no likeness of the damaged face. Therefore what became of a face is first made as soft as the face was,
and both a little softer, for noise embeds badly, too; only then they are compared. What a repair made of a face is so
judged by what could be seen before, whatever the engine.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import cv2
import numpy as np

from models import faces
from models.faces.align import View
from models.faces.find import Found

HELD = 90.0
"""Percent alike from which on a face is held to be of the same person. The truth itself comes to so much in nine of ten
faces that were shrunk to 64 pixels, blurred, or noisy; with a quarter of somebody else's face mixed in, to 86 on
average, and wholly somebody else's to 33."""
HALVINGS = 4
"""So often the strength at which a likeness holds is looked for more closely: to a sixteenth."""
SIZE = 256
"""Pixels squared of the view in which is judged how soft a face is."""
SOFTER = (0.0, *(0.6 * 1.35**step for step in range(11)))
"""How far a face may be blurred to be as soft as it was: standard deviations in pixels of that view."""
QUIET = 2.5
"""So far both faces are blurred that noise hardly counts, in pixels of that view."""
COARSE = 24
"""What is coarser, in pixels of that view, is tone, and says nothing of softness."""
HAIR = SIZE // 8
"""So many pixels along the view's edges show hair and surroundings."""
SPARED = 1 / 3
"""Share of the distance from which on two faces are of two people: of a face that is moved by less, the damage is so
slight that what a network gets wrong weighs as much, and some of it is left as it was: half at most."""


class Sitter:
    """A face in a photo as it is before a repair, to which what became of it is compared."""

    def __init__(self, engine: faces.Engine, image: np.ndarray, found: Found) -> None:
        """Look at a face that was found in uint8 HxWx3; the engine must be able to work at once."""
        view = View.of(found.landmarks, 1.0)
        self.frame = view.frame(image.shape[1], image.shape[0])
        """The part of the photo that is looked at, and that `after` is of."""
        self.before = self.frame.of(image).copy()
        corner = np.float32(self.frame[:2])
        self.view = replace(view, centre=view.centre - corner)
        """How the face lies in that part."""
        self._engine = engine
        self._found = replace(found, box=found.box - np.tile(corner, 2), landmarks=found.landmarks - corner)

    def moved(self, after: np.ndarray) -> float:
        """How far the face is from what became of it, uint8 hxwx3 of `frame`; from 1 on it is rather somebody else."""
        return self._apart(self._embed(self.before), self._embed(after))

    def kept(self, after: np.ndarray) -> float:
        """How much alike what became of the face is, in percent; half where it is as likely somebody else's."""
        return 100 * 2.0 ** -(self._apart(self._quiet, self._embed(self._as_soft(after))) ** 2)

    def strongest(self, after: Callable[[float], np.ndarray], wished: float) -> tuple[float, float]:
        """Find how strong a repair may be, 0 to `wished`, and how much alike the face is then, in percent.

        after: gives uint8 hxwx3 of `frame`, repaired at a strength. 0 where even a little makes somebody else of it.
        """
        kept = self.kept(after(wished))
        if kept >= HELD:
            return wished, kept
        low, kept, high = 0.0, 100.0, wished
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            alike = self.kept(after(middle))
            if alike >= HELD:
                low, kept = middle, alike
            else:
                high = middle
        return low, kept

    @cached_property
    def _quiet(self) -> np.ndarray:
        return self._embed(self._softer(self.before, QUIET))

    def _embed(self, part: np.ndarray) -> np.ndarray:
        return self._engine.embed(part, [self._found])[0]

    def _apart(self, one: np.ndarray, other: np.ndarray) -> float:
        return float(np.linalg.norm(one - other) / self._engine.alike)

    def _softer(self, part: np.ndarray, sigma: float) -> np.ndarray:
        """Blur a part of the photo by so much in pixels of the view."""
        return _blurred(part, sigma * self.view.side / SIZE)

    def _as_soft(self, after: np.ndarray) -> np.ndarray:
        """Blur what became of the face as far as brings it nearest to the face in its detail, and that much more."""
        was, now = (_fine(self.view.cut(part, SIZE)) for part in (self.before, after))
        inner = np.s_[HAIR:-HAIR, HAIR:-HAIR]
        sigma = min(SOFTER, key=lambda sigma: np.mean((_blurred(now, sigma) - was)[inner] ** 2))
        return self._softer(after, float(np.hypot(sigma, QUIET)))


def engine() -> faces.Engine | None:
    """Pick what faces are compared by; None where nothing on this machine can."""
    best = faces.auto()
    return best if best.available() else None


def spared(image: np.ndarray, repaired: np.ndarray, found: list[Found]) -> np.ndarray:
    """Leave some of each face that a repair hardly changes as it was: uint8 HxWx3, as both photos are.

    found: the faces. Without anything to compare them by, the repair stays as it is.
    """
    comparing = engine()
    if comparing is None:
        return repaired
    result = repaired.copy()
    for face in found:
        sitter = Sitter(comparing, image, face)
        frame = sitter.frame
        now = frame.of(repaired)
        share = 1 - min(max(sitter.moved(now) / SPARED, 0.5), 1.0)
        if share:
            back = oval(SIZE)[..., None] * np.float32(share)
            back = sitter.view.uncut(back, frame.within(frame), frame.size)
            mixed = now + back * (sitter.before.astype(np.float32) - now)
            frame.of(result)[:] = np.rint(mixed)
    return result


def oval(size: int) -> np.ndarray:
    """Where a view that is drawn with `size` pixels squared shows the face: float32 SxS, 1, and less at its edge."""
    y, x = np.mgrid[:size, :size].astype(np.float32) / (size - 1) * 2 - 1
    return np.clip((1 - np.hypot(x / 0.9, (y - 0.05) / 0.98)) / 0.25, 0, 1)


def _fine(face: np.ndarray) -> np.ndarray:
    """Give the luminance of uint8 SxSx3 without its tone: float32 SxS."""
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey - cv2.GaussianBlur(grey, (0, 0), COARSE)


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma) if sigma else image
