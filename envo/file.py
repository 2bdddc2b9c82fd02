"""A photo's file: its bytes, opened once for each thing that they tell.

    file = PhotoFile(path.read_bytes(), sidecar)
    file.header, file.blocks, file.decode(edge=256)

What was read of the headers and of what the file says is kept as long as the file; pixels, which are large, are not.
Each kind has its decoder in `raster` and its reader in `metadata`.
"""

from dataclasses import replace
from functools import cached_property

import numpy as np

from envo import colour, containers, gamut, memory, metadata, photo, raster, segments
from envo.colour import BAND
from envo.development import DEVELOPED, Development
from envo.errors import UserError
from envo.gainmap import GainMap
from envo.gamut import GAMUTS, Gamut
from envo.metadata import Blocks
from envo.photo import Header, Image, Stored, Traits, Values
from envo.raster import Facts, Raster
from envo.settings import DISPLAY_EDGE

_SHAPELESS = 0.02
"""What is so much wider or narrower than a photo, in shares of it, is no map of it."""


class PhotoFile:
    """A photo's file, and the .xmp file that lay beside it. May be asked by any thread.

    Whatever the bytes, all that is asked of them is answered, or UserError raised: for everything that is not a photo
    within the limits (`MAX_FILE_BYTES`, `MAX_PIXELS`), and by what gives pixels for those that are damaged or cut off.
    """

    def __init__(self, data: bytes, sidecar: bytes | None = None, own: bool = False, known: Header | None = None):
        """Take the bytes, and look at none of them yet.

        own: Envo wrote the file itself, so it may be larger than `MAX_FILE_BYTES`. known: its header as it was read
        when the photo came. It is decoded as that says, and so goes together with what was made of it then.
        """
        self.data = data
        self.sidecar = sidecar
        self._own = own
        self._known = known
        self._facts: Facts | None = None

    @cached_property
    def kind(self) -> str:
        """Its format, as in `photo.Header`, by how its bytes begin."""
        return raster.kind(self.data, self._own)

    @property
    def facts(self) -> Facts:
        """What its headers tell; only of a RAW the sensor's values are read, too, which tell its bit depth."""
        if self._facts is None:
            self._facts = raster.look(self.data, self.kind)
        return self._facts

    @property
    def header(self) -> Header:
        return self._known or _header(self.facts)

    @property
    def stored(self) -> Stored:
        """How it stores its picture."""
        size = self.facts.width, self.facts.height
        width, height = reversed(size) if self.facts.orientation >= 5 else size
        return Stored(self.kind, width, height, self.facts.orientation)

    @property
    def traits(self) -> Traits:
        """What it is besides its pixels."""
        facts = self.facts
        # Linear light needs the depth that RAW and floats have.
        icc = None if facts.bit_depth > 16 or facts.format == "RAW" else facts.space.profile()
        return Traits(icc, facts.model == "grey", facts.animated)

    @cached_property
    def blocks(self) -> Blocks:
        """Its IPTC and EXIF; what is damaged or not to be had is empty."""
        return metadata.blocks(self.data, self.kind)

    @cached_property
    def xmp(self) -> bytes:
        """Its XMP packet as it is, b"" for none. Raises ValueError where it cannot be had."""
        return containers.packet_in(self.data, self.kind) if self.kind in containers.FORMATS else self.blocks.xmp

    @property
    def extended_xmp(self) -> bytes:
        """What a JPEG tells in XMP beyond its packet; b"" for none."""
        return segments.extended_xmp(self.data)

    @cached_property
    def exif(self) -> bytes | None:
        """Its EXIF fit for what is made of the photo; see `metadata.exif`."""
        return metadata.exif(self.data, self.kind, self.blocks, self.facts.lens)

    @property
    def is_damaged(self) -> bool:
        """Whether some of what it says cannot be read."""
        return metadata.is_damaged(self.data, self.kind)

    def raster(self, edge: int | None = None, development: Development = DEVELOPED) -> Raster:
        """Decode its own pixels; see `raster.read`."""
        read = raster.read(self.data, self.kind, edge, development)
        self._facts = read.facts
        return read

    def decode(self, edge: int | None = None, wide: bool = False, development: Development = DEVELOPED) -> Image:
        """Decode the photo; with `edge`, only as a picture whose long edge is at most that, which costs far less.

        wide: keeps colours outside of sRGB, as `Image` says: for what is edited and goes out again; else they are cut
        off, for whatever looks at photos and knows sRGB alone. 16-bit PNG and TIFF keep their depth. Matrix-type and
        grey profiles are applied in float; profiles made of lookup tables, which are rare, go through lcms at 8 bits.
        What is transparent lies on white. development: of a RAW.
        """
        with memory.PHOTOS:
            read = self.raster(edge, development)
            header = self.header
            into = GAMUTS[header.gamut] if wide else gamut.SRGB
            if header.linear:
                if read.facts.bit_depth == 8:  # `raster` did not know that it takes more
                    memory.PHOTOS.draw(9 * read.values.shape[0] * read.values.shape[1])
                pixels = _linear(read, into)
                pixels = pixels if wide else np.maximum(pixels, 0, out=pixels)
            else:
                pixels = _encoded(read, into)
            pixels = photo.resize(pixels, edge) if edge else pixels
            gain = self.gain_map() if header.headroom and not header.linear else None
            if gain and wide:  # for the light that both come to when they are rendered
                memory.PHOTOS.draw(12 * pixels.shape[0] * pixels.shape[1])
        if self.facts.gain and not gain:  # what its headers promise is not there
            header = replace(header, headroom=0.0)
        # Light is linear sRGB, whatever lies outside of it.
        into = gamut.SRGB if header.linear else into
        return Image(pixels, header, into.id, gain and gain.of_base(pixels, into.id))

    def gain_map(self) -> GainMap | None:
        """Decode the gain map; None where there is none, or it is broken, and the photo is its base alone."""
        facts = self.facts
        if facts.gain is None:
            return None
        try:
            told = raster.look(facts.gain.data, facts.gain.kind)
            if told.width * told.height > facts.width * facts.height:
                return None
            values = raster.read(facts.gain.data, facts.gain.kind).values
        except UserError:
            return None
        # A HEIF turns each of its pictures; of a JPEG's the first says how both are to be turned.
        values = raster.upright(values, facts.orientation) if facts.gain.kind == "JPEG" else values
        height, width = values.shape[:2]
        if abs(width * facts.height - height * facts.width) > max(facts.width, facts.height) * _SHAPELESS * height:
            return None
        return GainMap(colour.as_8_bits(values[..., 0] if values.shape[2] < 3 else values[..., :3]), facts.gain.numbers)

    @property
    def light(self) -> tuple[float, float] | None:
        """The light that the camera was set for, of a RAW that tells it: kelvin, and Adobe's tint."""
        return raster.light(self.data) if self.kind == "RAW" else None

    def preview(self, edge: int) -> np.ndarray | None:
        """Read the camera's own picture inside a RAW, its long edge at most `edge`: uint8 HxWx3 sRGB; None for none."""
        pixels = raster.preview(self.data, edge) if self.kind == "RAW" else None
        return None if pixels is None else photo.resize(pixels, edge)

    def decode_alpha(self) -> np.ndarray | None:
        """Decode the alpha channel, uint8 HxW, upright; None where it hides nothing."""
        alpha = self.raster().alpha if self.facts.has_alpha else None
        return None if alpha is None else colour.as_8_bits(alpha)

    def values(self) -> Values:
        """Decode a picture as values, such as a mask."""
        read = self.raster()
        facts, colours = read.facts, read.straight()
        if facts.model not in ("grey", "RGB") or facts.format == "RAW":
            colours = colour.to_srgb(colours, facts.model, facts.space)
        elif colours.dtype == np.float32:
            colours = np.rint(np.clip(np.nan_to_num(colours), 0, 1) * 65535).astype(np.uint16)
        alpha = read.alpha
        if alpha is not None and alpha.dtype == np.float32:
            alpha = np.rint(np.clip(np.nan_to_num(alpha), 0, 1) * 65535).astype(np.uint16)
        is_lossy_webp = facts.format == "WebP" and b"VP8L" not in self.data[:64]
        lossy = facts.format in ("JPEG", "HEIC", "AVIF", "RAW") or is_lossy_webp
        return Values(colours, alpha, lossy, facts.orientation if facts.tells_orientation else None)


def _header(facts: Facts) -> Header:
    widest = gamut.holding(facts.space, facts.model)
    deep = facts.format in ("PNG", "TIFF") and facts.bit_depth > 8 and facts.model != "CMYK"
    browser_ready = (
        facts.format in ("JPEG", "PNG", "WebP")
        and facts.bit_depth == 8
        and facts.model in ("RGB", "grey")
        and not (facts.has_alpha or facts.animated)
        and facts.orientation == 1
        and widest is not None
        and colour.is_of(facts.space, widest)
        and max(facts.width, facts.height) <= DISPLAY_EDGE
    )
    linear = deep or facts.format == "RAW" or facts.space.has_highlights or widest is None
    return Header(
        facts.format,
        facts.width,
        facts.height,
        facts.bit_depth,
        browser_ready,
        linear,
        headroom=facts.headroom,
        gamut=(widest or gamut.WIDE).id,
    )


def _encoded(read: Raster, into: Gamut) -> np.ndarray:
    """Convert a file's own pixels to uint8 HxWx3 of a gamut, with the sRGB curve; what is transparent lies on white."""
    pixels = colour.to_gamut(read.straight(), read.facts.model, read.facts.space, into)
    if read.alpha is not None:
        for top in range(0, len(pixels), BAND):
            alpha = colour.as_8_bits(read.alpha[top : top + BAND, :, None]).astype(np.uint16)
            mixed = pixels[top : top + BAND] * alpha + 255 * (255 - alpha)
            pixels[top : top + BAND] = (mixed + 127) // 255
    return pixels


def _linear(read: Raster, into: Gamut) -> np.ndarray:
    """Convert a file's own pixels to float32 HxWx3 linear sRGB, not clamped; what is transparent lies on white.

    Laid on it as browsers do, in encoded values. into: the gamut for these, and for what only lcms can convert.
    """
    if read.facts.format == "RAW":
        return read.values
    pixels = colour.to_linear(read.straight(), read.facts.model, read.facts.space, into)
    if read.alpha is not None:
        top = 1 if read.alpha.dtype == np.float32 else np.iinfo(read.alpha.dtype).max
        for start in range(0, len(pixels), BAND):
            alpha = np.clip(read.alpha[start : start + BAND] / np.float32(top), 0, 1)
            seen = alpha < 1
            band, alpha = pixels[start : start + BAND], alpha[seen][:, None]
            light = np.maximum(band[seen] @ into.from_srgb.T, 0)
            laid = colour.srgb_to_linear(colour.linear_to_srgb(light) * alpha + (1 - alpha))
            band[seen] = laid @ into.to_srgb.T
    return pixels
