"""What a file tells of its colours, and how they become sRGB, or another of `gamut.GAMUTS`.

ICC profiles are applied by lcms at 8 bits, and here where that would lose depth; what is told in other ways (code
points, a gamma, Exif) is applied here.
"""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, wraps
from typing import Protocol

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


DECODED = srgb_to_linear(np.arange(256) / 255)
"""Linear values of the 256 that a channel of 8 bits has: float32."""


def linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    """Apply the sRGB curve (IEC 61966-2-1): float array, linear to encoded; not clipped."""
    linear = np.asarray(linear, np.float32)
    return np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    ).astype(np.float32)


@dataclass(frozen=True)
class MatrixProfile:
    """Colours told by three curves and a matrix, as those of cameras, screens and editors are.

    curves: float32 3x65536, linear light for each 16-bit value of R, G and B; 1 is white, PQ and HLG go beyond.
    to_srgb: float32 3x3, linear light of the primaries to linear sRGB; None for a grey profile.
    system_gamma: what luminance of the scene is raised to where it is shown (ITU-R BT.2100, for HLG); else 1.
    """

    curves: np.ndarray
    to_srgb: np.ndarray | None
    system_gamma: float = 1.0


SRGB_PRIMARIES = (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
"""CIE x and y of white, red, green and blue (ITU-R BT.709)."""
ADOBE_PRIMARIES = (0.3127, 0.3290, 0.640, 0.330, 0.210, 0.710, 0.150, 0.060)
"""Those of Adobe RGB (1998)."""
PRIMARIES = {
    1: SRGB_PRIMARIES,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (0.3127, 0.3290, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
"""Code points of ITU-T H.273, as cICP and nclx use them, and the primaries that they stand for."""
TELEVISION = (1, 6, 14, 15)
TRANSFERS: dict[int, str | float] = {
    **dict.fromkeys(TELEVISION, 2.4),
    **{4: 2.2, 5: 2.8, 8: "linear", 13: "sRGB", 16: "PQ", 18: "HLG"},
}
"""Likewise the curve; that of television is the one of its screens (ITU-R BT.1886)."""
ADOBE_GAMMA = 563 / 256
_WHITE_NITS = 203
"""Light of white paper in PQ and HLG (ITU-R BT.2408), cd/m2."""
_HLG_NITS = 1000
"""Light of the brightest white on the screen that HLG is shown on."""
_PQ_NITS, _PQ_MOST = 1000, 10_000
"""Light that PQ reaches where a file does not tell how bright it is: that of the screens it is made on; and at most."""


class Target(Protocol):
    """What pixels are in, as `gamut.Gamut` has it."""

    is_srgb: bool
    to_srgb: np.ndarray
    from_srgb: np.ndarray
    curved_as_srgb: bytes


@dataclass(frozen=True)
class Space:
    """What a file tells of its colours, in whatever way.

    icc: its profile, which stands above the rest. primaries: CIE x and y of white, red, green, blue. transfer: the
    curve, "sRGB", "linear", "PQ" or "HLG", or the exponent that makes values linear.
    """

    icc: bytes | None = None
    primaries: tuple[float, ...] = SRGB_PRIMARIES
    transfer: str | float = "sRGB"

    @property
    def has_highlights(self) -> bool:
        """Whether the values reach far over white."""
        return self.icc is None and self.transfer in ("PQ", "HLG")

    def headroom(self, brightest: float = 0) -> float:
        """Tell how many stops above white the values reach. brightest: what the file tells of that, cd/m2, or 0."""
        if not self.has_highlights:
            return 0.0
        nits = _HLG_NITS if self.transfer == "HLG" else min(brightest or _PQ_NITS, _PQ_MOST)
        return max(0.0, float(np.log2(nits / _WHITE_NITS)))

    @cached_property
    def is_srgb(self) -> bool:
        """Whether the values are sRGB's as they are."""
        return is_srgb(self.icc) if self.icc else (self.primaries, self.transfer) == (SRGB_PRIMARIES, "sRGB")

    def profile(self, name: str = "As the file told") -> bytes | None:
        """Give the ICC profile: the file's own, or one of the same colours; None where it is sRGB without one.

        name: what one that is written here is called.
        """
        if self.icc or self.is_srgb:
            return self.icc
        # A profile cannot say that values reach over white.
        return None if self.has_highlights else _written(self, name)


SRGB = Space()


def coded(primaries: int, transfer: int) -> Space | None:
    """Read code points of ITU-T H.273; None for those that say nothing, or what is not known here."""
    if primaries == 2 and transfer in TRANSFERS:
        primaries = 1
    if primaries in PRIMARIES and transfer == 2:
        transfer = 13
    if primaries not in PRIMARIES or transfer not in TRANSFERS:
        return None
    return Space(primaries=PRIMARIES[primaries], transfer=TRANSFERS[transfer])


def code_points(space: Space) -> tuple[int, int] | None:
    """Give the code points of ITU-T H.273 that stand for a space; None where none do."""
    primaries = next((code for code, known in PRIMARIES.items() if known == space.primaries), None)
    transfer = next((code for code, known in TRANSFERS.items() if known == space.transfer), None)
    return None if space.icc or primaries is None or transfer is None else (primaries, transfer)


def of_exif(space: int, interoperability: str) -> Space:
    """Read Exif's ColorSpace (0xA001) and InteroperabilityIndex: Adobe RGB is "R03" and uncalibrated (DCF 2.0)."""
    # 2 is no value of the standard, but written for Adobe RGB by some.
    if space == 2 or (interoperability == "R03" and space != 1):
        return Space(primaries=ADOBE_PRIMARIES, transfer=ADOBE_GAMMA)
    return SRGB


def are_primaries(primaries: tuple[float, ...]) -> bool:
    """Tell whether CIE x and y of white, red, green and blue can be: a triangle, and none without light."""
    white, *corners = np.array(primaries, float).reshape(4, 2)
    first, second = corners[1] - corners[0], corners[2] - corners[0]
    area = abs(first[0] * second[1] - first[1] * second[0])
    in_reach = 0 < white[0] < 1 and 0.01 < white[1] < 1 and np.min(corners) >= 0 and np.max(corners) <= 1
    return bool(in_reach and area > 0.01 and np.min(np.array(corners)[:, 1]) > 0.001)


def fits(icc: bytes | None, model: str) -> bool:
    """Tell whether a profile can be used for pixels of a model of `raster.Facts`."""
    if not icc:
        return False
    try:
        kind = ImageCms.ImageCmsProfile(io.BytesIO(icc)).profile.xcolor_space.strip()
        if kind not in {"grey": ("GRAY", "RGB"), "RGB": ("RGB",), "CMYK": ("CMYK",)}.get(model, ()):
            return False
        mode = {"GRAY": "L"}.get(kind, kind)
        return matrix_profile(icc) is not None or _transform(icc, mode) is not None
    except _BROKEN:
        return False


LARGE_PROFILE = 4 * 2**20
"""Bytes; the profiles of printers have one to three million."""


def remembered(made: Callable) -> Callable:
    """Remember the last eight values of a function whose first argument is a space or its profile; of large ones, one.

    Eight that are as large as can be would hold hundreds of megabytes for good; and photos are converted in bands.
    """
    small, large = lru_cache(8)(made), lru_cache(1)(made)

    @wraps(made)
    def value(of: "Space | bytes | None", *more: str) -> object:
        icc = of.icc if isinstance(of, Space) else of
        return (large if icc and len(icc) > LARGE_PROFILE else small)(of, *more)

    return value


@remembered
def curves_and_matrix(space: Space) -> MatrixProfile | None:
    """Give what makes values linear sRGB; None where the profile is made of lookup tables, or is CMYK's."""
    if space.icc:
        return matrix_profile(space.icc)
    x = np.linspace(0, 1, 65536)
    gamma = 1.0
    if space.transfer == "sRGB":
        curve = srgb_to_linear(x)
    elif space.transfer == "linear":
        curve = x
    elif space.transfer == "PQ":
        # SMPTE ST 2084.
        m1, m2, c1, c2, c3 = 1305 / 8192, 2523 / 32, 107 / 128, 2413 / 128, 2392 / 128
        power = x ** (1 / m2)
        curve = (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) * (10000 / _WHITE_NITS)
    elif space.transfer == "HLG":
        # ITU-R BT.2100, table 5. Scaled so that the system gamma brings the signal's 1 to the brightest white.
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        gamma = 1.2
        scene = np.where(x <= 0.5, x**2 / 3, (np.exp((x - c) / a) + b) / 12)
        curve = scene * (_HLG_NITS / _WHITE_NITS) ** (1 / gamma)
    else:
        curve = x ** float(space.transfer)
    matrix = None if space.primaries == SRGB_PRIMARIES else (D50_TO_SRGB @ xyz_d50(space.primaries)).astype(np.float32)
    return MatrixProfile(np.stack([curve.astype(np.float32)] * 3), matrix, gamma)


def xyz_d50(primaries: tuple[float, ...]) -> np.ndarray:
    """Make the 3x3 from linear light of primaries to CIE XYZ under D50 (Bradford, as ICC.1:2022, annex E, has it)."""
    xy = np.array(primaries, float).reshape(4, 2)
    white, *colours = np.column_stack([xy, 1 - xy.sum(axis=1)]) / xy[:, 1:]
    columns = np.stack(colours, axis=1)
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    gains = (bradford @ [0.9642, 1, 0.8249]) / (bradford @ white)
    return np.linalg.inv(bradford) @ np.diag(gains) @ bradford @ columns @ np.diag(np.linalg.solve(columns, white))


@lru_cache(8)
def _written(space: Space, name: str = "As the file told") -> bytes:
    """Write an RGB profile of curves and a matrix (ICC.1:2001-04, which all programs read)."""
    curve = curves_and_matrix(space).curves[0]
    if isinstance(space.transfer, str):
        sampled = np.interp(np.linspace(0, 1, 4096), np.linspace(0, 1, 65536), curve)
        told = struct.pack(">I", 4096) + np.rint(sampled * 65535).astype(">u2").tobytes()
    else:
        told = struct.pack(">IH", 1, round(space.transfer * 256))
    xyz = zip((b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ"), ((0.9642, 1, 0.8249), *xyz_d50(space.primaries).T), strict=True)
    tags = {name: b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(v * 65536) for v in value)) for name, value in xyz}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), b"curv\0\0\0\0" + told)
    told_name = name.encode("ascii") + b"\0"
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", len(told_name)) + told_name + b"\0" * 78
    tags[b"cprt"] = b"text\0\0\0\0Public domain\0"
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for tag, value in tags.items():
        table += struct.pack(">4sII", tag, start + len(body), len(value))
        body += value + b"\0" * (-len(value) % 4)
    white = struct.pack(">iii", 63190, 65536, 54061)
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + white + b"\0" * 48
    return head + table + body


@remembered
def matrix_profile(icc: bytes) -> MatrixProfile | None:
    """Read an RGB or grey ICC profile (ICC.1:2022); None when it is of another kind, or broken."""
    try:
        tags = {}
        for index in range(min(struct.unpack_from(">I", icc, 128)[0], 200)):
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
        d = -b / a if a else 0.0
    if kind == 2:
        # The constant that kind 2 carries in c's place is added on both sides of the break.
        c, e, f = 0.0, c, c
    # Parameters that make no sense make no numbers.
    with np.errstate(all="ignore"):
        y = np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
    return np.clip(np.nan_to_num(y), 0, 1).astype(np.float32)


@cache
def srgb_profile() -> bytes:
    """Make the ICC profile that is embedded in what Envo writes."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Without the time at which it was made: the same picture is the same file, whichever process writes it.
    return profile[:24] + bytes(12) + profile[36:]


@remembered
def is_srgb(icc: bytes | None) -> bool:
    """Tell whether pixels with this profile are sRGB's, by its curves and primaries, whatever its name.

    So are those with none, or a broken one.
    """
    if not icc:
        return True
    profile = matrix_profile(icc)
    if profile is None:
        return not (fits(icc, "RGB") or fits(icc, "grey") or fits(icc, "CMYK"))
    return _stays(profile, None)


def _stays(profile: MatrixProfile, into: Target | None) -> bool:
    """Whether 8-bit values with this profile are those of a gamut, as `to_gamut` gives them."""
    # Every 17th value of 8 bits, in all mixtures: alike where none differs by more than rounding does.
    steps = np.arange(0, 256, 17)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 1, 3).astype(np.uint8)
    if profile.to_srgb is None:
        grid = grid[:, :, :1]
    shown = _by_matrix8(grid, profile, into)
    return bool(np.abs(shown.astype(int) - grid).max() <= 2)


@remembered
def is_of(space: Space, into: Target) -> bool:
    """Tell whether values of a space, of 8 bits, are as `to_gamut` would give them for the gamut."""
    profile = curves_and_matrix(space)
    return space.is_srgb if into.is_srgb else profile is not None and _stays(profile, into)


@remembered
def _transform(icc: bytes, mode: str, into: bytes | None = None) -> ImageCms.ImageCmsTransform | None:
    """Prepare lcms for pixels of a mode, into another profile or sRGB; None where it cannot use the first.

    Relative colorimetric with black-point compensation.
    """
    try:
        return ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(into or srgb_profile())),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except _BROKEN:
        return None


BAND = 512
"""Rows handled at a time where a whole second copy of a large photo would cost too much memory."""


def to_srgb(values: np.ndarray, model: str, space: Space) -> np.ndarray:
    """Convert a file's own pixels, HxWxC of any dtype and model that `raster.Pixels` has, to uint8 HxWx3 sRGB."""
    return to_gamut(values, model, space, None)


def to_gamut(values: np.ndarray, model: str, space: Space, into: Target | None) -> np.ndarray:
    """Convert a file's own pixels, as `to_srgb` does, to uint8 HxWx3 with the sRGB curve in a gamut; None: sRGB."""
    into = None if into is None or into.is_srgb else into
    out = np.empty((*values.shape[:2], 3), np.uint8)
    for top in range(0, len(values), BAND):
        out[top : top + BAND] = _band_to_gamut(values[top : top + BAND], model, space, into)
    return out


def to_linear(values: np.ndarray, model: str, space: Space, by: Target | None = None) -> np.ndarray:
    """Convert a file's own pixels, as `to_srgb` does, to float32 HxWx3 linear sRGB: below 0 for what lies outside.

    by: the gamut that colours are cut to where only lcms knows them, at 8 bits; None: sRGB.
    """
    by = None if by is None or by.is_srgb else by
    out = np.empty((*values.shape[:2], 3), np.float32)
    for top in range(0, len(values), BAND):
        out[top : top + BAND] = _band_to_linear(values[top : top + BAND], model, space, by)
    return out


def as_8_bits(values: np.ndarray) -> np.ndarray:
    """Round uint8, uint16, or float32 of 0..1, to uint8."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        return ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    return np.rint(np.clip(np.nan_to_num(values), 0, 1) * 255).astype(np.uint8)


def _band_to_gamut(values: np.ndarray, model: str, space: Space, into: Target | None) -> np.ndarray:
    if model == "Lab" or values.dtype == np.float32:
        linear = _band_to_linear(values, model, space, into)
        return _encoded(linear @ into.from_srgb.T if into else linear)
    values = as_8_bits(values)
    if model == "CMYK":
        picture = Pillow.fromarray(values, "CMYK")
        transform = _transform(space.icc, "CMYK", into and into.curved_as_srgb) if space.icc else None
        return np.asarray(transform.apply(picture) if transform else picture.convert("RGB"))
    if is_of(space, into) if into else space.is_srgb:
        return values if values.shape[2] == 3 else np.repeat(values, 3, axis=2)
    # lcms counts in few bits, which do for sRGB; a gamut is wanted exactly.
    if space.icc and not (into and curves_and_matrix(space)):
        is_grey = values.shape[2] == 1 and space.icc[16:20] == b"GRAY"
        transform = _transform(space.icc, "L" if is_grey else "RGB", into and into.curved_as_srgb)
        if transform:
            whole = values[:, :, 0] if is_grey else np.broadcast_to(values, (*values.shape[:2], 3))
            return np.asarray(transform.apply(Pillow.fromarray(np.ascontiguousarray(whole))))
    profile = curves_and_matrix(space)
    return _by_matrix8(values, profile, into) if profile else np.broadcast_to(values, (*values.shape[:2], 3))


def _band_to_linear(values: np.ndarray, model: str, space: Space, by: Target | None) -> np.ndarray:
    if model == "Lab":
        return _lab_to_linear(values)
    profile = None if model == "CMYK" else curves_and_matrix(space)
    if profile is None:
        linear = DECODED[_band_to_gamut(as_8_bits(values), model, space, by)]
        return linear @ by.to_srgb.T if by else linear
    if values.dtype == np.float32:
        linear = np.stack([_bent(values[:, :, min(c, values.shape[2] - 1)], profile.curves[c]) for c in range(3)], 2)
    else:
        codes = values if values.dtype == np.uint16 else values.astype(np.uint16) * np.uint16(257)
        linear = np.stack([profile.curves[c][codes[:, :, min(c, codes.shape[2] - 1)]] for c in range(3)], axis=2)
    return _in_srgb(linear, profile)


def _in_srgb(linear: np.ndarray, profile: MatrixProfile) -> np.ndarray:
    """Bring linear light (float32 HxWx3) of a profile's primaries to those of sRGB."""
    if profile.to_srgb is not None:
        linear = linear @ profile.to_srgb.T
    if profile.system_gamma != 1:
        luminance = linear @ LUMINANCE
        linear *= np.maximum(luminance, 1e-6)[:, :, None] ** np.float32(profile.system_gamma - 1)
    return linear


def _bent(values: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Apply a curve of 65536 values to floats (HxW); over white it goes on as steep as it ends."""
    values = np.clip(np.nan_to_num(values), 0, None)
    bent = np.interp(np.minimum(values, 1), np.linspace(0, 1, 65536, dtype=np.float32), curve)
    slope = (curve[-1] - curve[-2]) * 65535
    return (bent + np.maximum(values - 1, 0) * slope).astype(np.float32)


def _by_matrix8(values: np.ndarray, profile: MatrixProfile, into: Target | None) -> np.ndarray:
    """Convert uint8 HxWx1 or HxWx3 to uint8 HxWx3 with the sRGB curve, in a gamut or sRGB."""
    curves = profile.curves[:, ::257]
    linear = np.stack([curves[c][values[:, :, min(c, values.shape[2] - 1)]] for c in range(3)], axis=2)
    linear = _in_srgb(linear, profile)
    return _encoded(linear @ into.from_srgb.T if into else linear)


def _encoded(linear: np.ndarray) -> np.ndarray:
    """Encode linear light (float32) to uint8 by the sRGB curve, clipped at black and white."""
    return _encoding()[np.rint(np.clip(linear, 0, 1) * 65535).astype(np.uint16)]


@cache
def _encoding() -> np.ndarray:
    """Tabulate the sRGB curve from 65536 steps of linear light to uint8; over the blacks, too, a step is under 0.06."""
    return np.rint(linear_to_srgb(np.linspace(0, 1, 65536)) * 255).astype(np.uint8)


def _lab_to_linear(values: np.ndarray) -> np.ndarray:
    """Convert CIE L*a*b* under D50, unsigned with a* and b* offset by half (TIFF's ICCLab), to linear sRGB."""
    full, step = (255, 1) if values.dtype == np.uint8 else (65535, 256)
    lab = values.astype(np.float32)
    fy = (lab[:, :, 0] * (100 / full) + 16) / 116
    f = np.stack([fy + (lab[:, :, 1] / step - 128) / 500, fy, fy - (lab[:, :, 2] / step - 128) / 200], axis=2)
    ratio = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    return (ratio * np.array([0.9642, 1, 0.8249], np.float32)) @ D50_TO_SRGB.T


def of_gamut(pixels: np.ndarray, model: str, space: Space, of: Target) -> np.ndarray | None:
    """Convert pixels of a gamut, uint8 Nx3 with the sRGB curve, into values of a space: the way back of `to_gamut`.

    Gives float32 Nx1 for "grey", Nx3 for "RGB", 0 to 1, clipped; None where its profile says only how values look, not
    how to get them.
    """
    if space.is_srgb and of.is_srgb and model == "RGB":
        return pixels / np.float32(255)
    profile = curves_and_matrix(space)
    if profile is None:
        return _by_lookup(pixels, space, of) if model == "RGB" else None
    linear = DECODED[pixels] if of.is_srgb else DECODED[pixels] @ of.to_srgb.T
    if model == "grey":
        linear = (linear @ LUMINANCE)[:, None]
    elif profile.to_srgb is not None:
        linear = np.maximum(linear @ np.linalg.inv(profile.to_srgb).T, 0)
    if profile.system_gamma != 1:
        shown = linear @ LUMINANCE if model == "RGB" else linear[:, 0]
        linear = linear * np.maximum(shown, 1e-6)[:, None] ** np.float32(1 / profile.system_gamma - 1)
    steps = np.linspace(0, 1, 65536, dtype=np.float32)
    curves = np.maximum.accumulate(profile.curves, axis=1)
    return np.stack([np.interp(linear[:, c], curves[c], steps) for c in range(linear.shape[1])], axis=1).astype(
        np.float32
    )


def _by_lookup(pixels: np.ndarray, space: Space, of: Target) -> np.ndarray | None:
    """Convert uint8 Nx3 of a gamut by lcms, at 8 bits, into values of an RGB profile: float32 Nx3."""
    try:
        converted = ImageCms.profileToProfile(
            Pillow.fromarray(np.ascontiguousarray(pixels[None])),
            ImageCms.ImageCmsProfile(io.BytesIO(of.curved_as_srgb)),
            ImageCms.ImageCmsProfile(io.BytesIO(space.icc)),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return np.asarray(converted)[0] / np.float32(255)
    except _BROKEN:
        return None


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
