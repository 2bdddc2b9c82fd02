"""Everything that one owner has: how much it is, told in full, and forgotten. `Library.everything`.

Which tables are asked is told by the tables themselves: those with an owner, and those whose rows belong to photos. So
what is added to the library later is neither left out of what an owner takes away, nor left behind when they go.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from envo import database as db
from envo.visitors import photo_bytes

OWNED = tuple(table for table in db.metadata.sorted_tables if "owner" in table.c)
"""Tables whose rows are somebody's; those that others refer to come first."""
_SECRET = {db.account.c.password, *db.session.c, db.token.c.hash}
"""What nobody is told, be it their own."""


@dataclass(frozen=True)
class Holdings:
    """How much an owner has. `bytes`: of the files of photos, in the trash or not, each counted once."""

    photos: int
    trash: int
    people: int
    bytes: int


class Everything:
    """What owners have, in all of a library. Methods may be called from any thread."""

    def __init__(self, database: db.Database):
        self._database = database

    def holdings(self, owner: str) -> Holdings:
        """Tell how much there is."""
        theirs = db.photo.c.owner == owner
        in_trash = sa.func.count(db.photo.c.deleted_at)
        people = sa.select(sa.func.count()).select_from(db.person).where(db.person.c.owner == owner)
        with self._database.read() as connection:
            count, trash = connection.execute(sa.select(sa.func.count(), in_trash).where(theirs)).one()
            return Holdings(count - trash, trash, connection.scalar(people), connection.scalar(photo_bytes(owner)))

    def tables(self, owner: str) -> Iterator[tuple[str, bytes]]:
        """Give all that is stored in words, table by table as JSON; files are named in it, and not in it."""
        for table in db.metadata.sorted_tables:
            columns = [column for column in table.c if column not in _SECRET]
            theirs = _theirs(table, owner)
            if theirs is None or not columns:
                continue
            with self._database.read() as connection:
                rows = [dict(row) for row in connection.execute(sa.select(*columns).where(theirs)).mappings()]
            if rows:
                yield table.name, json.dumps(rows, default=_plain, ensure_ascii=False, indent=1).encode()

    def rows(self, owner: str, table: sa.Table) -> list[sa.Row]:
        """List what an owner has in a table, but for what is deleted."""
        there = _theirs(table, owner)
        if "deleted_at" in table.c:
            there = sa.and_(there, table.c.deleted_at.is_(None))
        with self._database.read() as connection:
            return list(connection.execute(sa.select(table).where(there)))

    def forget(self, connection: sa.Connection, owner: str) -> None:
        """Delete all rows of an owner, in a transaction of `Library.remove_all`, which knows of the files."""
        for table in reversed(OWNED):
            connection.execute(sa.delete(table).where(table.c.owner == owner))


def _theirs(table: sa.Table, owner: str) -> sa.ColumnElement[bool] | None:
    """Ask for the rows of a table that are an owner's; None for a table whose rows are nobody's."""
    if "owner" in table.c:
        return table.c.owner == owner
    of_photo = [column for column in table.c if column.references(db.photo.c.id)]
    return of_photo[0].in_(sa.select(db.photo.c.id).where(db.photo.c.owner == owner)) if of_photo else None


def _plain(value: Any) -> str:
    """Write what JSON has no word for: moments as ISO 8601, bytes in base64."""
    return value.isoformat() if isinstance(value, datetime) else base64.b64encode(value).decode()
