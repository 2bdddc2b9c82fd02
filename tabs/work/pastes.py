"""Edits pasted on many photos in the background: what they need of each photo is made first, photo by photo.

How far that is stands in the library, so that a server that was stopped goes on where it was.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from envo import copies
from envo.errors import NotFound, StorageError
from envo.library import Library
from envo.pastes import DONE, FAILED, WAITING, WORKING, Paste, People, Waiting
from tabs.work import threads
from tabs.work.mattes import MatteJobs
from tabs.work.queue import Progress

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""So often it is looked whether the mattes are there that a photo waits for."""
PATIENCE_SECONDS = 10
"""After so long it is tried again to go on where the disk was full, or the database could not be reached."""
PASTES = "paste"
"""What the claims on pastes are called."""
NO_MATTES = "Its layers could not be made."


class Pasting:
    """Pastes edits: some photos of each visitor's in turn. One for the app; methods may be called from any thread."""

    def __init__(self, library: Library, mattes: MatteJobs, changed: Callable[[str, list[str]], None]):
        """Go on with what was under way when the app was stopped.

        changed: is told an owner, and the photos whose edits are others now.
        """
        self._library = library
        self._pastes = library.pastes
        self._mattes = mattes
        self._changed = changed
        self._awake = threading.Event()
        self._asked: set[str] = set()
        """Contents of which mattes were asked for."""
        self._steps: dict[str, Progress] = {}
        """What is being done for a paste, by its id."""
        self._held: set[str] = set()
        """Pastes, by id, that no other process goes on with."""
        self._number = 0
        threads.keep("pastes", self._run)
        self.wake()

    def wake(self) -> None:
        """Look for pastes, for some came, or went."""
        self._number += 1
        self._awake.set()

    def number(self, paste_id: str) -> int:
        """Give a number that is another when there may be news of a paste; quickly told.

        Of one that another process is at, each second.
        """
        return self._number if paste_id in self._held else int(time.monotonic())

    def progress(self, owner: str, paste_id: str) -> dict[str, Any]:
        """Tell how far a paste is, as the browser gets it; and once it is over, what became of each photo."""
        paste, counts = self._pastes.find(owner, paste_id), self._pastes.counts(paste_id)
        step = self._steps.get(paste_id) if paste.state == WORKING else None
        total, ended = sum(counts.values()), counts.get(DONE, 0) + counts.get(FAILED, 0)
        now = {
            "paste": paste.id,
            "what": paste.what,
            "state": paste.state,
            "step": step.step if step else "",
            "fraction": (ended + (step.fraction or 0 if step else 0)) / max(total, 1),
            "number": step.number if step else ended,
            "done": counts.get(DONE, 0),
            "total": total,
        }
        return now if paste.state == WORKING else now | self._became(owner, paste_id)

    def exchange(self, owner: str, paste_id: str, is_back: bool) -> dict[str, Any]:
        """Take a paste back, or do it again; tells which photos changed, and how many stay for they changed since."""
        changed, kept = self._pastes.exchange(owner, paste_id, is_back)
        self.wake()
        if changed:
            self._changed(owner, changed)
        return {"photos": changed, "kept": kept}

    def _became(self, owner: str, paste_id: str) -> dict[str, Any]:
        """List what there is to tell of the photos of a paste that is over."""
        photos = self._pastes.photos(paste_id)
        lacking, absent, unsure = ({} for _ in range(3))
        for each in photos:
            for by_what, found in ((lacking, each.lacking), (absent, each.absent), (unsure, each.unsure)):
                for what in found:
                    by_what.setdefault(what, []).append(each.photo_id)
        names = self._library.people.names(owner, {*absent, *unsure})
        return {
            "photos": [each.photo_id for each in photos if each.state == DONE],
            "failed": [
                {"photo": each.photo_id, "name": each.name, "why": each.why} for each in photos if each.state == FAILED
            ],
            "left": sum(each.state == WAITING for each in photos),
            "notes": [f"{each.name}: {note}" for each in photos for note in each.left],
            "lacking": [{"kind": kind, "label": copies.label(kind), "photos": ids} for kind, ids in lacking.items()],
            "absent": [{"person": id, "name": names.get(id), "photos": ids} for id, ids in absent.items()],
            "unsure": [
                {"person": id, "name": names.get(id), "faces": self._to_be_confirmed(owner, id, ids), "photos": ids}
                for id, ids in unsure.items()
            ],
        }

    def _to_be_confirmed(self, owner: str, person_id: str, photo_ids: list[str]) -> list[dict[str, str]]:
        """List the faces in photos that may be somebody's, as far as their owner has not said so by now."""
        faces = []
        for photo_id in photo_ids:
            with suppress(NotFound):  # it was removed meanwhile
                bound = self._library.bindings(owner, photo_id, [person_id])[person_id]
                if bound.face and not bound.is_sure:
                    faces.append({"id": bound.face.id, "photo": photo_id, "photoName": bound.face.photo_name})
        return faces

    def _run(self) -> None:
        while True:
            try:
                waits = self._go_round()
            except Exception as error:
                # Nothing of a photo's or a paste's: it stays to be gone on with.
                if isinstance(error, StorageError):
                    log.warning("pasting waits: %s", error)
                else:
                    log.exception("pasting waits")
                time.sleep(PATIENCE_SECONDS)
                continue
            self._awake.wait(LOOK_SECONDS if waits else None)
            self._awake.clear()

    def _go_round(self) -> bool:
        """Go on with each paste as long as something can be done; tells whether there are some that wait.

        Those that another process is at are its own.
        """
        while working := self._working():
            if not any([self._go_on_safely(paste) for paste in working]):
                return True
        self._asked.clear()
        self._steps.clear()
        return False

    def _working(self) -> list[Paste]:
        working = self._pastes.working()
        self._held = self._library.claims.hold(PASTES, self._held, {paste.id for paste in working})
        return [paste for paste in working if paste.id in self._held]

    def _go_on_safely(self, paste: Paste) -> bool:
        try:
            return self._go_on(paste)
        except StorageError:
            raise
        except Exception:
            log.exception("pasting")
            self._pastes.end(paste.id, FAILED)
            self._tell(paste, "")
            return True

    def _go_on(self, paste: Paste) -> bool:
        """Paste on some photos, those first that wait for nothing; tells whether something could be done."""
        waiting = self._pastes.waiting(paste.id)
        if not waiting:
            self._pastes.end(paste.id, DONE)
            self._tell(paste, "")
            return True
        is_local = bool(paste.copy and (paste.copy.kinds or paste.copy.people))
        ready = [photo for photo in waiting if photo.has_mattes or not is_local]
        if not ready:
            return self._wait_for(paste, waiting[0])
        people = {photo.id: self._people(paste, photo) for photo in ready} if is_local else {}
        changed = self._pastes.put(paste, [photo.id for photo in ready], people)
        self._tell(paste, "Pasting")
        if changed:
            with suppress(NotFound):
                self._changed(self._owner(changed[0]), changed)
        return True

    def _people(self, paste: Paste, photo: Waiting) -> People:
        """Find out which of those whom the copy follows are not in a photo, or only may be."""
        wanted = paste.copy.people if paste.copy else set()
        if not wanted:
            return People()
        with suppress(NotFound):
            bound = self._library.bindings(self._owner(photo.id), photo.id, wanted)
            absent = [person for person, each in bound.items() if each.face is None]
            return People(absent, [person for person, each in bound.items() if each.face and not each.is_sure])
        return People()

    def _owner(self, photo_id: str) -> str:
        """Tell whose a photo is by now, for its owner may have signed in."""
        owner = self._library.gallery.owner(photo_id)
        if owner is None:
            raise NotFound("This photo is not in your library.")
        return owner

    def _wait_for(self, paste: Paste, photo: Waiting) -> bool:
        """Have the mattes of a photo made; tells whether it is clear that they cannot be."""
        row = self._library.photo(self._owner(photo.id), photo.id)
        if photo.sha256 not in self._asked or not self._mattes.is_known(row):
            # Once: who asks last is served first, and whoever has a photo open is not to wait.
            self._asked.add(photo.sha256)
            self._mattes.request(row, is_ahead=True)
        now = self._mattes.progress(row)
        if now.state == "failed":
            self._asked.discard(photo.sha256)
            self._pastes.fail(paste.id, photo.id, NO_MATTES)
            self._tell(paste, "Pasting")
            return True
        self._tell(
            paste, f"{photo.name}: {now.step}" if now.step else f"Finding the layers of {photo.name}", now.fraction
        )
        return False

    def _tell(self, paste: Paste, step: str, fraction: float | None = None) -> None:
        known = self._steps.get(paste.id)
        if step == "Pasting" or known is None or (known.step, known.fraction) != (step, fraction):
            self._number += 1
            self._steps[paste.id] = Progress(WORKING, step, fraction, self._number)
