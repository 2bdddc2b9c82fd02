"""Actions on photos: something else in the place of what is in a mask, nothing, or another background.

An action is checked when it is asked for, waits for its turn, runs in the background, and leaves results in the
library, each a photo of its own. `plan` is what pages and the service for programs have in common.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from pydantic import Base64Bytes, Field

from envo import backdrop, masks, memory, settings
from envo.errors import NoRoom, NotFound, UserError
from envo.jobs import Row
from envo.library import Library
from envo.own import Own
from envo.results import Made, Result
from models import inpaint
from models.engine import Report, part
from models.inpaint import frame
from models.inpaint.base import Preview
from tabs.work.jobs import FAILED, Elsewhere, Job, Kind, Running, Work
from tabs.work.queue import Queue
from tabs.work.scheduler import Rank
from tabs.work.wish import Wish

REMEMBERED_SECONDS = 600
"""For so long the end of an action can be heard of; its results stay."""
BACKDROP = "backdrop"
"""Name of what makes backgrounds, where actions tell their engine."""
NEW_BACKGROUNDS = frozenset({"colour", "gradient", "photo"})
"""Kinds of backgrounds that have nothing of the photo's own."""

Open = Callable[[], np.ndarray]
"""Gives a photo, uint8 HxWx3, when it is needed."""


class ActionWish(Wish):
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
    original: bool = False
    """Whether to begin with the photo as it came, where there is no such result; else as its edit shows it."""
    other: str | None = None
    """Id of the photo that becomes the background."""


class FillsWish(Wish):
    """Other fills of the hole of a result, by its id."""

    first: str


@dataclass(frozen=True)
class Finished:
    """A photo of which a part was changed, and what made it."""

    own: Own
    result: inpaint.Result
    """Its pixels are those of the view that was worked on."""

    @property
    def notes(self) -> list[str]:
        """What the visitor should know: sentences."""
        return [*filter(None, [self.result.note]), *self.own.notes]


@dataclass(frozen=True)
class Plan:
    """An action that was checked: what it will do."""

    count: int
    """How many pictures it makes."""
    check: Callable[[np.ndarray], Any]
    """Takes what changes, uint8 HxW of any size; raises UserError for what the action cannot do."""
    run: Callable[[Own, np.ndarray, Report, Preview], list[Finished]]
    """Takes the photo, what changes of it, uint8 HxW, and whom to tell."""


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

    def run(own: Own, mask: np.ndarray, report: Report, preview: Preview) -> list[Finished]:
        begun = time.perf_counter()
        behind = other() if other else None
        is_new = wish.kind in NEW_BACKGROUNDS
        with memory.PHOTOS:
            view = own.view(exact=is_new)
            # A new background shows through what of the photo is transparent, too, where it is put.
            gone = 255 - own.seen(255 - mask) if is_new else mask
            pixels = backdrop.apply(view.pixels, np.where(mask > 0, gone, 0), wish, behind, report)
            changed = own.changed(view, pixels[..., :3], tints=is_new)
            if wish.kind == "transparent":
                changed = changed.faded(pixels[..., 3])
            elif is_new:
                changed = changed.filled(np.where(mask > 0, np.uint8(255), np.uint8(0)))
        seconds = time.perf_counter() - begun
        result = inpaint.Result(pixels, BACKDROP, backdrop.KINDS[wish.kind], seconds, wish.dump())
        return [Finished(changed, result)]

    return Plan(1, backdrop.check, run)


def _erase(name: str, values: dict[str, Any]) -> Plan:
    if values:
        raise UserError(f"Erasing has no setting {next(iter(values))[:40]!r}.")
    engine = inpaint.erase(name)
    engine.require()

    def run(own: Own, mask: np.ndarray, report: Report, preview: Preview) -> list[Finished]:
        if not own.shows(frame.share(mask, frame.ERASE)):
            raise UserError("What is selected is transparent in this photo: there is nothing to erase.")
        view = own.view()
        result = engine.erase(view.pixels, mask, report)
        return [Finished(own.changed(view, result.pixels), result)]

    return Plan(1, lambda mask: frame.share(mask, frame.ERASE), run)


def _replace(name: str, values: dict[str, Any]) -> Plan:
    engine = inpaint.replace(name)
    engine.require()
    wish = inpaint.Wish.parse(engine, values)

    def run(own: Own, mask: np.ndarray, report: Report, preview: Preview) -> list[Finished]:
        view, shares = own.view(exact=True), frame.share(mask, frame.REPLACE)
        made = engine.replace(view.pixels, mask, wish, report, preview)
        return [Finished(own.changed(view, each.pixels).filled(shares), each) for each in made]

    return Plan(wish.count, lambda mask: frame.share(mask, frame.REPLACE), run)


def made(
    action: str,
    finished: Finished,
    invert: bool = False,
    grow: int = 0,
    start: str | None = None,
    edit: int = 0,
    first: str | None = None,
) -> Made:
    """Tell how a result was made, as `envo.results` keeps it."""
    result = finished.result
    return Made(
        action=action,
        engine=result.engine,
        label=result.label,
        settings=result.settings,
        invert=invert,
        grow=grow,
        start=start,
        seconds=result.seconds,
        note=" ".join(finished.notes),
        edit=edit,
        first=first,
    )


@dataclass
class ActionJob(Job):
    """An action that was asked for."""

    action: str = ""
    first: str | None = None
    """Id of the result of whose hole other fills were asked for."""
    results: list[Result] = field(default_factory=list)

    def dump(self) -> dict[str, Any]:
        return {"action": self.action, "first": self.first, "results": [each.id for each in self.results]}


class Actions(Running[ActionJob]):
    """Runs actions on photos, in the order in which they come. One for the app; methods may be called from any thread.

    Erasing and backgrounds take seconds, so they do not queue behind what takes minutes.
    """

    def __init__(self, library: Library):
        gone = "This is not under way any more; what it made is among the photo's results."
        super().__init__(library.jobs, Kind("action", "actions", gone, REMEMBERED_SECONDS, self._known, self._again))
        self._library = library
        quick = Queue("erase", FAILED, "Starting", in_turn=True)
        slow = Queue("replace", FAILED, "Starting", in_turn=True, rank=Rank.LONG)
        self._queues = {"erase": quick, "background": quick, "replace": slow}

    def ask(self, owner: str, photo_id: str, wish: ActionWish) -> str:
        """Have an action run; gives the id of its job. Raises UserError for what cannot be done."""
        photo_id = self._library.present(owner, photo_id).id
        job = ActionJob(owner, photo_id, self._queues[wish.action], action=wish.action)
        self.start(job, wish, self._planned(job, wish), settings.MAX_ACTIONS)
        return job.id

    def _planned(self, job: ActionJob, wish: ActionWish) -> Work:
        """Check what is to be done, and give what does it."""
        owner, row, other = job.owner, self._library.present(job.owner, job.photo_id), None
        if wish.other:
            self._library.present(owner, wish.other)
            other = partial(self._pixels, job, wish.other)
        todo = plan(wish.action, wish.engine, wish.settings, other)
        mask = masks.read_matte(wish.mask, row.working_size)
        mask = masks.grow(255 - mask if wish.invert else mask, wish.grow)
        todo.check(mask)
        if wish.start:
            self._library.results.one(owner, row.id, wish.start)
        self._library.results.check_room(owner, row.id, todo.count)
        self._library.visits.check_disk(owner)
        return partial(self._work, job, wish, todo, masks.encode_matte(mask))

    def ask_fills(self, owner: str, photo_id: str, result_id: str) -> str:
        """Have a hole filled in other ways, too; gives the id of the job. Raises UserError for what cannot be done."""
        job = ActionJob(owner, photo_id, self._queues["erase"], action="erase", first=result_id)
        self.start(job, FillsWish(first=result_id), self._planned_fills(job), settings.MAX_ACTIONS)
        return job.id

    def _planned_fills(self, job: ActionJob) -> Work:
        """Check whether there are other fills, and give what makes them."""
        owner, photo_id, results = job.owner, job.photo_id, self._library.results
        result = results.one(owner, photo_id, job.first)
        if not result.masked:
            raise UserError("Other fills are made of what was erased with its selection kept; erase it again for that.")
        if len(results.fills(owner, photo_id, job.first)) > 1:
            raise UserError("The other fills of this are here already.")
        engines = inpaint.others(result.engine)
        results.check_room(owner, photo_id, len(engines))
        self._library.visits.check_disk(owner)
        return partial(self._fill, job, result, engines)

    def _known(self, row: Row, queue: Elsewhere | None) -> ActionJob:
        told = row.told
        job = ActionJob(row.owner, row.photo_id, queue or self._queues[told["action"]], row.id)
        job.action, job.first = told["action"], told["first"]
        with suppress(NotFound):  # some were deleted
            job.results = [self._library.results.one(row.owner, row.photo_id, each) for each in told["results"]]
        return job

    def _again(self, job: ActionJob, wish: dict[str, Any]) -> Work:
        if job.first:
            return self._planned_fills(job)
        return self._planned(job, ActionWish.model_validate(wish))

    def _fill(self, job: ActionJob, first: Result, engines: list[inpaint.EraseEngine], report: Report) -> None:
        results = self._library.results
        mask = results.mask(job.owner, job.photo_id, first.id)
        with memory.PHOTOS:
            # Beside the hole it is what it was made of, and what is in the hole does not count.
            own = self._library.own(job.owner, job.photo_id, first.id)
            memory.PHOTOS.keep(memory.WORKED_ON * own.values.nbytes)
            job.results = results.add(job.owner, job.photo_id, self._filled(first, own, mask, engines, report))

    def _filled(
        self, first: Result, own: Own, mask: Path, engines: list[inpaint.EraseEngine], report: Report
    ) -> list[tuple[Made, Own]]:
        """Fill the hole of a result by some engines; those that fill it alike count once."""
        hole = cv2.resize(masks.decode_matte(mask.read_bytes()), own.size, interpolation=cv2.INTER_LINEAR)
        view = own.view()
        seen, pictures = [view.pixels], []
        for number, engine in enumerate(engines):
            result = engine.erase(view.pixels, hole, part(report, number, len(engines)))
            if not any(inpaint.look_alike(result.pixels, each, hole) for each in seen):
                seen.append(result.pixels)
                filled = Finished(own.changed(view, result.pixels), result)
                pictures.append(
                    (
                        made(first.action, filled, first.invert, first.grow, first.start, first.edit, first.id),
                        filled.own,
                    )
                )
        report("Saving")
        return pictures

    def choose(self, owner: str, photo_id: str, result_id: str) -> tuple[str | None, list[str], list[str]]:
        """Let a result be the one of the fills of its hole that is shown, and that is a photo of the library.

        Gives the id of that photo, None where there is no room for it; the ids of the photos of other fills, which went
        to the trash unless something was made of them; and what a visitor should know, sentences.
        """
        results, library = self._library.results, self._library
        results.choose(owner, photo_id, result_id)
        kept, notes, gone = results.one(owner, photo_id, result_id).kept, [], []
        before = results.became(owner, photo_id, result_id)
        if kept is None and before:
            with suppress(NotFound):
                kept = library.restore(owner, before).id
        if kept is None:
            with suppress(NoRoom):
                kept, _, notes = results.keep(owner, photo_id, result_id)
        for each in results.fills(owner, photo_id, result_id):
            if kept and each.id != result_id and each.kept and self._is_untouched(owner, each.kept):
                library.delete(owner, each.kept)
                gone.append(each.kept)
        return kept, gone, notes

    def _is_untouched(self, owner: str, photo_id: str) -> bool:
        """Whether nothing was made of a photo."""
        return not self._library.photo(owner, photo_id).edit and not self._library.results.all(owner, photo_id)

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

        results = self._library.results
        with memory.PHOTOS:
            edit, own = self._begun(job.owner, row.id, wish)
            memory.PHOTOS.keep(memory.WORKED_ON * own.values.nbytes)
            changes = cv2.resize(masks.decode_matte(mask), own.size, interpolation=cv2.INTER_LINEAR)
            found = todo.run(own, changes, tell, show)
            del own, changes
            tell("Saving")
            pictures = [(made(wish.action, each, wish.invert, wish.grow, wish.start, edit), each.own) for each in found]
            erased = mask if wish.action == "erase" else None
            made_now = [result.id for result in results.add(job.owner, row.id, pictures, erased)]
        for result_id in made_now:
            with suppress(NoRoom):  # else its owner can make room, and keep it then
                results.keep(job.owner, row.id, result_id)
        job.results = [results.one(job.owner, row.id, result_id) for result_id in made_now]

    def _begun(self, owner: str, photo_id: str, wish: ActionWish) -> tuple[int, Own]:
        """Open what is to be changed; gives the version of the photo's edit that is in it, too."""
        if wish.start:
            edit = self._library.results.one(owner, photo_id, wish.start).edit
            return edit, self._library.own(owner, photo_id, wish.start)
        if wish.original:
            return 0, self._library.own(owner, photo_id)
        return self._library.renditions.own(owner, photo_id)

    def _pixels(self, job: ActionJob, photo_id: str) -> np.ndarray:
        """Give a photo as its edit shows it, at full size, on white: uint8 HxWx3."""
        with memory.PHOTOS:
            return self._library.renditions.pixels(job.owner, photo_id)
