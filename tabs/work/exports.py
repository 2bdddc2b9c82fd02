"""Photos rendered with their edits, in the background: into a file, a zip on the disk, or new photos of the library."""

import os
import secrets
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from pydantic import Field

from envo import edits, encoders, export, memory, names, settings
from envo.edits import EditDocument
from envo.errors import NotFound, UserError
from envo.export import Exported
from envo.exportsettings import ExportSettings
from envo.jobs import Row
from envo.library import Library
from envo.library import Photo as PhotoRow
from envo.store import storage_errors
from envo.takeaway import NOTES
from models.engine import Report
from models.inpaint import Cancelled
from tabs.work import jobs, threads
from tabs.work.jobs import BatchJob, Elsewhere, Kind, Running, Work
from tabs.work.queue import Queue, told
from tabs.work.wish import Wish

_ASKED_SECONDS = 0.1
"""So often a rendering asks whether it is still wanted."""
_NEWS = 0.02
"""Progress within a photo is told in such steps."""


class RenderWish(Wish):
    """Photos to be rendered with their edits; into the file of one, a zip, or new photos of the library.

    document: of one photo, in place of the edit that is saved of it.
    """

    photos: list[str] = Field(min_length=1, max_length=settings.MAX_BATCH)
    to: Literal["file", "zip", "library"] = "zip"
    settings: ExportSettings = export.PLAIN
    document: dict[str, Any] | None = None


@dataclass(frozen=True)
class Packed:
    """A file in a zip that is being written: enough to go on with the zip behind it."""

    name: str
    crc: int
    bytes: int
    begin: int
    """Where it is in the zip."""
    end: int
    date: list[int]

    @classmethod
    def of(cls, info: zipfile.ZipInfo, file: BinaryIO) -> "Packed":
        """Tell of the file that was written last; it is on the disk by then."""
        file.flush()
        os.fsync(file.fileno())
        return cls(info.filename, info.CRC, info.file_size, info.header_offset, file.tell(), list(info.date_time))

    @property
    def info(self) -> zipfile.ZipInfo:
        """What the zip's directory says of it."""
        info = zipfile.ZipInfo(self.name, tuple(self.date))
        info.CRC, info.file_size, info.compress_size, info.header_offset = self.crc, self.bytes, self.bytes, self.begin
        info.external_attr = 0o600 << 16  # as `writestr` has it
        return info


_OWN = ("to", "name", "media_type", "is_whole")
"""What of a rendering is written down as it is."""


@dataclass
class RenderJob(BatchJob):
    """Photos that are rendered. to: as in the wish. path: the file or zip that they go into."""

    to: str = "zip"
    path: Path | None = None
    name: str = "photos.zip"
    """Of that file, as a visitor saves it."""
    media_type: str = "application/zip"
    is_whole: bool = False
    """Whether the file is."""
    notes: list[str] = field(default_factory=list)
    parts: list[Packed] = field(default_factory=list)
    """What is in the zip so far."""

    def dump(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in _OWN}
        own |= {"file": self.path and self.path.name, "parts": list(map(asdict, self.parts)), "notes": [*self.notes]}
        return super().dump() | own

    def take(self, row: Row) -> None:
        super().take(row)
        told = row.told
        for name in _OWN:
            setattr(self, name, told[name])
        self.path = told["file"] and settings.uploads() / told["file"]
        self.parts, self.notes = [Packed(**each) for each in told["parts"]], told["notes"]

    def end(self) -> None:
        super().end()
        if self.path and not self.is_whole:
            self.path.unlink(missing_ok=True)


class Exporting:
    """Renders photos, one after the other. One for the app; methods may be called from any thread."""

    def __init__(self, library: Library):
        self._library = library
        gone = "This is not known any more; photos that were made of it are in your library."
        kind = Kind("render", "renderings", gone, settings.UPLOAD_SECONDS, self._known, self._again)
        self.jobs: Running[RenderJob] = Running(library.jobs, kind)
        # One photo does not wait for the hundreds of others.
        self._queues = {
            True: Queue("render one", jobs.FAILED, "Starting", in_turn=True),
            False: Queue("render many", jobs.FAILED, "Starting", in_turn=True, rank=None, at_a_time=jobs.BATCHES),
        }

    def ask(self, owner: str, wish: RenderWish) -> str:
        """Have photos rendered; gives the id of the job. What was made in this way for the owner before is removed.

        Raises UserError for what cannot be done.
        """
        encoders.check(wish.settings)
        names.check_pattern(wish.settings.name)
        rows = [self._library.present(owner, photo_id) for photo_id in dict.fromkeys(wish.photos)]
        if len(rows) > 1 and (wish.to == "file" or wish.document is not None):
            raise UserError("Several photos go into a zip, or into the library, each with its own edit.")
        if wish.to == "library" and wish.settings.format == "JPEG XL":
            raise UserError("Envo does not open JPEG XL; choose another format for photos of the library.")
        items = [jobs.Item(row.id, row.name) for row in rows]
        path = None if wish.to == "library" else settings.uploads() / f"{secrets.token_hex(16)}.rendered"
        is_one = wish.to == "file"
        job = RenderJob(owner, None, self._queues[is_one], items=items, to=wish.to, path=path)
        work = self._planned(job, wish)
        for other in self.jobs.all(owner):
            if other.ended is not None and other.to == job.to:
                self._remove(other)
        limit = settings.MAX_BATCHES + (settings.MAX_DOWNLOADS if is_one else 0)
        self.jobs.start(job, wish, work, limit)
        return job.id

    def _planned(self, job: RenderJob, wish: RenderWish) -> Work:
        return partial(self._work, job, wish, None if wish.document is None else edits.parse(wish.document))

    def _known(self, row: Row, queue: Elsewhere | None) -> RenderJob:
        job = RenderJob(row.owner, None, queue or self._queues[row.told["to"] == "file"], row.id)
        job.take(row)
        return job

    def _again(self, job: RenderJob, wish: dict[str, Any]) -> Work:
        return self._planned(job, RenderWish.model_validate(wish))

    def file(self, owner: str, job_id: str) -> RenderJob:
        """Find a job that is done, with its file."""
        job = self.jobs.find(owner, None, job_id)
        if not job.is_whole or not job.path.exists():
            raise NotFound("This file is not there any more; please render it once more.")
        return job

    def cancel(self, owner: str, job_id: str) -> None:
        """Give up a job; of one that is over, remove the file."""
        self.jobs.cancel(owner, None, job_id)
        job = self.jobs.find(owner, None, job_id)
        if job.ended is not None:
            self._remove(job)

    def move(self, owner_from: str, owner_to: str) -> None:
        """Hand over what is under way, as `Library.move` does the photos."""
        self.jobs.move(owner_from, owner_to)

    def forget(self, owner: str) -> None:
        """Give up what is under way for an owner, and remove what was made."""
        for job in self.jobs.forget(owner):
            self._remove(job)

    def _work(self, job: RenderJob, wish: RenderWish, document: EditDocument | None, report: Report) -> None:
        render = partial(self._render, job, wish.settings, document, report)
        if wish.to == "library":
            for item in job.left:
                with jobs.in_turn(job, report):
                    render(item, partial(self._add, job))
            return
        with storage_errors():
            if wish.to == "file":
                render(job.items[0], partial(self._write, job))
                if job.items[0].state == "failed":
                    raise UserError(job.items[0].why)
            else:
                with _opened(job) as file, zipfile.ZipFile(file, "w") as archive:
                    archive.filelist += (each.info for each in job.parts)
                    for item in job.left:
                        with jobs.in_turn(job, report):
                            render(item, partial(self._pack, job, archive))
                    if job.notes:
                        archive.writestr(NOTES, "\n".join([*job.notes, ""]))
        job.is_whole = True
        threads.after(settings.UPLOAD_SECONDS, "removing an export", partial(self._remove, job))

    def _render(
        self,
        job: RenderJob,
        wished: ExportSettings,
        document: EditDocument | None,
        report: Report,
        item: jobs.Item,
        keep: Callable[[jobs.Item, str, Exported], None],
    ) -> None:
        """Render one photo, and have it kept under its name; one that cannot be does not end the others."""
        number, heard = job.items.index(item), _Heard(report)
        item.state = "working"
        report("Rendering", 0.0)
        try:
            row = self._library.present(job.owner, item.photo_id)
            made = edited(self._library, row, wished, document, heard.asked, heard.told)
            name = named(self._library, row, wished, number + 1, len(job.items))
            keep(item, name, made)
            item.state, item.why = "done", " ".join(made.notes)
        except (Cancelled, _TooLargeError):
            raise
        except Exception as error:
            item.state, item.why = "failed", told(error, f"rendering {item.photo_id}", jobs.FAILED)
            job.notes.append(f"{item.name}: {item.why} It is not here.")

    def _write(self, job: RenderJob, item: jobs.Item, name: str, made: Exported) -> None:
        self._library.visits.check_disk(job.owner, len(made.data))
        job.path.write_bytes(made.data)
        job.name, job.media_type = name, encoders.MEDIA[made.format]

    def _add(self, job: RenderJob, item: jobs.Item, name: str, made: Exported) -> None:
        item.made_id = self._library.add_made(job.owner, item.photo_id, name, made.data).id

    def _pack(self, job: RenderJob, archive: zipfile.ZipFile, item: jobs.Item, name: str, made: Exported) -> None:
        """Put a file into a zip. Raises UserError where that would be too large, and NoRoom as `check_disk` does."""
        if archive.fp.tell() + len(made.data) > settings.MAX_PACKED_BYTES:
            raise _TooLargeError(
                f"The zip would be larger than {settings.MAX_PACKED_BYTES >> 30} GB; choose fewer photos, or a JPEG."
            )
        self._library.visits.check_disk(job.owner, len(made.data))
        free = names.free_name(name, {NOTES, *(names.folded(part.name) for part in job.parts)})
        archive.writestr(free, made.data)
        job.parts.append(Packed.of(archive.infolist()[-1], archive.fp))
        job.notes += (f"{free}: {note}" for note in made.notes)

    def _remove(self, job: RenderJob) -> None:
        if job.path:
            with suppress(OSError):
                job.path.unlink()


def _opened(job: RenderJob) -> BinaryIO:
    """Open the zip of a job, behind what is in it; where that is not there any more, all of it is made anew."""
    end = job.parts[-1].end if job.parts else 0
    if end and job.path.exists() and job.path.stat().st_size >= end:
        file = job.path.open("r+b")
        file.seek(end)
        file.truncate()
        return file
    job.parts, job.notes = [], []
    for item in job.items:
        item.state, item.why = "waiting", ""
    return job.path.open("w+b")


class _TooLargeError(UserError):
    """What is rendered fits into no zip."""


class _Heard:
    """Tells how far one photo is, and asks whether it is still wanted, no more often than anybody cares to hear."""

    def __init__(self, report: Report):
        self._report = report
        self._fraction = 0.0
        self._last = time.monotonic()

    def asked(self) -> None:
        """Raise Cancelled where nobody waits any more."""
        if time.monotonic() - self._last >= _ASKED_SECONDS:
            self._last = time.monotonic()
            self._report("Rendering", self._fraction)

    def told(self, fraction: float) -> None:
        if fraction - self._fraction >= _NEWS or fraction >= 1:
            self._fraction = fraction
            self._report("Rendering" if fraction < 1 else "Saving", fraction)


def edited(
    library: Library,
    row: PhotoRow,
    wished: ExportSettings,
    document: EditDocument | None = None,
    stopping: Callable[[], None] = lambda: None,
    report: Callable[[float], None] = lambda fraction: None,
) -> Exported:
    """Render a photo as a file with all that its file and its owner say of it.

    document: None for the edit that is saved. stopping, report: as for `export.edited`.
    """
    document = document or saved(library, row)
    material = library.material(row.owner, row.id, document)
    original, said = library.file(row.owner, row.id), library.said_now(row.owner, row.id)
    with memory.PHOTOS:
        return export.edited(original, document, material, wished, said, stopping, report, _mark(library, row, wished))


def saved(library: Library, row: PhotoRow) -> EditDocument:
    """Give the edit that is saved of a photo."""
    stored = library.edit(row.owner, row.id).document
    return edits.parse(stored) if stored else edits.UNTOUCHED


def _mark(library: Library, row: PhotoRow, wished: ExportSettings) -> np.ndarray | None:
    """Read the picture of a watermark, as `export.edited` wants it."""
    wish = wished.watermark
    return library.watermarks.load(row.owner, wish.picture) if wish and wish.picture else None


def named(library: Library, row: PhotoRow, wished: ExportSettings, number: int, count: int) -> str:
    """Name a photo's file by the pattern of an export; it is the `number`th of so many."""
    said = library.said_now(row.owner, row.id)
    date = (row.taken_at or row.created_at).strftime("%Y-%m-%d")
    people = (said and said.people) or ()
    return names.by_pattern(wished.name, wished.format, row.name, date, number, count, people)


def preview(library: Library, row: PhotoRow, wished: ExportSettings, document: EditDocument | None) -> export.Preview:
    """Make a small picture of an export, as a browser shows it."""
    document = document or saved(library, row)
    edge = export.preview_edge(document, (row.width, row.height))
    material = library.material(row.owner, row.id, document, edge)
    with memory.PHOTOS:
        image = library.file(row.owner, row.id).decode(edge, wide=True, development=document.development)
        return export.preview(
            image, document, material.sized(image.pixels.shape[1::-1]), wished, _mark(library, row, wished)
        )
