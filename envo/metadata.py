"""What a photo's file tells of it, EXIF, XMP and IPTC, fit for what is made from it.

Exiv2 edits it, since it keeps maker notes whole.
"""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from PIL import Image as Pillow

from envo import segments
from envo.exif import MARK, Block
from envo.settings import MAX_TOLD_BYTES

if TYPE_CHECKING:
    import pyexiv2

T = TypeVar("T")

Iptc = dict[str, str | list[str] | None]
"""IPTC fields by Exiv2's name; None takes one away."""

Exif = dict[str, int | bytes | None]
"""EXIF fields by the names in `envo.exif.FIELDS`; None takes one away."""

# Exiv2 keeps state that its threads share.
_exiv2 = threading.Lock()

_JPEG_EXIF = 65_533
"""Bytes of EXIF that a JPEG holds."""
_MOVED = ("Tag", "Offset", "JPEGInterchangeFormat")
"""EXIF fields that tell where others are end so."""
_MAKER_NOTE = "Exif.Photo.MakerNote"
_WITHOUT_MAKER = {"Image", "Photo", "GPSInfo", "Iop", "Thumbnail"}
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
_NOT_DESCRIPTIVE = ("MakerNote", "PixelXDimension", "PixelYDimension", "InteroperabilityTag")


def exif(data: bytes, kind: str, told: "Blocks", lens: str = "") -> bytes | None:
    """Give the EXIF of a photo's file as `exif_of_block` does, or of a TIFF or RAW `exif_of_fields`.

    told: what `blocks` gave of it.
    """
    if kind in ("TIFF", "RAW"):
        return exif_of_fields(told.exif, lens)
    try:
        return exif_of_block(_block(data, kind) if kind in segments.FORMATS else told.block)
    except Exception:  # what is damaged fails in many ways
        return None


def _block(data: bytes, kind: str) -> bytes:
    """Find the EXIF of a JPEG, PNG or WebP as the file carries it; b"" for none."""
    format = segments.FORMATS[kind]
    blocks = [segments.block(part, kind) for part in format.split(data)[0] if format.is_exif(part)]
    # A JPEG may have it in several segments, each with the mark.
    return b"".join(block.removeprefix(MARK) for block in blocks[: None if kind == "JPEG" else 1])


def exif_of_block(block: bytes | None) -> bytes | None:
    """Turn EXIF, as a file carried it, upright and drop its thumbnail; None without any, or for broken EXIF.

    What comes back is what Pillow's `save(exif=...)` takes, unless it is too large for the format: see `fitted`.
    """
    if not block:
        return None
    try:
        made = Block(block)
        made.set("Orientation", 1)
        made.drop_thumbnail()
    except ValueError:
        return None
    return bytes(made)


def exif_of_fields(exif: "dict[str, str | list[str]]", lens: str = "") -> bytes | None:
    """Build EXIF from the fields of a TIFF or RAW, as in `Blocks`, upright; None where there are none to be had.

    The maker note stays behind, since it points into its own file; `lens` is the lens known from it. Texts are UTF-8,
    whatever they are in the file.
    """
    kept = {}
    for key, value in exif.items():
        group, name = key.rsplit(".", 1)
        if key in _DESCRIPTIVE or (
            group in ("Exif.Photo", "Exif.GPSInfo") and name not in _NOT_DESCRIPTIVE and name[:2] != "0x"
        ):
            kept[key] = value
    if lens:
        kept.setdefault("Exif.Photo.LensModel", lens)
    return _built(kept | {"Exif.Image.Orientation": "1"}) if kept else None


def fitted(block: bytes) -> tuple[bytes | None, list[str]]:
    """Make EXIF fit into a JPEG: its maker note goes first; gives it and the names of the fields that went.

    None where nothing is left, or it is more than is read.
    """
    if len(block) <= _JPEG_EXIF:
        return block, []
    if len(block) > MAX_TOLD_BYTES:
        return None, []
    before = _exif_in(block)
    kept = {key: value for key, value in before.items() if not _is_of_maker(key)}
    # Exiv2 leaves out what would be too much.
    made = _built({key: value for key, value in kept.items() if len(value) < _JPEG_EXIF})
    after = _exif_in(made) if made else {}
    gone = [] if len(kept) == len(before) else ["MakerNote"]
    return made, [*gone, *(key.rsplit(".", 1)[1] for key in kept if key not in after and not key.endswith(_MOVED))]


@dataclass(frozen=True)
class Blocks:
    """What a file says: its XMP as it is, b"" for none, and its IPTC and EXIF by Exiv2's names."""

    xmp: bytes = b""
    iptc: dict[str, str | list[str]] = field(default_factory=dict)
    exif: dict[str, str | list[str]] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    """Which of its "IPTC" and "EXIF" is damaged, or more than is read."""
    block: bytes | None = None
    """The EXIF of a HEIC or AVIF as the file carries it."""


def blocks(data: bytes, kind: str) -> Blocks:
    """Read what a file says; what is damaged or not to be had is empty. kind: as `raster.kind` tells it."""
    block = None
    try:
        xmp, block, lean, left = _READERS.get(kind, _of_plain)(data, kind)
        with _opened(lean, lenient=True) as file:
            xmp = xmp or _tried(file.read_raw_xmp, "").encode("latin-1")
            iptc, exif = _tried(file.read_iptc, None), _tried(file.read_exif, None)
    except Exception:  # what is damaged fails in many ways
        return Blocks(left=frozenset(("EXIF", "IPTC")), block=block)
    left |= {name for name, fields in (("EXIF", exif), ("IPTC", iptc)) if fields is None}
    exif = {key: _in_unicode(value) for key, value in (exif or {}).items()}
    exif = {key: value.rstrip("\0") if isinstance(value, str) else value for key, value in exif.items()}
    iptc = {key: _in_unicode(value) for key, value in (iptc or {}).items()}
    return Blocks(xmp, iptc, exif, frozenset(left), block)


_Read = tuple[bytes, bytes | None, bytes, set[str]]
"""A file's XMP; its EXIF as a block, of a HEIC or AVIF; the file without either; and which of EXIF and IPTC that lacks.

Exiv2 needs minutes and gigabytes to read much XMP, and for the others, too, if they are large.
"""


def _of_parts(data: bytes, kind: str) -> _Read:
    lean, left = segments.told(data, kind)
    return segments.packet_in(data, kind), None, lean, left


def _of_tiff(data: bytes, kind: str) -> _Read:
    """A TIFF, or a RAW, which most often is one."""
    lean, left = segments.lean_tiff(data)
    return segments.packet_in_tiff(data), None, lean, left


def _of_iso(data: bytes, kind: str) -> _Read:
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    with Pillow.open(io.BytesIO(data), formats=["HEIF", "AVIF"]) as source:
        xmp, block = source.info.get("xmp") or b"", source.info.get("exif")
    is_large = len(block or b"") > MAX_TOLD_BYTES
    return xmp, block, _carrier(None if is_large else block), {"EXIF"} if is_large else set()


def _of_gif(data: bytes, kind: str) -> _Read:
    return segments.packet_in_gif(data), None, data, set()


def _of_plain(data: bytes, kind: str) -> _Read:
    return b"", None, data, set()


_READERS: dict[str, Callable[[bytes, str], _Read]] = {
    **dict.fromkeys(segments.FORMATS, _of_parts),
    **{"TIFF": _of_tiff, "RAW": _of_tiff, "HEIC": _of_iso, "AVIF": _of_iso, "GIF": _of_gif},
}
"""What reads a file by its kind; the others carry nothing but what Exiv2 finds in them."""


def _carrier(block: bytes | None) -> bytes:
    """Make a file with this EXIF."""
    parts = [segments.FORMATS["PNG"].as_exif(block)] if block else []
    return segments.of_one_pixel("PNG", parts)


def _tried(read: Callable[[str], T], nothing: T) -> T:
    try:
        # Latin-1 gives every byte back, whatever it means.
        return read("latin-1")
    except Exception:  # pyexiv2 fails in many ways on what is damaged
        return nothing


def is_damaged(data: bytes, kind: str) -> bool:
    """Tell whether some of what a photo's file says cannot be read; the photo itself must be one that can be opened."""
    try:
        *_, lean, left = _READERS.get(kind, _of_plain)(data, kind)
        with _opened(lean):
            pass
        with Pillow.open(io.BytesIO(lean)) as source:
            # Exiv2 keeps quiet about a block that is not EXIF at all.
            Pillow.Exif().load(source.info.get("exif", b""))
    except Exception:  # Pillow's reader fails in many ways
        return True
    return bool(left)


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


def writable_iptc(fields: Iptc) -> tuple[Iptc, list[str]]:
    """Leave out of IPTC fields those that Exiv2 cannot write; gives the others, and the names of these."""
    carrier = segments.of_one_pixel("JPEG", [])
    try:
        set_iptc(carrier, fields)
    except ValueError:
        pass
    else:
        return fields, []
    good: Iptc = {}
    for key, value in fields.items():
        with suppress(ValueError):
            set_iptc(carrier, {key: value})
            good[key] = value
    return good, [key.rsplit(".", 1)[1] for key in fields if key not in good]


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
    try:
        data = value.encode("latin-1")
        return data.decode()
    except UnicodeEncodeError:
        return value  # what Windows writes in EXIF, Exiv2 has decoded already
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _is_ascii(value: str | list[str]) -> bool:
    return "".join(value).isascii()


def _exif_in(block: bytes) -> dict[str, str]:
    """Read the fields of a block by Exiv2's names; {} for a broken one."""
    try:
        with _opened(_carrier(block), lenient=True) as file:
            return file.read_exif("latin-1")
    except RuntimeError:
        return {}


def _built(fields: dict[str, str]) -> bytes | None:
    """Make EXIF of fields, each with Exiv2's name; those that it cannot write are left out."""
    carrier = segments.of_one_pixel("PNG", [])
    for some in [fields, *({key: value} for key, value in fields.items())]:
        try:
            with _opened(carrier) as file:
                file.modify_exif(some)
                carrier = file.get_bytes()
        except RuntimeError:
            continue
        if some is fields:
            break
    kind = segments.FORMATS["PNG"]
    made = next(filter(kind.is_exif, kind.split(carrier)[0]), None)
    return MARK + segments.block(made, "PNG") if made else None


def _is_of_maker(key: str) -> bool:
    """Tell whether a field of Exiv2's is the maker note, or one in it."""
    return key == _MAKER_NOTE or key.split(".")[1] not in _WITHOUT_MAKER


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
