"""Restorations: photos that came of others, each with a report of what was done."""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import sqlalchemy as sa

from envo import database as db
from envo import masks, names, photo
from envo.errors import NotFound
from envo.results import NewPhoto
from envo.settings import DETAIL_EDGE, DISPLAY_EDGE
from envo.store import Store

_ENDING = "restored"
_ENDINGS = {"negative": "positive", "straighten": "straightened", "light": "brightened", "enlarge": "enlarged"}
"""What a name ends with, and what where one step alone was done, by its id."""
_ROOM = len(" 9999")
"""So many characters are left for a number behind the name."""
_INVENTED = "invented"
_NO_RESTORATION = "This photo has no such restoration."


@dataclass(frozen=True)
class Did:
    """What one step did."""

    id: str
    engine: str
    label: str
    """What a page calls the engine."""
    settings: dict[str, Any]
    said: str
    """As a visitor reads it."""
    seconds: float
    changed: bool
    likeness: float | None = None
    """How much alike the least alike of the faces is to what it was, in percent; None: not measured."""


@dataclass(frozen=True)
class Restoration:
    """How a photo came of another."""

    id: str
    source_id: str
    photo_id: str
    """Of the restored photo."""
    steps: list[Did]
    notes: list[str]
    """Sentences that the visitor should read."""
    before: bool
    """Whether a picture of the source is kept that lies under the restored photo; else the source itself does."""
    created_at: datetime

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)


class _Owned(Protocol):
    """A photo, as `envo.library.Photo` is."""

    id: str
    sha256: str
    name: str
    deleted_at: datetime | None


FindPhoto = Callable[[sa.Connection, str, str], _Owned]
"""Is given an owner and a photo's id, and checks them."""
_RESTORATION = sa.select(*(db.restoration.c[field.name] for field in fields(Restoration)))


class Restorations:
    """The restorations in a library, `Library.restorations`. Methods may be called from any thread.

    Each takes the owner and the source photo first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(self, database: db.Database, store: Store, find_photo: FindPhoto, new_photo: NewPhoto):
        """Work on a library's database and files."""
        self._database = database
        self._store = store
        self._photo = find_photo
        self._new_photo = new_photo

    def add(
        self,
        owner: str,
        source_id: str,
        file: tuple[bytes, str],
        steps: Sequence[Did],
        notes: Sequence[str] = (),
        before: np.ndarray | None = None,
        framed: bool = False,
        invented: np.ndarray | None = None,
    ) -> Restoration:
        """Keep a restored photo, its bytes and format, as a new photo of the library.

        before: the source as it lies under the restored photo, uint8 HxWx3, where the source itself does not. framed:
        whether the crop of the source's edit is that of the new photo, too. invented: how much of the restored photo
        was made up, uint8 hxw of its proportions, 255 for all of it; None: nothing.
        """
        data, format = file
        with self._database.read() as connection:
            source = self._photo(connection, owner, source_id)
        restoration_id = secrets.token_urlsafe(16)
        try:
            if before is not None:
                for edge in (DISPLAY_EDGE, DETAIL_EDGE):
                    shown = photo.encode(photo.resize(before, edge), "JPEG", quality=95)
                    self._store.put("restorations", _name(source, restoration_id, edge), shown)
            if invented is not None:
                self._store.put("restorations", _name(source, restoration_id, _INVENTED), masks.encode_matte(invented))
            name = restored_name(source.name, format, steps)
            with self._new_photo(owner, name, data, source_id, framed) as (connection, row):
                restoration = Restoration(
                    id=restoration_id,
                    source_id=source_id,
                    photo_id=row.id,
                    steps=list(steps),
                    notes=list(notes),
                    before=before is not None,
                    created_at=datetime.now(UTC),
                )
                connection.execute(sa.insert(db.restoration).values(asdict(restoration)))
        except BaseException:
            self.forget(source.sha256, source_id, restoration_id)
            raise
        return restoration

    def all(self, owner: str, source_id: str) -> list[Restoration]:
        """List what came of a photo and is not in the trash, oldest first."""
        with self._database.read() as connection:
            self._photo(connection, owner, source_id)
            there = _RESTORATION.join(db.photo, db.photo.c.id == db.restoration.c.photo_id)
            there = there.where(db.restoration.c.source_id == source_id, db.photo.c.deleted_at.is_(None))
            rows = connection.execute(there.order_by(db.restoration.c.created_at, db.restoration.c.id))
            return [_read(row) for row in rows]

    def one(self, owner: str, source_id: str, restoration_id: str) -> Restoration:
        """Find one restoration."""
        return self._find(owner, source_id, restoration_id)[1]

    def before(self, owner: str, source_id: str, restoration_id: str, edge: int) -> Path | None:
        """Find the JPEG that lies under the restored photo, for a page that shows `edge` pixels.

        None where the source itself does.
        """
        source, restoration = self._find(owner, source_id, restoration_id)
        if not restoration.before:
            return None
        kept = DISPLAY_EDGE if edge <= DISPLAY_EDGE else DETAIL_EDGE
        return self._store.path("restorations", _name(source, restoration_id, kept))

    def invented(self, owner: str, source_id: str, restoration_id: str) -> Path | None:
        """Find the grey PNG that tells how much of the restored photo was made up; None where nothing was."""
        source, _ = self._find(owner, source_id, restoration_id)
        path = self._store.path("restorations", _name(source, restoration_id, _INVENTED))
        return path if path.exists() else None

    def of(self, connection: sa.Connection, photo_ids: Sequence[str]) -> list[tuple[str, str, str]]:
        """Find the restorations that photos came of: their source's SHA-256 and id, and their own id."""
        names = sa.select(db.photo.c.sha256, db.photo.c.id, db.restoration.c.id.label("restoration_id"))
        names = names.join(db.restoration, db.restoration.c.source_id == db.photo.c.id)
        return connection.execute(names.where(db.restoration.c.photo_id.in_(photo_ids))).all()

    def forget(self, sha256: str, source_id: str, restoration_id: str = "") -> None:
        """Remove the files of one restoration, or of all that a photo had."""
        self._store.remove("restorations", f"{sha256}-{source_id}-{restoration_id}")

    def _find(self, owner: str, source_id: str, restoration_id: str) -> tuple[_Owned, Restoration]:
        with self._database.read() as connection:
            source = self._photo(connection, owner, source_id)
            found = _RESTORATION.where(db.restoration.c.source_id == source_id, db.restoration.c.id == restoration_id)
            row = connection.execute(found).one_or_none()
            if row is None:
                raise NotFound(_NO_RESTORATION)
            return source, _read(row)


def restored_name(name: str, format: str, steps: Sequence[Did]) -> str:
    """Name what came of a photo by steps, in a format that `photo.encode` writes: "x.heic" becomes "x restored.jpg".

    Or "x straightened.jpg", where that is all that was done. What was called so before is not called so twice.
    """
    word = _ENDINGS.get(steps[0].id, _ENDING) if len(steps) == 1 else _ENDING
    stem = re.sub(rf" {word}( \d+)?$", "", names.stem(name))
    return names.with_ending(stem, f" {word}.{photo.EXTENSIONS[format]}", _ROOM)


def _read(row: sa.Row) -> Restoration:
    values = dict(row._mapping)
    return Restoration(**{**values, "steps": [Did(**step) for step in values["steps"]]})


def _name(source: _Owned, restoration_id: str, what: int | str) -> str:
    """Name a file, by its long edge or what it tells: under its source and that one's content, and removed with it."""
    return f"{source.sha256}-{source.id}-{restoration_id}-{what}"
