"""Photos to take away with all that is said of them: as a zip that is made while it is sent, as CSV, as JSON."""

import csv
import io
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from zipstream import ZipStream

from envo import description, names
from envo.description import LEVEL, Description, Written
from envo.errors import UserError
from envo.file import PhotoFile
from envo.gallery import Tag

_log = logging.getLogger(__name__)

NOTES = "notes.txt"
"""In a zip, says which photos are missing or could not be written into, and why; not there where all is well."""

_COLUMNS = ("name", "original name", "title", "rating", "tags", "confidences", "origins", "people")
_BETWEEN = "; "
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r|%])")
"""Where a spreadsheet would take what follows for a formula, full-width signs among them; some split cells at ";"."""


@dataclass(frozen=True)
class Item:
    """A photo to take away.

    name: of its file, with folders before it or not. load: makes the file, when its turn comes, and gives it with its
    name, which may have another ending; may raise whatever goes wrong.
    """

    name: str
    load: Callable[[], tuple[str, Written]]


def as_it_came(file: PhotoFile, said: Description) -> Written:
    """Write what is said of a photo into its file, or beside it; one that cannot be written into is as it came."""
    try:
        return description.write(file, said)
    except UserError as error:
        return Written(file.data, "", file.sidecar, [str(error)])
    except Exception:  # what is damaged fails in many ways, and the photo itself is there
        _log.exception("writing what is said of a photo")
        return Written(file.data, "", file.sidecar, ["Its tags could not be written into it; it is as it came."])


def archive(items: Iterable[Item]) -> Iterator[bytes]:
    """Make a zip, piece by piece: each photo with what is said of it written in, or in an .xmp file beside it.

    One photo at a time is in memory. One that cannot be had does not end the others: `NOTES` tells.
    """
    stream, taken, notes = ZipStream(), {NOTES}, []
    for item in items:
        try:
            name, written = item.load()
        except Exception as error:
            notes.append(f"{item.name}: {_why(error)} It is not here.")
            continue
        name = _take(name, taken)
        stream.add(written.data, name)
        if written.sidecar:
            stream.add(written.sidecar, _take_sidecar(name, written.format, taken))
        notes += (f"{name}: {note}" for note in written.notes)
        yield from stream.all_files()
    if notes:
        stream.add("\n".join([*notes, ""]).encode(), NOTES)
    yield from stream.finalize()


def _why(error: Exception) -> str:
    """Tell why a photo cannot be had; what nobody foresaw is logged."""
    if isinstance(error, UserError):
        return str(error)
    if not isinstance(error, OSError):
        _log.error("taking a photo away", exc_info=error)
    return "It could not be read."


@dataclass(frozen=True)
class Said:
    """What is said of a photo, and who says so of its tags."""

    name: str
    said: Description
    tags: Sequence[Tag] = ()


def as_csv(described: Iterable[Said]) -> bytes:
    """Tabulate what is said of photos: a row each, UTF-8, several values in a cell with "; " between them.

    Confidences, 0 to 1, and origins are in the order of the tags.
    """
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(_COLUMNS)
    for each in described:
        said, people = each.said, _BETWEEN.join(each.said.people or ())
        tags = _BETWEEN.join(_path(tag) for tag in each.tags)
        confidences = _BETWEEN.join(f"{tag.confidence:.3f}" for tag in each.tags)
        origins = _BETWEEN.join(tag.origin for tag in each.tags)
        about = (each.name, said.original_name or "", said.title or "", said.rating or 0)
        cells = (*about, tags, confidences, origins, people)
        table.writerow(_harmless(cell) for cell in cells)
    # Excel takes a file without this mark for the system's own encoding.
    return file.getvalue().encode("utf-8-sig")


def as_json(described: Iterable[Said]) -> bytes:
    """List all that is said of photos: objects with their "name" and the fields of `Description`; null is unsaid.

    Their "tags" are objects with the fields of `Tag`.
    """
    listed = [
        {"name": each.name, **asdict(each.said), "tags": [asdict(tag) for tag in each.tags]} for each in described
    ]
    return json.dumps(listed, ensure_ascii=False).encode()


def _path(tag: Tag) -> str:
    return LEVEL.join((*tag.parents, tag.word))


def _take(name: str, taken: set[str]) -> str:
    """Find a name that differs from all that are taken, and take it."""
    free = names.free_name(name, taken)
    taken.add(names.folded(free))
    return free


def _take_sidecar(name: str, format: str, taken: set[str]) -> str:
    """Name an .xmp file as other programs look for it: "a.xmp" of a RAW, "a.heic.xmp" of what has no place for XMP."""
    of_raw = str(PurePosixPath(name).with_suffix(".xmp"))
    beside = of_raw if format == "RAW" and names.folded(of_raw) not in taken else f"{name}.xmp"
    # Only if it must be does it get another name than its photo's.
    if names.folded(beside) in taken:
        return _take(beside, taken)
    taken.add(names.folded(beside))
    return beside


def _harmless(cell: str | int) -> str | int:
    """Keep a spreadsheet from taking a text, or what stands in it behind ";", for a formula."""
    return _FORMULA.sub(r"\1\2'", cell) if isinstance(cell, str) else cell
