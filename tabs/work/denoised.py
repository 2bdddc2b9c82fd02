"""Photos without their noise, made in the background when an edit first asks for one."""

from functools import partial

from envo.development import Development
from envo.library import Library
from envo.library import Photo as PhotoRow
from models import noise
from tabs.work.queue import PATIENCE, Progress, Queue


class Denoising:
    """Takes the noise out of photos, once for each content, however many visitors and windows ask for it."""

    def __init__(self, library: Library):
        """Begin with nothing to do. What is rendered without a page that asks is made by the same engine."""
        library.denoised.take = noise.denoise
        self._denoised = library.denoised
        failure = "The noise could not be taken out."
        self._queue = Queue("denoised", failure, patience=PATIENCE, claims=library.claims)

    def request(self, row: PhotoRow, development: Development | None) -> None:
        """Ask for a photo without its noise, unless it is there or under way. What failed is tried again.

        development: of a RAW.
        """
        if not self._denoised.made(row.sha256, development):
            make = partial(self._denoised.make, row.sha256, development=development)
            self._queue.ask((row.sha256, development), make, row.owner)

    def progress(self, row: PhotoRow, development: Development | None) -> Progress:
        """How far it is."""
        current = self._queue.progress((row.sha256, development))
        return current or Progress("done" if self._denoised.made(row.sha256, development) else "waiting")

    @property
    def number(self) -> int:
        """Grows with all that is told of any photo; quickly told."""
        return self._queue.number
