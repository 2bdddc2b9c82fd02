"""The first stage of decoding gives what is in the file: its own channels, depth and alpha."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from envo.file import PhotoFile
from tests.unit.test_photo import ASTRONAUT, difference, png16, saved, tiff

GREY = np.asarray(Pillow.fromarray(ASTRONAUT).convert("L"))
ALPHA = np.full(GREY.shape, 255, np.uint8)
ALPHA[:, :100] = 0
PICTURES = {"grey": GREY, "RGB": ASTRONAUT, "RGBA": np.dstack([ASTRONAUT, ALPHA])}


def of_depth(pixels: np.ndarray, bits: int) -> np.ndarray:
    return pixels if bits == 8 else (pixels.astype(np.uint32) * ((1 << bits) - 1) // 255).astype(np.uint16)


def avif(pixels: np.ndarray, bits: int) -> bytes:
    import imagecodecs

    depth, kind = {} if bits == 8 else {"bitspersample": bits}, {"pixelformat": "400"} if pixels.ndim == 2 else {}
    return imagecodecs.avif_encode(of_depth(pixels, bits), level=95, speed=9, **depth, **kind)


def heic(pixels: np.ndarray, bits: int) -> bytes:
    import pillow_heif

    mode = {2: "L", 3: "RGB", 4: "RGBA"}[pixels.ndim if pixels.ndim == 2 else pixels.shape[2]]
    values, file = of_depth(pixels, 16 if bits > 8 else 8), io.BytesIO()
    pillow_heif.from_bytes(mode + (";16" if bits > 8 else ""), (400, 300), values.tobytes()).save(file, quality=95)
    return file.getvalue()


WRITERS = {
    "AVIF": (avif, (8, 10, 12)),
    "HEIC": (heic, (8, 10)),
    "PNG": (
        lambda pixels, bits: saved(pixels, "PNG") if bits == 8 else png16(np.atleast_3d(of_depth(pixels, 16))),
        (8, 16),
    ),
    "TIFF": (
        lambda pixels, bits: tiff(
            of_depth(pixels, bits),
            "minisblack" if pixels.ndim == 2 else "rgb",
            extrasamples=["unassalpha"] if pixels.shape[2:] == (4,) else None,
        ),
        (8, 16),
    ),
}


@pytest.mark.parametrize("model", PICTURES)
@pytest.mark.parametrize(("format", "bits"), [(name, bits) for name, (_, depths) in WRITERS.items() for bits in depths])
def test_channels_depth_and_alpha_are_the_files_own(format, bits, model):
    pixels = PICTURES[model]
    data = WRITERS[format][0](pixels, bits)
    read = PhotoFile(data).raster()
    assert read.facts == PhotoFile(data).facts
    assert (read.facts.format, read.facts.model, read.facts.bit_depth) == (format, model.removesuffix("A"), bits)
    assert read.values.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert read.values.shape == (300, 400, 1 if model == "grey" else 3)
    assert read.facts.has_alpha == (read.alpha is not None) == (model == "RGBA")
    shown = np.repeat(GREY[:, :, None], 3, axis=2) if model == "grey" else ASTRONAUT.copy()
    if model == "RGBA":
        assert read.alpha.dtype == read.values.dtype
        assert np.abs(PhotoFile(data).decode_alpha().astype(int) - ALPHA).mean() < 1
        shown[:, :100] = 255
    assert difference(PhotoFile(data).decode().pixels, shown) < 4


def test_a_palette_is_expanded_and_cmyk_is_ink():
    picture = Pillow.fromarray(ASTRONAUT)
    assert PhotoFile(saved(picture.quantize(50), "PNG")).raster().values.shape == (300, 400, 3)
    for format in ("JPEG", "TIFF"):
        read = PhotoFile(saved(picture.convert("CMYK"), format)).raster()
        assert read.facts.model == "CMYK" and read.values.shape == (300, 400, 4)
        assert np.abs(read.values[:, :, :3].astype(int) - (255 - ASTRONAUT)).mean() < 4


def test_a_small_picture_has_the_facts_of_the_whole():
    data = saved(ASTRONAUT, "JPEG")
    read = PhotoFile(data).raster(edge=100)
    assert read.values.shape == (75, 100, 3)
    assert read.facts == PhotoFile(data).facts and (read.facts.width, read.facts.height) == (400, 300)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_alpha_multiplied_into_colours_is_taken_out(dtype):
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    colours = np.full((8, 8, 3), 0.5)
    alpha = np.tile(np.linspace(0.25, 1, 8), (8, 1))[:, :, None]
    scaled = np.dstack([colours * alpha, alpha]) * top
    data = tiff((np.rint(scaled) if top > 1 else scaled).astype(dtype), extrasamples=["assocalpha"])
    read = PhotoFile(data).raster()
    assert read.facts.is_associated
    assert np.abs(read.straight() / top - 0.5).max() < 0.01
