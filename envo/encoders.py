"""Pictures as files of every format that Envo writes: `encode`, one place for all of them.

What a file tells of the photo is in it from the start.
"""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image as Pillow

from envo import boxes, containers, gainjpeg, png, strips
from envo.bands import Picture, Report, Stopping
from envo.colour import Space
from envo.containers import Told
from envo.errors import UserError
from envo.exportsettings import DEPTHS, ExportSettings

LONGEST = {"JPEG": 65_500, "WebP": 16_383, "AVIF": 65_536}
"""Longest side of formats that have such a bound, in pixels."""
MEDIA = {"JPEG XL": "image/jxl"} | {each: f"image/{each.lower()}" for each in ("JPEG", "PNG", "TIFF", "WebP", "AVIF")}
"""Media types of the formats."""
LOSSY = ("JPEG", "WebP", "AVIF", "JPEG XL")
"""Formats that are smaller for less quality."""
LEAST_QUALITY = 20
"""A file of a limited size is not made worse than this."""
_NOTHING_BRIGHTER = "Nothing in this photo is brighter than white, so it is a plain JPEG, without HDR."
_TRIES = 7
"""So often a picture is encoded for a file of a limited size, at most."""


def check(settings: ExportSettings) -> None:
    """Raise UserError for settings that do not go together."""
    if settings.depth not in DEPTHS[settings.format]:
        depths = " or ".join(map(str, DEPTHS[settings.format]))
        raise UserError(f"A {settings.format} has {depths} bits a channel, not {settings.depth}; choose another depth.")
    if settings.hdr is not None and settings.format != "JPEG":
        raise UserError("Only a JPEG takes a gain map for HDR; choose JPEG, or leave HDR out.")
    if settings.limit_kb is not None and settings.format not in LOSSY:
        raise UserError(f"A {settings.format} loses nothing, so its size cannot be limited; choose JPEG, or no limit.")


def encode(
    picture: Picture,
    settings: ExportSettings,
    told: Told,
    stopping: Stopping = lambda: None,
    report: Report = lambda fraction: None,
) -> tuple[bytes, list[str]]:
    """Write a picture as a file, of `settings`' format, depth, quality and size in kB; gives notes on it, too.

    The picture has the depth that is written (10 bits are made of 16). stopping: raises where nobody waits any more.
    Raises UserError where the format cannot hold the size, or so few kB the picture.
    """
    _check_size(picture.size, settings.format)
    if settings.format == "TIFF":
        return strips.tiff(picture, told, stopping, report), []
    pixels = picture.whole(stopping, report)
    if settings.format == "PNG":
        data, lost = containers.tell(plain(pixels, "PNG", 100, picture.icc), "PNG", told)
        return data, _unwritten(lost)
    behind = gainjpeg.behind(pixels, picture.light) if picture.light else None

    def make(quality: int) -> _Made:
        data, lost = _lossy(pixels, picture.icc, settings, quality, told)
        return (gainjpeg.joined(data, behind) if behind else data), lost

    made, notes = _limited(make, settings, stopping)
    return made, [*notes, *([_NOTHING_BRIGHTER] if picture.light and not behind else [])]


def plain(pixels: np.ndarray, format: str, quality: int, icc: bytes, subsampling: str = "4:4:4") -> bytes:
    """Write uint8 HxWxC as a JPEG (progressive), a PNG or a WebP that tells its colours alone; a PNG of uint16, too.

    quality: for JPEG and WebP, of which one of 100 is lossless. icc: b"" for sRGB's grey. Raises UserError where the
    format cannot hold the size.
    """
    _check_size(pixels.shape[1::-1], format)
    if format == "PNG":
        return png.write(pixels, Space(icc or None), {})
    options = {"quality": quality, "subsampling": subsampling, "progressive": True, "optimize": True}
    if format == "WebP":
        options = {"quality": quality, "method": 3, "lossless": quality == 100}
    picture, file = Pillow.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels), io.BytesIO()
    try:
        picture.save(file, format, icc_profile=icc or None, **options)
    except OSError:
        # Pillow's memory for a JPEG of several passes is too small for what is little but noise.
        file = io.BytesIO()
        picture.save(file, format, icc_profile=icc or None, **options | {"progressive": False, "optimize": False})
    return file.getvalue()


def _check_size(size: tuple[int, int], format: str) -> None:
    longest = LONGEST.get(format)
    if longest and max(size) > longest:
        raise UserError(f"A {format} file can be at most {longest} pixels wide or high; choose PNG instead.")


_Made = tuple[bytes, list[str]]
"""A file, and the names of what it had no place for."""


def _limited(make: Callable[[int], _Made], settings: ExportSettings, stopping: Stopping) -> tuple[bytes, list[str]]:
    """Make a file of the quality that is wished, or of the best one that keeps it in its limit; gives notes, too."""
    (made, lost), limit = make(settings.quality), 1000 * (settings.limit_kb or 0)
    if not limit or len(made) <= limit:
        return made, _unwritten(lost)
    best, above = min(LEAST_QUALITY, settings.quality), settings.quality
    stopping()
    made = make(best)[0] if best < above else made
    if len(made) > limit:
        raise UserError(
            f"Even of quality {best} this {settings.format} takes {-(-len(made) // 1000)} kB; allow it more, or make it"
            " smaller."
        )
    for _ in range(_TRIES - 2):
        if above - best <= 1:
            break
        stopping()
        middle = (best + above) // 2
        tried = make(middle)[0]
        best, above, made = (middle, above, tried) if len(tried) <= limit else (best, middle, made)
    note = f"Its quality is {best}, so that it takes no more than {settings.limit_kb} kB."
    return made, [note, *_unwritten(lost)]


def _unwritten(lost: list[str]) -> list[str]:
    return [f"The original's {' and '.join(lost)} could not be written into this file."] if lost else []


def _lossy(pixels: np.ndarray, icc: bytes, settings: ExportSettings, quality: int, told: Told) -> _Made:
    """Write uint8 HxWxC, or uint16 where the format has more bits, at a quality."""
    if settings.format == "AVIF":
        return boxes.avif(pixels, icc, settings.depth, quality, told), []
    if settings.format == "JPEG XL":
        return boxes.jpeg_xl(pixels, quality, told), []
    return containers.tell(plain(pixels, settings.format, quality, icc, settings.subsampling), settings.format, told)
