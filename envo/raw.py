"""Camera RAW through LibRaw: what it is, how large, and developed to linear light."""

import io
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as Pillow

from envo import colour, colournoise, jpeg
from envo.adjustments import CONSTANTS
from envo.colournoise import ColourNoise
from envo.development import DEVELOPED, Development
from envo.highlights import Highlights

if TYPE_CHECKING:
    import rawpy


_SRGB_TO_XYZ = np.array(CONSTANTS["linear_to_xyz"])
_ROWS = 512
"""Rows that are worked on at a time, so that little is in memory beside the photo."""
_AT_A_TIME = 2
_AMOUNTS = {"reduce": 1.0, "some": 0.5, "keep": 0.0}
"""How much of the coloured noise is taken out, of what there is in `development.NOISES`."""
_TOLD = 0.125
"""By a higher first entry LibRaw knows a matrix that a file has."""


@contextmanager
def opened(data: bytes) -> Iterator["rawpy.RawPy"]:
    """Open a RAW; its headers are read, its pixels are not. LibRaw may take for one what is none, too.

    Raises LibRaw's errors.
    """
    import rawpy

    with rawpy.RawPy() as source:
        source.open_buffer(io.BytesIO(data))
        yield source


def size(source: "rawpy.RawPy") -> tuple[int, int]:
    """Width and height of the developed picture, upright."""
    sizes = source.sizes
    width, height = sizes.iwidth, sizes.iheight
    if sizes.pixel_aspect < 1:
        height = round(height / sizes.pixel_aspect)
    else:
        width = round(width * sizes.pixel_aspect)
    return (height, width) if sizes.flip in (5, 6) else (width, height)


def orientation(source: "rawpy.RawPy") -> int:
    """Give EXIF's number of the turn that makes the sensor's picture upright: 1, 3, 6 or 8."""
    return {3: 3, 5: 8, 6: 6}.get(source.sizes.flip, 1)


def bit_depth(source: "rawpy.RawPy") -> int:
    """Judge the bits of the sensor's values by its white level: 8, 10, 12, 14 or 16. Reads the values."""
    return min((bits for bits in (8, 10, 12, 14) if source.white_level < 2**bits), default=16)


def white(source: "rawpy.RawPy") -> tuple[float, float] | None:
    """Give the light in which the camera took it to be: kelvin, and Adobe's tint; None where it does not tell.

    Kelvin after C. McCamy (1992), the locus of black bodies after M. Krystek (1985), tint as 3000 times the distance
    from that in CIE 1960 uv.
    """
    gains = np.array(source.camera_whitebalance[:3])
    if gains.min() <= 0 or np.ptp(gains) == 0:
        return None
    matrix = _xyz_to_camera(source)
    if abs(np.linalg.det(matrix)) < 1e-9:
        return None
    x, y, z = np.linalg.solve(matrix, 1 / gains)
    if min(x, y, z) <= 0:
        return None
    n = (x / (x + y + z) - 0.3320) / (0.1858 - y / (x + y + z))
    kelvin = ((449 * n + 3525) * n + 6823.3) * n + 5520.33
    if not 1500 <= kelvin <= 25_000:
        return None
    u = (0.860117757 + 1.54118254e-4 * kelvin + 1.28641212e-7 * kelvin**2) / (
        1 + 8.42420235e-4 * kelvin + 7.08145163e-7 * kelvin**2
    )
    v = (0.317398726 + 4.22806245e-5 * kelvin + 4.20481691e-8 * kelvin**2) / (
        1 - 2.89741816e-5 * kelvin + 1.61456053e-7 * kelvin**2
    )
    across, up = 4 * x / (x + 15 * y + 3 * z) - u, 6 * y / (x + 15 * y + 3 * z) - v
    tint = 3000 * np.copysign(np.hypot(across, up), up)
    return float(kelvin), float(tint)


def develop(source: "rawpy.RawPy", half: bool = False, development: Development = DEVELOPED) -> np.ndarray:
    """Develop to float32 HxWx3 linear sRGB, upright, as bright as the camera's own picture of it, not clamped.

    LibRaw demosaics, and applies the camera's white balance. Highlights are rebuilt, and coloured noise is taken out,
    in the sensor's own channels; then its matrix makes sRGB of them. What lies outside of that is below 0, unless
    highlights are to be clipped.
    Where a sensor's white lies is arbitrary, so one gain brings the median to that of the embedded preview; without a
    preview, 1 % of the pixels to white, as dcraw does. The gain is applied in float: what it lifts over 1 stays there
    to be brought back. With `half`, at half the size and without demosaicing.
    """
    import cv2

    to_srgb = None if development.highlights == "clip" else _camera_to_srgb(source)
    if to_srgb is None:
        developed, ends, to_srgb = _balanced_by_libraw(source, half, development), np.ones(3), np.eye(3)
    else:
        gains = _gains(source)
        developed, ends = _balanced(source, gains, half, development), gains / gains.min()
    scale = np.float32(ends.max() / 65535)
    # What it is for the camera, and how bright, does not hang on what becomes of its highlights.
    as_camera = np.minimum(_sparse(developed) * scale, 1) @ to_srgb.T.astype(np.float32)
    gain = _gain(source, np.clip(as_camera, 0, 1))
    rebuilt = Highlights.of(developed, ends)
    noise, amount = ColourNoise.of(developed, scale), _AMOUNTS[development.noise]
    pixels = np.empty(developed.shape, np.float32)
    matrix, reach = (to_srgb * gain).astype(np.float32), colournoise.REACH if amount else 0

    def finish(top: int) -> None:
        above = min(top, reach)
        band = developed[top - above : top + _ROWS + reach] * scale
        rebuilt.rebuild(band, top - above, len(pixels))
        if amount:
            noise.take(band, amount)
        pixels[top : top + _ROWS] = cv2.transform(band[above : above + _ROWS], matrix)

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        deque(pool.map(finish, range(0, len(pixels), _ROWS)), maxlen=0)
    return pixels


def _balanced_by_libraw(source: "rawpy.RawPy", half: bool, development: Development) -> np.ndarray:
    """Have LibRaw make sRGB, uint16 HxWx3 linear: all channels end where the first one does."""
    import rawpy

    developed = source.postprocess(
        use_camera_wb=True, output_color=rawpy.ColorSpace.sRGB, **_options(half, development)
    )
    return np.repeat(developed, 3, axis=2) if developed.shape[2] == 1 else developed


def _balanced(source: "rawpy.RawPy", gains: np.ndarray, half: bool, development: Development) -> np.ndarray:
    """Have LibRaw demosaic and balance a sensor's channels, uint16 HxWx3 up to 65535 at the highest gain."""
    import rawpy

    return source.postprocess(
        user_wb=[*gains, gains[1]],
        output_color=rawpy.ColorSpace.raw,
        highlight_mode=rawpy.HighlightMode.Ignore,
        **_options(half, development),
    )


def _options(half: bool, development: Development) -> dict[str, Any]:
    import rawpy

    wanted = development.demosaic
    return {
        "output_bps": 16,
        "gamma": (1, 1),
        "no_auto_bright": True,
        "demosaic_algorithm": None if wanted == "auto" else rawpy.DemosaicAlgorithm[wanted.upper()],
        "half_size": half,
    }


def _gains(source: "rawpy.RawPy") -> np.ndarray:
    """Give what a sensor's red, green and blue are multiplied by for white: as the camera chose, else for daylight."""
    for gains in (source.camera_whitebalance, source.daylight_whitebalance):
        if min(gains[:3]) > 0:
            return np.array(gains[:3])
    return np.ones(3)


def _camera_to_srgb(source: "rawpy.RawPy") -> np.ndarray | None:
    """Give the 3x3 matrix that makes linear sRGB of balanced channels, as LibRaw would apply it.

    None where that is LibRaw's alone to know: of old cameras, and of sensors of layers or another number of colours.
    """
    import rawpy

    if source.num_colors != 3:
        return None
    told, to_camera = source.color_matrix[:, :3], source.rgb_xyz_matrix[:3]
    if told[0, 0] > _TOLD:
        return told.astype(float)
    if source.raw_type == rawpy.RawType.Stack or not to_camera.any():
        return None
    of_srgb = to_camera @ _SRGB_TO_XYZ
    return np.linalg.inv(of_srgb / of_srgb.sum(axis=1, keepdims=True))


def _xyz_to_camera(source: "rawpy.RawPy") -> np.ndarray:
    """Give the 3x3 matrix from XYZ to the sensor's own channels; zeros where it is not known."""
    known = np.array(source.rgb_xyz_matrix)[:3]
    if known.any():
        return known
    # Of a DNG, LibRaw tells the matrix to sRGB alone, of channels that are balanced for daylight.
    to_srgb, daylight = source.color_matrix[:, :3].astype(float), np.array(source.daylight_whitebalance[:3])
    if to_srgb[0, 0] <= _TOLD or daylight.min() <= 0:
        return known
    return np.linalg.inv(_SRGB_TO_XYZ @ to_srgb @ np.diag(daylight))


def _gain(source: "rawpy.RawPy", pixels: np.ndarray) -> float:
    """Choose the factor that makes linear sRGB (float32 HxWx3) as bright as the embedded preview."""
    luminance = pixels @ colour.LUMINANCE
    preview = _preview(source)
    if preview is None:
        return np.clip(1 / max(np.percentile(luminance, 99), 1e-6), 1, 4)
    shown = colour.srgb_to_linear(preview.astype(np.float32) / 255) @ colour.LUMINANCE
    return np.clip(np.median(shown) / max(np.median(luminance), 1e-6), 0.5, 8)


def preview(source: "rawpy.RawPy", edge: int) -> np.ndarray | None:
    """Read the camera's own picture inside a RAW, upright, uint8 HxWx3, its long edge about `edge` if it is longer.

    Of as much as is developed, as far as its shape tells. None where there is none that can be read.
    """
    pixels = _embedded(source, edge)
    if pixels is None:
        return None
    width, height = size(source)
    turns = {3: 2, 5: 1, 6: 3}.get(source.sizes.flip, 0)
    # Some cameras turn it upright themselves.
    if turns != 2 and (pixels.shape[0] > pixels.shape[1]) == (height > width):
        turns = 0
    pixels = np.rot90(pixels, turns)
    down, across = pixels.shape[:2]
    kept = min(across, round(down * width / height)), min(down, round(across * height / width))
    left, top = (across - kept[0]) // 2, (down - kept[1]) // 2
    return np.ascontiguousarray(pixels[top : top + kept[1], left : left + kept[0]])


def _preview(source: "rawpy.RawPy") -> np.ndarray | None:
    """Read some pixels of the camera's own picture inside a RAW, uint8 HxWx3; None where there is none."""
    pixels = _embedded(source, 512)
    return None if pixels is None else _sparse(pixels)


def _embedded(source: "rawpy.RawPy", edge: int) -> np.ndarray | None:
    """Read the picture inside a RAW as it lies there, uint8 HxWx3, of a JPEG with sides of at least `edge`."""
    import rawpy

    try:
        thumb = source.extract_thumb()
        if thumb.format == rawpy.ThumbFormat.BITMAP:
            return thumb.data
        told = jpeg.read(thumb.data)
        if told.is_costly or not told.can_be_in(len(thumb.data)):
            return None
        picture = Pillow.open(io.BytesIO(thumb.data), formats=["JPEG"])
        picture.draft("RGB", (edge, edge))
        return np.asarray(picture.convert("RGB"))
    except Exception:  # a preview that cannot be read costs the hint, not the photo
        return None


def _sparse(pixels: np.ndarray) -> np.ndarray:
    """Take every nth row and column, about 256 of each: enough for statistics."""
    step = max(1, min(pixels.shape[:2]) // 256)
    return pixels[::step, ::step]
