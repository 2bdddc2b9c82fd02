"""States of a photo's edit that its owner gave names to, to come back to."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Protocol

import sqlalchemy as sa

from envo import database as db
from envo import edits, names
from envo.edits import EditDocument
from envo.errors import NotFound, UserError
from envo.settings import MAX_NAME, MAX_PRESET_BYTES, MAX_SNAPSHOTS

_NO_SNAPSHOT = "This snapshot is not there any more."


class _Owned(Protocol):
    id: str


@dataclass(frozen=True)
class Snapshot:
    """A named state; `document` as `EditDocument.dump` gives it."""

    id: str
    name: str
    document: dict[str, Any]
    created_at: datetime


_SNAPSHOT = sa.select(*(db.snapshot.c[field.name] for field in fields(Snapshot)))


class Snapshots:
    """The snapshots of a library's photos, `Library.snapshots`. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(self, database: db.Database, photo: Callable[[sa.Connection, str, str], _Owned]):
        """Work on a library's database. photo: finds one for its owner alone."""
        self._database = database
        self._photo = photo

    def add(self, owner: str, photo_id: str, name: str, document: EditDocument) -> Snapshot:
        """Keep a state of a photo's edit. Raises UserError where it is too large, or there are too many."""
        made = Snapshot(secrets.token_urlsafe(16), _name(name), document.dump(), datetime.now(UTC))
        if len(json.dumps(made.document)) > MAX_PRESET_BYTES:
            raise UserError(f"This edit is too large for a snapshot, which takes {MAX_PRESET_BYTES >> 10} kB at most.")
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            self._check_room(connection, photo_id)
            connection.execute(sa.insert(db.snapshot).values({**vars(made), "photo_id": photo_id}))
        return made

    def all(self, owner: str, photo_id: str) -> list[Snapshot]:
        """List the snapshots of a photo, the latest first; those of older schemas are upgraded."""
        latest = (db.snapshot.c.created_at.desc(), db.snapshot.c.id)
        with self._database.read() as connection:
            self._photo(connection, owner, photo_id)
            rows = connection.execute(_there(photo_id).order_by(*latest)).mappings().all()
        return [Snapshot(**{**row, "document": edits.parse(row["document"]).dump()}) for row in rows]

    def rename(self, owner: str, photo_id: str, snapshot_id: str, name: str) -> None:
        """Give a snapshot another name."""
        self._update(owner, photo_id, snapshot_id, name=_name(name))

    def delete(self, owner: str, photo_id: str, snapshot_id: str) -> None:
        """Take a snapshot away; it can be restored for `TRASH_DAYS`."""
        self._update(owner, photo_id, snapshot_id, deleted_at=datetime.now(UTC))

    def restore(self, owner: str, photo_id: str, snapshot_id: str) -> None:
        """Bring back a snapshot that was deleted. Raises UserError where there are too many by now."""
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            self._check_room(connection, photo_id)
            restored = sa.update(db.snapshot).filter_by(photo_id=photo_id, id=snapshot_id).values(deleted_at=None)
            if not connection.execute(restored).rowcount:
                raise NotFound(_NO_SNAPSHOT)

    def copy(self, connection: sa.Connection, source: _Owned, twin: _Owned) -> None:
        """Let a photo have the snapshots of another."""
        for row in connection.execute(_there(source.id)).mappings().all():
            again = {**row, "id": secrets.token_urlsafe(16), "photo_id": twin.id}
            connection.execute(sa.insert(db.snapshot).values(again))

    def purge(self, then: datetime) -> None:
        """Remove for good what was deleted before `then`."""
        with self._database.write() as connection:
            connection.execute(sa.delete(db.snapshot).where(db.snapshot.c.deleted_at < then))

    def _update(self, owner: str, photo_id: str, snapshot_id: str, **values: Any) -> None:
        there = sa.update(db.snapshot).filter_by(photo_id=photo_id, id=snapshot_id, deleted_at=None)
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            if not connection.execute(there.values(values)).rowcount:
                raise NotFound(_NO_SNAPSHOT)

    def _check_room(self, connection: sa.Connection, photo_id: str) -> None:
        if connection.scalar(sa.select(sa.func.count()).select_from(_there(photo_id).subquery())) >= MAX_SNAPSHOTS:
            raise UserError(f"This photo has {MAX_SNAPSHOTS} snapshots already; delete one of them first.")


def _there(photo_id: str) -> sa.Select:
    """Ask for the snapshots of a photo that are not deleted."""
    return _SNAPSHOT.where(db.snapshot.c.photo_id == photo_id, db.snapshot.c.deleted_at.is_(None))


def _name(name: str) -> str:
    """Make a name fit to be shown."""
    return names.printable(name)[:MAX_NAME].strip() or "Snapshot"
