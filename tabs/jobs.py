"""What goes on in the background: mattes, one queue and one worker; and emptying the trash."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from envo import masks, photo, settings
from envo.errors import UserError
from envo.library import Library
from envo.library import Photo as PhotoRow
from models import layers
from models.weights import WeightsError

log = logging.getLogger(__name__)

DAY = 24 * 3600

FAILURE = "The layers could not be made."
NO_WEIGHTS = "The weights that find the layers could not be fetched; the app's log says what was tried."


@dataclass(frozen=True)
class Progress:
    """How far the mattes of one photo are."""

    state: str
    """`waiting`, `working`, `failed` or, once the library has them, `done`."""
    step: str = ""
    """What is being done, or why it failed, as a visitor reads it."""
    fraction: float | None = None
    """0 to 1, or None when it cannot be told."""
    number: int = 0
    """Grows with each change, so that a page can tell news from what it has seen."""


@dataclass(frozen=True)
class Job:
    owner: str
    photo_id: str
    sha256: str


class MatteJobs:
    """Computes mattes once for each photo's content, however many visitors and windows ask for them.

    The photo asked for last goes first: it is the one that somebody looks at.
    """

    def __init__(self, library: Library):
        self._library = library
        self._lock = threading.Lock()
        self._arrived = threading.Semaphore(0)
        self._waiting: list[Job] = []
        self._progress: dict[str, Progress] = {}
        self._worker: threading.Thread | None = None

    def request(self, owner: str, row: PhotoRow) -> None:
        """Ask for the mattes of a photo, unless they are there or under way. Failed ones are tried again."""
        if self._library.matted(owner, row.id):
            return
        job = Job(owner, row.id, row.sha256)
        with self._lock:
            if self._state(job) == "working":
                return
            self._waiting = [other for other in self._waiting if other.sha256 != job.sha256]
            self._waiting.append(job)
            self._tell(job, "waiting", "Waiting for other photos")
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="mattes", daemon=True)
                self._worker.start()
        self._arrived.release()

    def progress(self, owner: str, row: PhotoRow) -> Progress:
        """How far the mattes of a photo are."""
        with self._lock:
            current = self._progress.get(row.sha256)
        return current or Progress("done" if self._library.matted(owner, row.id) else "waiting")

    def _state(self, job: Job) -> str:
        return self._progress[job.sha256].state if job.sha256 in self._progress else ""

    def _tell(self, job: Job, state: str, step: str, fraction: float | None = None) -> None:
        number = self._progress[job.sha256].number + 1 if job.sha256 in self._progress else 1
        self._progress[job.sha256] = Progress(state, step, fraction, number)

    def _report(self, job: Job, step: str, fraction: float | None = None) -> None:
        with self._lock:
            self._tell(job, "working", step, fraction)

    def _work(self) -> None:
        while True:
            self._arrived.acquire()
            with self._lock:
                if not self._waiting:
                    continue  # asked for twice: the second asking moved the job, and added no other
                job = self._waiting.pop()
                self._tell(job, "working", "Opening the photo")
            try:
                self._matte(job)
                failure = None
            except UserError as error:
                failure = str(error)
            except WeightsError as error:
                log.warning("%s", error)
                failure = NO_WEIGHTS
            except Exception:
                log.exception("mattes of %s failed", job.sha256)
                failure = FAILURE
            with self._lock:
                if failure:
                    self._tell(job, "failed", failure)
                else:
                    del self._progress[job.sha256]  # from now on the library tells

    def _matte(self, job: Job) -> None:
        if self._library.matted(job.owner, job.photo_id):
            return  # asked for while they were being made
        data = self._library.original(job.owner, job.photo_id).read_bytes()
        image = photo.decode(data, edge=settings.WORKING_EDGE)
        found = layers.find(photo.as_uint8(image.pixels), partial(self._report, job))
        files = {kind: masks.encode_matte(alpha) for kind, alpha in found.mattes.items()}
        self._library.set_masks(job.owner, job.photo_id, files, found.engine, found.seconds, found.faces)


def empty_trash_daily(library: Library) -> None:
    """Start a thread that removes, now and each day, what was deleted long ago."""

    def work() -> None:
        while True:
            library.purge(datetime.now(UTC))
            time.sleep(DAY)

    threading.Thread(target=work, name="trash", daemon=True).start()
