"""The steps of a restoration in their order: what a look suggests, what a visitor wishes, and doing it.

Most repairs are computed at a working size and carried over to the whole photo. A negative is made positive first, then
straightening comes; enlarging is last; these are done to the whole photo.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from envo import photo
from envo.colour import as_8_bits
from envo.errors import UserError
from models.restore.base import Look, Report, Result, Step
from models.restore.carry import carried
from models.restore.clean import Clean
from models.restore.colour import Colour
from models.restore.dots import Dots
from models.restore.enlarge import Enlarge
from models.restore.faces import Faces
from models.restore.light import LowLight
from models.restore.negative import Negative
from models.restore.scratches import Scratches
from models.restore.straighten import Straighten
from models.restore.tone import toned

STEPS: dict[str, Step] = {
    step.id: step
    for step in [Negative(), Straighten(), Dots(), Scratches(), LowLight(), Clean(), Colour(), Faces(), Enlarge()]
}
"""By id, in the order in which they are done."""

NEGATIVE = Negative.id
"""The step that wants more than 8 bits, and that frames of one film share."""
WHOLE = frozenset({NEGATIVE, "straighten", "enlarge"})
"""Steps that work on the whole photo, whatever the working size."""
TINTING = frozenset({NEGATIVE, "straighten", "colour"})
"""Steps that bring no colours, or are asked for them; after the others a photo of one tone has none but its own."""
MEGAPIXEL = 1e6
"""Photos are judged at so many pixels at most."""

Finished = Callable[[str, Result, np.ndarray], None]
"""Called after each step with its id, its result, and the photo so far, uint8 HxWx3, at the working size."""


@dataclass(frozen=True)
class Wish:
    """A step that is to be done: its id, its engine or "auto", and values of its controls."""

    id: str
    engine: str = "auto"
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Restored:
    """A photo restored."""

    pixels: np.ndarray
    """uint8 HxWx3, or uint16 as it came, unless it was enlarged."""
    before: np.ndarray
    """The photo as it came, uint8 HxWx3, but straightened where that was done: lies under `pixels`."""
    steps: list[tuple[Wish, Result]]
    """What was done, in order."""
    invented: np.ndarray | None
    """How much of it was made up, or made anew, uint8 hxw of the working size, 255 for all of it; None: nothing."""
    is_moved: bool
    """Whether its parts are elsewhere than in the photo."""


def checked(plan: Sequence[Wish], pixels: int = 0) -> list[Wish]:
    """Bring wishes into the order in which they are done, a value for each control. Raises UserError.

    An engine that cannot work at once is refused here, before anything runs; and a step that cannot be done to a photo
    of so many `pixels`.
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
        values = step.checked(wish.values)
        step.check_size(pixels, values)
        by_id[wish.id] = Wish(wish.id, engine.name, values)
    return [by_id[id] for id in STEPS if id in by_id]


def look(image: np.ndarray, report: Report | None = None, steps: Collection[str] | None = None) -> dict[str, Look]:
    """Look at a photo, uint8 HxWx3 of any size: what each of some steps, by id, or of all, would be good for.

    Where it is a negative, hangs askew, or is printed in dots, the steps after that look at it as it will be then.
    """
    image = photo.reduce(image, MEGAPIXEL)
    asked, looks = {id: step for id, step in STEPS.items() if steps is None or id in steps}, {}
    for number, (id, step) in enumerate(asked.items()):
        if report:
            report("Looking at the photo", number / len(asked))
        looks[id] = step.look(image)
        if step.looked_past and looks[id].wanted:
            image = step.apply(image, step.checked(looks[id].settings)).pixels
    return looks


def suggested(looks: Mapping[str, Look], asked: Collection[str] = ()) -> list[Wish]:
    """Wish for what a look suggests, less the steps that no engine here can do.

    asked: steps, by id, that a visitor wants done where a photo needs them; of these what is likely is enough.
    """
    wanted = {id: look for id, look in looks.items() if look.wanted or (look.likely and id in asked)}
    wanted = [Wish(id, "auto", look.settings) for id, look in wanted.items()]
    return checked([wish for wish in wanted if STEPS[wish.id].pick().available()])


def seconds(wish: Wish, pixels: int, edge: float | None) -> float:
    """Estimate roughly how long a step takes on this machine for a photo of so many pixels; `edge` as `run` has it."""
    computed = pixels if edge is None or wish.id in WHOLE else min(pixels, round(edge * MEGAPIXEL))
    return STEPS[wish.id].pick(wish.engine).seconds(computed, wish.values)


def marks(image: np.ndarray, engine: str, values: Mapping[str, Any], report: Report | None = None) -> np.ndarray:
    """Find where the step that takes marks would work: uint8 HxW of the size of the image, uint8 HxWx3.

    values: of the step's controls, as `checked` takes them. Raises UserError where its weights are not here.
    """
    step = next(step for step in STEPS.values() if step.takes_marks)
    return step.find(image, step.checked(values), engine, report)


def run(
    image: np.ndarray,
    plan: Sequence[Wish],
    edge: float | None = None,
    marks: np.ndarray | None = None,
    report: Report | None = None,
    finished: Finished | None = None,
) -> Restored:
    """Restore a photo, uint8 HxWx3, or uint16, by a plan that was `checked`; repairs are worked out with 8 bits.

    edge: size at which repairs are computed, in megapixels; None: that of the photo. marks: uint8 HxW of the photo's
    proportions, above 127 where to work, for the step that takes them. What `report` and `finished` raise passes.
    """
    done: list[tuple[Wish, Result]] = []

    def do(wish: Wish, picture: np.ndarray, marks: np.ndarray | None = None) -> Result:
        result = STEPS[wish.id].apply(picture, wish.values, wish.engine, report, marks)
        if wish.id not in TINTING:
            result = replace(result, pixels=toned(picture, result.pixels, result.marks))
        done.append((wish, replace(result, pixels=result.pixels[:0], marks=None, invented=None)))
        if finished:
            finished(wish.id, result, as_8_bits(result.pixels))
        return result

    came, is_moved = as_8_bits(image), False
    for wish in [wish for wish in plan if wish.id == NEGATIVE]:
        image = do(wish, image).pixels
    for wish in [wish for wish in plan if wish.id == "straighten"]:
        if marks is not None:
            marks = _straightened(marks, image.shape[1::-1], wish)
        lay, image = image, do(wish, image).pixels
        is_moved = image is not lay
        came = image if came is lay else STEPS[wish.id].apply(came, wish.values, wish.engine).pixels
    small = as_8_bits(image)
    before = small = small if edge is None else photo.reduce(small, edge * MEGAPIXEL)
    if marks is not None:
        marks = cv2.resize(marks, small.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    anew, invented = np.zeros((2, *small.shape[:2]), np.uint8)
    for wish in [wish for wish in plan if wish.id not in WHOLE]:
        result = do(wish, small, marks if STEPS[wish.id].takes_marks else None)
        small = result.pixels
        if result.marks is not None:
            anew = np.maximum(anew, result.marks)
        if result.invented is not None:
            invented = np.maximum(invented, result.invented)
    restored = carried(image, before, small, anew)
    for wish in [wish for wish in plan if wish.id == "enlarge"]:
        restored = do(wish, as_8_bits(restored)).pixels
    invented = np.maximum(invented, anew)
    return Restored(restored, came, done, invented if invented.any() else None, is_moved)


def moved(mask: np.ndarray, plan: Sequence[Wish], size: tuple[int, int]) -> np.ndarray:
    """Do to a mask, uint8 HxW of a photo's size, what a plan that was `checked` does to where the photo's parts are.

    size: width and height of the photo restored by it.
    """
    for wish in [wish for wish in plan if wish.id == "straighten"]:
        mask = _straightened(mask, mask.shape[1::-1], wish)
    return cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR) if mask.shape[1::-1] != size else mask


def _straightened(marks: np.ndarray, size: tuple[int, int], wish: Wish) -> np.ndarray:
    """Straighten marks, uint8 HxW, along with their photo of `size` (width, height)."""
    marks = cv2.resize(marks, size, interpolation=cv2.INTER_LINEAR)
    turned = STEPS[wish.id].apply(cv2.merge([marks] * 3), wish.values, wish.engine).pixels
    return np.ascontiguousarray(turned[..., 0])
