"""The HTTP routes by which photos leave the gallery: as they are in one zip, and what is said of them."""

import secrets
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import Field

from envo import finding, takeaway
from envo.errors import NotFound, UserError
from envo.finding import Finder
from envo.library import Library
from envo.settings import MAX_SELECTED
from envo.takeaway import Said
from tabs.web import http
from tabs.work.recent import Recent
from tabs.work.takeaway import Take, items
from tabs.work.wish import Wish

REMEMBERED = 500_000
"""Photos of the wishes that can still be had; the oldest are forgotten first."""
TYPES = {"zip": "application/zip", "csv": "text/csv; charset=utf-8", "json": "application/json"}


class TakeWish(Wish):
    """What a visitor wants to take away: some photos, or all of them."""

    photos: list[str] = Field(default_factory=list, max_length=MAX_SELECTED)
    all: bool = False
    how: Literal["edited", "original"] = Field("edited", alias="as")
    kind: Literal["zip", "csv", "json"] = "zip"


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    wishes: Recent[Take] = Recent(REMEMBERED, lambda take: len(take.photo_ids))

    @api.post("/gallery/takeaway")
    def wish(who: owner, wish: Annotated[TakeWish, http.body(TakeWish)]):
        """Where a browser finds the file."""
        if wish.all:
            ids = Finder(library).ids(who, finding.Wish())
        else:
            ids = [library.present(who, photo_id).id for photo_id in wish.photos]
        if not ids:
            raise UserError("Choose at least one photo to download.")
        token = secrets.token_urlsafe(16)
        wishes.put(token, Take(who, ids, wish.how == "edited", wish.kind))
        return {"path": f"gallery/takeaway/{token}"}

    @api.get("/gallery/takeaway/{token}")
    def take(who: owner, token: str):
        """The file, which is made while it is sent."""
        wanted = wishes.get(token)
        if wanted is None or wanted.owner != who:
            raise NotFound("This download is not known any more; please ask for it once more.")
        if wanted.kind == "zip":
            content: Iterator[bytes] = takeaway.archive(items(library, wanted))
        else:
            said = [Said(row.name, said, tags) for row, said, tags in library.described(who, wanted.photo_ids)]
            content = iter([takeaway.as_csv(said) if wanted.kind == "csv" else takeaway.as_json(said)])
        headers = {
            "Content-Disposition": f'attachment; filename="photos.{wanted.kind}"',
            "Cache-Control": "no-store",
        }
        return StreamingResponse(http.made_in_line(who, content), media_type=TYPES[wanted.kind], headers=headers)
