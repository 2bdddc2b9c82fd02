"""The HTTP routes of mattes: those that were found in a photo, and masks that its owner made."""

from collections.abc import Sequence
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response
from pydantic import Base64Bytes, Field

from envo import edits, masks, photo, settings
from envo.description import Box
from envo.library import Library
from envo.mattes import Mask
from models import cache, layers
from tabs.routes import people
from tabs.web import http
from tabs.work.mattes import MatteJobs
from tabs.work.wish import Wish

MAX_FOLLOWED = settings.MAX_LAYERS * settings.MAX_PARTS
"""People whom one edit may follow."""


class MatteChange(Wish):
    quality: int | None = Field(ge=1, le=4)


class MaskWish(Wish):
    """A mask to keep: its name, its PNG, and the engine that made it."""

    name: str
    mask: Base64Bytes
    engine: str


class NameWish(Wish):
    name: str


def add_routes(api: APIRouter, library: Library, jobs: MatteJobs, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    _matte_routes(api, library, jobs, owner)
    _own_routes(api, library, owner)


def _matte_routes(api: APIRouter, library: Library, jobs: MatteJobs, owner: type[str]) -> None:
    @api.get("/photos/{photo_id}/mattes")
    async def mattes(who: owner, photo_id: str, seen: int = -1, closer: bool = False):
        """The mattes, or how far they are: as soon as there is news that the page has not `seen`.

        `closer` tells that better ones are on their way; who asks for these hears of them when they are there.
        Until they are done, only the masks that the owner made are there. Then it is told, too, where the faces are
        that have mattes of their own, whose they are or may be by the owner's people, and who made the mattes.
        """
        row = await run_sync(library.photo, who, photo_id)
        await run_sync(jobs.request, row)
        progress = jobs.closer_progress if closer else jobs.progress
        now = await http.heard(lambda: http.progress(progress(row)), seen, lambda: jobs.number)
        is_done = closer or now["state"] == "done"
        if is_done and not closer:
            await run_sync(jobs.look_closer, row)
        rows = await run_sync(library.mattes.all, who, photo_id)
        answer = {
            **now,
            "closer": is_done and jobs.closer_progress(row).state in ("waiting", "working"),
            "mattes": [
                _matte(row)
                for row in sorted(rows, key=lambda row: edits.place(row.kind))
                if is_done or edits.is_own(row.kind)
            ],
        }
        if is_done:
            faces = await run_sync(library.mattes.faces, who, photo_id)
            answer["faces"] = faces
            answer["people"] = await run_sync(_people, library, who, photo_id, faces)
            answer["licences"] = layers.licences(next((row.engine for row in rows if row.name is None), ""))
            answer["device"] = await run_sync(cache.device)
        return answer

    @api.get("/photos/{photo_id}/bindings")
    def bindings(who: owner, photo_id: str, person: Annotated[list[str], Query(max_length=MAX_FOLLOWED)]):
        """Where people are among the faces that have mattes, by their ids as edit documents have them.

        `number` is the face's among these, from 1, or None; `sure`: whether its name counts, so that what follows
        the person lies on it.
        """
        bound = library.bindings(who, photo_id, person)
        return {
            asked: {
                "id": each.id,
                "name": each.name,
                "face": each.face and each.face.id,
                "number": None if each.place is None else each.place + 1,
                "sure": each.is_sure,
            }
            for asked, each in bound.items()
        }

    @api.get("/photos/{photo_id}/mattes/{kind}")
    def matte(who: owner, photo_id: str, kind: str):
        """The PNG. A page adds its `version`, for a matte that is made anew is another file."""
        return FileResponse(library.mattes.file(who, photo_id, kind), media_type="image/png", headers=http.KEEP)

    @api.get("/photos/{photo_id}/mattes/{kind}/thumbnail")
    def thumbnail(who: owner, photo_id: str, kind: str):
        """A small picture of a matte; of a part of a face, which may be tiny, only where it lies."""
        alpha = masks.decode_matte(library.mattes.file(who, photo_id, kind).read_bytes())
        if edits.split_kind(kind)[0] in edits.PARTS:
            alpha = masks.crop(alpha)
        small = photo.resize(alpha, settings.MATTE_THUMBNAIL_EDGE)
        return Response(masks.encode_matte(small), media_type="image/png", headers=http.KEEP)

    @api.patch("/photos/{photo_id}/mattes/{kind}", status_code=204)
    def rate(who: owner, photo_id: str, kind: str, change: Annotated[MatteChange, http.body(MatteChange)]) -> None:
        library.mattes.rate(who, photo_id, kind, change.quality)


def _own_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    @api.post("/photos/{photo_id}/own-masks")
    def keep(who: owner, photo_id: str, wish: Annotated[MaskWish, http.body(MaskWish)]):
        """Keep a mask, which then is one of the photo's mattes."""
        row = library.photo(who, photo_id)
        mask = masks.read_matte(wish.mask, row.working_size)
        return _matte(library.mattes.add(who, photo_id, wish.name, masks.encode_matte(mask), wish.engine))

    @api.patch("/photos/{photo_id}/own-masks/{kind}", status_code=204)
    def rename(who: owner, photo_id: str, kind: str, wish: Annotated[NameWish, http.body(NameWish)]) -> None:
        library.mattes.rename(who, photo_id, kind, wish.name)

    @api.delete("/photos/{photo_id}/own-masks/{kind}", status_code=204)
    def delete(who: owner, photo_id: str, kind: str) -> None:
        library.mattes.delete(who, photo_id, kind)

    @api.post("/photos/{photo_id}/own-masks/{kind}/restore", status_code=204)
    def restore(who: owner, photo_id: str, kind: str) -> None:
        library.mattes.restore(who, photo_id, kind)


def _people(library: Library, owner: str, photo_id: str, boxes: Sequence[Box]) -> list[dict[str, Any] | None]:
    """Whose the faces at some places are or may be, as the browser gets it; None for one that nobody looked at."""
    sure = library.gallery.settings(owner).face_sure
    faces = library.people.at(owner, photo_id, boxes)
    return [face and people.for_page(face, sure) for face in faces]


def _matte(mask: Mask) -> dict[str, Any]:
    """A matte as the browser gets it."""
    name, face = edits.split_kind(mask.kind)
    return {
        "kind": mask.kind,
        "label": edits.KINDS[name] if mask.name is None else mask.name,
        "own": mask.name is not None,
        "face": face,
        "version": mask.sha256[:16],
        "engine": mask.engine,
        "seconds": mask.seconds,
        "quality": mask.quality,
    }
