"""What is removed when its time has come."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from envo import settings
from envo.library import Library
from tabs.work import threads

log = logging.getLogger(__name__)

DAY = 24 * 3600
SOON = 3600


def empty_trash_daily(library: Library) -> None:
    """Start a thread that removes, soon and each day, what was deleted long ago, and what programs sent before.

    What they sent goes at once, too, for an app that crashed left it.
    """
    clock = steady_clock()

    def work() -> None:
        clear_uploads(time.time())
        # A clock that was wrong when the app started is often put right soon.
        time.sleep(SOON)
        while True:
            now = clock()
            clear_uploads(now.timestamp())
            time.sleep(DAY if emptied(library, now) else SOON)

    threads.keep("trash", work)


def steady_clock() -> Callable[[], datetime]:
    """Begin a clock that does not leap ahead with the machine's, and so takes along nothing that was deleted today."""
    begun, start = datetime.now(UTC), time.monotonic()
    return lambda: min(datetime.now(UTC), begun + timedelta(seconds=time.monotonic() - start))


def emptied(library: Library, now: datetime) -> bool:
    """Empty the trash of what was deleted long before `now`; whether that could be done is told, and logged why not."""
    try:
        with library.claims.alone("trash", "") as is_mine:
            if is_mine:
                library.purge(now)
    except Exception:
        log.exception("the trash could not be emptied; that is tried again")
        return False
    return True


def clear_uploads(now: float) -> None:
    """Remove what programs sent `UPLOAD_SECONDS` before `now`, in seconds since 1970; later files may be in use.

    Gradio removes at that age what it knows of, which is nothing of what an app was sent that crashed.
    """
    dated = []
    with suppress(OSError):  # Gradio removes some at the same time; the rest is seen to another day
        for path in settings.uploads().rglob("*"):
            dated.append((path, path.lstat().st_ctime))
    # What is in a folder before the folder, whose time changes with that.
    for path, changed in sorted(dated, reverse=True):
        if changed < now - settings.UPLOAD_SECONDS:
            with suppress(OSError):  # there is something younger in it, or it is gone
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
