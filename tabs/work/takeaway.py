"""Files that photos leave in, as they came or with their edits, and with all that is said of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from envo import edits, export, memory, names, photo, takeaway
from envo.description import Description, Written
from envo.export import Exported
from envo.library import Library
from envo.library import Photo as PhotoRow
from envo.takeaway import Item

QUALITY = 95
"""Of JPEG and WebP files that edits are rendered into."""


@dataclass(frozen=True)
class Take:
    """What an owner wishes to take away."""

    owner: str
    photo_ids: Sequence[str]
    edited: bool
    kind: str


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
