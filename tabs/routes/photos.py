"""The HTTP routes of photos: the library's, their files, and the examples."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import Field

from envo import worked
from envo.errors import NotFound
from envo.finding import Finder
from envo.library import Library
from models import inpaint
from tabs.web import http
from tabs.work.mattes import MatteJobs
from tabs.work.wish import Wish

EXAMPLES = Path(__file__).parents[2] / "examples"


class PhotoChange(Wish):
    name: str | None = None
    rating: int | None = Field(None, ge=0, le=5)


def add_routes(
    api: APIRouter, library: Library, jobs: MatteJobs, came: Callable[[str], None], owner: type[str]
) -> None:
    """Add all of them to the routes of the app. came: is told the owner of a photo that came."""
    finder = Finder(library)

    def add(who: str, name: str, data: bytes, layers: bool = True):
        row, added = library.add(who, name, data)
        if layers:
            jobs.request(row, is_ahead=True)
        came(who)
        like = [{"id": other.id, "name": other.name} for other in finder.looks_like(who, row.id)] if added else []
        return {"photo": http.photo(row), "added": added, "like": like, "room": library.visits.warning(who)}

    _library_routes(api, library, add, owner)
    _example_routes(api, add, owner)
    _file_routes(api, library, owner)


def _library_routes(api: APIRouter, library: Library, add: Callable[..., dict[str, Any]], owner: type[str]) -> None:
    @api.get("/photos")
    def photos(who: owner, offset: http.Offset = 0, limit: http.Limit = 200, trash: bool = False):
        rows, count = library.photos(who, offset, limit, trash)
        return {"photos": [http.photo(row) for row in rows], "count": count}

    @api.post("/photos")
    async def upload(who: owner, request: Request, name: http.Name, layers: bool = True):
        """Keep a photo, and tell which others look the same; `room`: that there is little left, or "".

        layers: whether they are made before it is opened.
        """
        async with http.brought(request) as read:
            return await http.while_asked(request, who, lambda check: add(who, name, read(), layers))

    @api.get("/photos/{photo_id}")
    def one(who: owner, photo_id: str):
        return http.photo(library.present(who, photo_id))

    @api.patch("/photos/{photo_id}")
    def change(who: owner, photo_id: str, change: Annotated[PhotoChange, http.body(PhotoChange)]):
        if change.name is not None:
            library.rename(who, photo_id, change.name)
        if change.rating is not None:
            library.rate(who, photo_id, change.rating)
        return http.photo(library.photo(who, photo_id))

    @api.delete("/photos/{photo_id}", status_code=204)
    def delete(who: owner, photo_id: str) -> None:
        library.delete(who, photo_id)

    @api.post("/photos/{photo_id}/restore")
    def restore(who: owner, photo_id: str):
        return http.photo(library.restore(who, photo_id))


def _example_routes(api: APIRouter, add: Callable[..., dict[str, Any]], owner: type[str]) -> None:
    @api.get("/examples")
    def examples(old: bool = False) -> list[str]:
        """Names of the example photos; `old`: with those that need to be restored, first."""
        return list(files(old))

    @api.get("/examples/{name}")
    def example(name: str):
        return FileResponse(example_file(name))

    @api.post("/examples/{name}")
    @http.heavy
    def add_example(who: owner, name: str):
        return add(who, name, example_file(name).read_bytes())

    def example_file(name: str) -> Path:
        if not (path := files(old=True).get(name)):
            raise NotFound("There is no such example.")
        return path

    def files(old: bool) -> dict[str, Path]:
        folders = [EXAMPLES / "old", EXAMPLES] if old else [EXAMPLES]
        return {path.name: path for folder in folders for path in sorted(folder.glob("*.jpg"))}

    @api.get("/worked-examples")
    def worked_examples():
        """What the Replace tab shows done, by a click, with what is here; the masks are small enough to come along."""
        able = {"erase": inpaint.ERASE, "replace": inpaint.REPLACE}
        here = [
            example
            for example in worked.examples()
            if example.action not in able or any(engine.available() for engine in able[example.action].values())
        ]
        return {"examples": [_worked(example) for example in here]}


def _file_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    @api.get("/photos/{photo_id}/original")
    def original(who: owner, photo_id: str):
        path, name = library.original(who, photo_id), library.photo(who, photo_id).name
        return FileResponse(path, media_type="application/octet-stream", filename=name, headers=http.KEEP)


def _worked(example: worked.Example) -> dict[str, Any]:
    """A worked example as the browser gets it, in the words of an action's wish."""
    wish = {"prompt": example.prompt, "negative": example.negative, "seed": example.seed}
    return {
        "name": example.name,
        "label": example.label,
        "photo": example.photo,
        "mask": base64.b64encode(example.mask).decode(),
        "action": example.action,
        "invert": example.invert,
        "grow": 0,
        "settings": wish if example.action == "replace" else example.settings,
        **wish,
    }
