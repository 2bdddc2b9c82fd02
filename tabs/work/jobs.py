"""Jobs that visitors asked for: whose they are, how far, what they look like so far; and giving them up.

They are written down in the library, so that they can be seen, and given up, at every process on it; and so that those
of one that is gone are taken over by another, or by the next.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from envo import photo, settings
from envo.errors import NotFound, StorageError, UserError
from envo.jobs import CANCELLED, DONE, Jobs, Row
from envo.jobs import FAILED as HAS_FAILED
from models.engine import Report
from models.inpaint import Cancelled
from tabs.work import threads
from tabs.work.queue import Progress, Queue, told
from tabs.work.scheduler import FULL, HEAVY, Busy, Rank
from tabs.work.wish import Wish

log = logging.getLogger(__name__)

FAILED = "This did not work, for a reason that the app's log tells; the photo is as it was."
NEXT = "The next photo waits for its turn"
PREVIEW_QUALITY = 80
BATCHES = 8
"""Batches of a kind that are under way at a time; their photos take turns."""
TRIES = 2
"""So often a job is begun that ends with the process that is at it."""
DEADLY = "The app ended each time that it was at this, which may need more memory than there is; it is not tried again."
TOLD_SECONDS = 1.0
"""So often it is written down how far a job is."""
AGAIN_SECONDS = 5.0
"""After so long it is tried again to write down how a job ended."""

Work = Callable[[Report], None]
"""Does a job; gets what it reports to."""


@dataclass
class Job:
    """What a visitor asked for."""

    owner: str
    photo_id: str | None
    """Of the photo that it is about; None: of several."""
    queue: "Queue | Elsewhere"
    """In which it is done."""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    preview: bytes | None = None
    number: int = 0
    """Of the preview."""
    is_done: bool = False
    """Whether it came to its end."""
    ended: float | None = None
    """When it ended, however it did, by `time.monotonic`."""

    @property
    def progress(self) -> Progress:
        """How far it is; its state may be `cancelled`, too."""
        return self.queue.progress(self.id) or Progress("done" if self.is_done else "cancelled")

    @property
    def shown(self) -> int | None:
        """Number of the newest preview."""
        return self.number if self.preview else None

    @property
    def came(self) -> int:
        """How much has come of it that need not be done again."""
        return 0

    def show(self, pixels: np.ndarray) -> None:
        """Let uint8 HxWx3 be the newest preview; whoever waits for news hears of it at the next report."""
        self.preview = photo.encode(pixels, "WebP", PREVIEW_QUALITY)
        self.number += 1

    def end(self) -> None:
        self.preview, self.ended = None, time.monotonic()

    def dump(self) -> dict[str, Any]:
        """Tell as JSON what has come of it so far."""
        return {}


class Elsewhere:
    """Stands for the queue of a job that another process is at, or that ended in one."""

    def __init__(self, row: Row):
        self._row = row

    def progress(self, job_id: str) -> Progress | None:
        """As of `Queue`."""
        row = self._row
        return None if row.state in (DONE, CANCELLED) else Progress(row.state, row.step, row.fraction, row.number)

    @property
    def number(self) -> int:
        """Another one each second: then it is looked again."""
        return int(time.monotonic())


@dataclass
class Item:
    """One photo of a batch."""

    photo_id: str
    name: str
    state: str = "waiting"
    """`waiting`, `working`, `done`, `failed` or `cancelled`."""
    why: str = ""
    """Why it failed, or why it is as it was."""
    made_id: str | None = None
    """Of the photo that came of it; None where nothing was to be done, too."""


@dataclass
class BatchJob(Job):
    """What was asked for of several photos together."""

    items: list[Item] = field(default_factory=list)

    @property
    def current(self) -> Item | None:
        return next((item for item in self.items if item.state == "working"), None)

    @property
    def came(self) -> int:
        return sum(item.state not in ("waiting", "working") for item in self.items)

    @property
    def left(self) -> Iterator[Item]:
        """The photos that are to be seen to."""
        return (item for item in self.items if item.state == "waiting")

    def count(self, state: str) -> int:
        return sum(item.state == state for item in self.items)

    def end(self) -> None:
        for item in self.items:
            if item.state in ("waiting", "working"):
                item.state = "cancelled"
        super().end()

    def dump(self) -> dict[str, Any]:
        return {"items": [asdict(item) for item in self.items]}

    def take(self, row: Row) -> None:
        """Take what came of it so far, as it was written down; what was under way is to be done again."""
        self.items = [Item(**each) for each in row.told["items"]]
        if not isinstance(self.queue, Elsewhere):
            for item in self.items:
                item.state = "waiting" if item.state == "working" else item.state


@contextmanager
def in_turn(job: BatchJob, report: Report) -> Iterator[None]:
    """See to one photo of a batch when its turn among all visitors' has come."""
    report(NEXT, None)
    with HEAVY.place(Rank.BEHIND, job.owner):
        yield


AnyJob = TypeVar("AnyJob", bound=Job)


@dataclass(frozen=True)
class Kind(Generic[AnyJob]):
    """What is to be known of jobs of one kind."""

    name: str
    what: str
    """The plural that a visitor reads."""
    gone: str
    """What is said of one that is not known any more."""
    remembered: float
    """For so many seconds the end of one can be heard of."""
    known: Callable[[Row, "Queue | Elsewhere | None"], AnyJob]
    """Makes a job of what was written down; None for the queue: it goes into its own."""
    again: Callable[[AnyJob, dict[str, Any]], Work]
    """Gives the work of a job that is taken over, from its wish; raises UserError where it cannot be done any more."""


class Running(Generic[AnyJob]):
    """Jobs of one kind, and those that ended a while ago. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(self, rows: Jobs, kind: Kind[AnyJob]):
        """Begin with no jobs. rows: where those of the library are written down."""
        self._rows = rows
        self._kind = kind
        self._lock = threading.Lock()
        self._jobs: dict[str, AnyJob] = {}
        """Those of this process."""

    def start(self, job: AnyJob, wish: Wish, work: Work, limit: int) -> None:
        """Have a job done in its queue.

        wish: enough to do it again. Raises UserError where its owner has `limit` under way, and Busy where all together
        have too many.
        """

        def check(theirs: int, all: int) -> None:
            if theirs >= limit:
                raise UserError(f"{limit} of your {self._kind.what} are under way; wait for one, or cancel it.")
            if all >= settings.MAX_JOBS_OF_ALL:
                raise Busy(FULL)

        written = (job.id, job.owner, self._kind.name, job.photo_id)
        self._rows.add(written, wish.model_dump(mode="json"), job.dump(), check)
        self._queue(job, work)

    def take_over(self) -> None:
        """Go on with what no process is at."""
        for row in self._rows.take_over(self._kind.name):
            try:
                job = self._kind.known(row, None)
                if not row.is_wanted:
                    self._rows.end(row.id, CANCELLED, "", row.told)
                    continue
                if row.tries >= TRIES:
                    raise UserError(DEADLY)
                work = self._kind.again(job, row.wish)
            except Exception as error:
                self._rows.end(row.id, HAS_FAILED, told(error, f"taking over a {self._kind.name}", FAILED), row.told)
                continue
            log.info("%s of another process is gone on with", self._kind.name)
            self._queue(job, work)

    def heed(self) -> None:
        """Give up the jobs that wait here and were given up at another process. Raises StorageError."""
        with self._lock:
            waiting = {job.id: job for job in self._jobs.values() if job.progress.state == "waiting"}
        for job_id in self._rows.cancelled(waiting) if waiting else ():
            self._give_up(waiting[job_id])

    def all(self, owner: str, photo_id: str | None = None) -> list[AnyJob]:
        """List the jobs of a photo, or those that are about several, in the order in which they came."""
        return [job for job in self._of(owner) if job.photo_id == photo_id]

    def under_way(self, owner: str, photo_id: str | None = None) -> list[AnyJob]:
        """List those that wait or run."""
        return [job for job in self.all(owner, photo_id) if job.progress.state in ("waiting", "working")]

    def find(self, owner: str, photo_id: str | None, job_id: str) -> AnyJob:
        """Find one job."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None or job.owner != owner:
            row = self._rows.find(job_id)
            is_known = row and row.kind == self._kind.name and self._is_remembered(row)
            job = self._seen(row) if is_known else None
        if job is None or (job.owner, job.photo_id) != (owner, photo_id):
            raise NotFound(self._kind.gone)
        return job

    def preview(self, owner: str, photo_id: str, job_id: str) -> bytes | None:
        """Give the newest preview of a job, a WebP; None: there is none yet, here, or the job has ended."""
        return self.find(owner, photo_id, job_id).preview

    def cancel(self, owner: str, photo_id: str | None, job_id: str) -> None:
        """Give up a job: one that waits at once, one that runs as soon as it can stop."""
        job = self.find(owner, photo_id, job_id)
        self._rows.cancel(job.id)
        if not isinstance(job.queue, Elsewhere):
            self._give_up(job)

    def move(self, owner_from: str, owner_to: str) -> None:
        """Hand over what is under way, as `Library.move` does the photos."""
        with self._lock:
            for job in self._jobs.values():
                if job.owner == owner_from:
                    job.owner = owner_to

    def forget(self, owner: str) -> list[AnyJob]:
        """Give up and forget all that an owner asked for, as `Library.remove_all` forgets it; gives it."""
        theirs = self._of(owner)
        for job in theirs:
            with self._lock:
                is_here = self._jobs.pop(job.id, None)
            if is_here:
                self._give_up(job)
        return theirs

    def _of(self, owner: str) -> list[AnyJob]:
        return [self._seen(row) for row in self._rows.all(owner, self._kind.name) if self._is_remembered(row)]

    def _seen(self, row: Row) -> AnyJob:
        """Give the job of this process, or what is written down of another's."""
        with self._lock:
            job = self._jobs.get(row.id)
        if job is None:
            job = self._kind.known(row, Elsewhere(row))
            job.id, job.is_done, job.ended = row.id, row.state == DONE, 0.0 if row.ended_at else None
        job.owner = row.owner  # who may have signed in at another process
        return job

    def _is_remembered(self, row: Row) -> bool:
        return row.ended_at is None or datetime.now(UTC) - row.ended_at < timedelta(seconds=self._kind.remembered)

    def _queue(self, job: AnyJob, work: Work) -> None:
        with self._lock:
            self._forget_old()
            self._jobs[job.id] = job
        job.queue.ask(job.id, partial(self._run, job, work), job.owner)

    def _run(self, job: AnyJob, work: Work, report: Report) -> None:
        """Do a job, and write down how it ended. Raises Cancelled, and UserError for why it failed."""
        state, why = CANCELLED, ""
        try:
            if not self._rows.begin(job.id):
                raise Cancelled
            work(_Told(job, self._rows, report).tell)
            state = DONE
        except Cancelled:
            raise
        except BaseException as error:
            state, why = HAS_FAILED, told(error, f"{self._kind.name} of {job.id}", FAILED)
            raise UserError(why) from error
        finally:
            job.is_done = state == DONE
            job.end()
            self._write_end(job, state, why)

    def _write_end(self, job: AnyJob, state: str, why: str) -> None:
        try:
            is_own = self._rows.end(job.id, state, why, job.dump())
        except StorageError as error:
            log.warning("how a job ended is written down later: %s", error)
            threads.after(AGAIN_SECONDS, "writing down", partial(self._write_end, job, state, why))
            return
        if not is_own:
            with self._lock:
                self._jobs.pop(job.id, None)  # who is at it now tells of it

    def _give_up(self, job: AnyJob) -> None:
        job.queue.cancel(job.id)
        if job.queue.progress(job.id) is None and job.ended is None:
            job.end()
            self._write_end(job, CANCELLED, "")

    def _forget_old(self) -> None:
        """Forget the jobs that ended long ago."""
        long_ago = time.monotonic() - self._kind.remembered
        for job in [job for job in self._jobs.values() if job.ended and job.ended < long_ago]:
            job.queue.cancel(job.id)
            del self._jobs[job.id]


class _Told:
    """Writes down how far a job is: at once where something came of it, else no more often than others look."""

    def __init__(self, job: Job, rows: Jobs, report: Report):
        self._job = job
        self._rows = rows
        self._report = report
        self._came = job.came
        self._written = job.dump()
        self._last = -float("inf")

    def tell(self, step: str, fraction: float | None = None) -> None:
        """Report, and write it down. Raises Cancelled where the job was given up, or is another process's by now."""
        self._report(step, fraction)
        job, now = self._job, time.monotonic()
        came = job.came > self._came
        if not came and now - self._last < TOLD_SECONDS:
            return
        self._came, self._last = job.came, now
        dumped = job.dump()
        with suppress(StorageError):  # the work goes on, and so does the next report
            still = self._rows.tell(job.id, step, fraction, None if dumped == self._written else dumped, came)
            self._written = dumped
            if still is None or not still[1]:
                raise Cancelled
            job.owner = still[0]
