"""Camera RAW through LibRaw: what it is, how large, and developed to linear light."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pillow

from envo import colour, jpeg

if TYPE_CHECKING:
    import rawpy


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
    gains, matrix = np.array(source.camera_whitebalance[:3]), np.array(source.rgb_xyz_matrix)[:3]
    if gains.min() <= 0 or np.ptp(gains) == 0 or abs(np.linalg.det(matrix)) < 1e-9:
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


def develop(source: "rawpy.RawPy", half: bool = False) -> np.ndarray:
    """Develop to float32 HxWx3 linear sRGB, upright, as bright as the camera's own picture of it.

    LibRaw demosaics and applies the camera's white balance and colour matrix. Where its result puts white is
    arbitrary, so one gain brings the median to that of the embedded preview; without a preview, 1 % of the
    pixels to white, as dcraw does. The gain is applied in float: what it lifts over 1 stays there to be
    brought back. With `half`, at half the size and without demosaicing.
    """
    import rawpy

    developed = source.postprocess(
        output_bps=16,
        gamma=(1, 1),
        no_auto_bright=True,
        use_camera_wb=True,
        output_color=rawpy.ColorSpace.sRGB,
        half_size=half,
    )
    if developed.shape[2] == 1:
        developed = np.repeat(developed, 3, axis=2)
    pixels = developed.astype(np.float32)
    pixels /= 65535
    pixels *= np.float32(_gain(source, _sparse(pixels)))
    return pixels


def _gain(source: "rawpy.RawPy", pixels: np.ndarray) -> float:
    """Choose the factor that makes linear pixels (float32 HxWx3) as bright as the embedded preview."""
    luminance = pixels @ colour.LUMINANCE
    preview = _preview(source)
    if preview is None:
        return np.clip(1 / max(np.percentile(luminance, 99), 1e-6), 1, 4)
    shown = colour.srgb_to_linear(preview.astype(np.float32) / 255) @ colour.LUMINANCE
    return np.clip(np.median(shown) / max(np.median(luminance), 1e-6), 0.5, 8)


def _preview(source: "rawpy.RawPy") -> np.ndarray | None:
    """Read some pixels of the camera's own picture inside a RAW, uint8 HxWx3; None where there is none."""
    import rawpy

    try:
        thumb = source.extract_thumb()
        if thumb.format == rawpy.ThumbFormat.BITMAP:
            return _sparse(thumb.data)
        told = jpeg.read(thumb.data)
        if told.is_costly or not told.can_be_in(len(thumb.data)):
            return None
        picture = Pillow.open(io.BytesIO(thumb.data), formats=["JPEG"])
        picture.draft("RGB", (512, 512))
        return _sparse(np.asarray(picture.convert("RGB")))
    except Exception:  # a preview that cannot be read costs the hint, not the photo
        return None


def _sparse(pixels: np.ndarray) -> np.ndarray:
    """Take every nth row and column, about 256 of each: enough for statistics."""
    step = max(1, min(pixels.shape[:2]) // 256)
    return pixels[::step, ::step]
