"""Mattes, made in the background."""

from functools import partial

from envo import masks, settings
from envo.file import PhotoFile
from envo.library import Library
from envo.library import Photo as PhotoRow
from models import layers
from models.engine import Report
from tabs.work.queue import Progress, Queue


class MatteJobs:
    """Computes mattes once for each photo's content, however many visitors and windows ask for them."""

    def __init__(self, library: Library):
        self._library = library
        self._queue = Queue("mattes", "The layers could not be made.")

    def request(self, row: PhotoRow) -> None:
        """Ask for the mattes of a photo, unless they are there or under way. Failed ones are tried again."""
        if not self._library.mattes.made(row.sha256):
            self._queue.ask(row.sha256, partial(self._matte, row.sha256))

    def progress(self, row: PhotoRow) -> Progress:
        """How far the mattes of a photo are."""
        current = self._queue.progress(row.sha256)
        return current or Progress("done" if self._library.mattes.made(row.sha256) else "waiting")

    @property
    def number(self) -> int:
        """Grows with all that is told of any photo; quickly told."""
        return self._queue.number

    def _matte(self, sha256: str, report: Report) -> None:
        if self._library.mattes.made(sha256):
            return  # asked for while they were being made
        image = PhotoFile(self._library.content(sha256).read_bytes()).decode(edge=settings.WORKING_EDGE)
        found = layers.find(image.shown(), report)
        files = {kind: masks.encode_matte(alpha) for kind, alpha in found.mattes.items()}
        self._library.mattes.put(sha256, files, found.engine, found.seconds, found.faces)
