"""Many files in, as many out: names that stay what they were, and photos of a zip restored into another zip."""

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from envo import names, photo, settings
from envo.errors import UserError
from models.engine import Report
from tabs.background import told
from tabs.running import FAILED

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
    the zip tells of it. Raises UserError for what is no zip, or has no files or too many in it.
    """
    try:
        source = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise UserError("This is no zip file; put the photos into one, and send that.") from error
    with source, zipfile.ZipFile(path, "w") as target:
        entries = [entry for entry in source.infolist() if not is_hidden(entry)]
        if not 0 < len(entries) <= settings.MAX_BATCH:
            raise UserError(f"Put 1 to {settings.MAX_BATCH} photos into the zip; it has {len(entries)}.")
        taken, failures = {FAILURES}, []
        for number, entry in enumerate(entries):
            place = f"Photo {number + 1} of {len(entries)}"
            report(place, number / len(entries))
            try:
                original = read(source, entry)
                made = remake(original, lambda step, fraction, place=place: report(f"{place}: {step}", fraction))
            except Exception as error:
                failures.append(f"{entry.filename}: {told(error, 'a photo of a folder', FAILED)}")
                continue
            content, format = made or (original, "")
            name = names.free_name(_safe(entry.filename, format), taken)
            taken.add(names.folded(name))
            target.writestr(name, content)
        if failures:
            target.writestr(FAILURES, "\n".join(failures) + "\n")


def is_hidden(entry: zipfile.ZipInfo) -> bool:
    """Tell whether an entry is a folder, or what systems add to folders and people do not see."""
    return entry.is_dir() or any(part.startswith((".", "__MACOSX")) for part in _parts(entry.filename))


def _parts(path: str) -> list[str]:
    """Split a path within a zip, less what would lead out of it."""
    return [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")] or [""]


def read(source: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read an entry, whatever size it says that it has."""
    try:
        with source.open(entry) as file:
            data = file.read(settings.MAX_FILE_BYTES + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, zlib.error) as error:
        raise UserError("This file is damaged, encrypted or packed in a way that Envo does not know.") from error
    if len(data) > settings.MAX_FILE_BYTES:
        raise UserError(f"This file is larger than {settings.MAX_FILE_BYTES // 2**20} MB, the most that Envo takes.")
    return data


def _safe(path: str, format: str) -> str:
    """Make a path within a zip safe, its last part named as `file_name` does."""
    *folders, name = _parts(path)
    return "/".join([*(names.safe_name(folder) for folder in folders), file_name(names.safe_name(name), format)])
