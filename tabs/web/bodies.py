"""How large the body of a request may be: one table for all routes, Gradio's too, kept before anything is read."""

import re
from contextlib import suppress
from dataclasses import dataclass

import anyio
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from envo import settings
from tabs.web import faults

DRAINED = 8
"""So many times the limit is read of a body that is too large and thrown away: a browser hears the answer only when it
has sent all."""


@dataclass(frozen=True)
class Limit:
    """What a route takes."""

    bytes: int
    what: str
    """What is sent there, as a sentence begins."""
    advice: str

    def refusal(self) -> str:
        """Say that a body is too large."""
        units = (30, "GB") if self.bytes >= 2**30 else (20, "MB") if self.bytes >= 2**20 else (10, "kB")
        return f"{self.what} is larger than {self.bytes >> units[0]} {units[1]}; {self.advice}."


_SMALLER = "please bring a smaller one"
LIMITS = (
    (r"/envo/photos", Limit(settings.MAX_FILE_BYTES, "The file", _SMALLER)),
    (r"/envo/photos/[^/]+/mask-upload", Limit(settings.MAX_FILE_BYTES, "The file", _SMALLER)),
    (r"/envo/watermarks", Limit(settings.MAX_WATERMARK_BYTES, "The watermark", _SMALLER)),
    (r"/envo/luts", Limit(settings.MAX_CUBE_BYTES, "The .cube file", _SMALLER)),
    (r"/envo/presets/files", Limit(settings.MAX_PRESET_FILE, "The preset", _SMALLER)),
    (r"/envo/gallery/zips", Limit(settings.MAX_ZIP_BYTES, "The zip", "bring it in parts")),
    (
        r"/envo/(photos/[^/]+/sidecar|sidecars)",
        Limit(settings.MAX_SIDECAR_BYTES, "It", "Envo reads no more of what lies beside photos"),
    ),
    (
        r"/envo/photos/[^/]+/(own-masks|actions|restorations|select|select/glance|mask-steps|cutout)",
        Limit(settings.MAX_MASK_WISH, "The mask", "masks have the size that the page tells"),
    ),
    (r"/complete-image", Limit(settings.MAX_SERVICE_BYTES, "What was sent, in base64,", "send smaller pictures")),
    (r"/api/v1/library/photos", Limit(settings.MAX_FILE_BYTES + 2**16, "The file", _SMALLER)),
    (r"/api/v1/[^/]+", Limit(settings.MAX_PROGRAM_BYTES, "What was sent", "send smaller files")),
    (
        r"/gradio_api/mcp/?",
        Limit(settings.MAX_SERVICE_BYTES, "What was sent, in base64,", "send files by /api/v1/files"),
    ),
    (r"/gradio_api/upload/?", Limit(settings.MAX_UPLOADS, "What was sent", "send the files one by one")),
)
"""By the route's whole path, the first that fits."""
OTHERS = Limit(settings.MAX_WISH, "What was asked for", "ask for less at a time")


class BodyLimits:
    """ASGI middleware: refuses bodies that are larger than their route takes, by what is announced or by what comes.

    Senders that fall silent are given up.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = get_route_path(scope)
        limit = next((limit for pattern, limit in LIMITS if re.fullmatch(pattern, path)), OTHERS)
        announced = Request(scope).headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit.bytes:
            if int(announced) <= DRAINED * limit.bytes:
                with suppress(HTTPException):
                    await _drain(receive, limit, 0)
            return await faults.refusal(scope, 413, limit.refusal())(scope, receive, send)
        received, is_whole = 0, False

        async def receive_within() -> Message:
            nonlocal received, is_whole
            message = await (receive() if is_whole else _next(receive))
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body")
            if received > limit.bytes:
                if not is_whole:
                    await _drain(receive, limit, received)
                raise HTTPException(413, limit.refusal())
            return message

        await self.app(scope, receive_within, send)


async def _next(receive: Receive) -> Message:
    """Wait for more of a body. Raises HTTPException, 408, for a sender that is silent for `SILENCE_SECONDS`."""
    with anyio.move_on_after(settings.SILENCE_SECONDS):
        return await receive()
    raise HTTPException(408, "Nothing came for too long; please try again.")


async def _drain(receive: Receive, limit: Limit, received: int) -> None:
    """Read what is still to come, and keep none of it; not of what goes on far beyond."""
    while received <= DRAINED * limit.bytes:
        message = await _next(receive)
        received += len(message.get("body", b""))
        if not message.get("more_body"):
            return
