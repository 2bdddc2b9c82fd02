"""One scheduler for all heavy work: of each rank some is done at a time, and visitors take turns.

Who wants to work takes a turn, and works once that has its place. What is light takes none, and waits for none.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

from envo import settings
from envo.errors import UserError

BUSY = "{} things that you asked for are waiting already; please try again when some are done."
FULL = "Too much is waiting here just now; please try again in a while."


class Rank(IntEnum):
    """How soon somebody wants to see what comes of work; those of one rank share places."""

    NOW = 0
    """A page stands still for it: a click, a picture, an upload. Seconds at the most."""
    GLANCE = 1
    """What a pointer merely passes: gone as a rule before it is told."""
    SOON = 2
    """A job that takes seconds, and tells how far it is."""
    LONG = 3
    """One that may take minutes."""
    BEHIND = 4
    """Photos by the hundred, each in its turn, and what nobody asked for."""


NICE = {Rank.SOON: 1, Rank.LONG: 2, Rank.BEHIND: 3}
"""How far the threads of a rank stand back behind those that answer; see `tabs.work.threads.keep`."""


class Busy(UserError):  # noqa: N818, what a visitor reads
    """Too much is waiting: a limit, and no fault of what was asked for."""


@dataclass(eq=False)
class Turn:
    """Somebody's wish to do one heavy thing."""

    rank: Rank
    owner: str
    """Who takes turns with the others."""
    ready: Callable[[], None]
    """Called once, by any thread, when it has its place; must return at once."""
    asked: float = field(default_factory=time.monotonic)
    has_place: bool = False


@dataclass(frozen=True)
class Tally:
    """What there is of a rank, and how long turns waited for their places since the app was started."""

    length: int = 0
    """Turns that wait or have their places."""
    begun: int = 0
    waited: float = 0.0
    """Seconds, of all that have begun."""


class Scheduler:
    """Gives places to turns. Methods may be called from any thread.

    Of those who wait at a rank, the owner comes next whose last turn is the longest ago, with what was asked for first.
    Where there are several places, nobody has more than half of them: what others ask for finds one.
    What is behind begins while nothing else waits, or once it has waited for `settings.BEHIND_SECONDS`.
    """

    def __init__(self, places: dict[str, int]):
        """Begin with nothing to do. places: how many turns of each rank, by its name, have one at a time."""
        self._free = {Rank[rank]: number for rank, number in places.items()}
        self._share = {rank: (number + 1) // 2 for rank, number in self._free.items()}
        self._held: Counter[tuple[Rank, str]] = Counter()
        self._lock = threading.Lock()
        self._waiting: dict[Rank, list[Turn]] = {rank: [] for rank in self._free}
        self._lasts = {rank: Lasts() for rank in self._free}
        self._tallies = {rank: Tally() for rank in self._free}

    def ask(self, rank: Rank, owner: str, ready: Callable[[], None]) -> Turn:
        """Take a turn, which is to be left in the end. Raises Busy where too many wait, of all or of this owner's."""
        turn = Turn(rank, owner, ready)
        with self._lock:
            waiting = self._waiting[rank]
            if rank in (Rank.NOW, Rank.GLANCE):  # jobs have limits of their own
                if sum(each.owner == owner for each in waiting) >= settings.MAX_WAITING:
                    raise Busy(BUSY.format(settings.MAX_WAITING))
                if len(waiting) >= settings.MAX_WAITING_OF_ALL:
                    raise Busy(FULL)
            waiting.append(turn)
            self._count(rank, 1)
        self._give()
        return turn

    def leave(self, turn: Turn) -> None:
        """Give a turn's place to the next, or wait for one no more."""
        with self._lock:
            if turn.has_place:
                self._free[turn.rank] += 1
                self._held[turn.rank, turn.owner] -= 1
                self._held += Counter()  # forgets those that hold none
            else:
                self._waiting[turn.rank].remove(turn)
            self._count(turn.rank, -1)
        self._give()

    @contextmanager
    def place(self, rank: Rank, owner: str = "") -> Iterator[None]:
        """Work in this thread once there is a place."""
        ready = threading.Event()
        turn = self.ask(rank, owner, ready.set)
        try:
            while not ready.wait(settings.BEHIND_SECONDS if rank is Rank.BEHIND else None):
                self._give()
            yield
        finally:
            self.leave(turn)

    def tally(self, rank: Rank) -> Tally:
        """What there is of a rank, and how long turns waited."""
        with self._lock:
            return self._tallies[rank]

    def _give(self) -> None:
        """Give the places that are free."""
        begun = []
        with self._lock:
            for rank, waiting in self._waiting.items():
                while waiting and self._free[rank] and (turn := self._next(rank, waiting)):
                    waiting.remove(turn)
                    turn.has_place = True
                    self._free[rank] -= 1
                    self._held[rank, turn.owner] += 1
                    self._lasts[rank].note(turn.owner)
                    self._count(rank, 0, time.monotonic() - turn.asked)
                    begun.append(turn)
        for turn in begun:
            turn.ready()

    def _next(self, rank: Rank, waiting: list[Turn]) -> Turn | None:
        able = [turn for turn in waiting if self._held[rank, turn.owner] < self._share[rank]]
        turn = min(able, key=lambda turn: self._lasts[rank].of(turn.owner), default=None)
        if turn is None or rank is not Rank.BEHIND or time.monotonic() - turn.asked >= settings.BEHIND_SECONDS:
            return turn
        return None if any(turns for other, turns in self._waiting.items() if other < rank) else turn

    def _count(self, rank: Rank, more: int, waited: float | None = None) -> None:
        now = self._tallies[rank]
        self._tallies[rank] = Tally(now.length + more, now.begun + (waited is not None), now.waited + (waited or 0.0))


class Lasts:
    """Remembers when each of many had the last turn."""

    KEPT = 10_000

    def __init__(self) -> None:
        """Begin when nobody had one."""
        self._numbers = count(1)
        self._of: dict[str, int] = {}

    def of(self, owner: str) -> int:
        """Give a number that is the smaller the longer ago the last turn was; 0: never."""
        return self._of.get(owner, 0)

    def note(self, owner: str) -> None:
        """Note that somebody has a turn."""
        self._of.pop(owner, None)
        self._of[owner] = next(self._numbers)
        if len(self._of) > self.KEPT:
            del self._of[next(iter(self._of))]


HEAVY = Scheduler(settings.PLACES)
"""The one of the app."""
