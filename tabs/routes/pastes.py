"""The HTTP routes of copied edits: what is copied of one, and pasted into the edit of one photo, or of many."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from envo import copies, edits
from envo.copies import Choice
from envo.edits import Layer, Matte
from envo.library import Library
from envo.settings import MAX_SELECTED
from tabs.web import http
from tabs.work.pastes import Pasting
from tabs.work.wish import Wish


class CopyWish(Wish):
    """What is to be copied of an edit document."""

    document: dict[str, Any]
    choice: Choice = Choice()


class PartsWish(Wish):
    """An edit document of which is asked what can be copied; none: the one that is saved."""

    document: dict[str, Any] | None = None


class PastedWish(Wish):
    """An edit document of a photo, as a page has it, and what is to be pasted into it."""

    document: dict[str, Any]
    copied: dict[str, Any] = Field(alias="copy")


class PasteWish(Wish):
    """What is to be pasted on which photos; where that is nothing, their edits are reset."""

    photos: list[str] = Field(min_length=1, max_length=MAX_SELECTED)
    copied: dict[str, Any] | None = Field(alias="copy")
    what: Literal["paste", "sync", "preset", "reset"] = "paste"


def add_routes(api: APIRouter, library: Library, pasting: Pasting, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    _copy_routes(api, library, owner)
    _paste_routes(api, library, pasting, owner)


def _copy_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    @api.post("/photos/{photo_id}/parts")
    def parts(who: owner, photo_id: str, wish: Annotated[PartsWish, http.body(PartsWish)]):
        """The document, and what can be copied of it, by the names that a page shows."""
        data = wish.document or library.edit(who, photo_id).document
        document = edits.parse(data) if data else edits.UNTOUCHED
        own = {mask.kind: mask.name for mask in library.mattes.all(who, photo_id) if mask.name is not None}
        people = library.people.names(who, {matte.person for matte in document.mattes if matte.person})
        used = copies.used(document)
        return {
            "document": document.dump(),
            "groups": [{"name": group, "used": group in used} for group in copies.GROUPS],
            "geometry": document.geometry.model_copy(update={"turns": 0, "flip": False}).shows,
            "development": document.development.shows if library.photo(who, photo_id).format == "RAW" else None,
            "turns": bool(document.geometry.turns or document.geometry.flip),
            "lens": document.lens.shows,
            "layers": [_layer(layer, own, people) for layer in document.layers[1:]],
        }

    @api.post("/copies")
    def copy(who: owner, wish: Annotated[CopyWish, http.body(CopyWish)]):
        return {"copy": copies.taken(edits.parse(wish.document), wish.choice).dump()}

    @api.post("/photos/{photo_id}/pasted")
    def pasted(who: owner, photo_id: str, wish: Annotated[PastedWish, http.body(PastedWish)]):
        """The document with the copy in it, which is not saved yet; and what there is to be told."""
        row, copied = library.photo(who, photo_id), copies.parse(wish.copied)
        mattes = library.mattes.all(who, photo_id)
        own = [mask.kind for mask in mattes if mask.name is not None]
        made = copies.pasted(edits.parse(wish.document), copied, (row.width, row.height), own, row.format == "RAW")
        is_known = library.mattes.made(row.sha256)
        lacking = copied.kinds - {mask.kind for mask in mattes} if is_known else set()
        return {
            "document": made.document.dump(),
            "left": list(made.left),
            "lacking": [copies.label(kind) for kind in sorted(lacking, key=edits.place)],
        }


def _paste_routes(api: APIRouter, library: Library, pasting: Pasting, owner: type[str]) -> None:
    @api.post("/pastes", status_code=202)
    def paste(who: owner, wish: Annotated[PasteWish, http.body(PasteWish)]):
        copied = None if wish.copied is None else copies.parse(wish.copied)
        begun = library.pastes.add(who, wish.photos, copied, wish.what)
        pasting.wake()
        return {"paste": begun.id}

    @api.get("/pastes")
    def all_pastes(who: owner):
        """Those that can be taken back, or are under way."""
        return {
            "pastes": [{"paste": each.id, "what": each.what, "state": each.state} for each in library.pastes.all(who)]
        }

    @api.get("/pastes/{paste_id}")
    async def news(who: owner, paste_id: str, seen: int = -1):
        """How far a paste is, as soon as there is news that the page has not `seen`."""
        return await http.heard(lambda: pasting.progress(who, paste_id), seen, lambda: pasting.number(paste_id))

    @api.delete("/pastes/{paste_id}", status_code=204)
    def cancel(who: owner, paste_id: str) -> None:
        """Give up what is still to come; what is done stays."""
        library.pastes.cancel(who, paste_id)
        pasting.wake()

    @api.post("/pastes/{paste_id}/undo")
    def undo(who: owner, paste_id: str):
        """Give the photos the edits back that they had, but for those that were changed since."""
        return pasting.exchange(who, paste_id, is_back=True)

    @api.post("/pastes/{paste_id}/redo")
    def redo(who: owner, paste_id: str):
        return pasting.exchange(who, paste_id, is_back=False)


def _layer(layer: Layer, own: Mapping[str, str], people: Mapping[str, str]) -> dict[str, Any]:
    """A layer as the browser gets it, to be copied or not.

    own: the names of the masks of the photo's owner. people: the names of those whom layers follow, by their ids.
    """

    def named(matte: Matte) -> str:
        if edits.is_own(matte.kind):
            return own.get(matte.kind, "Mask")
        follows = f" · {people.get(matte.person, 'Somebody')}" if matte.person else ""
        return copies.label(matte.kind) + follows

    mattes = layer.mask.mattes
    name = layer.name or next(map(named, mattes), "Mask")
    return {"id": layer.id, "name": name, "own": any(edits.is_own(matte.kind) for matte in mattes)}
