"""Zips of photos that were brought and are put into a library bit by bit."""

import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from envo import database as db
from envo import names
from envo.errors import NotFound
from envo.settings import MAX_ARRIVAL_NOTES, MAX_NAME

REMEMBERED = timedelta(days=1)
"""For so long it can be seen what became of a zip."""
WORKING, DONE, FAILED = "working", "done", "failed"


@dataclass(frozen=True)
class Arrival:
    """A zip that was brought."""

    id: str
    owner: str
    name: str
    state: str
    done: int
    """Photos, and .xmp files of photos that were here, that were seen to."""
    total: int | None
    """Such in it; None before it was looked into."""
    added: int
    known: int
    """Photos that were in the library already."""
    notes: list[str]
    """Sentences about those that did not come; of a zip that failed, why."""


_ARRIVAL = sa.select(*(db.arrival.c[field.name] for field in fields(Arrival)))


class Arrivals:
    """The zips of a library, `Library.arrivals`. Methods may be called from any thread."""

    def __init__(self, database: db.Database, home: Path):
        """Work on a library's database, and a folder of its own."""
        self._database = database
        self._folder = home / "arrivals"
        self._temporary = home / "temporary"

    def place(self) -> Path:
        """Give a file to write a zip into."""
        return self._temporary / secrets.token_hex(16)

    def add(self, owner: str, name: str, path: Path) -> Arrival:
        """Keep a zip that was written into a `place`."""
        arrival_id = secrets.token_urlsafe(16)
        self._folder.mkdir(exist_ok=True)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.replace(self.path(arrival_id))
        row = {
            "id": arrival_id,
            "owner": owner,
            "name": names.printable(name)[:MAX_NAME] or "photos.zip",
            "state": WORKING,
            "done": 0,
            "added": 0,
            "known": 0,
            "notes": [],
            "created_at": datetime.now(UTC),
        }
        with self._database.write() as connection:
            connection.execute(sa.insert(db.arrival).values(row))
        return self.find(arrival_id)

    def path(self, arrival_id: str) -> Path:
        """Find the file of a zip."""
        return self._folder / f"{arrival_id}.zip"

    def next(self, after: str = "", but: Collection[str] = ()) -> Arrival | None:
        """Find the zip that is to be gone on with: an owner's oldest, owners in turn; None: there is none.

        after: the owner who had the last turn. but: ids of those that are left to others.
        """
        arrival = db.arrival.c
        turn = (arrival.owner <= after, arrival.owner, arrival.created_at, arrival.id)
        with self._database.read() as connection:
            working = _ARRIVAL.where(arrival.state == WORKING, arrival.id.not_in(but)).order_by(*turn)
            row = connection.execute(working.limit(1)).mappings().one_or_none()
            return row and Arrival(**row)

    def find(self, arrival_id: str) -> Arrival:
        """Find one that was not given up."""
        with self._database.read() as connection:
            row = connection.execute(_ARRIVAL.where(db.arrival.c.id == arrival_id)).mappings().one_or_none()
        if row is None:
            raise NotFound("This zip was given up.")
        return Arrival(**row)

    def all(self, owner: str) -> list[Arrival]:
        """List an owner's zips of late, the oldest first."""
        lately = db.arrival.c.created_at > datetime.now(UTC) - REMEMBERED
        lately = sa.and_(db.arrival.c.owner == owner, sa.or_(lately, db.arrival.c.state == WORKING))
        with self._database.read() as connection:
            rows = connection.execute(_ARRIVAL.where(lately).order_by(db.arrival.c.created_at, db.arrival.c.id))
            return [Arrival(**row) for row in rows.mappings()]

    def waiting(self, owner: str) -> int:
        """Count the bytes of an owner's zips that are still to be unpacked."""
        zips = (self.path(each.id) for each in self.all(owner) if each.state == WORKING)
        return sum(path.stat().st_size for path in zips if path.exists())

    def advance(self, arrival_id: str, done: int, total: int, added: bool | None, note: str) -> None:
        """Tell that one more photo was seen to, and whether it was new; None: it did not come.

        note: why it did not, or what else there is to be told of it.
        """
        arrival = self.find(arrival_id)
        notes = [*arrival.notes, note] if note and len(arrival.notes) < MAX_ARRIVAL_NOTES else arrival.notes
        values = {
            "done": done,
            "total": total,
            "added": arrival.added + (added is True),
            "known": arrival.known + (added is False),
            "notes": notes,
        }
        self._update(arrival_id, **values)

    def end(self, arrival_id: str, failure: str = "") -> None:
        """Let go of the file of a zip that is done, or failed for a reason."""
        if failure:
            self._update(arrival_id, state=FAILED, notes=[failure])
        else:
            self._update(arrival_id, state=DONE)
        self.path(arrival_id).unlink(missing_ok=True)

    def forget(self, owner: str, arrival_id: str) -> None:
        """Give up what is still to come of a zip."""
        with self._database.write() as connection:
            of_owner = sa.delete(db.arrival).where(db.arrival.c.owner == owner, db.arrival.c.id == arrival_id)
            if not connection.execute(of_owner).rowcount:
                raise NotFound("This zip is not known.")
        self.path(arrival_id).unlink(missing_ok=True)

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand zips over, in a transaction of `Library.move`."""
        connection.execute(sa.update(db.arrival).where(db.arrival.c.owner == owner_from).values(owner=owner_to))

    def purge(self, now: datetime) -> None:
        """Forget what became of zips long ago, and remove files that no zip needs."""
        with self._database.write() as connection:
            long_ago = sa.and_(db.arrival.c.created_at < now - REMEMBERED, db.arrival.c.state != WORKING)
            connection.execute(sa.delete(db.arrival).where(long_ago))
            needed = set(connection.scalars(sa.select(db.arrival.c.id).where(db.arrival.c.state == WORKING)))
        for path in self._folder.glob("*.zip"):
            old = now.timestamp() - REMEMBERED.total_seconds()
            with suppress(FileNotFoundError):
                if path.stem not in needed and path.stat().st_mtime < old:
                    path.unlink()

    def _update(self, arrival_id: str, **values: object) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(db.arrival).where(db.arrival.c.id == arrival_id).values(values))
