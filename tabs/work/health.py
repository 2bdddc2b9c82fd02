"""Whether the app can do its work: what is wrong, in a sentence each, as whoever runs it reads it."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from envo.errors import UserError
from envo.library import Library
from models import cache, weights
from tabs.work import threads

log = logging.getLogger(__name__)

FRESH_SECONDS = 2.0
"""What was found holds for so long: anybody may ask, and to look takes a write."""
BEHIND_SECONDS = 60.0
"""A clock that goes back by less was put right, as clocks are."""


@dataclass(frozen=True)
class Found:
    """What is wrong, in a sentence each, by what it is about."""

    wrong: dict[str, str]
    """Without this the app cannot do its work."""
    noted: dict[str, str]
    """With this it can, and somebody should know."""


class Health:
    """Looks whether the app can do its work. One for the app; may be asked by any thread."""

    def __init__(self, library: Library):
        """Begin with nothing known."""
        self._wrong = {
            "database": library.check_database,
            "storage": library.check_storage,
            "weights": _check_weights,
            "workers": _check_workers,
        }
        self._noted = {"clock": self._check_clock, "memory": _check_memory}
        self._latest = time.time()
        """The latest that the clock has shown."""
        self._lock = threading.Lock()
        self._found: tuple[float, Found] | None = None
        """When, by `time.monotonic`, and what."""

    def look(self) -> Found:
        """Tell what is wrong now, or was a moment ago."""
        with self._lock:
            if self._found is None or time.monotonic() - self._found[0] >= FRESH_SECONDS:
                self._found = time.monotonic(), Found(_all(self._wrong), _all(self._noted))
            return self._found[1]

    def _check_clock(self) -> None:
        now = time.time()
        self._latest = max(self._latest, now)
        if behind := int(self._latest - now) // int(BEHIND_SECONDS):
            raise UserError(f"This machine's clock was put back by {behind} minutes; photos keep their order.")


def _check_weights() -> None:
    if damaged := weights.damaged():
        raise UserError(f"Weights that come along are damaged or missing: {', '.join(damaged)}.")


def _check_workers() -> None:
    if resting := threads.resting():
        raise UserError(f"Something went wrong in {', '.join(resting)}, which begins anew in a moment.")


def _check_memory() -> None:
    if cache.is_short():
        raise UserError("Memory ran out a moment ago, on the GPU where there is one; what can be freed was freed.")


def _all(checks: dict[str, Callable[[], None]]) -> dict[str, str]:
    """Give what the checks find."""
    found = {}
    for name, check in checks.items():
        try:
            check()
        except UserError as error:
            found[name] = str(error)
        except Exception:
            log.exception("checking the %s", name)
            found[name] = "It cannot be used, for a reason that the app's log tells."
    return found
