"""Mattes, made in the background."""

from functools import partial

from envo import settings
from envo.file import PhotoFile
from envo.library import Library
from envo.library import Photo as PhotoRow
from models import layers
from models.engine import Report
from models.layers import files
from tabs.work.queue import Progress, Queue


class MatteJobs:
    """Computes mattes once for each photo's content, however many visitors and windows ask for them."""

    def __init__(self, library: Library):
        self._library = library
        self._queue = Queue("mattes", "The layers could not be made.", claims=library.claims)

    def request(self, row: PhotoRow, is_ahead: bool = False) -> None:
        """Ask for the mattes of a photo, unless they are there or under way. Failed ones are tried again.

        is_ahead: no page shows the photo yet, so those that are shown come first.
        """
        if not self._library.mattes.made(row.sha256):
            self._queue.ask(row.sha256, partial(self._matte, row.sha256), row.owner, is_ahead)

    def look_closer(self, row: PhotoRow) -> None:
        """Ask for better mattes of what a photo is of, where an engine is at hand that makes them.

        Those before stay where an edit is made with them: what a visitor has touched is not changed under their hands.
        """
        engine = self._library.mattes.engine(row.sha256)
        if layers.can_look_closer(engine) and not self._library.mattes.are_used(row.sha256, self._closer(row.sha256)):
            self._queue.ask(_close(row.sha256), partial(self._look_closer, row.sha256), row.owner, is_ahead=True)

    def closer_progress(self, row: PhotoRow) -> Progress:
        """How far better mattes are."""
        return self._queue.progress(_close(row.sha256)) or Progress("done")

    def is_known(self, row: PhotoRow) -> bool:
        """Whether the mattes of a photo were asked for and are not there yet; what waits for too long is given up."""
        return self._queue.progress(row.sha256) is not None

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
        found = files.find(PhotoFile(self._library.content(sha256).read_bytes()), report)
        self._library.mattes.put(sha256, files.files(found), found.engine, found.seconds, found.faces)

    def _look_closer(self, sha256: str, report: Report) -> None:
        mattes, kinds = self._library.mattes, self._closer(sha256)
        engine = mattes.engine(sha256)
        if not layers.can_look_closer(engine):
            return  # asked for while it was done
        image = PhotoFile(self._library.content(sha256).read_bytes()).decode(edge=settings.WORKING_EDGE)
        found = layers.look_closer(image.shown(), "background" not in kinds, report)
        if not mattes.are_used(sha256, kinds):
            mattes.exchange(sha256, kinds, files.files(found), layers.closer(engine))

    def _closer(self, sha256: str) -> set[str]:
        """Give the kinds of a photo's mattes that are made better: not the background of a person."""
        return {*layers.CLOSER} | ({"background"} if "person" not in self._library.mattes.kinds(sha256) else set())


def _close(sha256: str) -> tuple[str, str]:
    return "close", sha256
