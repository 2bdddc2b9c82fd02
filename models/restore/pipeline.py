"""The steps of a restoration in their order: what a look suggests, what a visitor wishes, and doing it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from envo import photo
from envo.errors import UserError
from models.restore.base import Look, Report, Result, Step

STEPS: dict[str, Step] = {}
"""By id, in the order in which they are done."""

WHOLE = frozenset({"straighten", "enlarge"})
"""Steps that work on the whole photo, whatever the working size."""
LOOK_EDGE = 1000
"""Long edge of what is looked at, in pixels: under a megapixel."""

Finished = Callable[[str, Result, np.ndarray], None]
"""Called after each step with its id, its result, and the photo so far, uint8 HxWx3."""


@dataclass(frozen=True)
class Wish:
    """A step that is to be done: its id, its engine or "auto", and a value for each of its controls."""

    id: str
    engine: str = "auto"
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Restored:
    """A photo restored."""

    pixels: np.ndarray
    """uint8 HxWx3."""
    before: np.ndarray
    """The photo as it came, uint8 HxWx3, but straightened where that was done: lies under `pixels`."""
    steps: list[tuple[Wish, Result]]
    """What was done, in order."""


def checked(plan: Sequence[Wish]) -> list[Wish]:
    """Bring wishes into the order in which they are done, a value for each control. Raises UserError.

    An engine that cannot work at once is refused here, before anything runs.
    """
    by_id: dict[str, Wish] = {}
    for wish in plan:
        if wish.id not in STEPS:
            raise UserError(f"There is no step {wish.id[:40]!r} in a restoration; there are {', '.join(STEPS)}.")
        if wish.id in by_id:
            raise UserError(f"{STEPS[wish.id].label} can be done once, not twice.")
        step = STEPS[wish.id]
        engine = step.pick(wish.engine)
        engine.require()
        by_id[wish.id] = Wish(wish.id, engine.name, step.checked(wish.values))
    return [by_id[id] for id in STEPS if id in by_id]


def look(image: np.ndarray, report: Report | None = None) -> dict[str, Look]:
    """Look at a photo, uint8 HxWx3 of any size: what each step, by id, would be good for."""
    image = photo.resize(image, LOOK_EDGE)
    looks = {}
    for number, (id, step) in enumerate(STEPS.items()):
        if report:
            report("Looking at the photo", number / len(STEPS))
        looks[id] = step.look(image)
    return looks


def suggested(looks: Mapping[str, Look]) -> list[Wish]:
    """Wish for what a look suggests, less the steps that no engine here can do."""
    wanted = [Wish(id, "auto", look.settings) for id, look in looks.items() if look.wanted]
    return checked([wish for wish in wanted if STEPS[wish.id].pick().available()])


def seconds(wish: Wish, pixels: int, edge: float | None) -> float:
    """Estimate roughly how long a step takes on this machine for a photo of so many pixels; `edge` as `run` has it."""
    computed = pixels if edge is None or wish.id in WHOLE else min(pixels, round(edge * 1e6))
    return STEPS[wish.id].pick(wish.engine).seconds(computed, wish.values)


def marks(image: np.ndarray, engine: str, values: Mapping[str, Any], report: Report | None = None) -> np.ndarray:
    """Find where the step that takes marks would work: uint8 HxW of the size of the image, uint8 HxWx3.

    values: of the step's controls, as `checked` takes them. Raises UserError where its weights are not here.
    """
    step = next(step for step in STEPS.values() if step.takes_marks)
    worker = step.pick(engine)
    worker.require()
    return step.find(image, step.checked(values), worker, report or (lambda said, fraction: None))


def run(
    image: np.ndarray,
    plan: Sequence[Wish],
    edge: float | None = None,
    marks: np.ndarray | None = None,
    report: Report | None = None,
    finished: Finished | None = None,
) -> Restored:
    """Restore a photo, uint8 HxWx3, by a plan that was `checked`.

    edge: size at which repairs are computed, in megapixels; None: that of the photo. marks: uint8 HxW of the photo's
    proportions, above 127 where to work, for the step that takes them. What `report` and `finished` raise passes.
    """
    before, done = image, []
    for wish in plan:
        step = STEPS[wish.id]
        here = marks if step.takes_marks else None
        result = step.apply(image, wish.values, wish.engine, report, here)
        if result.pixels.shape != image.shape and len(done) == 0:
            before = result.pixels
        image = result.pixels
        done.append((wish, result))
        if finished:
            finished(wish.id, result, image)
    return Restored(image, before, done)
