"""Renditions: photos with their edits, as pictures of the sizes that pages show, and at full size to go on from.

A picture is of one version of an edit; of each size only that of the newest is kept. A photo that shows as it came has
none: its own thumbnail and file are shown.
"""

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import sqlalchemy as sa

from envo import colour, edits, following, memory, photo, render
from envo import database as db
from envo.development import Development
from envo.edits import EditDocument
from envo.errors import StorageError
from envo.file import PhotoFile
from envo.gamut import GAMUTS, SRGB, Gamut
from envo.geometry import framing
from envo.material import Material
from envo.output import Output
from envo.own import Own, View
from envo.photo import HALF_FLOAT, Header, Image
from envo.settings import DISPLAY_EDGE, RENDITION_DAYS, THUMBNAIL_EDGE
from envo.store import Store

log = logging.getLogger(__name__)

FORMATS = {THUMBNAIL_EDGE: ("WebP", 80), DISPLAY_EDGE: ("JPEG", 90)}
"""Format and quality by long edge: as for the photos themselves, only that the large ones are not edited any more.

The large ones are in the photo's gamut, small ones in sRGB, as those of photos are."""
_MATTE_EDGES = 2
"""Mattes are that many times as large as the picture at most: feathers are blurred at their size."""


class _Owned(Protocol):
    """A photo, as `envo.library.Photo` is."""

    id: str
    owner: str
    sha256: str
    edit: int
    width: int
    height: int
    gamut: str
    header: Header


class Renditions:
    """The pictures of edited photos in a library, `Library.renditions`. Methods may be called from any thread.

    Each takes the owner and the photo first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(
        self,
        database: db.Database,
        store: Store,
        find_photo: Callable[[sa.Connection, str, str], _Owned],
        find_file: Callable[[str, str], PhotoFile],
        find_shown: Callable[..., tuple[Path, str]],
        find_material: Callable[..., Material],
    ):
        """Work on a library's database and files.

        find_photo: is given an owner and an id, and checks them. find_file: is given them, and reads the photo's file.
        find_shown: is `Library.rendition`. find_material: is `Library.material`.
        """
        self._database = database
        self._store = store
        self._photo = find_photo
        self._file = find_file
        self._shown = find_shown
        self._material = find_material
        # One of a size at a time: whoever asks for the same finds it made.
        self._making = {edge: threading.Lock() for edge in FORMATS}

    def find(self, owner: str, photo_id: str, edge: int) -> tuple[int, bytes | None]:
        """Give the version of the edit that shows, 0 where the photo shows as it came, and its picture if it is there.

        edge: one of `FORMATS`.
        """
        with self._database.read() as connection:
            row = self._photo(connection, owner, photo_id)
        return row.edit, self._read(row, edge) if row.edit else None

    def make(self, owner: str, photo_id: str, edge: int) -> tuple[int, bytes | None]:
        """Give the same, the picture made if it is not there: None only for a photo that shows as it came.

        Raises UserError for an edit that uses a mask that is not there.
        """
        with self._making[edge]:
            row, document = self._edited(owner, photo_id)
            if document is None:
                self._remove(db.rendition.c.photo_id == photo_id)
                return 0, None
            there = self._read(row, edge)
            if there is not None:
                return row.edit, there
            data = self._picture(row, document, _finer(row, document, edge), edge)
            self._keep(row, edge, data)
            return row.edit, data

    def own(self, owner: str, photo_id: str) -> tuple[int, Own]:
        """Give all of a photo as its edit shows it, at full size, and the version of that; 0 and as it came: none.

        The crop is left to what leaves the app: whoever goes on with the photo sees what lies around it, and masks lie
        where they lie on the photo. See `developed`. Raises UserError as `PhotoFile.decode` does, and for an edit that
        uses a mask that is not there.
        """
        row, document = self._edited(owner, photo_id)
        file = self._file(owner, photo_id)
        if document is None or not document.uncropped.shows:
            return row.edit, Own.of(file)
        return row.edit, developed(file, document.uncropped, self._material(owner, photo_id, document))

    def whole(self, owner: str, photo_id: str) -> tuple[int, bytes | None]:
        """Give the version of the edit, and a large picture of all of the photo as that shows it.

        None where `make` gives the same. Raises UserError as that does.
        """
        row, document = self._edited(owner, photo_id)
        if document is None or not document.geometry.shows:
            return row.edit, None
        with self._making[DISPLAY_EDGE]:
            return row.edit, self._picture(row, document.uncropped, DISPLAY_EDGE, DISPLAY_EDGE)

    def pixels(self, owner: str, photo_id: str, edge: int | None = None, whole: bool = False) -> np.ndarray:
        """Give a photo as its edit shows it, as `export.edited` renders it: uint8 HxWx3, on white.

        edge: of the photo, as for `PhotoFile.decode`. whole: without the crop, as `own` gives it. Raises UserError as
        that does.
        """
        _, document = self._edited(owner, photo_id)
        document = document.uncropped if document and whole else document
        material = document and self._material(owner, photo_id, document, edge)
        file = self._file(owner, photo_id)
        if document is None:
            return file.decode(edge).shown()
        image = file.decode(edge, wide=True, development=document.development)
        return render.render(image, document, material.sized(image.pixels.shape[1::-1]))

    def missing(
        self, limit: int | None, but: Collection[str] = (), of_followers: str | None = None
    ) -> list[tuple[str, str]]:
        """List photos whose edits show, and of which there is no small picture of the newest version.

        but: ids that are left out. of_followers: an owner, of whose photos those alone whose edits follow people. Gives
        pairs of owner and id.
        """
        made = sa.exists().where(
            db.rendition.c.photo_id == db.photo.c.id,
            db.rendition.c.edge == THUMBNAIL_EDGE,
            db.rendition.c.version == db.edit.c.shown,
        )
        lacking = sa.select(db.photo.c.owner, db.photo.c.id).join(db.edit).where(db.edit.c.shown > 0, ~made)
        lacking = lacking.where(db.photo.c.deleted_at.is_(None), db.photo.c.id.not_in(list(but)))
        if of_followers:
            lacking = lacking.where(db.photo.c.id.in_(following.of_owner(of_followers)))
        with self._database.read() as connection:
            return [(row.owner, row.id) for row in connection.execute(lacking.limit(limit))]

    def purge(self, now: datetime) -> None:
        """Remove the large pictures that were made `RENDITION_DAYS` before `now`: whoever looks has them made anew.

        And those of versions that show no longer.
        """
        long_ago = db.rendition.c.created_at < now - timedelta(days=RENDITION_DAYS)
        large = db.rendition.c.edge > THUMBNAIL_EDGE
        self._remove(sa.or_(sa.and_(large, long_ago), db.rendition.c.version != db.edit.c.shown))

    def forget(self, sha256: str, photo_id: str) -> None:
        """Remove the pictures of a photo, which is gone."""
        self._store.remove("edited", f"{sha256}-{photo_id}-")

    def _edited(self, owner: str, photo_id: str) -> tuple[_Owned, EditDocument | None]:
        """Find a photo, and its edit as far as that shows."""
        with self._database.read() as connection:
            row = self._photo(connection, owner, photo_id)
            document = connection.scalar(sa.select(db.edit.c.document).where(db.edit.c.photo_id == photo_id))
        return row, edits.parse(document) if row.edit else None

    def _picture(self, row: _Owned, document: EditDocument, edge: int, shown: int) -> bytes:
        """Write the one of `FORMATS` for the edge `shown`, rendered of the photo at a long edge of at most `edge`."""
        gamut = GAMUTS[row.gamut] if shown > THUMBNAIL_EDGE else SRGB
        return photo.encode(self._render(row, document, edge, gamut), *FORMATS[shown], gamut=gamut)

    def _render(self, row: _Owned, document: EditDocument, edge: int, gamut: Gamut) -> np.ndarray:
        """Render a photo, its long edge at most `edge`: uint8 HxWx3 of a gamut, what the document leaves of that."""
        material = self._material(row.owner, row.id, document, edge)
        with memory.PHOTOS:
            image = self._pixels(row, edge, document.development)
            material = material.sized(image.pixels.shape[1::-1])
            there = material.mattes.items()
            mattes = {key: None if each is None else photo.resize(each, _MATTE_EDGES * edge) for key, each in there}
            return render.render(image, document, replace(material, mattes=mattes), Output(gamut))

    def _pixels(self, row: _Owned, edge: int, development: Development) -> Image:
        """Decode a photo, its long edge at most `edge`, of what the browser edits, which is quickly decoded."""
        path, media_type = self._shown(row.owner, row.id, development=development)
        file = PhotoFile(path.read_bytes(), own=True)
        if media_type != HALF_FLOAT:
            gain = self._file(row.owner, row.id).gain_map() if row.headroom else None
            image = file.decode(edge, wide=True)
            gain = gain and gain.of_base(image.pixels, image.gamut)
            return replace(image, header=replace(image.header, headroom=row.headroom), gain=gain)
        size = photo.fit(row.width, row.height, DISPLAY_EDGE)
        memory.PHOTOS.draw(4 * 3 * size[0] * size[1])
        light = photo.from_half(file.data, size)
        header = row.header
        return Image(photo.resize(light, edge), header)

    def _read(self, row: _Owned, edge: int) -> bytes | None:
        try:
            return self._store.path("edited", _name(row.sha256, row.id, edge, row.edit)).read_bytes()
        except FileNotFoundError:
            return None

    def _keep(self, row: _Owned, edge: int, data: bytes) -> None:
        """Keep a picture in the place of those of versions before, unless it has become old meanwhile.

        Where the disk is full it is not kept: it can be made again.
        """
        this, of_photo = (edge, row.edit), db.rendition.c.photo_id == row.id
        values = {"photo_id": row.id, "edge": edge, "version": row.edit, "bytes": len(data)}
        try:
            self._store.put("edited", _name(row.sha256, row.id, *this), data)
            with self._database.write() as connection:
                shown = connection.scalar(sa.select(db.edit.c.shown).where(db.edit.c.photo_id == row.id))
                kept = connection.execute(sa.select(db.rendition.c.edge, db.rendition.c.version).where(of_photo))
                old = {tuple(each) for each in kept if each.edge == edge or each.version != shown}
                for each in old:
                    is_it = sa.and_(db.rendition.c.edge == each[0], db.rendition.c.version == each[1])
                    connection.execute(sa.delete(db.rendition).where(of_photo, is_it))
                if shown == row.edit:
                    connection.execute(sa.insert(db.rendition).values(**values, created_at=datetime.now(UTC)))
        except StorageError as error:
            log.warning("an edited photo was not kept as a picture: %s", error)
            return
        for each in old - {this} if shown == row.edit else old | {this}:
            self._store.remove("edited", _name(row.sha256, row.id, *each))

    def _remove(self, unwanted: sa.ColumnElement) -> None:
        names = sa.select(db.photo.c.sha256, db.photo.c.id, db.rendition.c.edge, db.rendition.c.version)
        names = names.join(db.rendition, db.rendition.c.photo_id == db.photo.c.id).join(db.edit).where(unwanted)
        with self._database.read() as connection:
            count = connection.scalar(sa.select(sa.func.count()).select_from(names.subquery()))
        for _ in range(0, count, db.IN_A_ROW):
            with self._database.write() as connection:
                removed = connection.execute(names.limit(db.IN_A_ROW)).all()
                for _, photo_id, edge, version in removed:
                    this = {"photo_id": photo_id, "edge": edge, "version": version}
                    connection.execute(sa.delete(db.rendition).filter_by(**this))
            for each in removed:
                self._store.remove("edited", _name(*each))


def _finer(row: _Owned, document: EditDocument, edge: int) -> int:
    """Give the long edge of a photo of which the crop has `edge`, as far as the browser edits that many pixels."""
    size = (row.width, row.height)
    return min(DISPLAY_EDGE, max(edge, round(edge * max(size) / max(framing(document.geometry, size).size))))


def developed(file: PhotoFile, document: EditDocument, material: Material) -> Own:
    """Render a photo with an edit at full size, as its file holds it: its colours, depth and alpha.

    What the edit leaves alone stays as it is, to the byte; what it changes has 8 bits, as in `export.edited`. Raises
    UserError as `PhotoFile.decode` and `render.render` do.
    """
    own = Own.of(file)
    into = Output(own.gamut)
    if own.alpha is None:
        image = file.decode(wide=True, development=document.development)
        before = View(_untouched(image, into), colour.is_of(own.space, own.gamut), own.gamut)
    else:  # decoded, it would lie on white
        before = own.view(exact=True, wide=True)
        image = Image(before.pixels, replace(file.header, headroom=0.0), own.gamut.id)
        if material.denoised is not None:  # made of what lies on white
            is_opaque = (own.alpha == np.iinfo(own.alpha.dtype).max)[..., None]
            clear = _untouched(Image(material.denoised, file.header, file.header.gamut), into)
            material = replace(material, denoised=np.where(is_opaque, clear, before.pixels))
    # However faint a tint of a grey photo is, it is meant.
    return own.changed(before, render.render(image, document, material, into), tints=True, coloured=0)


def _untouched(image: Image, into: Output) -> np.ndarray:
    """Give a photo as it is rendered without an edit: uint8 HxWx3."""
    if image.pixels.dtype == np.uint8 and image.gamut == into.gamut.id and image.gain is None:
        return image.pixels
    return render.render(image, edits.UNTOUCHED, Material(), into)


def _name(sha256: str, photo_id: str, edge: int, version: int) -> str:
    """Name a picture: under its photo and that one's content, with which it is removed."""
    return f"{sha256}-{photo_id}-{edge}-{version}.{FORMATS[edge][0].lower()}"
