"""The HTTP route by which a page learns who its visitor is, and by which a visitor becomes who signed in elsewhere."""

from contextlib import suppress
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from envo import settings
from envo.errors import StorageError
from envo.library import Library
from tabs.web.visitors import Visitors, login_of
from tabs.work.exports import Exporting
from tabs.work.people import Naming
from tabs.work.restorations import Restoring
from tabs.work.results import Actions


class Moving:
    """Hands what a visitor has over to whoever they become by signing in."""

    def __init__(self, library: Library, running: tuple[Actions, Restoring, Naming, Exporting], visitors: Visitors):
        """Begin. running: what goes on for a visitor, and is handed over."""
        self._library = library
        self._running = running
        self._visitors = visitors

    async def take_along(self, request: Request, response: Response, account: str) -> None:
        """Hand over what the visitor of a request has, if it comes from one; the visitor's cookie goes."""
        if visitor := self._visitors.by_cookie(request):
            await run_sync(self._move, visitor, account)
            for cookie in self._visitors.farewell(request):
                response.headers.append("set-cookie", cookie)

    def _move(self, visitor: str, account: str) -> None:
        self._library.move(visitor, account)
        for each in self._running:
            each.move(visitor, account)


def add_routes(api: APIRouter, library: Library, moving: Moving, visitors: Visitors) -> None:
    """Add it to the routes of the app."""

    def seen(visitor: str) -> None:
        with suppress(StorageError):  # the page can be used all the same; the next one notes it
            library.visits.seen(visitor)

    @api.get("/session")
    async def session(request: Request, response: Response) -> dict[str, Any]:
        """Whether the browser keeps the visitor's cookie; one that does not gets a ticket for its page.

        The first page after somebody has signed in elsewhere takes what the visitor had along. `account` is the name
        of an account of the library's own, `login` whether somebody has signed in elsewhere; `days` is for how long
        after a visit all is kept of who has neither.
        """
        account = await visitors.signed_in(request)
        login = None if account else await login_of(request)
        visitor = visitors.by_cookie(request)
        if login:
            await moving.take_along(request, response, login)
        elif visitor and not account:
            await run_sync(seen, visitor)
        kept = bool(account or login or visitor)
        ticket, view = (None, None) if kept else visitors.ticket()
        return {
            "kept": kept,
            "ticket": ticket,
            "view": view,
            "account": account and account.name,
            "login": login is not None,
            "days": None if account or login or not visitor else settings.keep_days(),
        }
