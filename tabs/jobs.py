"""What goes on in the background: mattes, and emptying the trash."""

import threading
import time
from datetime import UTC, datetime
from functools import partial

from envo import masks, photo, settings
from envo.library import Library
from envo.library import Photo as PhotoRow
from models import layers
from models.engine import Report
from tabs.background import Progress, Queue

DAY = 24 * 3600


class MatteJobs:
    """Computes mattes once for each photo's content, however many visitors and windows ask for them."""

    def __init__(self, library: Library):
        self._library = library
        self._queue = Queue("mattes", "The layers could not be made.")

    def request(self, owner: str, row: PhotoRow) -> None:
        """Ask for the mattes of a photo, unless they are there or under way. Failed ones are tried again."""
        if not self._library.matted(owner, row.id):
            self._queue.ask(row.sha256, partial(self._matte, owner, row.id))

    def progress(self, owner: str, row: PhotoRow) -> Progress:
        """How far the mattes of a photo are."""
        current = self._queue.progress(row.sha256)
        return current or Progress("done" if self._library.matted(owner, row.id) else "waiting")

    def _matte(self, owner: str, photo_id: str, report: Report) -> None:
        if self._library.matted(owner, photo_id):
            return  # asked for while they were being made
        data = self._library.original(owner, photo_id).read_bytes()
        image = photo.decode(data, edge=settings.WORKING_EDGE)
        found = layers.find(photo.as_uint8(image.pixels), report)
        files = {kind: masks.encode_matte(alpha) for kind, alpha in found.mattes.items()}
        self._library.set_masks(owner, photo_id, files, found.engine, found.seconds, found.faces)


def empty_trash_daily(library: Library) -> None:
    """Start a thread that removes, now and each day, what was deleted long ago."""

    def work() -> None:
        while True:
            library.purge(datetime.now(UTC))
            time.sleep(DAY)

    threading.Thread(target=work, name="trash", daemon=True).start()
