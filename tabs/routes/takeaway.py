"""The HTTP routes by which photos leave the gallery: as they are in one zip, rendered, and what is said of them."""

import secrets
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import Field

from envo import finding, takeaway
from envo.errors import NotFound, UserError
from envo.finding import Finder
from envo.library import Library
from envo.settings import MAX_SELECTED
from envo.takeaway import Said
from tabs.web import http
from tabs.work.recent import Recent
from tabs.work.takeaway import Packing, PackJob, RenderWish, Take, items
from tabs.work.wish import Wish

REMEMBERED = 500_000
"""Photos of the wishes that can still be had; the oldest are forgotten first."""
ZIP_NAME = "photos.zip"
TYPES = {"zip": "application/zip", "csv": "text/csv; charset=utf-8", "json": "application/json"}


class TakeWish(Wish):
    """What a visitor wants to take away: some photos, or all of them."""

    photos: list[str] = Field(default_factory=list, max_length=MAX_SELECTED)
    all: bool = False
    how: Literal["edited", "original"] = Field("edited", alias="as")
    kind: Literal["zip", "csv", "json"] = "zip"


def add_routes(api: APIRouter, library: Library, packing: Packing, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    _take_routes(api, library, owner)
    _render_routes(api, packing, owner)


def _take_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
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
        return StreamingResponse(http.made_in_line(content), media_type=TYPES[wanted.kind], headers=headers)


def _render_routes(api: APIRouter, packing: Packing, owner: type[str]) -> None:
    jobs = packing.jobs

    @api.post("/gallery/renders", status_code=202)
    def start(who: owner, wish: Annotated[RenderWish, http.body(RenderWish)]):
        return {"batch": packing.ask(who, wish)}

    @api.get("/gallery/renders")
    def all_renders(who: owner):
        """Those that are under way, and those that ended a while ago."""
        return {"batches": [_render(job) for job in jobs.all(who)]}

    @api.get("/gallery/renders/{job}")
    async def news(who: owner, job: str, seen: int = -1):
        """How far a rendering is, as soon as there is news that the page has not `seen`."""
        queue = jobs.find(who, None, job).queue
        return await http.heard(lambda: _render(jobs.find(who, None, job)), seen, lambda: queue.number)

    @api.delete("/gallery/renders/{job}", status_code=204)
    def cancel(who: owner, job: str) -> None:
        packing.cancel(who, job)

    @api.get("/gallery/renders/{job}/zip")
    def zipped(who: owner, job: str):
        return FileResponse(packing.file(who, job), media_type=TYPES["zip"], filename=ZIP_NAME, headers=http.PASSING)


def _render(job: PackJob) -> dict[str, Any]:
    """How far a rendering is, as the browser gets it."""
    return http.batch(job) | {"to": "zip" if job.path else "library"}
