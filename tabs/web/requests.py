"""Each request has an id, by which what a visitor was told is found in the log."""

import json
import logging
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tabs.web.logs import REQUEST

log = logging.getLogger(__name__)

HEADER = "x-request-id"
NO_ROUTE = "none"
"""Stands for the path of what is no route of the app's."""
Answered = Callable[[str, str, int, float], None]
"""Called with the method, the route's template, the status, and the seconds that an answer took."""


class Requests:
    """ASGI middleware: gives each request an id, which its answer tells in a header and, where it is an error, in JSON.

    How each was answered is logged, by its route's template: paths hold ids, and queries what is searched for.
    """

    def __init__(self, app: ASGIApp, answered: Answered | None = None):
        """Begin. answered: hears of each answer, too."""
        self.app = app
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        # Not taken back: what the server logs of a fault comes after all middleware.
        REQUEST.set(secrets.token_hex(6))
        begun, status, held = time.monotonic(), 500, None

        async def send_named(message: Message) -> None:
            nonlocal status, held
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[HEADER] = REQUEST.get()
                if status >= 400 and headers.get("content-type", "").startswith("application/json"):
                    held = message, b""
                    return
            elif held:
                start, body = held[0], held[1] + message.get("body", b"")
                if message.get("more_body"):
                    held = start, body
                    return
                held, message = None, message | {"body": named(body)}
                MutableHeaders(scope=start)["content-length"] = str(len(message["body"]))
                await send(start)
            await send(message)

        try:
            await self.app(scope, receive, send_named)
        finally:
            method, route, seconds = scope["method"], template(scope), time.monotonic() - begun
            told = {"method": method, "route": route, "status": status, "seconds": round(seconds, 4)}
            log.info("answered", extra={"told": told})
            if self._answered:
                self._answered(method, route, status, seconds)


def named(body: bytes) -> bytes:
    """Put the request's id into an object of JSON; what is none stays as it is."""
    try:
        said = json.loads(body)
    except ValueError:
        return body
    return json.dumps(said | {"request": REQUEST.get()}).encode() if isinstance(said, dict) else body


def template(scope: Scope) -> str:
    """Tell which route has answered, as the app writes its path, such as `/envo/photos/{photo_id}`."""
    if (path := getattr(scope.get("route"), "path", None)) is not None:
        return path
    # Starlette's own routes tell what answered alone.
    endpoint = scope.get("endpoint")
    return next((each.path for each in scope["app"].routes if endpoint and _endpoint(each) is endpoint), NO_ROUTE)


def _endpoint(route: object) -> object:
    return getattr(route, "endpoint", None)
