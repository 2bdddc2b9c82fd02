"""Edited photos rendered in the background, a moment after what was done to them is saved."""

import logging
import threading
from collections import OrderedDict

from envo.errors import NotFound, UserError
from envo.library import Library
from envo.settings import DISPLAY_EDGE, THUMBNAIL_EDGE
from tabs.work import threads
from tabs.work.scheduler import HEAVY, NICE, Rank

log = logging.getLogger(__name__)

AHEAD = 32
"""Photos that are asked of the library at a time."""
RENDITIONS = "rendition"
"""What the claims on photos are called that are rendered since that is lacking."""
QUIET_SECONDS = 3.0
"""The large pictures are rendered when nothing was saved for so long: they take what the small ones need."""
LARGE = 16
"""So many of the photos that were saved last get a large picture before somebody looks at them."""


class Rendering:
    """Renders edited photos: first all small pictures, then large ones. One for the app; may be asked by any thread.

    The version that is saved last is rendered, those before it no more; what a process that has ended left undone is
    done by the next.
    """

    def __init__(self, library: Library):
        """Begin with what the library lacks."""
        self._library = library
        self._changed = threading.Condition()
        self._small: OrderedDict[str, str] = OrderedDict()
        self._large: OrderedDict[str, str] = OrderedDict()
        """Owners of the photos to be rendered, by id; those saved last are the last, and their turn comes first."""
        threads.keep("renditions", self._run, NICE[Rank.BEHIND])

    def ask(self, owner: str, photo_id: str) -> None:
        """Have a photo rendered whose edit was saved."""
        with self._changed:
            for asked in (self._small, self._large):
                asked[photo_id] = owner
                asked.move_to_end(photo_id)
            while len(self._large) > LARGE:
                self._large.popitem(last=False)
            self._changed.notify()

    def ask_for_followers(self, owner: str) -> None:
        """Have an owner's photos rendered that are to be shown anew since somebody whom their edits follow is."""
        for _, photo_id in self._library.renditions.missing(None, of_followers=owner):
            self.ask(owner, photo_id)

    def _run(self) -> None:
        self._begin()
        while True:
            self._render(*self._next())

    def _begin(self) -> None:
        """Render the small pictures that are lacking."""
        left: set[str] = set()
        try:
            while lacking := self._library.renditions.missing(AHEAD, left):
                mine = self._library.claims.take(RENDITIONS, {photo_id for _, photo_id in lacking})
                try:
                    for owner, photo_id in lacking:
                        if photo_id not in mine or not self._render(owner, photo_id, THUMBNAIL_EDGE):
                            left.add(photo_id)
                finally:
                    self._library.claims.release(RENDITIONS, mine)
        except Exception:  # such as a library that was closed; what is lacking is rendered when somebody looks
            log.exception("edited photos could not be rendered")

    def _next(self) -> tuple[str, str, int]:
        """Wait for a photo to be rendered; gives its owner and id, and the size."""
        with self._changed:
            while not self._small:
                if not self._changed.wait(QUIET_SECONDS if self._large else None) and self._large:
                    photo_id, owner = self._large.popitem()
                    return owner, photo_id, DISPLAY_EDGE
            photo_id, owner = self._small.popitem()
            return owner, photo_id, THUMBNAIL_EDGE

    def _render(self, owner: str, photo_id: str, edge: int) -> bool:
        """Render a photo; whether that could be done."""
        try:
            with HEAVY.place(Rank.BEHIND, owner):
                self._library.renditions.make(owner, photo_id, edge)
        except NotFound:  # it was removed meanwhile, or handed over to an account, whose pages have it rendered
            return False
        except UserError as error:
            log.info("an edited photo is shown as it came: %s", error)
            return False
        except Exception:
            log.exception("an edited photo could not be rendered")
            return False
        return True
