"""Memory: one budget for the pixels of photos, on which everything draws that decodes them; and how it comes back."""

import ctypes
import os
import sys
import threading
import weakref
from collections import deque
from pathlib import Path
from typing import Protocol

from envo.errors import NoMemory

_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux tells what a container may take: cgroups version 2, and 1."""


def memory() -> int:
    """Bytes of memory that this process may take: the machine's, or less where it is in a container or limited."""
    if not hasattr(os, "sysconf"):
        return 8 * 2**30  # Windows does not tell this way; enough for all but the largest models and photos here
    import resource

    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    limits += [limit for limit, _ in (resource.getrlimit(resource.RLIMIT_AS),) if limit != resource.RLIM_INFINITY]
    for path in _CGROUP_LIMITS:
        try:
            limits.append(int(Path(path).read_text()))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return min(limits)


def photo_budget() -> int:
    """Bytes that photos may take together: `ENVO_PHOTO_MEMORY` (in MB), else half of the memory."""
    if named := os.environ.get("ENVO_PHOTO_MEMORY"):
        return int(named) * 2**20
    return memory() // 2


WORKED_ON = 4
"""A photo takes so many times its pixels while something is made of it."""


class Budget:
    """Bytes that threads draw on, in the order in which they come.

    What a thread draws inside `with budget:` it holds until the end of the outermost one. A thread that already holds
    some does not wait for more, lest two wait for each other; what it draws counts.
    """

    def __init__(self, total: int):
        """Begin with nothing drawn. total: bytes."""
        self.total = total
        self._drawn = 0
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._thread = threading.local()

    def __enter__(self) -> "Budget":
        self._thread.depth = getattr(self._thread, "depth", 0) + 1
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.depth -= 1
        if self._thread.depth == 0:
            with self._changed:
                self._drawn -= getattr(self._thread, "held", 0)
                self._thread.held = 0
                self._changed.notify_all()

    def draw(self, cost: int) -> None:
        """Hold `cost` bytes more, as soon as they are free. Inside `with budget:` alone.

        Raises UserError for more than there is, however long one waits.
        """
        if cost > self.total:
            raise NoMemory(
                f"This photo needs {_size(cost)} of memory, and photos have {_size(self.total)} here; "
                "try one with fewer pixels."
            )
        held, me = getattr(self._thread, "held", 0), object()
        with self._changed:
            if not held:
                self._waiting.append(me)
                try:
                    self._changed.wait_for(lambda: self._waiting[0] is me and self._drawn + cost <= self.total)
                finally:
                    self._waiting.remove(me)
                    self._changed.notify_all()
            self._drawn += cost
            self._thread.held = held + cost

    def keep(self, cost: int) -> None:
        """Hold no more than `cost` bytes of what was drawn, for work that goes on with them. Inside `with budget:`."""
        with self._changed:
            held = getattr(self._thread, "held", 0)
            spare = max(0, held - cost)
            self._drawn -= spare
            self._thread.held = held - spare
            self._changed.notify_all()

    @property
    def drawn(self) -> int:
        """Bytes that are held now."""
        return self._drawn


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{max(1, count >> 20)} MB"


PHOTOS = Budget(photo_budget())
"""The budget of all photos of this process."""


class Keeper(Protocol):
    """Keeps in memory what can be had again."""

    def let_go(self, seconds: float) -> bool:
        """Forget what nobody has used for so long; whether there was something."""


KEEPERS: weakref.WeakSet[Keeper] = weakref.WeakSet()
"""All that are to let go of what is idle; each adds itself."""


def let_go(seconds: float) -> bool:
    """Have all keepers forget what nobody has used for so long; whether there was something."""
    return any([keeper.let_go(seconds) for keeper in list(KEEPERS)])


def trim() -> None:
    """Give what was freed back to the system, where the C library is glibc, which else keeps much of it for new use."""
    if sys.platform == "linux" and (malloc_trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        malloc_trim(ctypes.c_size_t(0))
