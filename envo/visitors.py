"""Visitors without an account: their names, when they were last here, and how much is kept of theirs.

Nobody but a browser that keeps a cookie can name such an owner again, so a library whose visitor has stayed away for
as long as the cookie lives is nobody's any more.
"""

import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from envo import database as db
from envo import settings
from envo.accounts import ACCOUNT
from envo.errors import NoRoom

_VISITOR = "visitor:"
NOTED = timedelta(hours=12)
"""That a visitor was here is written down no oftener."""


def new_visitor() -> str:
    """Give a name, which cannot be guessed, to an owner who has no account."""
    return f"{_VISITOR}{secrets.token_urlsafe(16)}"


def is_visitor(owner: object) -> bool:
    """Tell whether this is the name of an owner who has no account."""
    return isinstance(owner, str) and owner.startswith(_VISITOR)


def photo_bytes(owner: str) -> sa.Select:
    """Ask for the bytes of the files of an owner's photos, in the trash or not, each counted once."""
    contents = sa.select(db.photo.c.sha256).where(db.photo.c.owner == owner)
    return sa.select(sa.func.coalesce(sa.func.sum(db.blob.c.bytes), 0)).where(db.blob.c.sha256.in_(contents))


class Visits:
    """When visitors were last here, and what room each has: `Library.visits`. Safe among threads.

    Owners who have an account stay as long as they like, and those who got it elsewhere with as much as they like.
    """

    def __init__(self, database: db.Database, disk: Callable[[], tuple[int, int] | None], max_bytes: int | None):
        """Work on a library's database.

        disk: tells what `Store.disk` does. max_bytes: that are kept of one visitor's photos; None: as many as come.
        """
        self._database = database
        self._disk = disk
        self.max_bytes = max_bytes

    def seen(self, owner: str) -> None:
        """Note that a visitor is here, if anything of theirs is kept."""
        now = datetime.now(UTC)
        with self._database.read() as connection:
            last = connection.scalar(sa.select(db.visitor.c.seen_at).where(db.visitor.c.owner == owner))
        # What lies ahead was written on a clock that was wrong.
        if last and not timedelta(0) <= now - last < NOTED:
            with self._database.write() as connection:
                self._see(connection, owner, now)

    def keep(self, connection: sa.Connection, owner: str) -> None:
        """Note that a photo of an owner is kept from now on, in the transaction that does so."""
        now = datetime.now(UTC)
        if is_visitor(owner) and not self._see(connection, owner, now):
            self._database.insert_if_missing(connection, db.visitor, {"owner": owner, "seen_at": now})

    def is_limited(self, owner: str) -> bool:
        """Tell whether only so much of an owner's is kept: of whoever comes, for anybody may sign up."""
        return self.max_bytes is not None and (is_visitor(owner) or owner.startswith(ACCOUNT))

    def check_room(self, owner: str, more: int = 0) -> None:
        """Raise NoRoom where a visitor has as much as is kept of one, or would have with so many bytes more.

        And as `check_disk` does.
        """
        if not self.is_limited(owner):
            return
        self.check_disk(owner, more)
        count, kept = self._used(owner)
        if count >= settings.MAX_VISITOR_PHOTOS or kept + more > self.max_bytes:
            raise NoRoom(
                f"At most {self._most} of yours are kept here, and this would be more; what you delete makes room when "
                f"it leaves the trash, after {settings.TRASH_DAYS} days."
            )

    def check_disk(self, owner: str, more: int = 0) -> None:
        """Raise NoRoom where so many bytes more of a visitor's would leave too little of the disk to all others."""
        if not self.is_limited(owner):
            return
        if self._free() < more:
            raise NoRoom(
                "The disk of this app is nearly full, and what is left of it is kept free of what visitors "
                "bring; all that is here stays, but nothing was added."
            )

    def warning(self, owner: str) -> str:
        """Say that the room of a visitor, or of all of them on the disk, comes to its end; "" while there is enough."""
        if not self.is_limited(owner):
            return ""
        count, kept = self._used(owner)
        share = max(count / settings.MAX_VISITOR_PHOTOS, kept / self.max_bytes)
        if share >= settings.NEARLY:
            return (
                f"{int(100 * share)} % of your room is used: at most {self._most} are kept here. "
                f"What you delete makes room when it leaves the trash, after {settings.TRASH_DAYS} days."
            )
        if self._free() < self.max_bytes * (1 - settings.NEARLY):
            return "The disk of this app is nearly full: soon visitors can bring nothing more."
        return ""

    @property
    def _most(self) -> str:
        return f"{settings.MAX_VISITOR_PHOTOS} photos and {self.max_bytes >> 20} MB"

    def _used(self, owner: str) -> tuple[int, int]:
        """Count a visitor's photos, and the bytes that are kept of them."""
        theirs = sa.select(sa.func.count()).select_from(db.photo).where(db.photo.c.owner == owner)
        rendered = sa.select(sa.func.coalesce(sa.func.sum(db.rendition.c.bytes), 0))
        rendered = rendered.join(db.photo, db.photo.c.id == db.rendition.c.photo_id).where(db.photo.c.owner == owner)
        with self._database.read() as connection:
            kept = connection.scalar(photo_bytes(owner)) + connection.scalar(rendered)
            return connection.scalar(theirs), kept

    def _free(self) -> int:
        """Bytes of the disk that such visitors may still take, all together; less than none where others took more."""
        disk = self._disk()
        if disk is None:
            return sys.maxsize
        total, free = disk
        return free - settings.spare_bytes(total)

    def gone(self, now: datetime) -> sa.Select:
        """Ask for the visitors who stayed away for so long that nothing of theirs is kept."""
        long_ago = now - timedelta(days=settings.keep_days())
        return sa.select(db.visitor.c.owner).where(db.visitor.c.seen_at < long_ago)

    def purge(self, now: datetime) -> None:
        """Forget the visitors who are `gone`, once their photos are, and what else was theirs."""
        with_photos = sa.exists().where(db.photo.c.owner == db.visitor.c.owner)
        some = self.gone(now).where(~with_photos).limit(db.IN_A_ROW)
        while True:
            with self._database.write() as connection:
                owners = connection.scalars(some).all()
                for table in (db.person, db.former_person, db.gallery, db.arrival, db.job, db.visitor):
                    connection.execute(sa.delete(table).where(table.c.owner.in_(owners)))
            if not owners:
                return

    def move(self, connection: sa.Connection, owner_from: str) -> None:
        """Forget a visitor who has signed in, in a transaction of `Library.move`."""
        connection.execute(sa.delete(db.visitor).where(db.visitor.c.owner == owner_from))

    def _see(self, connection: sa.Connection, owner: str, now: datetime) -> bool:
        """Write down when a visitor was here; False where nothing of theirs is kept yet."""
        seen = sa.update(db.visitor).where(db.visitor.c.owner == owner).values(seen_at=now)
        return connection.execute(seen).rowcount > 0
