"""Restorations in the background: a look at a photo, the scratches in it, one photo restored, and many.

Looks and scratches are kept for a photo's content. A restoration is checked when it is asked for, waits for its turn,
shows the photo after each step, and leaves a new photo in the library.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np
from pydantic import Base64Bytes, Field

from envo import masks, memory, photo, settings
from envo.description import Written
from envo.errors import NotFound, UserError
from envo.file import PhotoFile
from envo.jobs import Row
from envo.library import Library
from envo.library import Photo as PhotoRow
from envo.restorations import Did, Restoration
from models import restore
from models.engine import Report, to_working_size
from models.inpaint import Cancelled
from models.restore.making import SIZES, SOUND, Size, make
from tabs.work import takeaway
from tabs.work.folders import file_name
from tabs.work.jobs import BATCHES, FAILED, BatchJob, Elsewhere, Item, Job, Kind, Running, Work, in_turn
from tabs.work.queue import PATIENCE, Progress, Queue, told
from tabs.work.recent import Recent
from tabs.work.scheduler import HEAVY, Rank
from tabs.work.wish import Wish

REMEMBERED_SECONDS = 600
"""For so long the end of a restoration can be heard of; the photo stays."""
BATCH_REMEMBERED_SECONDS = 24 * 3600
"""For so long what many photos became can be had as one file."""
PREVIEW_EDGE = 1280
"""Long edge of the photo as it is shown between its steps, in pixels."""

SizeId = Literal["quick", "fine", "full"]


class StepWish(Wish):
    """A step as a page asks for it."""

    id: str
    engine: str = "auto"
    settings: dict[str, Any] = Field(default_factory=dict)


class RestoreWish(Wish):
    """A restoration as a page asks for it."""

    steps: list[StepWish]
    size: SizeId = "quick"
    marks: Base64Bytes | None = None
    """PNG of the working size: white is where to work, for the step that takes it; None: where it finds something."""
    original: bool = False
    """Whether to begin with the photo as it came; else as its edit shows it."""


class BatchWish(Wish):
    """Restorations of many photos as a page asks for them."""

    photos: list[str] = Field(min_length=1, max_length=settings.MAX_BATCH)
    steps: Literal["auto"] | list[StepWish]
    """"auto": for each photo what a look at it suggests."""
    only: list[str] | None = None
    """Ids of the steps that it may suggest; None: all."""
    size: SizeId = "quick"


@dataclass
class RestoreJob(Job):
    """A restoration that was asked for."""

    plan: list[restore.Wish] = field(default_factory=list)
    did: list[Did] = field(default_factory=list)
    """So far."""
    restoration: Restoration | None = None

    @property
    def step_id(self) -> str | None:
        """Id of the step that is being done, or comes first."""
        return self.plan[len(self.did)].id if len(self.did) < len(self.plan) else None

    def dump(self) -> dict[str, Any]:
        return {
            "plan": [[wish.id, wish.engine, dict(wish.values)] for wish in self.plan],
            "did": [asdict(each) for each in self.did],
            "restoration": self.restoration and self.restoration.id,
        }


def plan(steps: Sequence[StepWish], pixels: int = 0) -> list[restore.Wish]:
    """Check which steps are to be done to a photo of so many pixels. Raises UserError for what cannot be."""
    if not steps:
        raise UserError("Choose at least one step of the restoration.")
    return restore.checked([restore.Wish(step.id, step.engine, step.settings) for step in steps], pixels)


class Looks:
    """What a look at photos says, and where their scratches are: once for each content, however many ask for it.

    A photo whose `edit` is 0 is looked at as it came, another as its edit shows it.
    """

    def __init__(self, library: Library):
        self._library = library
        # Pages that show a photo ask for its look as long as there is none.
        self._queue = Queue("look", "This photo could not be looked at.", patience=PATIENCE)
        self._looks: Recent[dict[str, restore.Look]] = Recent(settings.LOOKS_KEPT)
        self._marks: Recent[bytes] = Recent(settings.MARKS_BYTES, len)

    def request(self, row: PhotoRow) -> None:
        """Ask for a look at a photo, unless there was one or it is under way. One that failed is tried again."""
        if self._looks.get(_key(row)) is None:
            self._queue.ask(_key(row), partial(self._look, row), row.owner)

    def progress(self, row: PhotoRow) -> Progress:
        """How far the look at a photo is."""
        current = self._queue.progress(_key(row))
        return current or Progress("waiting" if self._looks.get(_key(row)) is None else "done")

    @property
    def number(self) -> int:
        """Grows with all that is told of any photo; quickly told."""
        return self._queue.number

    def of(self, row: PhotoRow) -> dict[str, restore.Look] | None:
        """What the look says of each step, by its id; None before it is done."""
        return self._looks.get(_key(row))

    def seconds(self, row: PhotoRow) -> dict[str, dict[str, dict[str, float]]]:
        """Estimate how long each step takes with each engine at each size, by their ids; as the look suggests it."""
        looks, pixels = self._looks.get(_key(row)) or {}, row.width * row.height
        return {
            id: {
                name: {
                    size.id: restore.seconds(
                        restore.Wish(id, name, step.checked(looks[id].settings)), pixels, size.edge
                    )
                    for size in SIZES.values()
                }
                for name in step.engines
            }
            for id, step in restore.STEPS.items()
            if id in looks
        }

    def marks(self, row: PhotoRow, engine: str, sensitivity: float | None) -> bytes:
        """Find the scratches in a photo: PNG of the working size, above 127 where they are."""
        values = {} if sensitivity is None else {"sensitivity": sensitivity}
        key = (_key(row), engine, sensitivity)
        png = self._marks.get(key)
        if png is None:
            png = masks.encode_matte(restore.marks(_picture(self._library, row), engine, values))
            self._marks.put(key, png)
        return png

    def _look(self, row: PhotoRow, report: Report) -> None:
        if self._looks.get(_key(row)) is None:  # else asked for while it was under way
            self._looks.put(_key(row), restore.look(_picture(self._library, row), report))


def _picture(library: Library, row: PhotoRow) -> np.ndarray:
    """Decode a photo at the working size, as its edit shows it: uint8 HxWx3."""
    with memory.PHOTOS:
        if row.edit:
            return to_working_size(library.renditions.pixels(row.owner, row.id, settings.WORKING_EDGE, whole=True))
        image = PhotoFile(library.content(row.sha256).read_bytes()).decode(settings.WORKING_EDGE)
        return to_working_size(image.shown())


def _key(row: PhotoRow) -> Hashable:
    """Name what is seen of a photo."""
    return (row.id, row.edit) if row.edit else row.sha256


class Restoring:
    """Restores photos, in the order in which they come. One for the app; methods may be called from any thread.

    Many photos at once take long, so those who bring one do not queue behind them.
    """

    def __init__(self, library: Library):
        self._library = library
        gone = "This is not under way any more; what came of it is in your library."
        one = Kind("restore", "restorations", gone, REMEMBERED_SECONDS, self._known, self._again)
        many = Kind("restore many", "batches", gone, BATCH_REMEMBERED_SECONDS, self._known_many, self._again_many)
        self.one: Running[RestoreJob] = Running(library.jobs, one)
        self.many: Running[BatchJob] = Running(library.jobs, many)
        self._queue = Queue("restore", FAILED, "Starting", in_turn=True, rank=Rank.LONG)
        self._batch_queue = Queue("restore many", FAILED, "Starting", in_turn=True, rank=None, at_a_time=BATCHES)

    def ask(self, owner: str, photo_id: str, wish: RestoreWish) -> str:
        """Have a photo restored; gives the id of the job. Raises UserError for what cannot be done."""
        job = RestoreJob(owner, self._library.present(owner, photo_id).id, self._queue)
        self.one.start(job, wish, self._planned(job, wish), settings.MAX_RESTORATIONS)
        return job.id

    def _planned(self, job: RestoreJob, wish: RestoreWish) -> Work:
        """Check what is to be done, and give what does it."""
        row = self._library.present(job.owner, job.photo_id)
        marks = None if wish.marks is None else masks.encode_matte(masks.read_matte(wish.marks, row.working_size))
        job.plan = plan(wish.steps, row.width * row.height)
        return partial(self._work, job, SIZES[wish.size], marks, wish.original)

    def _known(self, row: Row, queue: Elsewhere | None) -> RestoreJob:
        job = RestoreJob(row.owner, row.photo_id, queue or self._queue, row.id)
        job.plan = [restore.Wish(*each) for each in row.told["plan"]]
        job.did = [Did(**each) for each in row.told["did"]]
        if made := row.told["restoration"]:
            with suppress(NotFound):  # it was removed
                job.restoration = self._library.restorations.one(row.owner, row.photo_id, made)
        return job

    def _again(self, job: RestoreJob, wish: dict[str, Any]) -> Work:
        job.did = []
        return self._planned(job, RestoreWish.model_validate(wish))

    def ask_many(self, owner: str, wish: BatchWish) -> str:
        """Have photos restored, one after the other; gives the id of the job. Raises UserError as `ask` does."""
        items = [
            Item(row.id, row.name) for row in (self._library.present(owner, id) for id in dict.fromkeys(wish.photos))
        ]
        job = BatchJob(owner, None, self._batch_queue, items=items)
        self.many.start(job, wish, self._planned_many(job, wish), settings.MAX_BATCHES)
        return job.id

    def _planned_many(self, job: BatchJob, wish: BatchWish) -> Work:
        """Check what is to be done, and give what does it."""
        todo = None if wish.steps == "auto" else plan(wish.steps)
        if unknown := set(wish.only or ()) - set(restore.STEPS):
            raise UserError(f"There is no step {min(unknown)[:40]!r} in a restoration.")
        return partial(self._work_many, job, todo, wish.only, SIZES[wish.size])

    def _known_many(self, row: Row, queue: Elsewhere | None) -> BatchJob:
        job = BatchJob(row.owner, None, queue or self._batch_queue, row.id)
        job.take(row)
        return job

    def _again_many(self, job: BatchJob, wish: dict[str, Any]) -> Work:
        return self._planned_many(job, BatchWish.model_validate(wish))

    def files(self, job: BatchJob) -> Iterator[takeaway.Item]:
        """Give the files of a batch that are done, as their edits show them; deleted ones are left out.

        Each has its own name among them.
        """
        for item in job.items:
            if item.state != "done":
                continue
            try:
                row = self._library.present(job.owner, item.made_id or item.photo_id)
            except NotFound:
                continue
            yield takeaway.Item(item.name, partial(self._file, row, item.name))

    def _file(self, row: PhotoRow, name: str) -> tuple[str, Written]:
        """Make the file of a photo, named as the one that it was made of."""
        _, written = takeaway.one(self._library, row.owner, row.id)
        return file_name(name, written.format or row.format), written

    def move(self, owner_from: str, owner_to: str) -> None:
        """Hand over what is under way, as `Library.move` does the photos."""
        self.one.move(owner_from, owner_to)
        self.many.move(owner_from, owner_to)

    def forget(self, owner: str) -> None:
        """Give up what is under way for an owner, as `Library.remove_all` removes the photos."""
        self.one.forget(owner)
        self.many.forget(owner)

    def _work(self, job: RestoreJob, size: Size, marks: bytes | None, original: bool, report: Report) -> None:
        def show(did: Did, pixels: np.ndarray) -> None:
            job.did.append(did)
            job.show(photo.resize(pixels, PREVIEW_EDGE))
            report(did.said, 1.0)  # so that whoever waits for news hears of it

        drawn = None if marks is None else masks.decode_matte(marks)
        job.restoration = self._restore(job, job.photo_id, job.plan, size, original, report, drawn, show)

    def _work_many(
        self, job: BatchJob, todo: list[restore.Wish] | None, among: list[str] | None, size: Size, report: Report
    ) -> None:
        roll = self._roll(job, report) if todo is None and among == [restore.NEGATIVE] else None
        for item in job.left:
            with in_turn(job, report):
                own = todo if roll is None else roll.get(item.photo_id, [])
                self._do_one(job, item, own, among, size, report)

    def _do_one(
        self,
        job: BatchJob,
        item: Item,
        todo: list[restore.Wish] | None,
        among: list[str] | None,
        size: Size,
        report: Report,
    ) -> None:
        """Restore one photo of a batch; one that cannot be does not end the others."""
        item.state = "working"
        report("Opening the photo", None)
        try:
            restoration = self._restore(job, item.photo_id, todo, size, False, report, among=among)
            item.made_id = restoration and restoration.photo_id
            item.state, item.why = "done", "" if restoration else SOUND
        except Cancelled:
            raise
        except Exception as error:
            item.state, item.why = "failed", told(error, f"restoring {item.photo_id}", FAILED)

    def _roll(self, job: BatchJob, report: Report) -> dict[str, list[restore.Wish]]:
        """Say how the frames of a film become positive, by their photos' ids: all by the same clear film."""
        frames = {}
        for number, item in enumerate(job.items):
            report("Looking at the film", number / len(job.items))
            with HEAVY.place(Rank.BEHIND, job.owner), suppress(Exception):  # it is told when its turn comes
                row = self._library.present(job.owner, item.photo_id)
                frames[row.id] = restore.Frame.of(_picture(self._library, row))
        settings = restore.rolled(frames)
        return {id: restore.checked([restore.Wish(restore.NEGATIVE, "auto", each)]) for id, each in settings.items()}

    def _restore(
        self,
        job: Job,
        photo_id: str,
        todo: list[restore.Wish] | None,
        size: Size,
        original: bool,
        *how: Any,
        **more: Any,
    ) -> Restoration | None:
        """Restore a photo into the library; None where nothing is to be done.

        original: whether to begin with the photo as it came, not as its edit shows it. how, more: of `make`.
        """
        # Asked for each time, for its owner may sign in meanwhile.
        row = self._library.present(job.owner, photo_id)
        file, said = self._library.file(job.owner, row.id), self._library.said_now(job.owner, row.id)
        with memory.PHOTOS:
            edited = None if original or not row.edit else self._library.renditions.own(job.owner, row.id)[1]
            made = make(file, todo, size, *how, **more, said=said, edited=edited)
            if made is None:
                return None
            content = made.file.data, made.file.format
            restorations, notes = self._library.restorations, made.file.notes
            is_framed = edited is not None and not made.moved
            return restorations.add(
                job.owner, row.id, content, made.steps, notes, made.before, is_framed, made.invented
            )
