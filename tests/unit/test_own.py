"""What is not changed of a photo stays as its file has it: mode, depth, profile, transparency, every value."""

import io
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image as Pillow
from PIL import ImageCms

from envo import export, photo
from envo.colour import SRGB
from envo.edits import Geometry
from envo.file import PhotoFile
from envo.geometry import framing
from envo.own import Own
from tests.conftest import SHARED
from tests.unit.test_photo import dng, png16, profile, saved, tiff

CASES = SHARED / "cases"
SCENE = cv2.resize(skimage.data.astronaut(), (60, 40), interpolation=cv2.INTER_AREA)
GREY = cv2.cvtColor(SCENE, cv2.COLOR_RGB2GRAY)
DEEP = (SCENE.astype(np.uint16) << 8) + np.arange(60, dtype=np.uint16)[None, :, None]
ALPHA = np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))
DEEP_CLEAR = np.dstack([DEEP, ALPHA * np.uint16(257)])
HOLE = np.s_[10:20, 30:45]
WIDE = profile("AdobeRGB")
GREY_PROFILE = profile("grey")


def turned(orientation: int) -> bytes:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def palette() -> bytes:
    return saved(Pillow.fromarray(SCENE).quantize(64), "PNG")


KEPT = {
    "RGB": (saved(SCENE, "PNG"), SCENE, None),
    "RGB with a profile": (saved(SCENE, "PNG", icc_profile=WIDE), SCENE, WIDE),
    "BMP": (saved(SCENE, "BMP"), SCENE, None),
    "WebP": (saved(SCENE, "WEBP", lossless=True), SCENE, None),
    "palette": (palette(), np.asarray(Pillow.open(io.BytesIO(palette())).convert("RGB")), None),
    "RGBA": (saved(np.dstack([SCENE, ALPHA]), "PNG"), np.dstack([SCENE, ALPHA]), None),
    "RGBA with a profile": (
        saved(np.dstack([SCENE, ALPHA]), "PNG", icc_profile=WIDE),
        np.dstack([SCENE, ALPHA]),
        WIDE,
    ),
    "grey": (saved(GREY, "PNG"), GREY[..., None], None),
    "grey with a profile": (saved(GREY, "PNG", icc_profile=GREY_PROFILE), GREY[..., None], GREY_PROFILE),
    "grey and alpha": (saved(Pillow.fromarray(np.dstack([GREY, ALPHA]), "LA"), "PNG"), np.dstack([GREY, ALPHA]), None),
    "16 bits": (png16(DEEP), DEEP, None),
    "16 bits and alpha": (png16(DEEP_CLEAR), DEEP_CLEAR, None),
    "16 bits of grey": (png16(DEEP[..., :1]), DEEP[..., :1], None),
    "16 bits of grey and alpha": (png16(DEEP_CLEAR[..., 2:]), DEEP_CLEAR[..., 2:], None),
    "TIFF": (tiff(SCENE), SCENE, None),
    "TIFF of 16 bits": (tiff(DEEP), DEEP, None),
    "TIFF of 16 bits with a profile": (tiff(DEEP, iccprofile=WIDE), DEEP, WIDE),
    "TIFF with alpha": (tiff(np.dstack([SCENE, ALPHA]), extrasamples=["unassalpha"]), np.dstack([SCENE, ALPHA]), None),
    "turned": (saved(np.rot90(SCENE, 1), "PNG", exif=turned(6)), SCENE, None),
    "turned upside down": (saved(np.rot90(SCENE, 2), "PNG", exif=turned(3)), SCENE, None),
}


def read(data: bytes) -> np.ndarray:
    """Read a PNG by OpenCV, as HxWxC of what its header says."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    found = found[..., None] if found.ndim == 2 else found
    colour_type = data[25]
    colours = found[..., :1] if colour_type in (0, 4) else found[..., 2::-1]
    return np.dstack([colours, found[..., 3]]) if colour_type in (4, 6) else colours


def changed(data: bytes, **how) -> Own:
    """Change the hole in a photo."""
    own = Own.of(PhotoFile(data))
    view = own.view()
    after = view.pixels.copy()
    after[HOLE] = 255 - after[HOLE]
    return own.changed(view, after, **how)


@pytest.mark.parametrize("name", KEPT)
def test_what_is_not_changed_is_the_files_own_to_the_byte(name):
    data, expected, icc = KEPT[name]
    made = changed(data)
    found = read(made.png())
    assert found.dtype == expected.dtype and found.shape == expected.shape
    outside = np.full(found.shape[:2], True)
    outside[HOLE] = False
    assert np.array_equal(found[outside], expected[outside])
    assert (found[HOLE][..., 0] != expected[HOLE][..., 0]).mean() > 0.9
    if found.shape[2] in (2, 4):
        assert np.array_equal(found[..., -1], expected[..., -1])
    if icc:
        assert Pillow.open(io.BytesIO(made.png())).info["icc_profile"] == icc
    assert bool(made.notes) == (expected.dtype == np.uint16)


def test_a_jpeg_keeps_the_pixels_that_it_is_decoded_to_and_its_profile():
    for pixels, icc in ((SCENE, WIDE), (GREY, None), (GREY, GREY_PROFILE)):
        data = saved(pixels, "JPEG", quality=90, icc_profile=icc)
        with Pillow.open(io.BytesIO(data)) as file:
            expected = np.asarray(file)
        png = changed(data).png()
        with Pillow.open(io.BytesIO(png)) as file:
            found = np.asarray(file)
            assert file.mode == ("RGB" if pixels is SCENE else "L") and (not icc or file.info["icc_profile"] == icc)
        outside = np.full(found.shape[:2], True)
        outside[HOLE] = False
        assert np.array_equal(found[outside], expected[outside])


@pytest.mark.parametrize("name", KEPT)
def test_what_is_made_shows_the_same_colours_outside_and_those_worked_out_inside(name):
    """In sRGB, by the whole way out and in."""
    data, _, _ = KEPT[name]
    made = changed(data)
    before, after = Own.of(PhotoFile(data)).shown(99), made.shown(99)
    inside = np.zeros(after.shape[:2], bool)
    inside[HOLE] = True
    assert np.array_equal(before[~inside], after[~inside])
    assert np.abs(after[inside].astype(int) - before[inside]).max() > 20


@pytest.mark.parametrize(
    "name", ["RGB with a profile", "grey with a profile", "16 bits", "TIFF of 16 bits with a profile"]
)
def test_exact_colours_come_back_as_they_were_given(name):
    own = Own.of(PhotoFile(KEPT[name][0]))
    view = own.view(exact=True)
    after = view.pixels.copy()
    after[HOLE] = (200, 120, 60) if not own.is_grey else 150
    made = own.changed(view, after)
    again = photo.as_uint8(PhotoFile(made.png()).decode().pixels)
    assert np.abs(again[HOLE].astype(int) - after[HOLE]).max() <= 2
    by_lcms = ImageCms.profileToProfile if made.space.icc and not own.is_grey and own.depth == 8 else None
    if by_lcms:
        with Pillow.open(io.BytesIO(made.png())) as file:
            seen = by_lcms(
                file, ImageCms.ImageCmsProfile(io.BytesIO(file.info["icc_profile"])), ImageCms.createProfile("sRGB")
            )
        assert np.abs(np.asarray(seen)[HOLE].astype(int) - after[HOLE]).max() <= 3


def test_a_profile_too_large_for_some_readers_stays_too():
    icc = WIDE + bytes(1_200_000)
    icc = len(icc).to_bytes(4, "big") + icc[4:]
    data = png16(DEEP, (b"iCCP", b"x\0\0" + zlib.compress(icc)))
    made = export.finish(changed(data).png(), "PNG", PhotoFile(data)).data
    assert PhotoFile(made).facts.space.icc == icc


def test_grey_stays_grey_whatever_an_engine_makes_of_it():
    for data in (saved(GREY, "PNG"), saved(np.dstack([GREY] * 3), "PNG")):
        own = Own.of(PhotoFile(data))
        view = own.view()
        after = view.pixels.copy()
        after[HOLE] = (90, 110, 140)
        made = read(own.changed(view, after).png())
        assert np.ptp(made, axis=2).max() == 0 and abs(int(made[HOLE][0, 0, 0]) - 107) <= 2
        assert made.shape[2] == read(data).shape[2]


@pytest.mark.parametrize("icc", [None, GREY_PROFILE])
def test_colours_that_are_meant_make_a_grey_photo_one_of_colours_and_that_is_told(icc):
    own = Own.of(PhotoFile(saved(GREY, "PNG", icc_profile=icc)))
    view = own.view(exact=True)
    after = view.pixels.copy()
    after[HOLE] = (255, 0, 0)
    made = own.changed(view, after, tints=True)
    found = PhotoFile(made.png()).decode().pixels
    assert np.abs(found[HOLE].astype(int) - (255, 0, 0)).max() <= 1 and "grey" in made.notes[0]
    outside = np.full(GREY.shape, True)
    outside[HOLE] = False
    assert np.abs(found.astype(int) - view.pixels)[outside].max() <= 1
    after[HOLE] = 77
    assert own.changed(view, after, tints=True).is_grey


def test_what_cannot_be_kept_is_told():
    ink = Pillow.fromarray(np.dstack([255 - SCENE, 0 * GREY]), "CMYK")
    for data, said in (
        (saved(ink, "JPEG"), "CMYK"),
        (saved(ink, "TIFF"), "CMYK"),
        (tiff(SCENE.astype(np.float32) / 255), "floating-point"),
        (dng(SCENE), "RAW"),
        (saved(SCENE, "GIF", save_all=True, append_images=[Pillow.fromarray(255 - SCENE)]), "moves"),
        (tiff(np.dstack([SCENE // 2, ALPHA]), extrasamples=["assocalpha"]), "transparency"),
    ):
        own = Own.of(PhotoFile(data))
        assert said in " ".join(own.notes)
        before = photo.as_uint8(PhotoFile(data).decode().pixels) if own.alpha is None else None
        if before is not None:
            assert np.abs(own.shown(9999).astype(int) - before).max() <= 1
    floats = Own.of(PhotoFile(tiff(SCENE[..., 0].astype(np.float32) / 255, photometric="minisblack")))
    assert floats.is_grey and floats.depth == 16


def test_ten_bits_stay_ten_bits():
    deep = (SCENE.astype(np.uint16) * 4).astype(np.uint16)
    import pillow_heif

    pillow_heif.register_heif_opener()
    file = pillow_heif.from_bytes("RGB;16", (60, 40), (deep << 6).tobytes())
    stream = io.BytesIO()
    file.save(stream, quality=-1)
    own = Own.of(PhotoFile(stream.getvalue()))
    assert own.depth == 16 and len(np.unique(own.values)) > 256


def test_engines_see_no_colours_where_a_photo_is_clear():
    hidden = np.dstack([SCENE, ALPHA])
    hidden[ALPHA == 0] = (255, 0, 255, 0)
    view = Own.of(PhotoFile(saved(hidden, "PNG"))).view()
    assert not (view.pixels == (255, 0, 255)).all(axis=2).any()
    assert np.array_equal(view.pixels[ALPHA > 20], SCENE[ALPHA > 20])


def test_alpha_is_multiplied_and_filled_and_left_alone_elsewhere():
    for name in ("RGBA", "16 bits and alpha", "RGB"):
        own = Own.of(PhotoFile(KEPT[name][0]))
        before = own.alpha if own.alpha is not None else np.full(own.values.shape[:2], 255, np.uint8)
        share = np.full(before.shape, 255, np.uint8)
        share[HOLE] = 128
        faded = own.faded(share).alpha
        assert np.array_equal(faded[share == 255], before[share == 255])
        assert np.abs(faded[HOLE] - before[HOLE] * (128 / 255)).max() <= 0.5
        if own.alpha is not None:
            filled = own.filled(255 - share).alpha
            assert np.array_equal(filled[share == 255], before[share == 255])
            assert (filled[HOLE] >= before[HOLE]).all() and filled[HOLE].mean() > before[HOLE].mean()
            assert own.filled(np.full_like(share, 255)).alpha is None
            assert own.shows(before > 0) and not own.shows(before == 0)


def test_a_small_picture_to_show_has_no_colours_of_what_is_clear():
    hidden = np.zeros((40, 60, 4), np.uint8)
    hidden[:, ::2] = (200, 100, 50, 255)
    hidden[:, 1::2] = (0, 255, 0, 0)
    small = Own.of(PhotoFile(saved(hidden, "PNG"))).shown(30)
    assert small.shape == (20, 30, 4)
    assert np.abs(small.reshape(-1, 4).mean(axis=0) - (200, 100, 50, 127.5)).max() <= 1


@pytest.mark.skipif(not CASES.exists(), reason="the collection of odd files is not on this machine")
@pytest.mark.parametrize(
    "path",
    ["ai-01-transparent-png/badge.png", "ai-02-display-p3/p3.png", "ai-03-grey/camera.png", "ai-03-grey/camera.jpg",
     "ai-17-sixteen-bit/ramp16.png"],
)  # fmt: skip
def test_files_of_other_programs_stay_what_they_are(path):
    data = (CASES / path).read_bytes()
    mask = np.asarray(Pillow.open(CASES / Path(path).parent / "mask.png"))
    own = Own.of(PhotoFile(data))
    view = own.view()
    after = view.pixels.copy()
    after[mask > 0] = 255 - after[mask > 0]
    png = own.changed(view, after).png()
    with Pillow.open(io.BytesIO(data)) as source, Pillow.open(io.BytesIO(png)) as made:
        assert (source.mode, source.info.get("icc_profile")) == (made.mode, made.info.get("icc_profile")) or (
            source.mode == made.mode and "icc_profile" not in source.info
        )
        flags = cv2.IMREAD_UNCHANGED
        one, other = (cv2.imdecode(np.frombuffer(each, np.uint8), flags) for each in (data, png))
        assert one.dtype == other.dtype and np.array_equal(one[mask == 0], other[mask == 0])
        assert not np.array_equal(one[mask > 0], other[mask > 0])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_cropped_and_turned_photo_keeps_its_own_values_and_alpha(dtype, channels):
    rng = np.random.default_rng(3)
    top = np.iinfo(dtype).max
    values = rng.integers(0, top, (40, 60, channels), dtype)
    alpha = rng.integers(0, top, (40, 60), dtype)
    frame = framing(Geometry(turns=1, flip=True, crop=(0.25, 0.1, 0.75, 0.9)), (60, 40))
    cut = Own(values, alpha, SRGB).framed(frame)
    assert cut.size == frame.size == (20, 48)
    assert np.array_equal(cut.values, np.rot90(values[:, ::-1], -1)[6:54, 10:30])
    assert np.array_equal(cut.alpha, np.rot90(alpha[:, ::-1], -1)[6:54, 10:30])


def test_what_is_clear_does_not_show_in_what_is_straightened():
    values = np.zeros((200, 300, 3), np.uint16)
    values[:, :150] = (60_000, 20_000, 40_000)
    alpha = np.where(values[..., 0] > 0, 65_535, 0).astype(np.uint16)
    straight = Own(values, alpha, SRGB).framed(framing(Geometry(angle=7.0), (300, 200)))
    seen = straight.alpha > 0
    assert 0.4 < seen.mean() < 0.6 and straight.values.dtype == np.uint16
    assert np.abs(straight.values[seen].astype(int) - (60_000, 20_000, 40_000)).max() <= 1
    assert len(np.unique(straight.alpha)) > 3  # the edge is soft
