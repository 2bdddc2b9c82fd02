"""Photos as pixels: what is known of them, their sizes, and the files that they are written into.

They come out of files by `file.PhotoFile`.
"""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Pillow

from envo import colour, encoders, names
from envo.colour import BAND
from envo.gainmap import GainMap
from envo.gamut import GAMUTS, SRGB, Gamut
from envo.output import SCREEN, displayed
from envo.settings import DISPLAY_EDGE, THUMBNAIL_EDGE
from envo.shoulder import Shoulder, from_knee

HALF_FLOAT = "application/x-envo-half"
"""Media type of a linear rendition: rows of little-endian float16 R, G, B, nothing before or after."""

EXTENSIONS = {format: names.ENDINGS[format][0] for format in ("JPEG", "PNG", "WebP")}
"""What `encode` writes, and the ending of such a file."""


@dataclass(frozen=True)
class Header:
    """What is known of a photo before its pixels are decoded.

    format: "JPEG", "PNG", "WebP", "GIF", "TIFF", "BMP", "HEIC", "AVIF" or "RAW".
    width, height: pixels, upright (after the orientation is applied).
    bit_depth: bits of each channel in the file, 8 to 16; 32 for floats.
    browser_ready: the file itself can be shown by any browser, pixel for pixel as it is decoded `wide`.
    linear: decoded as linear floats, so that highlights and depth survive editing: RAW, PNG and TIFF of more than
        8 bits, what reaches over white by itself (PQ, HLG), and colours that none of `gamut.GAMUTS` holds. Other HEIC
        and AVIF are decoded at 8.
    gamut: id of the one of `gamut.GAMUTS` that 8-bit pixels of Edit are in; the file's colours reach as far, or for
        what is `linear` perhaps farther.
    headroom: stops above white that its light reaches; 0 where it ends there, or nobody knows.
    """

    format: str
    width: int
    height: int
    bit_depth: int
    browser_ready: bool
    linear: bool
    gamut: str = "srgb"
    headroom: float = 0.0


@dataclass(frozen=True, eq=False)
class Image:
    """A decoded photo, upright.

    pixels: HxWx3, uint8 with the sRGB curve, in `gamut`; or, where `header.linear`, float32 linear sRGB, 1 being white
        and highlights going beyond; at least 0 unless decoded `wide`, where colours outside of sRGB are below.
    header: of the file; its size is the full size even where a small picture was asked for.
    gamut: id of the one that 8-bit pixels are in: sRGB's, or where they were decoded `wide`, that of the header.
    gain: what brings the pixels to the photo's own light, which reaches over white; None where they are that.
    """

    pixels: np.ndarray
    header: Header
    gamut: str = "srgb"
    gain: GainMap | None = None

    @property
    def shoulder(self) -> Shoulder | None:
        """What draws its light in where that reaches above white."""
        if self.gain:
            return self.gain.shoulder
        return from_knee(self.header.headroom) if self.header.headroom else None

    def shown(self) -> np.ndarray:
        """Give what every screen shows of it, uint8 HxWx3 sRGB: what is brighter than white is drawn in below it."""
        if self.pixels.dtype == np.uint8 or not self.shoulder:
            return as_uint8(self.pixels)
        out = np.empty(self.pixels.shape, np.uint8)
        for top in range(0, len(out), BAND):
            band = self.pixels[top : top + BAND]
            out[top : top + BAND] = displayed(band, SCREEN, self.shoulder)
        return out


@dataclass(frozen=True, eq=False)
class Values:
    """What a picture file says of each pixel, upright, without regard to colour profiles."""

    colours: np.ndarray
    """uint8 or uint16 HxWxC: one channel where the picture is grey, else red, green, blue."""
    alpha: np.ndarray | None
    """uint8 or uint16 HxW; None where nothing is transparent."""
    lossy: bool
    """Whether the format changes values a little."""
    orientation: int | None
    """EXIF's number of the turn that was applied, where the file tells one."""


@dataclass(frozen=True)
class Traits:
    """What a photo's file is besides its pixels, as they are decoded."""

    icc: bytes | None
    """Its colour profile."""
    grey: bool
    """Whether it has no colour channels."""
    animated: bool


@dataclass(frozen=True)
class Stored:
    """How a file stores its picture."""

    format: str
    """As in `Header`."""
    width: int
    height: int
    """As stored, before it is turned upright."""
    orientation: int
    """EXIF's number, 1..8, of the turn that makes it upright."""


def encode(pixels: np.ndarray, format: str, quality: int = 92, gamut: Gamut = SRGB) -> bytes:
    """Write a file of a gamut and no more: uint8 HxWx3, with the sRGB curve, to "JPEG" (4:4:4, progressive), "PNG" or
    "WebP".

    PNG and WebP take HxWx4 too, the fourth being alpha.
    quality: 1..100, for JPEG and WebP. Raises UserError where the format cannot hold the size.
    """
    return encoders.plain(pixels, format, quality, gamut.curved_as_srgb)


def thumbnail(image: Image) -> bytes:
    """Make a small WebP, long edge at most `THUMBNAIL_EDGE`."""
    small = replace(image, pixels=resize(image.pixels, THUMBNAIL_EDGE))
    return encode(small.shown(), "WebP", quality=80)


def likeness(pixels: np.ndarray) -> int:
    """Hash what a photo looks like, uint8 HxWx3 of any size: alike photos differ in few of its 64 bits.

    DCT hash (Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions"), as a signed integer.
    """
    import imagehash

    bits = imagehash.phash(Pillow.fromarray(pixels)).hash
    return int(np.packbits(bits).view(">i8")[0])


def rendition(image: Image, edge: int = DISPLAY_EDGE) -> tuple[bytes, str]:
    """Make what the browser edits, its long edge at most `edge`; returns it and its media type.

    8-bit sources: a file of 8 bits in the image's gamut, a JPEG where that can hold the size. Linear ones: `HALF_FLOAT`
    pixels, linear sRGB, which `from_half` reads.
    """
    media_type = rendition_type(image.header.linear)
    pixels = resize(image.pixels, edge)
    if image.header.linear:
        largest = np.float32(np.finfo(np.float16).max)
        return np.clip(pixels, -largest, largest).astype("<f2").tobytes(), media_type
    gamut = GAMUTS[image.gamut]
    if max(pixels.shape) > encoders.LONGEST["JPEG"]:
        return encode(pixels, "PNG", gamut=gamut), "image/png"
    # JPEG with whole colour (4:4:4) against WebP, both at quality 95, 12 megapixels of portraits: a third of
    # the mean error (0.29 of 255 against 0.95), encoded in a quarter of the time (0.4 s), 8 % more bytes.
    return encode(pixels, "JPEG", quality=95, gamut=gamut), media_type


def from_half(data: bytes, size: tuple[int, int]) -> np.ndarray:
    """Read a rendition in half floats, of a width and height: float32 HxWx3 linear sRGB."""
    return np.frombuffer(data, "<f2").reshape(size[1], size[0], 3).astype(np.float32)


def rendition_type(linear: bool) -> str:
    """Give the media type of the rendition of a linear photo, or of another."""
    return HALF_FLOAT if linear else "image/jpeg"


def rendition_size(header: Header) -> tuple[int, int]:
    """Give the width and height of the photo's rendition."""
    return fit(header.width, header.height, DISPLAY_EDGE)


def fit(width: int, height: int, edge: int) -> tuple[int, int]:
    """Scale a width and height so that the long edge is at most `edge`; never enlarged, never under 1."""
    scale = min(1.0, edge / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def resize(pixels: np.ndarray, edge: int) -> np.ndarray:
    """Scale HxWx3 or HxW pixels (uint8 or float32) down by area averaging to a long edge of at most `edge`."""
    height, width = pixels.shape[:2]
    return sized(pixels, fit(width, height, edge))


def sized(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale HxWx3 or HxW pixels (uint8 or float32) down by area averaging to a width and height."""
    import cv2

    return pixels if size == pixels.shape[1::-1] else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def reduce(pixels: np.ndarray, count: float) -> np.ndarray:
    """Scale HxWx3 or HxW pixels (uint8 or float32) down by area averaging to about `count` of them at most."""
    height, width = pixels.shape[:2]
    scale = (count / (height * width)) ** 0.5
    return pixels if scale >= 1 else resize(pixels, max(1, round(max(height, width) * scale)))


def as_uint8(pixels: np.ndarray) -> np.ndarray:
    """Make uint8 sRGB HxWx3 of the pixels of any `Image`: linear floats are encoded, and clipped at white."""
    if pixels.dtype == np.uint8:
        return pixels
    out = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), BAND):
        band = colour.linear_to_srgb(np.clip(pixels[top : top + BAND], 0, 1))
        out[top : top + BAND] = np.rint(band * 255)
    return out
