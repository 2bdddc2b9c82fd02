"""Files that photos leave in, as they came or with their edits, and with all that is said of them.

Many are rendered in the background, into a zip on the disk or as new photos of the library.
"""

import secrets
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field

from envo import edits, export, memory, names, photo, settings, takeaway
from envo.description import Description, Written
from envo.errors import NotFound, UserError
from envo.export import Exported
from envo.library import Library
from envo.library import Photo as PhotoRow
from envo.store import storage_errors
from envo.takeaway import NOTES, Item
from models.engine import Report
from models.inpaint import Cancelled
from tabs.work import jobs
from tabs.work.jobs import BatchJob, Running
from tabs.work.queue import Queue, told
from tabs.work.wish import Wish

QUALITY = 95
"""Of JPEG and WebP files that edits are rendered into."""


@dataclass(frozen=True)
class Take:
    """What an owner wishes to take away."""

    owner: str
    photo_ids: Sequence[str]
    edited: bool
    kind: str


class RenderWish(Wish):
    """Photos to be rendered with their edits, as files of a format; into a zip, or as new photos of the library."""

    photos: list[str] = Field(min_length=1, max_length=settings.MAX_BATCH)
    to: Literal["zip", "library"] = "zip"
    format: Literal["JPEG", "PNG", "WebP"] = "JPEG"
    quality: int = Field(92, ge=1, le=100)


@dataclass
class PackJob(BatchJob):
    """Photos that are rendered. path: the zip that they go into; None: they become photos of the library."""

    path: Path | None = None
    is_packed: bool = False
    """Whether the zip is whole."""
    notes: list[str] = field(default_factory=list)

    def end(self) -> None:
        super().end()
        if self.path and not self.is_packed:
            self.path.unlink(missing_ok=True)


class Packing:
    """Renders many photos, one after the other. One for the app; methods may be called from any thread."""

    def __init__(self, library: Library):
        self._library = library
        gone = "This is not known any more; photos that were made of it are in your library."
        self.jobs: Running[PackJob] = Running("renderings", gone, settings.UPLOAD_SECONDS)
        self._queue = Queue("render many", jobs.FAILED, "Starting", in_turn=True)

    def ask(self, owner: str, wish: RenderWish) -> str:
        """Have photos rendered; gives the id of the job. The zip that was made for the owner before is removed.

        Raises UserError for what cannot be done.
        """
        rows = [self._library.present(owner, photo_id) for photo_id in dict.fromkeys(wish.photos)]
        items = [jobs.Item(row.id, row.name) for row in rows]
        path = settings.uploads() / f"{secrets.token_hex(16)}.zip" if wish.to == "zip" else None
        job = PackJob(owner, None, self._queue, items=items, path=path)
        for other in self.jobs.all(owner):
            if other.ended is not None:
                self._remove(other)
        self.jobs.start(job, partial(self._work, job, wish), settings.MAX_BATCHES)
        return job.id

    def file(self, owner: str, job_id: str) -> Path:
        """Find the zip of a job that is done."""
        job = self.jobs.find(owner, None, job_id)
        if not job.is_packed or not job.path.exists():
            raise NotFound("This zip is not there any more; please render the photos once more.")
        return job.path

    def cancel(self, owner: str, job_id: str) -> None:
        """Give up a job; of one that is over, remove the zip."""
        self.jobs.cancel(owner, None, job_id)
        job = self.jobs.find(owner, None, job_id)
        if job.ended is not None:
            self._remove(job)

    def move(self, owner_from: str, owner_to: str) -> None:
        """Hand over what is under way, as `Library.move` does the photos."""
        self.jobs.move(owner_from, owner_to)

    def _work(self, job: PackJob, wish: RenderWish, report: Report) -> None:
        if job.path is None:
            for item in job.items:
                self._render(job, item, wish, report)
            return
        taken = {NOTES}
        with storage_errors(), zipfile.ZipFile(job.path, "w") as archive:
            for item in job.items:
                self._render(job, item, wish, report, partial(self._pack, job, archive, taken))
            if job.notes:
                archive.writestr(NOTES, "\n".join([*job.notes, ""]))
        job.is_packed = True
        timer = threading.Timer(settings.UPLOAD_SECONDS, self._remove, [job])
        timer.daemon = True
        timer.start()

    def _render(self, job: PackJob, item: jobs.Item, wish: RenderWish, report: Report, pack=None) -> None:
        """Render one photo; one that cannot be does not end the others."""
        item.state = "working"
        report("Rendering", None)
        try:
            row = self._library.present(job.owner, item.photo_id)
            stored = self._library.edit(job.owner, row.id).document
            document = edits.parse(stored) if stored else edits.UNTOUCHED
            made = edited(self._library, job.owner, row.id, document, wish.format, wish.quality)
            name = names.download_name(row.name, wish.format)
            if pack:
                pack(name, made)
            else:
                item.made_id = self._library.add_made(job.owner, row.id, name, made.data).id
            item.state, item.why = "done", " ".join(made.notes)
        except (Cancelled, _TooLargeError):
            raise
        except Exception as error:
            item.state, item.why = "failed", told(error, f"rendering {item.photo_id}", jobs.FAILED)
            job.notes.append(f"{item.name}: {item.why} It is not here.")

    def _pack(self, job: PackJob, archive: zipfile.ZipFile, taken: set[str], name: str, made: Exported) -> None:
        """Put a file into a zip. Raises UserError where that would be too large, and NoRoom as `check_disk` does."""
        if archive.fp.tell() + len(made.data) > settings.MAX_PACKED_BYTES:
            raise _TooLargeError(
                f"The zip would be larger than {settings.MAX_PACKED_BYTES >> 30} GB; choose fewer photos, or a JPEG."
            )
        self._library.visits.check_disk(job.owner, len(made.data))
        free = names.free_name(name, taken)
        taken.add(names.folded(free))
        archive.writestr(free, made.data)
        job.notes += (f"{free}: {note}" for note in made.notes)

    def _remove(self, job: PackJob) -> None:
        if job.path:
            with suppress(OSError):
                job.path.unlink()


class _TooLargeError(UserError):
    """What is rendered fits into no zip."""


def edited(
    library: Library, owner: str, photo_id: str, document: edits.EditDocument, format: str, quality: int
) -> Exported:
    """Render a photo with an edit at full size, with all that its file and its owner say of it."""
    material = library.material(owner, photo_id, document)
    original, said = library.file(owner, photo_id), library.said_now(owner, photo_id)
    with memory.PHOTOS:
        return export.edited(original, document, material, format, quality, said)


def items(library: Library, wanted: Take) -> Iterator[Item]:
    """Give what goes into a zip."""
    for row, said, _ in library.described(wanted.owner, wanted.photo_ids):
        yield Item(row.name, partial(_file, library, row, said, wanted.edited))


def one(library: Library, owner: str, photo_id: str) -> tuple[str, Written]:
    """Make the file of one photo as its edit shows it, and name it."""
    row = library.present(owner, photo_id)
    return _file(library, row, library.said_now(owner, photo_id) or Description(), True)


def _file(library: Library, row: PhotoRow, said: Description, is_edited: bool) -> tuple[str, Written]:
    """Make the file of a photo, as edited or as it came, and name it."""
    stored = library.edit(row.owner, row.id).document if is_edited else None
    document = edits.parse(stored) if stored else None
    if document is None or not document.shows:
        return row.name, takeaway.as_it_came(library.file(row.owner, row.id), said)
    format = row.format if row.format in photo.EXTENSIONS else "JPEG"
    made = edited(library, row.owner, row.id, document, format, QUALITY)
    name = row.name if row.format == format else names.download_name(row.name, format)
    return name, Written(made.data, made.format, None, made.notes)
