"""Export settings that are kept by name: those that Envo has, and each owner's own."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from envo import database as db
from envo import names
from envo.errors import NotFound, UserError
from envo.exportsettings import ExportSettings, Size
from envo.settings import MAX_EXPORT_PRESETS, MAX_NAME
from envo.visitors import Visits


@dataclass(frozen=True)
class ExportPreset:
    """Settings that have a name; `settings` as `ExportSettings` dumps them. built_in: whether Envo has it."""

    id: str
    name: str
    settings: dict[str, Any]
    built_in: bool = False


def _built_in(id: str, name: str, **settings: Any) -> ExportPreset:
    return ExportPreset(id, name, ExportSettings(**settings).model_dump(), True)


BUILT_IN = (
    _built_in("full", "Full size, JPEG"),
    _built_in(
        "web",
        "For the web, 2048",
        quality=85,
        subsampling="4:2:0",
        gamut="srgb",
        size=Size(by="edge", value=2048),
        sharpen="standard",
        metadata="no place",
    ),
    _built_in("archive", "Archive, TIFF 16 bits", format="TIFF", depth=16),
    _built_in("hdr", "HDR JPEG", hdr=2.3),
)
_STORED = ("id", "name", "settings")
_PRESET = sa.select(*(db.export_preset.c[name] for name in _STORED))
_NO_PRESET = "This export preset is not among yours any more."


class ExportPresets:
    """The export presets of a library's owners, `Library.exports`. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's own.
    """

    def __init__(self, database: db.Database, visits: Visits):
        """Work on a library's database."""
        self._database = database
        self._visits = visits

    def all(self, owner: str) -> list[ExportPreset]:
        """List those that Envo has, then the owner's own in the order of their names."""
        with self._database.read() as connection:
            rows = connection.execute(_PRESET.where(_of(owner))).mappings().all()
        own = [_read(row) for row in rows]
        return [*BUILT_IN, *sorted(own, key=lambda each: (names.folded(each.name), each.id))]

    def add(self, owner: str, name: str, settings: ExportSettings) -> ExportPreset:
        """Keep settings under a name. Raises UserError where there are too many, and NoRoom as `Visits` does."""
        row = ExportPreset(secrets.token_urlsafe(16), _name(name) or "Export", settings.model_dump())
        there = sa.select(sa.func.count()).select_from(db.export_preset).where(_of(owner))
        with self._database.write() as connection:
            if connection.scalar(there) >= MAX_EXPORT_PRESETS:
                raise UserError(f"You have {MAX_EXPORT_PRESETS} export presets already; delete one of them first.")
            values = {name: getattr(row, name) for name in _STORED}
            connection.execute(sa.insert(db.export_preset).values(values | {"owner": owner, "created_at": _now()}))
            self._visits.keep(connection, owner)
        return row

    def change(
        self, owner: str, preset_id: str, name: str | None = None, settings: ExportSettings | None = None
    ) -> ExportPreset:
        """Give a preset another name, or other settings."""
        values = {} if name is None or not _name(name) else {"name": _name(name)}
        values |= {} if settings is None else {"settings": settings.model_dump()}
        with self._database.write() as connection:
            row = connection.execute(_PRESET.where(_is(owner, preset_id))).mappings().one_or_none()
            if row is None:
                raise NotFound(_NO_PRESET)
            if values:
                connection.execute(sa.update(db.export_preset).where(_is(owner, preset_id)).values(values))
        return _read({**row, **values})

    def delete(self, owner: str, preset_id: str) -> None:
        """Take a preset away."""
        with self._database.write() as connection:
            if not connection.execute(sa.delete(db.export_preset).where(_is(owner, preset_id))).rowcount:
                raise NotFound(_NO_PRESET)

    def purge(self, now: datetime) -> None:
        """Remove those of visitors who stayed away for so long that nothing of theirs is kept."""
        with self._database.write() as connection:
            gone = db.export_preset.c.owner.in_(self._visits.gone(now))
            connection.execute(sa.delete(db.export_preset).where(gone))

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand an owner's presets over, in a transaction of `Library.move`; what the new owner has is not doubled."""
        of = {owner: connection.execute(_PRESET.where(_of(owner))).mappings().all() for owner in (owner_from, owner_to)}
        theirs = [(row["name"], row["settings"]) for row in of[owner_to]]
        twins = [row["id"] for row in of[owner_from] if (row["name"], row["settings"]) in theirs]
        connection.execute(sa.delete(db.export_preset).where(db.export_preset.c.id.in_(twins)))
        connection.execute(sa.update(db.export_preset).where(_of(owner_from)).values(owner=owner_to))


def _read(row: Any) -> ExportPreset:
    """Read what is stored; settings that an older Envo stored and this has no more are as they begin."""
    try:
        settings = ExportSettings(**row["settings"])
    except ValidationError:
        settings = ExportSettings()
    return ExportPreset(row["id"], row["name"], settings.model_dump())


def _of(owner: str) -> sa.ColumnElement[bool]:
    return db.export_preset.c.owner == owner


def _is(owner: str, preset_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(_of(owner), db.export_preset.c.id == preset_id)


def _name(name: str) -> str:
    return names.printable(name)[:MAX_NAME].strip()


def _now() -> datetime:
    return datetime.now(UTC)
