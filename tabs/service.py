"""Envo as a service for programs: `POST /complete-image`, and the three actions as endpoints of Gradio's client.

    answer = httpx.post(f"{app}/complete-image", json={"img": base64_of_a_png, "mask": base64_of_another})
    client = gradio_client.Client(app)
    client.predict(handle_file("cup.jpg"), handle_file("mask.png"), "a glass of milk", api_name="/replace")

Nothing of what is sent gets into a library.
"""

import base64
import binascii
import logging
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import gradio as gr
import numpy as np
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from starlette.routing import BaseRoute

from envo import photo, results
from envo.errors import UserError
from models.weights import WeightsError
from tabs import actions, http
from tabs.background import NO_MEMORY, NO_WEIGHTS
from tabs.running import FAILED
from tabs.visitors import account_of

log = logging.getLogger(__name__)

AT_A_TIME = 2
"""So many pictures are completed at a time; more wait, without keeping the app from anything else."""
IN_LINE = 16
"""So many wait at most, for each holds its picture in memory."""
BUSY = "Too many pictures are waiting to be completed; please try again in a while."


class CompleteWish(http.Wish):
    """A picture, and what to fill of it, as base64 of their files or as data URLs."""

    img: str
    mask: str | None = None
    """White is filled. Without it, all that is not quite opaque is."""


def routes() -> list[BaseRoute]:
    """The route, for the app that Gradio serves."""
    api = APIRouter()
    # Of its own: those who wait here must not use up the threads that the routes share.
    limiter = anyio.CapacityLimiter(AT_A_TIME)
    under_way = 0

    @api.post("/complete-image")
    async def complete_image(request: Request, wish: Annotated[CompleteWish, http.body(CompleteWish)]):
        """Fill a hole in a picture; the answer's `img` is a PNG."""
        nonlocal under_way
        account_of(request)  # where a login is wanted, it is wanted here
        if under_way >= AT_A_TIME + IN_LINE:
            return JSONResponse({"error": BUSY}, 503, {"Retry-After": "30"})
        under_way += 1
        try:
            return Response(await run_sync(_completed, wish, limiter=limiter), media_type="application/json")
        finally:
            under_way -= 1

    return api.routes


def add_endpoints() -> None:
    """Add the named endpoints to the `gr.Blocks` that is open."""
    gr.api(erase, api_name="erase", concurrency_limit=1, concurrency_id="quick")
    gr.api(background, api_name="background", concurrency_limit=1, concurrency_id="quick")
    gr.api(replace, api_name="replace", concurrency_limit=1, concurrency_id="slow")


def erase(image: gr.FileData, mask: gr.FileData, engine: str = "auto") -> gr.FileData:
    """Erase what is white in the mask, a picture of the image's size. Gives a PNG."""
    return _answer("erase", engine, {}, image, mask)


def replace(
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
) -> gr.FileData:
    """Put what the prompt says where the mask is white. Gives a PNG, which tells the seed among its texts.

    What is None has the engine's default; a seed is drawn.
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
    return _answer("replace", engine, given, image, mask)


def background(
    image: gr.FileData,
    mask: gr.FileData,
    kind: str = "blur",
    settings: dict | None = None,
    other: gr.FileData | None = None,
) -> gr.FileData:
    """Put another background where the mask is white. Gives a PNG.

    kind: "blur", "colour", "gradient", "transparent" or "photo", which is `other`. settings: those of its kind, such as
    {"amount": 40} or {"colour": "#d9d6d0"}.
    """
    if not isinstance(settings, dict | None):
        raise gr.Error("The settings of a background are an object of names and values.", print_exception=False)
    return _answer("background", "auto", {"kind": kind} | (settings or {}), image, mask, other)


def _completed(wish: CompleteWish) -> bytes:
    """Fill a picture: JSON. Raises UserError for what is no picture, and has no hole."""
    image = _from_base64(wish.img, "picture")
    mask = None if wish.mask is None else _from_base64(wish.mask, "mask")
    # Base64 needs no escaping; it may be large, and is not searched for what does.
    return b'{"img": "%s"}' % base64.b64encode(_done("erase", "auto", {}, image, mask))


def _answer(action: str, engine: str, values: dict[str, Any], *files: Any) -> dict[str, Any]:
    """Do an action on uploaded files, and give the file of what came of it as Gradio's client takes it."""
    try:
        image, mask, *other = (None if file is None else _uploaded(file) for file in files)
        data = _done(action, engine, values, image, mask, *other)
        path = save_bytes_to_cache(data, f"{action}.png", get_upload_folder())
    except UserError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        log.exception("%s failed", action)
        raise gr.Error(FAILED, print_exception=False) from error
    return gr.FileData(path=path, orig_name=f"{action}.png", mime_type="image/png").model_dump()


def _uploaded(file: Any) -> bytes:
    """Read a file that was uploaded, and no other of this machine."""
    folder = Path(get_upload_folder()).resolve()
    path = Path(file["path"]).resolve() if isinstance(file, dict) and isinstance(file.get("path"), str) else None
    if path is None or not path.is_relative_to(folder) or not path.is_file():
        raise UserError("Send pictures as files: gradio_client's handle_file makes them of paths and addresses.")
    return path.read_bytes()


def _from_base64(text: str, what: str) -> bytes:
    """Read base64, be it a data URL or broken into lines."""
    text = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserError(f"The {what} is not base64; send the bytes of its file as that.") from error


def _done(
    action: str,
    engine: str,
    values: dict[str, Any],
    image: bytes,
    mask: bytes | None,
    other: bytes | None = None,
) -> bytes:
    """Do an action at once: the PNG of what came of it, which tells how it was made. Raises UserError."""
    todo = actions.plan(action, engine, values, other and partial(_pixels, other))
    try:
        with http.HEAVY:
            decoded = photo.decode(image)
            pixels, exif = photo.as_uint8(decoded.pixels), decoded.exif
            changes = _changes(image, mask, pixels.shape[1::-1])
        todo.check(changes)
        (result,) = todo.run(pixels, changes, lambda step, fraction: None, lambda preview: None)
        with http.HEAVY:
            return photo.encode(result.pixels, "PNG", exif=exif, texts=results.texts(actions.made(action, result)))
    except MemoryError as error:
        log.exception("%s ran out of memory", action)
        raise UserError(NO_MEMORY) from error
    except WeightsError as error:
        log.warning("%s", error)
        raise UserError(NO_WEIGHTS) from error


def _pixels(data: bytes) -> np.ndarray:
    with http.HEAVY:
        return photo.as_uint8(photo.decode(data).pixels)


def _changes(image: bytes, mask: bytes | None, size: tuple[int, int]) -> np.ndarray:
    """What changes of a picture of this size (width, height): uint8 HxW, of its mask or of what it does not show."""
    if mask is None:
        alpha = photo.decode_alpha(image)
        if alpha is None:
            raise UserError("There is nothing to fill: send a mask, or a picture that is transparent in parts.")
        return np.where(alpha < 255, np.uint8(255), np.uint8(0))
    changes = photo.decode_grey(mask)
    height, width = changes.shape
    if (width, height) != size:
        raise UserError(f"The mask is {width} x {height} pixels, the picture {size[0]} x {size[1]}; make them alike.")
    return changes
