"""Zips of photos that were brought: kept on the disk, and put into the library photo by photo in the background.

How far that is stands in the library, so that a server that was stopped goes on where it was.
"""

import threading
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request

from envo import settings
from envo.arrivals import Arrival
from envo.errors import NotFound, UserError
from envo.library import Library
from envo.store import storage_errors
from tabs import folders, http
from tabs.background import told

FAILED = "It could not be read, for a reason that the app's log tells."


class Unpacker:
    """Puts the photos of zips into the library, one zip after the other. One for the app."""

    def __init__(self, library: Library, added: Callable[[str], None]):
        """Go on with what was under way when the app was stopped. added: is told the owner of each photo that came."""
        self._library = library
        self._arrivals = library.arrivals
        self._added = added
        self._awake = threading.Event()
        threading.Thread(target=self._run, name="arrivals", daemon=True).start()
        self.wake()

    def wake(self) -> None:
        """Look for zips."""
        self._awake.set()

    def _run(self) -> None:
        while True:
            self._awake.wait()
            self._awake.clear()
            while arrival := self._arrivals.next():
                try:
                    self._unpack(arrival)
                except NotFound:
                    continue  # it was given up
                except Exception as error:
                    self._arrivals.end(arrival.id, told(error, "unpacking", FAILED))
                self._added(arrival.owner)

    def _unpack(self, arrival: Arrival) -> None:
        """Go on with a zip. Raises UserError for what is no zip, or has no files or too many in it."""
        try:
            source = zipfile.ZipFile(self._arrivals.path(arrival.id))
        except zipfile.BadZipFile as error:
            raise UserError("This is no zip file, or not all of it has arrived.") from error
        with source:
            entries = [entry for entry in source.infolist() if not folders.is_hidden(entry)]
            sidecars = {entry.filename.casefold(): entry for entry in entries if _is_sidecar(entry)}
            photos = [entry for entry in entries if not _is_sidecar(entry)]
            if not 0 < len(photos) <= settings.MAX_ARRIVAL:
                raise UserError(f"Put 1 to {settings.MAX_ARRIVAL} photos into a zip; this one has {len(photos)}.")
            for number, entry in enumerate(photos):
                if number < arrival.done:
                    continue
                added, note = None, ""
                try:
                    beside = _beside(entry, sidecars)
                    data, sidecar = folders.read(source, entry), beside and folders.read(source, beside)
                    with http.HEAVY:
                        # Asked for each time, for its owner may sign in meanwhile.
                        owner = self._arrivals.find(arrival.id).owner
                        _, added = self._library.add(owner, PurePosixPath(entry.filename).name, data, sidecar)
                except NotFound:
                    raise
                except Exception as error:
                    note = f"{entry.filename}: {told(error, 'a photo of a zip', FAILED)}"
                self._arrivals.advance(arrival.id, number + 1, len(photos), added, note)
                self._added(arrival.owner)
        self._arrivals.end(arrival.id)


def add_routes(api: APIRouter, library: Library, unpacker: Unpacker, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""
    arrivals = library.arrivals

    @api.post("/gallery/zips", status_code=202)
    async def bring(who: owner, request: Request, name: Annotated[str, Query(max_length=1000)]):
        """Take a zip, as it comes, to the disk; its photos follow in the background."""
        path = await run_sync(arrivals.place)
        try:
            received = 0
            with storage_errors():
                async with await anyio.open_file(path, "wb") as file:
                    # Read to its end even when it is too large: a browser hears the answer only then.
                    async for chunk in request.stream():
                        received += len(chunk)
                        if received <= settings.MAX_ZIP_BYTES:
                            await file.write(chunk)
            if received > settings.MAX_ZIP_BYTES:
                raise UserError(f"The zip is larger than {settings.MAX_ZIP_BYTES // 2**30} GB; bring it in parts.")
            arrival = await run_sync(arrivals.add, who, name, path)
        finally:
            await run_sync(path.unlink, True)
        unpacker.wake()
        return {"arrival": _arrival(arrival)}

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

        return await http.heard(now, seen)

    @api.delete("/gallery/zips/{arrival_id}", status_code=204)
    def forget(who: owner, arrival_id: str) -> None:
        """Give up what is still to come; what came stays."""
        arrivals.forget(who, arrival_id)


def _is_sidecar(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().endswith(".xmp")


def _beside(entry: zipfile.ZipInfo, sidecars: dict[str, zipfile.ZipInfo]) -> zipfile.ZipInfo | None:
    """Find the .xmp file of a photo: "a.xmp" or "a.nef.xmp" beside "a.nef"."""
    path = PurePosixPath(entry.filename.casefold())
    return sidecars.get(f"{path}.xmp") or sidecars.get(str(path.with_suffix(".xmp")))


def _arrival(arrival: Arrival) -> dict[str, Any]:
    """A zip as the browser gets it."""
    told = ("id", "name", "state", "done", "total", "added", "known", "notes")
    return {name: getattr(arrival, name) for name in told}
