"""What visitors asked for that takes a while: written down, so that it outlives the process that is at it.

A process that works on a job holds a claim on it; what no process holds any more can be taken over. `Library.jobs`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from envo import database as db
from envo.claims import Claims

WAITING, WORKING, DONE, FAILED, CANCELLED = "waiting", "working", "done", "failed", "cancelled"
"""States of a job."""
REMEMBERED = timedelta(days=1)
"""For so long, at most, the end of one can be heard of."""
_CLAIM = "job"
_CLAIMED = sa.exists().where(db.claim.c.kind == _CLAIM, db.claim.c.key == db.job.c.id)
"""Whether any process is at a job."""
_UNDER_WAY = db.job.c.state.in_([WAITING, WORKING])


@dataclass(frozen=True)
class Row:
    """A job as it is written down."""

    id: str
    owner: str
    kind: str
    photo_id: str | None
    """Of the photo that it is about; None: of several."""
    wish: dict[str, Any] | None
    """What was asked for, enough to do it again; None once it has ended."""
    told: dict[str, Any]
    """What came of it so far, as its kind tells it."""
    state: str
    step: str
    """What is being done, or why it failed, as a visitor reads it."""
    fraction: float | None
    """0 to 1, or None when it cannot be told."""
    number: int
    """Grows with each change."""
    tries: int
    """How often it was begun since something last came of it."""
    is_wanted: bool
    ended_at: datetime | None


_ROW = sa.select(*(db.job.c[each.name] for each in fields(Row)))


class Jobs:
    """The jobs of a library. Methods may be called from any thread."""

    def __init__(self, database: db.Database, claims: Claims):
        """Work on a library's database."""
        self._database = database
        self._claims = claims

    def add(
        self,
        job: tuple[str, str, str, str | None],
        wish: dict[str, Any],
        told: dict[str, Any],
        check: Callable[[int, int], None],
    ) -> None:
        """Write down a job of this process's: its id, owner, kind and the photo's id.

        check: is told how many jobs of the kind are under way, of this owner and of all, and may raise.
        """
        job_id, owner, kind, photo_id = job
        of_kind = sa.select(sa.func.count()).select_from(db.job).where(db.job.c.kind == kind, _UNDER_WAY)
        with self._database.write() as connection:
            check(connection.scalar(of_kind.where(db.job.c.owner == owner)), connection.scalar(of_kind))
            row = Row(job_id, owner, kind, photo_id, wish, told, WAITING, "", None, 0, 0, True, None)
            connection.execute(sa.insert(db.job).values(**vars(row), created_at=datetime.now(UTC)))
            self._claims.take_within(connection, _CLAIM, {job_id})

    def find(self, job_id: str) -> Row | None:
        """Find a job, whoever asked for it."""
        with self._database.read() as connection:
            row = connection.execute(_ROW.where(db.job.c.id == job_id)).mappings().one_or_none()
        return row and Row(**row)

    def all(self, owner: str, kind: str) -> list[Row]:
        """List an owner's jobs of a kind, in the order in which they came."""
        with self._database.read() as connection:
            theirs = _ROW.where(db.job.c.owner == owner, db.job.c.kind == kind)
            rows = connection.execute(theirs.order_by(db.job.c.created_at, db.job.c.id))
            return [Row(**row) for row in rows.mappings()]

    def take_over(self, kind: str) -> list[Row]:
        """Take the jobs of a kind that are under way, and that no process is at."""
        left = _ROW.where(db.job.c.kind == kind, _UNDER_WAY, ~_CLAIMED).order_by(db.job.c.created_at, db.job.c.id)
        with self._database.read() as connection:
            if connection.execute(left.limit(1)).first() is None:
                return []
        with self._database.write() as connection:
            rows = [Row(**row) for row in connection.execute(left.limit(db.AT_A_TIME)).mappings()]
            taken = self._claims.take_within(connection, _CLAIM, {row.id for row in rows}) if rows else set()
        return [row for row in rows if row.id in taken]

    def begin(self, job_id: str) -> bool:
        """Begin to work on a job of this process's; False: it was given up, or is another's by now."""
        values = {"state": WORKING, "tries": db.job.c.tries + 1, "number": db.job.c.number + 1}
        with self._database.write() as connection:
            wanted = sa.update(db.job).where(self._own(job_id), db.job.c.is_wanted, _UNDER_WAY).values(values)
            return connection.execute(wanted).rowcount > 0

    def tell(
        self, job_id: str, step: str, fraction: float | None, told: dict[str, Any] | None, came: bool
    ) -> tuple[str, bool] | None:
        """Tell how far a job is; gives whose it is by now, and whether it is wanted; None: it is not this process's.

        told: None where nothing is to be told anew. came: whether something came of it that need not be done again.
        """
        values = {"step": step, "fraction": fraction, "number": db.job.c.number + 1}
        values |= ({} if told is None else {"told": told}) | ({"tries": 1} if came else {})
        with self._database.write() as connection:
            own = sa.update(db.job).where(self._own(job_id)).values(values)
            row = connection.execute(own.returning(db.job.c.owner, db.job.c.is_wanted)).one_or_none()
            return row and (row.owner, row.is_wanted)

    def end(self, job_id: str, state: str, step: str, told: dict[str, Any]) -> bool:
        """End a job of this process's; False: it is another's by now, or nobody's."""
        values = {"state": state, "step": step, "told": told, "wish": None, "ended_at": datetime.now(UTC)}
        values |= {"number": db.job.c.number + 1, "fraction": None}
        with self._database.write() as connection:
            is_own = connection.execute(sa.update(db.job).where(self._own(job_id)).values(values)).rowcount > 0
            self._claims.release_within(connection, _CLAIM, {job_id})
        return is_own

    def cancel(self, job_id: str) -> None:
        """Give up a job, be it another process's: one that waits at once, one at work when that hears of it."""
        given_up = {"state": CANCELLED, "ended_at": datetime.now(UTC), "wish": None}
        with self._database.write() as connection:
            this = sa.update(db.job).where(db.job.c.id == job_id)
            connection.execute(this.where(db.job.c.state == WORKING).values(is_wanted=False))
            connection.execute(this.where(db.job.c.state.in_([WAITING, FAILED])).values(given_up))

    def cancelled(self, job_ids: Collection[str]) -> set[str]:
        """Tell which of some jobs were given up, or are not there any more."""
        there: set[str] = set()
        with self._database.read() as connection:
            for part in db.parts(list(job_ids)):
                wanted = sa.select(db.job.c.id).where(db.job.c.id.in_(part), db.job.c.state != CANCELLED)
                there |= set(connection.scalars(wanted))
        return set(job_ids) - there

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand jobs over, in a transaction of `Library.move`."""
        connection.execute(sa.update(db.job).where(db.job.c.owner == owner_from).values(owner=owner_to))

    def purge(self, now: datetime) -> None:
        """Forget what ended long ago."""
        with self._database.write() as connection:
            connection.execute(sa.delete(db.job).where(db.job.c.ended_at < now - REMEMBERED))

    def leave(self) -> None:
        """Let others go on with what is under way; that the app is stopped is no failure of a job's."""
        if not self._claims.holds_any:
            return
        with self._database.write() as connection:
            working = sa.and_(db.job.c.state == WORKING, db.job.c.tries > 0, self._held)
            connection.execute(sa.update(db.job).where(working).values(tries=db.job.c.tries - 1))

    def _own(self, job_id: str) -> sa.ColumnElement[bool]:
        """Ask for a job as long as this process is at it."""
        return sa.and_(db.job.c.id == job_id, self._held)

    @property
    def _held(self) -> sa.ColumnElement[bool]:
        """Whether this process is at a job."""
        return _CLAIMED.where(db.claim.c.process_id == self._claims.process_id)
