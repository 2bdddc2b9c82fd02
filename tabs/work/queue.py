"""Work in the background: one worker, in an order that the visitors see, and everybody can ask how far it is."""

import logging
import threading
import time
import weakref
from collections.abc import Callable, Hashable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial

from envo.errors import UserError
from models import cache
from models.engine import Report
from models.inpaint import Cancelled
from models.weights import Damaged, WeightsError
from tabs.work import errors, threads

log = logging.getLogger(__name__)

NO_WEIGHTS = "The weights that this needs could not be fetched; the app's log says what was tried."
DAMAGED = "A network that comes along with Envo is damaged or missing here; the app's log says which."
NO_MEMORY = "There is too little memory for this just now; please try it again in a while, or with a smaller photo."


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    state: str
    """`waiting`, `working`, `failed` or, once its result is there, `done`."""
    step: str = ""
    """What is being done, or why it failed, as a visitor reads it."""
    fraction: float | None = None
    """0 to 1, or None when it cannot be told."""
    number: int = 0
    """Grows with each change, so that a page can tell news from what it has seen."""


@dataclass(frozen=True)
class Tally:
    """What a queue has to do, and how long jobs waited for their turn since the app was started."""

    length: int = 0
    """Jobs that wait or are worked on."""
    begun: int = 0
    waited: float = 0.0
    """Seconds, of all that have begun."""


@dataclass(frozen=True)
class _Job:
    key: Hashable
    work: Callable[[Report], None]
    asked: float
    context: Context = field(default_factory=copy_context, compare=False)
    """In which it was asked for: what is logged of it tells by whose request."""


_queues: "weakref.WeakSet[Queue]" = weakref.WeakSet()


def tallies() -> dict[str, Tally]:
    """Tell what the queues have to do, by name; those of one name together."""
    told: dict[str, Tally] = {}
    for queue in list(_queues):
        one, more = queue.tally, told.get(queue.name, Tally())
        told[queue.name] = Tally(one.length + more.length, one.begun + more.begun, one.waited + more.waited)
    return told


class Queue:
    """Does each job once at a time, however many ask for it; the one asked for last goes first, or each in its turn.

    It keeps no results: a job that is done is forgotten, one that failed is remembered until it is asked for again
    or cancelled.
    """

    def __init__(
        self,
        name: str,
        failure: str,
        waiting: str = "Waiting for other photos",
        begun: str = "Opening the photo",
        patience: float | None = None,
        in_turn: bool = False,
    ):
        """Begin with nothing to do.

        name: of the thread. failure: what is said of a job that fails for no reason a visitor could understand.
        waiting, begun: what is said of a job before it has its turn, and before it reports its first step.
        patience: seconds after which a job that waits, and that nobody asks for any more, is given up.
        in_turn: the one asked for first goes first, and each hears how many are before it.
        """
        self.name = name
        self._failure = failure
        self._sayings = {"waiting": waiting, "working": begun}
        self._patience = patience
        self._in_turn = in_turn
        self._lock = threading.Lock()
        self._arrived = threading.Semaphore(0)
        self._waiting: list[_Job] = []
        self._progress: dict[Hashable, Progress] = {}
        self._unwanted: set[Hashable] = set()
        self._is_busy = False
        self._number = 0
        self._begun = 0
        self._waited = 0.0
        self._worker: threading.Thread | None = None
        _queues.add(self)

    def ask(self, key: Hashable, work: Callable[[Report], None]) -> None:
        """Have `work` done, unless the job of this key is under way; one that waits goes by when it was asked for last.

        work: gets what it reports to; a `UserError` of its is what a visitor reads.
        """
        with self._lock:
            current = self._progress.get(key)
            if current and current.state == "working":
                return
            self._waiting = [other for other in self._waiting if other.key != key]
            self._waiting.append(_Job(key, work, time.monotonic()))
            if current is None or current.state == "failed":
                self._tell(key, "waiting", self._sayings["waiting"])
            self._tell_turns()
            if self._worker is None:
                self._worker = threads.keep(self.name, self._run)
        self._arrived.release()

    def progress(self, key: Hashable) -> Progress | None:
        """How far a job is; None for one that was never asked for, is done, or was given up."""
        with self._lock:
            return self._progress.get(key)

    @property
    def number(self) -> int:
        """Grows with all that is told of any job, and when one is done or given up; quickly told."""
        return self._number

    @property
    def tally(self) -> Tally:
        """What it has to do, and how long jobs waited."""
        with self._lock:
            return Tally(len(self._waiting) + self._is_busy, self._begun, self._waited)

    def cancel(self, key: Hashable) -> None:
        """Give up a job: one that waits at once, one at work as soon as it reports; of one that failed, forget why."""
        with self._lock:
            current = self._progress.get(key)
            if current and current.state == "working":
                self._unwanted.add(key)
                self._tell(key, "working", "Stopping")
            elif current:
                self._waiting = [job for job in self._waiting if job.key != key]
                self._forget(key)
                self._tell_turns()

    def _tell_turns(self) -> None:
        """Tell those that wait for their turn how many are before them, where that has changed."""
        if not self._in_turn:
            return
        for place, job in enumerate(self._waiting, start=self._is_busy):
            said = f"Waiting, {place} before it" if place else self._sayings["waiting"]
            if self._progress[job.key].step != said:
                self._tell(job.key, "waiting", said)

    def _tell(self, key: Hashable, state: str, step: str, fraction: float | None = None) -> None:
        self._number += 1
        self._progress[key] = Progress(state, step, fraction, self._number)

    def _forget(self, key: Hashable) -> None:
        self._number += 1
        del self._progress[key]

    def _report(self, key: Hashable, step: str, fraction: float | None = None) -> None:
        with self._lock:
            if key in self._unwanted:
                raise Cancelled
            self._tell(key, "working", step, fraction)

    def _next(self) -> _Job | None:
        """Take the job whose turn it is; the ones given up are forgotten."""
        with self._lock:
            while self._waiting:
                job = self._waiting.pop(0 if self._in_turn else -1)
                if self._patience is None or time.monotonic() - job.asked < self._patience:
                    self._is_busy = True
                    self._begun += 1
                    self._waited += time.monotonic() - job.asked
                    self._tell(job.key, "working", self._sayings["working"])
                    self._tell_turns()
                    return job
                self._forget(job.key)
        return None

    def _run(self) -> None:
        while True:
            self._arrived.acquire()
            job = self._next()
            if job is None:
                continue  # it was cancelled, or asked for twice: the second asking moved the job, and added no other
            failure = job.context.run(self._do, job)
            with self._lock:
                self._is_busy = False
                self._unwanted.discard(job.key)
                if failure:
                    self._tell(job.key, "failed", failure)
                else:
                    self._forget(job.key)  # from now on its result tells

    def _do(self, job: _Job) -> str | None:
        """Do a job; tells why it failed, if it did."""
        try:
            job.work(partial(self._report, job.key))
        except Cancelled:
            return None
        except BaseException as error:  # what ends a thread, as `sys.exit` does, ends no other's job
            return told(error, f"{self.name} of {job.key}", self._failure)
        return None


def told(error: BaseException, what: str, failure: str) -> str:
    """Log why `what` failed, unless it is the visitor's matter; gives the sentence that the visitor reads.

    failure: what is said where there is no reason that a visitor could understand.
    """
    if isinstance(error, UserError):
        return str(error)
    errors.note(error)
    if isinstance(error, WeightsError):
        log.warning("%s", error)
        return DAMAGED if isinstance(error, Damaged) else NO_WEIGHTS
    if cache.ran_short(error):
        log.exception("%s ran out of memory", what)
        return NO_MEMORY
    log.exception("%s failed", what)
    return failure
