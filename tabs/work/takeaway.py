"""Files that photos leave the gallery in, as they came or with their edits, and with all that is said of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from envo import edits, names, takeaway
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
