"""What all engines share that change a part of a photo: the results, what a visitor wishes, and the two verbs."""

import secrets
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np

from envo import cutout, settings
from envo.controls import Control, checked
from envo.errors import UserError
from models import engine
from models.inpaint import frame

Report = engine.Report
Preview = Callable[[np.ndarray], None]
"""Called with what a result looks like so far, uint8 hxwx3, of any size."""

SEEDS = 2**32
"""Seeds are whole numbers below this."""

GUIDANCE = Control(
    "guidance", "Guidance", "How strictly the prompt is followed (CFG scale); 1 ignores what to avoid.", 1, 20, 7.5, 0.5
)
STEPS = Control("steps", "Steps", "More steps take longer and show finer detail.", 1, 100, 30)
STRENGTH = Control(
    "strength", "Strength", "How much may change: at 1 nothing of what is there shows through.", 0.3, 1.0, 0.99, 0.01
)
COUNT = Control("count", "Images", "How many to make, each from a seed of its own.", 1, 4, 1)


class Cancelled(Exception):  # noqa: N818
    """Raised out of a report or a preview by whoever wants the work to stop; engines let it pass and stay usable."""


@dataclass(frozen=True)
class Result:
    """A photo of which a part was changed, and what made it."""

    pixels: np.ndarray
    """uint8 HxWx3, of the photo's size."""
    engine: str
    label: str
    seconds: float
    """Computing time; fetching weights does not count."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What made it, such as prompt and seed, in types of JSON."""
    note: str = ""
    """What the visitor should know about it; a sentence."""


@dataclass(frozen=True)
class Wish:
    """What should be there instead, and how to get there."""

    prompt: str
    negative: str
    """What should not be there."""
    guidance: float
    steps: int
    strength: float
    seed: int | None
    """None: to be drawn at random."""
    count: int
    scheduler: str

    @classmethod
    def parse(cls, engine: "ReplaceEngine", values: Mapping[str, Any]) -> "Wish":
        """Check what a page sent to an engine; what is left out has its default. Raises UserError."""
        prompt, negative = _text(values, "prompt"), _text(values, "negative")
        if not prompt:
            raise UserError("Write what should be there: the prompt is empty.")
        seed = values.get("seed")
        if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < SEEDS):
            raise UserError(f"The seed must be a whole number from 0 to {SEEDS - 1}, or left out to draw one.")
        scheduler = values.get("scheduler") or engine.schedulers[0]
        if scheduler not in engine.schedulers:
            raise UserError(f"{engine.label} has no such scheduler; it has {', '.join(engine.schedulers)}.")
        numbers = checked(engine.controls, values)
        return cls(prompt=prompt, negative=negative, seed=seed, scheduler=scheduler, **numbers)


def _text(values: Mapping[str, Any], key: str) -> str:
    text = values.get(key) or ""
    name = {"prompt": "prompt", "negative": "negative prompt"}[key]
    if not isinstance(text, str):
        raise UserError(f"The {name} must be text.")
    text = text.strip()
    if len(text) > settings.MAX_PROMPT:
        raise UserError(
            f"The {name} has {len(text)} characters, and engines read a few hundred: shorten it to "
            f"{settings.MAX_PROMPT} at most."
        )
    return text


class Engine(engine.Engine):
    """What the two kinds share."""

    label: str
    """What a page calls it."""
    frame: frame.Frame

    def require(self) -> None:
        """Raise UserError, which says how to get what is missing, unless the engine can work at once."""
        if not self.available():
            raise UserError(f"{self.label} is not on this machine yet. {self.how}")


class EraseEngine(Engine):
    """One way to fill a hole with what could be behind it. A subclass says who it is and implements `_fill`."""

    def erase(self, image: np.ndarray, mask: np.ndarray, report: Report | None = None) -> Result:
        """Fill what is marked: image uint8 HxWx3 sRGB, mask uint8 HxW, an alpha matte of what should go.

        Where the mask is 0 the photo stays byte for byte. Raises UserError for a mask that marks nothing or all, and
        where the weights are not here; lets `Cancelled` pass.
        """
        report = report or engine.quiet
        shares = frame.share(mask, frame.ERASE)
        self.require()
        start = time.perf_counter()
        result, left = image.copy(), shares.copy()
        boxes = frame.apart(shares, self.frame)
        for index, box in enumerate(boxes):
            told = engine.part(report, index, len(boxes))
            told("Filling the hole", 0)
            view = frame.look(result, left, box, self.frame)
            filled = self.do(partial(self._fill, view.pixels, view.hole, told))
            frame.paste(result, shares, view, filled)
            left[box[1] : box[3], box[0] : box[2]] = 0
        report("Filling the hole", 1)
        return Result(result, self.name, self.label, time.perf_counter() - start)

    @abstractmethod
    def _fill(self, image: np.ndarray, hole: np.ndarray, report: Report) -> np.ndarray:
        """Fill the hole, uint8 hxw of 0 and 1, of uint8 hxwx3 in the form of `frame`; gives uint8 hxwx3.

        What is under the hole must not count. What is given beside it is not used but to match the colours.
        """


class ReplaceEngine(Engine):
    """One way to put there what a prompt says. A subclass says who it is and implements `_paint` and `seconds`."""

    controls: ClassVar[tuple[Control, ...]] = (GUIDANCE, STEPS, STRENGTH, COUNT)
    schedulers: ClassVar[tuple[str, ...]]
    """The default first."""

    def usual_seconds(self) -> float:
        """Estimate how long an image takes with the defaults."""
        return self.seconds(Wish.parse(self, {"prompt": "anything"}))

    def replace(
        self,
        image: np.ndarray,
        mask: np.ndarray,
        wish: Wish,
        report: Report | None = None,
        preview: Preview | None = None,
    ) -> list[Result]:
        """Paint what is wished where the mask is: image uint8 HxWx3 sRGB, mask uint8 HxW, an alpha matte.

        Where the mask is 0 the photo stays byte for byte. Several images come from seeds that follow each other, so
        each can be made again alone: its settings say how. Raises UserError for a mask that marks nothing or all,
        where the weights are not here, and where the memory does not suffice; lets `Cancelled` pass.

        What `preview` is called with shows the whole photo, small.
        """
        report = report or engine.quiet
        shares = frame.share(mask, frame.REPLACE)
        self.require()
        view = frame.look(image, shares, frame.bounds(shares), self.frame)
        # What stays, without the colours that shine through it at soft edges of what goes.
        kept = cutout.foreground(image, 255 - shares)
        show = frame.preview(image, shares, view)
        preview = preview or (lambda pixels: None)
        first = secrets.randbelow(SEEDS) if wish.seed is None else wish.seed
        results = []
        for index in range(wish.count):
            start = time.perf_counter()
            one = replace(wish, seed=(first + index) % SEEDS, count=1)
            told = engine.part(report, index, wish.count)
            paint = partial(self._paint, view.pixels, view.hole, one, told, lambda pixels: preview(show(pixels)))
            answer, note = self.do(paint)
            pixels = kept.copy()
            frame.paste(pixels, shares, view, answer)
            seconds = time.perf_counter() - start
            results.append(Result(pixels, self.name, self.label, seconds, asdict(one), note))
        return results

    @abstractmethod
    def seconds(self, wish: Wish) -> float:
        """Estimate roughly how long a wish takes on this machine, before anything runs."""

    @abstractmethod
    def _paint(
        self, image: np.ndarray, hole: np.ndarray, wish: Wish, report: Report, preview: Preview
    ) -> tuple[np.ndarray, str]:
        """Paint one image: the hole, uint8 hxw of 0 and 1, of uint8 hxwx3 in the form of `frame`.

        Gives uint8 hxwx3, and a sentence that the visitor should read, or "". The wish has a seed. What `preview` is
        called with shows the same part.
        """
