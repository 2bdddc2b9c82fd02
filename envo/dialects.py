"""What differs between the databases that a library may be in: SQLite, and PostgreSQL by psycopg.

On both one transaction writes at a time, of all processes, and reads see the library as it was at their beginning: what
the library's modules rely on.
"""

import sqlite3
import sys
import time
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

import filelock
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from envo import names
from envo.errors import UserError

BUSY_MS = 30_000
"""How long a write waits for another process's to finish in SQLite."""
CLOSING_MS = 2000
"""How long closing the library waits for those who still read or write."""
STALLED_MS = 60_000
"""A transaction that writes and from which PostgreSQL hears nothing for so long is over: others wait for it."""
HEAR_SECONDS = 1.0
"""So often it is heard what other processes tell."""
NEWS_KEPT = 1000
"""So many of the last that were told stay in the table; whoever listens hears of them long before."""
WRITES = "envo_writes"
"""The option of a connection whose transactions write."""
FULL = "The library's disk is full or cannot be written to; nothing was saved."
DAMAGED = (
    "The library's database is damaged, and nothing was saved: whoever runs this app can bring it back from a backup; "
    "the photos themselves are files beside it."
)
UNREACHABLE = "The library's database cannot be reached just now, and nothing was saved; it is tried again each time."

_CHANNEL = "envo"
_WRITER = 0x656E766F
"""The advisory lock of PostgreSQL that whoever writes holds: "envo"."""
_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""After how long a PostgreSQL that does not answer counts as gone, for what `ENVO_DATABASE_URL` does not say."""


class Dialect(Protocol):
    """One kind of database."""

    url: sa.URL
    is_shared: bool
    """Whether other machines may use it for the same library."""
    options: dict[str, Any]
    """For `sqlalchemy.create_engine`."""
    reads: dict[str, Any]
    """Options of connections whose transactions only read."""

    def insert(self, table: sa.Table) -> Any:
        """Give an `INSERT` that can say what is to happen where a row is there already."""

    def set_up(self, engine: sa.Engine) -> None:
        """Have new connections, and transactions as they begin, be as the library needs them."""

    def alone(self, lock: Path) -> AbstractContextManager:
        """Keep other processes from making or upgrading the tables; `lock`: a file beside the library."""

    def upgraded(self, connection: sa.Connection) -> None:
        """Make what the tables need beside them, once they are as they should be."""

    def told(self, error: sa.exc.DatabaseError) -> str | None:
        """Give the sentence for what is wrong with the database; None where the app itself is to blame."""

    def is_sound(self, connection: sa.Connection) -> bool:
        """Look through a database that was damaged."""

    def tell(self, connection: sa.Connection, news: sa.Table, teller: str, keys: Collection[str]) -> None:
        """Tell other processes some keys, in a transaction that writes; `news`: a table where there is no other way."""

    def hear(self, engine: sa.Engine, news: sa.Table, teller: str) -> Iterator[set[str]]:
        """Give each `HEAR_SECONDS` the keys that others than `teller` have told since."""

    def close(self, engine: sa.Engine) -> str | None:
        """Disconnect; gives what is left undone, which does no harm."""


class SQLite:
    """A file, in which whoever writes keeps all others from writing."""

    is_shared = False
    options: ClassVar[dict[str, Any]] = {}
    reads: ClassVar[dict[str, Any]] = {}

    _FULL = ("full", "readonly", "unable to open", "disk I/O")
    """What it says where the disk is full, or cannot be written to, or is gone."""
    _DAMAGED = ("malformed", "not a database")
    """What it says of a file that is none, or not whole."""

    def __init__(self, url: sa.URL):
        """Begin with the address of the file."""
        self.url = url

    def insert(self, table: sa.Table) -> Any:
        return sqlite.insert(table)

    def set_up(self, engine: sa.Engine) -> None:
        sa.event.listen(engine, "connect", self._connected)
        sa.event.listen(engine, "begin", self._begun)

    def alone(self, lock: Path) -> AbstractContextManager:
        return filelock.FileLock(lock)

    def upgraded(self, connection: sa.Connection) -> None:
        pass

    def told(self, error: sa.exc.DatabaseError) -> str | None:
        said = str(error.orig)
        if isinstance(error, sa.exc.OperationalError) and any(cause in said for cause in self._FULL):
            return FULL
        if type(error) is sa.exc.DatabaseError and any(cause in said for cause in self._DAMAGED):
            return DAMAGED
        return None

    def is_sound(self, connection: sa.Connection) -> bool:
        return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"

    def tell(self, connection: sa.Connection, news: sa.Table, teller: str, keys: Collection[str]) -> None:
        last = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(news.c.number), 0)))
        rows = [{"whose": key, "number": last + 1, "teller": teller} for key in keys]
        insert = sqlite.insert(news).values(rows)
        again = {column: insert.excluded[column] for column in ("number", "teller")}
        connection.execute(insert.on_conflict_do_update(index_elements=[news.c.whose], set_=again))
        connection.execute(sa.delete(news).where(news.c.number < last - NEWS_KEPT))

    def hear(self, engine: sa.Engine, news: sa.Table, teller: str) -> Iterator[set[str]]:
        told = f"SELECT whose, number FROM {news.name} WHERE number > ? AND teller != ?"
        with closing(engine.raw_connection()) as connection:  # in no transaction, so that each look sees what is there
            (last,) = connection.execute(f"SELECT coalesce(max(number), 0) FROM {news.name}").fetchone()
            before = None
            while True:
                # It changes with all that others write into the file, and tells so without reading it.
                (now,) = connection.execute("PRAGMA data_version").fetchone()
                rows = connection.execute(told, (last, teller)).fetchall() if now != before else []
                before, last = now, max([last, *(number for _, number in rows)])
                yield {whose for whose, _ in rows}
                time.sleep(HEAR_SECONDS)

    def close(self, engine: sa.Engine) -> str | None:
        """Fold the write-ahead log into the database's file, unless others are busy for long.

        Where it stays, nothing is lost: it is read when the library is next opened.
        """
        engine.dispose()
        try:
            with closing(engine.raw_connection()) as connection:
                connection.execute(f"PRAGMA busy_timeout={CLOSING_MS}")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (sqlite3.Error, sa.exc.DBAPIError) as error:
            return f"The library's write-ahead log stays beside it: {error}"
        finally:
            engine.dispose()
        return None

    def _connected(self, connection: Any, record: Any) -> None:
        # Transactions are begun by `_begun`, not by Python's driver, which would not cover reads and DDL.
        connection.isolation_level = None
        for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("envo_folded", 1, lambda text: text and names.folded(str(text)), deterministic=True)

    def _begun(self, connection: sa.Connection) -> None:
        # A writer takes its place in the queue at once: one that only finds out later that it writes cannot wait.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class PostgreSQL:
    """A server, which other machines may use for the same library.

    An advisory lock has one transaction write at a time; what is read is read in one snapshot.
    """

    is_shared = True
    # A server that was started anew is noticed before a connection of before is used.
    options: ClassVar[dict[str, Any]] = {"pool_pre_ping": True}
    reads: ClassVar[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    _FULL = ("53100", "25006")
    """By SQLSTATE: the disk is full; it takes no writes, as a copy of another server does."""
    _DAMAGED = ("XX001", "XX002")

    def __init__(self, url: sa.URL):
        """Begin with the address of the database."""
        url = url.set(drivername="postgresql+psycopg")
        self.url = url.update_query_dict({key: value for key, value in _PATIENCE.items() if key not in url.query})

    def insert(self, table: sa.Table) -> Any:
        return postgresql.insert(table)

    def set_up(self, engine: sa.Engine) -> None:
        sa.event.listen(engine, "connect", self._connected)
        sa.event.listen(engine, "begin", self._begun)

    def alone(self, lock: Path) -> AbstractContextManager:
        return nullcontext()  # whoever writes is alone, and to upgrade is to write

    def upgraded(self, connection: sa.Connection) -> None:
        """Have texts compared as SQLite compares them, byte by byte, and `names.folded` for who searches in them."""
        kinds = "SELECT table_name, column_name, data_type, character_maximum_length FROM information_schema.columns"
        texts = "table_schema = current_schema() AND data_type IN ('text', 'character varying')"
        changes: dict[str, list[str]] = {}
        ours = f"{kinds} WHERE {texts} AND collation_name IS DISTINCT FROM 'C' ORDER BY 1, 2"
        for table, column, kind, length in connection.exec_driver_sql(ours):
            kind = f"{kind}({length})" if length else kind
            changes.setdefault(table, []).append(f'ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"')
        for table, altered in changes.items():
            connection.exec_driver_sql(f'ALTER TABLE "{table}" {", ".join(altered)}')
        connection.exec_driver_sql(_FOLDED.format(folded=_folded()))

    def told(self, error: sa.exc.DatabaseError) -> str | None:
        state = getattr(error.orig, "sqlstate", None)
        if state in self._FULL:
            return FULL
        if state in self._DAMAGED:
            return DAMAGED
        # Without a state the server did not say it: the driver has no connection to it, or lost it.
        is_gone = state is None or state[:2] == "08" or state[:3] == "57P" or state == "53300"
        return UNREACHABLE if is_gone and isinstance(error, sa.exc.OperationalError) else None

    def is_sound(self, connection: sa.Connection) -> bool:
        return True  # it tells of damage only where it meets it

    def tell(self, connection: sa.Connection, news: sa.Table, teller: str, keys: Collection[str]) -> None:
        notify = sa.text("SELECT pg_notify(:channel, :said)")
        for key in keys:
            connection.execute(notify, {"channel": _CHANNEL, "said": f"{teller} {key}"})

    def hear(self, engine: sa.Engine, news: sa.Table, teller: str) -> Iterator[set[str]]:
        with closing(engine.raw_connection()) as connection:
            listening = connection.driver_connection
            connection.detach()  # others shall not get it, nor it count among those that they share
            listening.set_autocommit(True)
            listening.execute(f"LISTEN {_CHANNEL}")
            while True:
                said = [each.payload.split(" ") for each in listening.notifies(timeout=HEAR_SECONDS)]
                yield {key for who, key in said if who != teller}

    def close(self, engine: sa.Engine) -> str | None:
        engine.dispose()
        return None

    def _connected(self, connection: Any, record: Any) -> None:
        from psycopg.types.string import StrDumper  # here, for it is there once a connection is

        class WithoutNul(StrDumper):
            """PostgreSQL's texts have no NUL, and what it is looked for in has none: it is found nowhere."""

            def dump(self, obj: str) -> Any:
                return super().dump(obj.replace("\0", "\ufffd"))

        connection.adapters.register_dumper(str, WithoutNul)
        connection.execute("SET TIME ZONE 'UTC'")
        connection.commit()

    def _begun(self, connection: sa.Connection) -> None:
        if connection.get_execution_options().get(WRITES, False):
            stalled = f"set_config('idle_in_transaction_session_timeout', '{STALLED_MS}', true)"
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER}), {stalled}")


_DIALECTS: dict[str, type[Dialect]] = {"sqlite": SQLite, "postgresql": PostgreSQL, "postgres": PostgreSQL}

_FOLDED = """
CREATE OR REPLACE FUNCTION envo_folded(said text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN octet_length(said) = length(said) THEN lower(said) ELSE {folded} END
$$
"""
"""`names.folded`; what is ASCII, as most names are, is done quickly."""


def dialect(url: str) -> Dialect:
    """Give the dialect for an address of SQLAlchemy's. Raises UserError where there is none."""
    try:
        parsed = sa.make_url(url)
        return _DIALECTS[parsed.get_backend_name()](parsed)
    except (sa.exc.ArgumentError, ValueError, KeyError):
        raise UserError(
            "ENVO_DATABASE_URL is no address of a database that Envo knows: postgresql://user:password@host/name is, "
            "and so is sqlite:///path."
        ) from None


@cache
def _folded() -> str:
    """Write `names.folded` of the parameter `said` in SQL: what ICU's small letters leave of it is replaced."""
    one, more = {}, {}
    for code in range(0x80, sys.maxunicode):
        character = chr(code)
        if unicodedata.normalize("NFKC", character) == character == character.lower():
            folded = character.casefold()
            if unicodedata.normalize("NFC", folded) != character:
                (one if len(folded) == 1 else more)[character] = folded
    text = 'lower(normalize(said, NFKC) COLLATE "und-x-icu")'
    for character, folded in more.items():
        text = f"replace({text}, '{character}', '{folded}')"
    return f"normalize(translate({text}, '{''.join(one)}', '{''.join(one.values())}'), NFC)"
