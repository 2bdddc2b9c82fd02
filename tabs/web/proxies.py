"""Behind a proxy that shows the app below a path: which part of a request's path is the app's own."""

import re
from urllib.parse import quote, unquote, urlsplit

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from tabs.web.origins import is_secure

_HOST = re.compile(r"[\w.-]+(:\d+)?|\[[\da-fA-F:.]+\](:\d+)?", re.ASCII)


def root_path(given: str) -> str:
    """Bring what `launch(root_path=...)` takes, a path or a whole address, into the form that it is compared in."""
    is_address = given.startswith(("http://", "https://"))
    return given.rstrip("/") if is_address else "/" + given.strip("/") if given.strip("/") else ""


def root_of(request: HTTPConnection) -> str:
    """Address of the app's page as whoever asks knows it, without a slash at its end."""
    given = request.app.root_path
    if "://" in given:
        return given
    host = request.headers.get("x-forwarded-host", "").split(",")[0].strip() or request.headers["host"]
    scheme = "https" if is_secure(request) else "http"
    return f"{scheme}://{host}{quote(request.scope.get('root_path', ''))}"


class BehindPath:
    """ASGI middleware: finds the app's own part of the path, be what is before it stripped by the proxy or kept.

    What comes out has the form of the ASGI specification: `path` begins with `root_path`. What an app below "/envo"
    is asked for may begin so in either case; that which is a route counts. Letters of X-Forwarded-Proto become small,
    as all that read it expect; an X-Forwarded-Host that names none is left out.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers = MutableHeaders(scope=scope)
        if "x-forwarded-proto" in headers:
            headers["x-forwarded-proto"] = headers["x-forwarded-proto"].lower()
        if not _HOST.fullmatch(headers.get("x-forwarded-host", "").split(",")[0].strip()):
            del headers["x-forwarded-host"]
        above = unquote(urlsplit(scope.get("root_path", "")).path)
        if above:
            if scope["path"] == above and scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
                # The page's addresses are relative to it.
                query = scope["query_string"].decode("latin-1")
                page = RedirectResponse(f"{quote(above)}/" + (f"?{query}" if query else ""))
                return await page(scope, receive, send)
            scope = scope | {"root_path": above, "path": above + _own_path(scope, above)}
        await self.app(scope, receive, send)


def _own_path(scope: Scope, above: str) -> str:
    path: str = scope["path"]
    stripped = get_route_path(scope | {"root_path": above})
    return stripped if stripped != path and (_is_route(scope, stripped) or not _is_route(scope, path)) else path


def _is_route(scope: Scope, path: str) -> bool:
    asked = scope | {"root_path": "", "path": path}
    return any(route.matches(asked)[0] == Match.FULL for route in scope["app"].routes)
