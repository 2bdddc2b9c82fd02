"""The HTTP routes by which photos leave the gallery: all that were chosen as one zip, and what is said of them."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import Field

from envo import edits, export, masks, memory, names, photo, takeaway
from envo.description import Description, Written
from envo.errors import NotFound, UserError
from envo.export import Exported
from envo.finding import Finder, Wish
from envo.gallery import MAX_SELECTED
from envo.library import Library
from envo.library import Photo as PhotoRow
from envo.takeaway import Item, Said
from tabs import http
from tabs.recent import Recent

REMEMBERED = 500_000
"""Photos of the wishes that can still be had; the oldest are forgotten first."""
QUALITY = 95
"""Of JPEG and WebP files that edits are rendered into."""
TYPES = {"zip": "application/zip", "csv": "text/csv; charset=utf-8", "json": "application/json"}


class TakeWish(http.Wish):
    """What a visitor wants to take away: some photos, or all of them."""

    photos: list[str] = Field(default_factory=list, max_length=MAX_SELECTED)
    all: bool = False
    how: Literal["edited", "original"] = Field("edited", alias="as")
    kind: Literal["zip", "csv", "json"] = "zip"


@dataclass(frozen=True)
class _Take:
    """A wish of an owner's."""

    owner: str
    photo_ids: Sequence[str]
    edited: bool
    kind: str


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    wishes: Recent[_Take] = Recent(REMEMBERED, lambda take: len(take.photo_ids))

    @api.post("/gallery/takeaway")
    def wish(who: owner, wish: Annotated[TakeWish, http.body(TakeWish)]):
        """Where a browser finds the file."""
        ids = Finder(library).ids(who, Wish()) if wish.all else [library.present(who, id).id for id in wish.photos]
        if not ids:
            raise UserError("Choose at least one photo to take away.")
        token = secrets.token_urlsafe(16)
        wishes.put(token, _Take(who, ids, wish.how == "edited", wish.kind))
        return {"path": f"gallery/takeaway/{token}"}

    @api.get("/gallery/takeaway/{token}")
    def take(who: owner, token: str):
        """The file, which is made while it is sent."""
        wanted = wishes.get(token)
        if wanted is None or wanted.owner != who:
            raise NotFound("This download is not known any more; please ask for it once more.")
        if wanted.kind == "zip":
            content: Iterator[bytes] = takeaway.archive(_items(library, wanted))
        else:
            said = [Said(row.name, said, tags) for row, said, tags in library.described(who, wanted.photo_ids)]
            content = iter([takeaway.as_csv(said) if wanted.kind == "csv" else takeaway.as_json(said)])
        headers = {
            "Content-Disposition": f'attachment; filename="photos.{wanted.kind}"',
            "Cache-Control": "no-store",
        }
        return StreamingResponse(http.made_in_line(content), media_type=TYPES[wanted.kind], headers=headers)


def edited(
    library: Library, owner: str, photo_id: str, document: edits.EditDocument, format: str, quality: int
) -> Exported:
    """Render a photo with an edit at full size, with all that its file and its owner say of it."""
    alphas = {
        mask.kind: masks.decode_matte(library.mask_file(owner, photo_id, mask.kind).read_bytes())
        for mask in library.masks(owner, photo_id)
        if mask.kind in document.kinds
    }
    original, sidecar = library.original(owner, photo_id).read_bytes(), library.sidecar(owner, photo_id)
    said = library.said_now(owner, photo_id)
    with memory.PHOTOS:
        return export.edited(original, document, alphas, format, quality, said, sidecar)


def _items(library: Library, wanted: _Take) -> Iterator[Item]:
    for row, said, _ in library.described(wanted.owner, wanted.photo_ids):
        yield Item(row.name, partial(_file, library, wanted, row, said))


def _file(library: Library, wanted: _Take, row: PhotoRow, said: Description) -> tuple[str, Written]:
    """Make the file of a photo, as edited or as it came, and name it."""
    stored = library.edit(wanted.owner, row.id).document if wanted.edited else None
    document = edits.parse(stored) if stored else None
    if document is None or not any(layer.adjustments for layer in document.layers):
        data = library.original(wanted.owner, row.id).read_bytes()
        return row.name, takeaway.as_it_came(data, said, library.sidecar(wanted.owner, row.id))
    format = row.format if row.format in photo.EXTENSIONS else "JPEG"
    made = edited(library, wanted.owner, row.id, document, format, QUALITY)
    name = row.name if row.format == format else names.download_name(row.name, format)
    return name, Written(made.data, made.format, None, made.notes)
