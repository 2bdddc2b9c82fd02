"""A photo's file made anew from other pixels: the same format, colour profile and metadata, wherever that can be."""

from dataclasses import dataclass

import numpy as np

from envo import description, metadata, photo
from envo.description import Description
from envo.errors import UserError
from envo.settings import MAX_FILE_BYTES

FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "WebP": "WebP", "HEIC": "JPEG", "AVIF": "JPEG"}
"""What becomes of a format; the others, none of which `photo.encode` writes either, lose nothing as PNG."""
_QUALITIES = (95, 90, 80, 60)


@dataclass(frozen=True)
class Remade:
    """A file, its format, and what a visitor should know of it: whole sentences."""

    data: bytes
    format: str
    notes: list[str]


def remake(original: bytes, header: photo.Header, exif: bytes | None, pixels: np.ndarray, cropped: bool) -> Remade:
    """Write pixels, uint8 HxWx3 sRGB, as a file like the original.

    header, exif: of the decoded original. cropped: whether parts of it are elsewhere in `pixels`, or enlarged. The
    original's profile stays where the pixels can be converted to it; EXIF, XMP and IPTC stay. A file that the library
    would not take for its size becomes a JPEG, of lower quality if need be.
    """
    height, width = pixels.shape[:2]
    like = photo.traits(original)
    wished = FORMATS.get(header.format, "PNG")
    notes = _notes(header, like)
    if exif:
        exif = metadata.sized(exif, width, height)
    # Regions are where the original has them stored; what is made is stored upright.
    is_turned = photo.stored(original).orientation != 1
    turned = description.read(original).regions if is_turned and not cropped else None
    for format, quality in _ways(wished):
        try:
            data = photo.encode(pixels, format, quality, exif, like=like)
        except UserError:
            continue  # the format cannot hold the size; another can
        data = metadata.carry(original, data, width, height, cropped or is_turned)
        if turned:
            data = description.write(data, Description(regions=turned)).data
        if len(data) <= MAX_FILE_BYTES:
            if format != wished:
                notes.append(f"It is a {format} of quality {quality}, since as a {wished} it would be too large.")
            return Remade(data, format, notes)
    raise UserError("The restored photo is too large for one file; enlarge it less.")


def _ways(wished: str) -> list[tuple[str, int]]:
    """Formats and qualities to try, in turn."""
    ways = [("PNG", 100)] if wished == "PNG" else [(wished, quality) for quality in _QUALITIES]
    return ways if wished == "JPEG" else [*ways, *(("JPEG", quality) for quality in _QUALITIES)]


def _notes(header: photo.Header, like: photo.Traits) -> list[str]:
    notes = []
    if header.bit_depth > 8:
        notes.append(f"The original has {header.bit_depth} bits a channel; the restored photo has 8.")
    if like.animated:
        notes.append("The original moves; its first picture was restored.")
    if like.transparent:
        notes.append("What was transparent in the original is white now.")
    return notes
