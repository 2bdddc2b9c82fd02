"""Which process does what, so that several on one library do each thing once. `Library.claims`.

A process that holds something has a row in which it counts, a beat each third of a lease. One whose count stands still
for a whole lease, by the steady clock of whoever looks, counts as dead: its row goes, and what it held is free. So no
clock is compared with another, and none that jumps does harm; nor is anybody judged by what nobody watched, as while
the database was away or the machine slept. Those that share a folder need not wait for that: each keeps a file there
locked, which the system lets go of with the process.
"""

import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock

from envo import database as db
from envo import settings
from envo.errors import StorageError

_BEATS = 3
"""In a lease."""


class Claims:
    """What this process holds, and what others do. Methods may be called from any thread, but not while it writes.

    One thread has to call `look` every `beat_seconds`, until the app has left.
    """

    def __init__(self, database: db.Database, folder: Path):
        """Begin with nothing. folder: the library's, for the files by which processes see that others have ended."""
        self._database = database
        self._folder = folder
        self._sign: FileLock | None = None
        """Of this process, once it has a row."""
        self._process_id = secrets.token_hex(8)
        self._has_row = False
        """Whether the process has a row, as far as it knows; changed in transactions that write alone."""
        self._others: dict[str, tuple[int, float]] = {}
        """The count of each other process, and since when it stands there."""
        self._looked = -float("inf")
        self._late: list[tuple[str, Collection[str]]] = []
        """What could not be let go of while the database was away."""
        self.has_left = False
        """Whether the app is stopped, and nobody has to look any more."""

    @property
    def process_id(self) -> str:
        """Name this process; what it held is another's when it has another name, for it was taken for dead."""
        return self._process_id

    @property
    def holds_any(self) -> bool:
        """Tell whether anything may be held."""
        return self._has_row

    @property
    def beat_seconds(self) -> float:
        """How often to look."""
        return settings.lease_seconds() / _BEATS

    def take(self, kind: str, keys: Collection[str]) -> set[str]:
        """Take what nobody holds; gives the keys of that."""
        if not keys:
            return set()
        with self._database.write() as connection:
            return self.take_within(connection, kind, keys)

    def take_within(self, connection: sa.Connection, kind: str, keys: Collection[str]) -> set[str]:
        """Take it, of one key at least, in a transaction that writes."""
        if not (self._has_row and self._beat(connection)):
            self._unlock()
            self._sign = self._locked(self._process_id)
            self._database.insert_if_missing(connection, db.process, {"id": self._process_id, "beat": 0})
            self._has_row = True
        rows = [{"kind": kind, "key": key, "process_id": self._process_id} for key in sorted(keys)]
        return {row.key for row in self._database.insert_if_missing(connection, db.claim, rows)}

    def hold(self, kind: str, held: set[str], keys: set[str]) -> set[str]:
        """Let go of what is held and not among `keys`, and take of these what nobody holds; gives what is held then."""
        self.release(kind, held - keys)
        return (held & keys) | self.take(kind, keys - held)

    def is_elsewhere(self, kind: str, key: str) -> bool:
        """Tell whether another process holds something."""
        this = sa.and_(db.claim.c.kind == kind, db.claim.c.key == key)
        with self._database.read() as connection:
            holder = connection.scalar(sa.select(db.claim.c.process_id).where(this))
        return holder not in (None, self._process_id)

    @contextmanager
    def alone(self, kind: str, key: str) -> Iterator[bool]:
        """Hold something as long as the block lasts; gives whether it may be done, for no other process does it."""
        is_mine = bool(self.take(kind, {key})) or not self.is_elsewhere(kind, key)
        try:
            yield is_mine
        finally:
            if is_mine:
                self.release(kind, {key})

    def release(self, kind: str, keys: Collection[str]) -> None:
        """Let go of what is held; where that cannot be done just now, with the next look."""
        if keys:
            try:
                with self._database.write() as connection:
                    self.release_within(connection, kind, keys)
            except StorageError:
                self._late.append((kind, keys))

    def release_within(self, connection: sa.Connection, kind: str, keys: Collection[str]) -> None:
        """Let go of it in a transaction that writes."""
        own = sa.and_(db.claim.c.kind == kind, db.claim.c.process_id == self._process_id)
        for part in db.parts(sorted(keys)):
            connection.execute(sa.delete(db.claim).where(own, db.claim.c.key.in_(part)))

    def look(self) -> bool:
        """Give a sign of life, and let go what dead processes held; tells whether something may be free by that.

        An app that does nothing writes nothing here. Raises StorageError.
        """
        now, lease = time.monotonic(), settings.lease_seconds()
        if now - self._looked > lease / 2:
            self._others = {}  # nobody watched them
        before = set(self._others)
        with self._database.read() as connection:
            counts = {row.id: row.beat for row in connection.execute(sa.select(db.process))}
        self._looked = now
        known = {id: self._others.get(id, (count, now)) for id, count in counts.items() if id != self._process_id}
        self._others = {id: (counts[id], since if count == counts[id] else now) for id, (count, since) in known.items()}
        late, self._late = self._late, []
        for kind, keys in late:
            self.release(kind, keys)
        dead = [id for id, (_, since) in self._others.items() if now - since >= lease or self._has_ended(id)]
        if self._has_row or dead:
            with self._database.write() as connection:
                self._keep(connection)
                for id in dead:
                    still = sa.and_(db.process.c.id == id, db.process.c.beat == counts[id])
                    connection.execute(sa.delete(db.process).where(still))
        return bool(dead) or not before <= set(counts)

    def leave(self) -> None:
        """Let go of everything, as when the app is stopped; others take it over at once."""
        self.has_left = True
        if self._has_row:
            with self._database.write() as connection:
                connection.execute(sa.delete(db.process).where(db.process.c.id == self._process_id))
                self._has_row = False
        self._unlock()

    def _locked(self, process_id: str) -> FileLock | None:
        """Lock the file of a process; None where it is locked, or none can be."""
        lock = FileLock(self._file(process_id), thread_local=False)
        try:
            lock.acquire(timeout=0)
        except (OSError, NotImplementedError):  # a lock that is held is an OSError, too
            return None
        return lock

    def _file(self, process_id: str) -> Path:
        return self._folder / f"library.process-{process_id}"

    def _unlock(self) -> None:
        if self._sign:
            self._sign.release()
            Path(self._sign.lock_file).unlink(missing_ok=True)
            self._sign = None

    def _has_ended(self, process_id: str) -> bool:
        """Tell whether a process has let go of its file; of one whose file is not here that is not known."""
        path = self._file(process_id)
        if not path.exists() or not (lock := self._locked(process_id)):
            return False
        lock.release()
        path.unlink(missing_ok=True)
        return True

    def _keep(self, connection: sa.Connection) -> None:
        """Count on as long as something is held."""
        if self._has_row and self._beat(connection):
            held = sa.exists().where(db.claim.c.process_id == db.process.c.id)
            idle = sa.delete(db.process).where(db.process.c.id == self._process_id, ~held)
            self._has_row = connection.execute(idle).rowcount == 0

    def _beat(self, connection: sa.Connection) -> bool:
        """Count one on; where others took this process for dead, it begins anew, with nothing."""
        own = sa.update(db.process).where(db.process.c.id == self._process_id).values(beat=db.process.c.beat + 1)
        if connection.execute(own).rowcount:
            return True
        self._process_id, self._has_row = secrets.token_hex(8), False
        return False
