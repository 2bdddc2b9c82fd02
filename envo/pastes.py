"""Edits that are pasted on many photos of a library: photo by photo, so that it goes on wherever it was stopped.

What was there before is kept for as long as the trash is, so that a paste can be taken back, and done again.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from envo import copies, edits
from envo import database as db
from envo.copies import Copy
from envo.edits import EditDocument
from envo.errors import NotFound, UserError
from envo.gallery import present
from envo.settings import MAX_PASTES

WORKING, DONE, CANCELLED, FAILED = "working", "done", "cancelled", "failed"
"""States of a paste."""
WAITING = "waiting"
"""State of a photo of a paste; then it is `DONE` or `FAILED`."""

WriteEdit = Callable[[sa.Connection, str, dict[str, Any] | None, sa.ColumnElement, str, int], int | None]
"""Is given a photo's id, the document, what is to be so for it to be written, a writer and its number; see
`Library.save_edit`."""


@dataclass(frozen=True)
class Paste:
    """An edit that is pasted on photos.

    what: the word for it, such as "paste" or "sync". copy: None where edits are reset.
    """

    id: str
    owner: str
    what: str
    copy: Copy | None
    state: str
    created_at: datetime


@dataclass(frozen=True)
class Waiting:
    """A photo on which an edit is still to be pasted. `has_mattes`: whether its mattes were made, be they none."""

    id: str
    sha256: str
    name: str
    has_mattes: bool


@dataclass(frozen=True)
class People:
    """Which people a photo has no face of, and whom it may show as far as engines tell: by their ids."""

    absent: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Pasted:
    """What became of a photo of a paste.

    state: `WAITING`, `DONE` or `FAILED`. why: it failed. left: what could not be pasted, in sentences. lacking: kinds
    of mattes that the photo has not. absent, unsure: ids of people who are not in it, or only may be.
    """

    photo_id: str
    name: str
    state: str
    why: str
    left: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


_OF_FILE = ("format", "width", "height")
_PASTE = sa.select(*(db.paste.c[each.name] for each in fields(Paste)))
_OWN_COLUMNS = [db.pasted.c[each.name] for each in fields(Pasted) if each.name != "name"]


class Pastes:
    """The pastes of a library, `Library.pastes`. Methods may be called from any thread."""

    def __init__(self, database: db.Database, write_edit: WriteEdit):
        """Work on a library's database."""
        self._database = database
        self._write_edit = write_edit

    def add(self, owner: str, photo_ids: Sequence[str], copy: Copy | None, what: str) -> Paste:
        """Begin to paste a copy on photos; those that are not the owner's, or in the trash, are left out.

        Raises NotFound where none is there, and UserError where too many pastes are under way.
        """
        wanted = list(dict.fromkeys(photo_ids))
        paste = Paste(secrets.token_urlsafe(16), owner, what, copy, WORKING, datetime.now(UTC))
        under_way = sa.select(sa.func.count()).select_from(db.paste)
        under_way = under_way.where(db.paste.c.owner == owner, db.paste.c.state == WORKING)
        with self._database.write() as connection:
            if connection.scalar(under_way) >= MAX_PASTES:
                raise UserError(f"{MAX_PASTES} edits are being pasted already; wait for one, or cancel it.")
            there: set[str] = set()
            for part in db.parts(wanted):
                of_them = sa.select(db.photo.c.id).where(present(owner), db.photo.c.id.in_(part))
                there |= set(connection.scalars(of_them))
            if not there:
                raise NotFound("These photos are not in your library.")
            row = {**vars(paste), "copy": copy and copy.dump()}
            connection.execute(sa.insert(db.paste).values(row))
            photos = [
                {
                    "paste_id": paste.id,
                    "photo_id": photo_id,
                    "place": place,
                    "state": WAITING,
                    "why": "",
                    "is_back": False,
                }
                | {"left": [], "lacking": [], "absent": [], "unsure": []}
                for place, photo_id in enumerate(each for each in wanted if each in there)
            ]
            connection.execute(sa.insert(db.pasted), photos)
        return paste

    def working(self) -> list[Paste]:
        """List the pastes that are under way, the oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(_PASTE.where(db.paste.c.state == WORKING).order_by(db.paste.c.created_at))
            return [_paste(row) for row in rows]

    def all(self, owner: str) -> list[Paste]:
        """List an owner's pastes that can be taken back, or are under way, the oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(_PASTE.where(db.paste.c.owner == owner).order_by(db.paste.c.created_at))
            return [_paste(row) for row in rows]

    def find(self, owner: str, paste_id: str) -> Paste:
        """Find one paste."""
        with self._database.read() as connection:
            return self._find(connection, owner, paste_id)

    def counts(self, paste_id: str) -> dict[str, int]:
        """Count the photos of a paste by their state."""
        by_state = sa.select(db.pasted.c.state, sa.func.count()).where(db.pasted.c.paste_id == paste_id)
        with self._database.read() as connection:
            return dict(map(tuple, connection.execute(by_state.group_by(db.pasted.c.state))))

    def photos(self, paste_id: str) -> list[Pasted]:
        """List what became of the photos of a paste, in the order in which they were chosen."""
        listed = sa.select(*_OWN_COLUMNS, db.photo.c.name).join(db.photo).where(db.pasted.c.paste_id == paste_id)
        with self._database.read() as connection:
            return [Pasted(**row) for row in connection.execute(listed.order_by(db.pasted.c.place)).mappings()]

    def waiting(self, paste_id: str, limit: int = db.IN_A_ROW) -> list[Waiting]:
        """List photos that are still to be seen to, those whose mattes were made first."""
        has_mattes = db.blob.c.matte_engine.is_not(None)
        listed = (
            sa.select(db.photo.c.id, db.photo.c.sha256, db.photo.c.name, has_mattes.label("has_mattes"))
            .select_from(db.pasted.join(db.photo).join(db.blob))
            .where(db.pasted.c.paste_id == paste_id, db.pasted.c.state == WAITING)
            .order_by(has_mattes.desc(), db.pasted.c.place)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [Waiting(**row) for row in connection.execute(listed).mappings()]

    def put(self, paste: Paste, photo_ids: Sequence[str], people: Mapping[str, People]) -> list[str]:
        """Paste on some photos that wait, in one transaction; gives those whose edit is another now.

        people: what is known of those whom the copy follows, by photo.
        """
        with self._database.write() as connection:
            state = sa.select(db.paste.c.state).where(db.paste.c.id == paste.id)
            if connection.scalar(state) != WORKING:
                return []  # it was cancelled
            there = (
                sa.select(db.photo, *(db.blob.c[name] for name in _OF_FILE), db.edit.c.document, db.edit.c.version)
                .select_from(db.pasted.join(db.photo).join(db.blob).join(db.edit, db.edit.c.photo_id == db.photo.c.id))
                .where(db.pasted.c.paste_id == paste.id, db.pasted.c.state == WAITING, db.photo.c.id.in_(photo_ids))
            )
            rows = connection.execute(there).all()
            own, found = self._masks(connection, rows)
            changed = []
            for row in rows:
                values = self._put(connection, paste, row, own.get(row.id, ()), found.get(row.sha256, ()))
                known = people.get(row.id, People())
                self._update(connection, paste.id, row.id, **values, **asdict(known))
                changed += [row.id] if values.get("version") else []
        return changed

    def _put(
        self, connection: sa.Connection, paste: Paste, row: sa.Row, own: Collection[str], found: Collection[str]
    ) -> dict[str, Any]:
        """Paste on one photo; gives what is to be known of that."""
        if row.deleted_at:
            return {"state": FAILED, "why": "It was deleted meanwhile."}
        try:
            before = edits.parse(row.document) if row.document else edits.UNTOUCHED
            if paste.copy is None:
                made = copies.Pasted(edits.UNTOUCHED)
            else:
                made = copies.pasted(before, paste.copy, (row.width, row.height), own, row.format == "RAW")
        except UserError as error:
            return {"state": FAILED, "why": str(error)}
        lacking = sorted(paste.copy.kinds - set(found), key=edits.place) if paste.copy else []
        said = {"state": DONE, "left": list(made.left), "lacking": lacking}
        if made.document == before:
            return said
        version = self._write(connection, row.id, made.document, row.version)
        return said | {"version": version, "document": row.document}

    def fail(self, paste_id: str, photo_id: str, why: str) -> None:
        """Tell that nothing could be pasted on a photo."""
        with self._database.write() as connection:
            self._update(connection, paste_id, photo_id, state=FAILED, why=why)

    def end(self, paste_id: str, state: str) -> None:
        """Tell that a paste which was under way is so no longer."""
        with self._database.write() as connection:
            this = sa.and_(db.paste.c.id == paste_id, db.paste.c.state == WORKING)
            connection.execute(sa.update(db.paste).where(this).values(state=state))

    def cancel(self, owner: str, paste_id: str) -> None:
        """Give up what is still to come of a paste; what is done stays."""
        self.find(owner, paste_id)
        self.end(paste_id, CANCELLED)

    def exchange(self, owner: str, paste_id: str, is_back: bool) -> tuple[list[str], int]:
        """Take a paste back, or do it again: photos get the edit that they had, unless it was changed since.

        Gives the ids of those that got it, and how many others stay as they are.
        """
        self.cancel(owner, paste_id)
        of_paste = sa.and_(db.pasted.c.paste_id == paste_id, db.pasted.c.version.is_not(None))
        listed = sa.select(db.pasted.c.photo_id).where(of_paste, db.pasted.c.is_back != is_back)
        with self._database.read() as connection:
            photo_ids = connection.scalars(listed.order_by(db.pasted.c.place)).all()
        changed: list[str] = []
        for part in db.parts(photo_ids, db.IN_A_ROW):
            with self._database.write() as connection:
                changed += self._exchange(connection, owner, paste_id, part, is_back)
        return changed, len(photo_ids) - len(changed)

    def _exchange(
        self, connection: sa.Connection, owner: str, paste_id: str, photo_ids: Sequence[str], is_back: bool
    ) -> list[str]:
        there = (
            sa.select(
                db.pasted.c.photo_id, db.pasted.c.version, db.pasted.c.document.label("other"), db.edit.c.document
            )
            .select_from(db.pasted.join(db.photo).join(db.edit, db.edit.c.photo_id == db.pasted.c.photo_id))
            .where(
                db.pasted.c.paste_id == paste_id, db.pasted.c.photo_id.in_(photo_ids), db.pasted.c.is_back != is_back
            )
            .where(present(owner), db.edit.c.version == db.pasted.c.version)
            .order_by(db.pasted.c.place)
        )
        rows = connection.execute(there).all()
        for row in rows:
            version = self._write(connection, row.photo_id, row.other, row.version)
            values = {"version": version, "document": row.document, "is_back": is_back}
            self._update(connection, paste_id, row.photo_id, **values)
        return [row.photo_id for row in rows]

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand pastes over, in a transaction of `Library.move`."""
        connection.execute(sa.update(db.paste).where(db.paste.c.owner == owner_from).values(owner=owner_to))

    def purge(self, then: datetime) -> None:
        """Forget the pastes that were asked for before `then`, and of which no photo is there."""
        has_photos = sa.exists().where(db.pasted.c.paste_id == db.paste.c.id)
        old = sa.and_(db.paste.c.created_at < then, db.paste.c.state != WORKING)
        with self._database.write() as connection:
            connection.execute(sa.delete(db.paste).where(sa.or_(old, ~has_photos)))

    def _find(self, connection: sa.Connection, owner: str, paste_id: str) -> Paste:
        row = connection.execute(_PASTE.where(db.paste.c.id == paste_id, db.paste.c.owner == owner)).one_or_none()
        if row is None:
            raise NotFound("This paste is not known any more.")
        return _paste(row)

    def _write(
        self, connection: sa.Connection, photo_id: str, document: EditDocument | dict[str, Any] | None, base: int
    ) -> int:
        """Write an edit that was just read; whoever has it open is told, as of any other window's."""
        data = document.dump() if isinstance(document, EditDocument) else document
        return self._write_edit(connection, photo_id, data, db.edit.c.version == base, secrets.token_hex(8), 1)

    def _masks(
        self, connection: sa.Connection, rows: Sequence[sa.Row]
    ) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Find the kinds of the masks that owners made, by photo, and of the mattes that were found, by content."""
        own: dict[str, set[str]] = {}
        of_photos = sa.select(db.own_mask.c.photo_id, db.own_mask.c.kind)
        of_photos = of_photos.where(db.own_mask.c.photo_id.in_([row.id for row in rows]))
        for photo_id, kind in connection.execute(of_photos.where(db.own_mask.c.deleted_at.is_(None))):
            own.setdefault(photo_id, set()).add(kind)
        found: dict[str, set[str]] = {}
        of_contents = sa.select(db.matte.c.sha256, db.matte.c.kind)
        for sha256, kind in connection.execute(of_contents.where(db.matte.c.sha256.in_([row.sha256 for row in rows]))):
            found.setdefault(sha256, set()).add(kind)
        return own, found

    def _update(self, connection: sa.Connection, paste_id: str, photo_id: str, **values: Any) -> None:
        this = sa.and_(db.pasted.c.paste_id == paste_id, db.pasted.c.photo_id == photo_id)
        connection.execute(sa.update(db.pasted).where(this).values(values))


def _paste(row: sa.Row) -> Paste:
    values = dict(row._mapping)
    return Paste(**{**values, "copy": values["copy"] and copies.parse(values["copy"])})
