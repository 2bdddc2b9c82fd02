"""The HTTP routes of faces and people: who they are, how alike, and what the visitor says of that."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse
from pydantic import Field

from envo.errors import NotFound, UserError
from envo.library import Library
from envo.people import Face, NameTaken
from envo.settings import MAX_SELECTED
from models import faces
from tabs.web import http
from tabs.work.people import Group, Naming
from tabs.work.wish import Wish

SHOWN = 12
"""Faces that show what a group is like."""


class FacesWish(Wish):
    """What a visitor says of faces, one thing at a time."""

    faces: list[str] = Field([], max_length=MAX_SELECTED)
    group: str | None = None
    """Key of a group; all of it instead of `faces`."""
    name: str | None = None
    confirm: bool = False
    refuse: bool = False
    ignore: bool = False
    forget: bool = False


class NameWish(Wish):
    name: str


class MergeWish(Wish):
    into: str


def add_routes(api: APIRouter, library: Library, naming: Naming, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    _list_routes(api, library, naming, owner)
    _face_routes(api, library, naming, owner)
    _person_routes(api, library, naming, owner)


def for_page(face: Face, sure: float) -> dict[str, Any]:
    """A face as the browser gets it, where names count from the confidence `sure` on."""
    return {
        "id": face.id,
        "photo": face.photo_id,
        "photoName": face.photo_name,
        "box": face.box,
        "sure": face.sure,
        "state": face.state,
        "person": face.person_id,
        "name": face.name,
        "confidence": face.confidence,
        "known": face.is_known(sure),
    }


def _list_routes(api: APIRouter, library: Library, naming: Naming, owner: type[str]) -> None:
    people = library.people

    @api.get("/gallery/people")
    def everybody(who: owner):
        """All people, the groups of faces that nobody has, and how many are like no other, or ignored."""
        progress, engine = naming.progress(who), faces.auto()
        now = people.everybody(who)
        groups, alone = naming.groups(who, now.unknown)
        if progress.state != "working":  # else this may be older than what has ended since
            progress = naming.progress(who)
        return {
            "people": [
                {
                    "id": person.id,
                    "name": person.name,
                    "named": person.named,
                    "found": person.found,
                    "unsure": person.unsure,
                    "cover": person.cover,
                }
                for person in now.people
            ],
            "groups": [{"key": group.key, "faces": group.faces[:SHOWN], "count": len(group.faces)} for group in groups],
            "alone": len(alone),
            "ignored": len(now.ignored),
            "state": {"state": progress.state, "step": progress.step},
            "engine": {"name": engine.name, "label": engine.label},
        }

    @api.get("/gallery/groups/{key}/faces")
    def of_group(who: owner, key: str, offset: http.Offset = 0, limit: http.Limit = 200):
        return page(who, _group(library, naming, who, key).faces, offset, limit)

    @api.get("/gallery/loose")
    def loose(who: owner, kind: Literal["alone", "ignored"], offset: http.Offset = 0, limit: http.Limit = 200):
        """The faces that are like no other, or ignored."""
        now = people.everybody(who)
        ids = now.ignored if kind == "ignored" else naming.groups(who, now.unknown)[1]
        return page(who, ids, offset, limit)

    def page(who: str, ids: Sequence[str], offset: int, limit: int) -> dict[str, Any]:
        sure = library.gallery.settings(who).face_sure
        shown = people.faces(who, ids[offset : offset + limit])
        return {"faces": [for_page(face, sure) for face in shown], "count": len(ids)}


def _face_routes(api: APIRouter, library: Library, naming: Naming, owner: type[str]) -> None:
    people = library.people

    @api.get("/gallery/faces/{face_id}/crop")
    @http.heavy
    def crop(who: owner, face_id: str):
        return FileResponse(people.crop(who, face_id), media_type="image/webp", headers=http.KEEP)

    @api.post("/gallery/faces")
    def say(who: owner, wish: Annotated[FacesWish, http.body(FacesWish)]):
        """Say of faces who they are, or that they are whom they may be, are not, are ignored; or take that back."""
        said = [word for word in ("confirm", "refuse", "ignore", "forget") if getattr(wish, word)]
        if len(said) + (wish.name is not None) != 1:
            raise UserError("Say one thing of these faces: a name, confirm, refuse, ignore or forget.")
        if bool(wish.faces) == (wish.group is not None):
            raise UserError("Choose faces, or a group of them.")
        ids = wish.faces or _group(library, naming, who, wish.group).faces
        if wish.name is not None:
            person, changed = people.name(who, ids, wish.name)
        else:
            person, changed = None, getattr(people, said[0])(who, ids)
        if said == ["confirm"]:
            confirmed = {face.person_id for face in people.faces(who, ids)}
            person = confirmed.pop() if len(confirmed) == 1 else None
        naming.changed(who)
        return {"person": person, "changed": changed}


def _person_routes(api: APIRouter, library: Library, naming: Naming, owner: type[str]) -> None:
    people = library.people

    @api.get("/gallery/people/{person_id}/faces")
    def of_person(
        who: owner,
        person_id: str,
        order: Literal["sure", "unsure"] = "sure",
        offset: http.Offset = 0,
        limit: http.Limit = 200,
    ):
        """The faces that are a person's or may be: those named come first, or last."""
        sure = library.gallery.settings(who).face_sure
        shown, count = people.of_person(who, person_id, order == "unsure", offset, limit)
        return {"faces": [for_page(face, sure) for face in shown], "count": count}

    @api.get("/gallery/people/{person_id}/split")
    def split(who: owner, person_id: str):
        """The person's faces by likeness: to name one group otherwise splits the person."""
        return {"groups": [{"faces": ids, "count": len(ids)} for ids in naming.split(who, person_id)]}

    @api.patch("/gallery/people/{person_id}")
    def rename(who: owner, person_id: str, wish: Annotated[NameWish, http.body(NameWish)]):
        try:
            name = people.rename(who, person_id, wish.name)
        except NameTaken as taken:
            return JSONResponse({"error": str(taken), "person": taken.person_id}, 409)
        naming.changed(who)
        return {"person": person_id, "name": name}

    @api.post("/gallery/people/{person_id}/merge")
    def merge(who: owner, person_id: str, wish: Annotated[MergeWish, http.body(MergeWish)]):
        changed = people.merge(who, person_id, wish.into)
        naming.changed(who)
        return {"person": wish.into, "changed": changed}

    @api.delete("/gallery/people/{person_id}")
    def delete(who: owner, person_id: str):
        changed = people.delete(who, person_id)
        naming.changed(who)
        return {"person": None, "changed": changed}


def _group(library: Library, naming: Naming, owner: str, key: str) -> Group:
    groups, _ = naming.groups(owner, library.people.everybody(owner).unknown)
    # One whose first face was grouped otherwise since is known by another key now.
    found = next((group for group in groups if group.key == key), None)
    found = found or next((group for group in groups if key in group.faces), None)
    if found is None:
        raise NotFound("This group is not there any more; its faces were named or grouped anew.")
    return found
