"""Zips of photos that were brought: kept on the disk, and put into the library photo by photo in the background.

How far that is stands in the library, so that a server that was stopped goes on where it was.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from envo import memory, settings, sidecars, zips
from envo.arrivals import Arrival, Arrivals
from envo.errors import NoRoom, NotFound, StorageError, UserError
from envo.library import Library
from tabs.work import threads
from tabs.work.queue import told
from tabs.work.scheduler import HEAVY, NICE, Rank

log = logging.getLogger(__name__)

OUTDONE = "Another .xmp file bears the whole name of its photo, and was read instead."
FAILED = "It could not be read, for a reason that the app's log tells."
PATIENCE_SECONDS = 10
"""After so long it is tried again to go on where the disk was full, or the database could not be reached."""
ARRIVALS = "arrival"
"""What the claims on zips are called."""
MAX_OPEN = 8
"""Zips that are kept open while their owners' turns come."""


class Unpacker:
    """Puts the photos of zips into the library: one of each visitor's in turn. One for the app."""

    def __init__(self, library: Library, added: Callable[[str], None]):
        """Go on with what was under way when the app was stopped. added: is told the owner of each photo that came."""
        self._library = library
        self._arrivals = library.arrivals
        self._added = added
        self._awake = threading.Event()
        self._number = 0
        self._open: dict[str, _Opened] = {}
        self._held: set[str] = set()
        """Zips, by id, that no other process unpacks."""
        threads.keep("arrivals", self._run, NICE[Rank.BEHIND])

    def wake(self) -> None:
        """Look for zips, for some came, or went."""
        self._number += 1
        self._awake.set()

    @property
    def number(self) -> int:
        """Grows with all that becomes of any zip; quickly told."""
        return self._number

    def _run(self) -> None:
        self.wake()
        while True:
            self._awake.wait()
            self._awake.clear()
            try:
                self._unpack_all()
            except Exception as error:
                # Nothing of a photo's or a zip's: it stays to be gone on with.
                if isinstance(error, StorageError):
                    log.warning("unpacking waits: %s", error)
                else:
                    log.exception("unpacking waits")
                time.sleep(PATIENCE_SECONDS)
                self.wake()

    def _unpack_all(self) -> None:
        owner, left = "", set()
        while arrival := self._arrivals.next(owner, left):
            owner = arrival.owner
            if not self._is_mine(arrival):
                left.add(arrival.id)
                continue
            try:
                with HEAVY.place(Rank.BEHIND, owner):
                    self._go_on(arrival)
            except NotFound:  # it was given up
                self._close(arrival.id)
            except StorageError:
                raise
            except Exception as error:
                self._end(arrival, told(error, "unpacking", FAILED))
        for arrival_id in list(self._open):
            self._close(arrival_id)
        self._library.claims.release(ARRIVALS, self._held)
        self._held.clear()

    def _is_mine(self, arrival: Arrival) -> bool:
        """Tell whether a zip is to be unpacked here: its file may be on another machine, or another process at it."""
        if arrival.id not in self._held and self._arrivals.path(arrival.id).exists():
            self._held |= self._library.claims.take(ARRIVALS, {arrival.id})
        return arrival.id in self._held

    def _go_on(self, arrival: Arrival) -> None:
        """See to one more photo of a zip. Raises UserError for what is no zip, or has no files or too many in it."""
        opened = self._opened(arrival)
        done = arrival.done + 1
        if arrival.done < len(opened.items):
            try:
                added, note = self._take(arrival, *opened.items[arrival.done], opened)
            except NoRoom as error:  # nor is there any for the rest
                done, added, note = len(opened.items), None, str(error)
            self._arrivals.advance(arrival.id, done, len(opened.items), added, note)
            self._tell(arrival)
        if done >= len(opened.items):
            self._end(arrival)

    def _opened(self, arrival: Arrival) -> "_Opened":
        """Open a zip, or go on with it; of those that others hold open, the ones given up are let go of."""
        for arrival_id in list(self._open):
            if not self._arrivals.path(arrival_id).exists():
                self._close(arrival_id)
        # Put behind the others: the one whose last turn is the longest ago is closed.
        opened = self._open.pop(arrival.id, None) or _Opened(self._arrivals, arrival.id)
        self._open[arrival.id] = opened
        if len(self._open) > MAX_OPEN:
            self._close(next(iter(self._open)))
        return opened

    def _take(
        self, arrival: Arrival, entry: zips.Entry, beside: zips.Entry | None, opened: "_Opened"
    ) -> tuple[bool | None, str]:
        """Put a photo, with what lies beside it, into the library, or an .xmp file to its photo there.

        Gives whether the photo is new, or None, and what there is to be told. Raises NoRoom where no more is kept.
        """
        # Asked for each time, for its owner may sign in meanwhile.
        owner = self._arrivals.find(arrival.id).owner
        added, notes = None, []
        try:
            if entry.path in opened.outdone:
                return None, f"{entry.path}: {OUTDONE}"
            if sidecars.is_xmp(entry.name):
                sidecar = sidecars.as_xmp(entry.name, opened.zip.read(entry, settings.MAX_SIDECAR_BYTES))
                row = self._library.named_as(owner, entry.name)
                self._library.add_sidecar(owner, row.id, sidecar)
                return None, ""
            sidecar = None
            try:
                sidecar = beside and sidecars.as_xmp(beside.name, opened.zip.read(beside, settings.MAX_SIDECAR_BYTES))
            except UserError as error:
                notes.append(f"{beside.path}: {error}")
            data = opened.zip.read(entry)
            with memory.PHOTOS:
                is_weak = beside is not None and not sidecars.is_xmp(beside.name)
                _, added = self._library.add(owner, entry.name, data, sidecar, is_weak)
        except (StorageError, NoRoom):
            raise
        except Exception as error:
            notes.append(f"{entry.path}: {told(error, 'a photo of a zip', FAILED)}")
        return added, " ".join(notes)

    def _end(self, arrival: Arrival, failure: str = "") -> None:
        self._close(arrival.id)
        self._arrivals.end(arrival.id, failure)
        self._tell(arrival)

    def _tell(self, arrival: Arrival) -> None:
        """Tell whoever owns it by now, for its owner may have signed in, that something came."""
        self._number += 1
        with suppress(NotFound):  # it was given up
            self._added(self._arrivals.find(arrival.id).owner)

    def _close(self, arrival_id: str) -> None:
        if opened := self._open.pop(arrival_id, None):
            opened.close()


class _Opened:
    """A zip that is being unpacked: its photos, each with what lies beside it, then .xmp files of photos elsewhere."""

    def __init__(self, arrivals: Arrivals, arrival_id: str):
        """Look into it. Raises UserError for what is no zip, or has no files or too many in it."""
        self._file = arrivals.path(arrival_id).open("rb")
        try:
            self.zip = zips.Zip(self._file)
            entries = self.zip.entries
            pairs, lone, outdone = sidecars.paired([entry.path for entry in entries])
            if len(pairs) > settings.MAX_ARRIVAL or not (pairs or lone):
                raise UserError(f"Put 1 to {settings.MAX_ARRIVAL} photos into a zip; this one has {len(pairs)}.")
        except BaseException:
            self._file.close()
            raise
        photos = [(entries[place], None if beside is None else entries[beside]) for place, beside in pairs]
        self.items = [*photos, *((entries[place], None) for place in lone + outdone)]
        self.outdone = {entries[place].path for place in outdone}

    def close(self) -> None:
        self.zip.close()
        self._file.close()
