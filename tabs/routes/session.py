"""The HTTP route by which a page learns who its visitor is, and by which a visitor becomes an account."""

from contextlib import suppress

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from envo.errors import StorageError
from envo.library import Library
from tabs.web.visitors import Visitors, account_of
from tabs.work.exports import Exporting
from tabs.work.people import Naming
from tabs.work.restorations import Restoring
from tabs.work.results import Actions


def add_routes(
    api: APIRouter, library: Library, running: tuple[Actions, Restoring, Naming, Exporting], visitors: Visitors
) -> None:
    """Add it to the routes of the app. running: what goes on for a visitor, and is handed over."""

    def move(visitor: str, account: str) -> None:
        library.move(visitor, account)
        for each in running:
            each.move(visitor, account)

    def seen(visitor: str) -> None:
        with suppress(StorageError):  # the page can be used all the same; the next one notes it
            library.visits.seen(visitor)

    @api.get("/session")
    async def session(request: Request, response: Response):
        """Whether the browser keeps the visitor's cookie; one that does not gets a ticket for this page.

        The first page after a sign-in hands over what the visitor had, and the visitor's cookie goes.
        """
        account, visitor = await account_of(request), visitors.by_cookie(request)
        if account and visitor:
            await run_sync(move, visitor, account)
            for cookie in visitors.farewell(request):
                response.headers.append("set-cookie", cookie)
        elif visitor:
            await run_sync(seen, visitor)
        kept = bool(account or visitor)
        return {"kept": kept, "ticket": None if kept else visitors.ticket()}
