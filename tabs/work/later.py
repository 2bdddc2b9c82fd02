"""Work that is soon to be done for an owner, once for all that asked for it meanwhile."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from envo.claims import Claims
from envo.errors import StorageError
from tabs.work import errors, threads
from tabs.work.scheduler import HEAVY, NICE, Rank

log = logging.getLogger(__name__)

QUIET_SECONDS = 0.5
"""It is done when nobody has asked for so long."""
PATIENT_SECONDS = 5.0
"""Or when the first who asked has waited so long."""
FULL_SECONDS = 30.0
"""Where the disk was full, it is tried again after so long."""
ELSEWHERE_SECONDS = 1.0
"""And where another process does the same for the owner just now."""


class Later:
    """Does one thing for each owner who asks, one after the other, in a thread that starts when it is first needed.

    Who asks while it is being done gets it done once more.
    """

    def __init__(self, name: str, work: Callable[[str], None], claims: Claims | None = None):
        """Begin with nothing to do.

        name: of the thread. work: is given the owner; a failure is logged, a full disk waited out. claims: by which no
        two processes do it for the same owner at a time.
        """
        self._name = name
        self._claims = claims
        self._work = work
        self._condition = threading.Condition()
        self._asked: dict[str, tuple[float, float]] = {}
        """When each owner asked first and last."""
        self._busy: str | None = None
        self._thread: threading.Thread | None = None

    def ask(self, owner: str) -> None:
        """Have it done soon."""
        now = time.monotonic()
        with self._condition:
            first, _ = self._asked.get(owner, (now, now))
            self._asked[owner] = first, now
            if self._thread is None:
                self._thread = threads.keep(self._name, self._run, NICE[Rank.BEHIND])
            self._condition.notify()

    def is_busy(self, owner: str) -> bool:
        """Tell whether it is being done, or soon will be."""
        with self._condition:
            return owner == self._busy or owner in self._asked

    def _run(self) -> None:
        while True:
            owner = self._next()
            try:
                with HEAVY.place(Rank.BEHIND, owner), self._alone(owner) as is_mine:
                    if is_mine:
                        self._work(owner)
                    else:
                        self._again(owner, ELSEWHERE_SECONDS)
            except StorageError as error:
                log.warning("%s waits: %s", self._name, error)
                self._again(owner, FULL_SECONDS)
            except BaseException as error:  # what ends a thread, as `sys.exit` does, ends no other owner's work
                errors.note(error)
                log.exception("%s failed", self._name)
            with self._condition:
                self._busy = None

    def _alone(self, owner: str) -> AbstractContextManager[bool]:
        return self._claims.alone(self._name, owner) if self._claims else nullcontext(True)

    def _again(self, owner: str, seconds: float) -> None:
        """Do it in so many seconds, unless it is asked for before."""
        with self._condition:
            self._asked.setdefault(owner, (time.monotonic() + seconds,) * 2)

    def _next(self) -> str:
        with self._condition:
            while True:
                now = time.monotonic()
                due = {
                    owner: min(last + QUIET_SECONDS, first + PATIENT_SECONDS)
                    for owner, (first, last) in self._asked.items()
                }
                owner = min(due, key=due.__getitem__, default=None)
                if owner is not None and due[owner] <= now:
                    del self._asked[owner]
                    self._busy = owner
                    return owner
                self._condition.wait(None if owner is None else due[owner] - now)
