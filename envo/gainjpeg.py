"""JPEG files with a gain map: the base, which any viewer shows, and behind it the map, a JPEG of its own.

Written so that all find it who look for one: by ISO 21496-1, by Adobe's and Google's XMP ("Ultra HDR"), and by the
list of pictures (`envo.mpf`). Read, too, as Apple writes it.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from PIL import Image as Pillow

from envo import gainmap, mpf, segments, xmp
from envo.gainmap import AppleNumbers, Found, Light, Numbers
from envo.segments import FORMATS, Parts

_ISO = b"urn:iso:std:iso:ts:21496:-1\0"
_CONTAINER = "http://ns.google.com/photos/1.0/container/"
_ITEM = f"{{{_CONTAINER}item/}}"
_DIRECTORY = f"{{{_CONTAINER}}}Directory"
_APPLE_HEADROOM = "{http://ns.apple.com/HDRGainMap/1.0/}HDRGainMapHeadroom"
_APPLE_NOTE = b"Apple iOS\0"
_QUALITY = 90
"""Of the map: its noise is multiplied with the base's."""


def find(data: bytes) -> Found | None:
    """Find the gain map of a JPEG; None where it has none, or none that makes it brighter."""
    try:
        parts, _ = segments.split_jpeg(data)
        for start, size in _behind(parts, data):
            if data[start : start + 3] == b"\xff\xd8\xff":
                picture = data[start : start + size] if size else data[start:]
                numbers = _numbers(segments.split_jpeg(picture)[0], parts)
                if numbers:
                    return Found(picture, "JPEG", numbers)
    except (struct.error, IndexError, ValueError):
        return None
    return None


def _behind(parts: Parts, data: bytes) -> Iterator[tuple[int, int]]:
    """Give where pictures behind the first one may begin, and how long they are, 0 where that is not told."""
    yield from mpf.pictures(parts)
    packet = next((FORMATS["JPEG"].xmp(part) for part in parts if FORMATS["JPEG"].is_xmp(part)), b"")
    if b"GainMap" not in packet:
        return
    items = xmp.properties(packet).get(_DIRECTORY)
    lengths, kinds = [], []
    for each in items if isinstance(items, list) else []:
        item = each.get(f"{{{_CONTAINER}}}Item", each) if isinstance(each, dict) else {}
        length = xmp.text(item.get(f"{_ITEM}Length"))
        lengths.append(int(length) if length.isdecimal() else 0)
        kinds.append(xmp.text(item.get(f"{_ITEM}Semantic")))
    if "GainMap" in kinds:
        # They lie one behind the other, up to the end of the file.
        place = kinds.index("GainMap")
        yield len(data) - sum(lengths[place:]), lengths[place]


def _numbers(parts: Parts, base: Parts) -> Numbers | AppleNumbers | None:
    """Read what a picture says of itself as a gain map. base: the segments of the first picture."""
    for part in parts:
        if part[1] == 0xE2 and part.startswith(_ISO, 4) and len(part) > 4 + len(_ISO) + 4:
            return gainmap.of_iso(part[4 + len(_ISO) :])
    packet = next((FORMATS["JPEG"].xmp(part) for part in parts if FORMATS["JPEG"].is_xmp(part)), b"")
    if gainmap.APPLE.encode() not in packet:
        return gainmap.of_xmp(packet) if packet else None
    told = xmp.text(xmp.properties(packet).get(_APPLE_HEADROOM))
    if told:
        return gainmap.of_stops(float(np.log2(max(float(told), 1e-9))))
    exif = next((segments.block(part, "JPEG") for part in base if FORMATS["JPEG"].is_exif(part)), b"")
    return apple_numbers(exif)


def apple_numbers(exif: bytes) -> AppleNumbers | None:
    """Read the numbers of Apple's gain maps in a block of EXIF, whose maker note tells them."""
    note = exif[at:] if (at := exif.find(_APPLE_NOTE)) >= 0 else b""
    told = {33: 0.0, 48: 0.0}
    try:
        count = struct.unpack_from(">H", note, 14)[0]
        for at in range(16, 16 + 12 * count, 12):
            tag, kind, _, place = struct.unpack_from(">HHII", note, at)
            if tag in told and kind == 10:
                part, by = struct.unpack_from(">ii", note, place)
                told[tag] = part / by
    except (struct.error, ZeroDivisionError):
        return None
    return gainmap.of_apple(told[33], told[48]) if told[33] else None


def behind(base: np.ndarray, light: Light) -> bytes | None:
    """Write the gain map that goes behind a JPEG of a base, uint8 HxWx3 as in files of its gamut: a JPEG, too.

    None where none of the light is brighter than white.
    """
    made = gainmap.made(base, light)
    if made is None:
        return None
    file = io.BytesIO()
    Pillow.fromarray(made.values).save(file, "JPEG", quality=_QUALITY, subsampling="4:4:4")
    parts, rest = segments.split_jpeg(file.getvalue())
    parts[1:1] = [
        FORMATS["JPEG"].as_xmp(gainmap.as_xmp(made.numbers)),
        segments.segment(0xE2, _ISO + gainmap.as_iso(made.numbers)),
    ]
    return b"".join([*parts, rest])


def joined(data: bytes, other: bytes) -> bytes:
    """Put a gain map behind a JPEG, whatever that tells already, and have it tell where the map is."""
    parts, rest = segments.split_jpeg(data)
    place = next((place for place, part in enumerate(parts) if FORMATS["JPEG"].is_xmp(part)), None)
    said = _announced(len(other))
    if place is None:
        parts.insert(2, FORMATS["JPEG"].as_xmp(said))
    else:
        packet = xmp.Packet(FORMATS["JPEG"].xmp(parts[place]))
        packet.take_over(xmp.Packet(said))
        with suppress(ValueError):  # of a packet that leaves no room: the rest says where the map is, too
            parts[place] = FORMATS["JPEG"].as_xmp(bytes(packet))
    # That there is a map, in whose own segment the numbers are.
    return mpf.joined([*parts, segments.segment(0xE2, _ISO + bytes(4))], rest, other)


def _announced(length: int) -> bytes:
    """Say in XMP that a gain map of so many bytes lies behind a picture: a packet."""
    kinds = {"hdrgm": gainmap.HDRGM, "Container": _CONTAINER, "Item": f"{_CONTAINER}item/"}
    items = ('Item:Semantic="Primary"', f'Item:Semantic="GainMap" Item:Length="{length}"')
    listed = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" {item}/></rdf:li>' for item in items
    )
    directory = f"<Container:Directory><rdf:Seq>{listed}</rdf:Seq></Container:Directory>"
    return xmp.plain(kinds, {"hdrgm:Version": "1.0"}, directory)
