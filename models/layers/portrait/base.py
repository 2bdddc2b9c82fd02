"""What all portrait engines share: the result, and the shape of an engine."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from models import engine

KINDS = ("face", "hair", "eyes", "teeth", "lips", "skin")
"""Kinds of mattes. A face has skin, nose, brows, eyes, mouth, glasses; skin has none of these, but ears, neck, arms."""


@dataclass(frozen=True)
class Piece:
    """A matte that is 0 outside its frame."""

    left: int
    top: int
    alpha: np.ndarray
    """uint8 hxw."""

    def paste(self, canvas: np.ndarray) -> None:
        """Lay it over uint8 HxW, keeping what is higher."""
        rows = slice(self.top, self.top + self.alpha.shape[0])
        columns = slice(self.left, self.left + self.alpha.shape[1])
        np.maximum(canvas[rows, columns], self.alpha, out=canvas[rows, columns])


@dataclass(frozen=True)
class Face:
    """One face, in pixels of the working size."""

    box: tuple[float, float, float, float]
    """x0, y0, x1, y1; may reach beyond the photo."""
    landmarks: np.ndarray
    """float32 5x2 (x, y): eye, eye, nose, mouth's corner, mouth's corner; left before right in an upright photo."""
    pieces: dict[str, Piece]
    """Its mattes by kind, those of `KINDS` that it has (no teeth in a closed mouth), and the inner `mouth`."""


@dataclass(frozen=True)
class Portrait:
    """The faces of a photo and their parts, cut out softly, and who did it."""

    size: tuple[int, int]
    """Width and height of the mattes: the working size."""
    faces: list[Face]
    """From left to right."""
    engine: str
    seconds: dict[str, float]
    """Computing time of each step; fetching weights does not count."""

    @property
    def mattes(self) -> dict[str, np.ndarray]:
        """Mattes of all faces together by kind, uint8 HxW at the working size; none where there is no face."""
        return {kind: self.matte(kind, self.faces) for kind in KINDS if any(kind in face.pieces for face in self.faces)}

    def matte(self, kind: str, faces: list[Face]) -> np.ndarray:
        """Matte of a kind for some of the faces, uint8 HxW at the working size."""
        canvas = np.zeros(self.size[::-1], np.uint8)
        for face in faces:
            if kind in face.pieces:
                face.pieces[kind].paste(canvas)
        return canvas


class Engine(engine.Engine):
    """One way to take a portrait apart. A subclass says who it is and implements `_portrait`."""

    def parse(
        self, image: np.ndarray, person: np.ndarray | None = None, report: engine.Report | None = None
    ) -> Portrait:
        """Find the faces of `image`, uint8 HxWx3 sRGB of any size from 1x1, and their parts.

        `person` is the alpha matte of all people, uint8 at the working size, which shows where hair and skin end; it
        may be None. The result has the working size: the image's own, or a long edge of `settings.WORKING_EDGE` if
        that is less. Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
        """
        report = report or engine.quiet
        self.fetch(report)
        with self.at_work():
            return self._portrait(engine.to_working_size(image), person, report)

    @abstractmethod
    def _portrait(self, image: np.ndarray, person: np.ndarray | None, report: engine.Report) -> Portrait:
        """Do `parse` for uint8 HxWx3 at the working size."""
