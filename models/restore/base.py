"""What all steps of a restoration share: what a look at a photo says, what a visitor wishes, and the two verbs.

A step (`Scratches`, `Colour`, ...) is one kind of repair. It can be done by several engines, each a class of its own.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from envo.controls import Control, checked
from envo.errors import UserError
from models import engine
from models.engine import quiet

Report = engine.Report

STRENGTH = Control(
    "strength", "Strength", "How much of the repair shows: at 0 the photo stays as it is.", 0, 100, 100, 1, "%"
)


@dataclass(frozen=True)
class Look:
    """What a look at a photo says about a step."""

    wanted: bool
    """Whether the step is suggested."""
    reason: str
    """Why, or why not, with what was measured: a short sentence as a visitor reads it."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Values of the step's controls that suit this photo; those left out have their defaults."""
    likely: bool = False
    """Whether it is done, though not suggested, where a visitor asks for the step without looking at the photo."""


NOT_JUDGED = Look(False, "Not judged: what looks for this is not on this machine yet.")


@dataclass(frozen=True)
class Done:
    """A photo after a step."""

    pixels: np.ndarray
    """uint8 HxWx3. Of another size only after the steps that say so, straighten and enlarge."""
    said: str
    """What was done, for the report: a short sentence in the past, such as "Filled 214 scratches"."""
    changed: bool = True
    """Whether anything changed at all."""
    marks: np.ndarray | None = None
    """Where the photo was made anew and nothing of it is left, uint8 HxW, 255 for wholly; None: nowhere."""
    invented: np.ndarray | None = None
    """How much of what is seen was made up, uint8 HxW, 255 for all of it; None: nothing."""
    likeness: float | None = None
    """How much alike its faces are to what they were, in percent, the least of them; None: not measured."""


@dataclass(frozen=True)
class Result(Done):
    """A photo after a step, and what made it."""

    engine: str = ""
    label: str = ""
    """What a page calls the engine."""
    seconds: float = 0.0
    """Computing time; fetching weights does not count."""


class Engine(engine.Engine):
    """One way to do a step. A subclass says who it is and implements what its step asks of it."""

    label: str
    """What a page calls it."""

    @abstractmethod
    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        """Estimate roughly how long it takes on this machine for a photo of so many pixels."""

    def require(self) -> None:
        """Raise UserError, which says how to get what is missing, unless the engine can work at once."""
        if not self.available():
            raise UserError(f"{self.label} is not on this machine yet. {self.how}")


class ScratchEngine(Engine):
    """Finds scratches, cracks and dust."""

    @abstractmethod
    def find(self, image: np.ndarray, report: Report) -> np.ndarray:
        """Tell for each pixel of an image, uint8 HxWx3, how probably it is damaged: uint8 HxW, 255 for surely."""


class CleanEngine(Engine):
    """Takes away grain, noise, JPEG blocks and blur."""

    @abstractmethod
    def clean(self, image: np.ndarray, report: Report) -> np.ndarray:
        """Give an image, uint8 HxWx3, as if it had been taken well: uint8 HxWx3."""


class ColourEngine(Engine):
    """Brings colours back, or gives them to a photo that has none."""

    @abstractmethod
    def colour(self, image: np.ndarray, report: Report) -> np.ndarray:
        """Give an image, uint8 HxWx3, with fresh colours: uint8 HxWx3."""


class FaceEngine(Engine):
    """Makes a blurred, small or damaged face clear."""

    size: int
    """Height and width of the faces that it takes."""

    @abstractmethod
    def restore(self, face: np.ndarray, report: Report) -> np.ndarray:
        """Give a face, uint8 `size`x`size`x3, aligned as in FFHQ, made clear: uint8 `size`x`size`x3."""


AnyEngine = TypeVar("AnyEngine", bound=Engine)


class Step(ABC, Generic[AnyEngine]):
    """One kind of repair. A subclass says what it is and implements `look` and `_apply`."""

    id: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    """What it does, as a visitor reads it."""
    controls: ClassVar[tuple[Control, ...]] = (STRENGTH,)
    takes_marks: ClassVar[bool] = False
    """Whether it takes a mask that tells where to work."""
    looked_past: ClassVar[bool] = False
    """Whether the steps after it, where it is suggested, look at the photo as it makes it."""

    def __init__(self, engines: Sequence[AnyEngine]) -> None:
        self.engines = {engine.name: engine for engine in engines}
        """By name, best first."""

    def pick(self, name: str = "auto") -> AnyEngine:
        """Pick an engine; "auto": the best that is here, or the first, which says how to get it.

        Raises UserError for a name that there is not.
        """
        return engine.pick(self.engines, name)

    def checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give a value for each control: the one given, else the default. Raises UserError."""
        for key in values:
            if key not in {control.id for control in self.controls}:
                raise UserError(f"{self.label} has no setting {key[:40]!r}.")
        return checked(self.controls, values)

    def check_size(self, pixels: int, values: Mapping[str, Any]) -> None:
        """Raise UserError where a photo of so many pixels is too large for the step."""

    @abstractmethod
    def look(self, image: np.ndarray) -> Look:
        """Judge by `image`, uint8 HxWx3 of a megapixel at most, whether the step would help; in about a second.

        Works without any weights that have to be asked for; raises nothing for pictures of whatever kind.
        """

    def apply(
        self,
        image: np.ndarray,
        values: Mapping[str, Any],
        engine: str = "auto",
        report: Report | None = None,
        marks: np.ndarray | None = None,
    ) -> Result:
        """Do the step: image uint8 HxWx3 sRGB from 1x1; values as `checked` gives them.

        marks: uint8 HxW of the image's size, above 127 where to work, for a step that takes them; None: where the step
        itself finds something. Raises UserError where the weights are not here; what `report` raises passes.
        """
        report = report or quiet
        worker = self.pick(engine)
        worker.require()
        start = time.perf_counter()
        done = worker.do(lambda: self._apply(worker, image, values, report, marks))
        seconds = time.perf_counter() - start
        told = {each.name: getattr(done, each.name) for each in fields(done)}
        return Result(**told, engine=worker.name, label=worker.label, seconds=seconds)

    @abstractmethod
    def _apply(
        self, engine: AnyEngine, image: np.ndarray, values: Mapping[str, Any], report: Report, marks: np.ndarray | None
    ) -> Done: ...


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Root of the mean square of the difference of two photos of one size, uint8 HxWx3; of 255."""
    import cv2

    return float(cv2.norm(one, other, cv2.NORM_L2) / one.size**0.5)


def mixed(image: np.ndarray, repaired: np.ndarray, values: Mapping[str, Any]) -> np.ndarray:
    """Mix two photos, uint8 HxWx3, by the strength."""
    import cv2

    share = values["strength"] / 100
    return cv2.addWeighted(repaired, share, image, 1 - share, 0)
