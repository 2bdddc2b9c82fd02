"""The HTTP routes by which zips of photos come, and what lies beside photos."""

from collections.abc import Callable
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import Field

from envo import settings, sidecars
from envo.arrivals import Arrival
from envo.library import Library
from envo.store import storage_errors
from tabs.web import http
from tabs.work.arrivals import OUTDONE, Unpacker
from tabs.work.wish import Wish


class PathsWish(Wish):
    """Files that were brought together, with the folders that they are in."""

    paths: list[Annotated[str, Field(max_length=4096)]] = Field(max_length=settings.MAX_ZIP_ENTRIES)


def add_routes(
    api: APIRouter, library: Library, unpacker: Unpacker, came: Callable[[str], None], owner: type[str]
) -> None:
    """Add all of them to the routes of the app. came: is told the owner of what came."""
    arrivals = library.arrivals

    def check_room(who: str, more: int) -> None:
        library.visits.check_room(who, arrivals.waiting(who) + more)

    @api.post("/gallery/zips", status_code=202)
    async def bring(who: owner, request: Request, name: http.Name):
        """Take a zip, as it comes, to the disk; its photos follow in the background."""
        announced = request.headers.get("content-length", "")
        await run_sync(check_room, who, int(announced) if announced.isdecimal() else 0)
        path = await run_sync(arrivals.place)
        try:
            with storage_errors():
                async with await anyio.open_file(path, "wb") as file:
                    async for chunk in request.stream():
                        await file.write(chunk)
            await run_sync(check_room, who, path.stat().st_size)
            arrival = await run_sync(arrivals.add, who, name, path)
        finally:
            await run_sync(path.unlink, True)
        unpacker.wake()
        return {"arrival": _arrival(arrival), "room": await run_sync(library.visits.warning, who)}

    @api.post("/pairs")
    def pair(who: owner, wish: Annotated[PathsWish, http.body(PathsWish)]):
        """Tell of files that were brought together, by their places, which photos have which file beside them.

        Those with none are left out; `lone` are .xmp files of no photo among them, `outdone` those that are not to be
        sent, and `why`.
        """
        pairs, lone, outdone = sidecars.paired(wish.paths)
        told = [pair for pair in pairs if pair[1] is not None]
        return {"pairs": told, "lone": lone, "outdone": outdone, "why": OUTDONE}

    @api.post("/photos/{photo_id}/sidecar")
    async def tell(who: owner, photo_id: str, request: Request, name: http.Name):
        """Take over what a file says that lay beside a photo."""
        return await run_sync(beside, who, name, await request.body(), photo_id)

    @api.post("/sidecars")
    async def tell_by_name(who: owner, request: Request, name: http.Name):
        """Take over what an .xmp file says of the photo that is named as it is."""
        return await run_sync(beside, who, name, await request.body(), None)

    def beside(who: str, name: str, data: bytes, photo_id: str | None) -> dict[str, Any]:
        sidecar = sidecars.as_xmp(name, data)
        row = library.photo(who, photo_id) if photo_id else library.named_as(who, name)
        if sidecar and (sidecars.is_xmp(name) or not library.sidecar(who, row.id)):
            library.add_sidecar(who, row.id, sidecar)
            came(who)
        return {"photo": http.photo(library.photo(who, row.id))}

    @api.get("/gallery/zips")
    async def news(who: owner, seen: int = -1):
        """The zips that came lately, as soon as there is news that the page has not `seen`."""

        def now() -> dict[str, Any]:
            known = arrivals.all(who)
            is_busy = any(each.state == "working" for each in known)
            return {
                "number": sum(each.done + 1 + (each.state != "working") for each in known),
                "state": "working" if is_busy else "done",
                "arrivals": [_arrival(each) for each in known],
            }

        return await http.heard(now, seen, lambda: unpacker.number)

    @api.delete("/gallery/zips/{arrival_id}", status_code=204)
    def forget(who: owner, arrival_id: str) -> None:
        """Give up what is still to come; what came stays."""
        arrivals.forget(who, arrival_id)
        unpacker.wake()


def _arrival(arrival: Arrival) -> dict[str, Any]:
    """A zip as the browser gets it."""
    told = ("id", "name", "state", "done", "total", "added", "known", "notes")
    return {name: getattr(arrival, name) for name in told}
