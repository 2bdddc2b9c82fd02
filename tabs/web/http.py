"""What the routes share: bodies that are understood, what is sent of photos and engines, and work that takes long."""

import asyncio
import base64
import binascii
import inspect
import math
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from envo import development, settings
from envo.errors import UserError
from envo.geometry import Framing
from envo.library import Photo
from envo.photo import fit
from envo.store import storage_errors
from models.engine import Engine
from models.inpaint import Cancelled
from tabs.work.jobs import BatchJob, Job
from tabs.work.queue import Progress
from tabs.work.scheduler import HEAVY, Rank
from tabs.work.wish import AnyWish, parsed

_THREADS = anyio.CapacityLimiter(math.inf)
"""Of the threads of heavy routes, which are others than those that routes share: how many there are, places say."""
_PLACELESS = anyio.CapacityLimiter(2)
"""Of those of work that takes places by itself, again and again."""
TURN_SECONDS = 0.5
"""A turn of a file that is made as it is sent ends with the first part that ends after so long."""
KEEP = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
"""Headers of a file that never changes under its address and that only its owner may see."""

PASSING = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
"""Headers of a file that may be another one soon."""

Name = Annotated[str, Query(max_length=settings.MAX_ORIGINAL_NAME)]
"""Of a file that is brought."""
Offset = Annotated[int, Query(ge=0, lt=2**63)]
Developed = Annotated[str, Query(pattern=development.KEY)]
"""How a RAW is developed, see `envo.development`."""
Limit = Annotated[int, Query(ge=1, le=settings.MAX_PAGE)]
"""Of what a page gets at a time of many."""
T = TypeVar("T")


def body(kind: type[AnyWish]) -> Any:
    """Make the dependency that reads a `kind` from a request's body. It raises UserError where there is none."""

    async def read(request: Request) -> AnyWish:
        # In a thread: bodies with pictures in them are large.
        return await run_sync(parsed, kind, await request.body())

    return Depends(read)


@asynccontextmanager
async def brought(request: Request) -> AsyncIterator[Callable[[], bytes]]:
    """Take the file that is a request's body; gives what reads it.

    A large one is kept on the disk until its turn comes, for many may wait. Raises StorageError where that is full.
    """
    with storage_errors():
        folder = settings.uploads()
    with SpooledTemporaryFile(settings.SMALL_FILE_BYTES, dir=folder) as file:

        def keep(chunk: bytes) -> None:
            with storage_errors():
                file.write(chunk)

        def read() -> bytes:
            file.seek(0)
            return file.read()

        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > settings.SMALL_FILE_BYTES:
                await run_sync(keep, chunk)  # for disks may be slow
            else:
                keep(chunk)
        yield read


FIELDS = 40
"""Of a form, at the most, and so many files."""


@asynccontextmanager
async def sent_form(request: Request) -> AsyncIterator[FormData]:
    """Read a request's body as a form (RFC 7578); large files of it lie on the disk until they are read.

    Raises HTTPException, 415, for what is none, and 400 for a broken one.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(415, "Send a form (multipart/form-data): files as its parts, all else as its fields.")
    with storage_errors():
        async with request.form(max_files=FIELDS, max_fields=FIELDS, max_part_size=settings.MAX_WISH) as form:
            yield form


def sent_file(form: FormData, name: str) -> UploadFile:
    """Give a file of a form. Raises UserError where there is none, or two, and HTTPException, 413, for a large one."""
    if len(form.getlist(name)) > 1:
        raise UserError(f"{name[:40]!r} was sent twice.")
    file = form.get(name)
    if not isinstance(file, UploadFile):
        raise UserError(f"Send the {name[:40]} as a file: a part of the form that has a filename.")
    if file.size > settings.MAX_FILE_BYTES:
        most = settings.MAX_FILE_BYTES // 2**20
        raise HTTPException(413, f"The {name[:40]} is larger than {most} MB; send a smaller one.")
    return file


async def while_asked(
    request: Request, who: str, work: Callable[[Callable[[], None]], T], rank: Rank | None = Rank.NOW
) -> T:
    """Have heavy work done in a thread of its own, in its turn, as long as whoever asked for it is there.

    The body of the request must have been read. who: takes turns with others. work: is given what raises `Cancelled`
    as soon as nobody waits any more; it may call it at each step. rank: as of `in_turn`.

    Raises:
        ClientDisconnect: nobody waits any more.
        Busy: too much waits already.

    """
    gone = threading.Event()
    value, failure = None, None

    def check() -> None:
        if gone.is_set():
            raise Cancelled

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        try:
            value = await in_turn(rank, who, partial(work, check))
        except Exception as error:
            failure = error
        group.cancel_scope.cancel()
    if gone.is_set():
        raise ClientDisconnect
    if failure:
        raise failure
    return value


async def in_turn(rank: Rank | None, who: str, work: Callable[[], T]) -> T:
    """Have heavy work done in a thread of its own once there is a place; who waits holds no thread. Raises Busy.

    rank: None where the work takes places by itself.
    """
    if rank is None:
        return await run_sync(work, limiter=_PLACELESS)
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    turn = HEAVY.ask(rank, who, partial(loop.call_soon_threadsafe, ready.set))
    try:
        await ready.wait()
        return await run_sync(work, limiter=_THREADS)
    finally:
        HEAVY.leave(turn)


def heavy(route: Callable[..., T]) -> Callable[..., Any]:
    """Decorate a route, an ordinary function, whose work takes much time or memory: it waits for its turn.

    The route's first argument is `who` asks.
    """

    async def queued(asking: Request, who: str, **arguments: Any) -> T:
        return await while_asked(asking, who, lambda check: route(who, **arguments))

    taken = inspect.signature(route)
    asking = inspect.signature(queued).parameters["asking"].replace(kind=inspect.Parameter.KEYWORD_ONLY)
    queued.__signature__ = taken.replace(parameters=[*taken.parameters.values(), asking])
    queued.__name__, queued.__doc__ = route.__name__, route.__doc__
    return queued


async def made_in_line(who: str, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Give a file whose parts take much work each, and are made in turn with others' as it is sent."""

    def some() -> bytes:
        """Make as much as takes a while, or a good deal."""
        made, end = bytearray(), time.monotonic() + TURN_SECONDS
        while not made or (len(made) < settings.SMALL_FILE_BYTES and time.monotonic() < end):
            if (part := next(parts, None)) is None:
                break
            made += part
        return bytes(made)

    while part := await in_turn(Rank.SOON, who, some):
        yield part


NOTES = "X-Envo-Notes"
"""Header with what a visitor should know of a file: sentences, quoted as in addresses, with spaces between them."""


def download(data: bytes, media_type: str, name: str, notes: Sequence[str] = ()) -> Response:
    """Answer with a file that the browser saves under a name, and with notes on it, which the page shows."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    if notes:
        headers[NOTES] = quote(" ".join(notes)[: settings.MAX_TOLD], safe="")
    return Response(data, media_type=media_type, headers=headers)


def preview(data: bytes | None) -> Response:
    """Answer with the preview of a job, or with nothing: that a page asks just when the job ends is no fault."""
    return Response(status_code=204) if data is None else Response(data, media_type="image/webp", headers=KEEP)


def photo(row: Photo) -> dict[str, Any]:
    """A photo as the browser gets it."""
    return {
        "id": row.id,
        "name": row.name,
        "format": row.format,
        "width": row.width,
        "height": row.height,
        "linear": row.linear,
        "gamut": row.gamut,
        "headroom": row.headroom,
        "bytes": row.bytes,
        "rating": row.rating,
        "edit": row.edit,
        "display": fit(row.width, row.height, settings.DISPLAY_EDGE),
        "detail": fit(row.width, row.height, settings.DETAIL_EDGE),
        "working": row.working_size,
        "framed": _framed(row.framing),
    }


def _framed(framing: Framing | None) -> dict[str, Any] | None:
    """How an edit crops and turns a photo; see static/common/renditions.js."""
    if framing is None:
        return None
    width, height = framing.size
    return {"width": width, "height": height, "matrix": framing.matrix.tolist()}


def job(job: Job) -> dict[str, Any]:
    """How far a job is, as the browser gets it."""
    return {"job": job.id, **progress(job.progress), "preview": job.shown}


def batch(job: BatchJob) -> dict[str, Any]:
    """How far a job on several photos is, as the browser gets it."""
    now, current = progress(job.progress), job.current
    return {
        "batch": job.id,
        **now,
        "total": len(job.items),
        "done": job.count("done"),
        "failed": [
            {"photo": item.photo_id, "name": item.name, "why": item.why} for item in job.items if item.state == "failed"
        ],
        "current": current
        and {"photo": current.photo_id, "name": current.name, "step": now["step"], "fraction": now["fraction"]},
        "items": [
            {"photo": item.photo_id, "name": item.name, "state": item.state, "why": item.why, "made": item.made_id}
            for item in job.items
        ],
    }


def progress(now: Progress) -> dict[str, Any]:
    """How far something is, as the browser gets it."""
    return {"state": now.state, "step": now.step, "fraction": now.fraction, "number": now.number}


async def heard(ask: Callable[[], dict[str, Any]], seen: int, number: Callable[[], int]) -> dict[str, Any]:
    """Tell how far something is as soon as there is news that the page has not `seen`, or nothing more will come.

    ask: gives what the browser gets, `progress` in it; it is called in a thread, and again when `number` is another,
    which is quickly told. So those who wait, however many, take no threads from whoever asks for something.
    """
    deadline = time.monotonic() + settings.NEWS_SECONDS
    while True:
        before = number()
        news = await run_sync(ask)
        if news["number"] != seen or news["state"] not in ("waiting", "working") or time.monotonic() >= deadline:
            return news
        await changed(number, before, deadline)


async def changed(number: Callable[[], int], seen: int, deadline: float | None = None) -> None:
    """Wait until a number, which is quickly told, is not what was `seen`; but not for ever.

    deadline: by `time.monotonic`, else in `settings.NEWS_SECONDS`.
    """
    deadline = deadline or time.monotonic() + settings.NEWS_SECONDS
    while number() == seen and time.monotonic() < deadline:
        await anyio.sleep(0.1)


def engine(engine: Engine) -> dict[str, Any]:
    """An engine as the browser gets it."""
    return {
        "name": engine.name,
        "label": engine.label,
        "available": engine.available(),
        "licence": engine.licence,
        "bytes": engine.bytes,
        "how": engine.how,
    }


def from_base64(text: str, what: str) -> bytes:
    """Read base64, be it a data URL, in the alphabet of URLs, or broken into lines. Raises UserError."""
    text = "".join(text.split())
    if text[:5].lower() == "data:":
        text = text.partition(",")[2]
    text = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserError(f"The {what} is not base64; send the bytes of its file as that.") from error
    if len(data) > settings.MAX_FILE_BYTES:
        raise UserError(
            f"The {what} is larger than {settings.MAX_FILE_BYTES // 2**20} MB as a file; send a smaller one."
        )
    return data
