"""What a photo's file tells of it, EXIF, XMP and IPTC, fit for what is made from it.

Exiv2 edits it, since it keeps maker notes whole.
"""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from PIL import Image as Pillow

if TYPE_CHECKING:
    import pyexiv2

T = TypeVar("T")

Iptc = dict[str, str | list[str] | None]
"""IPTC fields by Exiv2's name; None takes one away."""

Exif = dict[str, str | None]
"""EXIF fields, likewise."""

# Exiv2 keeps state that its threads share.
_exiv2 = threading.Lock()

_MOVED = ("Tag", "Offset", "JPEGInterchangeFormat")
"""EXIF fields that tell where others are end so."""
_MAKER_NOTE = "Exif.Photo.MakerNote"
_WITHOUT_MAKER = {"Image", "Photo", "GPSInfo", "Iop", "Thumbnail", "MakerNote"}
"""The groups of EXIF that are not of a camera's maker."""
_IPTC_ENCODING = "Iptc.Envelope.CharacterSet"
_IPTC_UTF8 = "\x1b%G"

# What the main directory says of the photo; the rest of it says how the source file stores its pixels.
_DESCRIPTIVE = frozenset(
    f"Exif.Image.{name}"
    for name in (
        *("ImageDescription", "Make", "Model", "Software", "DateTime", "Artist", "Copyright"),
        *("Rating", "RatingPercent", "XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"),
    )
)
_REGIONS = ("Xmp.mwg-rs.", "Xmp.MP.", "Xmp.apple-fi.")
"""What XMP tells of where faces are begins so."""
_LONGEST = 100
"""Characters of a camera's name that are kept."""
_NOT_DESCRIPTIVE = ("MakerNote", "PixelXDimension", "PixelYDimension", "InteroperabilityTag")


def exif_of_block(block: bytes | None) -> bytes | None:
    """Turn EXIF, as a file carried it, upright and drop its thumbnail; None without any, or for broken EXIF.

    What comes back is what Pillow's `save(exif=...)` takes.
    """
    if not block:
        return None
    # WebP keeps EXIF without the mark that JPEG puts before it.
    return _edit(b"Exif\0\0" + block.removeprefix(b"Exif\0\0"), {})


def exif_of_file(data: bytes, lens: str = "") -> bytes | None:
    """Build EXIF from the tags of a TIFF or RAW file, upright; None where there are none to be had.

    The maker note stays behind, since it points into its own file; `lens` is the lens known from it.
    """
    try:
        with _opened(data) as file:
            tags = file.read_exif()
    except (RuntimeError, UnicodeDecodeError):
        return None
    kept = {}
    for key, value in tags.items():
        group, name = key.rsplit(".", 1)
        if key in _DESCRIPTIVE or (
            group in ("Exif.Photo", "Exif.GPSInfo") and name not in _NOT_DESCRIPTIVE and name[:2] != "0x"
        ):
            kept[key] = value
    if lens:
        kept.setdefault("Exif.Photo.LensModel", lens)
    return _edit(b"", kept) if kept else None


def sized(exif: bytes, width: int, height: int) -> bytes | None:
    """Set the size that EXIF tells, as `exif_of_block` gives it, to that of what is made."""
    return _edit(exif, {"Exif.Photo.PixelXDimension": str(width), "Exif.Photo.PixelYDimension": str(height)})


def carry(source: bytes, made: bytes, width: int, height: int, cropped: bool) -> bytes:
    """Give a file, JPEG, PNG or WebP of this size, the XMP and IPTC of the photo that it was made of.

    cropped: parts of the photo are elsewhere now, so that regions of faces do not fit any more, and stay behind. What
    Exiv2 cannot read or write stays behind, too.
    """
    try:
        with _opened(source) as file:
            xmp, iptc = file.read_raw_xmp(), file.read_iptc()
    except (RuntimeError, UnicodeDecodeError):
        return made
    sizes = {"ImageWidth": width, "ImageLength": height, "PixelXDimension": width, "PixelYDimension": height}
    if xmp:
        made = _changed(made, lambda file: _set_xmp(file, xmp, sizes, cropped))
    return _changed(made, lambda file: file.modify_iptc(iptc)) if iptc else made


@dataclass(frozen=True)
class Blocks:
    """What a file says: its XMP as Exiv2 spells it, b"" for none, and its IPTC and EXIF by Exiv2's names."""

    xmp: bytes = b""
    iptc: dict[str, str | list[str]] = field(default_factory=dict)
    exif: dict[str, str | list[str]] = field(default_factory=dict)


def blocks(data: bytes) -> Blocks:
    """Read what a file of any format says; what is damaged or not to be had is empty."""
    try:
        with _opened(data, lenient=True) as file:
            xmp = _tried(file.read_raw_xmp, "").encode("latin-1")
            iptc, exif = _tried(file.read_iptc, {}), _tried(file.read_exif, {})
    except RuntimeError:
        return Blocks()
    exif = {key: value.rstrip("\0") if isinstance(value, str) else value for key, value in exif.items()}
    return Blocks(xmp, {key: _in_unicode(value) for key, value in iptc.items()}, exif)


@dataclass(frozen=True)
class Shot:
    """When a photo was taken, by the camera's own clock, and with what; None and "" where that is not told."""

    taken_at: datetime | None
    camera: str


def shot(data: bytes) -> Shot:
    """Tell when and with what a photo was taken, by its file."""
    exif = blocks(data).exif
    make, model = (_text(exif.get(f"Exif.Image.{name}")) for name in ("Make", "Model"))
    # Some makers are in the name of the model as well: "Canon", "Canon EOS R5".
    camera = model if make and model.casefold().startswith(make.split()[0].casefold()) else f"{make} {model}".strip()
    times = (exif.get(name) for name in ("Exif.Photo.DateTimeOriginal", "Exif.Photo.DateTimeDigitized"))
    return Shot(next(filter(None, map(_moment, map(_text, times))), None), camera[:_LONGEST])


def _moment(text: str) -> datetime | None:
    """Parse a time as EXIF spells it."""
    try:
        return datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def _text(value: str | list[str] | None) -> str:
    text = value if isinstance(value, str) else ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _tried(read: Callable[[str], T], nothing: T) -> T:
    try:
        # Latin-1 gives every byte back, whatever it means.
        return read("latin-1")
    except Exception:  # pyexiv2 fails in many ways on what is damaged
        return nothing


def is_damaged(data: bytes) -> bool:
    """Tell whether some of what a photo's file says cannot be read; the photo itself must be one that can be opened."""
    try:
        with _opened(data):
            pass
        with Pillow.open(io.BytesIO(data)) as source:
            # Exiv2 keeps quiet about a block that is not EXIF at all.
            Pillow.Exif().load(source.info.get("exif", b""))
    except Exception:  # Pillow's reader fails in many ways
        return True
    return False


def set_iptc(data: bytes, fields: Iptc) -> bytes:
    """Set IPTC fields of a JPEG, PNG or TIFF; what is said in the others stays, and all is UTF-8 afterwards.

    Raises ValueError where Exiv2 cannot write it.
    """
    try:
        with _opened(data) as file:
            there = {key: _in_unicode(value) for key, value in file.read_iptc("latin-1").items()}
            changes = {key: value for key, value in there.items() if key not in fields and not _is_ascii(value)}
            changes |= {key: value for key, value in fields.items() if value or key in there}
            if changes:
                file.modify_iptc({key: value or None for key, value in changes.items()} | {_IPTC_ENCODING: _IPTC_UTF8})
            return file.get_bytes()
    except RuntimeError as error:
        raise ValueError("Exiv2 cannot write IPTC into this file") from error


def refresh_exif(data: bytes, fields: Exif) -> bytes:
    """Set those EXIF fields of a JPEG that it has; none of them where that would cost it another."""
    try:
        with _opened(data) as file:
            before = file.read_exif("latin-1")
            changes = {key: value for key, value in fields.items() if before.get(key, value) != value}
            if not changes:
                return data
            file.modify_exif(changes)
            made = file.get_bytes()
        with _opened(made) as file:
            after = file.read_exif("latin-1")
    except Exception:  # as in `_tried`
        return data
    # A maker note that Exiv2 knows is compared field by field; of others it does not know what tells of places.
    others = {key: value for key, value in before.items() if key not in changes and not key.endswith(_MOVED)}
    if others.pop(_MAKER_NOTE, None) and {key.split(".")[1] for key in before} <= _WITHOUT_MAKER:
        return data
    return made if all(after.get(key) == value for key, value in others.items()) else data


def set_xmp(data: bytes, packet: bytes) -> bytes:
    """Put an XMP packet, UTF-8, into a file. Raises ValueError where Exiv2 cannot write it."""
    try:
        with _opened(data) as file:
            file.modify_raw_xmp(packet.decode())
            return file.get_bytes()
    except RuntimeError as error:
        raise ValueError("Exiv2 cannot write XMP into this file") from error


def _in_unicode(value: str | list[str]) -> str | list[str]:
    """Decode what was read as Latin-1: it is UTF-8, whatever the file says, or else what Windows wrote."""
    if isinstance(value, list):
        return [_in_unicode(each) for each in value]
    data = value.encode("latin-1")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _is_ascii(value: str | list[str]) -> bool:
    return "".join(value).isascii()


def _changed(data: bytes, change: Callable[["pyexiv2.ImageData"], None]) -> bytes:
    """Change what a file tells; one for which that does not work stays as it is."""
    try:
        with _opened(data) as file:
            change(file)
            return file.get_bytes()
    except (RuntimeError, UnicodeDecodeError):
        return data


def _set_xmp(file: "pyexiv2.ImageData", xmp: str, sizes: dict[str, int], cropped: bool) -> None:
    file.modify_raw_xmp(xmp)
    changes = {}
    for key in file.read_xmp():
        name = key.rsplit(".", 1)[1]
        if name == "Orientation":
            changes[key] = "1"
        elif name in sizes:
            changes[key] = str(sizes[name])
        elif cropped and key.startswith(_REGIONS):
            changes[key] = None
    if changes:
        file.modify_xmp(changes)


def _edit(block: bytes, tags: dict[str, str]) -> bytes | None:
    """Set tags in EXIF, the orientation to 1, and drop the thumbnail. Exiv2 edits files: it is lent one."""
    carrier = io.BytesIO()
    try:
        Pillow.new("L", (1, 1)).save(carrier, "JPEG", exif=block)
        with _opened(carrier.getvalue()) as file:
            file.clear_thumbnail()
            file.modify_exif({**tags, "Exif.Image.Orientation": "1"})
            carrier = io.BytesIO(file.get_bytes())
        return Pillow.open(carrier).info.get("exif")
    except (RuntimeError, ValueError, OSError):
        return None


@contextmanager
def _opened(data: bytes, lenient: bool = False) -> Iterator["pyexiv2.ImageData"]:
    """Open a file with Exiv2, for one thread at a time. Raises RuntimeError for what Exiv2 cannot read.

    lenient: only where it can read nothing; else where anything is damaged.
    """
    import pyexiv2

    with _exiv2:
        # Errors are raised; warnings would fill the log with the oddities of visitors' files.
        pyexiv2.set_log_level(4 if lenient else 3)
        with pyexiv2.ImageData(data) as file:
            yield file
