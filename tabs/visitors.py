"""Who is asking: the signed-in account, else an anonymous visitor known by a signed cookie.

Everything a visitor owns hangs on the string that `owner_of` returns; no route trusts anything else.
"""

import secrets

from filelock import FileLock
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from envo import settings

COOKIE = "envo_visitor"
COOKIE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie
TICKET_SECONDS = 24 * 3600
TICKET_HEADER = "envo-ticket"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def secret() -> str:
    """Key that signs cookies, made once and kept beside the library, readable by its user alone."""
    path = settings.home() / "secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name("secret.lock")):
        if not path.exists():
            fresh = path.with_name("secret.new")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(32))
            fresh.replace(path)
    return path.read_text()


class Visitors:
    """Reads and makes the signed names of visitors."""

    def __init__(self, key: str):
        self._cookies = URLSafeTimedSerializer(key, salt="cookie")
        self._tickets = URLSafeTimedSerializer(key, salt="ticket")

    def cookie(self, connection: HTTPConnection) -> str:
        """Value of the cookie: the visitor's name, or a new one, signed today so that it never grows stale."""
        return self._cookies.dumps(self.by_cookie(connection) or new_visitor())

    def ticket(self) -> str:
        """A new visitor's name for one page, for browsers that refuse the cookie."""
        return self._tickets.dumps(new_visitor())

    def by_cookie(self, connection: HTTPConnection) -> str | None:
        """Owner named by the cookie, or None when there is none or its signature is wrong."""
        return _read(self._cookies, connection.cookies.get(COOKIE), COOKIE_SECONDS)

    def by_ticket(self, connection: HTTPConnection) -> str | None:
        """Owner named by the page's ticket: a header, or a query value where no header can be set."""
        ticket = connection.headers.get(TICKET_HEADER) or connection.query_params.get("ticket")
        return _read(self._tickets, ticket, TICKET_SECONDS)

    def owner_of(self, connection: HTTPConnection) -> str:
        """Owner on whose library a request works.

        Raises:
            HTTPException: 401 when the request names nobody, or when the app wants a login and there is none.

        """
        owner = account_of(connection) or self.by_cookie(connection) or self.by_ticket(connection)
        if owner is None:
            raise HTTPException(401, "This page does not know you any more; please reload it.")
        return owner


def new_visitor() -> str:
    return f"visitor:{secrets.token_urlsafe(16)}"


def _read(serializer: URLSafeTimedSerializer, text: str | None, seconds: int) -> str | None:
    try:
        return serializer.loads(text, max_age=seconds) if text else None
    except BadSignature:
        return None


def account_of(connection: HTTPConnection) -> str | None:
    """Owner of a signed-in account: a Hugging Face login on a Space, else `launch(auth=...)`; None for a visitor.

    Raises:
        HTTPException: 401 when the app was launched with `auth` and nobody has logged in.

    """
    login = connection.scope.get("session", {}).get("oauth_info")
    if login:
        return f"huggingface:{login['userinfo']['sub']}"
    gradio = connection.app
    if getattr(gradio, "auth", None) is None:
        return None
    for name in (f"access-token-{gradio.cookie_id}", f"access-token-unsecure-{gradio.cookie_id}"):
        user = gradio.tokens.get(connection.cookies.get(name))
        if user is not None:
            return f"login:{user}"
    raise HTTPException(401, "Please log in first.")


class VisitorCookie:
    """ASGI middleware: gives each page's visitor a cookie, and refuses writes that another site sends.

    Inside another site's frame (a Space, a notebook) browsers keep a cookie only when it is `Secure`,
    `SameSite=None` and `Partitioned` (CHIPS, W3C Privacy CG); those need HTTPS, so plain HTTP gets `Lax`.
    """

    def __init__(self, app: ASGIApp, visitors: Visitors):
        self.app = app
        self.visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = HTTPConnection(scope)
        is_ours = request.url.path.startswith("/envo/")
        if is_ours and scope["method"] not in SAFE_METHODS and _from_elsewhere(request):
            refusal = PlainTextResponse("Another site may not change this library.", 403)
            return await refusal(scope, receive, send)
        if is_ours or scope["method"] != "GET":
            return await self.app(scope, receive, send)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", self._cookie(request))
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _cookie(self, request: HTTPConnection) -> str:
        proxied = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
        secure = (proxied or request.url.scheme) == "https"
        framed = "Secure; SameSite=None; Partitioned" if secure else "SameSite=Lax"
        return f"{COOKIE}={self.visitors.cookie(request)}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; {framed}"


def _from_elsewhere(request: HTTPConnection) -> bool:
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")

