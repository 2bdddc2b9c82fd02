"""Envo for programs by HTTP: each capability of `tabs/work/service.py` at `POST /api/v1/NAME`.

    curl -F image=@cup.jpg -F points='[[310, 240, true]]' APP/api/v1/select -o mask.png
    curl -F image=@old.jpg -H 'Prefer: respond-async' APP/api/v1/restore   # {"job": "...", "state": "waiting", ...}

Files are parts of a form (RFC 7578), all else are its fields, as JSON, or as they are where they are words. Whoever
prefers `respond-async` (RFC 7240) gets a job, which is asked about, streamed, or cancelled. `/api/docs` tells it all.
"""

import json
import mimetypes
import re
from collections.abc import AsyncIterator, Callable
from importlib import resources
from typing import Annotated, Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic_core import from_json
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from envo import names
from envo.errors import UserError
from tabs.web import http
from tabs.web.faults import CODES
from tabs.web.proxies import root_of
from tabs.work.programs import ProgramFiles, ProgramJob, ProgramJobs
from tabs.work.service import CAPABILITIES, Capability, File
from tabs.work.wish import Wish, parsed

PREFIX = "/api/v1"
ASYNC = "respond-async"
_FILE = re.compile(rf"{PREFIX}/files/([\w-]+)(/[^/]*)?")
JOB = {
    "type": "object",
    "title": "Job",
    "properties": {
        "job": {"type": "string", "description": "By which it is asked about."},
        "state": {"enum": ["waiting", "working", "done", "failed", "cancelled"]},
        "step": {"type": "string", "description": "What is being done, or why it failed."},
        "fraction": {"type": ["number", "null"], "minimum": 0, "maximum": 1, "description": "null: not known."},
        "number": {"type": "integer", "description": "Grows with each change."},
    },
    "required": ["job", "state", "step", "fraction", "number"],
}
FILE = {
    "type": "object",
    "title": "File",
    "properties": {
        "uri": {"type": "string", "description": "Its address, for an hour."},
        "name": {"type": "string"},
        "size": {"type": "integer", "description": "Bytes."},
    },
    "required": ["uri", "name", "size"],
}
ERROR = {
    "type": "object",
    "title": "Error",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"enum": sorted({*CODES.values()})},
                "message": {"type": "string", "description": "What is wrong, and what to do about it; for people."},
            },
            "required": ["code", "message"],
        },
        "request": {"type": "string", "description": "By which the app's log knows this answer."},
    },
    "required": ["error"],
}
ABOUT = """\
What Envo does to photos, for programs. Files are parts of a form, everything else its fields: JSON, or plain words.
Points and boxes are in pixels of the upright photo unless something else is said. Nothing of it gets into a library.

With the header `Prefer: respond-async` a job answers at once (202): ask `GET /api/v1/jobs/{job}?seen=NUMBER`, which
answers as soon as there is news, or listen to its events; its result is there for an hour.
"""


def routes(in_line: Callable[..., Any], who: Callable[..., Any], files: ProgramFiles) -> list[BaseRoute]:
    """The routes, for the app that Gradio serves.

    in_line: a dependency by which a request is one of those whose pictures are in memory. who: one that tells who asks.
    files: those that were sent to be used, and those that agents may fetch.
    """
    api, jobs = APIRouter(prefix=PREFIX), ProgramJobs(files)
    asked_by = Annotated[str, Depends(who)]
    for capability in CAPABILITIES.values():
        _add_capability(api, capability, jobs, in_line, asked_by)
    _add_jobs(api, jobs, asked_by)
    _add_files(api, files, in_line, asked_by)
    _add_about(api)
    return api.routes


def _add_capability(
    api: APIRouter, capability: Capability, jobs: ProgramJobs, in_line: Callable[..., Any], asked_by: type[str]
) -> None:
    async def ask(request: Request, who: asked_by, prefer: Annotated[str, Header(include_in_schema=False)] = ""):
        files, wish = await _sent(request, capability)
        if ASYNC in prefer:
            job = await run_sync(jobs.start, who, capability, files, wish)
            where = f"{request.scope.get('root_path', '')}{PREFIX}/jobs/{job.id}"
            return JSONResponse(_told(job), 202, {"Location": where, "Preference-Applied": ASYNC})
        capability.check(files)

        def work(check: Callable[[], None]) -> Any:
            return capability.ask(files, wish, who, lambda *said: check())

        return _answered(await http.while_asked(request, who, work, capability.rank))

    accepted = {"description": f"With `Prefer: {ASYNC}`."} | _content("application/json", JOB)
    api.post(
        f"/{capability.name}",
        name=capability.name,
        operation_id=capability.name,
        tags=["What can be done"],
        summary=capability.about.partition("\n")[0],
        description=capability.about,
        response_class=Response,
        dependencies=[Depends(in_line)],
        responses=_answers(capability.media_type, capability.answer) | {202: accepted},
        openapi_extra={"requestBody": {"required": True} | _described(capability)},
    )(ask)


def _add_jobs(api: APIRouter, jobs: ProgramJobs, asked_by: type[str]) -> None:
    @api.get("/jobs/{job}", tags=["Jobs"], responses=_answers("application/json", JOB))
    async def tell(who: asked_by, job: str, seen: Annotated[int, Query(ge=-1, lt=2**63)] = -1):
        """How far a job is: at once, or, where `seen` is the last number that was told, as soon as there is news."""
        found = jobs.find(who, job)
        return await http.heard(lambda: _told(found), seen, lambda: found.queue.number)

    @api.get(
        "/jobs/{job}/events",
        tags=["Jobs"],
        response_class=Response,
        responses=_answers("text/event-stream", {"type": "string"}),
    )
    async def stream(who: asked_by, job: str):
        """A job's news as they come, server-sent events (HTML): each is what `GET .../jobs/{job}` says."""
        return StreamingResponse(_events(jobs.find(who, job)), media_type="text/event-stream", headers=http.PASSING)

    @api.get("/jobs/{job}/result", tags=["Jobs"], response_class=Response, responses=_answers("*/*", {}))
    def result(who: asked_by, job: str):
        """What came of a job that is done, as the capability answers it."""
        return _answered(jobs.answer(who, job))

    @api.delete("/jobs/{job}", tags=["Jobs"], responses=_answers("application/json", {"type": "object"}))
    def cancel(who: asked_by, job: str):
        """Give up a job; of one that is done, remove the result."""
        jobs.cancel(who, job)
        return {}


def _add_files(api: APIRouter, files: ProgramFiles, in_line: Callable[..., Any], asked_by: type[str]) -> None:
    @api.post(
        "/files",
        tags=["Files"],
        dependencies=[Depends(in_line)],
        responses=_answers("application/json", FILE),
        openapi_extra=form_of({"file": "Of any kind."}),
    )
    async def send(request: Request, who: asked_by):
        """Keep a file for an hour, for agents, whose tools take its address."""
        async with http.sent_form(request) as form:
            file = await _file(form, "file")
        kept = await run_sync(files.keep, who, file)
        return {"uri": address_of(kept, file.name, request), "name": file.name, "size": len(file.data)}

    @api.get("/files/{file_id}/{name}", tags=["Files"], response_class=Response, responses=_answers("*/*", {}))
    def fetch(who: asked_by, file_id: str, name: str):
        """A file that was sent so, or that an agent's tool has given."""
        return _answered(files.find(who, file_id))


def address_of(file_id: str, name: str, request: Request) -> str:
    """Where whoever asks fetches a file that is kept for them."""
    return f"{root_of(request)}{PREFIX}/files/{file_id}/{quote(name)}"


def id_at(address: str, request: Request) -> str:
    """Tell the id of the file at such an address, with its name or without; "" for any other."""
    match = _FILE.fullmatch(address.removeprefix(root_of(request)))
    return match[1] if match else ""


def _add_about(api: APIRouter) -> None:
    """Add what tells of the routes that are there."""
    static = resources.files("fastapi_offline") / "static"
    about = APIRouter(prefix="/api")

    @about.get("/openapi.json")
    def openapi(request: Request):
        """What there is, as OpenAPI (3.1) has it."""
        there = [route for route in request.app.routes if getattr(route, "path", "").startswith(PREFIX)]
        told = get_openapi(title="Envo", version="1", description=ABOUT, routes=there)
        for capability in CAPABILITIES.values():
            told["components"]["schemas"] |= capability.definitions
        told["servers"] = [{"url": request.scope.get("root_path") or "/"}]
        return told

    @about.get("/docs")
    def docs():
        """A page that tells the same, and on which it can be tried."""
        files = {"swagger_js_url": "assets/swagger-ui-bundle.js", "swagger_css_url": "assets/swagger-ui.css"}
        page = get_swagger_ui_html(
            openapi_url="openapi.json", title="Envo for programs", swagger_favicon_url="", **files
        )
        return Response(page.body, media_type="text/html")

    @about.get("/assets/{name}")
    def asset(name: str):
        """What that page is made of."""
        if name not in ("swagger-ui-bundle.js", "swagger-ui.css"):
            raise HTTPException(404)
        kind = mimetypes.guess_type(name)[0]
        return Response((static / name).read_bytes(), media_type=kind, headers={"Cache-Control": "max-age=86400"})

    api.routes.extend(about.routes)


async def _sent(request: Request, capability: Capability) -> tuple[dict[str, File], Wish]:
    """Read a form: its files, and what is asked for. Raises UserError for what is none, or not understood."""
    files: dict[str, File] = {}
    values: dict[str, Any] = {}
    async with http.sent_form(request) as form:
        for name, value in form.multi_items():
            if name in values:
                raise UserError(f"{name[:40]!r} was sent twice.")
            if name in capability.files or isinstance(value, UploadFile):
                files[name] = await _file(form, name)
            else:
                values[name] = value if name in capability.words else _value(value)
    return files, await run_sync(parsed, capability.wish, json.dumps(values).encode())


async def _file(form: FormData, name: str) -> File:
    """Read a file of a form."""
    sent = http.sent_file(form, name)
    return File(await sent.read(), names.safe_name(sent.filename or name))


def _value(text: str) -> Any:
    """Read a field: JSON, or words as they are."""
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        return text


def _answered(made: Any) -> Response:
    if not isinstance(made, File):
        return JSONResponse(made)
    return http.download(made.data, made.media_type, made.name)


def _told(job: ProgramJob) -> dict[str, Any]:
    return {"job": job.id, **http.progress(job.progress)}


async def _events(job: ProgramJob) -> AsyncIterator[str]:
    last = None
    while True:
        number, told = job.queue.number, _told(job)
        # Nothing new is told, too, so that nobody takes the stream for dead.
        yield ":\n\n" if told == last else f"data: {json.dumps(told)}\n\n"
        if told["state"] not in ("waiting", "working"):
            return
        last = told
        await http.changed(lambda: job.queue.number, number)


def _answers(media_type: str, schema: dict[str, Any]) -> dict[int | str, Any]:
    """Describe what is answered."""
    return {200: {"description": "What was asked for."} | _content(media_type, schema), **_wrong()}


def answers(model: Any, status: int = 200) -> dict[int | str, Any]:
    """Describe an answer in JSON, by its type."""
    return {status: {"description": "What was asked for.", "model": model}, **_wrong()}


def gives_file(media_type: str) -> dict[int | str, Any]:
    """Describe an answer that is a file."""
    return _answers(media_type, {"type": "string", "format": "binary"})


def form_of(files: dict[str, str]) -> dict[str, Any]:
    """Describe a form of files, each by its name."""
    parts = {name: {"type": "string", "format": "binary", "description": about} for name, about in files.items()}
    form = {"type": "object", "properties": parts, "required": [*parts], "additionalProperties": False}
    return {"requestBody": {"required": True} | _content("multipart/form-data", form)}


def _wrong() -> dict[int | str, Any]:
    return {"4XX": {"description": "What is wrong."} | _content("application/json", ERROR)}


def _content(media_type: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema, **more}}}


def _described(capability: Capability) -> dict[str, Any]:
    """Describe the form that a capability takes."""
    schema = capability.schema(lambda about: {"type": "string", "format": "binary"} | about)
    as_json = {name: {"contentType": "application/json"} for name in schema["properties"].keys() - capability.words}
    encoding = {name: how for name, how in as_json.items() if name not in capability.files}
    return _content("multipart/form-data", schema, encoding=encoding)
