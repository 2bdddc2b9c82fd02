"""Work in the background, in an order that the visitors see, and everybody can ask how far it is."""

import hashlib
import logging
import threading
import time
import weakref
from collections.abc import Callable, Hashable
from contextlib import nullcontext, suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field, replace
from functools import partial

from envo import settings
from envo.claims import Claims
from envo.errors import StorageError, UserError
from models import cache
from models.engine import Report
from models.inpaint import Cancelled
from models.weights import Damaged, WeightsError
from tabs.work import errors, threads
from tabs.work.scheduler import HEAVY, NICE, Lasts, Rank, Tally

log = logging.getLogger(__name__)

PATIENCE = 3 * settings.NEWS_SECONDS
"""What no page has asked about for so many seconds is not begun any more, where pages ask again."""
NO_WEIGHTS = "The weights that this needs could not be fetched; the app's log says what was tried."
DAMAGED = "A network that comes along with Envo is damaged or missing here; the app's log says which."
ELSEWHERE = "Another server of this app is at it"
ELSEWHERE_SECONDS = 1.0
"""So often it is looked whether that is done."""
NO_MEMORY = "There is too little memory for this just now; please try it again in a while, or with a smaller photo."


_MANY = (5, 10, 20, 50, 100, 200)


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
class _Job:
    key: Hashable
    work: Callable[[Report], None]
    owner: str
    is_ahead: bool
    since: float
    """When it was asked for first, by `time.monotonic`."""
    asked: float
    """And last."""
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
    """Does each job once at a time, however many ask for it; visitors take turns, and hear how many are before them.

    Of one visitor's jobs the one asked for last goes first, or each in its turn; those for which no page waits go last.

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
        rank: Rank | None = Rank.SOON,
        at_a_time: int = 1,
        claims: Claims | None = None,
    ):
        """Begin with nothing to do.

        name: of the threads. failure: what is said of a job that fails for no reason a visitor could understand.
        waiting, begun: what is said of a job before it has its turn, and before it reports its first step.
        patience: seconds after which a job that waits, and that nobody asks for any more, is given up.
        in_turn: of a visitor's jobs the one asked for first goes first.
        rank: of the place that each job takes among all heavy work; None: it is not heavy, or takes some by itself.
        at_a_time: so many are worked on. claims: by which no two processes do the same job; the work of one that
        another process did meanwhile has to find it done.
        """
        self.name = name
        self._failure = failure
        self._sayings = {"waiting": waiting, "working": begun}
        self._patience = patience
        self._in_turn = in_turn
        self._rank = rank
        self._at_a_time = at_a_time
        self._claims = claims
        self._lock = threading.Lock()
        self._arrived = threading.Semaphore(0)
        self._waiting: list[_Job] = []
        self._aside: dict[Hashable, _Job] = {}
        """Jobs that other processes are at, by their keys."""
        self._lasts = Lasts()
        self._progress: dict[Hashable, Progress] = {}
        self._unwanted: set[Hashable] = set()
        self._busy = 0
        self._number = 0
        self._begun = 0
        self._waited = 0.0
        self._workers: list[threading.Thread] = []
        _queues.add(self)

    def ask(self, key: Hashable, work: Callable[[Report], None], owner: str = "", is_ahead: bool = False) -> None:
        """Have `work` done, unless the job of this key is under way; one that waits goes by when it was asked for last.

        work: gets what it reports to; a `UserError` of its is what a visitor reads. owner: whose turn it takes. Who has
        `settings.MAX_JOBS` waiting has the oldest of them given up. is_ahead: no page waits for it yet.
        """
        with self._lock:
            current = self._progress.get(key)
            if current and current.state == "working":
                return
            if key in self._aside:
                self._aside[key] = replace(self._aside[key], asked=time.monotonic())
                return
            before = next((other for other in self._waiting if other.key == key), None)
            if before:
                self._waiting.remove(before)
                is_ahead = is_ahead and before.is_ahead
            now = time.monotonic()
            self._waiting.append(_Job(key, work, owner, is_ahead, before.since if before else now, now))
            if current is None or current.state == "failed":
                self._tell(key, "waiting", self._sayings["waiting"])
            self._give_up_beyond(owner)
            self._tell_turns()
            if len(self._workers) < min(self._at_a_time, len(self._waiting) + self._busy):
                self._workers.append(threads.keep(self.name, self._run, NICE[self._rank or Rank.BEHIND]))
        self._arrived.release()

    def _give_up_beyond(self, owner: str) -> None:
        """Give up what a visitor asked for longest ago, where that is too much."""
        theirs = [job for job in self._waiting if job.owner == owner]
        for job in theirs[: -settings.MAX_JOBS]:
            self._waiting.remove(job)
            self._forget(job.key)

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
            return Tally(len(self._waiting) + self._busy, self._begun, self._waited)

    def cancel(self, key: Hashable) -> None:
        """Give up a job: one that waits at once, one at work as soon as it reports; of one that failed, forget why."""
        with self._lock:
            current = self._progress.get(key)
            if current and current.state == "working":
                self._unwanted.add(key)
                self._tell(key, "working", "Stopping")
            elif current:
                self._waiting = [job for job in self._waiting if job.key != key]
                self._aside.pop(key, None)
                self._forget(key)
                self._tell_turns()

    def _tell_turns(self) -> None:
        """Tell those for whose turns pages wait how many are before them, where that has changed."""
        firsts: dict[str, int] = {}
        for place, job in enumerate(self._in_order(), start=self._busy):
            if job.is_ahead:
                return  # and so are all others after it
            # Where the one asked for last goes first, a visitor's are told alike: each page asks again and again.
            before, whose = (place, "it") if self._in_turn else (firsts.setdefault(job.owner, place), "yours")
            said = f"Waiting, {_counted(before)} before {whose}" if before else self._sayings["waiting"]
            if self._progress[job.key].step != said:
                self._tell(job.key, "waiting", said)

    def _in_order(self) -> list[_Job]:
        """The jobs that wait, as they will have their turns if nobody asks for more."""
        theirs: dict[str, list[_Job]] = {}
        for job in self._waiting if self._in_turn else reversed(self._waiting):
            theirs.setdefault(job.owner, []).append(job)
        # The first of each visitor, then the second of each, and so on. That a page asks again changes no turns.
        owners = sorted(theirs, key=lambda owner: (self._lasts.of(owner), min(job.since for job in theirs[owner])))
        jobs = [(round, job) for owner in owners for round, job in enumerate(theirs[owner])]
        return [job for _, job in sorted(jobs, key=lambda each: (each[1].is_ahead, each[0]))]

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
            for job in self._in_order():
                self._waiting.remove(job)
                if self._patience is None or time.monotonic() - job.asked < self._patience:
                    self._lasts.note(job.owner)
                    self._busy += 1
                    self._begun += 1
                    self._waited += time.monotonic() - job.since
                    self._tell(job.key, "working", self._sayings["working"])
                    self._tell_turns()
                    return job
                self._forget(job.key)
        return None

    def _run(self) -> None:
        while True:
            self._arrived.acquire()
            # Whose turn it is comes out when there is a place: more may have come meanwhile, and some may be gone.
            with nullcontext() if self._rank is None else HEAVY.place(self._rank, self.name):
                job = self._next()
                if job is None:
                    continue  # it was cancelled, or asked for twice: the second asking moved the job, and added none
                failure = job.context.run(self._do, job)
            with self._lock:
                self._busy -= 1
                self._unwanted.discard(job.key)
                if failure == ELSEWHERE:
                    self._put_aside(job)
                elif failure:
                    self._tell(job.key, "failed", failure)
                else:
                    self._forget(job.key)  # from now on its result tells
                self._tell_turns()

    def _do(self, job: _Job) -> str | None:
        """Do a job; tells why it failed, if it did, or `ELSEWHERE`."""
        try:
            with self._claims.alone(*self._claim(job)) if self._claims else nullcontext(True) as is_mine:
                if not is_mine:
                    return ELSEWHERE
                job.work(partial(self._report, job.key))
        except Cancelled:
            return None
        except BaseException as error:  # what ends a thread, as `sys.exit` does, ends no other's job
            return told(error, f"{self.name} of {job.key}", self._failure)
        return None

    def _claim(self, job: _Job) -> tuple[str, str]:
        """Name a job to other processes."""
        return self.name, hashlib.sha256(repr(job.key).encode()).hexdigest()

    def _put_aside(self, job: _Job) -> None:
        """Let a job wait until the process that is at it is done, or is no more."""
        self._aside[job.key] = job
        self._tell(job.key, "waiting", ELSEWHERE)
        threads.after(ELSEWHERE_SECONDS, self.name, partial(self._look_aside, job.key))

    def _look_aside(self, key: Hashable) -> None:
        with self._lock:
            job = self._aside.get(key)
        if job is None:
            return  # it was cancelled
        with suppress(StorageError):  # then it is tried, and says so
            if self._claims.is_elsewhere(*self._claim(job)):
                threads.after(ELSEWHERE_SECONDS, self.name, partial(self._look_aside, key))
                return
        with self._lock:
            if job := self._aside.pop(key, None):
                self._waiting.append(job)
                self._tell_turns()
        self._arrived.release()


def _counted(before: int) -> str:
    """Tell how many are before a job; of many roughly: for each change that is told, all pages that wait ask anew."""
    return str(before) if before <= _MANY[0] else f"more than {max(each for each in _MANY if each < before)}"


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
