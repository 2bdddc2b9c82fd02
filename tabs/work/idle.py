"""Memory comes back: what nobody has used for a while is put away, and what was freed goes back to the system."""

import time

from envo import memory, settings
from models import cache
from tabs.work import threads

LOOK_SECONDS = 60
"""So often it is seen whether there is something to give back."""
WORK_SECONDS = 1.0
"""Of the CPU, after which there may be: an app that nobody uses takes less in an hour."""


class Idle:
    """Gives memory back, as often as it is asked to look whether there is some."""

    def __init__(self) -> None:
        """Begin with all given back."""
        self._seen = time.process_time()

    def look(self) -> None:
        """Put away what is idle; give back what that, or work since the last look, has freed."""
        if memory.let_go(settings.IDLE_SECONDS):
            cache.give_back()
        elif time.process_time() - self._seen > WORK_SECONDS:
            memory.trim()
        else:
            return
        self._seen = time.process_time()


def watch() -> None:
    """Start a thread that looks as long as the app runs."""
    idle = Idle()

    def work() -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            idle.look()

    threads.keep("idle", work)
