"""Tokens by which an owner's scripts use the library, `Library.tokens`. Of each, a hash is kept.

A token is shown once, when it is made. It may read, or write, too; whoever has it is its owner to the routes for
programs, and to no other.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from envo import database as db
from envo import names
from envo.errors import NotFound, UserError
from envo.settings import MAX_NAME, MAX_TOKENS
from envo.visitors import Visits

START = "envo_"
"""How tokens begin, so that they are known for what they are where they stand by mistake."""
NOTED = timedelta(hours=1)
"""So often it is noted that a token was used."""


@dataclass(frozen=True)
class Token:
    """What is known of a token."""

    id: str
    name: str
    may_write: bool
    created_at: datetime
    used_at: datetime | None
    """None: never."""


@dataclass(frozen=True)
class Script:
    """Whoever asks by a token."""

    owner: str
    may_write: bool


_TOKEN = sa.select(*(db.token.c[name] for name in Token.__dataclass_fields__))


class Tokens:
    """Those of a library. Methods may be called from any thread."""

    def __init__(self, database: db.Database, visits: Visits):
        """Work on a library's database."""
        self._database = database
        self._visits = visits

    def all(self, owner: str) -> list[Token]:
        """List an owner's, the newest first."""
        with self._database.read() as connection:
            theirs = _TOKEN.where(db.token.c.owner == owner)
            rows = connection.execute(theirs.order_by(db.token.c.created_at.desc(), db.token.c.id))
            return [Token(**row) for row in rows.mappings()]

    def add(self, owner: str, name: str, may_write: bool) -> tuple[Token, str]:
        """Make a token, and give it with its secret, which nobody can tell again. Raises UserError."""
        secret = f"{START}{secrets.token_urlsafe(32)}"
        name = names.printable(name)[:MAX_NAME] or "Token"
        token = Token(secrets.token_urlsafe(16), name, may_write, datetime.now(UTC), None)
        there = sa.select(sa.func.count()).select_from(db.token).where(db.token.c.owner == owner)
        with self._database.write() as connection:
            if connection.scalar(there) >= MAX_TOKENS:
                raise UserError(f"You have {MAX_TOKENS} tokens already; remove one of them first.")
            connection.execute(sa.insert(db.token).values(**vars(token), owner=owner, hash=_hash(secret)))
            self._visits.keep(connection, owner)
        return token, secret

    def remove(self, owner: str, token_id: str) -> None:
        """End a token. Raises NotFound."""
        theirs = sa.and_(db.token.c.owner == owner, db.token.c.id == token_id)
        with self._database.write() as connection:
            if connection.execute(sa.delete(db.token).where(theirs)).rowcount == 0:
                raise NotFound("This token is not among yours any more.")

    def of(self, secret: str) -> Script | None:
        """Find whose token it is, and note that it was used; None: nobody's."""
        row_of = sa.select(db.token.c.id, db.token.c.owner, db.token.c.may_write, db.token.c.used_at)
        with self._database.read() as connection:
            row = connection.execute(row_of.where(db.token.c.hash == _hash(secret))).one_or_none()
        if row is None:
            return None
        now = datetime.now(UTC)
        # What lies ahead was written on a clock that was wrong.
        if row.used_at is None or not timedelta(0) <= now - row.used_at < NOTED:
            with self._database.write() as connection:
                connection.execute(sa.update(db.token).where(db.token.c.id == row.id).values(used_at=now))
            self._visits.seen(row.owner)
        return Script(row.owner, row.may_write)

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand an owner's tokens over, in a transaction of `Library.move`."""
        connection.execute(sa.update(db.token).where(db.token.c.owner == owner_from).values(owner=owner_to))


def _hash(secret: str) -> str:
    # Of so much chance, a fast hash tells nobody anything.
    return hashlib.sha256(secret.encode()).hexdigest()
