"""Threads that survive: what goes wrong in one is logged, and it begins anew."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable

from tabs.work import errors

log = logging.getLogger(__name__)

REST_SECONDS = 5.0
"""A thread in which something went wrong rests for so long before it begins anew."""

_resting: set[str] = set()


def keep(name: str, work: Callable[[], None], nice: int = 0) -> threading.Thread:
    """Start a thread of the app's, which ends when `work` returns, or with the app.

    work: what it raises, be it what ends threads elsewhere, is logged; a moment later it is begun anew. nice: by how
    much the thread, and those that it starts, stand back where processors are scarce; on Linux alone.
    """

    def run() -> None:
        if nice and sys.platform == "linux":
            here = threading.get_native_id()  # on Linux each thread has a niceness of its own
            os.setpriority(os.PRIO_PROCESS, here, os.getpriority(os.PRIO_PROCESS, here) + nice)
        while True:
            try:
                work()
                return
            except BaseException as error:
                errors.note(error)
                log.exception("%s failed, and begins anew", name)
                _resting.add(name)
                time.sleep(REST_SECONDS)
                _resting.discard(name)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def after(seconds: float, name: str, work: Callable[[], None]) -> None:
    """Do something once, when so many seconds have passed; what goes wrong is logged."""

    def run() -> None:
        try:
            work()
        except Exception as error:
            errors.note(error)
            log.exception("%s failed", name)

    timer = threading.Timer(max(seconds, 0), run)
    timer.name, timer.daemon = name, True
    timer.start()


def resting() -> list[str]:
    """Names of the threads in which something went wrong just now."""
    return sorted(_resting)
