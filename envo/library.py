"""The library: photos of many owners, their edits, mattes and results; each owner sees only their own.

Whatever is acknowledged survives a power cut. A photo's bytes and all that is derived from them are kept
once, by their SHA-256, however many owners have it.
"""

import hashlib
import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import sqlalchemy as sa

from envo import database as db
from envo import description, edits, export, following, guide, lenses, maps, memory, names, photo, shot, sidecars, store
from envo.accounts import Accounts
from envo.arrivals import Arrivals
from envo.claims import Claims
from envo.denoised import Denoised
from envo.description import Description
from envo.development import DEVELOPED, Development
from envo.edits import EditDocument, Lens
from envo.errors import NotFound, StorageError, UserError
from envo.everything import Everything
from envo.export import Exported
from envo.exportpresets import ExportPresets
from envo.file import PhotoFile
from envo.gainmap import GainMap
from envo.gallery import FOUND, OF_FILE, Gallery, Tag
from envo.geometry import Framing, framed, framing
from envo.guide import Guide
from envo.jobs import Jobs
from envo.keys import keys
from envo.lens import Profile
from envo.locks import Locks
from envo.luts import Luts
from envo.maps import Maps
from envo.material import Material
from envo.mattes import Mattes
from envo.news import News
from envo.own import Own
from envo.ownpresets import OwnPresets
from envo.pastes import Pastes
from envo.people import Bound, People
from envo.photo import Header, Image
from envo.renditions import Renditions
from envo.restorations import Restorations
from envo.results import Results
from envo.settings import DISPLAY_EDGE, MAX_ORIGINAL_NAME, THUMBNAIL_EDGE, TRASH_DAYS, WORKING_EDGE
from envo.shot import Shot
from envo.snapshots import Snapshots
from envo.tokens import Tokens
from envo.visitors import Visits
from envo.watermarks import Watermarks


class EditConflict(Exception):  # noqa: N818, the expected answer to two windows on one photo
    """Somebody else saved this photo's edit in between; carries what is stored."""

    def __init__(self, version: int, document: dict[str, Any] | None):
        super().__init__(f"the stored edit is version {version}")
        self.version = version
        self.document = document


@dataclass(frozen=True)
class Photo:
    """A photo of one owner. Width and height are upright; `name` is safe to show and to save under."""

    id: str
    owner: str
    sha256: str
    name: str
    original_name: str
    rating: int
    created_at: datetime
    deleted_at: datetime | None
    bytes: int
    format: str
    width: int
    height: int
    bit_depth: int
    browser_ready: bool
    linear: bool
    gamut: str
    headroom: float
    title: str
    taken_at: datetime | None
    """By the camera's clock."""
    camera: str | None
    edit: int
    """Another number for each way in which its edit ever showed; 0: the photo shows as it came."""
    geometry: dict[str, Any] | None = field(hash=False)
    """How its edit crops and turns it, as that stores it; None: not at all."""

    @property
    def framing(self) -> Framing | None:
        """Where in the photo lies what its edit shows; None where that is all of it, as it came."""
        if self.geometry is None:
            return None
        return framing(edits.Geometry.model_validate(self.geometry), (self.width, self.height))

    def developed(self, development: Development) -> Development | None:
        """How it is developed where that is chosen; None where it is no RAW."""
        return development if self.format == "RAW" else None

    @property
    def header(self) -> Header:
        """What was read of its file when it came."""
        return Header(**{each.name: getattr(self, each.name) for each in fields(Header)})

    @property
    def working_size(self) -> tuple[int, int]:
        """Width and height of its masks."""
        return photo.fit(self.width, self.height, WORKING_EDGE)


@dataclass(frozen=True)
class Edit:
    """An edit document as stored; version 0 was never saved, and has none."""

    version: int
    document: dict[str, Any] | None


_SHOWN = {"geometry": db.edit.c.geometry, "edit": sa.func.coalesce(db.edit.c.shown, 0).label("edit")}
_COLUMNS = {**db.blob.c, **db.photo.c, **_SHOWN}
PHOTO = sa.select(*(_COLUMNS[field.name] for field in fields(Photo))).join(db.blob).outerjoin(db.edit)
"""Selects all that `Photo` has."""
_FOLDERS = (
    *("originals", "thumbnails", "renditions", "maps", "guides", "denoised", "edited"),
    *("mattes", "results", "restorations", "faces"),
)
"""Of the files that are named by the content of a photo."""


class Library:
    """All photos below one folder and in one database. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's; those for what is worked out once,
    whoever owns a photo, take its SHA-256.
    """

    def __init__(self, home: Path, url: str, visitor_bytes: int | None = None, storage: str = ""):
        """Open the library, making or upgrading it as needed.

        url: SQLAlchemy's address of the database. visitor_bytes: see `Visits`. storage: where its files are, see
        `envo.store.opened`. Raises UserError where the folder cannot be used, or one of the two addresses, and for a
        library of a newer Envo.
        """
        try:
            home.mkdir(parents=True, exist_ok=True)
            if not os.access(home, os.W_OK):  # where the database is elsewhere, nothing else would tell now
                raise PermissionError(home)
            self._home = home
            self._store = store.opened(storage, home)
            self.database = db.Database(url, home / "library.lock")
        except OSError as error:
            raise UserError(f"The library's folder {home} cannot be used; set ENVO_HOME to another.") from error
        self.claims, self.news = Claims(self.database, home), News(self.database)
        self.jobs = Jobs(self.database, self.claims)
        self.mattes = Mattes(self.database, self._store, self._photo)
        self.renditions = Renditions(self.database, self._store, self._photo, self.file, self.rendition, self.material)
        self.denoised = Denoised(self.database, self._store, self._photo)
        self.results = Results(self.database, self._store, self._photo, self.framing, self.finished, self._new)
        self.restorations = Restorations(self.database, self._store, self._photo, self._new)
        self.gallery = Gallery(self.database, self._photo)
        self.arrivals = Arrivals(self.database, home)
        self.accounts = Accounts(self.database)
        self.everything = Everything(self.database)
        self.visits = Visits(self.database, self._store.disk, visitor_bytes)
        self.luts = Luts(self.database, self._store, self.visits)
        self.pastes = Pastes(self.database, self._write_edit)
        self.presets = OwnPresets(self.database, self.visits)
        self.exports = ExportPresets(self.database, self.visits)
        self.watermarks = Watermarks(self.database, self._store, self.visits)
        self.tokens = Tokens(self.database, self.visits)
        self.snapshots = Snapshots(self.database, self._photo)
        self.people = People(self.database, self._store, self._photo, self.gallery.settings)
        self._optics = lru_cache(256)(lambda sha256: lenses.told(PhotoFile(self.content(sha256).read_bytes())))
        # By content: whoever asks for the same finds it made.
        self._making = Locks()

    def close(self) -> None:
        with suppress(StorageError):  # else others take it over in a while
            self.jobs.leave()
            self.claims.leave()
        self.database.close()

    def signing_keys(self) -> list[str]:
        """Give the keys that sign the names of visitors, see `envo.keys.keys`. Raises UserError."""
        return keys(self.database, self._home)

    def check_database(self) -> None:
        """Raise StorageError, or another exception, where the database cannot be used."""
        self.database.check()

    def check_storage(self) -> None:
        """Raise StorageError, or OSError, where no file can be kept."""
        self._store.check()

    def add(
        self, owner: str, name: str, data: bytes, sidecar: bytes | None = None, is_weak: bool = False
    ) -> tuple[Photo, bool]:
        """Add a photo, or find the one that this owner has of the same bytes, in the trash even.

        sidecar: the .xmp file that lay beside it. What the two say of the photo, such as tags and stars, is taken over,
        and what a sidecar says that comes later, too. is_weak: but not in place of one that is there. Returns it and
        whether it is new. Raises UserError for what is no photo, and NoRoom as `Visits.check_room` does.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        with self.database.write() as connection:
            found = self._found_again(connection, owner, sha256)
        if not found:
            self.visits.check_room(owner, len(data))
            with self._content(sha256, PhotoFile(data, sidecar)) as (connection, said, taken):
                found = self._found_again(connection, owner, sha256)
                if not found:
                    name, original_name = names.safe_name(name), name
                    return self._insert(connection, owner, sha256, name, original_name, said, taken, sidecar), True
        if sidecar and not (is_weak and self.sidecar(owner, found.id)):
            self.add_sidecar(owner, found.id, sidecar)
        return self.photo(owner, found.id), False

    def add_sidecar(self, owner: str, photo_id: str, sidecar: bytes) -> None:
        """Take over what an .xmp file says that came later than its photo; what its owner said stays."""
        if self.sidecar(owner, photo_id) == sidecar:
            return
        file = PhotoFile(self.original(owner, photo_id).read_bytes(), sidecar)
        said, taken = description.read(file), shot.read(file)
        # What engines saw is there still; the people that are named now find their faces in it.
        values = {"sidecar": sidecar, "taken_at": taken.taken_at, "is_tagged": False}
        with self.database.write() as connection:
            self._photo(connection, owner, photo_id)
            updated = sa.update(db.photo).where(db.photo.c.id == photo_id).values(values)
            if connection.scalar(updated.returning(db.photo.c.is_read)):
                self.gallery.read(connection, photo_id, said)
        self.people.name_by(owner, photo_id, said.regions or ())

    def named_as(self, owner: str, sidecar: str) -> Photo:
        """Find the photo whose .xmp file has this name, by the names that photos came with; of several, the RAW.

        Raises UserError where there is none, or more than one.
        """
        there = PHOTO.where(db.photo.c.owner == owner, db.photo.c.deleted_at.is_(None))
        there = there.where(db.holds(db.photo.c.original_name, PurePath(sidecar).stem))
        with self.database.read() as connection:
            rows = [Photo(**row) for row in connection.execute(there).mappings()]
        keys = set(sidecars.named_as(sidecar, ((row.id, row.original_name) for row in rows)))
        found = [row for row in rows if row.id in keys]
        found = [row for row in found if row.format == "RAW"] or found
        if not found:
            raise UserError("No photo of yours is named as this file; bring it together with its photo.")
        if len(found) > 1:
            raise UserError(f"{len(found)} photos of yours are named as this file; bring it together with its photo.")
        return found[0]

    @contextmanager
    def _content(self, sha256: str, file: PhotoFile) -> Iterator[tuple[sa.Connection, Description, Shot]]:
        """Keep the bytes of a photo; the block writes, in the same transaction, whose they are and what they say.

        Raises UserError for what is no photo.
        """
        # The pixels first: whatever opens them finds the headers, too.
        image, data = file.decode(edge=THUMBNAIL_EDGE), file.data
        said, taken = description.read(file), shot.read(file)
        thumbnail = photo.thumbnail(image)
        content = {"sha256": sha256, "bytes": len(data), **asdict(image.header), **_looks(image, taken)}
        # The blob comes first, so that `purge` knows of the files whatever happens here.
        with self.database.write() as connection:
            self.database.insert_if_missing(connection, db.blob, content)
        self._put(sha256, data, thumbnail)
        with self.database.write() as connection:
            self.database.insert_if_missing(connection, db.blob, content)
            # From here on no purge can take the files, but one may have since they were written.
            self._put(sha256, data, thumbnail)
            yield connection, said, taken

    @contextmanager
    def _new(
        self, owner: str, name: str, data: bytes, source_id: str, framed: bool
    ) -> Iterator[tuple[sa.Connection, Photo]]:
        """Add a photo even where the owner has one of the same bytes, under a name that no other of theirs has.

        What its owner says of the photo that it was made of, `source_id`, is said of it, too. framed: whether it is
        cropped, turned and straightened, and what its lens bent made straight, as the edit of that one has it. The
        block writes, in the same transaction, what belongs to it. Raises NoRoom as `Visits.check_room` does.
        """
        self.visits.check_room(owner, len(data))
        sha256 = hashlib.sha256(data).hexdigest()
        with self._content(sha256, PhotoFile(data)) as (connection, said, taken):
            there = connection.scalars(sa.select(db.photo.c.name).where(db.photo.c.owner == owner))
            name = names.free_name(name, set(map(names.folded, there)))
            self._photo(connection, owner, source_id)
            row = self._insert(connection, owner, sha256, name, name, said, taken)
            self.gallery.inherit(connection, source_id, row.id, is_twin=False)
            document = edits.framing(self._edit(connection, source_id)[0].document) if framed else None
            if document:
                self._write_edit(connection, row.id, document.dump(), sa.true(), "", 0)
                row = self._photo(connection, owner, row.id)
            yield connection, row

    def add_made(self, owner: str, source_id: str, name: str, data: bytes) -> Photo:
        """Add a file that was made of a photo, as a photo of its own; see `_new`."""
        with self._new(owner, name, data, source_id, framed=False) as (_, row):
            return row

    def said(self, owner: str, photo_id: str) -> Description:
        """Read what the file of a photo says of it, and the .xmp file that came with it."""
        return description.read(self.file(owner, photo_id))

    def described(self, owner: str, photo_ids: Sequence[str]) -> Iterator[tuple[Photo, Description, list[Tag]]]:
        """Give photos with all that is said of them, by files, engines and their owner, as files are to say it.

        Those that were removed meanwhile are left out.
        """
        said = self.gallery.described(owner, photo_ids)
        people = self.people.described(owner, photo_ids)
        for photo_id in photo_ids:
            if photo_id not in people or photo_id not in said:
                continue
            try:
                row = self.photo(owner, photo_id)
            except NotFound:
                continue
            names, regions = people[photo_id]
            about, tags = said[photo_id]
            yield row, replace(about, people=names, regions=regions), tags

    def said_now(self, owner: str, photo_id: str) -> Description | None:
        """Give all that is said of one photo, as `described` does; None where it was removed meanwhile."""
        return next((said for _, said, _ in self.described(owner, [photo_id])), None)

    def sidecar(self, owner: str, photo_id: str) -> bytes | None:
        """Give the .xmp file that came with a photo."""
        with self.database.read() as connection:
            self._photo(connection, owner, photo_id)
            return connection.scalar(sa.select(db.photo.c.sidecar).where(db.photo.c.id == photo_id))

    def complete(self, owner: str, photo_id: str) -> None:
        """Read from the file of a photo what a library of before did not: what it says, and what to find it by."""
        row, file = self.photo(owner, photo_id), self.file(owner, photo_id)
        image = file.decode(edge=THUMBNAIL_EDGE)
        said, taken = description.read(file), shot.read(file)
        looks = _looks(image, taken)
        with self.database.write() as connection:
            self._photo(connection, owner, photo_id)
            dated = sa.update(db.photo).where(db.photo.c.id == photo_id).values(taken_at=taken.taken_at)
            connection.execute(dated)
            connection.execute(sa.update(db.blob).where(db.blob.c.sha256 == row.sha256).values(looks))
            self.gallery.read(connection, photo_id, said)

    def photos(
        self, owner: str, offset: int = 0, limit: int | None = None, trash: bool = False
    ) -> tuple[list[Photo], int]:
        """List photos, newest first, and count them all; those in the trash instead with `trash`."""
        where = sa.and_(db.photo.c.owner == owner, (db.photo.c.deleted_at.is_not(None)) == trash)
        newest_first = (db.photo.c.created_at.desc(), db.photo.c.id)
        with self.database.read() as connection:
            count = connection.scalar(sa.select(sa.func.count()).select_from(db.photo).where(where))
            rows = connection.execute(PHOTO.where(where).order_by(*newest_first).offset(offset).limit(limit))
            return [Photo(**row) for row in rows.mappings()], count

    def photo(self, owner: str, photo_id: str) -> Photo:
        """Find one photo, in the trash or not."""
        with self.database.read() as connection:
            return self._photo(connection, owner, photo_id)

    def present(self, owner: str, photo_id: str) -> Photo:
        """Find one photo that is not in the trash."""
        row = self.photo(owner, photo_id)
        if row.deleted_at:
            raise NotFound("This photo is in the trash.")
        return row

    def rename(self, owner: str, photo_id: str, name: str) -> None:
        """Give a photo another name, made safe, with the ending of its file; what it came with is kept beside it."""
        row = self.photo(owner, photo_id)
        self._update(owner, photo_id, name=names.renamed(name, row.name, row.format))

    def rate(self, owner: str, photo_id: str, rating: int) -> None:
        """Give a photo 0 to 5 stars."""
        if rating not in range(6):
            raise UserError("A rating is 0 to 5 stars.")
        self._update(owner, photo_id, rating=rating)

    def delete(self, owner: str, photo_id: str) -> None:
        """Put a photo into the trash, from which it can be restored for `TRASH_DAYS`."""
        self._update(owner, photo_id, deleted_at=datetime.now(UTC))

    def restore(self, owner: str, photo_id: str) -> Photo:
        """Bring a photo back from the trash."""
        self._update(owner, photo_id, deleted_at=None)
        return self.photo(owner, photo_id)

    def copy(self, owner: str, photo_id: str) -> Photo:
        """Make a second photo of the same bytes, masks and snapshots, named "x (copy)", whose own edit is at version 0.

        Raises NoRoom as `Visits.check_room` does.
        """
        self.visits.check_room(owner)
        with self.database.write() as connection:
            source = self._photo(connection, owner, photo_id)
            path = PurePath(source.name)
            name = names.with_ending(path.stem, " (copy)" + path.suffix)
            taken = Shot(source.taken_at, source.camera or "")
            twin = self._insert(connection, owner, source.sha256, name, source.original_name, Description(), taken)
            self.gallery.inherit(connection, source.id, twin.id, is_twin=True)
            self.mattes.copy(connection, source, twin)
            self.snapshots.copy(connection, source, twin)
            return self._photo(connection, owner, twin.id)

    def purge(self, now: datetime) -> int:
        """Remove for good what was deleted `TRASH_DAYS` before `now`, and the files that no photo needs.

        So are the libraries of visitors who stayed away for too long.
        Returns how many photos were removed.
        """
        then = now - timedelta(days=TRASH_DAYS)
        removed = 0
        unwanted = sa.or_(db.photo.c.deleted_at < then, db.photo.c.owner.in_(self.visits.gone(now)))
        while part := self._purge_photos(unwanted):
            removed += part
        self.people.purge(then)
        self.luts.purge(now)
        self.presets.purge(now, then)
        self.exports.purge(now)
        self.watermarks.purge(now)
        self.snapshots.purge(then)
        self.visits.purge(now)
        self.accounts.purge(now)
        self.mattes.purge(then)
        self.renditions.purge(now)
        self.results.purge(then)
        self.arrivals.purge(now)
        self.pastes.purge(then)
        self.jobs.purge(now)
        self._purge_content()
        return removed

    def remove_all(self, owner: str) -> None:
        """Remove for good all that an owner has: the account, if there is one, every row and every file."""
        with self.database.write() as connection:
            # First what brings more, or lets somebody in.
            connection.execute(sa.delete(db.account).where(db.account.c.owner == owner))
            connection.execute(sa.delete(db.token).where(db.token.c.owner == owner))
            gone = sa.delete(db.arrival).where(db.arrival.c.owner == owner).returning(db.arrival.c.id)
            zips = [self.arrivals.path(arrival_id) for arrival_id in connection.scalars(gone)]
        for path in zips:
            path.unlink(missing_ok=True)
        while self._purge_photos(db.photo.c.owner == owner):
            pass
        with self.database.write() as connection:
            luts = connection.scalars(sa.select(db.lut.c.file).where(db.lut.c.owner == owner)).all()
            watermarks = connection.scalars(sa.select(db.watermark.c.id).where(db.watermark.c.owner == owner)).all()
            self.everything.forget(connection, owner)
        self.luts.remove(luts)
        self.watermarks.remove(watermarks)
        self._purge_content()

    def _purge_content(self) -> None:
        """Remove the bytes that no photo has any more, and all that was worked out of them."""
        needed = sa.exists().where(db.photo.c.sha256 == db.blob.c.sha256)
        with self.database.read() as connection:
            unneeded = connection.scalars(sa.select(db.blob.c.sha256).where(~needed)).all()
        for sha256 in unneeded:
            with self.database.write() as connection:
                # Asked again while nobody else writes, for the same bytes may be on their way in.
                if connection.scalar(sa.select(needed).where(db.blob.c.sha256 == sha256)) is False:
                    for folder in _FOLDERS:
                        self._store.remove(folder, sha256)
                    connection.execute(sa.delete(db.blob).where(db.blob.c.sha256 == sha256))

    def _purge_photos(self, unwanted: sa.ColumnElement) -> int:
        """Remove for good some of the photos that are `unwanted`; gives how many."""
        some = sa.select(db.photo.c.sha256, db.photo.c.id).where(unwanted).limit(db.IN_A_ROW)
        with self.database.write() as connection:
            removed = connection.execute(some).all()
            ids = [photo_id for _, photo_id in removed]
            undone = self.restorations.of(connection, ids)
            connection.execute(sa.delete(db.photo).where(db.photo.c.id.in_(ids)))
        for sha256, source_id, restoration_id in undone:
            self.restorations.forget(sha256, source_id, restoration_id)
        for sha256, photo_id in removed:
            self.mattes.forget(sha256, photo_id)
            self.renditions.forget(sha256, photo_id)
            self.results.forget(sha256, photo_id)
            self.restorations.forget(sha256, photo_id)
        return len(removed)

    def move(self, owner_from: str, owner_to: str) -> None:
        """Hand all photos over, as when a visitor signs in.

        What the new owner has already, and the old one neither edited nor made masks or anything else of, is not
        doubled.
        """
        with self.database.write() as connection:
            self.people.move(connection, owner_from, owner_to)
            theirs = sa.select(db.photo.c.sha256).where(db.photo.c.owner == owner_to, db.photo.c.deleted_at.is_(None))
            edited = sa.select(db.edit.c.photo_id).where(db.edit.c.version > 0)
            masked = sa.select(db.own_mask.c.photo_id)
            snapped = sa.select(db.snapshot.c.photo_id)
            worked_on = sa.select(db.result.c.photo_id)
            described = sa.select(db.tag.c.photo_id).where(db.tag.c.state != FOUND, db.tag.c.origin != OF_FILE)
            restored = sa.union(sa.select(db.restoration.c.source_id), sa.select(db.restoration.c.photo_id))
            connection.execute(
                sa.delete(db.photo).where(
                    db.photo.c.owner == owner_from,
                    db.photo.c.sha256.in_(theirs),
                    db.photo.c.id.not_in(edited),
                    db.photo.c.id.not_in(masked),
                    db.photo.c.id.not_in(snapped),
                    db.photo.c.id.not_in(worked_on),
                    db.photo.c.id.not_in(restored),
                    db.photo.c.id.not_in(described),
                )
            )
            self.gallery.move(connection, owner_from, owner_to)
            self.arrivals.move(connection, owner_from, owner_to)
            self.pastes.move(connection, owner_from, owner_to)
            self.jobs.move(connection, owner_from, owner_to)
            twins = self.luts.move(connection, owner_from, owner_to)
            self.presets.move(connection, owner_from, owner_to)
            self.exports.move(connection, owner_from, owner_to)
            self.watermarks.move(connection, owner_from, owner_to)
            self.tokens.move(connection, owner_from, owner_to)
            self.visits.move(connection, owner_from)
            connection.execute(sa.update(db.photo).where(db.photo.c.owner == owner_from).values(owner=owner_to))
        self.luts.remove(twins)

    def original(self, owner: str, photo_id: str) -> Path:
        """Find the file as it was brought."""
        return self.content(self.photo(owner, photo_id).sha256)

    def content(self, sha256: str) -> Path:
        """Find the bytes of photos, whoever owns them: for what is worked out once for all of these."""
        return self._store.path("originals", sha256)

    def file(self, owner: str, photo_id: str, result_id: str | None = None) -> PhotoFile:
        """Read the file of a photo as it was brought, with the .xmp file beside it; or that of a result of it."""
        if result_id:
            return PhotoFile(self.results.file(owner, photo_id, result_id).read_bytes(), own=True)
        row = self.photo(owner, photo_id)
        return PhotoFile(self.content(row.sha256).read_bytes(), self.sidecar(owner, photo_id), known=row.header)

    def decode(self, owner: str, photo_id: str, result_id: str | None = None, edge: int | None = None) -> Image:
        """Decode a photo as it was brought, or a result of it, whose transparent parts become white.

        See `PhotoFile.decode`.
        """
        return self.file(owner, photo_id, result_id).decode(edge)

    def own(self, owner: str, photo_id: str, result_id: str | None = None) -> Own:
        """Give the pixels of a photo, or a result of it, as its file holds them. Raises UserError as `decode` does."""
        return Own.of(self.file(owner, photo_id, result_id))

    def finished(self, owner: str, photo_id: str, data: bytes, format: str, framing: Framing | None = None) -> Exported:
        """Let a file that was made of a photo tell what the photo's file tells, and what is said of it by now.

        framing: what of the photo it shows; None for all.
        """
        said = self.said_now(owner, photo_id)
        return export.finish(data, format, self.file(owner, photo_id), said, framing or False)

    def thumbnail(self, owner: str, photo_id: str) -> Path:
        """Find the small WebP of a photo."""
        return self._store.path("thumbnails", self.photo(owner, photo_id).sha256)

    def rendition(
        self, owner: str, photo_id: str, edge: int = DISPLAY_EDGE, development: Development = DEVELOPED
    ) -> tuple[Path, str]:
        """Find or make the file that the browser edits, and its media type; see `photo.rendition`.

        Of a RAW it is kept as it is developed until something is chosen, and as it was chosen last.
        """
        row = self.photo(owner, photo_id)
        path, media_type = self._rendition(row, edge, development)
        if not path.exists():
            with self._making.of(row.sha256):
                if not path.exists():
                    original = self._store.path("originals", row.sha256)
                    image = PhotoFile(original.read_bytes(), known=row.header).decode(
                        wide=True, development=development
                    )
                    data, _ = photo.rendition(image, edge)
                    if development.shows:
                        self._store.remove("renditions", f"{row.sha256}-{edge}-as-")
                    self._store.put("renditions", path.name, data)
        return path, media_type

    def made_rendition(self, owner: str, photo_id: str, edge: int, development: Development) -> tuple[Path, str] | None:
        """Find the same where it need not be made, quickly."""
        path, media_type = self._rendition(self.photo(owner, photo_id), edge, development)
        return (path, media_type) if path.exists() else None

    def _rendition(self, row: Photo, edge: int, development: Development) -> tuple[Path, str]:
        """Tell where the file that the browser edits is, or would be, and its media type."""
        if row.browser_ready:
            return self._store.path("originals", row.sha256), f"image/{row.format.lower()}"
        name = f"{row.sha256}-{edge}"
        if row.developed(development):
            name += f"-{'as-' if development.shows else ''}{development.key}"
        return self._store.path("renditions", name), photo.rendition_type(row.linear)

    def gain_map(self, owner: str, photo_id: str) -> GainMap | None:
        """Read the gain map of a photo, with the shoulder that it has over the rendition; None where it has none."""
        gain = self.file(owner, photo_id).gain_map()
        if gain is None:
            return None
        path, _ = self.rendition(owner, photo_id)  # which is quickly decoded
        base = PhotoFile(path.read_bytes(), own=True).decode(THUMBNAIL_EDGE, wide=True)
        return gain.of_base(base.pixels, base.gamut)

    def maps(self, owner: str, photo_id: str) -> Maps:
        """Find or make the maps of a photo; those that cannot be read are made again."""
        sha256 = self.photo(owner, photo_id).sha256
        if there := self._kept_maps(sha256):
            return there
        with self._making.of(sha256):
            if there := self._kept_maps(sha256):
                return there
            with memory.PHOTOS:
                made = maps.of(PhotoFile(self.content(sha256).read_bytes()).decode(WORKING_EDGE))
            self._store.remove("maps", sha256)
            with suppress(StorageError):  # of a full disk: they can be made again
                self._store.put("maps", sha256, made.dump())
        return made

    def _kept_maps(self, sha256: str) -> Maps | None:
        try:
            return Maps.load(self._store.path("maps", sha256).read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def guide(self, owner: str, photo_id: str) -> bytes:
        """Find or make the guide of a photo, a PNG; see `envo/guide.py`."""
        sha256 = self.photo(owner, photo_id).sha256
        path = self._store.path("guides", sha256)
        if path.exists():
            return path.read_bytes()
        with self._making.of(sha256), memory.PHOTOS:
            if path.exists():
                return path.read_bytes()
            made = guide.make(PhotoFile(self.content(sha256).read_bytes()).decode(WORKING_EDGE).pixels)
            with suppress(StorageError):  # of a full disk: it can be made again
                self._store.put("guides", sha256, made)
        return made

    def edit(self, owner: str, photo_id: str) -> Edit:
        """Read the edit document of a photo."""
        with self.database.read() as connection:
            self._photo(connection, owner, photo_id)
            return self._edit(connection, photo_id)[0]

    def material(self, owner: str, photo_id: str, document: EditDocument, edge: int | None = None) -> Material:
        """Collect what rendering a photo with an edit document needs beside them, as far as it is there.

        edge: long edge of what is rendered, where that is smaller than the photo. To be called before the photo's own
        pixels are held: what is made here waits its turn, and for memory.
        """
        return Material(
            self._mattes(owner, photo_id, document),
            self.maps(owner, photo_id) if document.needs_maps else None,
            self.denoised.pixels(owner, photo_id, edge, document.development) if document.needs_denoised else None,
            luts=self.luts.load(owner, document.luts),
            guide=Guide.load(self.guide(owner, photo_id)) if document.needs_guide else None,
            lens=self.lens(owner, photo_id, document.lens) if document.lens.shows else None,
        )

    def lens(self, owner: str, photo_id: str, wish: Lens) -> Profile | None:
        """Find what the lens of an edit, or that of the camera, did to a photo; see `lenses.find`."""
        return lenses.find(self.optics(owner, photo_id), wish)

    def framing(self, owner: str, photo_id: str) -> Framing | None:
        """Tell where in a photo lies what its edit shows, lens and all; None where that is all of it, as it lies."""
        row = self.photo(owner, photo_id)
        document = edits.framing(self.edit(owner, photo_id).document) if row.edit else None
        if document is None:
            return None
        profile = self.lens(owner, photo_id, document.lens) if document.lens.shows else None
        frame = framed(document, (row.width, row.height), profile)
        return frame if document.geometry.shows or frame.lens else None

    def optics(self, owner: str, photo_id: str) -> lenses.Told:
        """Read what a photo tells of its lens; what was read is kept for a while."""
        return self._optics(self.photo(owner, photo_id).sha256)

    def bindings(self, owner: str, photo_id: str, person_ids: Collection[str]) -> dict[str, Bound]:
        """Tell where people are among the faces of a photo that have mattes, by their ids as edit documents have them.

        Until its mattes were made, there are none.
        """
        return self.people.bound(owner, photo_id, self.mattes.faces(owner, photo_id), person_ids)

    def _mattes(self, owner: str, photo_id: str, document: EditDocument) -> dict[str, np.ndarray | None]:
        """Decode the mattes that an edit needs, uint8 HxW by their keys; None for what the photo is known not to have.

        What follows a person is that of their face, as far as its name counts.
        """
        if not document.mattes:
            return {}
        is_made = self.mattes.made(self.photo(owner, photo_id).sha256)  # first: the rest may be made meanwhile
        faces = self.mattes.faces(owner, photo_id)
        people = {part.person for part in document.mattes if part.person}
        bound = self.people.bound(owner, photo_id, faces, people) if people else {}
        kinds: dict[str, str | None] = {}
        for part in document.mattes:
            kind = part.kind
            if part.person:
                who = bound[part.person]
                kind = None if who.place is None or not who.is_sure else edits.of_face(kind, who.place, len(faces))
            kinds[part.key] = kind
        there = self.mattes.alphas(owner, photo_id, set(filter(None, kinds.values())))
        told = {key for key, kind in kinds.items() if kind in there or (is_made and not edits.is_own(key))}
        return {key: there.get(kinds[key]) for key in told}

    def save_edit(self, owner: str, photo_id: str, document: dict[str, Any], base: int, writer: str, seq: int) -> int:
        """Store an edit document (any JSON) and return its version.

        base: the version that the change was made on. writer: names one open page. seq: counts its writes from
        1. A page may overtake its own writes, whose answers it need not have seen; a write that arrives again,
        or late, changes nothing. Raises `EditConflict` where what is stored is another page's and not `base`.
        """
        of_writer = db.edit.c.writer == writer
        accepted = sa.or_(sa.and_(of_writer, db.edit.c.seq < seq), sa.and_(~of_writer, db.edit.c.version == base))
        with self.database.write() as connection:
            self._photo(connection, owner, photo_id)
            version = self._write_edit(connection, photo_id, document, accepted, writer, seq)
            if version is not None:
                return version
            stored, stored_writer = self._edit(connection, photo_id)
        if stored_writer == writer:
            return stored.version
        raise EditConflict(stored.version, stored.document)

    def _write_edit(
        self,
        connection: sa.Connection,
        photo_id: str,
        document: dict[str, Any] | None,
        accepted: sa.ColumnElement,
        writer: str,
        seq: int,
    ) -> int | None:
        """Write an edit document where what is there is `accepted`, and give its version; None: it was not."""
        shown = db.edit.c.version + 1 + db.edit.c.moves if edits.shows(document) else 0
        geometry = edits.geometry(document)
        version = connection.scalar(
            sa.update(db.edit)
            .where(db.edit.c.photo_id == photo_id, accepted)
            .values(version=db.edit.c.version + 1, document=document, writer=writer, seq=seq, shown=shown)
            .values(geometry=geometry and geometry.model_dump(mode="json"))
            .returning(db.edit.c.version)
        )
        if version is not None:
            following.keep(connection, photo_id, document)
        return version

    def _photo(self, connection: sa.Connection, owner: str, photo_id: str) -> Photo:
        row = connection.execute(PHOTO.where(db.photo.c.id == photo_id, db.photo.c.owner == owner))
        found = row.mappings().one_or_none()
        if found is None:
            raise NotFound("This photo is not in your library.")
        return Photo(**found)

    def _found_again(self, connection: sa.Connection, owner: str, sha256: str) -> Photo | None:
        """Find the owner's photo of these bytes; one that is only in the trash is brought back."""
        of_owner = PHOTO.where(db.photo.c.owner == owner, db.photo.c.sha256 == sha256)
        in_trash = db.photo.c.deleted_at.is_not(None)
        first = of_owner.order_by(in_trash, db.photo.c.created_at, db.photo.c.id).limit(1)
        row = connection.execute(first).mappings().one_or_none()
        if row is None:
            return None
        connection.execute(sa.update(db.photo).where(db.photo.c.id == row["id"]).values(deleted_at=None))
        return self._photo(connection, owner, row["id"])

    def _insert(
        self,
        connection: sa.Connection,
        owner: str,
        sha256: str,
        name: str,
        original_name: str,
        said: Description,
        taken: Shot,
        sidecar: bytes | None = None,
    ) -> Photo:
        self.accounts.check_there(connection, owner)
        photo_id = secrets.token_urlsafe(16)
        connection.execute(
            sa.insert(db.photo).values(
                id=photo_id,
                owner=owner,
                sha256=sha256,
                name=name,
                original_name=original_name.encode("utf-8", "replace").decode().replace("\0", "")[:MAX_ORIGINAL_NAME],
                rating=0,
                created_at=self._now(connection, owner),
                taken_at=taken.taken_at,
                sidecar=sidecar,
            )
        )
        self.gallery.read(connection, photo_id, said)
        connection.execute(sa.insert(db.edit).values(photo_id=photo_id, version=0, writer="", seq=0))
        self.visits.keep(connection, owner)
        return self._photo(connection, owner, photo_id)

    def _now(self, connection: sa.Connection, owner: str) -> datetime:
        """Tell when a photo comes that comes now: after all that came before, though the clock was put back."""
        last = connection.scalar(sa.select(sa.func.max(db.photo.c.created_at)).where(db.photo.c.owner == owner))
        return max(datetime.now(UTC), last + timedelta(microseconds=1)) if last else datetime.now(UTC)

    def _update(self, owner: str, photo_id: str, **values: Any) -> None:
        with self.database.write() as connection:
            self._photo(connection, owner, photo_id)
            connection.execute(sa.update(db.photo).where(db.photo.c.id == photo_id).values(values))

    def _put(self, sha256: str, data: bytes, thumbnail: bytes) -> None:
        self._store.put("originals", sha256, data)
        self._store.put("thumbnails", sha256, thumbnail)

    def _edit(self, connection: sa.Connection, photo_id: str) -> tuple[Edit, str]:
        """Read an edit, and who wrote it."""
        row = connection.execute(sa.select(db.edit).where(db.edit.c.photo_id == photo_id)).one()
        return Edit(row.version, row.document), row.writer


def _looks(image: Image, taken: Shot) -> dict[str, Any]:
    """What is kept of a photo's content to find it by; `image`: decoded, small."""
    return {"likeness": photo.likeness(image.shown()), "camera": taken.camera}
