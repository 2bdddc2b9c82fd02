"""When a photo was taken, and with what, by all that its file and what lies beside it tell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from envo import metadata, names, xmp
from envo.file import PhotoFile

_LONGEST = 100
"""Characters of a camera's name that are kept."""
_FIRST_YEAR = 1800
"""No photo is older; what says so was never set."""
_MOMENT = re.compile(
    r"\s*(?P<year>\d{4})(?:[:/.-]?(?P<month>\d{1,2})(?:[:/.-]?(?P<day>\d{1,2}))?)?"
    r"(?:[T ]\s*(?P<hour>\d{1,2}):?(?P<minute>\d{1,2})(?::?(?P<second>\d{1,2}))?)?"
)
"""A moment as EXIF, XMP (ISO 8601) and IPTC spell it, or programs that mix them; the zone behind it is passed over."""


@dataclass(frozen=True)
class Shot:
    """When a photo was taken, by the camera's own clock, and with what; None and "" where that is not told."""

    taken_at: datetime | None
    camera: str


def read(file: PhotoFile) -> Shot:
    """Tell when and with what a photo was taken, by its file and the .xmp file that lay beside it.

    When it was taken counts for more than when it was digitised, as the Metadata Working Group has it (its guidelines
    2.0, section 5.4), and that for more than when it was changed; EXIF for more than XMP, IPTC and the .xmp file. What
    is no date, such as one of zeros, is passed over. Raises UserError for what is no photo.
    """
    blocks = file.blocks
    moments = map(moment, _times(blocks, _properties(blocks.xmp), _properties(file.sidecar)))
    return Shot(next(filter(None, moments), None), _camera(blocks.exif))


def moment(text: str) -> datetime | None:
    """Parse a moment by the clock on the wall where it was, whichever zone that is in; None for what is none.

    Where the day, the month or the time are not told, the first one is meant.
    """
    told = _MOMENT.match(text)
    if not told or int(told["year"]) < _FIRST_YEAR:
        return None
    date = [max(1, int(told[part] or 1)) for part in ("year", "month", "day")]
    time = [int(told[part] or 0) for part in ("hour", "minute", "second")]
    for at in (time, []):
        try:
            return datetime(*date, *at)
        except ValueError:
            continue  # an hour of 24 does not make the day wrong
    return None


def _times(blocks: metadata.Blocks, told: dict[str, xmp.Value], beside: dict[str, xmp.Value]) -> Iterator[str]:
    """Give what is told of when a photo was taken, what counts for most first."""
    exif, iptc = blocks.exif, blocks.iptc
    yield _text(exif.get("Exif.Photo.DateTimeOriginal"))
    yield from _texts(told, "exif:DateTimeOriginal", "photoshop:DateCreated")
    yield _of_iptc(iptc, "DateCreated", "TimeCreated")
    yield from _texts(beside, "exif:DateTimeOriginal", "photoshop:DateCreated")
    yield _text(exif.get("Exif.Photo.DateTimeDigitized"))
    yield from _texts(told, "exif:DateTimeDigitized", "xmp:CreateDate")
    yield _of_iptc(iptc, "DigitizationDate", "DigitizationTime")
    yield from _texts(beside, "exif:DateTimeDigitized", "xmp:CreateDate")
    yield _text(exif.get("Exif.Image.DateTime"))
    yield from _texts(told, "xmp:ModifyDate")


def _of_iptc(iptc: dict[str, str | list[str]], date: str, time: str) -> str:
    """Put a date and a time of IPTC together; a time alone is none."""
    said = _text(iptc.get(f"Iptc.Application2.{date}"))
    return f"{said}T{_text(iptc.get(f'Iptc.Application2.{time}'))}" if said else ""


def _properties(packet: bytes | None) -> dict[str, xmp.Value]:
    try:
        return xmp.properties(packet) if packet else {}
    except ValueError:
        return {}


def _texts(told: dict[str, xmp.Value], *properties: str) -> Iterator[str]:
    return (xmp.text(told.get(name)) for name in properties)


def _camera(exif: dict[str, str | list[str]]) -> str:
    make, model = (_text(exif.get(f"Exif.Image.{name}")) for name in ("Make", "Model"))
    # Some makers are in the name of the model as well: "Canon", "Canon EOS R5".
    named = model if make and names.folded(model).startswith(names.folded(make.split()[0])) else f"{make} {model}"
    return named.strip()[:_LONGEST]


def _text(value: str | list[str] | None) -> str:
    text = value if isinstance(value, str) else ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
