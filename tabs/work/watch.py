"""Other processes on the library: this one gives them signs of life, and takes over what those did that are gone."""

import logging
import time
from collections.abc import Callable, Sequence

from envo.claims import Claims
from envo.errors import StorageError
from tabs.work import threads

log = logging.getLogger(__name__)


class Watch:
    """Looks after the claims of a library. One for the app."""

    def __init__(self, claims: Claims, wakes: Sequence[Callable[[], None]], beats: Sequence[Callable[[], None]]):
        """Begin to look.

        wakes: those who look for work in the library, now and when some may be free. beats: what is seen to each time.
        """
        self._claims = claims
        self._wakes = wakes
        self._beats = beats
        threads.keep("watch", self._run)

    def _run(self) -> None:
        is_new = True
        while not self._claims.has_left:
            try:
                if self._claims.look() or is_new:
                    is_new = False
                    for wake in self._wakes:
                        threads.after(0, "taking over", wake)
                for beat in self._beats:
                    beat()
            except StorageError as error:
                log.info("other processes are not seen: %s", error)
            time.sleep(self._claims.beat_seconds)
