"""JPEG, PNG and WebP files as the parts that they are made of, and those parts that tell of the photo.

Nothing here decodes a picture, or reads what a part tells. Whatever is damaged raises; callers say ValueError.
"""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image as Pillow

from envo.exif import TYPES, Block
from envo.settings import MAX_TOLD_BYTES, MAX_XMP_BYTES

Parts = list[bytes]

_EXIF = b"Exif\0"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_JPEG_IPTC = b"Photoshop 3.0\0"
_PNG_XMP = b"XML:com.adobe.xmp\0"
_PNG_IPTC = b"Raw profile type iptc\0"
_PNG_EXIF = (b"Raw profile type exif\0", b"Raw profile type APP1\0")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_TIFF_XMP, _TIFF_IPTC = 700, (33723, 34377)
_DIRECTORIES = (330, 34665, 34853)
"""TIFF's fields of where further directories are: of pictures, of EXIF and of places."""
_MOST_DIRECTORIES = 100
_GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
_PACKET_END = b"<?xpacket end="


def split_jpeg(data: bytes) -> tuple[Parts, bytes]:
    """Split into its start, the segments before the picture, and the rest (ISO 10918-1)."""
    parts, at = [data[:2]], 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        if data[at + 1] == 0xFF:  # fills
            parts[-1] += b"\xff"
            at += 1
            continue
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        parts.append(data[at:end])
        at = end
    return parts, data[at:]


def split_png(data: bytes) -> tuple[Parts, bytes]:
    """Split into its start, chunks (ISO 15948), and what comes after the last."""
    parts, at = [data[:8]], 8
    while parts[-1][4:8] != b"IEND":
        end = at + 12 + struct.unpack_from(">I", data, at)[0]
        parts.append(data[at:end])
        at = end
    return parts, data[at:]


def split_webp(data: bytes) -> tuple[Parts, bytes]:
    """Split into chunks (RFC 9649), each with the byte that makes its length even, and what comes after the last."""
    parts, at, end = [], 12, 8 + struct.unpack_from("<I", data, 4)[0]
    while at < end:
        length = struct.unpack_from("<I", data, at + 4)[0]
        parts.append(riff(data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return parts, data[at:]


def segment(marker: int, body: bytes) -> bytes:
    """Make a segment of a JPEG. Raises ValueError for more than one can hold."""
    if len(body) > 65533:
        raise ValueError("a JPEG cannot hold so much")
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def chunk(name: bytes, body: bytes) -> bytes:
    """Make a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def riff(name: bytes, body: bytes) -> bytes:
    """Make a chunk of a WebP."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def block(part: bytes, format: str) -> bytes:
    """Give the EXIF block in a part that is EXIF."""
    if format == "JPEG":
        return part[4:]
    if format == "WebP":
        return part[8 : 8 + int.from_bytes(part[4:8], "little")]
    if part[4:8] == b"eXIf":
        return part[8:-4]
    text = part[8:-4].split(b"\0", 1)[1]
    text = zlib.decompressobj().decompress(text[1:], MAX_XMP_BYTES) if part[4:8] == b"zTXt" else text
    # Its name and its length stand before it, each in a line.
    return bytes.fromhex("".join(text.decode("latin-1").split("\n")[3:]))


def without(parts: Parts, gone: Callable[[bytes], bool]) -> Parts:
    """Leave out some parts."""
    return [part for part in parts if not gone(part)]


@dataclass(frozen=True)
class Format:
    """How a format holds what is told of the photo."""

    split: Callable[[bytes], tuple[Parts, bytes]]
    is_xmp: Callable[[bytes], bool]
    is_exif: Callable[[bytes], bool]
    is_iptc: Callable[[bytes], bool]
    xmp: Callable[[bytes], bytes]
    """Gives the packet in a part."""
    as_xmp: Callable[[bytes], bytes]
    """Makes a part of a packet. Raises ValueError where none can hold so much."""
    as_exif: Callable[[bytes], bytes]
    """Makes a part of an EXIF block, which begins with the mark that JPEG puts before it."""


def _compressed_text(part: bytes) -> bytes:
    """Read the text of a PNG's iTXt: a byte tells whether it is compressed, two words and what they end with follow."""
    is_compressed, rest = part[8 + len(_PNG_XMP)], part[10 + len(_PNG_XMP) : -4]
    text = rest.split(b"\0", 2)[2]
    return zlib.decompressobj().decompress(text, MAX_XMP_BYTES + 1) if is_compressed else text


FORMATS = {
    "JPEG": Format(
        split_jpeg,
        is_xmp=lambda part: part[1] == 0xE1 and part.startswith(_JPEG_XMP, 4),
        is_exif=lambda part: part[1] == 0xE1 and part.startswith(_EXIF, 4),
        is_iptc=lambda part: part[1] == 0xED and part.startswith(_JPEG_IPTC, 4),
        xmp=lambda part: part[4 + len(_JPEG_XMP) :],
        as_xmp=lambda packet: segment(0xE1, _JPEG_XMP + packet),
        as_exif=lambda block: segment(0xE1, block),
    ),
    "PNG": Format(
        split_png,
        is_xmp=lambda part: part.startswith(b"iTXt" + _PNG_XMP, 4),
        is_exif=lambda part: part[4:8] == b"eXIf" or (part[4:8] in _TEXTS and part.startswith(_PNG_EXIF, 8)),
        is_iptc=lambda part: part[4:8] in _TEXTS and part.startswith(_PNG_IPTC, 8),
        xmp=_compressed_text,
        as_xmp=lambda packet: chunk(b"iTXt", _PNG_XMP + b"\0\0\0\0" + packet),
        as_exif=lambda block: chunk(b"eXIf", block.removeprefix(b"Exif\0\0")),
    ),
    "WebP": Format(
        split_webp,
        is_xmp=lambda part: part.startswith(b"XMP "),
        is_exif=lambda part: part.startswith(b"EXIF"),
        is_iptc=lambda part: False,
        xmp=lambda part: part[8 : 8 + int.from_bytes(part[4:8], "little")],
        as_xmp=lambda packet: riff(b"XMP ", packet),
        as_exif=lambda block: riff(b"EXIF", block.removeprefix(b"Exif\0\0")),
    ),
}


def packet_in(data: bytes, format: str) -> bytes:
    """Find the XMP packet in a file of one of `FORMATS`, as it is; b"" for none."""
    kind = FORMATS[format]
    return next(map(kind.xmp, filter(kind.is_xmp, kind.split(data)[0])), b"")


def extended_xmp(data: bytes) -> bytes:
    """Find what a JPEG tells in XMP beyond what one segment holds (XMP specification, part 3); b"" for none."""
    try:
        parts = split_jpeg(data)[0] if data.startswith(b"\xff\xd8\xff") else []
        main = next((part for part in parts if FORMATS["JPEG"].is_xmp(part)), b"")
        pieces: dict[int, bytes] = {}
        for part in parts:
            if part[1] == 0xE1 and part.startswith(_JPEG_MORE_XMP, 4):
                body = part[4 + len(_JPEG_MORE_XMP) :]
                if body[:32] in main:
                    pieces[struct.unpack_from(">I", body, 36)[0]] = body[40:]
    except (struct.error, IndexError):
        return b""
    return b"".join(pieces[start] for start in sorted(pieces))


def packet_in_gif(data: bytes) -> bytes:
    """Find the XMP packet in a GIF, whose blocks do not hold it as they hold all else; b"" for none."""
    start = data.find(_GIF_XMP)
    end = data.find(b"?>", data.find(_PACKET_END, start)) if start >= 0 else -1
    return data[start + len(_GIF_XMP) : end + 2] if end >= 0 else b""


def packet_in_tiff(data: bytes) -> bytes:
    """Find the XMP packet in a TIFF, or in a RAW that is one; b"" for none."""
    place = _tiff_xmp(data)
    if place is None:
        return b""
    order, at = place
    length, start = struct.unpack_from(f"{order}II", data, at + 4)
    return data[start : start + length]


def lean_tiff(data: bytes) -> tuple[bytes, set[str]]:
    """Give a TIFF, or a RAW that is one, as if it had no XMP, and none of the fields that are too large to be read.

    Gives also what these are of.
    """
    order, lean, left = _order(data), bytearray(data), set()
    if order is None:
        return data, left
    todo, seen = [struct.unpack_from(f"{order}I", data, 4)[0]], set()
    while todo and len(seen) < _MOST_DIRECTORIES:
        start = todo.pop()
        if start in seen or start == 0:
            continue
        seen.add(start)
        try:
            count = struct.unpack_from(f"{order}H", data, start)[0]
            for at in range(start + 2, start + 2 + 12 * count, 12):
                tag, type, number, value = struct.unpack_from(f"{order}HHII", data, at)
                is_large = number * TYPES.get(type, 1) > MAX_TOLD_BYTES
                if tag == _TIFF_XMP or is_large:
                    lean[at + 4 : at + 12] = bytes(8)
                    left |= {"IPTC"} if is_large and tag in _TIFF_IPTC else set()
                elif tag in _DIRECTORIES:
                    places = struct.unpack_from(f"{order}{number}I", data, value) if number > 1 else (value,)
                    todo += places[:_MOST_DIRECTORIES]
            todo.append(struct.unpack_from(f"{order}I", data, start + 2 + 12 * count)[0])
        except struct.error:
            continue
    return bytes(lean), left


def _order(data: bytes) -> str | None:
    """Tell the order of bytes of a TIFF; None for one of 64 bits, or none."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    return None if len(data) < 8 or data[2:4] in (b"+\0", b"\0+") else order


def _tiff_xmp(data: bytes) -> tuple[str, int] | None:
    """Find the field of the XMP in the first directory of a TIFF, and its order of bytes."""
    order = _order(data)
    if order is None:
        return None
    try:
        start = struct.unpack_from(f"{order}I", data, 4)[0]
        count = struct.unpack_from(f"{order}H", data, start)[0]
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, type = struct.unpack_from(f"{order}HH", data, at)
            if tag == _TIFF_XMP and type in (1, 7):
                return order, at
    except struct.error:
        return None
    return None


def of_one_pixel(format: str, parts: Parts) -> bytes:
    """Make a file of one pixel with parts of another, for Exiv2 to read and change those and no more."""
    file = io.BytesIO()
    Pillow.new("L", (1, 1)).save(file, format)
    if format == "WebP":
        kept = [riff(b"VP8X", bytes([0x08, 0, 0, 0]) + bytes(6)), *split_webp(file.getvalue())[0], *parts]
        body = b"".join([b"WEBP", *kept])
        return b"RIFF" + struct.pack("<I", len(body)) + body
    carrier, rest = FORMATS[format].split(file.getvalue())
    return b"".join([*carrier[:2], *parts, *carrier[2:], rest])


def told(data: bytes, format: str) -> tuple[bytes, set[str]]:
    """Make a file of one pixel that has the EXIF and IPTC of a file of one of `FORMATS`.

    Gives also which of both is left out, for there is more than is read, or it cannot be.
    """
    kind, kept, left = FORMATS[format], [], set()
    all_parts = kind.split(data)[0]
    for name, wanted in (("EXIF", kind.is_exif), ("IPTC", kind.is_iptc)):
        parts = [_unpacked(part) for part in all_parts if wanted(part)]
        is_too_much = None in parts or sum(map(len, parts)) > MAX_TOLD_BYTES
        # Exiv2 would not read the IPTC either.
        is_broken = name == "EXIF" and not is_too_much and parts and not _is_block(block(parts[0], format))
        if is_too_much or is_broken:
            left.add(name)
        else:
            kept += parts
    return of_one_pixel(format, kept), left


def _is_block(data: bytes) -> bool:
    try:
        Block(data)
    except ValueError:
        return False
    return True


def _unpacked(part: bytes) -> bytes | None:
    """Give a part as it is; None for a PNG's whose text would be too long."""
    if part[4:8] != b"zTXt":
        return part
    try:
        packed = part[8:-4].split(b"\0", 1)[1][1:]
        return part if len(zlib.decompressobj().decompress(packed, 3 * MAX_TOLD_BYTES)) < 3 * MAX_TOLD_BYTES else None
    except (IndexError, zlib.error):
        return None
