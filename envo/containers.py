"""XMP, IPTC and EXIF put into files, whose pictures stay as they were, to the byte.

Exiv2 would write EXIF anew, too, or leave out what it cannot read. So of a JPEG, PNG or WebP it is given the IPTC, and
no more; a TIFF, which is nothing but fields, it writes as a whole.
"""

import hashlib
import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from PIL import Image as Pillow

from envo import metadata, mpf, segments, xmp
from envo.exif import Block
from envo.metadata import Exif, Iptc
from envo.segments import Parts

_IPTC = b"8BIM\x04\x04\0\0"
_DIGEST = b"8BIM\x04\x25\0\0\0\0\0\x10"

_STORED = ((273, 279), (324, 325))
"""TIFF's fields of where the picture is, in strips or tiles, and how long each is."""
_SUB_IFDS = 330
_TIFF_XMP = 700
_ELSEWHERE = (_TIFF_XMP, 33723, 34377, 34665, 34853)
"""TIFF's fields of XMP, IPTC, Photoshop, EXIF and GPS."""


@dataclass(frozen=True)
class Told:
    """What a file tells of its photo: a block of EXIF or None, an XMP packet or b"", and fields of IPTC."""

    exif: bytes | None = None
    packet: bytes = b""
    iptc: Iptc = field(default_factory=dict)


def tell(data: bytes, format: str, told: Told) -> tuple[bytes, list[str]]:
    """Put all of it into a JPEG, PNG or WebP; gives the names of what it has no place for. Raises as `put` does."""
    if told == Told():
        return data, []
    made = set_exif(data, format, told.exif)
    for iptc, lost in ((told.iptc, []), ({}, ["IPTC"])):
        try:
            return put(made, format, told.packet, iptc, {}), lost
        except ValueError:
            continue
    return made, ["IPTC", "XMP"]


def iptc_records(fields: Iptc) -> bytes:
    """Write fields of IPTC as a TIFF holds them. Raises ValueError where Exiv2 cannot."""
    (said,) = _with_iptc([], "JPEG", fields)
    start = said.index(_IPTC) + len(_IPTC) + 4
    return said[start : start + struct.unpack_from(">I", said, start - 4)[0]]


def put(data: bytes, format: str, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    """Put an XMP packet into a file of one of `FORMATS`, and fields of IPTC, which WebP does not have.

    packet: b"" for none. exif: values of fields that only a file which has them gets; not a TIFF. Raises ValueError for
    a file that is damaged where it tells of itself, or cannot hold so much.
    """
    try:
        return FORMATS[format](data, packet, iptc, exif)
    except Exception as error:  # what is damaged fails in many ways
        raise ValueError(f"this {format} cannot be written into") from error


def set_exif(data: bytes, format: str, block: bytes | None) -> bytes:
    """Give a JPEG, PNG or WebP this EXIF in place of its own; None: none. Raises ValueError as `put` does."""
    kind = segments.FORMATS[format]
    try:
        parts, rest = kind.split(data)
        kept = segments.without(parts, kind.is_exif)
        if block:
            kept.insert({"JPEG": _after_head(kept), "PNG": 2, "WebP": len(kept)}[format], kind.as_exif(block))
        return _joined(data, format, mpf.kept(parts, kept) if format == "JPEG" else kept, rest)
    except Exception as error:  # as in `put`
        raise ValueError(f"this {format} cannot be written into") from error


def packet_in(data: bytes, format: str) -> bytes:
    """Find the XMP packet in a file of one of `FORMATS`, as it is; b"" for none. Raises ValueError as `put` does."""
    try:
        if format == "TIFF":
            with Pillow.open(io.BytesIO(data), formats=["TIFF"]) as source:
                return bytes(source.tag_v2.get(_TIFF_XMP, b""))
        return segments.packet_in(data, format)
    except Exception as error:  # as in `put`
        raise ValueError(f"this {format} cannot be read") from error


def _put_jpeg(data: bytes, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    """The XMP specification, part 3, tells what XMP and IPTC begin with."""
    kind = segments.FORMATS["JPEG"]
    parts, rest = kind.split(data)
    kept, new = segments.without(parts, kind.is_xmp), [kind.as_xmp(packet)] if packet else []
    if iptc:
        said = _with_iptc(filter(kind.is_iptc, kept), "JPEG", iptc)
        kept, new = segments.without(kept, kind.is_iptc), [*new, *map(_with_digest, said)]
    kept = _with_exif(kept, "JPEG", exif)
    place = _after_head(kept)
    made = [*kept[:place], *new, *kept[place:]]
    if not rest.startswith(b"\xff"):
        raise ValueError("this JPEG has something between its segments")
    return _joined(data, "JPEG", mpf.kept(parts, made), rest)


def _put_png(data: bytes, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    """IPTC is where ImageMagick puts it, and all others look for it."""
    kind = segments.FORMATS["PNG"]
    parts, rest = kind.split(data)
    kept, new = segments.without(parts, kind.is_xmp), [kind.as_xmp(packet)] if packet else []
    if iptc:
        said = _with_iptc(filter(kind.is_iptc, kept), "PNG", iptc)
        kept, new = segments.without(kept, kind.is_iptc), [*new, *said]
    kept = _with_exif(kept, "PNG", exif)
    return _joined(data, "PNG", [*kept[:2], *new, *kept[2:]], rest)


def _put_webp(data: bytes, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    kind = segments.FORMATS["WebP"]
    parts, rest = kind.split(data)
    kept = _with_exif(segments.without(parts, kind.is_xmp), "WebP", exif)
    return _joined(data, "WebP", [*kept, *([kind.as_xmp(packet)] if packet else [])], rest)


def _put_tiff(data: bytes, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    made = metadata.set_iptc(metadata.set_xmp(data, packet), iptc)
    # Exiv2 does not know every kind of TIFF, and spells XMP in its own way.
    if _told(made) != _told(data) or xmp.properties(packet_in(made, "TIFF")) != xmp.properties(packet):
        raise ValueError("Exiv2 cannot write into this TIFF without losing something")
    return made


FORMATS = {"JPEG": _put_jpeg, "PNG": _put_png, "WebP": _put_webp, "TIFF": _put_tiff}
"""What can be written into, as `envo.photo.Header` names it."""


def _told(data: bytes) -> list[tuple[dict, bytes]]:
    """Give for each picture in a TIFF its fields, less those that tell of others or where they are, and a checksum."""
    pages = []
    with Pillow.open(io.BytesIO(data), formats=["TIFF"]) as source:
        for number in range(source.n_frames):
            source.seek(number)
            tags = dict(source.tag_v2)
            if _SUB_IFDS in tags:
                raise ValueError("this TIFF has pictures within pictures")
            stored = hashlib.sha256()
            for starts, lengths in _STORED:
                for start, length in zip(tags.pop(starts, ()), tags.get(lengths, ()), strict=True):
                    stored.update(data[start : start + length])
            pages.append(({tag: value for tag, value in tags.items() if tag not in _ELSEWHERE}, stored.digest()))
    return pages


def _with_iptc(parts: Iterable[bytes], format: str, iptc: Iptc) -> Parts:
    """Have Exiv2 set fields in the parts of a file that are IPTC."""
    kind = segments.FORMATS[format]
    made = metadata.set_iptc(segments.of_one_pixel(format, list(parts)), iptc)
    return [part for part in kind.split(made)[0] if kind.is_iptc(part)]


def _with_exif(parts: Parts, format: str, exif: Exif) -> Parts:
    """Set fields in the first block of EXIF among the parts of a file; one that cannot be read stays as it is."""
    kind = segments.FORMATS[format]
    place = next((place for place, part in enumerate(parts) if kind.is_exif(part)), None)
    if not exif or place is None:
        return parts
    try:
        block = Block(segments.block(parts[place], format))
        before = bytes(block)
        for name, value in exif.items():
            block.set(name, value)
    except ValueError:
        return parts
    after = bytes(block)
    return parts if after == before else [*parts[:place], kind.as_exif(after), *parts[place + 1 :]]


def _after_head(parts: Parts) -> int:
    """Find the place in a JPEG behind its start and its EXIF."""
    place = 1
    while place < len(parts) and (parts[place][1] == 0xE0 or segments.FORMATS["JPEG"].is_exif(parts[place])):
        place += 1
    return place


def _joined(data: bytes, format: str, parts: Parts, rest: bytes) -> bytes:
    """Make a file of parts. An extended WebP says in its first one what else it has (RFC 9649)."""
    if format != "WebP":
        return b"".join([*parts, rest])
    parts = list(parts)
    if not parts[0].startswith(b"VP8X"):
        with Pillow.open(io.BytesIO(data), formats=["WEBP"]) as source:
            size = struct.pack("<II", source.width - 1, source.height - 1)
            alpha = 0x10 if source.mode == "RGBA" else 0
        parts.insert(0, segments.riff(b"VP8X", bytes([alpha, 0, 0, 0]) + size[0:3] + size[4:7]))
    kind = segments.FORMATS["WebP"]
    flags = parts[0][8] & ~0x0C
    flags |= 0x08 * any(map(kind.is_exif, parts)) | 0x04 * any(map(kind.is_xmp, parts))
    parts[0] = parts[0][:8] + bytes([flags]) + parts[0][9:]
    body = b"".join([b"WEBP", *parts])
    return b"RIFF" + struct.pack("<I", len(body)) + body + rest


def _with_digest(segment: bytes) -> bytes:
    """Bring up to date, where there is one, the checksum by which readers tell whether IPTC or XMP is the newer."""
    digest, iptc = segment.find(_DIGEST), segment.find(_IPTC)
    if digest < 0 or iptc < 0:
        return segment
    start = iptc + len(_IPTC) + 4
    length = struct.unpack_from(">I", segment, start - 4)[0]
    checksum = hashlib.md5(segment[start : start + length], usedforsecurity=False).digest()
    return segment[: digest + len(_DIGEST)] + checksum + segment[digest + len(_DIGEST) + 16 :]
