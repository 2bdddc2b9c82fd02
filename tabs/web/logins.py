"""Around Gradio's login: guesses are limited, and its page says why a login does not succeed."""

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tabs.web import static
from tabs.web.tries import TooMany, Tries, address
from tabs.web.visitors import login_of

GUESSES = 10
"""Failed logins from one address within `WINDOW`; the next is not looked at."""
WINDOW = 60.0
"""Seconds."""


class Logins:
    """ASGI middleware: counts failed logins, and adds to the page of the form what tells why they fail."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self._tries = Tries(GUESSES, WINDOW)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = get_route_path(scope) if scope["type"] == "http" else ""
        if path.rstrip("/") == "/login" and scope["method"] == "POST":
            return await self._login(scope, receive, send)
        if path == "/" and scope["method"] == "GET" and await _wants_login(HTTPConnection(scope)):
            return await self.app(scope, receive, _explained(send))
        await self.app(scope, receive, send)

    async def _login(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a login on, unless too many from its address have failed."""
        asker = address(HTTPConnection(scope))
        try:
            self._tries.begin(asker)
        except TooMany as error:
            refusal = JSONResponse({"detail": str(error)}, 429, {"Retry-After": str(error.seconds)})
            return await refusal(scope, receive, send)

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._tries.succeeded(asker)
            await send(message)

        await self.app(scope, receive, send_counted)


async def _wants_login(request: HTTPConnection) -> bool:
    try:
        await login_of(request)
    except HTTPException:
        return True
    return False


def _explained(send: Send) -> Send:
    """Add to a page what `static/common/login.js` tells."""
    added = f'<script type="module" src="{static.prefix()}common/login.js"></script>'.encode()
    is_page = False

    async def send_more(message: Message) -> None:
        nonlocal is_page
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            is_page = headers.get("content-type", "").startswith("text/html")
            if is_page and "content-length" in headers:
                headers["content-length"] = str(int(headers["content-length"]) + len(added))
        elif is_page and not message.get("more_body"):
            message["body"] = message.get("body", b"") + added  # browsers take it for the end of the page's body
        await send(message)

    return send_more
