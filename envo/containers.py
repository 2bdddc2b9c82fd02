"""XMP and IPTC put into files, whose pictures stay as they were, to the byte.

Exiv2 would write EXIF anew, too, or leave out what it cannot read. So of a JPEG, PNG or WebP it is given the IPTC, and
no more; a TIFF, which is nothing but fields, it writes as a whole.
"""

import hashlib
import io
import struct
import zlib
from collections.abc import Callable, Iterable

from PIL import Image as Pillow

from envo import metadata, xmp
from envo.metadata import Exif, Iptc
from envo.settings import MAX_FILE_BYTES

_EXIF = b"Exif\0"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_IPTC = b"Photoshop 3.0\0"
_IPTC = b"8BIM\x04\x04\0\0"
_DIGEST = b"8BIM\x04\x25\0\0\0\0\0\x10"
_MPF = b"MPF\0"
_PNG_XMP = b"XML:com.adobe.xmp\0"
_PNG_IPTC = b"Raw profile type iptc\0"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")

_STORED = ((273, 279), (324, 325))
"""TIFF's fields of where the picture is, in strips or tiles, and how long each is."""
_SUB_IFDS = 330
_TIFF_XMP = 700
_ELSEWHERE = (_TIFF_XMP, 33723, 34377, 34665, 34853)
"""TIFF's fields of XMP, IPTC, Photoshop, EXIF and GPS."""

Parts = list[bytes]


def put(data: bytes, format: str, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    """Put an XMP packet into a file of one of `FORMATS`, and fields of IPTC, which WebP does not have.

    exif: fields that only a JPEG which has them gets. Raises ValueError for a file that is damaged where it tells of
    itself, or cannot hold so much.
    """
    try:
        return FORMATS[format](data, packet, iptc, exif)
    except Exception as error:  # what is damaged fails in many ways
        raise ValueError(f"this {format} cannot be written into") from error


def packet_in(data: bytes, format: str) -> bytes:
    """Find the XMP packet in a file of one of `FORMATS`, as it is; b"" for none. Raises ValueError as `put` does."""
    try:
        if format == "TIFF":
            with Pillow.open(io.BytesIO(data), formats=["TIFF"]) as source:
                return bytes(source.tag_v2.get(_TIFF_XMP, b""))
        split, is_xmp, body = {
            "JPEG": (_split_jpeg, _is_jpeg_xmp, lambda segment: segment[4 + len(_JPEG_XMP) :]),
            "PNG": (_split_png, _is_png_xmp, _text),
            "WebP": (_split_webp, _is_webp_xmp, lambda chunk: chunk[8 : 8 + int.from_bytes(chunk[4:8], "little")]),
        }[format]
        return next(map(body, filter(is_xmp, split(data)[0])), b"")
    except Exception as error:  # as in `put`
        raise ValueError(f"this {format} cannot be read") from error


def _put_jpeg(data: bytes, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    """Segments are those of ISO 10918-1; the XMP specification, part 3, tells what XMP and IPTC begin with."""
    segments, rest = _split_jpeg(data)
    kept, new = _without(segments, _is_jpeg_xmp), [_segment(0xE1, _JPEG_XMP + packet)]
    if iptc:
        said = _carried(filter(_is_jpeg_iptc, kept), "JPEG", _split_jpeg, lambda data: metadata.set_iptc(data, iptc))
        kept, new = _without(kept, _is_jpeg_iptc), [*new, *map(_with_digest, filter(_is_jpeg_iptc, said))]
    blocks = [place for place, segment in enumerate(kept) if segment.startswith(_EXIF, 4)]
    if exif and blocks:
        said = _carried([kept[blocks[0]]], "JPEG", _split_jpeg, lambda data: metadata.refresh_exif(data, exif))
        kept[blocks[0] : blocks[0] + 1] = [segment for segment in said if segment.startswith(_EXIF, 4)]
    place = 1
    while place < len(kept) and (kept[place][1] == 0xE0 or kept[place].startswith(_EXIF, 4)):
        place += 1
    made = [*kept[:place], *new, *kept[place:]]
    # More pictures behind the first are found by how far they are from this segment (CIPA DC-007).
    if _behind(made, _MPF) != _behind(segments, _MPF):
        raise ValueError("what comes with this JPEG would not be found any more")
    return b"".join([*made, rest])


def _is_jpeg_xmp(segment: bytes) -> bool:
    return segment[1] == 0xE1 and segment.startswith(_JPEG_XMP, 4)


def _is_jpeg_iptc(segment: bytes) -> bool:
    return segment[1] == 0xED and segment.startswith(_JPEG_IPTC, 4)


def _put_png(data: bytes, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    """Chunks are those of ISO 15948; IPTC is where ImageMagick puts it, and all others look for it."""
    chunks, rest = _split_png(data)
    kept, new = _without(chunks, _is_png_xmp), [_chunk(b"iTXt", _PNG_XMP + b"\0\0\0\0" + packet)]
    if iptc:
        said = _carried(filter(_is_png_iptc, kept), "PNG", _split_png, lambda data: metadata.set_iptc(data, iptc))
        kept, new = _without(kept, _is_png_iptc), [*new, *filter(_is_png_iptc, said)]
    return b"".join([*kept[:2], *new, *kept[2:], rest])


def _is_png_xmp(chunk: bytes) -> bool:
    return chunk.startswith(b"iTXt" + _PNG_XMP, 4)


def _is_png_iptc(chunk: bytes) -> bool:
    return chunk[4:8] in _TEXTS and chunk.startswith(_PNG_IPTC, 8)


def _text(chunk: bytes) -> bytes:
    """Read the text of a PNG's iTXt: a byte tells whether it is compressed, two words and what they end with follow."""
    is_compressed, rest = chunk[8 + len(_PNG_XMP)], chunk[10 + len(_PNG_XMP) : -4]
    text = rest.split(b"\0", 2)[2]
    return zlib.decompressobj().decompress(text, MAX_FILE_BYTES) if is_compressed else text


def _put_webp(data: bytes, packet: bytes, iptc: Iptc, exif: Exif) -> bytes:
    """Chunks are those of RFC 9649: an extended file says in its first one what else it has."""
    chunks, rest = _split_webp(data)
    kept = _without(chunks, _is_webp_xmp)
    if not kept[0].startswith(b"VP8X"):
        with Pillow.open(io.BytesIO(data), formats=["WEBP"]) as source:
            size = struct.pack("<II", source.width - 1, source.height - 1)
            alpha = 0x10 if source.mode == "RGBA" else 0
        kept.insert(0, _riff(b"VP8X", bytes([alpha, 0, 0, 0]) + size[0:3] + size[4:7]))
    kept[0] = kept[0][:8] + bytes([kept[0][8] | 0x04]) + kept[0][9:]
    body = b"".join([b"WEBP", *kept, _riff(b"XMP ", packet)])
    return b"RIFF" + struct.pack("<I", len(body)) + body + rest


def _is_webp_xmp(chunk: bytes) -> bool:
    return chunk.startswith(b"XMP ")


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


def _carried(
    parts: Iterable[bytes], format: str, split: Callable[[bytes], tuple[Parts, bytes]], change: Callable[[bytes], bytes]
) -> Parts:
    """Have Exiv2 change parts of a file, as parts of a file of one pixel; gives all of that one's."""
    file = io.BytesIO()
    Pillow.new("L", (1, 1)).save(file, format)
    carrier, rest = split(file.getvalue())
    return split(change(b"".join([*carrier[:2], *parts, *carrier[2:], rest])))[0]


def _with_digest(segment: bytes) -> bytes:
    """Bring up to date, where there is one, the checksum by which readers tell whether IPTC or XMP is the newer."""
    digest, iptc = segment.find(_DIGEST), segment.find(_IPTC)
    if digest < 0 or iptc < 0:
        return segment
    start = iptc + len(_IPTC) + 4
    length = struct.unpack_from(">I", segment, start - 4)[0]
    checksum = hashlib.md5(segment[start : start + length], usedforsecurity=False).digest()
    return segment[: digest + len(_DIGEST)] + checksum + segment[digest + len(_DIGEST) + 16 :]


def _split_jpeg(data: bytes) -> tuple[Parts, bytes]:
    """Split into its start, the segments before the picture, and the rest."""
    parts, at = [data[:2]], 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        if data[at + 1] == 0xFF:  # fills
            parts[-1] += b"\xff"
            at += 1
            continue
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        parts.append(data[at:end])
        at = end
    if data[at] != 0xFF:
        raise ValueError("this JPEG has something between its segments")
    return parts, data[at:]


def _split_png(data: bytes) -> tuple[Parts, bytes]:
    """Split into its start, chunks, and what comes after the last."""
    parts, at = [data[:8]], 8
    while parts[-1][4:8] != b"IEND":
        end = at + 12 + struct.unpack_from(">I", data, at)[0]
        parts.append(data[at:end])
        at = end
    return parts, data[at:]


def _split_webp(data: bytes) -> tuple[Parts, bytes]:
    """Split into chunks, each with the byte that makes its length even, and what comes after the last."""
    parts, at, end = [], 12, 8 + struct.unpack_from("<I", data, 4)[0]
    while at < end:
        length = struct.unpack_from("<I", data, at + 4)[0]
        parts.append(_riff(data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return parts, data[at:]


def _segment(marker: int, body: bytes) -> bytes:
    if len(body) > 65533:
        raise ValueError("a JPEG cannot hold so much")
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _without(parts: Parts, gone: Callable[[bytes], bool]) -> Parts:
    return [part for part in parts if not gone(part)]


def _behind(segments: Parts, name: bytes) -> int | None:
    """Count the bytes of the segments after the one that begins so; None where there is none."""
    for number, segment in enumerate(segments):
        if segment.startswith(name, 4):
            return sum(map(len, segments[number + 1 :]))
    return None
