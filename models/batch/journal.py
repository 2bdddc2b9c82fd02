"""The journal of a batch: what became of each photo, a line each, by which it goes on after whatever ended it.

It is kept beside the results, and only ever grows; what was said of a photo last counts. In memory is a digest of each
name that is done, some 100 bytes, and no list of them.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from envo.errors import UserError
from models.batch.targets import Target

LINES = 1000
"""So many lines are kept at once, at most."""
SECONDS = 2.0
"""After so long they are kept in any case. What was not yet kept is made again."""
OTHER = (
    "Another batch was begun in this target: of other photos, with another preset, or the like. Choose another target, "
    "or go on with {}."
)


class Journal:
    """What became of the photos of one source, of which one thing is made. Methods may be called from any thread."""

    def __init__(self, target: Target, wish: dict[str, Any]):
        """Read what there is. Raises UserError where that is of another wish.

        wish: all that results depend on, JSON-able, with the name of the work in `work`.
        """
        self._target = target
        self._name = f"{wish['work']}.jsonl"
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._kept = time.monotonic()
        self._done: set[bytes] = set()
        self._failed: set[bytes] = set()
        self.total: int | None = None
        """Photos there were when all had been listed."""
        wish = json.loads(json.dumps(wish))
        begun = None
        for line in self._lines():
            if "photo" in line:
                self._take(line)
            elif "total" in line:
                self.total = line["total"]
            else:
                begun = begun or line
        if begun not in (None, wish):
            raise UserError(OTHER.format(" ".join(f"{key}={value}" for key, value in begun.items() if key != "copy")))
        if begun is None:
            self._waiting.append(_line(wish))

    @property
    def done(self) -> int:
        """How many photos are done."""
        return len(self._done)

    @property
    def failed(self) -> int:
        """How many failed when they were tried last."""
        return len(self._failed)

    def is_done(self, photo: str) -> bool:
        """Tell whether a photo needs nothing more."""
        return _digest(photo) in self._done

    def note(self, photo: str, result: str | None, notes: tuple[str, ...] = (), why: str = "") -> None:
        """Note that a photo is done, with the name of the result; or why it failed. Raises StorageError."""
        told = {"photo": photo} | ({"result": result} if result is not None else {"why": why})
        line = told | ({"notes": notes} if notes else {})
        with self._lock:
            self._take(line)
            self._waiting.append(_line(line))
            if len(self._waiting) >= LINES or time.monotonic() > self._kept + SECONDS:
                self._keep()

    def all_listed(self, total: int) -> None:
        """Note how many photos there are."""
        with self._lock:
            if self.total != total:
                self.total = total
                self._waiting.append(_line({"total": total}))

    def results(self) -> Iterator[tuple[str, str]]:
        """Give the photos that are done, and the names of their results; of what was done twice the last."""
        told = {line["photo"]: line["result"] for line in self._lines() if "result" in line}
        yield from sorted(told.items())

    def keep(self) -> None:
        """Keep what was noted. Raises StorageError."""
        with self._lock:
            self._keep()

    def _keep(self) -> None:
        if self._waiting:
            self._target.append(self._name, b"".join(self._waiting))
            self._waiting.clear()
        self._kept = time.monotonic()

    def _take(self, line: dict[str, Any]) -> None:
        digest = _digest(line["photo"])
        into, other = (self._done, self._failed) if "result" in line else (self._failed, self._done)
        into.add(digest)
        other.discard(digest)

    def _lines(self) -> Iterator[dict[str, Any]]:
        for part in self._target.appended(self._name):
            lines = part.splitlines()
            try:
                yield from json.loads(b"[%s]" % b",".join(lines))  # all at once takes a third of the time
            except ValueError:
                for line in lines:
                    with suppress(ValueError):  # cut off as it was written
                        yield json.loads(line)


def _digest(photo: str) -> bytes:
    """Tell photos apart in little memory: 128 bits, of which no two are alike in any archive."""
    return blake2b(photo.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"
