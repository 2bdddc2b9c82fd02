"""Mattes of the photos in a library: those that were found, and masks that their owners made.

What is found is kept once for each content, as the photo's bytes are; an owner's masks are the photo's alone.
"""

import hashlib
import io
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import sqlalchemy as sa
from PIL import Image as Pillow

from envo import database as db
from envo import edits, masks, names
from envo.description import Box
from envo.errors import NotFound, UserError
from envo.settings import MAX_NAME, MAX_OWN_MASKS
from envo.store import Store


@dataclass(frozen=True)
class Mask:
    """A matte of a photo: a PNG of 8 bits, `sha256` its own; `quality` is its owner's rating (1..4) or None.

    `name` is what its owner calls a mask of their own, whose `kind` is one of `edits.is_own`; None for the others.
    """

    kind: str
    sha256: str
    width: int
    height: int
    engine: str
    seconds: float
    quality: int | None
    name: str | None = None


class _Owned(Protocol):
    """A photo, as `envo.library.Photo` is."""

    id: str
    sha256: str


_OWN = sa.select(db.own_mask).where(db.own_mask.c.deleted_at.is_(None))
_NO_MASK = "This photo has no such mask."


class Mattes:
    """The mattes in a library, `Library.mattes`. Methods may be called from any thread.

    Each takes the owner and the photo first, and raises `NotFound` for what is not that owner's; those for what is
    worked out once, whoever owns a photo, take its SHA-256.
    """

    def __init__(
        self,
        database: db.Database,
        store: Store,
        find_photo: Callable[[sa.Connection, str, str], _Owned],
    ):
        """Work on a library's database and files.

        find_photo: is given an owner and an id, and checks them.
        """
        self._database = database
        self._store = store
        self._photo = find_photo

    def made(self, sha256: str) -> bool:
        """Tell whether the mattes of a content were made, whoever owns it, and be they none."""
        with self._database.read() as connection:
            engine = sa.select(db.blob.c.matte_engine).where(db.blob.c.sha256 == sha256)
            return connection.scalar(engine) is not None

    def engine(self, sha256: str) -> str:
        """Name what made the mattes of a content; "" where they were not made."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(db.blob.c.matte_engine).where(db.blob.c.sha256 == sha256)) or ""

    def kinds(self, sha256: str) -> set[str]:
        """Give the kinds of mattes that were found in a content."""
        with self._database.read() as connection:
            return set(connection.scalars(sa.select(db.matte.c.kind).where(db.matte.c.sha256 == sha256)))

    def are_used(self, sha256: str, kinds: Collection[str]) -> bool:
        """Tell whether the edit of anybody who has a content is made with mattes of some kinds."""
        with self._database.read() as connection:
            documents = sa.select(db.edit.c.document).join(db.photo).where(db.photo.c.sha256 == sha256)
            return any(edits.uses(each, kinds) for each in connection.scalars(documents) if each)

    def exchange(self, sha256: str, kinds: Collection[str], files: dict[str, bytes], engine: str) -> None:
        """Store better mattes of a content, PNG by kind, in place of those of some kinds; the others stay."""
        with self._database.read() as connection:
            kept = sa.select(db.matte.c.kind, db.matte.c.file).where(db.matte.c.sha256 == sha256)
            others = {kind: file for kind, file in connection.execute(kept) if kind not in kinds}
            made = sa.select(db.blob.c.matte_seconds, db.blob.c.faces).where(db.blob.c.sha256 == sha256)
            seconds, faces = connection.execute(made).one()
        same = {
            kind: self._store.path("mattes", _matte_name(sha256, file)).read_bytes() for kind, file in others.items()
        }
        self.put(sha256, same | files, engine, seconds, faces or ())

    def all(self, owner: str, photo_id: str) -> list[Mask]:
        """List the mattes of a photo by kind, then the owner's masks by age; with this owner's ratings."""

        def rating(kind: sa.Column) -> sa.ColumnElement:
            return sa.and_(db.matte_rating.c.photo_id == photo_id, db.matte_rating.c.kind == kind)

        with self._database.read() as connection:
            sha256 = self._photo(connection, owner, photo_id).sha256
            rows = connection.execute(
                sa.select(
                    db.matte.c.kind,
                    db.matte.c.file.label("sha256"),
                    db.matte.c.width,
                    db.matte.c.height,
                    db.blob.c.matte_engine.label("engine"),
                    db.blob.c.matte_seconds.label("seconds"),
                    db.matte_rating.c.quality,
                )
                .select_from(db.matte.join(db.blob).outerjoin(db.matte_rating, rating(db.matte.c.kind)))
                .where(db.matte.c.sha256 == sha256)
                .order_by(db.matte.c.kind)
            )
            own = connection.execute(
                _OWN.add_columns(db.matte_rating.c.quality)
                .select_from(db.own_mask.outerjoin(db.matte_rating, rating(db.own_mask.c.kind)))
                .where(db.own_mask.c.photo_id == photo_id)
                .order_by(db.own_mask.c.created_at, db.own_mask.c.kind)
            )
            return [Mask(**row) for row in rows.mappings()] + [_own_mask(row) for row in own]

    def faces(self, owner: str, photo_id: str) -> list[Box]:
        """List where the faces are that have mattes of their own, in the order of their numbers."""
        with self._database.read() as connection:
            sha256 = self._photo(connection, owner, photo_id).sha256
            return connection.scalar(sa.select(db.blob.c.faces).where(db.blob.c.sha256 == sha256)) or []

    def put(self, sha256: str, files: dict[str, bytes], engine: str, seconds: float, faces: Sequence[Box] = ()) -> None:
        """Store the mattes of a content in place of older ones: PNG by kind, none where nothing was found.

        engine, seconds: what made them, and in what time. All owners of these bytes get them. Where nobody has them any
        more, nothing is kept.
        """
        rows = []
        for kind, data in files.items():
            width, height = Pillow.open(io.BytesIO(data), formats=["PNG"]).size
            file = hashlib.sha256(data).hexdigest()
            rows.append({"sha256": sha256, "kind": kind, "file": file, "width": width, "height": height})

        def put_files() -> None:
            for row in rows:
                self._store.put("mattes", _matte_name(sha256, row["file"]), files[row["kind"]])

        put_files()  # now, for while the database is held for writing nobody else can write
        made = {"matte_engine": engine, "matte_seconds": seconds, "faces": list(faces)}
        with self._database.write() as connection:
            is_there = connection.execute(sa.update(db.blob).where(db.blob.c.sha256 == sha256).values(made)).rowcount
            old = set(connection.scalars(sa.select(db.matte.c.file).where(db.matte.c.sha256 == sha256)))
            if is_there:
                put_files()  # again, for a purge may have taken them meanwhile
                connection.execute(sa.delete(db.matte).where(db.matte.c.sha256 == sha256))
                if rows:
                    connection.execute(sa.insert(db.matte), rows)
        for file in old - {row["file"] for row in rows} if is_there else {row["file"] for row in rows}:
            self._store.remove("mattes", _matte_name(sha256, file))

    def file(self, owner: str, photo_id: str, kind: str) -> Path:
        """Find the PNG of a matte, or of a mask of the owner's."""
        with self._database.read() as connection:
            row = self._photo(connection, owner, photo_id)
            if edits.is_own(kind):
                self._own(connection, photo_id, kind)
                return self._store.path("mattes", _own_name(row.sha256, photo_id, kind))
            return self._store.path("mattes", _matte_name(row.sha256, self._matte(connection, row.sha256, kind)))

    def alphas(self, owner: str, photo_id: str, kinds: Collection[str]) -> dict[str, np.ndarray]:
        """Decode the mattes of some kinds, as far as they are there: uint8 HxW by kind."""
        there = [mask.kind for mask in self.all(owner, photo_id) if mask.kind in kinds] if kinds else []
        return {kind: masks.decode_matte(self.file(owner, photo_id, kind).read_bytes()) for kind in there}

    def add(self, owner: str, photo_id: str, name: str, data: bytes, engine: str) -> Mask:
        """Keep a mask that the owner made of a photo: its PNG. Raises UserError where there are too many."""
        width, height = Pillow.open(io.BytesIO(data), formats=["PNG"]).size
        with self._database.read() as connection:
            row = self._photo(connection, owner, photo_id)
        kind = f"{edits.OWN}-{secrets.token_hex(6)}"
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            self._check_room(connection, photo_id)
            self._store.put("mattes", _own_name(row.sha256, photo_id, kind), data)
            connection.execute(
                sa.insert(db.own_mask).values(
                    photo_id=photo_id,
                    kind=kind,
                    name=_mask_name(name),
                    engine=names.printable(engine)[:80],
                    file=hashlib.sha256(data).hexdigest(),
                    width=width,
                    height=height,
                    created_at=datetime.now(UTC),
                )
            )
            return _own_mask(self._own(connection, photo_id, kind))

    def rename(self, owner: str, photo_id: str, kind: str, name: str) -> None:
        """Give a mask of the owner's another name."""
        self._update(owner, photo_id, kind, name=_mask_name(name))

    def delete(self, owner: str, photo_id: str, kind: str) -> None:
        """Take a mask of the owner's away; it can be restored for `TRASH_DAYS`."""
        self._update(owner, photo_id, kind, deleted_at=datetime.now(UTC))

    def restore(self, owner: str, photo_id: str, kind: str) -> None:
        """Bring back a mask that was deleted. Raises UserError where there are too many by now."""
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            self._check_room(connection, photo_id)
            restored = sa.update(db.own_mask).filter_by(photo_id=photo_id, kind=kind).values(deleted_at=None)
            if not connection.execute(restored).rowcount:
                raise NotFound(_NO_MASK)

    def rate(self, owner: str, photo_id: str, kind: str, quality: int | None) -> None:
        """Rate how good a matte is, 1 to 4; None takes the rating back."""
        if quality is not None and quality not in range(1, 5):
            raise UserError("A mask is rated 1 to 4.")
        key = {"photo_id": photo_id, "kind": kind}
        with self._database.write() as connection:
            row = self._photo(connection, owner, photo_id)
            if edits.is_own(kind):
                self._own(connection, photo_id, kind)
            else:
                self._matte(connection, row.sha256, kind)
            connection.execute(sa.delete(db.matte_rating).filter_by(**key))
            if quality is not None:
                connection.execute(sa.insert(db.matte_rating).values(**key, quality=quality))

    def copy(self, connection: sa.Connection, source: _Owned, twin: _Owned) -> None:
        """Let a photo have the masks that its owner made of another."""
        for mask in connection.execute(_OWN.where(db.own_mask.c.photo_id == source.id)).mappings():
            data = self._store.path("mattes", _own_name(source.sha256, source.id, mask["kind"])).read_bytes()
            self._store.put("mattes", _own_name(twin.sha256, twin.id, mask["kind"]), data)
            connection.execute(sa.insert(db.own_mask).values({**mask, "photo_id": twin.id}))

    def forget(self, sha256: str, photo_id: str) -> None:
        """Remove the masks that the owner of a photo made, which is gone."""
        self._store.remove("mattes", _own_name(sha256, photo_id))

    def purge(self, then: datetime) -> None:
        """Remove for good the masks that were deleted before `then`."""
        long_ago = db.own_mask.c.deleted_at < then
        names = sa.select(db.photo.c.sha256, db.photo.c.id, db.own_mask.c.kind)
        with self._database.write() as connection:
            removed = connection.execute(names.join(db.own_mask).where(long_ago)).all()
            connection.execute(sa.delete(db.own_mask).where(long_ago))
        for sha256, photo_id, kind in removed:
            self._store.remove("mattes", _own_name(sha256, photo_id, kind))

    def _matte(self, connection: sa.Connection, sha256: str, kind: str) -> str:
        """Find the SHA-256 of a matte's PNG."""
        file = connection.scalar(sa.select(db.matte.c.file).where(db.matte.c.sha256 == sha256, db.matte.c.kind == kind))
        if file is None:
            raise NotFound(_NO_MASK)
        return file

    def _own(self, connection: sa.Connection, photo_id: str, kind: str) -> sa.Row:
        """Find a mask that the owner made, and has not deleted."""
        found = _OWN.where(db.own_mask.c.photo_id == photo_id, db.own_mask.c.kind == kind)
        row = connection.execute(found).one_or_none()
        if row is None:
            raise NotFound(_NO_MASK)
        return row

    def _update(self, owner: str, photo_id: str, kind: str, **values: Any) -> None:
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            self._own(connection, photo_id, kind)
            connection.execute(sa.update(db.own_mask).filter_by(photo_id=photo_id, kind=kind).values(values))

    def _check_room(self, connection: sa.Connection, photo_id: str) -> None:
        """Raise UserError where a photo has as many masks of its owner's as it can."""
        own = _OWN.where(db.own_mask.c.photo_id == photo_id).subquery()
        if connection.scalar(sa.select(sa.func.count()).select_from(own)) >= MAX_OWN_MASKS:
            raise UserError(f"This photo has {MAX_OWN_MASKS} masks of yours already; delete one of them first.")


def _own_mask(row: sa.Row) -> Mask:
    quality = row._mapping.get("quality")
    return Mask(row.kind, row.file, row.width, row.height, row.engine, 0.0, quality, row.name)


def _mask_name(name: str) -> str:
    """Make a name fit to be shown."""
    return names.printable(name)[:MAX_NAME] or "Mask"


def _own_name(sha256: str, photo_id: str, kind: str = "") -> str:
    """Name the file of a mask that a photo's owner made, or what the names of all of them begin with.

    It is under its photo's content, too, so that it is removed with that whatever happens.
    """
    return f"{sha256}-{photo_id}-{kind}"


def _matte_name(sha256: str, file: str) -> str:
    """Name a matte's file: by its content, but under its photo, with which it is removed."""
    return f"{sha256}-{file[:16]}"
