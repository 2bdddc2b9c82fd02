"""The keys that sign the names of visitors: beside the library, or in its database where more machines may use it."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock

from envo import database as db
from envo.errors import UserError

SHORTEST = 16
"""Characters; what is shorter was cut off, and would let anybody sign cookies."""


def keys(database: db.Database, home: Path) -> list[str]:
    """Give the keys whose signatures count, the one that signs first; made once, by whoever comes first.

    Those after it are of machines that had one each before they shared a database: nobody's library is lost by that.
    Raises UserError for a file that is empty or cut off: whoever guesses it could be every visitor.
    """
    path = home / "secret"
    if not database.is_shared:
        with FileLock(path.with_name("secret.lock")):
            if not path.exists():
                _make(path)
        return [_read(path)]
    own = _read(path) if path.exists() else None
    with database.write() as connection:
        by_age = sa.select(db.signing_key.c.key).order_by(db.signing_key.c.created_at, db.signing_key.c.key)
        known = list(connection.scalars(by_age))
        if own not in known and (own or not known):
            known.append(own or _new())
            connection.execute(sa.insert(db.signing_key).values(key=known[-1], created_at=datetime.now(UTC)))
    return known


def _make(path: Path) -> None:
    """Make the file, readable by its user alone, as the database is not."""
    fresh = path.with_name("secret.new")
    fresh.touch(mode=0o600)
    with fresh.open("w") as file:
        file.write(_new())
        file.flush()
        os.fsync(file.fileno())  # else a crash of the machine could leave the name without the content
    fresh.replace(path)


def _read(path: Path) -> str:
    key = path.read_text()
    if len(key.strip()) < SHORTEST:
        raise UserError(
            f"{path} is empty or cut off, so Envo cannot tell its visitors apart: bring it back from a backup, or "
            "delete it, which loses the libraries of those who never signed in."
        )
    return key


def _new() -> str:
    return secrets.token_urlsafe(32)
