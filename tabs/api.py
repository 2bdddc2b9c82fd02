"""The HTTP routes under `/envo/`: photos, renditions, mattes, edits, downloads. Each answers only to the owner."""

import base64
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import Field
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute

from envo import edits, names, settings, worked
from envo.errors import StorageError, UserError
from envo.finding import Finder
from envo.library import EditConflict, Library, NotFound
from tabs import arrivals, finding, http, mattes, people, restorations, results, selections, takeaway
from tabs.actions import Actions
from tabs.arrivals import Unpacker
from tabs.changes import Changes
from tabs.jobs import MatteJobs
from tabs.naming import Naming
from tabs.restoring import Restoring
from tabs.running import Lost
from tabs.tagging import Tagger
from tabs.takeaway import edited
from tabs.visitors import Visitors, account_of

EXAMPLES = Path(__file__).parent.parent / "examples"


class PhotoChange(http.Wish):
    name: str | None = None
    rating: int | None = Field(None, ge=0, le=5)


class EditWrite(http.Wish):
    """An edit document, and what it stands on: see `Library.save_edit`."""

    document: dict[str, Any]
    base: int = Field(ge=0, lt=2**31)
    writer: str = Field(min_length=8, max_length=40)
    seq: int = Field(ge=1, lt=2**31)


class DownloadWish(http.Wish):
    document: dict[str, Any]
    format: str = Field(pattern="^(JPEG|PNG|WebP)$")
    quality: int = Field(92, ge=1, le=100)


def routes(library: Library, jobs: MatteJobs, visitors: Visitors) -> list[BaseRoute]:
    """All routes, for the app that Gradio serves."""
    owner = Annotated[str, Depends(visitors.owner_of)]
    api = APIRouter(prefix="/envo")
    changes = Changes()
    actions, restoring, naming = Actions(library), Restoring(library), Naming(library, changes.tell)
    tagger = Tagger(library, changes.tell, naming.wake)

    def photos_came(who: str) -> None:
        tagger.wake()
        changes.tell(who)

    _session_routes(api, library, (actions, restoring, naming), visitors)
    _library_routes(api, library, jobs, photos_came, owner)
    _file_routes(api, library, owner)
    _edit_routes(api, library, owner)
    mattes.add_routes(api, library, jobs, owner)
    selections.add_routes(api, library, owner)
    results.add_routes(api, library, actions, jobs, owner)
    restorations.add_routes(api, library, restoring, owner)
    finding.add_routes(api, library, tagger, changes, owner)
    people.add_routes(api, library, naming, owner)
    arrivals.add_routes(api, library, Unpacker(library, photos_came), photos_came, owner)
    takeaway.add_routes(api, library, owner)
    return api.routes


def _session_routes(
    api: APIRouter, library: Library, running: tuple[Actions, Restoring, Naming], visitors: Visitors
) -> None:
    def move(visitor: str, account: str) -> None:
        library.move(visitor, account)
        for each in running:
            each.move(visitor, account)

    def seen(visitor: str) -> None:
        with suppress(StorageError):  # the page can be used all the same; the next one notes it
            library.visits.seen(visitor)

    @api.get("/session")
    async def session(request: Request, response: Response):
        """Whether the browser keeps the visitor's cookie; one that does not gets a ticket for this page.

        The first page after a sign-in hands over what the visitor had, and the visitor's cookie goes.
        """
        account, visitor = await account_of(request), visitors.by_cookie(request)
        if account and visitor:
            await run_sync(move, visitor, account)
            for cookie in visitors.farewell(request):
                response.headers.append("set-cookie", cookie)
        elif visitor:
            await run_sync(seen, visitor)
        kept = bool(account or visitor)
        return {"kept": kept, "ticket": None if kept else visitors.ticket()}


def _library_routes(
    api: APIRouter, library: Library, jobs: MatteJobs, came: Callable[[str], None], owner: type[str]
) -> None:
    finder = Finder(library)

    def add(who: str, name: str, data: bytes, layers: bool = True):
        row, added = library.add(who, name, data)
        if layers:
            jobs.request(row)
        came(who)
        like = [{"id": other.id, "name": other.name} for other in finder.looks_like(who, row.id)] if added else []
        return {"photo": http.photo(row), "added": added, "like": like}

    @api.get("/photos")
    def photos(
        who: owner,
        offset: Annotated[int, Query(ge=0, lt=2**63)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
        trash: bool = False,
    ):
        rows, count = library.photos(who, offset, limit, trash)
        return {"photos": [http.photo(row) for row in rows], "count": count}

    @api.post("/photos")
    async def upload(who: owner, request: Request, name: Annotated[str, Query(max_length=1000)], layers: bool = True):
        """Keep a photo, and tell which others look the same. layers: whether they are made before it is opened."""
        data = await request.body()
        return await http.while_asked(request, lambda check: add(who, name, data, layers))

    @api.get("/examples")
    def examples() -> list[str]:
        return sorted(path.name for path in EXAMPLES.glob("*.jpg"))

    @api.get("/examples/{name}")
    def example(name: str):
        return FileResponse(example_file(name))

    @api.post("/examples/{name}")
    @http.heavy
    def add_example(who: owner, name: str):
        return add(who, name, example_file(name).read_bytes())

    def example_file(name: str) -> Path:
        if name not in examples():
            raise NotFound("There is no such example.")
        return EXAMPLES / name

    @api.get("/worked-examples")
    def worked_examples():
        """What the Replace tab shows done, by a click; the masks are small enough to come along."""
        return {"examples": [_worked(example) for example in worked.examples()]}

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

    @api.post("/photos/{photo_id}/copy")
    def copy(who: owner, photo_id: str, write: Annotated[EditWrite, http.body(EditWrite)]):
        """A copy of the photo with an edit of its own: how a window keeps its work beside another window's."""
        document = edits.parse(write.document).dump()
        row = library.copy(who, photo_id)
        library.save_edit(who, row.id, document, 0, write.writer, write.seq)
        return http.photo(row)


def _file_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    @api.get("/photos/{photo_id}/original")
    def original(who: owner, photo_id: str):
        path, name = library.original(who, photo_id), library.photo(who, photo_id).name
        return FileResponse(path, media_type="application/octet-stream", filename=name, headers=http.KEEP)

    @api.get("/photos/{photo_id}/thumbnail")
    def thumbnail(who: owner, photo_id: str):
        return FileResponse(library.thumbnail(who, photo_id), media_type="image/webp", headers=http.KEEP)

    @api.get("/photos/{photo_id}/rendition")
    @http.heavy
    def rendition(who: owner, photo_id: str, detail: bool = False):
        edge = settings.DETAIL_EDGE if detail else settings.DISPLAY_EDGE
        path, media_type = library.rendition(who, photo_id, edge)
        return FileResponse(path, media_type=media_type, headers=http.KEEP)


def _edit_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    @api.get("/photos/{photo_id}/edit")
    def edit(who: owner, photo_id: str):
        stored = library.edit(who, photo_id)
        return {"version": stored.version, "document": stored.document}

    @api.post("/photos/{photo_id}/edit")
    def save(who: owner, photo_id: str, write: Annotated[EditWrite, http.body(EditWrite)]):
        document = edits.parse(write.document).dump()
        return {"version": library.save_edit(who, photo_id, document, write.base, write.writer, write.seq)}

    @api.post("/photos/{photo_id}/download")
    @http.heavy
    def download(who: owner, photo_id: str, wish: Annotated[DownloadWish, http.body(DownloadWish)]):
        """The edited photo at full size, and in a header what the visitor should know of the file."""
        made = edited(library, who, photo_id, edits.parse(wish.document), wish.format, wish.quality)
        name = names.download_name(library.photo(who, photo_id).name, wish.format)
        return http.download(made.data, f"image/{wish.format.lower()}", name, made.notes)


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


def _say(status: int, sentence: str, **more: Any) -> JSONResponse:
    return JSONResponse({"error": sentence, **more}, status)


def _on_user_error(request: Request, error: UserError) -> Response:
    return _say(410 if isinstance(error, Lost) else 404 if isinstance(error, NotFound) else 400, str(error))


def _on_conflict(request: Request, error: EditConflict) -> Response:
    return _say(409, "This photo was changed in another window.", version=error.version, document=error.document)


def _on_disconnect(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=499)  # nobody hears it; so nginx notes it in its log


def _on_fault(request: Request, error: Exception) -> Response:
    # The server logs the error itself: Starlette raises it again once this answer is sent.
    return _say(500, "Something went wrong here; nothing you made is lost. Please try again.")


EXCEPTION_HANDLERS = {
    UserError: _on_user_error,
    EditConflict: _on_conflict,
    ClientDisconnect: _on_disconnect,
    Exception: _on_fault,
}
"""For the app that Gradio serves: a sentence for whatever goes wrong."""
