"""Results: what actions made of a photo, each a PNG of full size that tells how it was made.

It holds the photo's own pixels wherever nothing was changed, in its own mode, depth and colours: see `own`. What the
photo's file tells, and what is said of the photo, comes to it when it leaves.
"""

import json
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from envo import database as db
from envo import names, photo
from envo.errors import NotFound, UserError
from envo.export import Exported
from envo.file import PhotoFile
from envo.geometry import Framing
from envo.own import Own
from envo.settings import (
    DETAIL_EDGE,
    DISPLAY_EDGE,
    MAX_FILE_BYTES,
    MAX_RESULTS,
    THUMBNAIL_EDGE,
    WORKING_EDGE,
)
from envo.store import Store

ENDINGS = {"replace": "replaced", "erase": "erased", "background": "new background"}
"""What is put behind a photo's name when a result becomes a photo, by action."""
RENDITION_EDGES = (WORKING_EDGE, DISPLAY_EDGE, DETAIL_EDGE)
_KEPT_QUALITY = 97
_NO_RESULT = "This photo has no such result."


@dataclass(frozen=True)
class Made:
    """How a picture was made."""

    action: str
    """"replace", "erase" or "background"."""
    engine: str
    label: str
    """What a page calls the engine."""
    settings: dict[str, Any]
    """Of the engine, such as prompt and seed: all that it takes to make the picture again."""
    invert: bool
    """Whether the mask was turned over before."""
    grow: int
    """By how many pixels of the working size the mask was grown before."""
    start: str | None
    """Id of the result that it went on from, or None for the photo itself."""
    seconds: float
    note: str
    """A sentence that the visitor should read, or ""."""
    edit: int = field(default=0, kw_only=True)
    """Version of the photo's edit that is in it; 0: none."""
    first: str | None = field(default=None, kw_only=True)
    """Id of the result of whose hole it is another fill; None for that one, and where there is but one."""


@dataclass(frozen=True)
class Result(Made):
    """A picture that is kept: its size, and whether it has an alpha channel."""

    id: str
    photo_id: str
    width: int
    height: int
    alpha: bool
    created_at: datetime
    kept: str | None = None
    """Id of the photo of the library that it became, as long as that is not in the trash."""
    chosen: bool = True
    """Whether it is the one of the fills of its hole that is shown; true where it is the only one."""
    masked: bool = False
    """Whether the mask of what it changed is kept, so that this can be filled in other ways."""


class _Owned(Protocol):
    """A photo, as `envo.library.Photo` is."""

    id: str
    sha256: str
    name: str


NewPhoto = Callable[[str, str, bytes, str, bool], AbstractContextManager[tuple[sa.Connection, _Owned]]]
"""Is given an owner, a name, a file, the id of the photo that it was made of, and whether it is cropped as that is.

It is kept as a new photo when the block has ended, with what that writes.
"""
_KEPT = sa.select(db.photo.c.id).where(db.photo.c.id == db.result.c.kept, db.photo.c.deleted_at.is_(None))
_COLUMNS = {**db.result.c, "kept": _KEPT.scalar_subquery().label("kept")}
_RESULT = sa.select(*(_COLUMNS[each.name] for each in fields(Result))).where(db.result.c.deleted_at.is_(None))


class Results:
    """The results in a library, `Library.results`. Methods may be called from any thread.

    Each takes the owner and the photo first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(
        self,
        database: db.Database,
        store: Store,
        find_photo: Callable[[sa.Connection, str, str], _Owned],
        find_framing: Callable[[str, str], Framing | None],
        finish: Callable[[str, str, bytes, str, Framing | None], Exported],
        new_photo: NewPhoto,
    ):
        """Work on a library's database and files.

        find_photo: is given an owner and an id, and checks them. find_framing: is given them, and tells where in the
        photo lies what its edit shows; None for all of it. finish: is given them, a file, its format, and what of
        the photo it shows, and lets that tell what is told of the photo. new_photo: see there.
        """
        self._database = database
        self._store = store
        self._photo = find_photo
        self._framing = find_framing
        self._finish = finish
        self._new_photo = new_photo
        # One at a time: a large picture takes much memory to decode.
        self._making = threading.Lock()

    def check_room(self, owner: str, photo_id: str, count: int = 1) -> None:
        """Raise UserError where a photo has no room for so many more results."""
        with self._database.read() as connection:
            self._photo(connection, owner, photo_id)
            self._check_room(connection, photo_id, count)

    def add(
        self, owner: str, photo_id: str, pictures: Sequence[tuple[Made, Own]], mask: bytes | None = None
    ) -> list[Result]:
        """Keep pictures: all of them or, if that fails, none.

        mask: a PNG of what was changed, for other fills of it.
        """
        row = self._find_photo(owner, photo_id)
        now = datetime.now(UTC)
        kept = []
        try:
            for number, (made, own) in enumerate(pictures):
                width, height = own.size
                result = Result(
                    **asdict(made),
                    id=secrets.token_urlsafe(16),
                    photo_id=photo_id,
                    width=width,
                    height=height,
                    alpha=own.alpha is not None,
                    created_at=now + timedelta(microseconds=number),  # keeps their order
                    chosen=made.first is None,
                    masked=mask is not None,
                )
                kept.append(result)
                if mask:
                    self._store.put("results", _name(row, result.id, "mask"), mask)
                small = photo.encode(own.shown(THUMBNAIL_EDGE), "WebP", quality=80)
                self._store.put("results", _name(row, result.id, "thumbnail"), small)
                # A page shows it at once; here its pixels are at hand.
                edge = _edge(min(max(width, height), DISPLAY_EDGE))
                self._store.put("renditions", _name(row, result.id, str(edge)), _shown(own, edge))
                self._store.put("results", _name(row, result.id), own.png(texts(result)))
            with self._database.write() as connection:
                self._photo(connection, owner, photo_id)
                if kept:  # of none, SQLAlchemy would make a row of defaults
                    connection.execute(sa.insert(db.result), [asdict(result) for result in kept])
        except BaseException:
            for result in kept:
                self.forget(row.sha256, photo_id, result.id)
            raise
        return kept

    def all(self, owner: str, photo_id: str) -> list[Result]:
        """List the results of a photo, oldest first."""
        with self._database.read() as connection:
            self._photo(connection, owner, photo_id)
            of_photo = _RESULT.where(db.result.c.photo_id == photo_id)
            rows = connection.execute(of_photo.order_by(db.result.c.created_at, db.result.c.id))
            return [Result(**row) for row in rows.mappings()]

    def one(self, owner: str, photo_id: str, result_id: str) -> Result:
        """Find one result."""
        return self._find(owner, photo_id, result_id)[1]

    def mask(self, owner: str, photo_id: str, result_id: str) -> Path:
        """Find the PNG of what a result changed, of one that is `masked`."""
        row, _ = self._find(owner, photo_id, result_id)
        return self._store.path("results", _name(row, result_id, "mask"))

    def fills(self, owner: str, photo_id: str, result_id: str) -> list[Result]:
        """List the results that fill one hole, of which one is given: that alone, or several, oldest first."""
        one = self.one(owner, photo_id, result_id)
        first = one.first or one.id
        return [each for each in self.all(owner, photo_id) if first in (each.id, each.first)]

    def choose(self, owner: str, photo_id: str, result_id: str) -> None:
        """Let a result be the one of the fills of its hole that is shown."""
        ids = [each.id for each in self.fills(owner, photo_id, result_id)]
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            these = sa.update(db.result).where(db.result.c.id.in_(ids))
            connection.execute(these.values(chosen=db.result.c.id == result_id))

    def became(self, owner: str, photo_id: str, result_id: str) -> str | None:
        """Tell the id of the photo of the library that a result became, be it in the trash by now."""
        self._find(owner, photo_id, result_id)
        with self._database.read() as connection:
            return connection.scalar(sa.select(db.result.c.kept).where(db.result.c.id == result_id))

    def file(self, owner: str, photo_id: str, result_id: str) -> Path:
        """Find the PNG of a result as it is kept, which tells nothing of the photo."""
        row, _ = self._find(owner, photo_id, result_id)
        return self._store.path("results", _name(row, result_id))

    def thumbnail(self, owner: str, photo_id: str, result_id: str) -> Path:
        """Find the small WebP of a result."""
        row, _ = self._find(owner, photo_id, result_id)
        return self._store.path("results", _name(row, result_id, "thumbnail"))

    def rendition(self, owner: str, photo_id: str, result_id: str, edge: int) -> tuple[Path, str]:
        """Find or make the file that a page shows, and its media type.

        Its long edge is the first of `RENDITION_EDGES` that is not under `edge`, or the result's own.
        """
        row, result = self._find(owner, photo_id, result_id)
        edge = _edge(edge)
        name = _name(row, result_id, str(edge))
        path = self._store.path("renditions", name)
        if not path.exists():
            with self._making:
                if not path.exists():
                    data = self._store.path("results", _name(row, result_id)).read_bytes()
                    own = Own.of(PhotoFile(data, own=True))
                    self._store.put("renditions", name, _shown(own, edge))
        return path, "image/webp" if result.alpha else "image/jpeg"

    def name(self, owner: str, photo_id: str, result_id: str) -> str:
        """Name a result as a file: what was erased of "IMG_1.heic" is in "IMG_1 erased.png"."""
        return _file_name(*self._find(owner, photo_id, result_id), "PNG")

    def download(self, owner: str, photo_id: str, result_id: str) -> tuple[str, Exported]:
        """Make the file that a visitor takes away, a PNG that tells what is told of the photo: its name, and itself.

        What was made of the photo as edited is cropped as its edit has it by now.
        """
        row, result = self._find(owner, photo_id, result_id)
        data = self._store.path("results", _name(row, result_id)).read_bytes()
        framing = self._framing(owner, photo_id) if result.edit else None
        if framing:
            data = Own.of(PhotoFile(data, own=True)).framed(framing).png(texts(result))
        return _file_name(row, result, "PNG"), self._finish(owner, photo_id, data, "PNG", framing)

    def as_photo(self, owner: str, photo_id: str, result_id: str) -> tuple[str, bytes, list[str]]:
        """Make a file of a result that the library takes as a photo of its own.

        Gives its name, its bytes, and what a visitor should know of it, sentences. It is the PNG; where that is larger
        than what the library takes, one of 8 bits, a JPEG or a WebP.
        """
        row, result = self._find(owner, photo_id, result_id)
        data = self._store.path("results", _name(row, result_id)).read_bytes()
        done = self._finish(owner, photo_id, data, "PNG", None)
        if len(done.data) <= MAX_FILE_BYTES:
            return _file_name(row, result, "PNG"), done.data, done.notes
        own, size = Own.of(PhotoFile(data, own=True)), f"larger than {MAX_FILE_BYTES // 2**20} MB"
        if own.depth > 8:
            done = self._finish(owner, photo_id, own.narrow().png(texts(result)), "PNG", None)
            if len(done.data) <= MAX_FILE_BYTES:
                return _file_name(row, result, "PNG"), done.data, [f"It has 8 bits a channel: with 16 it is {size}."]
        format = "JPEG" if own.alpha is None else "WebP"
        made = photo.encode(own.shown(max(own.size)), format, _KEPT_QUALITY)
        note = f"It is a {format} in sRGB: as a PNG it is {size}."
        return _file_name(row, result, format), self._finish(owner, photo_id, made, format, None).data, [note]

    def keep(self, owner: str, photo_id: str, result_id: str) -> tuple[str, bool, list[str]]:
        """Make a photo of the library of a result, unless it is one.

        Gives the photo's id, whether it is new, and what a visitor should know of it, sentences. Raises NoRoom where
        the library takes no more.
        """
        result = self.one(owner, photo_id, result_id)
        if result.kept:
            return result.kept, False, []
        name, data, notes = self.as_photo(owner, photo_id, result_id)
        with self._new_photo(owner, name, data, photo_id, result.edit > 0) as (connection, row):
            connection.execute(sa.update(db.result).where(db.result.c.id == result_id).values(kept=row.id))
        return row.id, True, notes

    def delete(self, owner: str, photo_id: str, result_id: str) -> None:
        """Take a result away; it can be restored for `TRASH_DAYS`."""
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            deleted = sa.update(db.result).where(db.result.c.deleted_at.is_(None)).values(deleted_at=datetime.now(UTC))
            if not connection.execute(deleted.filter_by(photo_id=photo_id, id=result_id)).rowcount:
                raise NotFound(_NO_RESULT)

    def restore(self, owner: str, photo_id: str, result_id: str) -> Result:
        """Bring back a result that was deleted. Raises UserError where there are too many by now."""
        with self._database.write() as connection:
            self._photo(connection, owner, photo_id)
            self._check_room(connection, photo_id, 1)
            connection.execute(sa.update(db.result).filter_by(photo_id=photo_id, id=result_id).values(deleted_at=None))
        return self.one(owner, photo_id, result_id)

    def purge(self, then: datetime) -> None:
        """Remove for good what was deleted before `then`."""
        long_ago = db.result.c.deleted_at < then
        names = sa.select(db.photo.c.sha256, db.photo.c.id, db.result.c.id.label("result_id"))
        with self._database.write() as connection:
            removed = connection.execute(names.join(db.result).where(long_ago)).all()
            connection.execute(sa.delete(db.result).where(long_ago))
        for sha256, photo_id, result_id in removed:
            self.forget(sha256, photo_id, result_id)

    def forget(self, sha256: str, photo_id: str, result_id: str = "") -> None:
        """Remove the files of one result, or of all that a photo had."""
        for folder in ("results", "renditions"):
            self._store.remove(folder, f"{sha256}-{photo_id}-{result_id}")

    def _find_photo(self, owner: str, photo_id: str) -> _Owned:
        with self._database.read() as connection:
            return self._photo(connection, owner, photo_id)

    def _find(self, owner: str, photo_id: str, result_id: str) -> tuple[_Owned, Result]:
        with self._database.read() as connection:
            row = self._photo(connection, owner, photo_id)
            found = connection.execute(
                _RESULT.where(db.result.c.photo_id == photo_id, db.result.c.id == result_id)
            ).mappings()
            result = found.one_or_none()
            if result is None:
                raise NotFound(_NO_RESULT)
            return row, Result(**result)

    def _check_room(self, connection: sa.Connection, photo_id: str, count: int) -> None:
        there = sa.select(sa.func.count()).select_from(db.result)
        there = there.where(db.result.c.photo_id == photo_id, db.result.c.deleted_at.is_(None))
        if connection.scalar(there) + count > MAX_RESULTS:
            raise UserError(f"A photo has room for {MAX_RESULTS} results; delete some of this one's first.")


def texts(made: Made) -> dict[str, str]:
    """What a PNG tells of how it was made, by keyword.

    "envo" is JSON of all of it but how long it took, so that the same is made again to the byte. A picture that came of
    a prompt has "parameters", too, in the form that other programs for such pictures write and read: prompt, negative
    prompt, and a line of settings.
    """
    own = {each.name: getattr(made, each.name) for each in fields(Made) if each.name != "seconds"}
    told = {"envo": json.dumps(own)}
    settings = made.settings
    if "prompt" in settings:
        lines = [_one_line(settings["prompt"])]
        if settings.get("negative"):
            lines.append(f"Negative prompt: {_one_line(settings['negative'])}")
        values = {word: settings[key] for key, word in _PARAMETERS.items() if key in settings}
        line = ", ".join(f"{word}: {_plain(value)}" for word, value in values.items())
        told["parameters"] = "\n".join([*lines, f"{line}, Model: {made.engine}"])
    return told


_PARAMETERS = {
    "steps": "Steps",
    "scheduler": "Sampler",
    "guidance": "CFG scale",
    "seed": "Seed",
    "strength": "Denoising strength",
}
"""What other programs call a setting."""


def _one_line(text: str) -> str:
    return names.printable(" ".join(text.split()))


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _edge(edge: int) -> int:
    return next((each for each in RENDITION_EDGES if each >= edge), RENDITION_EDGES[-1])


def _shown(own: Own, edge: int) -> bytes:
    """Make what a page shows: as with photos, a JPEG stays nearer to the pixels; only a WebP can be transparent."""
    return photo.encode(own.shown(edge), "JPEG" if own.alpha is None else "WebP", quality=95)


def _file_name(row: _Owned, result: Result, format: str) -> str:
    ending = f" {ENDINGS[result.action]}.{photo.EXTENSIONS[format]}"
    return names.with_ending(names.stem(row.name), ending)


def _name(row: _Owned, result_id: str, of: str = "") -> str:
    """Name a file of a result: under its photo and that one's content, with which it is removed."""
    return "-".join(filter(None, (row.sha256, row.id, result_id, of)))
