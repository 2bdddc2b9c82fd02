"""The HTTP routes by which owners hear how much they have here, take all of it away, and delete it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from envo import takeaway
from envo.library import Library
from tabs.routes.accounts import MOST_SENT, Guesses
from tabs.web import http
from tabs.web.visitors import Visitors
from tabs.work.exports import Exporting
from tabs.work.restorations import Restoring
from tabs.work.results import Actions
from tabs.work.takeaway import everything
from tabs.work.wish import Wish


class DeleteWish(Wish):
    """That everything is to go. password: of who has an account."""

    password: str = Field("", max_length=MOST_SENT, repr=False)


def add_routes(
    api: APIRouter,
    library: Library,
    running: tuple[Actions, Restoring, Exporting],
    guesses: Guesses,
    visitors: Visitors,
    changed: Callable[[str], None],
    owner: type[str],
) -> None:
    """Add all of them to the routes of the app.

    running: what goes on for an owner, and is given up. changed: is told the owner of what went.
    """

    @api.get("/everything")
    def holdings(who: owner):
        """How much there is, and how many bytes are kept at most; None: as many as one likes."""
        most = library.visits.max_bytes if library.visits.is_limited(who) else None
        return asdict(library.everything.holdings(who)) | {"most": most}

    @api.get("/everything/zip")
    def take(who: owner):
        """All of it, which is read while it is sent."""
        content = takeaway.archive(everything(library, who))
        headers = {"Content-Disposition": 'attachment; filename="everything.zip"', "Cache-Control": "no-store"}
        return StreamingResponse(http.made_in_line(who, content), media_type="application/zip", headers=headers)

    @api.post("/everything/delete", status_code=204)
    async def delete(
        who: owner, request: Request, response: Response, wish: Annotated[DeleteWish, http.body(DeleteWish)]
    ) -> None:
        """Delete all of it for good, with the account; what named the owner to the browser goes, too."""
        account = await visitors.signed_in(request)
        if account:
            await guesses.looked_at(request, account.name, lambda: library.accounts.check(who, wish.password))
        for each in running:
            await run_sync(each.forget, who)
        await run_sync(library.remove_all, who)
        changed(who)
        for cookie in (*visitors.session_cookies(request, None), *visitors.farewell(request)):
            response.headers.append("set-cookie", cookie)
