"""Envo for programs: `POST /complete-image`, and by Gradio's client all that `tabs/work/service.py` has.

    answer = httpx.post(f"{app}/complete-image", json={"img": base64_of_a_png, "mask": base64_of_another})
    client = gradio_client.Client(app)
    client.predict(handle_file("cup.jpg"), handle_file("mask.png"), "a glass of milk", api_name="/replace")
    client.predict(handle_file("album.zip"), api_name="/restore_folder")
    client.predict(handle_file("dog.jpg"), api_name="/tag")  # {"tags": [{"word": "dog", ...}, ...], "faces": [...]}

Nothing of what is sent gets into a library.
"""

import base64
import inspect
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import gradio as gr
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from gradio.context import LocalContext
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from starlette.routing import BaseRoute
from typing_extensions import is_typeddict

from envo import names, settings
from envo.errors import UserError
from envo.file import PhotoFile
from models.inpaint import Cancelled
from tabs.routes import rest
from tabs.web import asking, gradios, http
from tabs.web.tries import address
from tabs.web.visitors import login_of
from tabs.work import service
from tabs.work.jobs import FAILED
from tabs.work.programs import ProgramFiles
from tabs.work.queue import told
from tabs.work.scheduler import Busy, Rank
from tabs.work.service import Capability, File, Mask, is_file
from tabs.work.wish import Wish, parsed

T = TypeVar("T")

BUSY = "Too many pictures are being worked on for programs; please try again in a while."


class CompleteWish(Wish):
    """A picture, and what to fill of it, as base64 of their files or as data URLs."""

    img: str
    mask: str | None = None
    """White or paint is filled, see `masks.exact_mask`. Without it, all that is not quite opaque is."""
    hole: str = "white"
    """"clear": what is clear in the mask is filled instead."""
    drawn: str = ""
    """Whether the mask lies on the photo "upright" or as "stored", where its size does not tell."""


def routes(is_mcp: bool) -> list[BaseRoute]:
    """The routes, for the app that Gradio serves. is_mcp: whether agents may use it, too."""
    api, files = APIRouter(), ProgramFiles()
    under_way = 0

    async def in_line(request: Request) -> AsyncIterator[None]:
        """Be one of those whose pictures are in memory."""
        nonlocal under_way
        await who_asks(request)  # where a login is wanted, it is wanted here
        if under_way >= settings.PROGRAMS_IN_LINE:
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

    for_programs = [*api.routes, *rest.routes(in_line, who_asks, files)]
    if is_mcp:
        from tabs.routes import agents

        for_programs += agents.routes(asynccontextmanager(in_line), who_asks, files)
    return for_programs


async def who_asks(request: Request) -> str:
    """Name who asks, for taking turns, and for finding jobs again: a login, else an address."""
    return await login_of(request) or address(request)


def add_endpoints() -> None:
    """Add a named endpoint for each capability to the `gr.Blocks` that is open."""
    for capability in service.CAPABILITIES.values():
        # One at a time of each, in Gradio's queue; whose turn it is among all, the scheduler says.
        gr.api(_endpoint(capability), api_name=capability.name, concurrency_limit=1, concurrency_id=capability.name)


def _endpoint(capability: Capability) -> Callable[..., Any]:
    """Make the function that Gradio offers: files as it has them, all else as the capability has it."""
    signature = capability.signature
    parameters = [
        parameter.replace(
            annotation=_as_gradio(parameter.annotation, capability.files.get(name, True)),
            kind=inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        for name, parameter in signature.parameters.items()
    ]
    answers = _as_gradio(signature.return_annotation)

    async def ask(*given: Any) -> Any:
        return await _said(partial(_asked, capability, given), capability)

    ask.__name__, ask.__doc__ = capability.name, capability.about
    ask.__signature__ = inspect.Signature(parameters, return_annotation=answers)
    ask.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": answers}
    return ask


def _as_gradio(kind: Any, is_needed: bool = True) -> Any:
    if is_file(kind):
        return gr.FileData if is_needed else gr.FileData | None
    return dict[str, Any] if is_typeddict(kind) else kind


def _asked(capability: Capability, given: tuple[Any, ...]) -> Any:
    """Have a capability done with the values that Gradio gives, in their order."""
    values = dict(zip(capability.signature.parameters, given, strict=True))
    files = {name: values.pop(name) for name in capability.files}
    sent = {name: None if file is None else _uploaded(file) for name, file in files.items()}
    wish = parsed(capability.wish, json.dumps(values).encode())
    made = capability.ask(sent, wish, _program(), _tell)
    return _kept(made) if isinstance(made, File) else made


def _tell(step: str, fraction: float | None = None) -> None:
    """Let Gradio's client hear how far it is. Raises `Cancelled` where nobody waits any more."""
    if asking.is_alone():
        raise Cancelled
    gr.Progress()(fraction or 0, desc=step)


def _completed(wish: CompleteWish, check: Callable[[], None]) -> bytes:
    """Fill a picture: JSON. Raises UserError for what is no picture, and has no hole. check: see `http.while_asked`."""
    image = PhotoFile(http.from_base64(wish.img, "picture"))
    mask = Mask(None if wish.mask is None else http.from_base64(wish.mask, "mask"), wish.hole, wish.drawn)
    done = service.done("erase", "auto", {}, image, mask, lambda *said: check())
    notes = b', "notes": ' + json.dumps(done.notes).encode() if done.notes else b""
    # Base64 needs no escaping; it may be large, and is not searched for what does.
    return b'{"img": "%s"%s}' % (base64.b64encode(done.data), notes)


async def _said(make: Callable[[], T], capability: Capability) -> T:
    """Give what is made, in its turn. Raises `gr.Error`, whose sentence a program reads, or nobody."""

    def begun() -> T:
        _tell("Starting")
        return make()

    try:
        return await http.in_turn(capability.rank, _program(), begun)
    except Cancelled as error:
        raise gr.Error("Nobody waits for this any more.", print_exception=False) from error
    except Exception as error:
        raise gr.Error(told(error, capability.name, FAILED), print_exception=False) from error


def _program() -> str:
    """Name who asks, for taking turns."""
    request = LocalContext.request.get(None)
    return address(request.request) if request else ""


def _kept(file: File) -> dict[str, Any]:
    """Keep a file where Gradio serves it from, for a while; gives it as Gradio's client takes it."""
    path = Path(save_bytes_to_cache(file.data, names.safe_name(file.name), get_upload_folder()))
    return gr.FileData(path=str(path), orig_name=path.name, mime_type=file.media_type).model_dump()


def _uploaded(file: Any) -> File:
    """Read a file that was uploaded, and no other of this machine."""
    path = gradios.uploaded(file.get("path") if isinstance(file, dict) else None)
    if path is None:
        raise UserError("Send pictures as files: gradio_client's handle_file makes them of paths and addresses.")
    return File(path.read_bytes(), str(file.get("orig_name") or path.name))
