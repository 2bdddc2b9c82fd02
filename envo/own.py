"""A photo as its file holds it, changed in part: what was not changed stays as it is, to the byte.

Whatever changes a photo works on 8 bits of red, green and blue. `Own` gives it such a view, and takes back what became
of it: the pixels that differ are converted into the file's own grey, colours and depth, the others are the file's own.

    own = Own.of(file)
    view = own.view()
    changed = own.changed(view, erased(view.pixels))
    file = changed.png()
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from envo import colour, gamut, photo, png
from envo.colour import BAND, DECODED, SRGB, Space
from envo.file import PhotoFile
from envo.gamut import Gamut
from envo.geometry import Framing

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of encoded R, G and B in how light a pixel looks (ITU-R BT.601)."""
FILL_EDGE = 1024
"""Long edge at which colours are guessed where a photo is clear, in pixels."""
CLEAR = 16
"""Alpha, of 255, under which colours are not believed: many programs leave black there, or anything."""
COLOURED = 24
"""Channels so far apart, of 255, are a colour that a grey file cannot hold."""
_AS_IS = (100, 165)
"""Where a file's middle grey lies in sRGB, if its values are about as far apart as they look."""


@dataclass(frozen=True, eq=False)
class View:
    """8 bits of a photo, to work on."""

    pixels: np.ndarray
    """uint8 HxWx3. Where the photo is clear, colours are guessed by those around."""
    as_is: bool
    """Whether these are the file's own values, in its own colour space; else they have the sRGB curve."""
    gamut: Gamut = gamut.SRGB
    """Of those that are not."""


@dataclass(frozen=True, eq=False)
class Own:
    """A photo's own pixels, upright, as far as a PNG can hold them."""

    values: np.ndarray
    """uint8 or uint16 HxWxC, C being 1 for grey and 3 for RGB; alpha is not multiplied in."""
    alpha: np.ndarray | None
    """HxW of the same dtype; None where all is opaque."""
    space: Space
    """What the values mean."""
    notes: tuple[str, ...] = ()
    """What could not be kept of the file, and what a visitor should know: whole sentences."""

    @classmethod
    def of(cls, file: PhotoFile) -> "Own":
        """Read a file. Raises UserError as `PhotoFile.decode` does."""
        read = file.raster()
        facts, values, notes = read.facts, read.straight(), []
        space = facts.space
        if facts.animated:
            notes.append("The original moves; this is made of its first picture.")
        if read.alpha is not None and facts.is_associated:
            notes.append("The original's colours have its transparency multiplied in; here they have not.")
        if facts.format == "RAW":
            notes.append("The original is RAW; this is made of it as Envo develops it, in 16 bits.")
        elif values.dtype == np.float32:
            notes.append("The original has floating-point numbers; this has 16 bits a channel, and nothing over white.")
        if facts.model in ("CMYK", "Lab"):
            notes.append(f"The original is {facts.model}, which a PNG cannot be; its colours are sRGB here.")
        if values.dtype == np.float32 or (facts.model == "Lab" and values.dtype == np.uint16):
            values, space = _deep_srgb(values, facts.model, space), SRGB
            values = values[:, :, :1] if facts.model == "grey" else values
        elif facts.model in ("CMYK", "Lab"):
            values, space = colour.to_srgb(values, facts.model, space), SRGB
        alpha = read.alpha
        if alpha is not None and alpha.dtype == np.float32:
            alpha = np.rint(np.clip(np.nan_to_num(alpha), 0, 1) * np.iinfo(values.dtype).max)
        return cls(values, None if alpha is None else alpha.astype(values.dtype), space, tuple(notes))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.values.shape[1], self.values.shape[0]

    @property
    def depth(self) -> int:
        """Bits of a channel."""
        return 8 * self.values.dtype.itemsize

    @property
    def is_grey(self) -> bool:
        return self.values.shape[2] == 1

    @property
    def gamut(self) -> Gamut:
        """The one that its colours are in, or the nearest to it."""
        return gamut.holding(self.space, self._model) or gamut.WIDE

    @property
    def _model(self) -> str:
        return "grey" if self.is_grey else "RGB"

    @property
    def _top(self) -> int:
        return int(np.iinfo(self.values.dtype).max)

    @cached_property
    def _is_even(self) -> bool:
        """Whether equal steps of the values look about equal, as in sRGB, so that they can be worked on as they are."""
        if self.space.is_srgb or self.space.has_highlights:
            return True
        middle = np.full((1, 1, self.values.shape[2]), 128, np.uint8)
        grey = colour.to_srgb(middle, self._model, self.space)
        return _AS_IS[0] <= int(grey.mean()) <= _AS_IS[1]

    def view(self, exact: bool = False, wide: bool = False) -> View:
        """Give 8 bits of the photo to work on.

        They are its own values, so that what is copied within the photo keeps colours that sRGB has not; but sRGB for
        values that are far from how they look, and where `exact` colours are wanted: or with `wide`, the photo's gamut.
        """
        into = self.gamut if wide else gamut.SRGB
        as_is = self._is_even and not exact
        if as_is:
            pixels = colour.as_8_bits(self.values)
            pixels = np.repeat(pixels, 3, axis=2) if self.is_grey else pixels
        else:
            pixels = colour.to_gamut(self.values, self._model, self.space, into)
        pixels = self._completed(np.ascontiguousarray(pixels))
        return View(pixels, as_is or colour.is_of(self.space, into), into)

    def deep(self) -> np.ndarray:
        """Give sRGB of 16 bits to work on where 8 are too few: uint16 HxWx3, without alpha."""
        return _deep_srgb(self.values, self._model, self.space)

    def shown(self, edge: int) -> np.ndarray:
        """Give sRGB to show, uint8 HxWx3, or HxWx4 with alpha last; its long edge is at most `edge`."""
        small = self
        if max(self.size) > edge:
            values, alpha = self.values, self.alpha
            if alpha is not None:  # is multiplied in meanwhile, or what is clear would show in what is not
                values = values * (alpha[..., None] / np.float32(self._top))
            values = photo.resize(values, edge)
            values = values[..., None] if values.ndim == 2 else values
            if alpha is not None:
                alpha = photo.resize(alpha, edge)
                values = values / np.maximum(alpha[..., None] / np.float32(self._top), 1e-6)
                values = np.rint(np.clip(values, 0, self._top)).astype(self.values.dtype)
            small = replace(self, values=values, alpha=alpha)
        pixels = colour.to_srgb(small.values, self._model, self.space)
        return pixels if small.alpha is None else np.dstack([pixels, colour.as_8_bits(small.alpha)])

    def changed(self, view: View, after: np.ndarray, tints: bool = False, coloured: int = COLOURED) -> "Own":
        """Take over what became of a view, uint8 HxWx3, where it differs. Alpha stays.

        tints: colours that are new in it are meant, so that a grey photo becomes one of colours where there are some;
        else they are what an engine makes up, and a photo without any colour gets none. coloured: channels farther
        apart, of 255, are a colour that a grey file cannot hold.
        """
        where = (view.pixels != after).any(axis=2)
        if not where.any():
            return self
        own, new, notes = self, after[where], [*self.notes]
        if self.is_grey and tints and np.ptp(new, axis=1).max() > coloured:
            own = self._coloured()
            notes.append("The original is grey; with the new colours this is not.")
        elif not tints and not self.is_grey and _is_colourless(view.pixels):
            new = np.repeat(np.rint(new @ LUMA)[:, None], 3, axis=1).astype(np.uint8)
        fresh = own._from(new, view.as_is, view.gamut)
        if fresh is None:
            notes.append("The original's colour profile cannot be written to; its colours are sRGB here.")
            shown = colour.to_srgb(own.values, own._model, own.space)
            own = replace(own.narrow(), values=shown, space=SRGB)
            fresh = own._from(new, view.as_is, view.gamut)
        if own.depth > 8:
            notes.append("What was changed has 8 bits a channel; all else has its 16.")
        values = own.values.copy()
        values[where] = fresh
        return replace(own, values=values, notes=tuple(notes))

    def framed(self, frame: Framing | None) -> "Own":
        """Give what a framing leaves of the photo; None: all of it.

        Turned, flipped and cropped, its values stay what they are; else they are mixed by Catmull and Rom's cubic.
        """
        if frame is None:
            return self
        if self.alpha is None:
            return replace(self, values=_framed(self.values, frame))
        if frame.exact:
            alpha = _framed(self.alpha[..., None], frame)[..., 0]
            return replace(self, values=_framed(self.values, frame), alpha=alpha)
        # Alpha is multiplied in meanwhile, or what is clear would show in what is not.
        share = (self.alpha / np.float32(self._top))[..., None]
        alpha = _framed(share, frame)
        values = _framed(self.values * share, frame) / np.maximum(alpha, 1e-6)
        values = np.rint(np.clip(values, 0, self._top)).astype(self.values.dtype)
        alpha = np.rint(np.clip(alpha[..., 0], 0, 1) * self._top).astype(self.alpha.dtype)
        return replace(self, values=values, alpha=alpha)

    def faded(self, share: np.ndarray) -> "Own":
        """Multiply alpha by a share, uint8 HxW; where it is 255, alpha stays as it is."""
        alpha = np.full(self.values.shape[:2], self._top, self.values.dtype) if self.alpha is None else self.alpha
        less = np.rint(alpha * (share / np.float32(255))).astype(alpha.dtype)
        return replace(self, alpha=np.where(share == 255, alpha, less))

    def filled(self, share: np.ndarray) -> "Own":
        """Make opaque, by a share, uint8 HxW; where that is 0, alpha stays as it is."""
        if self.alpha is None:
            return self
        more = self.alpha + np.rint((self._top - self.alpha) * (share / np.float32(255))).astype(self.alpha.dtype)
        return replace(self, alpha=None if more.min() == self._top else more)

    def seen(self, share: np.ndarray) -> np.ndarray:
        """How much of each pixel is seen of a share of the photo, uint8 HxW: that share of its alpha, uint8 HxW."""
        return share if self.alpha is None else cv2.multiply(share, colour.as_8_bits(self.alpha), scale=1 / 255)

    def shows(self, where: np.ndarray) -> bool:
        """Whether anything shows at all where an array, HxW, is not 0."""
        return self.alpha is None or bool(self.alpha[where != 0].any())

    def narrow(self) -> "Own":
        """Give 8 bits a channel."""
        alpha = None if self.alpha is None else colour.as_8_bits(self.alpha)
        return replace(self, values=colour.as_8_bits(self.values), alpha=alpha)

    def png(self, texts: dict[str, str] | None = None) -> bytes:
        """Write a PNG with the photo's own colour profile. texts: what it tells besides, by keyword."""
        pixels = self.values if self.alpha is None else np.dstack([self.values, self.alpha])
        return png.write(pixels, self.space, texts or {})

    def _completed(self, pixels: np.ndarray) -> np.ndarray:
        """Guess colours where the photo is clear, by pull-push over those that show: uint8 HxWx3."""
        if self.alpha is None:
            return pixels
        alpha = colour.as_8_bits(self.alpha)
        if alpha.min() >= CLEAR:
            return pixels
        size = photo.fit(*self.size, FILL_EDGE)
        share = np.where(alpha >= CLEAR, alpha, 0).astype(np.float32) / 255
        seen = pixels * share[..., None]
        small = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (seen, share))
        guess = cv2.resize(pulled(*small), self.size, interpolation=cv2.INTER_LINEAR)
        return np.where((alpha < CLEAR)[..., None], np.rint(np.clip(guess, 0, 255)).astype(np.uint8), pixels)

    def _coloured(self) -> "Own":
        """Turn grey into RGB; the values stay, unless their profile is one of grey."""
        space, values = self.space, self.values
        if space.icc and space.icc[16:20] == b"GRAY":
            deep = values.dtype == np.uint16
            values, space = (_deep_srgb if deep else colour.to_srgb)(values, "grey", space), SRGB
        return replace(self, values=np.repeat(values, 3, axis=2) if values.shape[2] == 1 else values, space=space)

    def _from(self, pixels: np.ndarray, as_is: bool, of: Gamut) -> np.ndarray | None:
        """Convert pixels of a view, uint8 Nx3, into own values, NxC; None where the profile cannot be written to."""
        if as_is:
            values = np.rint(pixels @ LUMA)[:, None] if self.is_grey else pixels
            return (values.astype(np.uint16) * 257).astype(np.uint16) if self._top > 255 else values.astype(np.uint8)
        values = colour.of_gamut(pixels, self._model, self.space, of)
        return None if values is None else np.rint(values * self._top).astype(self.values.dtype)


def _framed(values: np.ndarray, frame: Framing) -> np.ndarray:
    """Resample HxWxC of 1 or 3 channels to a picture; the dtype stays."""
    if frame.exact:
        return np.ascontiguousarray(frame.picture(values, DECODED))
    from envo import cubic  # compiles when it is first needed

    width, height = frame.size
    made = np.empty((height, width, values.shape[2]), values.dtype)
    last = values.shape[0] - 1
    for top in range(0, height, BAND):
        places = frame.channels(top, min(top + BAND, height)) * frame.full - 0.5
        low = int(np.clip(np.floor(places[..., 1].min()) - 1, 0, last))
        high = int(np.clip(np.floor(places[..., 1].max()) + 2, 0, last))
        near = np.broadcast_to(values[low : high + 1].astype(np.float32), (high + 1 - low, values.shape[1], 3))
        part = np.empty((*places.shape[1:3], 3), np.float32)
        cubic.look_up_each(np.ascontiguousarray(near), DECODED, places - (0, low), part)
        part = part[..., : values.shape[2]]
        if made.dtype != np.float32:
            part = np.rint(np.clip(part, 0, np.iinfo(made.dtype).max))
        made[top : top + len(part)] = part
    return made


def _is_colourless(pixels: np.ndarray) -> bool:
    """Whether uint8 HxWx3 is all grey."""
    return all((band[..., :1] == band).all() for band in np.array_split(pixels, max(1, len(pixels) // BAND)))


def _deep_srgb(values: np.ndarray, model: str, space: Space) -> np.ndarray:
    """Convert a file's own values to uint16 HxWx3 sRGB, clipped at white."""
    out = np.empty((*values.shape[:2], 3), np.uint16)
    for top in range(0, len(values), BAND):
        linear = colour.to_linear(values[top : top + BAND], model, space)
        out[top : top + BAND] = np.rint(colour.linear_to_srgb(np.clip(linear, 0, 1)) * 65535)
    return out


def pulled(seen: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Complete colours by what was seen of them at half the size, and so on (pull-push; Gortler et al., 1996)."""
    height, width = share.shape
    if height * width == 1:
        return seen / max(share[0, 0], 1e-6)
    half = (math.ceil(width / 2), math.ceil(height / 2))
    coarse = pulled(*(cv2.resize(each, half, interpolation=cv2.INTER_AREA) for each in (seen, share)))
    return seen + (1 - share)[..., None] * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
