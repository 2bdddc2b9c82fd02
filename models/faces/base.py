"""What all face engines share: the result, and the shape of an engine."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models import engine
from models.faces import find
from models.faces.find import Found


@dataclass(frozen=True)
class Face:
    """One face of a photo, and what tells its person from others."""

    box: tuple[float, float, float, float]
    """Left, top, right and bottom in fractions of the upright photo; may reach beyond it."""
    sure: float
    """Probability from 0 to 1 that it is a face."""
    embedding: np.ndarray
    """float32 D: the nearer those of two faces, the more alike they are. Only for one engine's."""


class Engine(engine.Engine):
    """One way to tell faces apart. A subclass says who it is and implements `_embed`.

    Embeddings of different engines cannot be compared: keep the engine's name beside them.
    """

    label: str
    """What a page calls it."""
    length: int
    """Numbers of an embedding."""
    same: tuple[float, float]
    """Mean and standard deviation of a face's distance to the nearest third of its person's other faces."""
    other: tuple[float, float]
    """The same for the faces of somebody else."""

    @property
    def alike(self) -> float:
        """Distance of embeddings from which on they are more likely of two people than of one."""
        return (self.same[0] * self.other[1] + self.other[0] * self.same[1]) / (self.same[1] + self.other[1])

    def look(self, image: np.ndarray, report: engine.Report | None = None) -> list[Face]:
        """Find and embed the faces of `image`, uint8 HxWx3 sRGB of any size from 1x1, largest first.

        They are those that `models.faces.find.quickly` finds. Weights that are missing are fetched first. Raises
        `models.weights.WeightsError`.
        """
        found = find.quickly(image)
        size = np.array([*image.shape[1::-1]] * 2)
        return [
            Face(tuple((face.box / size).tolist()), face.sure, embedding)
            for face, embedding in zip(found, self.embed(image, found, report), strict=True)
        ]

    def embed(self, image: np.ndarray, found: Sequence[Found], report: engine.Report | None = None) -> np.ndarray:
        """Embed faces that were found in `image`, uint8 HxWx3 sRGB: float32 NxD.

        Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
        """
        self.fetch(report or engine.quiet)
        if not found:
            return np.empty((0, self.length), np.float32)
        with self.at_work():
            return np.asarray(self._embed(image, found), np.float32)

    @abstractmethod
    def _embed(self, image: np.ndarray, found: Sequence[Found]) -> np.ndarray:
        """Do `embed` for at least one face."""
