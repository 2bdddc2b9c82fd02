"""What is kept of programs' for a while: jobs that they come back for, and files, be they sent or made.

All of it is this process's alone, and gone with it: what is sent gets into no library.
"""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from envo import settings
from envo.errors import NotFound, UserError
from envo.store import storage_errors
from models.engine import Report
from tabs.work import jobs
from tabs.work.queue import Queue
from tabs.work.scheduler import FULL, Busy, Rank
from tabs.work.service import Capability, File
from tabs.work.wish import Wish

GONE = "This job is not known any more: it ended more than an hour ago, or the app was started again since."
NO_FILE = "This file is not known any more: it was sent or made more than an hour ago, or the app was started again."
AT_A_TIME = 2
"""Jobs of a rank that are begun; the places say how many of them work."""


class ProgramFiles:
    """Files that a program sends before they are used, or that it may fetch. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, _Kept] = {}
        """By their ids, the oldest first."""
        self._bytes = 0
        """Of all of them."""

    def keep(self, who: str, file: File) -> str:
        """Keep a file for a while; gives its id. Of too many bytes together the oldest go. Raises StorageError."""
        file_id, kept = secrets.token_urlsafe(16), _Kept(who, _written(file.data), file.name, len(file.data))
        with self._lock:
            self._files[file_id] = kept
            self._bytes += kept.bytes
            while self._bytes > settings.PROGRAM_FILES_BYTES:
                self._remove(next(iter(self._files)))
        return file_id

    def find(self, who: str, file_id: str) -> File:
        """Find a file. Raises NotFound for another's, too."""
        with self._lock:
            kept = self._files.get(file_id)
        if kept is None or kept.owner != who:
            raise NotFound(NO_FILE)
        try:
            return File(kept.path.read_bytes(), kept.name)
        except FileNotFoundError:
            raise NotFound(NO_FILE) from None

    def remove(self, file_id: str) -> None:
        """Remove a file, if it is still there."""
        with self._lock:
            if file_id in self._files:
                self._remove(file_id)

    def _remove(self, file_id: str) -> None:
        kept = self._files.pop(file_id)
        self._bytes -= kept.bytes
        kept.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Kept:
    owner: str
    path: Path
    name: str
    bytes: int


@dataclass
class ProgramJob(jobs.Job):
    """What a program asked for. Its owner is whoever may ask about it."""

    capability: Capability | None = None
    sent: Mapping[str, tuple[Path, str]] | None = None
    """Paths of the files that were sent, and their names, by what they are."""
    answer: Any = None
    """JSON that came of it."""
    file_id: str | None = None
    """Of the file that did."""

    def end(self) -> None:
        super().end()
        for path, _ in self.sent.values():
            path.unlink(missing_ok=True)


class ProgramJobs:
    """Those of a process. Methods may be called from any thread."""

    def __init__(self, files: ProgramFiles):
        """Begin with none. files: among which their results are kept."""
        self._files = files
        self._lock = threading.RLock()
        self._jobs: dict[str, ProgramJob] = {}
        self._queues = {
            rank: Queue("program", jobs.FAILED, begun="Starting", in_turn=True, rank=rank, at_a_time=AT_A_TIME)
            for rank in (None, Rank.SOON, Rank.LONG)
        }

    def start(self, who: str, capability: Capability, files: Mapping[str, File | None], wish: Wish) -> ProgramJob:
        """Have something done. Raises UserError for what cannot be, and Busy where too much is under way."""
        capability.check(files)
        with self._lock:
            self._forget_old()
            under_way = [job.owner for job in self._jobs.values() if job.ended is None]
            if under_way.count(who) >= settings.MAX_PROGRAM_JOBS or len(under_way) >= settings.MAX_JOBS_OF_ALL:
                raise Busy(FULL)
            job = ProgramJob(who, None, self._queues[capability.rank], capability=capability, sent={})
            self._jobs[job.id] = job
        try:
            job.sent = {name: (_written(file.data), file.name) for name, file in files.items() if file}
        except BaseException:
            with self._lock:
                del self._jobs[job.id]
            raise
        job.queue.ask(job.id, partial(self._do, job, wish), who)
        return job

    def find(self, who: str, job_id: str) -> ProgramJob:
        """Find a job. Raises NotFound for another's, too."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None or job.owner != who:
            raise NotFound(GONE)
        return job

    def answer(self, who: str, job_id: str) -> Any:
        """Give what came of a job that is done, as its capability does. Raises UserError where nothing did, yet."""
        job = self.find(who, job_id)
        now = job.progress
        if now.state == "failed":
            raise UserError(now.step)
        if not job.is_done:
            raise UserError("There is no result: the job was cancelled, or is not done yet.")
        return job.answer if job.file_id is None else self._files.find(who, job.file_id)

    def cancel(self, who: str, job_id: str) -> None:
        """Give up a job, and remove what came of it."""
        job = self.find(who, job_id)
        job.queue.cancel(job_id)
        if job.progress.state != "working":
            self._forget(job)

    def _do(self, job: ProgramJob, wish: Wish, report: Report) -> None:
        try:
            files = {name: File(path.read_bytes(), sent) for name, (path, sent) in job.sent.items()}
            made = job.capability.ask(files, wish, job.owner, report)
            if isinstance(made, File):
                job.file_id = self._files.keep(job.owner, made)
            else:
                job.answer = made
            job.is_done = True
        finally:
            job.end()

    def _forget(self, job: ProgramJob) -> None:
        with self._lock:
            self._jobs.pop(job.id, None)
        job.queue.cancel(job.id)  # which remembers why it failed
        job.end()
        if job.file_id:
            self._files.remove(job.file_id)

    def _forget_old(self) -> None:
        long_ago = time.monotonic() - settings.UPLOAD_SECONDS
        for job in [job for job in self._jobs.values() if job.ended and job.ended < long_ago]:
            self._forget(job)


def _written(data: bytes) -> Path:
    """Keep a file where what programs send is kept for a while."""
    with storage_errors():
        path = settings.uploads() / f"{secrets.token_hex(16)}.program"
        path.write_bytes(data)
    return path
