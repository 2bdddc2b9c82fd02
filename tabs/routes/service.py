"""Envo as a service for programs: `POST /complete-image`, and actions, restorations and tags by Gradio's client.

    answer = httpx.post(f"{app}/complete-image", json={"img": base64_of_a_png, "mask": base64_of_another})
    client = gradio_client.Client(app)
    client.predict(handle_file("cup.jpg"), handle_file("mask.png"), "a glass of milk", api_name="/replace")
    client.predict(handle_file("old.jpg"), api_name="/restore")
    client.predict(handle_file("album.zip"), api_name="/restore_folder")
    client.predict(handle_file("dog.jpg"), api_name="/tag")  # {"tags": [{"word": "dog", ...}, ...], "faces": [...]}

Nothing of what is sent gets into a library.
"""

import base64
import binascii
import json
import mimetypes
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from dataclasses import replace as replaced
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeVar

import anyio
import gradio as gr
import numpy as np
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from gradio.context import LocalContext
from gradio.processing_utils import save_bytes_to_cache, save_file_to_cache
from gradio.utils import get_upload_folder
from starlette.routing import BaseRoute

from envo import export, masks, memory, names, results, settings
from envo.errors import UserError
from envo.export import Exported
from envo.file import PhotoFile
from envo.own import Own
from envo.restorations import restored_name
from envo.store import storage_errors
from models import restore as repairs
from models import tagging
from models.engine import Report, named
from models.inpaint import Cancelled
from models.tagging.run import tag_photo
from models.tagging.said import said
from models.weights import WeightsError
from tabs.web import asking, http
from tabs.web.tries import address
from tabs.web.visitors import login_of
from tabs.work import folders, restorations
from tabs.work.jobs import FAILED
from tabs.work.queue import told
from tabs.work.results import made, plan
from tabs.work.scheduler import HEAVY, Busy, Rank
from tabs.work.wish import Wish, parsed

T = TypeVar("T")
_FOLDERS = anyio.CapacityLimiter(2)
"""Folders that are restored at a time."""

BUSY = "Too many pictures are waiting to be completed; please try again in a while."


class CompleteWish(Wish):
    """A picture, and what to fill of it, as base64 of their files or as data URLs."""

    img: str
    mask: str | None = None
    """White or paint is filled, see `masks.exact_mask`. Without it, all that is not quite opaque is."""
    hole: str = "white"
    """"clear": what is clear in the mask is filled instead."""
    drawn: str = ""
    """Whether the mask lies on the photo "upright" or as "stored", where its size does not tell."""


@dataclass(frozen=True)
class Mask:
    """A mask as it was sent, and how it is to be read: see `masks.exact_mask`."""

    data: Any
    """Bytes; before they are read, an uploaded file; None: what the picture does not show is what changes."""
    hole: str
    drawn: str


def routes() -> list[BaseRoute]:
    """The route, for the app that Gradio serves."""
    api = APIRouter()
    under_way = 0

    async def in_line(request: Request) -> AsyncIterator[None]:
        """Be one of those whose pictures are in memory."""
        nonlocal under_way
        await login_of(request)  # where a login is wanted, it is wanted here
        if under_way >= settings.COMPLETED_IN_LINE:
            raise Busy(BUSY)
        under_way += 1
        try:
            yield
        finally:
            under_way -= 1

    # Before the picture is read.
    @api.post("/complete-image", dependencies=[Depends(in_line)])
    async def complete_image(request: Request, wish: Annotated[CompleteWish, http.body(CompleteWish)]):
        """Fill a hole in a picture; the answer's `img` is a PNG, its `notes`, if any, what could not be kept."""
        made = await http.while_asked(request, address(request), partial(_completed, wish), Rank.SOON)
        return Response(made, media_type="application/json")

    return api.routes


def add_endpoints() -> None:
    """Add the named endpoints to the `gr.Blocks` that is open."""
    gr.api(erase, api_name="erase", concurrency_limit=1, concurrency_id="quick")
    gr.api(background, api_name="background", concurrency_limit=1, concurrency_id="quick")
    gr.api(replace, api_name="replace", concurrency_limit=1, concurrency_id="slow")
    gr.api(restore, api_name="restore", concurrency_limit=1, concurrency_id="restore")
    gr.api(restore_folder, api_name="restore_folder", concurrency_limit=1, concurrency_id="restore many")
    gr.api(tag, api_name="tag", concurrency_limit=1, concurrency_id="tag")


async def erase(
    image: gr.FileData, mask: gr.FileData, engine: str = "auto", hole: str = "white", drawn: str = ""
) -> gr.FileData:
    """Erase what is white or painted in the mask, a picture of the image's size. Gives a PNG.

    hole: "clear" erases what is clear in the mask instead, as other services have it. drawn: whether the mask lies on
    the photo "upright" or as "stored" in its file, before EXIF's orientation is applied; "" where its size tells.
    """
    return await _answer("erase", engine, {}, image, Mask(mask, hole, drawn))


async def replace(
    image: gr.FileData,
    mask: gr.FileData,
    prompt: str,
    negative: str = "",
    seed: int | None = None,
    guidance: float | None = None,
    steps: int | None = None,
    strength: float | None = None,
    scheduler: str | None = None,
    engine: str = "auto",
    hole: str = "white",
    drawn: str = "",
) -> gr.FileData:
    """Put what the prompt says where the mask is white or painted. Gives a PNG, which tells the seed among its texts.

    What is None has the engine's default; a seed is drawn. hole, drawn: as `erase` has them.
    """
    values = {
        "prompt": prompt,
        "negative": negative,
        "seed": seed,
        "guidance": guidance,
        "steps": steps,
        "strength": strength,
        "scheduler": scheduler,
    }
    given = {key: value for key, value in values.items() if value is not None}
    return await _answer("replace", engine, given, image, Mask(mask, hole, drawn))


async def background(
    image: gr.FileData,
    mask: gr.FileData,
    kind: str = "blur",
    settings: dict | None = None,
    other: gr.FileData | None = None,
    hole: str = "white",
    drawn: str = "",
) -> gr.FileData:
    """Put another background where the mask is white or painted. Gives a PNG.

    kind: "blur", "colour", "gradient", "transparent" or "photo", which is `other`. settings: those of its kind, such as
    {"amount": 40} or {"colour": "#d9d6d0"}. hole, drawn: as `erase` has them.
    """
    if not isinstance(settings, dict | None):
        raise gr.Error("The settings of a background are an object of names and values.", print_exception=False)
    return await _answer("background", "auto", {"kind": kind} | (settings or {}), image, Mask(mask, hole, drawn), other)


async def restore(image: gr.FileData, steps: str | list = "auto", size: str = "quick") -> gr.FileData:
    """Restore a photo. Gives a file of the same format where it can be, with its metadata.

    steps: "auto" for what a look at the photo suggests, or a list such as [{"id": "colour", "settings": {"strength":
    50}}, {"id": "enlarge", "engine": "lanczos"}]. size: at which repairs are computed, "quick", "fine" or "full".
    """
    return await _file(lambda: _restored(image, steps, size), "restoring", Rank.LONG)


async def restore_folder(folder: gr.FileData, steps: str | list = "auto", size: str = "quick") -> gr.FileData:
    """Restore the photos of a folder, a zip of it. Gives a zip with the same names in it.

    A photo that cannot be restored does not stop the rest; "not restored.txt" in the zip tells of it. steps, size: as
    `restore` has them.
    """
    return await _file(lambda: _folder_restored(folder, steps, size, _program()), "restoring a folder", None)


async def tag(image: gr.FileData, engine: str = "") -> dict:
    """Tell what a photo shows. Gives its "tags", the surest first, and the boxes of its "faces", the largest first.

    Boxes are left, top, right and bottom in shares of the upright photo. engine: what finds objects, "" for the first.
    """
    return await _said(lambda: _tagged(image, engine), "tagging", Rank.SOON)


def _tagged(image: Any, engine: Any) -> dict[str, list[dict[str, Any]]]:
    """Tag an uploaded photo."""
    detector = named(tagging.DETECTORS, engine or next(iter(tagging.DETECTORS)))
    found = tag_photo(PhotoFile(_uploaded(image)), detector, next(iter(tagging.CLASSIFIERS.values())))
    return said(found)


def _restored(image: Any, steps: Any, size: Any) -> Path:
    """Restore an uploaded photo."""
    data, name = _uploaded(image), _name(image)
    made = restorations.make(PhotoFile(data), *_wished(steps, size), _tell)
    if made is None:
        return _kept(data, name)
    return _kept(made.file.data, restored_name(name, made.file.format, made.steps))


def _folder_restored(folder: Any, steps: Any, size: Any, who: str) -> Path:
    """Restore the photos of an uploaded zip, each in turn with what others ask for."""
    todo, at = _wished(steps, size)

    def remake(data: bytes, report: Report) -> tuple[bytes, str] | None:
        with HEAVY.place(Rank.BEHIND, who):
            made = restorations.make(PhotoFile(data), todo, at, report)
        return made and (made.file.data, made.file.format)

    data = _uploaded(folder)
    with storage_errors(), TemporaryDirectory(dir=get_upload_folder()) as temporary:
        path = Path(temporary) / "restored.zip"
        folders.remake(data, path, remake, _tell)
        return Path(save_file_to_cache(path, get_upload_folder()))


def _wished(steps: Any, size: Any) -> tuple[list[repairs.Wish] | None, restorations.Size]:
    """Check which steps are wished for, None for what a look suggests, and at which size."""
    if size not in restorations.SIZES:
        raise UserError(f"There is no size {str(size)[:40]!r}; there are {', '.join(restorations.SIZES)}.")
    if steps == "auto":
        return None, restorations.SIZES[size]
    wish = parsed(restorations.RestoreWish, json.dumps({"steps": steps}).encode())
    return restorations.plan(wish.steps), restorations.SIZES[size]


def _tell(step: str, fraction: float | None = None) -> None:
    """Let Gradio's client hear how far it is. Raises `Cancelled` where nobody waits any more."""
    if asking.is_alone():
        raise Cancelled
    gr.Progress()(fraction or 0, desc=step)


def _completed(wish: CompleteWish, check: Callable[[], None]) -> bytes:
    """Fill a picture: JSON. Raises UserError for what is no picture, and has no hole. check: see `http.while_asked`."""
    image = PhotoFile(_from_base64(wish.img, "picture"))
    mask = Mask(None if wish.mask is None else _from_base64(wish.mask, "mask"), wish.hole, wish.drawn)
    done = _done("erase", "auto", {}, image, mask, lambda *said: check())
    notes = b', "notes": ' + json.dumps(done.notes).encode() if done.notes else b""
    # Base64 needs no escaping; it may be large, and is not searched for what does.
    return b'{"img": "%s"%s}' % (base64.b64encode(done.data), notes)


async def _answer(
    action: str, engine: str, values: dict[str, Any], image: Any, mask: Mask, other: Any = None
) -> dict[str, Any]:
    """Do an action on uploaded files, and give the file of what came of it as Gradio's client takes it."""

    def answer() -> Path:
        sent = replaced(mask, data=_uploaded(mask.data))
        behind = None if other is None else PhotoFile(_uploaded(other))
        done = _done(action, engine, values, PhotoFile(_uploaded(image)), sent, _tell, behind)
        return _kept(done.data, f"{action}.png")

    return await _file(answer, action, Rank.LONG if action == "replace" else Rank.SOON)


async def _file(make: Callable[[], Path], what: str, rank: Rank | None) -> dict[str, Any]:
    """Give the file that is made as Gradio's client takes it. Raises as `_said` does."""
    path = await _said(make, what, rank)
    media_type = mimetypes.guess_type(path.name)[0]
    return gr.FileData(path=str(path), orig_name=path.name, mime_type=media_type).model_dump()


async def _said(make: Callable[[], T], what: str, rank: Rank | None) -> T:
    """Give what is made, in its turn. Raises `gr.Error`, whose sentence a program reads, or nobody.

    rank: None for what takes turns by itself.
    """

    def begun() -> T:
        _tell("Starting")
        return make()

    try:
        if rank is None:
            return await run_sync(begun, limiter=_FOLDERS)
        return await http.in_turn(rank, _program(), begun)
    except Cancelled as error:
        raise gr.Error("Nobody waits for this any more.", print_exception=False) from error
    except Exception as error:
        raise gr.Error(told(error, what, FAILED), print_exception=False) from error


def _program() -> str:
    """Name who asks, for taking turns."""
    request = LocalContext.request.get(None)
    return address(request.request) if request else ""


def _kept(data: bytes, name: str) -> Path:
    """Keep a file where Gradio serves it from, for a while."""
    return Path(save_bytes_to_cache(data, names.safe_name(name), get_upload_folder()))


def _name(file: dict[str, Any]) -> str:
    """Name of an uploaded file."""
    return str(file.get("orig_name") or Path(file["path"]).name)


def _uploaded(file: Any) -> bytes:
    """Read a file that was uploaded, and no other of this machine."""
    folder = Path(get_upload_folder()).resolve()
    path = Path(file["path"]).resolve() if isinstance(file, dict) and isinstance(file.get("path"), str) else None
    if path is None or not path.is_relative_to(folder) or not path.is_file():
        raise UserError("Send pictures as files: gradio_client's handle_file makes them of paths and addresses.")
    return path.read_bytes()


def _from_base64(text: str, what: str) -> bytes:
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


def _done(
    action: str,
    engine: str,
    values: dict[str, Any],
    image: PhotoFile,
    mask: Mask,
    report: Report,
    other: PhotoFile | None = None,
) -> Exported:
    """Do an action at once: the PNG of what came of it, which tells how it was made. Raises UserError.

    report: may raise `Cancelled`.
    """
    todo = plan(action, engine, values, other and partial(_pixels, other))
    try:
        with memory.PHOTOS:
            own, changes = Own.of(image), _changes(image, mask)
            memory.PHOTOS.keep(memory.WORKED_ON * own.values.nbytes)
            todo.check(changes)
            # What is transparent is to be filled where it says what changes.
            own = own.filled(changes) if mask.data is None else own
            (finished,) = todo.run(own, changes, report, lambda preview: None)
            report("Saving", None)
            png = finished.own.png(results.texts(made(action, finished)))
            done = export.finish(png, "PNG", image)
            return replaced(done, notes=[*finished.notes, *done.notes])
    except (MemoryError, WeightsError) as error:
        raise UserError(told(error, action, FAILED)) from error


def _pixels(file: PhotoFile) -> np.ndarray:
    return file.decode().shown()


def _changes(image: PhotoFile, mask: Mask) -> np.ndarray:
    """What changes of a picture, uint8 HxW of its size: of its mask, or what it does not show."""
    if mask.data is None:
        alpha = image.decode_alpha()
        if alpha is None:
            raise UserError("There is nothing to fill: send a mask, or a picture that is transparent in parts.")
        return np.where(alpha < 255, np.uint8(255), np.uint8(0))
    return masks.exact_mask(mask.data, image.stored, mask.hole, mask.drawn)
