"""What cuts something out of a photo softly: the result, and the shape of an engine, whatever is cut out."""

import time
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from models import engine


@dataclass(frozen=True)
class Cut:
    """What was cut out of a photo, and who did it."""

    kind: str
    """What is cut out, as `envo.edits.KINDS` has it."""
    alpha: np.ndarray | None
    """Alpha matte, uint8 HxW at the working size; None when there is nothing of the kind."""
    engine: str
    seconds: float
    """Computing time; fetching weights does not count."""

    @property
    def mattes(self) -> dict[str, np.ndarray]:
        """Mattes by kind, uint8 HxW: its own and the complement `background`; none when there is nothing of it."""
        return {} if self.alpha is None else {self.kind: self.alpha, "background": 255 - self.alpha}


class Cutter(engine.Engine):
    """One way to cut out one kind. A subclass says what and who it is, and implements `_alpha`."""

    kind: ClassVar[str]
    step: ClassVar[str]
    """What is being done, as a visitor reads it."""

    def matte(self, image: np.ndarray, report: engine.Report | None = None) -> Cut:
        """Cut out of `image`, uint8 HxWx3 sRGB of any size from 1x1.

        The matte has the working size: the image's own, or a long edge of `settings.WORKING_EDGE` if that is
        less. Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
        """
        report = report or engine.quiet
        self.fetch(report)
        start = time.perf_counter()
        report(self.step, None)
        with self.at_work():
            alpha = self._alpha(engine.to_working_size(image))
        return Cut(self.kind, alpha, self.name, time.perf_counter() - start)

    @abstractmethod
    def _alpha(self, image: np.ndarray) -> np.ndarray | None:
        """Alpha matte, uint8 HxW, of uint8 HxWx3 at the working size; None when there is nothing of the kind."""
