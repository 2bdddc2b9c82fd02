"""The HTTP routes of edits: what was done to a photo, kept, copied, and rendered into a file."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from envo import edits
from envo.library import Library
from tabs.web import http
from tabs.work import takeaway
from tabs.work.wish import Wish


class EditWrite(Wish):
    """An edit document, and what it stands on: see `Library.save_edit`."""

    document: dict[str, Any]
    base: int = Field(ge=0, lt=2**31)
    writer: str = Field(min_length=8, max_length=40)
    seq: int = Field(ge=1, lt=2**31)


def add_routes(api: APIRouter, library: Library, saved: Callable[[str, str], None], owner: type[str]) -> None:
    """Add all of them to the routes of the app. saved: is told the owner and the photo of an edit that was saved."""

    @api.get("/photos/{photo_id}/edit")
    def edit(who: owner, photo_id: str):
        stored = library.edit(who, photo_id)
        # What an older Envo stored has not all that a page looks for.
        document = stored.document and edits.parse(stored.document).dump()
        return {"version": stored.version, "document": document}

    @api.post("/photos/{photo_id}/edit")
    def save(who: owner, photo_id: str, write: Annotated[EditWrite, http.body(EditWrite)]):
        """The version that the next write stands on, and that by which the photo is shown; see `http.photo`."""
        document = edits.parse(write.document).dump()
        version = library.save_edit(who, photo_id, document, write.base, write.writer, write.seq)
        saved(who, photo_id)
        return {"version": version, "edit": library.photo(who, photo_id).edit}

    @api.get("/photos/{photo_id}/edited")
    @http.heavy
    def as_edited(who: owner, photo_id: str):
        """The photo as a file, as what is saved of its edit shows it, with all that is said of it."""
        name, made = takeaway.one(library, who, photo_id)
        return http.download(made.data, "application/octet-stream", name, made.notes)

    @api.post("/photos/{photo_id}/copy")
    def copy(who: owner, photo_id: str, write: Annotated[EditWrite, http.body(EditWrite)]):
        """A copy of the photo with an edit of its own: how a window keeps its work beside another window's."""
        document = edits.parse(write.document).dump()
        row = library.copy(who, photo_id)
        library.save_edit(who, row.id, document, 0, write.writer, write.seq)
        saved(who, row.id)
        return http.photo(library.photo(who, row.id))
