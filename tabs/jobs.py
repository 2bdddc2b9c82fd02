"""What goes on in the background: mattes, and what is removed when its time has come."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from envo import masks, photo, settings
from envo.library import Library
from envo.library import Photo as PhotoRow
from models import layers
from models.engine import Report
from tabs.background import Progress, Queue

log = logging.getLogger(__name__)

DAY = 24 * 3600
SOON = 3600


class MatteJobs:
    """Computes mattes once for each photo's content, however many visitors and windows ask for them."""

    def __init__(self, library: Library):
        self._library = library
        self._queue = Queue("mattes", "The layers could not be made.")

    def request(self, row: PhotoRow) -> None:
        """Ask for the mattes of a photo, unless they are there or under way. Failed ones are tried again."""
        if not self._library.matted(row.sha256):
            self._queue.ask(row.sha256, partial(self._matte, row.sha256))

    def progress(self, row: PhotoRow) -> Progress:
        """How far the mattes of a photo are."""
        current = self._queue.progress(row.sha256)
        return current or Progress("done" if self._library.matted(row.sha256) else "waiting")

    def _matte(self, sha256: str, report: Report) -> None:
        if self._library.matted(sha256):
            return  # asked for while they were being made
        image = photo.decode(self._library.content(sha256).read_bytes(), edge=settings.WORKING_EDGE)
        found = layers.find(photo.as_uint8(image.pixels), report)
        files = {kind: masks.encode_matte(alpha) for kind, alpha in found.mattes.items()}
        self._library.set_masks(sha256, files, found.engine, found.seconds, found.faces)


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

    threading.Thread(target=work, name="trash", daemon=True).start()


def steady_clock() -> Callable[[], datetime]:
    """Begin a clock that does not leap ahead with the machine's, and so takes along nothing that was deleted today."""
    begun, start = datetime.now(UTC), time.monotonic()
    return lambda: min(datetime.now(UTC), begun + timedelta(seconds=time.monotonic() - start))


def emptied(library: Library, now: datetime) -> bool:
    """Empty the trash of what was deleted long before `now`; whether that could be done is told, and logged why not."""
    try:
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
