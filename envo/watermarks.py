"""Watermarks: texts, or pictures that owners keep for it, laid over what is exported."""

import io
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePath

import cv2
import numpy as np
import sqlalchemy as sa
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from envo import database as db
from envo import memory, names
from envo.colour import linear_to_srgb, srgb_to_linear
from envo.errors import NotFound, UserError
from envo.exportsettings import Watermark
from envo.file import PhotoFile
from envo.gamut import Gamut
from envo.own import Own
from envo.scaling import Rows
from envo.settings import MAX_NAME, MAX_WATERMARKS, WATERMARK_EDGE
from envo.store import Store
from envo.visitors import Visits

_TYPEFACE = Path(__file__).parents[1] / "static" / "face" / "inter.woff2"
_SHADOW = 0.5
"""How dark the shadow behind a text is, which is seen on what is as light as the text."""
_NO_PICTURE = "This watermark is not among yours any more; choose another, or bring it again."


@dataclass(frozen=True, eq=False)
class Mark:
    """A watermark as it lies on a picture.

    pixels: float32 hxwx4 in [0, 1], encoded sRGB with alpha multiplied in, which is last. box: left, top, width and
    height of where it lies, in pixels; it may be larger than the mark has pixels.
    """

    pixels: np.ndarray
    box: tuple[int, int, int, int]

    def rows(self, top: int, bottom: int) -> np.ndarray:
        """Give what lies in rows of the box: float32 HxWx4."""
        _, _, width, height = self.box
        if self.pixels.shape[:2] == (height, width):
            return self.pixels[top:bottom]
        across, down = self.pixels.shape[1] / width, self.pixels.shape[0] / height
        places = np.array([[across, 0, across / 2 - 0.5], [0, down, (top + 0.5) * down - 0.5]])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(self.pixels, places, (width, bottom - top), flags=how, borderMode=cv2.BORDER_REPLICATE)


def mark(wish: Watermark, picture: np.ndarray | None, size: tuple[int, int]) -> Mark | None:
    """Lay a watermark on a picture of a size; None where there is nothing to lay on it.

    picture: uint8 hxwx4 sRGB, of `wish.picture`. Raises UserError for a text in letters that the typeface has not.
    """
    long, margin = max(size), round(wish.margin * max(size))
    room = tuple(max(1, length - 2 * margin) for length in size)
    if picture is not None:
        there, scale = picture.shape[1::-1], wish.size * long / max(picture.shape[:2])
    elif names.printable(wish.text):
        there = _measured(names.printable(wish.text))
        scale = wish.size * long / there[1]
    else:
        return None
    scale = min(scale, *(most / length for most, length in zip(room, there, strict=True)))
    width, height = (max(1, round(scale * length)) for length in there)
    if picture is None:
        shrunk = min(1.0, WATERMARK_EDGE / max(width, height))
        pixels = _written(names.printable(wish.text), shrunk * height)
        if shrunk == 1:  # letters are as sharp as they were drawn
            width, height = (min(pair) for pair in zip(pixels.shape[1::-1], size, strict=True))
    else:
        pixels = picture.astype(np.float32) / 255
        pixels[..., :3] *= pixels[..., 3:]
    smaller = min(width, pixels.shape[1]), min(height, pixels.shape[0])
    if smaller != pixels.shape[1::-1]:
        pixels = cv2.resize(pixels, smaller, interpolation=cv2.INTER_AREA)
    left, top = _placed(wish.place, margin, size, (width, height))
    return Mark(pixels * np.float32(wish.opacity), (left, top, width, height))


def _placed(place: str, margin: int, size: tuple[int, int], own: tuple[int, int]) -> tuple[int, int]:
    """Find the left and the top of what lies in a place of a picture of a size; it has sides of its own."""
    horizontal, vertical = place.split()[-1], place.split()[0]
    far = (size[0] - own[0], size[1] - own[1])
    left = {"left": margin, "right": far[0] - margin}.get(horizontal, far[0] // 2)
    top = {"top": margin, "bottom": far[1] - margin}.get(vertical, far[1] // 2)
    return max(0, min(left, far[0])), max(0, min(top, far[1]))


def laid(rows: Rows, each: Mark, gamut: Gamut) -> Rows:
    """Lay a watermark over rows of a picture, uint8 or uint16 with the sRGB curve in a gamut, or linear sRGB, float32.

    It is blended as it looks, on encoded values; what lies beside it stays as it is.
    """
    left, above, width, height = each.box

    def made(top: int, bottom: int) -> np.ndarray:
        band = rows(top, bottom)
        first, last = max(top, above), min(bottom, above + height)
        if first >= last:
            return band
        band = band.copy()
        under = band[first - top : last - top, left : left + width]
        over = each.rows(first - above, last - above)
        alpha = over[..., 3:]
        own = over[..., :3] / np.maximum(alpha, np.float32(1e-6))
        colour = linear_to_srgb(np.clip(srgb_to_linear(own) @ gamut.from_srgb.T, 0, 1))
        if band.dtype == np.float32:
            encoded = linear_to_srgb(under @ gamut.from_srgb.T)
            under[:] = srgb_to_linear(encoded + alpha * (colour - encoded)) @ gamut.to_srgb.T
        else:
            most = np.float32(np.iinfo(band.dtype).max)
            values = under.astype(np.float32)
            under[:] = np.where(alpha > 0, values + alpha * (most * colour - values) + np.float32(0.5), values)
        return band

    return made


@lru_cache(8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(_TYPEFACE), size)
    font.set_variation_by_axes([500])
    return font


_MEASURE = 200
"""Size at which a text is measured, in pixels."""


def _measured(text: str) -> tuple[int, int]:
    """Give width and height of a text in a size of the typeface: the height is that of a line."""
    lost = [sign for sign in dict.fromkeys(text) if not sign.isspace() and not _is_there(sign)]
    if lost:
        raise UserError(
            f"The typeface of watermarks has no sign for “{''.join(lost[:20])}”; leave it out, or bring the watermark"
            " as a picture."
        )
    font = _font(_MEASURE)
    return max(1, round(font.getlength(text))), sum(font.getmetrics())


def _is_there(sign: str) -> bool:
    """Tell whether the typeface has a sign; of those that it has not it draws all alike."""
    if unicodedata.category(sign)[0] in "CM":  # what is drawn with others, or not at all
        return True
    font = _font(_MEASURE)
    drawn, nothing = (font.getmask(each) for each in (sign, "\uffff"))
    return (drawn.size, bytes(drawn)) != (nothing.size, bytes(nothing))


def _written(text: str, height: float) -> np.ndarray:
    """Write a text in white, a line of a height in pixels, with a soft shadow: float32 hxwx4 as `Mark` has it."""
    size = max(1, round(height * _MEASURE / sum(_font(_MEASURE).getmetrics())))
    font = ImageFont.truetype(str(_TYPEFACE), size)
    font.set_variation_by_axes([500])
    width, tall = max(1, round(font.getlength(text))), max(1, sum(font.getmetrics()))
    drawn = Pillow.new("L", (width, tall))
    ImageDraw.Draw(drawn).text((0, 0), text, 255, font)
    letters = np.asarray(drawn, np.float32) / 255
    shadow = np.float32(_SHADOW) * cv2.GaussianBlur(letters, (0, 0), max(0.5, tall / 24))
    made = np.repeat(letters[..., None], 4, axis=2)
    made[..., 3] += (1 - letters) * shadow
    return made


@dataclass(frozen=True)
class KeptWatermark:
    """What is known of a picture that an owner keeps as a watermark."""

    id: str
    name: str
    width: int
    height: int


_WATERMARK = sa.select(*(db.watermark.c[field.name] for field in fields(KeptWatermark)))


class Watermarks:
    """The pictures that owners keep as watermarks, `Library.watermarks`. Methods may be called from any thread.

    Each takes the owner first, and raises `NotFound` for what is not that owner's.
    """

    def __init__(self, database: db.Database, store: Store, visits: Visits):
        """Work on a library's database and files."""
        self._database = database
        self._store = store
        self._visits = visits

    def add(self, owner: str, name: str, data: bytes) -> KeptWatermark:
        """Keep a picture of any format, with its alpha, its long edge at most `WATERMARK_EDGE`.

        Raises UserError as `PhotoFile.decode` does and where there are too many, and NoRoom as `Visits` does.
        """
        with memory.PHOTOS:
            own = Own.of(PhotoFile(data)).narrow()
            colours = own.view(exact=True).pixels
            alpha = np.full(colours.shape[:2], 255, np.uint8) if own.alpha is None else own.alpha
        picture = Pillow.fromarray(np.dstack([colours, alpha]))
        picture.thumbnail((WATERMARK_EDGE, WATERMARK_EDGE))
        file = io.BytesIO()
        picture.save(file, "PNG")
        row = KeptWatermark(secrets.token_urlsafe(16), _name(name), *picture.size)
        self._visits.check_disk(owner, file.tell())
        there = sa.select(sa.func.count()).select_from(db.watermark).where(db.watermark.c.owner == owner)
        with self._database.write() as connection:
            if connection.scalar(there) >= MAX_WATERMARKS:
                raise UserError(f"You have {MAX_WATERMARKS} watermarks already; delete one of them first.")
            self._store.put("watermarks", row.id, file.getvalue())
            connection.execute(sa.insert(db.watermark).values({**vars(row), "owner": owner}))
            self._visits.keep(connection, owner)
        return row

    def all(self, owner: str) -> list[KeptWatermark]:
        """List the pictures of an owner, in the order of their names."""
        with self._database.read() as connection:
            rows = connection.execute(_WATERMARK.where(db.watermark.c.owner == owner)).mappings()
            return sorted((KeptWatermark(**row) for row in rows), key=lambda row: (names.folded(row.name), row.id))

    def file(self, owner: str, watermark_id: str) -> Path:
        """Find the PNG of one."""
        with self._database.read() as connection:
            if connection.scalar(sa.select(db.watermark.c.id).filter_by(owner=owner, id=watermark_id)) is None:
                raise NotFound(_NO_PICTURE)
        return self._store.path("watermarks", watermark_id)

    def load(self, owner: str, watermark_id: str) -> np.ndarray:
        """Read one: uint8 hxwx4 sRGB, alpha last."""
        with Pillow.open(self.file(owner, watermark_id)) as picture:
            return np.asarray(picture.convert("RGBA"))

    def delete(self, owner: str, watermark_id: str) -> None:
        """Take a picture away; presets that use it want another."""
        with self._database.write() as connection:
            if not connection.execute(sa.delete(db.watermark).filter_by(owner=owner, id=watermark_id)).rowcount:
                raise NotFound(_NO_PICTURE)
        self.remove([watermark_id])

    def purge(self, now: datetime) -> None:
        """Remove those of visitors who stayed away for so long that nothing of theirs is kept."""
        gone = sa.delete(db.watermark).where(db.watermark.c.owner.in_(self._visits.gone(now)))
        with self._database.write() as connection:
            removed = connection.scalars(gone.returning(db.watermark.c.id)).all()
        self.remove(removed)

    def move(self, connection: sa.Connection, owner_from: str, owner_to: str) -> None:
        """Hand an owner's pictures over, in a transaction of `Library.move`."""
        connection.execute(sa.update(db.watermark).where(db.watermark.c.owner == owner_from).values(owner=owner_to))

    def remove(self, watermark_ids: Iterable[str]) -> None:
        """Remove the files of pictures that are gone."""
        for watermark_id in watermark_ids:
            self._store.remove("watermarks", watermark_id)


def _name(name: str) -> str:
    return PurePath(names.printable(name)).stem[:MAX_NAME].strip() or "Watermark"
