"""The sRGB curve, and ICC profiles: applied by lcms at 8 bits, and here where that would lose depth."""

import io
import struct
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image as Pillow
from PIL import ImageChops, ImageCms

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of linear R, G and B in luminance (ITU-R BT.709, whose primaries are sRGB's)."""

D50_TO_SRGB = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    np.float32,
)
"""CIE XYZ under D50, where ICC profiles meet, to linear sRGB (B. Lindbloom, Bradford-adapted)."""


def srgb_to_linear(encoded: np.ndarray) -> np.ndarray:
    """Undo the sRGB curve (IEC 61966-2-1): float array, encoded to linear; values above 1 follow it on."""
    encoded = np.asarray(encoded, np.float32)
    return np.where(
        encoded <= 0.04045, encoded / 12.92, ((np.maximum(encoded, 0.04045) + 0.055) / 1.055) ** 2.4
    ).astype(np.float32)


def linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    """Apply the sRGB curve (IEC 61966-2-1): float array, linear to encoded; not clipped."""
    linear = np.asarray(linear, np.float32)
    return np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    ).astype(np.float32)


@dataclass(frozen=True)
class MatrixProfile:
    """An ICC profile that is three curves and a matrix, as those of cameras, screens and editors are.

    curves: float32 3x65536, linear light 0..1 for each 16-bit value of R, G and B.
    to_srgb: float32 3x3, linear light of the profile's primaries to linear sRGB; None for a grey profile.
    """

    curves: np.ndarray
    to_srgb: np.ndarray | None


def matrix_profile(icc: bytes) -> MatrixProfile | None:
    """Read an RGB or grey ICC profile (ICC.1:2022); None when it is of another kind, or broken."""
    try:
        tags = {}
        for index in range(struct.unpack_from(">I", icc, 128)[0]):
            name, start, size = struct.unpack_from(">4sII", icc, 132 + 12 * index)
            tags[name] = icc[start : start + size]
        if b"A2B0" in tags:
            return None
        if icc[16:20] == b"GRAY":
            return MatrixProfile(np.stack([_curve(tags[b"kTRC"])] * 3), None)
        curves = np.stack([_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")])
        columns = [np.frombuffer(tags[name], ">i4", 3, 8) / 65536 for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        return MatrixProfile(curves, (D50_TO_SRGB @ np.stack(columns, axis=1)).astype(np.float32))
    except (KeyError, IndexError, ValueError, struct.error):
        return None


def _curve(tag: bytes) -> np.ndarray:
    """Give the linear light (float32, 65536 values) that a `curv` or `para` tag has for each 16-bit value."""
    x = np.linspace(0, 1, 65536)
    if tag[:4] == b"curv":
        count = struct.unpack_from(">I", tag, 8)[0]
        if count == 0:
            return x.astype(np.float32)
        values = np.frombuffer(tag, ">u2", count, 12)
        if count == 1:
            return (x ** (values[0] / 256)).astype(np.float32)
        return np.interp(x, np.linspace(0, 1, count), values / 65535).astype(np.float32)
    if tag[:4] != b"para":
        raise ValueError("not a curve")
    kind = struct.unpack_from(">H", tag, 8)[0]
    given = np.frombuffer(tag, ">i4", (1, 3, 4, 5, 7)[kind], 12) / 65536
    # Each kind is the last one with parameters left out: y = (a x + b)^g + e from d on, c x + f below it.
    g, a, b, c, d, e, f = (*given, *(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)[len(given) :])
    if kind in (1, 2):
        d = -b / a
    if kind == 2:
        # The constant that kind 2 carries in c's place is added on both sides of the break.
        c, e, f = 0.0, c, c
    return np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f).astype(np.float32)


@cache
def srgb_profile() -> bytes:
    """Make the ICC profile that is embedded in what Envo writes."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@cache
def srgb_curves() -> np.ndarray:
    """Tabulate the sRGB curve as `MatrixProfile.curves` does: float32 3x65536."""
    return np.stack([srgb_to_linear(np.linspace(0, 1, 65536))] * 3)


def is_srgb(icc: bytes | None) -> bool:
    """Tell whether pixels with this profile are taken for sRGB; so are those with none, or a broken one."""
    if not icc:
        return True
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).startswith("sRGB")
    except _BROKEN:
        return True


def to_srgb(picture: Pillow.Image, icc: bytes) -> Pillow.Image:
    """Convert RGB, L or CMYK at 8 bits to RGB, relative colorimetric with black-point compensation.

    An RGB picture is changed in place. A picture that its profile does not fit is returned as it came.
    """
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            inPlace=picture.mode == "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return converted or picture
    except _BROKEN:
        return picture


def from_srgb(picture: Pillow.Image, icc: bytes | None) -> tuple[Pillow.Image, bytes]:
    """Convert RGB at 8 bits from sRGB to a profile, of RGB or grey; gives the picture and the profile it has now.

    Relative colorimetric with black-point compensation. What the profile cannot hold, or cannot be written to, stays
    sRGB. Only a picture without any colour goes into a grey profile, and becomes L.
    """
    srgb = srgb_profile()
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc or srgb))
        if is_srgb(icc):
            return picture, icc or srgb
        mode = {"RGB": "RGB", "GRAY": "L"}.get(profile.profile.xcolor_space.strip())
        if mode is None or (mode == "L" and not is_grey(picture)):
            return picture, srgb
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(srgb)),
            profile,
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode=mode,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return converted, icc
    except _BROKEN:
        return picture, srgb


def is_grey(picture: Pillow.Image) -> bool:
    """Tell whether an RGB picture has no colour at all."""
    red, green, blue = picture.split()
    return not any(ImageChops.difference(red, other).getbbox() for other in (green, blue))


_BROKEN = (ImageCms.PyCMSError, OSError, ValueError, TypeError)
"""What Pillow's ImageCms raises for a profile it cannot use."""
