"""Which site a request comes from. What other sites' pages send is refused, and they may read nothing.

A browser tells where a request comes from by `Sec-Fetch-Site` (Fetch Metadata, W3C), which it sends over HTTPS and to
this machine alone, and by `Origin` (RFC 6454), which it sends with every write and with every read of another origin.
Programs send neither, and hold no visitor's cookie that they were not given.
"""

from urllib.parse import urlsplit

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tabs.web import faults

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OURS = "/envo/"
"""How the paths of all of the app's own routes begin but those for programs."""
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Gradio makes functions of text
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
"""Content-Security-Policy (W3C, level 3) of the page: it loads nothing from anywhere else. It may be framed."""
_PAGE = {"cache-control": "no-store", "referrer-policy": "same-origin"}
_PORTS = {"http": 80, "https": 443}


class OwnOriginOnly:
    """ASGI middleware: refuses what another site's page sends, or reads of a library; lets it embed no answer.

    Another port of the same host is another site, too. A page of this app inside another site's frame is not.
    """

    def __init__(self, app: ASGIApp, policy: str | None = POLICY):
        """Begin. policy: of pages, None where they may load things from other sites."""
        self.app = app
        self._page = _PAGE | ({"content-security-policy": policy} if policy else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        is_read = scope["method"] in SAFE_METHODS
        if (not is_read or get_route_path(scope).startswith(OURS)) and is_foreign(HTTPConnection(scope)):
            done = "look into" if is_read else "change"
            refusal = faults.refusal(scope, 403, f"Another site may not {done} this library.")
            return await refusal(scope, receive, send)

        async def send_for_own(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-content-type-options"] = "nosniff"
                if headers.get("content-type", "").startswith("text/html"):
                    headers.update(self._page)
                else:  # pages may be framed
                    headers["cross-origin-resource-policy"] = "same-origin"
            await send(message)

        await self.app(scope, receive, send_for_own)


def is_foreign(request: HTTPConnection) -> bool:
    """Tell whether a request comes from another origin's page, which may be another port of the same host."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    scheme = origin.partition(":")[0]
    place = _place(origin, scheme)
    return place is None or place not in [_place(f"//{host}", scheme) for host in _hosts(request)]


def is_secure(request: HTTPConnection) -> bool:
    """Tell whether the browser speaks HTTPS, be it with a proxy."""
    proxied = request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return (proxied or request.url.scheme) == "https"


def _hosts(request: HTTPConnection) -> list[str]:
    """Names under which the app is asked: what arrives, what a proxy says it was, and what `launch` was told."""
    names = (
        request.headers.get("host", ""),
        request.headers.get("x-forwarded-host", "").split(",")[0].strip(),
        urlsplit(request.app.root_path).netloc,
    )
    return [name for name in names if name]


def _place(address: str, scheme: str) -> tuple[str, int | None] | None:
    """Host and port of an address, without a port that of the scheme; None where it names no host."""
    try:
        parts = urlsplit(address)
        return (parts.hostname, parts.port or _PORTS.get(scheme)) if parts.hostname else None
    except ValueError:
        return None
