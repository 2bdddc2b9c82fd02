"""Many files in, as many out: names that stay what they were, and photos of a zip restored into another zip."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from envo import names, photo, settings, sidecars, zips
from envo.errors import UserError
from models.engine import Report
from models.inpaint import Cancelled
from tabs.work.jobs import FAILED
from tabs.work.queue import told

FAILURES = "not restored.txt"
"""File of the zip that tells which photos could not be restored, and why."""

Remake = Callable[[bytes, Report], tuple[bytes, str] | None]
"""Is given the bytes of a photo; gives those of what becomes of it and their format, or None for as it is."""


def file_name(name: str, format: str) -> str:
    """Name what becomes of a photo as that was named, with another ending only where the format is another."""
    if format not in photo.EXTENSIONS or names.has_ending(name, format):
        return name
    return names.download_name(name, format)


def remake(data: bytes, path: Path, remake: Remake, report: Report) -> None:
    """Make a zip of what becomes of the photos of another: one at a time in memory, under their names.

    data: the bytes of the zip. path: where the new one is written. One that fails does not stop the rest: `FAILURES` in
    the zip tells of it. The .xmp files beside them come along. Raises UserError for what is no zip, or has no files or
    too many in it.
    """
    with zips.Zip(io.BytesIO(data)) as source, zipfile.ZipFile(path, "w") as target:
        beside = [entry for entry in source.entries if sidecars.is_xmp(entry.name)]
        photos = [entry for entry in source.entries if not sidecars.is_beside(entry.name)]
        count = len(photos)
        if not 0 < count <= settings.MAX_BATCH:
            raise UserError(f"Put 1 to {settings.MAX_BATCH} photos into the zip; it has {count}.")
        taken, failures = {FAILURES}, []
        for number, entry in enumerate([*photos, *beside]):
            place = f"Photo {number + 1} of {count}"
            if number < count:
                report(place, number / count)
            try:
                if number < count:
                    original = source.read(entry)
                    made = remake(original, lambda step, fraction, place=place: report(f"{place}: {step}", fraction))
                    content, format = made or (original, "")
                else:
                    content, format = source.read(entry, settings.MAX_SIDECAR_BYTES), ""
            except Cancelled:
                raise
            except Exception as error:
                failures.append(f"{entry.path}: {told(error, 'a photo of a folder', FAILED)}")
                continue
            name = names.free_name(_safe(entry.path, format), taken)
            taken.add(names.folded(name))
            # Their times, too, are what they were; and so the same zip becomes the same bytes.
            target.writestr(zipfile.ZipInfo(name, entry.info.date_time), content)
        if failures:
            target.writestr(zipfile.ZipInfo(FAILURES), "\n".join(failures) + "\n")


def _safe(path: str, format: str) -> str:
    """Make a path within a zip safe, its last part named as `file_name` does."""
    *folders, name = path.split("/")
    return "/".join([*(names.safe_name(folder) for folder in folders), file_name(names.safe_name(name), format)])
