"""Who is asking: whoever is signed in, else an anonymous visitor; both are known by signed cookies.

Everything a visitor owns hangs on the string that `owner_of` returns; no route trusts anything else.
"""

import hashlib
import inspect
import math
import time
from datetime import UTC, datetime
from typing import Any

from anyio.to_thread import run_sync
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from envo import settings
from envo.accounts import Account, Accounts
from envo.visitors import is_visitor, new_visitor
from tabs.web import origins

COOKIE = "envo_visitor"
"""How the names of all visitors' cookies begin; once it was the whole name."""
SESSION = "envo_session"
"""How the names of the cookies begin of those who are signed in with an account of the library's own."""
TICKET_SECONDS = 24 * 3600
TICKET_HEADER = "envo-ticket"
VIEW = "view"
"""Name of the query value by which pictures and downloads are asked for, for which a page can set no header."""


class Visitors:
    """Reads and makes the signed names of visitors, and the sessions of those who have accounts."""

    def __init__(self, keys: list[str], root_path: str = "", accounts: Accounts | None = None):
        """Begin with the library's keys.

        keys: the one that signs, and those whose signatures count, too. root_path: where a proxy shows the app, such as
        "/photos". accounts: of the library, where it has any.
        """
        self.accounts = accounts
        signers = [URLSafeTimedSerializer(keys[::-1], salt=salt) for salt in ("cookie", "ticket", "view", "session")]
        self._cookies, self._tickets, self._views, self._sessions = signers
        # Cookies know no ports, so two apps on one host would else overwrite each other's.
        self._ending = hashlib.sha256(f"{root_path} {keys[0]}".encode()).hexdigest()[:12]

    def cookie(self, connection: HTTPConnection) -> str:
        """A `Set-Cookie` with the visitor's name, or a new one, signed today so that it never grows stale.

        It lives as long as the library is kept of a visitor who stays away.
        """
        value = self._cookies.dumps(self.by_cookie(connection) or new_visitor())
        return _set_cookie(connection, f"{COOKIE}_{self._ending}", value, settings.keep_days() * 24 * 3600)

    def farewell(self, connection: HTTPConnection) -> list[str]:
        """Each `Set-Cookie` that takes away a cookie of a visitor's who has an account now."""
        return [_set_cookie(connection, name, "", 0) for name in self._known(connection)]

    def session_cookies(self, connection: HTTPConnection, token: str | None) -> list[str]:
        """Each `Set-Cookie` by which a browser has this session and no other; None: has none."""
        name, seconds = f"{SESSION}_{self._ending}", settings.SESSION_DAYS * 24 * 3600
        values = dict.fromkeys(self.tokens(connection), "")
        if token:
            values[name] = self._sessions.dumps(token)
        return [_set_cookie(connection, name, value, seconds if value else 0) for name, value in values.items()]

    def tokens(self, connection: HTTPConnection) -> dict[str, str]:
        """The tokens of sessions, by the names of their cookies, today's first; whether they have ended is not told."""
        signed = self._signed(connection, SESSION, self._sessions)
        return {name: token for name, (token, _) in signed.items() if isinstance(token, str)}

    async def signed_in(self, connection: HTTPConnection) -> Account | None:
        """Find whose account it is that a request comes from; None: nobody's, or there are no accounts here."""
        if self.accounts:
            for token in self.tokens(connection).values():
                if account := await run_sync(self.accounts.of, token):
                    return account
        return None

    async def account_of(self, connection: HTTPConnection) -> str | None:
        """Owner who is signed in, with an account or as `login_of` tells; None for a visitor.

        Raises HTTPException as `login_of` does.
        """
        account = await self.signed_in(connection)
        return account.owner if account else await login_of(connection)

    def ticket(self) -> tuple[str, str]:
        """A new visitor's name for one page, for browsers that refuse the cookie; and one that only reads.

        Addresses are logged, by proxies if by nobody else, so that the first never stands in one.
        """
        visitor = new_visitor()
        return self._tickets.dumps(visitor), self._views.dumps(visitor)

    def by_cookie(self, connection: HTTPConnection) -> str | None:
        """Owner named by the cookie, or None when there is none that this app has signed.

        How old it is does not matter, nor whether the clock has gone back since: who lost the name lost the library.
        """
        return next(iter(self._known(connection).values()), None)

    def by_ticket(self, connection: HTTPConnection) -> str | None:
        """Owner named by the page's ticket, a header; or, for what is only read, by a query value."""
        owner, age = _read(self._tickets, connection.headers.get(TICKET_HEADER))
        if owner is None and connection.scope.get("method") in origins.SAFE_METHODS:
            owner, age = _read(self._views, connection.query_params.get(VIEW))
        return owner if is_visitor(owner) and age < TICKET_SECONDS else None

    async def owner_of(self, connection: HTTPConnection) -> str:
        """Owner on whose library a request works.

        Raises:
            HTTPException: 401 when the request names nobody, or when the app wants a login and there is none.

        """
        owner = await self.account_of(connection) or self.by_cookie(connection) or self.by_ticket(connection)
        if owner is None:
            raise HTTPException(401, "This page does not know you any more; please reload it.")
        return owner

    def _known(self, connection: HTTPConnection) -> dict[str, str]:
        """The visitors' names in the cookies that this app has signed, by the names of these, today's first."""
        signed = self._signed(connection, COOKIE, self._cookies)
        return {name: owner for name, (owner, _) in signed.items() if is_visitor(owner)}

    def _signed(
        self, connection: HTTPConnection, start: str, serializer: URLSafeTimedSerializer
    ) -> dict[str, tuple[Any, float]]:
        """What this app has signed of cookies whose names start so, see `_read`; the one of today's name first.

        The others are of the time when all had one name, or of another path of this app.
        """
        names = sorted(
            (name for name in connection.cookies if name.startswith(start)), key=f"{start}_{self._ending}".__ne__
        )
        return {name: _read(serializer, connection.cookies[name]) for name in names}


def _read(serializer: URLSafeTimedSerializer, text: str | None) -> tuple[Any, float]:
    """Read what was signed, and its age in seconds; (None, 0) for what was not signed here."""
    try:
        value, signed = serializer.loads(text or "", return_timestamp=True)
    except BadData:
        return None, 0
    return value, (datetime.now(UTC) - signed).total_seconds()


def _set_cookie(connection: HTTPConnection, name: str, value: str, seconds: int) -> str:
    """A `Set-Cookie` that browsers keep inside another site's frame, too, where they can.

    There (a Space, a notebook) it must be `Secure`, `SameSite=None` and `Partitioned` (CHIPS, W3C Privacy CG); those
    need HTTPS, so plain HTTP gets `Lax`.
    """
    framed = "Secure; SameSite=None; Partitioned" if origins.is_secure(connection) else "SameSite=Lax"
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; {framed}"


async def login_of(connection: HTTPConnection) -> str | None:
    """Owner who has logged in elsewhere: with Hugging Face on a Space, else by `launch(auth=...)`; None for a visitor.

    Raises:
        HTTPException: 401 when the app was launched with `auth` or `auth_dependency`, and nobody has logged in.

    """
    login = connection.scope.get("session", {}).get("oauth_info")
    # Once its time is over, Gradio takes it for no sign-in any more, too.
    if login and (login.get("expires_at") or math.inf) > time.time():
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
                if is_page and await self._is_visitor(request):
                    headers.append("set-cookie", self.visitors.cookie(request))
                message["headers"] = [_partitioned(*header) for header in message["headers"]]
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    async def _is_visitor(self, request: HTTPConnection) -> bool:
        try:
            return await self.visitors.account_of(request) is None
        except HTTPException:
            return False


def _partitioned(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Keep Gradio's login cookie, which goes into frames, from being sent to this app by any other site's page."""
    is_login = name == b"set-cookie" and value.startswith(b"access-token-")
    return name, value + b"; Partitioned" if is_login and b"samesite=none" in value.lower() else value
