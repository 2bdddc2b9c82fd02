"""Which lens a photo was taken with, and what it did to it: by the DNG itself, or by lensfun's database.

The database (https://lensfun.github.io, CC BY-SA 3.0) comes with lensfunpy, whose modifiers are asked what becomes of
places along a radius: its models need not be known here.
"""

import re
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from envo import names, opcodes, xmp
from envo.edits import Lens
from envo.file import PhotoFile
from envo.lens import DISTANCES, Profile, Size
from envo.photo import fit

if TYPE_CHECKING:
    import lensfunpy

MOST = 40
"""Lenses that a search gives at most."""

_EDGE = 4096
"""Long edge of the picture that lensfun is asked about, in pixels, and for vignetting, that it changes."""
_VIGNETTED = 512
_DISTANCE = 1000.0
"""Metres: where the distance is not told."""
_APERTURE = 8.0
"""The f-number where it is not told: one of little vignetting."""
_PLACES = 7
"""Decimals of the tables, which leave places within a thousandth of a pixel."""
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
# Nothing says that a database may be asked by several threads.
_asking = threading.Lock()


@dataclass(frozen=True)
class Optics:
    """What a photo tells of how it was taken; "" and None for what it does not.

    maker, camera, lens: as the camera calls them. focal: millimetres. aperture: f-number. distance: metres.
    """

    maker: str = ""
    camera: str = ""
    lens: str = ""
    focal: float | None = None
    aperture: float | None = None
    distance: float | None = None


@dataclass(frozen=True, eq=False)
class Told:
    """All that a photo tells by which its lens is found. size: width and height. own: what a DNG says itself."""

    optics: Optics
    size: Size
    own: Profile | None


def told(file: PhotoFile) -> Told:
    """Read what a photo tells of its lens. Raises UserError for what is no photo."""
    header = file.header
    return Told(_optics(file), (header.width, header.height), opcodes.read(file) if file.kind == "RAW" else None)


def find(told: Told, wish: Lens) -> Profile | None:
    """Find what corrects a photo by the lens that an edit names, or by what the photo tells where it names none.

    A DNG's own comes first. None where nothing is known.
    """
    if told.own and not wish.model:
        return told.own
    return _measured(told.optics, told.size, wish.maker, wish.model)


def _optics(file: PhotoFile) -> Optics:
    exif = file.blocks.exif
    maker, camera = (_text(exif.get(f"Exif.Image.{name}")) for name in ("Make", "Model"))
    called = (file.facts.lens, *(_text(exif.get(key)) for key in ("Exif.Photo.LensModel", "Exif.Canon.LensModel")))
    lens = next(filter(None, called), "") or _in_xmp(file)
    focal, aperture, distance = (
        _number(exif.get(f"Exif.Photo.{name}") or exif.get(f"Exif.Image.{name}"))
        for name in ("FocalLength", "FNumber", "SubjectDistance")
    )
    return Optics(maker, camera, names.printable(lens), focal, aperture, distance)


def search(text: str) -> list[tuple[str, str]]:
    """List lenses of which each word of a text is in the maker's name or the lens's: pairs of these, `MOST` at most."""
    words = names.folded(text).split()
    found = (each for each in _all() if all(word in names.folded(" ".join(each)) for word in words))
    return [each for each, _ in zip(found, range(MOST), strict=False)]


@cache
def _database() -> "lensfunpy.Database":
    import lensfunpy

    return lensfunpy.Database(load_common=False)


@cache
def _all() -> list[tuple[str, str]]:
    """Give the names of all lenses, sorted."""
    with _asking:
        lenses = {(each.maker, each.model) for each in _database().lenses}
    return sorted(lenses, key=lambda each: tuple(map(names.folded, each)))


@lru_cache(256)
def _measured(told: Optics, size: tuple[int, int], maker: str, model: str) -> Profile | None:
    """Ask lensfun about a lens by its names, or where these are "", by what a photo of `size` tells."""
    with _asking:
        cameras = _database().find_cameras(told.maker, told.camera) if told.camera else []
        camera = cameras[0] if cameras else None
        lens = _named(camera, maker, model) if model else _found(camera, told.lens)
        if lens is None:
            return None
        return _profile(lens, camera.crop_factor if camera else lens.crop_factor, told, size)


def _named(camera: "lensfunpy.Camera | None", maker: str, model: str) -> "lensfunpy.Lens | None":
    """Find a lens by its names: as it was measured on a sensor like the camera's."""
    lenses = [each for each in _database().lenses if (each.maker, each.model) == (maker, model)]
    crop = camera.crop_factor if camera else 0
    return min(lenses, key=lambda each: abs(each.crop_factor - crop), default=None)


def _found(camera: "lensfunpy.Camera | None", told: str) -> "lensfunpy.Lens | None":
    """Find the lens of a camera by what a photo calls it; None where none is surely that one."""
    if camera is None:
        return None
    if told:
        alike = [each for each in _database().find_lenses(camera, None, told) if _numbers(each.model) == _numbers(told)]
        if alike:
            return min(alike, key=lambda each: len(_words(each.model) ^ _words(f"{each.maker} {told}")))
    # The mount of what cannot be taken off has a name in small letters.
    if not camera.mount[:1].islower():
        return None
    lenses = [each for each in _database().find_lenses(camera) if camera.mount in each.mounts]
    return lenses[0] if len(lenses) == 1 else None


def _profile(lens: "lensfunpy.Lens", crop: float, told: Optics, size: tuple[int, int]) -> Profile | None:
    """Sample what a lens does along a radius of a photo of `size`; None for a lens that was not measured."""
    takes = (told.focal or lens.min_focal, told.aperture or _APERTURE, told.distance or _DISTANCE)
    distortion, apart = _bending(lens, crop, takes, size)
    gain = _lighting(lens, crop, takes, size)
    if distortion is None and apart is None and gain is None:
        return None
    red, blue = apart or (None, None)
    return Profile("lensfun", lens.maker, lens.model, distortion=distortion, red=red, blue=blue, gain=gain)


def _modifier(
    lens: "lensfunpy.Lens", crop: float, takes: tuple[float, ...], size: Size, what: str
) -> "lensfunpy.Modifier":
    import lensfunpy

    made = lensfunpy.Modifier(lens, crop, *size)
    made.initialize(*takes, scale=1.0, pixel_format=np.float32, flags=getattr(lensfunpy.ModifyFlags, what))
    return made


def _bending(
    lens: "lensfunpy.Lens", crop: float, takes: tuple[float, ...], size: Size
) -> tuple[np.ndarray | None, tuple[np.ndarray, np.ndarray] | None]:
    """Give the tables of distortion, and of red and blue; see `Profile`."""
    size = fit(*size, _EDGE)
    middle, half = ((size[0] - 1) / 2, (size[1] - 1) / 2), np.hypot(*size) / 2
    along = np.arange(1, int(DISTANCES[-1] * half) + 2)

    def table(bent: np.ndarray) -> np.ndarray:
        """Give by what places on the radius, N, are farther from the middle than those along it."""
        return np.interp(DISTANCES, along / half, (bent[1:].astype(float) - middle[0]) / along)

    bent = _modifier(lens, crop, takes, size, "DISTORTION").apply_geometry_distortion(*middle, len(along) + 1, 1)
    apart = _modifier(lens, crop, takes, size, "TCA").apply_subpixel_distortion(*middle, len(along) + 1, 1)
    distortion = None if bent is None else _rounded(table(bent[0, :, 0]))
    if apart is None:
        return distortion, None
    red, green, blue = (table(apart[0, :, channel, 0]) for channel in range(3))
    return distortion, (_rounded(red / green), _rounded(blue / green))


def _lighting(lens: "lensfunpy.Lens", crop: float, takes: tuple[float, ...], size: Size) -> np.ndarray | None:
    """Give the table of what takes vignetting back; see `Profile`."""
    size = fit(*size, _VIGNETTED)
    light = np.ones((size[1], size[0], 3), np.float32)
    if not _modifier(lens, crop, takes, size, "VIGNETTING").apply_color_modification(light):
        return None
    # From the middle to the corner.
    shares = np.linspace(0.5, 0, 2 * max(size))
    columns, rows = (np.rint(shares * (length - 1)).astype(int) for length in size)
    away = np.hypot(columns - (size[0] - 1) / 2, rows - (size[1] - 1) / 2) / np.hypot(size[0] - 1, size[1] - 1) * 2
    order = np.argsort(away)
    return _rounded(np.interp(DISTANCES, away[order], light[rows, columns, 1][order].astype(float)))


def _rounded(table: np.ndarray) -> np.ndarray:
    return np.round(table, _PLACES)


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(names.folded(text)) if not word[0].isdigit()} - {"f", "mm"}


def _numbers(text: str) -> list[float]:
    return sorted(float(word) for word in _WORD.findall(text) if word[0].isdigit())


def _text(value: str | list[str] | None) -> str:
    return names.printable(value) if isinstance(value, str) else ""


def _in_xmp(file: PhotoFile) -> str:
    """Read what Lightroom and Adobe's DNG converter call the lens."""
    try:
        return xmp.text(xmp.properties(file.blocks.xmp).get("aux:Lens")) if file.blocks.xmp else ""
    except ValueError:
        return ""


def _number(value: str | list[str] | None) -> float | None:
    """Read a positive number that EXIF tells as a fraction; None for what is none."""
    top, _, bottom = value.partition("/") if isinstance(value, str) else ("", "", "")
    try:
        number = float(top) / float(bottom or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return number if 0 < number < 1e5 else None
