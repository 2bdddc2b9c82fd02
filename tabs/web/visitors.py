"""Who is asking: the signed-in account, else an anonymous visitor known by a signed cookie.

Everything a visitor owns hangs on the string that `owner_of` returns; no route trusts anything else.
"""

import hashlib
import inspect
import os
import secrets
from datetime import UTC, datetime

from filelock import FileLock
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from envo import settings
from envo.errors import UserError
from envo.visitors import is_visitor, new_visitor
from tabs.web import origins

COOKIE = "envo_visitor"
"""How the names of all visitors' cookies begin; once it was the whole name."""
TICKET_SECONDS = 24 * 3600
TICKET_HEADER = "envo-ticket"
SHORTEST_SECRET = 16
"""Characters; what is shorter was cut off, and would let anybody sign cookies."""


def secret() -> str:
    """Key that signs cookies, made once and kept beside the library, readable by its user alone.

    Raises UserError for a file that is empty or cut off: whoever guesses it could be every visitor.
    """
    path = settings.home() / "secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name("secret.lock")):
        if not path.exists():
            fresh = path.with_name("secret.new")
            fresh.touch(mode=0o600)
            with fresh.open("w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())  # else a crash of the machine could leave the name without the content
            fresh.replace(path)
    key = path.read_text()
    if len(key.strip()) < SHORTEST_SECRET:
        raise UserError(
            f"{path} is empty or cut off, so Envo cannot tell its visitors apart: bring it back from a backup, or "
            "delete it, which loses the libraries of those who never signed in."
        )
    return key


class Visitors:
    """Reads and makes the signed names of visitors."""

    def __init__(self, key: str, root_path: str = ""):
        """Begin with the key of this home. root_path: where a proxy shows the app, such as "/photos"."""
        self._cookies = URLSafeTimedSerializer(key, salt="cookie")
        self._tickets = URLSafeTimedSerializer(key, salt="ticket")
        # Cookies know no ports, so two apps on one host would else overwrite each other's.
        self._name = f"{COOKIE}_{hashlib.sha256(f'{root_path} {key}'.encode()).hexdigest()[:12]}"

    def cookie(self, connection: HTTPConnection) -> str:
        """A `Set-Cookie` with the visitor's name, or a new one, signed today so that it never grows stale.

        It lives as long as the library is kept of a visitor who stays away.
        """
        value = self._cookies.dumps(self.by_cookie(connection) or new_visitor())
        return _set_cookie(connection, self._name, value, settings.visitor_days() * 24 * 3600)

    def farewell(self, connection: HTTPConnection) -> list[str]:
        """Each `Set-Cookie` that takes away a cookie of a visitor's who has an account now."""
        return [_set_cookie(connection, name, "", 0) for name in self._known(connection)]

    def ticket(self) -> str:
        """A new visitor's name for one page, for browsers that refuse the cookie."""
        return self._tickets.dumps(new_visitor())

    def by_cookie(self, connection: HTTPConnection) -> str | None:
        """Owner named by the cookie, or None when there is none that this app has signed.

        How old it is does not matter, nor whether the clock has gone back since: who lost the name lost the library.
        """
        return next(iter(self._known(connection).values()), None)

    def by_ticket(self, connection: HTTPConnection) -> str | None:
        """Owner named by the page's ticket: a header, or a query value where no header can be set."""
        ticket = connection.headers.get(TICKET_HEADER) or connection.query_params.get("ticket")
        owner, age = _read(self._tickets, ticket)
        return owner if age < TICKET_SECONDS else None

    async def owner_of(self, connection: HTTPConnection) -> str:
        """Owner on whose library a request works.

        Raises:
            HTTPException: 401 when the request names nobody, or when the app wants a login and there is none.

        """
        owner = await account_of(connection) or self.by_cookie(connection) or self.by_ticket(connection)
        if owner is None:
            raise HTTPException(401, "This page does not know you any more; please reload it.")
        return owner

    def _known(self, connection: HTTPConnection) -> dict[str, str]:
        """The cookies that this app has signed, by their names, the one of today's name first.

        The others are of the time when all had one name, or of another path of this app.
        """
        names = sorted((name for name in connection.cookies if name.startswith(COOKIE)), key=self._name.__ne__)
        owners = {name: _read(self._cookies, connection.cookies[name])[0] for name in names}
        return {name: owner for name, owner in owners.items() if owner}


def _read(serializer: URLSafeTimedSerializer, text: str | None) -> tuple[str | None, float]:
    """Read a signed name of an anonymous visitor, and its age in seconds; (None, 0) for what was not signed here."""
    try:
        owner, signed = serializer.loads(text or "", return_timestamp=True)
    except BadData:
        return None, 0
    if not is_visitor(owner):
        return None, 0
    return owner, (datetime.now(UTC) - signed).total_seconds()


def _set_cookie(connection: HTTPConnection, name: str, value: str, seconds: int) -> str:
    """A `Set-Cookie` that browsers keep inside another site's frame, too, where they can.

    There (a Space, a notebook) it must be `Secure`, `SameSite=None` and `Partitioned` (CHIPS, W3C Privacy CG); those
    need HTTPS, so plain HTTP gets `Lax`.
    """
    framed = "Secure; SameSite=None; Partitioned" if origins.is_secure(connection) else "SameSite=Lax"
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; {framed}"


async def account_of(connection: HTTPConnection) -> str | None:
    """Owner of a signed-in account: a Hugging Face login on a Space, else of `launch(auth=...)`; None for a visitor.

    Raises:
        HTTPException: 401 when the app was launched with `auth` or `auth_dependency`, and nobody has logged in.

    """
    login = connection.scope.get("session", {}).get("oauth_info")
    if login:
        return f"huggingface:{login['userinfo']['sub']}"
    gradio = connection.app
    ask = getattr(gradio, "auth_dependency", None)
    if ask is None and getattr(gradio, "auth", None) is None:
        return None
    user = ask(connection) if ask else _logged_in(connection)
    if inspect.isawaitable(user):
        user = await user
    if user is None:
        raise HTTPException(401, "Please log in first.")
    return f"login:{user}"


def _logged_in(connection: HTTPConnection) -> str | None:
    """Name under which somebody has logged in by Gradio's form."""
    gradio = connection.app
    names = (f"access-token-{gradio.cookie_id}", f"access-token-unsecure-{gradio.cookie_id}")
    users = (gradio.tokens.get(connection.cookies.get(name)) for name in names)
    return next((user for user in users if user is not None), None)


class VisitorCookie:
    """ASGI middleware: gives each page's visitor a cookie, unless an account owns what is done there."""

    def __init__(self, app: ASGIApp, visitors: Visitors):
        self.app = app
        self.visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = HTTPConnection(scope)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = scope["method"] == "GET" and headers.get("content-type", "").startswith("text/html")
                if is_page and await _is_visitor(request):
                    headers.append("set-cookie", self.visitors.cookie(request))
                message["headers"] = [_partitioned(*header) for header in message["headers"]]
            await send(message)

        await self.app(scope, receive, send_with_cookie)


async def _is_visitor(request: HTTPConnection) -> bool:
    try:
        return await account_of(request) is None
    except HTTPException:
        return False


def _partitioned(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Keep Gradio's login cookie, which goes into frames, from being sent to this app by any other site's page."""
    is_login = name == b"set-cookie" and value.startswith(b"access-token-")
    return name, value + b"; Partitioned" if is_login and b"samesite=none" in value.lower() else value
