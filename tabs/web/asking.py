"""Whether the program that asked Gradio's queue, or a route of Gradio's, for something is still there."""

import re
import time
from collections import Counter
from typing import ClassVar
from urllib.parse import parse_qs

from anyio import from_thread
from gradio.context import LocalContext
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

PATIENCE = 10.0
"""Seconds within which a program that has asked begins to listen to how far it is."""
_OF_EVENT = re.compile(r"/gradio_api/call/.+/([^/]+)")
_OF_SESSION = "/gradio_api/queue/data"


class Listeners:
    """ASGI middleware: counts the streams by which programs hear how far their work is."""

    open: ClassVar[Counter[str]] = Counter()
    """How many there are of a session or an event, by its id."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _heard_of(scope)
        if key is None:
            return await self.app(scope, receive, send)
        self.open[key] += 1
        try:
            await self.app(scope, receive, send)
        except RuntimeError as error:
            # That there is no such session Gradio has told in the stream, and then fails: it is too late for a status.
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body"})
        finally:
            self.open[key] -= 1
            if not self.open[key]:
                del self.open[key]


def _heard_of(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path = get_route_path(scope)
    if path == _OF_SESSION:
        return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [None])[0]
    match = _OF_EVENT.fullmatch(path)
    return match and match[1]


def is_alone() -> bool:
    """Tell whether the program is gone for which this thread works.

    Of one that asked through Gradio's queue, the stream was closed, or never opened; the others wait for the answer to
    their own request.
    """
    event_id, request = LocalContext.event_id.get(None), LocalContext.request.get(None)
    if not event_id:
        return request is not None and from_thread.run(request.request.is_disconnected)
    event = LocalContext.blocks.get()._queue.event_ids_to_events.get(event_id)
    if event is None or not event.alive:
        return True
    is_heard = event_id in Listeners.open or event.session_hash in Listeners.open
    return not is_heard and time.monotonic() - event.enqueue_time > PATIENCE
