"""A picture, uint8 HxWx3, written as every kind of file that is taken, for tests which try them all."""

import io

import numpy as np
from PIL import Image as Pillow

from tests.unit.test_photo import camera_exif, dng, png16, profile, saved, tiff


def _heic(pixels: np.ndarray) -> bytes:
    import pillow_heif

    file, deep = io.BytesIO(), pixels.astype(np.uint16) * 257
    pillow_heif.from_bytes("RGB;16", pixels.shape[1::-1], deep.tobytes()).save(file, quality=95)
    return file.getvalue()


def _avif(pixels: np.ndarray) -> bytes:
    import imagecodecs

    return imagecodecs.avif_encode(pixels.astype(np.uint16) << 2, level=95, bitspersample=10, speed=8)


def _moving(pixels: np.ndarray, format: str) -> bytes:
    frames = [Pillow.fromarray(each) for each in (pixels, pixels[::-1])]
    return saved(frames[0], format, save_all=True, append_images=frames[1:])


def _told(pixels: np.ndarray, format: str) -> bytes:
    """With a profile and EXIF."""
    return saved(pixels, format, quality=92, icc_profile=profile("AdobeRGB"), exif=camera_exif())


def _with_alpha(pixels: np.ndarray) -> np.ndarray:
    """Opaque in the middle, clear at the edges."""
    alpha = np.zeros(pixels.shape[:2], np.uint8)
    alpha[10:-10, 10:-10] = 255
    return np.dstack([pixels, alpha])


def _luma(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Pillow.fromarray(pixels).convert("L"))


def _deep(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.uint16) * 257


def _float(pixels: np.ndarray) -> np.ndarray:
    return (pixels / 255).astype(np.float32)


def _planes(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _cmyk(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Pillow.fromarray(pixels).convert("CMYK"))


KINDS = {
    "JPEG": lambda pixels: saved(pixels, "JPEG", quality=92),
    "JPEG progressive": lambda pixels: saved(pixels, "JPEG", quality=92, progressive=True),
    "JPEG grey": lambda pixels: saved(_luma(pixels), "JPEG", quality=92),
    "JPEG CMYK": lambda pixels: saved(Pillow.fromarray(pixels).convert("CMYK"), "JPEG", quality=92),
    "JPEG with a profile": lambda pixels: _told(pixels, "JPEG"),
    "JPEG of two pictures": lambda pixels: _moving(pixels, "MPO"),
    "PNG": lambda pixels: saved(pixels, "PNG"),
    "PNG alpha": lambda pixels: saved(_with_alpha(pixels), "PNG"),
    "PNG palette": lambda pixels: saved(Pillow.fromarray(pixels).quantize(64), "PNG"),
    "PNG 16": lambda pixels: png16(_deep(pixels)),
    "PNG 16 alpha": lambda pixels: png16(_deep(_with_alpha(pixels))),
    "PNG 16 grey": lambda pixels: png16(_deep(_luma(pixels)[:, :, None])),
    "PNG animated": lambda pixels: _moving(pixels, "PNG"),
    "PNG with a profile": lambda pixels: _told(pixels, "PNG"),
    "WebP": lambda pixels: saved(pixels, "WEBP", quality=92),
    "WebP lossless": lambda pixels: saved(_with_alpha(pixels), "WEBP", lossless=True),
    "WebP animated": lambda pixels: _moving(pixels, "WEBP"),
    "WebP with a profile": lambda pixels: _told(pixels, "WEBP"),
    "GIF": lambda pixels: saved(pixels, "GIF"),
    "GIF animated": lambda pixels: _moving(pixels, "GIF"),
    "BMP": lambda pixels: saved(pixels, "BMP"),
    "BMP palette": lambda pixels: saved(Pillow.fromarray(pixels).quantize(64), "BMP"),
    "HEIC": lambda pixels: saved(pixels, "HEIF", quality=92),
    "HEIC with a profile": lambda pixels: _told(pixels, "HEIF"),
    "HEIC 10": _heic,
    "AVIF": lambda pixels: saved(pixels, "AVIF", quality=92, speed=8),
    "AVIF with a profile": lambda pixels: _told(pixels, "AVIF"),
    "AVIF 10": _avif,
    "RAW": lambda pixels: dng(pixels),
    "RAW with preview": lambda pixels: dng(pixels, preview=pixels[::4, ::4]),
    "TIFF": lambda pixels: tiff(pixels),
    "TIFF LZW": lambda pixels: tiff(pixels, compression="lzw", rowsperstrip=37),
    "TIFF PackBits": lambda pixels: tiff(pixels, compression="packbits", rowsperstrip=37),
    "TIFF JPEG": lambda pixels: tiff(pixels, compression="jpeg", rowsperstrip=64),
    "TIFF JPEG tiles": lambda pixels: tiff(pixels, compression="jpeg", tile=(64, 64)),
    "TIFF planes": lambda pixels: tiff(_planes(pixels), planarconfig="separate", compression="zlib", rowsperstrip=37),
    "TIFF palette": lambda pixels: saved(Pillow.fromarray(pixels).quantize(64), "TIFF"),
    "TIFF bilevel": lambda pixels: saved(Pillow.fromarray(pixels).convert("1"), "TIFF", compression="group4"),
    "TIFF fax": lambda pixels: saved(Pillow.fromarray(pixels).convert("1"), "TIFF", compression="group3"),
    "TIFF white is zero": lambda pixels: tiff(255 - _luma(pixels), "miniswhite", compression="zlib"),
    "TIFF CMYK": lambda pixels: tiff(_cmyk(pixels), "separated"),
    "TIFF big": lambda pixels: tiff(pixels, bigtiff=True, compression="zlib"),
    "TIFF other order": lambda pixels: tiff(_deep(pixels), byteorder=">", compression="lzw", predictor=2),
    "TIFF alpha": lambda pixels: tiff(_with_alpha(pixels), extrasamples=["unassalpha"], compression="zlib"),
    "TIFF 16": lambda pixels: tiff(_deep(pixels)),
    "TIFF 16 LZW": lambda pixels: tiff(_deep(pixels), compression="lzw", rowsperstrip=37),
    "TIFF 16 ZIP": lambda pixels: tiff(_deep(pixels), compression="zlib", predictor=2, rowsperstrip=37),
    "TIFF 16 PackBits": lambda pixels: tiff(_deep(pixels), compression="packbits"),
    "TIFF 16 LZMA": lambda pixels: tiff(_deep(pixels), compression="lzma"),
    "TIFF 16 ZSTD": lambda pixels: tiff(_deep(pixels), compression="zstd", tile=(64, 64)),
    "TIFF 16 planes": lambda pixels: tiff(_planes(_deep(pixels)), planarconfig="separate"),
    "TIFF 16 planes ZIP": lambda pixels: tiff(_planes(_deep(pixels)), planarconfig="separate", compression="zlib"),
    "TIFF float": lambda pixels: tiff(_float(pixels), compression="zlib", predictor=3),
    "TIFF float planes": lambda pixels: tiff(_planes(_float(pixels)), planarconfig="separate"),
}
