"""What all matting engines share: the result, and the shape of an engine."""

import time
from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from models import engine


@dataclass(frozen=True)
class Matte:
    """The person of a photo, cut out softly, and who did it."""

    person: np.ndarray | None
    """Alpha matte of all people together, uint8 HxW at the working size; None when nobody is in the photo."""
    engine: str
    seconds: float
    """Computing time; fetching weights does not count."""

    @property
    def mattes(self) -> dict[str, np.ndarray]:
        """Mattes by kind, uint8 HxW: `person` and its complement `background`; none when nobody is there."""
        if self.person is None:
            return {}
        return {"person": self.person, "background": 255 - self.person}


class Engine(engine.Engine):
    """One way to find the person. A subclass says who it is and implements `_person`."""

    def matte(self, image: np.ndarray, report: engine.Report | None = None) -> Matte:
        """Cut the people out of `image`, uint8 HxWx3 sRGB of any size from 1x1.

        The matte has the working size: the image's own, or a long edge of `settings.WORKING_EDGE` if that is
        less. Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
        """
        report = report or engine.quiet
        self.fetch(report)
        start = time.perf_counter()
        report("Finding the person", None)
        person = self._person(engine.to_working_size(image))
        return Matte(person, self.name, time.perf_counter() - start)

    @abstractmethod
    def _person(self, image: np.ndarray) -> np.ndarray | None:
        """Alpha matte, uint8 HxW, of uint8 HxWx3 at the working size; None when nobody is in it."""
