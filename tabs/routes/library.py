"""An owner's library for scripts, by HTTP: `/api/v1/library/photos` and what belongs to it.

Who asks is told by a token that the owner made on the page, `Authorization: Bearer envo_...`; those that may only read
are refused the rest. Lists come in pages; answers have an ETag, and an edit is written on the one that was read
(RFC 9110, If-Match). What a script changes, the owner's open pages hear of.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Depends, Header, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from envo import edits, finding, takeaway
from envo.errors import UserError
from envo.finding import Finder
from envo.library import EditConflict, Library
from envo.settings import MAX_SELECTED
from envo.takeaway import Said
from envo.tokens import Script
from models.tagging import words
from tabs.routes.finding import Page
from tabs.routes.photos import PhotoChange
from tabs.routes.rest import answers, form_of, gives_file
from tabs.routes.tagging import Words
from tabs.routes.takeaway import TYPES
from tabs.web import http
from tabs.work.mattes import MatteJobs
from tabs.work.takeaway import Take, items, one
from tabs.work.wish import Wish

PREFIX = "/api/v1/library"
NO_TOKEN = "Send a token of yours, Authorization: Bearer envo_...; the corner of Envo's page makes them."
READ_ONLY = "This token may only read; make one that may write, too."
EDIT_CHANGED = "The edit was changed since it was read; read it again."
_BEARER = HTTPBearer(auto_error=False, description="A token of yours: the corner of Envo's page makes them.")


class PhotoTold(TypedDict):
    """A photo of a library."""

    id: str
    name: str
    format: Annotated[str, Field(examples=["JPEG"])]
    width: Annotated[int, Field(description="In pixels, upright.")]
    height: Annotated[int, Field(description="In pixels, upright.")]
    bytes: int
    sha256: Annotated[str, Field(description="Of its file.")]
    added: Annotated[str, Field(description="When it came: ISO 8601.")]
    taken: Annotated[str | None, Field(description="ISO 8601, in the camera's time.")]
    camera: str | None
    title: str
    rating: Annotated[int, Field(ge=0, le=5, description="Stars.")]
    tags: Annotated[list[str], Field(description='Wider words before closer ones, as "animals|dog".')]
    people: Annotated[list[str], Field(description="Names of those who are in it.")]
    edited: Annotated[bool, Field(description="Whether an edit shows.")]


class Photos(TypedDict):
    """A page of photos."""

    photos: list[PhotoTold]
    count: Annotated[int, Field(description="Of all that were asked for.")]
    next: Annotated[str | None, Field(description="Address of the next page; null: there is none.")]


class Came(TypedDict):
    """A photo that was brought."""

    photo: PhotoTold
    added: Annotated[bool, Field(description="false: it was there already.")]


class Edit(TypedDict):
    """An edit; its version is the answer's ETag, too."""

    version: Annotated[int, Field(description="0: it was never edited.")]
    document: dict[str, Any] | None


class Matte(TypedDict):
    """An alpha matte of a photo."""

    kind: Annotated[str, Field(examples=["hair"])]
    name: Annotated[str | None, Field(description="Of a mask that the owner made.")]
    engine: str


class Mattes(TypedDict):
    """The mattes of a photo."""

    state: Annotated[str, Field(description='"done", or how far those are that are made: waiting, working, failed.')]
    mattes: list[Matte]


class Person(TypedDict):
    """Somebody who has a name."""

    id: str
    name: str
    photos: Annotated[int, Field(description="Faces that are known to be this person's.")]


class People(TypedDict):
    """All who have names."""

    people: list[Person]


class TagsWish(Wish):
    """What is said of a photo's tags."""

    add: Words = Field(default_factory=list)
    remove: Words = Field(default_factory=list)


class TakeWish(Wish):
    """What leaves in one file: some photos, or all."""

    photos: Annotated[list[str] | None, Field(max_length=MAX_SELECTED, description="Ids; null: all.")] = None
    how: Annotated[Literal["edited", "original"], Field(alias="as")] = "edited"
    kind: Literal["zip", "csv", "json"] = "zip"


@dataclass(frozen=True)
class Told:
    """Whom to tell of what a script does: each is given the owner."""

    came: Callable[[str], None]
    edited: Callable[[str, str], None]
    """Is given the photo, too."""
    changed: Callable[[str], None]
    learn: Callable[[str], None]
    """Tags were corrected."""


def routes(library: Library, jobs: MatteJobs, told: Told) -> APIRouter:
    """Make the routes, for the app that Gradio serves."""
    api = APIRouter(prefix=PREFIX, tags=["Your library"])

    def reads(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> str:
        return script(given).owner

    def writes(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> str:
        asks = script(given)
        if not asks.may_write:
            raise HTTPException(403, READ_ONLY)
        return asks.owner

    def script(given: HTTPAuthorizationCredentials | None) -> Script:
        found = given and library.tokens.of(given.credentials)
        if not found:
            raise HTTPException(401, NO_TOKEN, {"WWW-Authenticate": "Bearer"})
        return found

    reader, writer = Annotated[str, Depends(reads)], Annotated[str, Depends(writes)]
    _photo_routes(api, library, jobs, told, reader, writer)
    _said_routes(api, library, told, reader, writer)
    _edit_routes(api, library, told, reader, writer)
    _matte_routes(api, library, jobs, reader)
    _takeaway_routes(api, library, reader)
    return api


def _photo_routes(
    api: APIRouter, library: Library, jobs: MatteJobs, told: Told, reader: type[str], writer: type[str]
) -> None:
    finder = Finder(library)

    @api.get("/photos", responses=answers(Photos))
    def photos(who: reader, request: Request, page: Annotated[Page, Query()]):
        """The photos that are asked for, by all of what is given: words, tags, a person, stars, days, a camera."""
        found, count = finder.photos(who, page.wish, page.offset, page.limit)
        shown = _told(library, who, [each.photo.id for each in found])
        end = page.offset + page.limit
        following = request.url.include_query_params(offset=end)
        path = f"{request.scope.get('root_path', '')}{PREFIX}/photos?{following.query}"
        return _tagged(request, {"photos": shown, "count": count, "next": path if end < count else None})

    form = form_of({"file": "A photo, of any kind that Envo opens."})

    @api.post("/photos", status_code=201, responses=answers(Came, 201), openapi_extra=form)
    async def bring(who: writer, request: Request):
        """Bring a photo: a form with the part `file`. One that is there already stays as it is."""
        async with http.sent_form(request) as sent:
            file = http.sent_file(sent, "file")

            def add() -> tuple[str, bool]:
                row, added = library.add(who, file.filename or "photo", file.file.read())
                jobs.request(row, is_ahead=True)
                told.came(who)
                return row.id, added

            photo_id, added = await http.while_asked(request, who, lambda check: add())
        (photo,) = await run_sync(_told, library, who, [photo_id])
        return JSONResponse({"photo": photo, "added": added}, 201)

    @api.get("/photos/{photo_id}", responses=answers(PhotoTold))
    def photo(who: reader, request: Request, photo_id: str):
        """A photo."""
        return _tagged(request, _one(library, who, photo_id))

    @api.patch("/photos/{photo_id}", responses=answers(PhotoTold))
    def change(who: writer, photo_id: str, wish: PhotoChange):
        """Give a photo another name, or stars."""
        if wish.name is not None:
            library.rename(who, photo_id, wish.name)
        if wish.rating is not None:
            library.rate(who, photo_id, wish.rating)
        told.changed(who)
        return JSONResponse(_one(library, who, photo_id))

    @api.delete("/photos/{photo_id}", responses=answers(dict[str, Any]))
    def delete(who: writer, photo_id: str):
        """Put a photo into the trash, out of which the page brings it back for a while."""
        library.delete(who, photo_id)
        told.changed(who)
        return JSONResponse({})

    @api.get("/photos/{photo_id}/original", response_class=Response, responses=gives_file("*/*"))
    def original(who: reader, photo_id: str):
        """The file as it came."""
        row = library.present(who, photo_id)
        headers = http.KEEP | {"ETag": f'"{row.sha256}"'}
        path = library.original(who, photo_id)
        return FileResponse(path, media_type="application/octet-stream", filename=row.name, headers=headers)

    @api.get("/photos/{photo_id}/edited", response_class=Response, responses=gives_file("*/*"))
    @http.heavy
    def edited(who: reader, photo_id: str):
        """A file of the photo as its edit shows it, with all that is said of it."""
        name, made = one(library, who, photo_id)
        return http.download(made.data, "application/octet-stream", name, made.notes)


def _said_routes(api: APIRouter, library: Library, told: Told, reader: type[str], writer: type[str]) -> None:
    @api.post("/photos/{photo_id}/tags", responses=answers(PhotoTold))
    def correct(who: writer, photo_id: str, wish: TagsWish):
        """Add tags to a photo, or remove some; what is said so, no engine takes back."""
        library.present(who, photo_id)
        library.gallery.correct(who, [photo_id], wish.add, wish.remove, [], words.lineage)
        told.learn(who)
        told.changed(who)
        return JSONResponse(_one(library, who, photo_id))

    @api.get("/people", responses=answers(People))
    def people(who: reader, request: Request):
        """All who have names; `GET /api/v1/library/photos?person=ID` finds the photos."""
        everybody = library.people.everybody(who).people
        named = [{"id": each.id, "name": each.name, "photos": each.named + each.found} for each in everybody]
        return _tagged(request, {"people": named})


def _edit_routes(api: APIRouter, library: Library, told: Told, reader: type[str], writer: type[str]) -> None:
    def answer(request: Request, who: str, photo_id: str) -> Response:
        stored = library.edit(who, photo_id)
        document = stored.document and edits.parse(stored.document).dump()
        return _tagged(request, {"version": stored.version, "document": document}, f'"{stored.version}"')

    @api.get("/photos/{photo_id}/edit", responses=answers(Edit))
    def read(who: reader, request: Request, photo_id: str):
        """The edit of a photo."""
        return answer(request, who, photo_id)

    @api.put("/photos/{photo_id}/edit", responses=answers(Edit))
    def write(
        who: writer,
        request: Request,
        photo_id: str,
        document: Annotated[dict[str, Any], Body()],
        if_match: Annotated[str, Header(description="The ETag of the edit that this one was made of.")],
    ):
        """Write an edit: a whole document. 412 where it was changed since."""
        base = if_match.strip('"')
        if not (base.isascii() and base.isdecimal() and int(base) < 2**31):
            raise HTTPException(412, EDIT_CHANGED)
        try:
            checked = edits.parse(document).dump()
            library.save_edit(who, photo_id, checked, int(base), secrets.token_urlsafe(16), 1)
        except EditConflict:
            raise HTTPException(412, EDIT_CHANGED) from None
        told.edited(who, photo_id)
        return answer(request, who, photo_id)


def _matte_routes(api: APIRouter, library: Library, jobs: MatteJobs, reader: type[str]) -> None:
    @api.get("/photos/{photo_id}/mattes", responses=answers(Mattes))
    async def mattes(who: reader, photo_id: str, seen: Annotated[int, Query(ge=-1, lt=2**63)] = -1):
        """The mattes of a photo, which are made when they are first asked for: ask again while they are not done."""
        row = await run_sync(library.present, who, photo_id)
        await run_sync(jobs.request, row)
        now = await http.heard(lambda: http.progress(jobs.progress(row)), seen, lambda: jobs.number)
        rows = await run_sync(library.mattes.all, who, photo_id)
        there = [row for row in rows if now["state"] == "done" or edits.is_own(row.kind)]
        told = [{"kind": row.kind, "name": row.name, "engine": row.engine} for row in there]
        return JSONResponse(now | {"mattes": told})

    @api.get("/photos/{photo_id}/mattes/{kind}", response_class=Response, responses=gives_file("image/png"))
    def matte(who: reader, photo_id: str, kind: str):
        """A matte: a grey PNG of 8 bits, of the photo's shape, its long edge 2048 pixels at most."""
        path = library.mattes.file(who, photo_id, kind)
        return FileResponse(path, media_type="image/png", headers=http.PASSING)


def _takeaway_routes(api: APIRouter, library: Library, reader: type[str]) -> None:
    @api.post("/takeaway", response_class=Response, responses=gives_file("*/*"))
    def take(who: reader, wish: TakeWish):
        """One file of some photos or all: a zip of them as edited or as they came, or what is said of them."""
        ids = Finder(library).ids(who, finding.Wish()) if wish.photos is None else wish.photos
        ids = [library.present(who, photo_id).id for photo_id in dict.fromkeys(ids)]
        if not ids:
            raise UserError("There are no photos to take away.")
        if wish.kind == "zip":
            parts = takeaway.archive(items(library, Take(who, ids, wish.how == "edited", wish.kind)))
        else:
            said = [Said(row.name, said, tags) for row, said, tags in library.described(who, ids)]
            parts = iter([takeaway.as_csv(said) if wish.kind == "csv" else takeaway.as_json(said)])
        headers = {"Content-Disposition": f'attachment; filename="photos.{wish.kind}"'} | http.PASSING
        return StreamingResponse(http.made_in_line(who, parts), media_type=TYPES[wish.kind], headers=headers)


def _one(library: Library, who: str, photo_id: str) -> dict[str, Any]:
    (photo,) = _told(library, who, [library.present(who, photo_id).id])
    return photo


def _told(library: Library, who: str, photo_ids: list[str]) -> list[dict[str, Any]]:
    """Describe photos as scripts get them."""
    return [
        {
            "id": row.id,
            "name": row.name,
            "format": row.format,
            "width": row.width,
            "height": row.height,
            "bytes": row.bytes,
            "sha256": row.sha256,
            "added": row.created_at.isoformat(),
            "taken": row.taken_at and row.taken_at.isoformat(),
            "camera": row.camera or None,
            "title": row.title,
            "rating": row.rating,
            "tags": list(said.tags or ()),
            "people": list(said.people or ()),
            "edited": row.edit != 0,
        }
        for row, said, _ in library.described(who, photo_ids)
    ]


def _tagged(request: Request, body: dict[str, Any], etag: str | None = None) -> Response:
    """Answer with an ETag; with 304 alone where that is known already."""
    answer = JSONResponse(body)
    etag = etag or f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if etag in known:
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer
