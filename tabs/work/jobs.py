"""Jobs that visitors asked for: whose they are, how far, what they look like so far; and giving them up."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from envo import photo, settings
from envo.errors import NotFound, UserError
from models.engine import Report
from tabs.work.queue import Progress, Queue
from tabs.work.scheduler import FULL, HEAVY, Busy, Rank

FAILED = "This did not work, for a reason that the app's log tells; the photo is as it was."
NEXT = "The next photo waits for its turn"
PREVIEW_QUALITY = 80
BATCHES = 8
"""Batches of a kind that are under way at a time; their photos take turns."""
LOST = "The app was started anew meanwhile; what was not finished by then is lost. Please ask for it again."
_THIS_RUN = secrets.token_urlsafe(6)
"""What the ids of the jobs of this process begin with."""


class Lost(NotFound):
    """The job was another process's of the app, which has ended, and the job with it unless it was done before."""


@dataclass
class Job:
    """What a visitor asked for."""

    owner: str
    photo_id: str | None
    """Of the photo that it is about; None: of several."""
    queue: Queue
    id: str = field(default_factory=lambda: f"{_THIS_RUN}.{secrets.token_urlsafe(16)}")
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

    def show(self, pixels: np.ndarray) -> None:
        """Let uint8 HxWx3 be the newest preview; whoever waits for news hears of it at the next report."""
        self.preview = photo.encode(pixels, "WebP", PREVIEW_QUALITY)
        self.number += 1

    def end(self) -> None:
        self.preview, self.ended = None, time.monotonic()


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

    def count(self, state: str) -> int:
        return sum(item.state == state for item in self.items)

    def end(self) -> None:
        for item in self.items:
            if item.state in ("waiting", "working"):
                item.state = "cancelled"
        super().end()


@contextmanager
def in_turn(job: BatchJob, report: Report) -> Iterator[None]:
    """See to one photo of a batch when its turn among all visitors' has come."""
    report(NEXT, None)
    with HEAVY.place(Rank.BEHIND, job.owner):
        yield


AnyJob = TypeVar("AnyJob", bound=Job)


class Running(Generic[AnyJob]):
    """Jobs of one kind, and those that ended a while ago. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(self, what: str, gone: str, remembered: float):
        """Begin with no jobs.

        what: the plural that a visitor reads. gone: what is said of a job that is not known any more. remembered: for
        so many seconds the end of a job can be heard of.
        """
        self._what = what
        self._gone = gone
        self._remembered = remembered
        self._lock = threading.Lock()
        self._jobs: dict[str, AnyJob] = {}

    def start(self, job: AnyJob, work: Callable[[Report], None], limit: int) -> None:
        """Have a job done in its queue.

        Raises UserError where its owner has `limit` under way, and Busy where all together have too many.
        """

        def run(report: Report) -> None:
            try:
                work(report)
                job.is_done = True
            finally:
                job.end()

        with self._lock:
            self._forget_old()
            under_way = [each.owner for each in self._jobs.values() if each.ended is None]
            if under_way.count(job.owner) >= limit:
                raise UserError(f"{limit} of your {self._what} are under way; wait for one, or cancel it.")
            if len(under_way) >= settings.MAX_JOBS_OF_ALL:
                raise Busy(FULL)
            self._jobs[job.id] = job
            job.queue.ask(job.id, run, job.owner)

    def all(self, owner: str, photo_id: str | None = None) -> list[AnyJob]:
        """List the jobs of a photo, or those that are about several, in the order in which they came."""
        with self._lock:
            return [job for job in self._jobs.values() if (job.owner, job.photo_id) == (owner, photo_id)]

    def under_way(self, owner: str, photo_id: str | None = None) -> list[AnyJob]:
        """List those that wait or run."""
        return [job for job in self.all(owner, photo_id) if job.progress.state in ("waiting", "working")]

    def find(self, owner: str, photo_id: str | None, job_id: str) -> AnyJob:
        """Find one job. Raises Lost for one of a run of the app that has ended."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None and job_id.partition(".")[0] != _THIS_RUN:
            raise Lost(LOST)
        if job is None or (job.owner, job.photo_id) != (owner, photo_id):
            raise NotFound(self._gone)
        return job

    def preview(self, owner: str, photo_id: str, job_id: str) -> bytes | None:
        """Give the newest preview of a job, a WebP; None: there is none yet, or the job has ended."""
        return self.find(owner, photo_id, job_id).preview

    def cancel(self, owner: str, photo_id: str | None, job_id: str) -> None:
        """Give up a job: one that waits at once, one that runs as soon as it can stop."""
        job = self.find(owner, photo_id, job_id)
        job.queue.cancel(job.id)
        if job.queue.progress(job.id) is None:
            job.end()

    def move(self, owner_from: str, owner_to: str) -> None:
        """Hand over what is under way, as `Library.move` does the photos."""
        with self._lock:
            for job in self._jobs.values():
                if job.owner == owner_from:
                    job.owner = owner_to

    def forget(self, owner: str) -> list[AnyJob]:
        """Give up and forget all that an owner asked for; gives it."""
        with self._lock:
            theirs = [job for job in self._jobs.values() if job.owner == owner]
            for job in theirs:
                del self._jobs[job.id]
        for job in theirs:
            job.queue.cancel(job.id)
            if job.queue.progress(job.id) is None and job.ended is None:
                job.end()
        return theirs

    def _forget_old(self) -> None:
        """Forget the jobs that ended long ago."""
        long_ago = time.monotonic() - self._remembered
        for job in [job for job in self._jobs.values() if job.ended and job.ended < long_ago]:
            job.queue.cancel(job.id)
            del self._jobs[job.id]
