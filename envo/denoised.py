"""Photos with their noise taken out: one more rendition, which the sliders for noise only mix in.

It is made when an edit first asks for it, and kept once for each content at full size, as `photo.rendition` writes
photos; smaller ones are made of it. So a page and a file have the same numbers.
"""

import threading
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import sqlalchemy as sa

from envo import database as db
from envo import memory, photo
from envo.development import DEVELOPED, Development
from envo.errors import NotFound
from envo.file import PhotoFile
from envo.photo import Header, Image
from envo.settings import DISPLAY_EDGE
from envo.store import Store

Report = Callable[[str, float | None], None]
"""Called with what is being done, as a visitor reads it, and how far it is (0 to 1, None: cannot be told)."""
Take = Callable[[np.ndarray, Report], np.ndarray]
"""Takes the noise out of a photo's pixels, as `photo.Image` has them; gives the same size and dtype."""


class _Owned(Protocol):
    """A photo, as `envo.library.Photo` is."""

    sha256: str
    width: int
    height: int
    linear: bool
    gamut: str

    def developed(self, development: Development) -> Development | None: ...


class Denoised:
    """The photos of a library without their noise, `Library.denoised`. Methods may be called from any thread.

    Those that take the owner and the photo raise `NotFound` for what is not that owner's; those for what is worked out
    once, whoever owns a photo, take its SHA-256, and how it is developed: None where it is no RAW.
    """

    take: Take | None = None
    """What takes noise out, handed in by whoever has models; without it nothing is made here."""

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
        # One at a time: whoever asks for the same finds it made, and a large photo takes much memory.
        self._making = threading.Lock()

    def made(self, sha256: str, development: Development | None = None) -> bool:
        """Tell whether it was made of a content, whoever owns that."""
        return self._path(sha256, development).exists()

    def make(self, sha256: str, report: Report, development: Development | None = None) -> None:
        """Make it of a content, unless it is there. Where nobody has that any more, nothing is kept.

        Raises what `take` and `report` raise, and UserError as `PhotoFile.decode` does.
        """
        if self.made(sha256, development):
            return
        with memory.PHOTOS:
            # Before the turn, so that nobody who has it waits for memory that one holds who waits for it.
            file = PhotoFile(self._store.path("originals", sha256).read_bytes(), known=self._header(sha256))
            image = file.decode(wide=True, development=development or DEVELOPED)
            with self._making:
                if self.made(sha256, development):
                    return
                memory.PHOTOS.draw(image.pixels.nbytes)
                data = written(image, self.take, report)
                self._store.put("denoised", self._path(sha256, development).name, data)
        with self._database.write() as connection:
            if connection.scalar(sa.select(db.blob.c.sha256).where(db.blob.c.sha256 == sha256)) is None:
                self._store.remove("denoised", sha256)  # it was purged meanwhile

    def file(
        self, owner: str, photo_id: str, edge: int = DISPLAY_EDGE, development: Development = DEVELOPED
    ) -> tuple[Path, str]:
        """Find what the browser mixes in, its long edge at most `edge`, and its media type; see `Library.rendition`.

        Raises NotFound where it was not made yet.
        """
        row = self._row(owner, photo_id)
        if not self.made(row.sha256, row.developed(development)):
            raise NotFound("The noise of this photo was not taken out yet.")
        return self._at(row, edge, row.developed(development)), photo.rendition_type(row.linear)

    def pixels(
        self, owner: str, photo_id: str, edge: int | None = None, development: Development = DEVELOPED
    ) -> np.ndarray | None:
        """Decode it, its long edge at most `edge` if that is told; at first, make it.

        Gives pixels as those of the photo are decoded `wide`, uint8 or float32 HxWx3. None where nothing takes noise
        out. Raises what `make` does.
        """
        row = self._row(owner, photo_id)
        developed = row.developed(development)
        if self.take is None and not self.made(row.sha256, developed):
            return None
        self.make(row.sha256, lambda step, fraction: None, developed)
        with memory.PHOTOS:
            full = max(row.width, row.height)
            edge = edge or full
            return photo.resize(self._decoded(row, DISPLAY_EDGE if edge <= DISPLAY_EDGE else full, developed), edge)

    def _header(self, sha256: str) -> Header | None:
        """Give what was read of a content when it came; None where nobody has it any more."""
        columns = [db.blob.c[each.name] for each in fields(Header)]
        with self._database.read() as connection:
            row = connection.execute(sa.select(*columns).where(db.blob.c.sha256 == sha256)).mappings().one_or_none()
        return row and Header(**row)

    def _row(self, owner: str, photo_id: str) -> _Owned:
        with self._database.read() as connection:
            return self._photo(connection, owner, photo_id)

    def _path(self, sha256: str, development: Development | None, edge: int | None = None) -> Path:
        parts = (sha256, development and development.key, edge and str(edge))
        return self._store.path("denoised", "-".join(filter(None, parts)))

    def _at(self, row: _Owned, edge: int, development: Development | None) -> Path:
        """Find the file whose long edge is at most `edge`; at first, make it of the full size."""
        full = max(row.width, row.height)
        if full <= edge:
            return self._path(row.sha256, development)
        path = self._path(row.sha256, development, edge)
        if not path.exists():
            with memory.PHOTOS:
                header = Header("", row.width, row.height, 0, False, row.linear)
                data, _ = photo.rendition(Image(self._decoded(row, full, development), header, row.gamut), edge)
            self._store.put("denoised", path.name, data)
        return path

    def _decoded(self, row: _Owned, edge: int, development: Development | None) -> np.ndarray:
        data = self._at(row, edge, development).read_bytes()
        return read(data, row.linear, photo.fit(row.width, row.height, edge))


def written(image: Image, take: Take, report: Report) -> bytes:
    """Take the noise out of a photo that was decoded `wide`, and write what comes of it at full size."""
    data, _ = photo.rendition(replace(image, pixels=take(image.pixels, report)), max(image.pixels.shape))
    return data


def read(data: bytes, linear: bool, size: tuple[int, int]) -> np.ndarray:
    """Read what `written` wrote, or that made smaller, of a width and height: uint8, or float32 where `linear`, HxWx3.

    Inside `with memory.PHOTOS:` alone.
    """
    if not linear:
        return PhotoFile(data, own=True).decode(wide=True).pixels
    memory.PHOTOS.draw(4 * 3 * size[0] * size[1])
    return photo.from_half(data, size)
