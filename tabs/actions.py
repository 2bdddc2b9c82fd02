"""Actions on photos: something else in the place of what is in a mask, nothing, or another background.

An action is checked when it is asked for, waits for its turn, runs in the background, and leaves results in the
library. `plan` is what pages and the service for programs have in common.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import cv2
import numpy as np
from pydantic import Base64Bytes, Field

from envo import backdrop, masks, photo, settings
from envo.errors import UserError
from envo.library import Library
from envo.results import Made, Result
from models import inpaint
from models.engine import Report
from models.inpaint import frame
from models.inpaint.base import Preview
from tabs import http
from tabs.background import Queue
from tabs.running import FAILED, Job, Running

REMEMBERED_SECONDS = 600
"""For so long the end of an action can be heard of; its results stay."""
BACKDROP = "backdrop"
"""Name of what makes backgrounds, where actions tell their engine."""

Open = Callable[[], np.ndarray]
"""Gives a photo, uint8 HxWx3, when it is needed."""


class ActionWish(http.Wish):
    """An action as a page asks for it."""

    action: Literal["replace", "erase", "background"]
    mask: Base64Bytes
    """PNG of the working size: white is what changes."""
    invert: bool = False
    grow: int = Field(0, ge=0, le=settings.MAX_MASK_STEP)
    """Pixels of the working size by which what changes is widened."""
    engine: str = "auto"
    settings: dict[str, Any] = Field(default_factory=dict)
    start: str | None = None
    """Id of the result to go on from."""
    other: str | None = None
    """Id of the photo that becomes the background."""


@dataclass(frozen=True)
class Plan:
    """An action that was checked: what it will do."""

    count: int
    """How many pictures it makes."""
    check: Callable[[np.ndarray], Any]
    """Takes what changes, uint8 HxW of any size; raises UserError for what the action cannot do."""
    run: Callable[[np.ndarray, np.ndarray, Report, Preview], list[inpaint.Result]]
    """Takes the photo, uint8 HxWx3, what changes of it, uint8 HxW, and whom to tell."""


def plan(action: str, engine: str, values: dict[str, Any], other: Open | None = None) -> Plan:
    """Check what an action is to do. Raises UserError for what cannot be.

    engine: its name, or "auto". values: its settings. other: opens the photo that becomes the background.
    """
    if action == "background":
        return _background(engine, values, other)
    if other:
        raise UserError("Another photo can only become a background.")
    if action == "erase":
        return _erase(engine, values)
    return _replace(engine, values)


def _background(engine: str, values: dict[str, Any], other: Open | None) -> Plan:
    if engine not in ("auto", BACKDROP):
        raise UserError(f"There is no engine {engine[:40]!r} for backgrounds.")
    wish = backdrop.parse(values)
    if wish.kind == "photo" and other is None:
        raise UserError("Choose the photo that is to be the background.")
    if wish.kind != "photo" and other:
        raise UserError(f"A background of the kind {wish.kind} takes no other photo.")

    def run(image: np.ndarray, mask: np.ndarray, report: Report, preview: Preview) -> list[inpaint.Result]:
        begun = time.perf_counter()
        behind = other() if other else None
        with http.HEAVY:
            pixels = backdrop.apply(image, mask, wish, behind, report)
        seconds = time.perf_counter() - begun
        return [inpaint.Result(pixels, BACKDROP, backdrop.KINDS[wish.kind], seconds, wish.dump())]

    return Plan(1, backdrop.check, run)


def _erase(name: str, values: dict[str, Any]) -> Plan:
    if values:
        raise UserError(f"Erasing has no setting {next(iter(values))[:40]!r}.")
    engine = inpaint.erase(name)
    engine.require()

    def run(image: np.ndarray, mask: np.ndarray, report: Report, preview: Preview) -> list[inpaint.Result]:
        return [engine.erase(image, mask, report)]

    return Plan(1, lambda mask: frame.share(mask, frame.ERASE), run)


def _replace(name: str, values: dict[str, Any]) -> Plan:
    engine = inpaint.replace(name)
    engine.require()
    wish = inpaint.Wish.parse(engine, values)

    def run(image: np.ndarray, mask: np.ndarray, report: Report, preview: Preview) -> list[inpaint.Result]:
        return engine.replace(image, mask, wish, report, preview)

    return Plan(wish.count, lambda mask: frame.share(mask, frame.REPLACE), run)


def made(action: str, result: inpaint.Result, invert: bool = False, grow: int = 0, start: str | None = None) -> Made:
    """Tell how a result was made, as `envo.results` keeps it."""
    return Made(
        action=action,
        engine=result.engine,
        label=result.label,
        settings=result.settings,
        invert=invert,
        grow=grow,
        start=start,
        seconds=result.seconds,
        note=result.note,
    )


@dataclass
class ActionJob(Job):
    """An action that was asked for."""

    action: str = ""
    results: list[Result] = field(default_factory=list)


class Actions(Running[ActionJob]):
    """Runs actions on photos, in the order in which they come. One for the app; methods may be called from any thread.

    Erasing and backgrounds take seconds, so they do not queue behind what takes minutes.
    """

    def __init__(self, library: Library):
        gone = "This is not under way any more; what it made is among the photo's results."
        super().__init__("actions", gone, REMEMBERED_SECONDS)
        self._library = library
        quick = Queue("erase", FAILED, "Starting", in_turn=True)
        slow = Queue("replace", FAILED, "Starting", in_turn=True)
        self._queues = {"erase": quick, "background": quick, "replace": slow}

    def ask(self, owner: str, photo_id: str, wish: ActionWish) -> str:
        """Have an action run; gives the id of its job. Raises UserError for what cannot be done."""
        row = self._library.present(owner, photo_id)
        job = ActionJob(owner, row.id, self._queues[wish.action], action=wish.action)
        other = None
        if wish.other:
            self._library.present(owner, wish.other)
            other = partial(self._pixels, job, wish.other)
        todo = plan(wish.action, wish.engine, wish.settings, other)
        mask = masks.read_matte(wish.mask, row.working_size)
        mask = masks.grow(255 - mask if wish.invert else mask, wish.grow)
        todo.check(mask)
        self._check_start(owner, row.id, wish.start)
        self._library.results.check_room(owner, row.id, todo.count)
        self.start(job, partial(self._work, job, wish, todo, masks.encode_matte(mask)), settings.MAX_ACTIONS)
        return job.id

    def _work(self, job: ActionJob, wish: ActionWish, todo: Plan, mask: bytes, report: Report) -> None:
        row = self._library.present(job.owner, job.photo_id)
        last: tuple[str, float | None] = ("", None)

        def tell(step: str, fraction: float | None = None) -> None:
            nonlocal last
            last = (step, fraction)
            report(step, fraction)

        def show(pixels: np.ndarray) -> None:
            job.show(pixels)
            report(*last)  # so that whoever waits for news hears of it

        image, exif = self._image(job.owner, row.id, wish.start)
        changes = cv2.resize(masks.decode_matte(mask), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        found = todo.run(image, changes, tell, show)
        del image, changes
        tell("Saving")
        pictures = [(made(wish.action, each, wish.invert, wish.grow, wish.start), each.pixels) for each in found]
        with http.HEAVY:
            job.results = self._library.results.add(job.owner, row.id, pictures, exif)

    def _image(self, owner: str, photo_id: str, start: str | None) -> tuple[np.ndarray, bytes | None]:
        """Decode a photo, or a result of it, at full size: uint8 HxWx3, and the photo's EXIF."""
        with http.HEAVY:
            image = self._library.decode(owner, photo_id, start)
            return photo.as_uint8(image.pixels), image.exif

    def _pixels(self, job: ActionJob, photo_id: str) -> np.ndarray:
        return self._image(job.owner, photo_id, None)[0]

    def _check_start(self, owner: str, photo_id: str, start: str | None) -> None:
        if start and self._library.results.one(owner, photo_id, start).alpha:
            raise UserError("This result is transparent: go on from the one before, and make it transparent last.")
