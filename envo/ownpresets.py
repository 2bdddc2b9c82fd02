"""Presets that visitors made of their edits, or brought as files: each is its owner's, for all of their photos."""

import json
import secrets
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import sqlalchemy as sa

from envo import copies, lightroom, names
from envo import database as db
from envo.copies import Copy
from envo.errors import NotFound, UserError
from envo.settings import MAX_NAME, MAX_PRESET_BYTES, MAX_PRESETS
from envo.visitors import Visits

SCHEMA = 1
ENDING = ".envo.json"
"""Of the files that presets leave in."""
FORMAT = "envo-preset"

_NO_PRESET = "This preset is not among yours any more."
_NO_FILE = "This is no preset: Envo's are .envo.json files, Lightroom's .xmp files."


@dataclass(frozen=True)
class OwnPreset:
    """A preset of an owner's; `copy` as `Copy.dump` gives it."""

    id: str
    name: str
    group: str
    copy: dict[str, Any]


@dataclass(frozen=True)
class Brought:
    """What a file with a preset holds; `missed`: what is left out of it, by names to be read in a sentence."""

    name: str
    group: str
    copy: Copy
    missed: tuple[str, ...] = ()


_PRESET = sa.select(*(db.preset.c[field.name] for field in fields(OwnPreset)))


class OwnPresets:
    """The presets of a library's owners, `Library.presets`. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(self, database: db.Database, visits: Visits):
        """Work on a library's database."""
        self._database = database
        self._visits = visits

    def add(self, owner: str, name: str, group: str, copy: Copy) -> OwnPreset:
        """Keep a preset. Raises UserError where it is too large, or there are too many, and NoRoom as `Visits` does."""
        row = OwnPreset(secrets.token_urlsafe(16), _name(name) or "Preset", _name(group), copy.dump())
        size = len(json.dumps(row.copy))
        if size > MAX_PRESET_BYTES:
            raise UserError(f"A preset takes {MAX_PRESET_BYTES >> 10} kB at most; leave out layers with many strokes.")
        self._visits.check_disk(owner, size)
        with self._database.write() as connection:
            self._check_room(connection, owner)
            connection.execute(sa.insert(db.preset).values({**vars(row), "owner": owner, "created_at": _now()}))
            self._visits.keep(connection, owner)
        return row

    def all(self, owner: str) -> list[OwnPreset]:
        """List the presets of an owner, by groups, in the order of their names; those of older schemas are upgraded."""
        with self._database.read() as connection:
            rows = connection.execute(_there(owner)).mappings().all()
        rows = [OwnPreset(**{**row, "copy": copies.parse(row["copy"]).dump()}) for row in rows]
        return sorted(rows, key=lambda row: (names.folded(row.group), names.folded(row.name), row.id))

    def change(self, owner: str, preset_id: str, name: str | None = None, group: str | None = None) -> OwnPreset:
        """Give a preset another name, or put it into another group."""
        values = {} if name is None or not _name(name) else {"name": _name(name)}
        values |= {} if group is None else {"group": _name(group)}
        with self._database.write() as connection:
            row = self._preset(connection, owner, preset_id)
            if values:
                connection.execute(sa.update(db.preset).where(db.preset.c.id == preset_id).values(values))
        return OwnPreset(**{**vars(row), **values})

    def delete(self, owner: str, preset_id: str) -> None:
        """Take a preset away; it can be restored for `TRASH_DAYS`."""
        with self._database.write() as connection:
            self._preset(connection, owner, preset_id)
            connection.execute(sa.update(db.preset).where(db.preset.c.id == preset_id).values(deleted_at=_now()))

    def restore(self, owner: str, preset_id: str) -> OwnPreset:
        """Bring back a preset that was deleted. Raises UserError where there are too many by now."""
        of_owner = sa.update(db.preset).where(db.preset.c.id == preset_id, db.preset.c.owner == owner)
        with self._database.write() as connection:
            self._check_room(connection, owner)
            connection.execute(of_owner.values(deleted_at=None))
            return self._preset(connection, owner, preset_id)

    def file(self, owner: str, preset_id: str) -> tuple[str, bytes]:
        """Write a preset as a file, which `read` reads: its name, and its bytes. LUTs are in it by their ids alone."""
        with self._database.read() as connection:
            row = self._preset(connection, owner, preset_id)
        told = {"format": FORMAT, "schema": SCHEMA, "name": row.name, "group": row.group, "copy": row.copy}
        data = json.dumps(told, ensure_ascii=False, indent=1).encode()
        return names.with_ending(names.safe_name(row.name.replace("/", "-")), ENDING), data

    def purge(self, now: datetime, then: datetime) -> None:
        """Remove for good what was deleted before `then`, and what visitors had who are `gone`."""
        gone = db.preset.c.owner.in_(self._visits.gone(now))
        with self._database.write() as connection:
            connection.execute(sa.delete(db.preset).where(sa.or_(db.preset.c.deleted_at < then, gone)))

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand an owner's presets over, in a transaction of `Library.move`; what the new owner has is not doubled."""
        theirs = [_key(OwnPreset(**row)) for row in connection.execute(_there(owner_to)).mappings()]
        mine = [OwnPreset(**row) for row in connection.execute(_there(owner_from)).mappings()]
        twins = [row.id for row in mine if _key(row) in theirs]
        connection.execute(sa.delete(db.preset).where(db.preset.c.id.in_(twins)))
        connection.execute(sa.update(db.preset).where(db.preset.c.owner == owner_from).values(owner=owner_to))

    def _preset(self, connection: sa.Connection, owner: str, preset_id: str) -> OwnPreset:
        row = connection.execute(_there(owner).where(db.preset.c.id == preset_id)).mappings().one_or_none()
        if row is None:
            raise NotFound(_NO_PRESET)
        return OwnPreset(**row)

    def _check_room(self, connection: sa.Connection, owner: str) -> None:
        there = sa.select(sa.func.count()).select_from(_there(owner).subquery())
        if connection.scalar(there) >= MAX_PRESETS:
            raise UserError(f"You have {MAX_PRESETS} presets already; delete one of them first.")


def read(name: str, data: bytes) -> Brought:
    """Read a file with a preset, Envo's or Lightroom's. Raises UserError for what is none."""
    path = PurePath(names.printable(name))
    if path.suffix.lower() in (".xmp", ".lrtemplate"):
        made = lightroom.read(data)
        return Brought(made.name or path.stem, made.group or "Lightroom", made.copy, made.missed)
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise UserError(_NO_FILE) from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise UserError(_NO_FILE)
    if told.get("schema") != SCHEMA:
        raise UserError("This preset was made by a newer Envo; update Envo to bring it.")
    named, group = (value if isinstance(value := told.get(each), str) else "" for each in ("name", "group"))
    return Brought(named or path.name.removesuffix(ENDING), group, copies.parse(told.get("copy")))


def _there(owner: str) -> sa.Select:
    """Ask for the presets of an owner that are not deleted."""
    return _PRESET.where(db.preset.c.owner == owner, db.preset.c.deleted_at.is_(None))


def _key(row: OwnPreset) -> tuple[str, str, str]:
    return row.name, row.group, json.dumps(row.copy, sort_keys=True)


def _name(name: str) -> str:
    """Make a name fit to be shown."""
    return names.printable(name)[:MAX_NAME].strip()


def _now() -> datetime:
    return datetime.now(UTC)
