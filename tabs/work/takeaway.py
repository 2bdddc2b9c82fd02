"""Files that photos leave the gallery in, as they came or with their edits, and with all that is said of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from envo import database, edits, names, takeaway
from envo.cube import Lut
from envo.description import Description, Written
from envo.exportsettings import DEPTHS, ExportSettings
from envo.library import Library
from envo.library import Photo as PhotoRow
from envo.takeaway import Item
from tabs.work import exports

QUALITY = 95
"""Of what is lossy, such as JPEG, that edits are rendered into."""


@dataclass(frozen=True)
class Take:
    """What an owner wishes to take away."""

    owner: str
    photo_ids: Sequence[str]
    edited: bool
    kind: str


def items(library: Library, wanted: Take) -> Iterator[Item]:
    """Give what goes into a zip."""
    for row, said, _ in library.described(wanted.owner, wanted.photo_ids):
        yield Item(row.name, partial(_file, library, row, said, wanted.edited))


def everything(library: Library, owner: str) -> Iterator[Item]:
    """Give all that is an owner's: files as they came, what was made of them, and the library's tables as JSON.

    The tables tell what is where: of each photo its name in the zip is that of the library.
    """
    named = {}
    for folder, is_trash in (("photos", False), ("trash", True)):
        for row in library.photos(owner, trash=is_trash)[0]:
            named[row.id] = names.stem(row.name)
            yield Item(f"{folder}/{row.name}", partial(_original, library, row, folder))
    for mask in library.everything.rows(owner, database.own_mask):
        name = f"masks/{named.get(mask.photo_id, mask.photo_id)}/{names.safe_name(mask.name)}.png"
        yield Item(name, partial(_copied, name, library.mattes.file, owner, mask.photo_id, mask.kind))
    for result in library.everything.rows(owner, database.result):
        name = f"results/{named.get(result.photo_id, result.photo_id)}/{result.action}.png"
        yield Item(name, partial(_copied, name, library.results.file, owner, result.photo_id, result.id))
    for mark in library.watermarks.all(owner):
        name = f"watermarks/{names.safe_name(mark.name)}.png"
        yield Item(name, partial(_copied, name, library.watermarks.file, owner, mark.id))
    for lut in library.luts.all(owner):
        name = f"luts/{names.safe_name(lut.name)}.cube"
        yield Item(name, partial(_lut, name, library, owner, lut.id))
    for table, data in library.everything.tables(owner):
        yield Item(f"library/{table}.json", partial(_written, f"library/{table}.json", data))


def _original(library: Library, row: PhotoRow, folder: str) -> tuple[str, Written]:
    data = library.original(row.owner, row.id).read_bytes()
    return f"{folder}/{row.name}", Written(data, row.format, library.sidecar(row.owner, row.id), [])


def _copied(name: str, find: Callable[..., Path], *which: str) -> tuple[str, Written]:
    return _written(name, find(*which).read_bytes())


def _lut(name: str, library: Library, owner: str, lut_id: str) -> tuple[str, Written]:
    return _written(name, Lut.load(library.luts.dump(owner, lut_id)).cube())


def _written(name: str, data: bytes) -> tuple[str, Written]:
    return name, Written(data, "", None, [])


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
    format = row.format if row.format in DEPTHS else "JPEG"
    depth = min(max(DEPTHS[format]), 16 if row.bit_depth > 8 else 8)
    made = exports.edited(library, row, ExportSettings(format=format, depth=depth, quality=QUALITY), document)
    name = row.name if row.format == format else names.download_name(row.name, format)
    return name, Written(made.data, made.format, None, made.notes)
