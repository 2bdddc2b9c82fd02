"""Other processes on the library: this one gives them signs of life, and takes over what those did that are gone."""

import logging
import time
from collections.abc import Callable

from envo.claims import Claims
from envo.errors import StorageError
from tabs.work import threads

log = logging.getLogger(__name__)


class Watch:
    """Looks after the claims of a library. One for the app."""

    def __init__(self, claims: Claims):
        """Begin to look."""
        self._claims = claims
        self._wakes: list[Callable[[], None]] = []
        threads.keep("watch", self._run)

    def wakes(self, *wakes: Callable[[], None]) -> None:
        """Have whoever works in the background look for work when something may be free; each must return at once."""
        self._wakes += wakes

    def _run(self) -> None:
        while True:
            try:
                if self._claims.look():
                    for wake in self._wakes:
                        wake()
            except StorageError as error:
                log.info("other processes are not seen: %s", error)
            time.sleep(self._claims.beat_seconds)
