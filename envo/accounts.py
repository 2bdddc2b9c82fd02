"""Accounts of the library itself: names and passwords, and who is signed in. `python -m envo.accounts` resets one.

A session is known by a token that only the browser has; of it, as of the password, a hash is kept. It ends when its
owner signs out, when the password is changed elsewhere or reset, and after `SESSION_DAYS`.
"""

import argparse
import hashlib
import re
import secrets
import sys
import unicodedata
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from envo import database as db
from envo import names, settings
from envo.errors import NotFound, UserError
from envo.settings import MAX_ACCOUNT_NAME, MAX_PASSWORD, MIN_PASSWORD, SESSION_DAYS

ACCOUNT = "account:"
"""How the names of such owners begin."""
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Of the characters that are not seen (Unicode's Default_Ignorable_Code_Point), those that `printable` lets stand."""
_COST = {"time_cost": 3, "memory_cost": 2**16, "parallelism": 4}
"""Of argon2id: what RFC 9106 (section 4) recommends where memory is scarce."""
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$AjE1dKX8MWZyk5y0TVaT0A$WYcxfD1dawegnzHFdCmAlOFoUo68uTebq5pLYafyubc"
"""Of that cost: looked at where there is no such name, so that the answer takes as long."""
_ADMINISTRATORS_WORD = 16
"""Bytes of chance in a password that the command line gives."""


class WrongPassword(UserError):  # noqa: N818, what a visitor reads
    """The name or the password is wrong, and nobody is told which."""

    def __init__(self, sentence: str = "This name and this password do not belong together."):
        super().__init__(sentence)


@dataclass(frozen=True)
class Account:
    """Whom a session is of."""

    owner: str
    name: str


class Accounts:
    """The accounts of a library, `Library.accounts`. Methods may be called from any thread.

    Those that look at a password take some tenths of a second and 64 MB.
    """

    def __init__(self, database: db.Database):
        self._database = database
        self._hasher = PasswordHasher(**_COST)

    def add(self, name: str, password: str) -> str:
        """Make an account, and give the token of a session of it.

        Raises UserError for a name that is taken, or looks as one that is, and for a password that is too weak.
        """
        name = clean_name(name)
        check_password(password, name)
        key, hashed = folded(name), self._hash(password)
        values = {"owner": f"{ACCOUNT}{secrets.token_urlsafe(16)}", "name": name, "folded": key, "password": hashed}
        with self._database.write() as connection:
            if connection.scalar(sa.select(db.account.c.owner).where(db.account.c.folded == key)):
                raise UserError("This name is taken; please choose another.")
            connection.execute(sa.insert(db.account).values(**values, created_at=datetime.now(UTC)))
            return self._begin(connection, values["owner"])

    def sign_in(self, name: str, password: str) -> str:
        """Give the token of a new session. Raises WrongPassword."""
        with self._database.read() as connection:
            found = sa.select(db.account.c.owner, db.account.c.password).where(db.account.c.folded == folded(name))
            row = connection.execute(found).one_or_none()
        is_right = self._is_right(row.password if row else _NOBODYS, password)
        if not (row and is_right):
            raise WrongPassword
        with self._database.write() as connection:
            self._check_still(connection, row)
            return self._begin(connection, row.owner)

    def of(self, token: str) -> Account | None:
        """Find whose session it is; None for one that has ended."""
        begun = db.session.c.created_at > datetime.now(UTC) - timedelta(days=SESSION_DAYS)
        found = (
            sa.select(db.account.c.owner, db.account.c.name)
            .join(db.session)
            .where(db.session.c.id == _id(token), begun)
        )
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
        return row and Account(*row)

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._database.write() as connection:
            connection.execute(sa.delete(db.session).where(db.session.c.id == _id(token)))

    def check(self, owner: str, password: str) -> None:
        """Raise WrongPassword where this is not the password of an account."""
        self._checked(owner, password)

    def check_there(self, connection: sa.Connection, owner: str) -> None:
        """Raise NotFound for an owner whose account was deleted, for what was on its way to them then."""
        there = sa.select(db.account.c.owner).where(db.account.c.owner == owner)
        if owner.startswith(ACCOUNT) and connection.scalar(there) is None:
            raise NotFound("This account was deleted.")

    def change(self, owner: str, password: str, fresh: str) -> str:
        """Change a password; all sessions end, and the token of a new one is given. Raises UserError, WrongPassword."""
        row = self._checked(owner, password)
        check_password(fresh, row.name)
        hashed = self._hash(fresh)
        with self._database.write() as connection:
            self._check_still(connection, row)
            connection.execute(sa.update(db.account).where(db.account.c.owner == owner).values(password=hashed))
            self._end_all(connection, owner)
            return self._begin(connection, owner)

    def reset(self, name: str) -> str:
        """Give an account a password of chance, and end its sessions. Raises NotFound."""
        word = secrets.token_urlsafe(_ADMINISTRATORS_WORD)
        changed = sa.update(db.account).where(db.account.c.folded == folded(name)).values(password=self._hash(word))
        with self._database.write() as connection:
            owner = connection.scalar(changed.returning(db.account.c.owner))
            if owner is None:
                raise NotFound("There is no account of this name.")
            self._end_all(connection, owner)
        return word

    def names(self) -> list[str]:
        """List the names of all accounts."""
        with self._database.read() as connection:
            return list(connection.scalars(sa.select(db.account.c.name).order_by(db.account.c.folded)))

    def purge(self, now: datetime) -> None:
        """Forget the sessions that ended by themselves."""
        with self._database.write() as connection:
            old = db.session.c.created_at < now - timedelta(days=SESSION_DAYS)
            connection.execute(sa.delete(db.session).where(old))

    def _checked(self, owner: str, password: str) -> sa.Row:
        """Find an account by its password."""
        found = sa.select(db.account.c.owner, db.account.c.name, db.account.c.password).where(
            db.account.c.owner == owner
        )
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
        if row is None or not self._is_right(row.password, password):
            raise WrongPassword("This is not your current password.")
        return row

    def _check_still(self, connection: sa.Connection, row: sa.Row) -> None:
        """Raise WrongPassword where the password was changed, or the account deleted, after it was looked at."""
        now = sa.select(db.account.c.password).where(db.account.c.owner == row.owner)
        if connection.scalar(now) != row.password:
            raise WrongPassword

    def _begin(self, connection: sa.Connection, owner: str) -> str:
        token = secrets.token_urlsafe(32)
        values = {"id": _id(token), "owner": owner, "created_at": datetime.now(UTC)}
        connection.execute(sa.insert(db.session).values(values))
        return token

    def _end_all(self, connection: sa.Connection, owner: str) -> None:
        connection.execute(sa.delete(db.session).where(db.session.c.owner == owner))

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_composed(password))

    def _is_right(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, _composed(password))
        except (VerifyMismatchError, InvalidHashError):
            return False


def clean_name(name: str) -> str:
    """Make a name fit to be an account's. Raises UserError for one of which nothing is left, or that is too long."""
    name = names.printable(_UNSEEN.sub("", name))
    if not 0 < len(name) <= MAX_ACCOUNT_NAME:
        raise UserError(f"A name has 1 to {MAX_ACCOUNT_NAME} characters that can be seen.")
    return name


def folded(name: str) -> str:
    """Give what names have in common that are the same to whoever reads them: see `envo.names.folded`."""
    return names.folded(names.printable(_UNSEEN.sub("", names.folded(name))))


def check_password(password: str, name: str) -> None:
    """Raise UserError for a password that is easily guessed, or too long to be looked at."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise UserError(f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; a few words will do.")
    if folded(password) == folded(name) or len(set(password)) < 4:
        raise UserError("This password is guessed at once; a few words that do not belong together will do.")


def _composed(password: str) -> str:
    """The same on all keyboards (RFC 8265, section 4.2)."""
    return unicodedata.normalize("NFC", password)


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line of whoever looks after the app; 0: done, 1: there is no such account, 2: wrong usage."""
    parser = argparse.ArgumentParser("python -m envo.accounts", description="Accounts of this library.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="show the names of all")
    reset = verbs.add_parser("reset", help="give one another password, which is shown; whoever is signed in is no more")
    reset.add_argument("name", metavar="NAME")
    chosen = parser.parse_args(arguments)
    settings.home().mkdir(parents=True, exist_ok=True)
    try:
        with closing(db.Database(settings.database_url(), settings.home() / "library.lock")) as database:
            accounts = Accounts(database)
            if chosen.verb == "list":
                print(*accounts.names(), sep="\n")
            else:
                print(accounts.reset(chosen.name))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
