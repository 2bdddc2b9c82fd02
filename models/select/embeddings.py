"""Photos that engines have prepared, kept by the photo's hash: in memory, and their embeddings on disk."""

import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import numpy as np

from envo import settings
from envo.memory import KEEPERS
from models.engine import Report
from models.select.base import Engine, Prepared

Key = tuple[str, str, str]
"""SHA-256 of the photo, name and version of the engine."""

log = logging.getLogger(__name__)


class Embeddings:
    """At most `memory` bytes of prepared photos, and at most `disk` bytes of embeddings; the longest unused go first.

    The photo used last stays in memory even if it alone is over the budget. What an engine knows of a photo at
    once, with an empty embedding, is not written to disk.
    """

    def __init__(self, memory: int = settings.EMBEDDING_BYTES, disk: int = settings.EMBEDDING_DISK_BYTES) -> None:
        self._memory = memory
        self._disk = disk
        self._guard = threading.Lock()
        self._kept: dict[Key, Prepared] = {}
        """Least recently used first."""
        self._used: dict[Key, float] = {}
        """When each was last used, by `time.monotonic`."""
        self._coming: dict[Key, Future[Prepared]] = {}
        KEEPERS.add(self)

    def get(
        self,
        sha256: str,
        engine: Engine,
        load: Callable[[], tuple[np.ndarray, tuple[int, int]]],
        report: Report | None = None,
    ) -> Prepared:
        """Give the photo `sha256` as `engine` has prepared it: from memory, from disk, or prepared now.

        load: gives the photo, uint8 HxWx3, and width and height of the original; called if it is not in memory.
        Threads that ask for the same wait for one preparation; an exception in it reaches all of them.
        Raises `models.weights.WeightsError`.
        """
        key = (sha256, engine.name, engine.version)
        with self._guard:
            if key in self._kept:
                return self._use(key, self._kept.pop(key))
            coming = self._coming.get(key)
            if first := coming is None:
                coming = self._coming[key] = Future()
        if not first:
            return coming.result()
        try:
            prepared = self._prepare(key, engine, load, report)
        except BaseException as error:
            with self._guard:
                del self._coming[key]
            coming.set_exception(error)
            raise
        with self._guard:
            del self._coming[key]
            self._use(key, prepared)
            self._make_room()
        coming.set_result(prepared)
        return prepared

    def has(self, sha256: str, engine: Engine) -> bool:
        """Whether `get` would answer at once, from memory."""
        with self._guard:
            return (sha256, engine.name, engine.version) in self._kept

    def let_go(self, seconds: float) -> bool:
        """Forget the photos in memory that nobody has used for so long; whether there were some."""
        long_ago = time.monotonic() - seconds
        with self._guard:
            idle = [key for key in self._kept if self._used[key] <= long_ago]
            for key in idle:
                self._forget(key)
        return bool(idle)

    def _use(self, key: Key, prepared: Prepared) -> Prepared:
        """Keep what was used just now."""
        self._kept[key], self._used[key] = prepared, time.monotonic()
        return prepared

    def _forget(self, key: Key) -> None:
        del self._kept[key], self._used[key]

    def _prepare(self, key: Key, engine: Engine, load: Callable, report: Report | None) -> Prepared:
        image, size = self._photo(key[0]) or load()
        file = _folder() / f"{'-'.join(filter(None, key))}.npz"
        embedding = _read(file)
        prepared = engine.prepare(image, size, embedding, report)
        if embedding is None and prepared.embedding:
            try:
                _write(file, prepared.embedding)
                _trim(self._disk)
            except OSError as error:  # a full disk costs time later, not the answer now
                log.warning("%s could not be written: %s", file, error)
        return prepared

    def _photo(self, sha256: str) -> tuple[np.ndarray, tuple[int, int]] | None:
        """Take the photo from what another engine has prepared."""
        with self._guard:
            found = next((prepared for key, prepared in self._kept.items() if key[0] == sha256), None)
        return found and (found.image, found.size)

    def _make_room(self) -> None:
        total = sum(map(_bytes, self._kept.values()))
        for key, prepared in list(self._kept.items())[:-1]:
            if total <= self._memory:
                break
            self._forget(key)
            total -= _bytes(prepared)


def _bytes(prepared: Prepared) -> int:
    return prepared.image.nbytes + sum(array.nbytes for array in prepared.embedding.values())


def _folder() -> Path:
    return settings.cache_dir() / "embeddings"


def _read(file: Path) -> dict[str, np.ndarray] | None:
    """Read an embedding and mark it as used; None if it is missing or damaged."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            embedding = dict(arrays)
        with suppress(OSError):  # in a cache that cannot be written to, nothing has to make room
            os.utime(file)
        return embedding
    except FileNotFoundError:
        return None
    except Exception as error:  # numpy and zipfile have many words for a damaged file
        log.warning("%s is damaged and made anew: %s", file, error)
        return None


def _write(file: Path, embedding: dict[str, np.ndarray]) -> None:
    """Write an embedding; the file appears under its name only when it is whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as partial:
        np.savez(partial, **embedding)
    os.replace(partial.name, file)


def _trim(budget: int) -> None:
    """Delete the files longest unused, until all together have at most `budget` bytes."""
    found = []
    for file in _folder().iterdir():
        try:
            status = file.stat()
        except FileNotFoundError:
            continue  # another process made room, too
        found.append((status.st_mtime_ns, status.st_size, file))
    total = sum(size for _used, size, _file in found)
    for _used, size, file in sorted(found):
        if total <= budget:
            break
        file.unlink(missing_ok=True)
        total -= size
