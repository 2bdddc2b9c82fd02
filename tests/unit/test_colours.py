"""Colours are what the file says they are, in whatever way it says so, the way that its standard puts first."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from envo import colour, edits, export, gamut, output, photo
from envo.colour import ADOBE_PRIMARIES, PRIMARIES, Space, srgb_to_linear
from envo.exportsettings import ExportSettings
from envo.file import PhotoFile
from envo.material import Material
from tests import exiftool
from tests.conftest import SHARED
from tests.unit.test_photo import png16, profile, saved, tiff

CASES = SHARED / "cases"
COLOURS = ((200, 60, 60), (128, 128, 128), (10, 20, 30), (250, 240, 20), (0, 255, 0), (40, 80, 200), (5, 5, 5))
PATCHES = np.repeat(np.repeat(np.array([COLOURS], np.uint8), 8, axis=0), 8, axis=1)
HALF_CLEAR = np.dstack([PATCHES, np.full(PATCHES.shape[:2], 128, np.uint8)])
ADOBE, LINEAR = profile("AdobeRGB"), Space(transfer="linear").profile()
ADOBE_CHROMATICITIES = struct.pack(">8I", *(round(each * 100_000) for each in ADOBE_PRIMARIES))
GAMMAS = {gamma: (b"gAMA", struct.pack(">I", gamma)) for gamma in (45455, 55556, 100_000)}
SRGB = (b"sRGB", b"\0")
CICP_P3 = (b"cICP", bytes([12, 13, 0, 1]))


def iccp(icc: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"icc\0\0" + zlib.compress(icc)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*chunks: tuple[bytes, bytes], pixels: np.ndarray = PATCHES) -> bytes:
    data = saved(pixels, "PNG")
    return data[:33] + b"".join(chunk(*each) for each in chunks) + data[33:]


def avif(primaries: int, transfer: int, matrix: int = 6, pixels: np.ndarray = PATCHES) -> bytes:
    import imagecodecs

    deep = {} if pixels.dtype == np.uint8 else {"bitspersample": 10}
    return imagecodecs.avif_encode(
        pixels, level=100, pixelformat="444", primaries=primaries, transfer=transfer, matrix=matrix, **deep
    )


def named(icc: bytes, name: bytes) -> bytes:
    """The profile with another description, as long as its own."""
    at = icc.index(b"desc", 132 + 12 * icc[131]) + 12
    length = struct.unpack_from(">I", icc, at - 4)[0]
    return icc[:at] + name.ljust(length, b" ")[: length - 1] + b"\0" + icc[at + length :]


FILES = {
    "nothing": (png(), "image/png"),
    "sRGB's gamma": (png(GAMMAS[45455]), "image/png"),
    "gamma of 1.8": (png(GAMMAS[55556]), "image/png"),
    "linear": (png(GAMMAS[100_000]), "image/png"),
    "gamma and primaries": (png(GAMMAS[45455], (b"cHRM", ADOBE_CHROMATICITIES)), "image/png"),
    "primaries alone": (png((b"cHRM", ADOBE_CHROMATICITIES)), "image/png"),
    "sRGB before gamma": (png(SRGB, GAMMAS[55556]), "image/png"),
    "a profile before gamma": (png(GAMMAS[100_000], iccp(ADOBE)), "image/png"),
    "a profile before sRGB": (png(SRGB, iccp(ADOBE)), "image/png"),
    "code points before a profile": (png(iccp(ADOBE), CICP_P3), "image/png"),
    "code points of P3": (png(CICP_P3), "image/png"),
    "code points of Rec. 2020": (png((b"cICP", bytes([9, 1, 0, 1]))), "image/png"),
    "code points of linear light": (png((b"cICP", bytes([1, 8, 0, 1]))), "image/png"),
    "a linear profile": (png(iccp(LINEAR)), "image/png"),
    "a linear profile named sRGB": (png(iccp(named(LINEAR, b"sRGB built-in"))), "image/png"),
    "a profile of grey": (png(iccp(profile("grey")), pixels=PATCHES[:, :, 0].copy()), "image/png"),
    "a profile of grey in colour": (png(iccp(profile("grey"))), "image/png"),
    "a profile of colour in grey": (png(iccp(ADOBE), pixels=PATCHES[:, :, 0].copy()), "image/png"),
    "half clear": (png(pixels=HALF_CLEAR), "image/png"),
    "half clear, with a profile": (png(iccp(ADOBE), pixels=HALF_CLEAR), "image/png"),
    "half clear, of 16 bits": (png16(HALF_CLEAR.astype(np.uint16) * 257, iccp(ADOBE)), "image/png"),
    "half clear, linear": (png(GAMMAS[100_000], pixels=HALF_CLEAR), "image/png"),
    "JPEG": (saved(PATCHES, "JPEG", quality=100, subsampling=0, icc_profile=ADOBE), "image/jpeg"),
    "grey JPEG": (saved(PATCHES[:, :, 0].copy(), "JPEG", quality=100, icc_profile=profile("grey")), "image/jpeg"),
    "WebP": (saved(PATCHES, "WEBP", lossless=True, icc_profile=ADOBE), "image/webp"),
    "AVIF of P3": (avif(12, 13), "image/avif"),
    "AVIF of television": (avif(1, 1, 1), "image/avif"),
    "AVIF of Rec. 2020": (avif(9, 1, 9), "image/avif"),
    "AVIF of a gamma": (avif(1, 4), "image/avif"),
    "AVIF that says nothing": (avif(2, 2, 2), "image/avif"),
    "AVIF of 10 bits": (avif(12, 13, pixels=PATCHES.astype(np.uint16) << 2), "image/avif"),
}
"""Flat patches in files that say in different ways what their colours are, and the media type; what is right is what
Chromium shows, see tests/browser/test_colours.py."""


def patches(data: bytes) -> np.ndarray:
    return photo.as_uint8(PhotoFile(data).decode().pixels)[4, 4::8].astype(int)


@pytest.mark.parametrize(
    "name",
    [name for name, (_, kind) in FILES.items() if kind == "image/png" and not {"grey", "half"} & set(name.split())],
)
def test_sixteen_bits_are_the_colours_of_eight(name):
    data = FILES[name][0]
    chunks, at = [], 33
    while data[at + 4 : at + 8] != b"IDAT":
        length = struct.unpack_from(">I", data, at)[0]
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    assert np.abs(patches(png16(PATCHES.astype(np.uint16) * 257, *chunks)) - patches(data)).max() <= 1


def test_the_same_picture_is_the_same_file_whenever_a_process_began():
    assert colour.srgb_profile()[24:36] == bytes(12)  # the time at which a profile was made (ICC.1:2022, 7.2.8)


def test_code_points_stand_for_display_p3():
    # Worked out by hand: P3's (200, 60, 60) in sRGB, and the other way round.
    assert np.abs(patches(png(CICP_P3))[0] - (217, 42, 52)).max() <= 1
    assert np.abs(patches(avif(12, 13, pixels=np.full_like(PATCHES, (185, 72, 66))))[0] - (200, 60, 60)).max() <= 2


def heic(primaries: int, transfer: int, pixels: np.ndarray) -> bytes:
    import pillow_heif

    mode = "RGB" if pixels.dtype == np.uint8 else "RGB;16"
    made, file = pillow_heif.from_bytes(mode, pixels.shape[1::-1], pixels.tobytes()), io.BytesIO()
    made.save(
        file, quality=100, chroma=444, color_primaries=primaries, transfer_characteristics=transfer, full_range_flag=1
    )
    return file.getvalue()


def pq(pixels: np.ndarray, primaries: int) -> np.ndarray:
    """Encode sRGB as SMPTE ST 2084 has it, white being 203 cd/m2; uint16."""
    to_xyz = np.linalg.inv(colour.curves_and_matrix(Space(primaries=PRIMARIES[primaries])).to_srgb)
    light = np.maximum(srgb_to_linear(pixels / 255) @ to_xyz.T, 0) * 203 / 10000
    power = light ** (2610 / 16384)
    return np.rint(((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32) * 65535).astype(
        np.uint16
    )


def test_high_dynamic_range_is_as_bright_as_its_white():
    encoded = pq(PATCHES, 9)
    for data in (heic(9, 16, encoded), avif(9, 16, 9, encoded >> 6), png16(encoded, (b"cICP", bytes([9, 16, 0, 1])))):
        image = PhotoFile(data).decode()
        assert image.header.linear and not image.header.browser_ready
        assert np.abs(patches(data) - COLOURS).max() <= 6
    bright = PhotoFile(png16(np.full((8, 8, 3), 50_000, np.uint16), (b"cICP", bytes([9, 16, 0, 1])))).decode().pixels
    assert bright.min() > 3, "highlights are kept for editing"
    # 75 % is where HLG has its white (ITU-R BT.2408).
    white = PhotoFile(png16(np.full((8, 8, 3), 49_151, np.uint16), (b"cICP", bytes([9, 18, 0, 1])))).decode().pixels
    assert abs(white.mean() - 1) < 0.03


def test_heic_of_p3_is_converted():
    assert np.abs(patches(heic(12, 13, np.full_like(PATCHES, (185, 72, 66))))[0] - (200, 60, 60)).max() <= 3


def test_grey_with_alpha_has_its_profile():
    grey = np.full((8, 56), 55, np.uint8)
    icc = named(_grey_linear(), b"x")
    for pixels in (grey, np.dstack([grey, np.full_like(grey, 255)]), np.dstack([grey, np.full_like(grey, 255)])):
        assert np.abs(patches(png(iccp(icc), pixels=pixels)) - 128).max() <= 1
    # Half of it shows, and white behind it, as browsers lay it: in encoded values.
    assert np.abs(patches(png(iccp(icc), pixels=np.dstack([grey, np.full_like(grey, 128)]))) - 191).max() <= 2


def _grey_linear() -> bytes:
    icc = profile("grey")
    at = icc.index(b"curv\0\0\0\0")
    return icc[: at + 12] + struct.pack(">H", 256) + icc[at + 14 :]


def test_a_profile_is_known_by_its_curves_whatever_its_name():
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert colour.is_srgb(own) and colour.is_srgb(Space().profile())
    lying = named(LINEAR, b"sRGB IEC61966-2.1")
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(lying)))
    assert not colour.is_srgb(lying) and not PhotoFile(png(iccp(lying))).header.browser_ready
    honest = Space(primaries=PRIMARIES[1], transfer="sRGB")
    other = named(colour._written(honest), b"Something else")
    assert colour.is_srgb(other) and PhotoFile(png(iccp(other))).header.browser_ready


@pytest.mark.parametrize(
    ("primaries", "transfer"), [(PRIMARIES[12], "sRGB"), (ADOBE_PRIMARIES, 563 / 256), (PRIMARIES[9], 2.4)]
)
def test_a_profile_made_of_what_is_told_says_the_same(primaries, transfer):
    space = Space(primaries=primaries, transfer=transfer)
    by_lcms = ImageCms.profileToProfile(
        Pillow.fromarray(PATCHES), ImageCms.ImageCmsProfile(io.BytesIO(space.profile())), ImageCms.createProfile("sRGB")
    )
    assert np.abs(colour.to_srgb(PATCHES, "RGB", space).astype(int) - np.asarray(by_lcms)).max() <= 1


def camera_jpeg(space: int | None, interoperability: str | None, **options) -> bytes:
    exif = Pillow.Exif()
    exif[0x010F] = "Canon"
    if space is not None:
        exif.get_ifd(0x8769)[0xA001] = space
    if interoperability:
        exif.get_ifd(0x8769)[0xA005] = {1: interoperability}
    options |= {"quality": 100, "subsampling": 0, "exif": exif.tobytes()}
    return saved(np.full_like(PATCHES, (172, 62, 61)), "JPEG", **options)


@pytest.mark.parametrize(
    ("space", "interoperability", "is_adobe"),
    [
        (65535, "R03", True),
        (2, None, True),
        (None, "R03", True),
        (1, "R98", False),
        (65535, None, False),
        (1, "R03", False),
    ],
)
def test_exif_says_adobe_rgb(space, interoperability, is_adobe):
    data = camera_jpeg(space, interoperability)
    assert PhotoFile(data).header.browser_ready == (not is_adobe)
    assert np.abs(patches(data)[0] - ((200, 60, 60) if is_adobe else (172, 62, 61))).max() <= 2


def test_exif_of_a_tiff_says_adobe_rgb():
    data = exiftool.changed(tiff(np.full_like(PATCHES, (172, 62, 61))), "-ColorSpace#=65535", "-InteropIndex=R03")
    assert exiftool.tags(data)["InteropIFD:InteropIndex"].startswith("R03")
    assert np.abs(patches(data)[0] - (200, 60, 60)).max() <= 2
    assert np.abs(patches(exiftool.changed(data, "-ColorSpace#=1", "-InteropIndex=R98"))[0] - (172, 62, 61)).max() <= 1


def test_a_profile_counts_for_more_than_exif():
    assert np.abs(patches(camera_jpeg(65535, "R03", icc_profile=colour.srgb_profile()))[0] - (172, 62, 61)).max() <= 2


def test_a_tiff_has_its_profile_at_every_depth():
    for pixels in (PATCHES, PATCHES.astype(np.uint16) * 257):
        assert np.abs(patches(tiff(pixels, iccprofile=ADOBE)) - patches(FILES["JPEG"][0])).max() <= 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("06-png-colour/cicp-p3.png", (217, 42, 52)),
        ("06-png-colour/plain.png", (200, 60, 60)),
        ("07-nclx/p3.avif", (200, 60, 60)),
        ("07-nclx/p3.heic", (200, 60, 60)),
        ("07-nclx/pq2020.heic", (200, 60, 60)),
        ("07-nclx/srgb.heic", (200, 60, 60)),
        ("08-icc-name/krita-linear-8.png", (200, 60, 60)),
        ("08-icc-name/krita-linear-16.png", (200, 60, 60)),
        ("08-icc-name/linear-named-otherwise-8.png", (200, 60, 60)),
        ("09-dcf-adobergb/_MG_0001.JPG", (200, 60, 60)),
        ("10-cmyk/adobe.jpg", (200, 60, 60)),
        ("10-cmyk/no-marker.jpg", (200, 60, 60)),
    ],
)
def test_the_cases_that_came_out_wrong(name, value):
    if not (CASES / name).exists():
        pytest.skip("the cases are not on this machine")
    shown = photo.as_uint8(PhotoFile((CASES / name).read_bytes()).decode().pixels)
    assert np.abs(np.median(shown[8:16, 8:16].astype(int), axis=(0, 1)) - value).max() <= 3


def test_what_a_profile_cannot_mean_does_not_cost_the_photo():
    chance = np.random.default_rng(5)
    for icc in (ADOBE, colour.srgb_profile(), _grey_linear()):
        for _ in range(40):
            broken = bytearray(icc)
            for at in chance.integers(0, len(icc), 5):
                broken[at] = chance.integers(256)
            pixels = PhotoFile(png16(PATCHES.astype(np.uint16) * 257, iccp(bytes(broken)))).decode().pixels
            assert np.isfinite(pixels).all() and pixels.min() >= 0


@pytest.mark.parametrize("icc", [colour.srgb_profile(), ADOBE, profile("grey")], ids=["sRGB", "Adobe RGB", "grey"])
def test_of_large_profiles_only_the_one_of_the_last_photo_is_kept_in_memory(icc):
    def read(large: bytes) -> None:
        assert colour.fits(large, model)
        colour.to_srgb(np.zeros((4, 4, channels), np.uint8), model, Space(large))
        assert Space(large).is_srgb == Space(icc).is_srgb

    model, channels = ("grey", 1) if icc[16:20] == b"GRAY" else ("RGB", 3)
    size = 5 * 2**20
    first, second = (struct.pack(">I", size) + icc[4:] + bytes([last]) * (size - len(icc)) for last in range(2))
    known = sys.getrefcount(first)
    read(first)
    read(second)
    assert sys.getrefcount(first) == known


def test_facts_say_which_colours_were_believed():
    assert PhotoFile(png(CICP_P3)).facts.space == Space(primaries=PRIMARIES[12])
    assert PhotoFile(png(iccp(ADOBE))).traits.icc == ADOBE
    assert PhotoFile(png()).traits.icc is None
    assert PhotoFile(png(CICP_P3)).traits.icc is not None


P3 = Space(primaries=PRIMARIES[12]).profile()
PROPHOTO = Space(primaries=(0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001), transfer=1.8).profile()
VIVID = np.repeat(np.repeat(np.array([((255, 0, 0), (0, 255, 0), (130, 40, 200))], np.uint8), 8, axis=0), 8, axis=1)
CICP_2020 = (b"cICP", bytes([9, 13, 0, 1]))


def told_by_chromaticities(primaries: tuple[float, ...]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(each * 100_000) for each in primaries))


WIDE = {
    "ICC in a JPEG": (saved(VIVID, "JPEG", quality=100, subsampling=0, icc_profile=P3), "display-p3"),
    "ICC in a PNG": (png(iccp(P3), pixels=VIVID), "display-p3"),
    "ICC in a TIFF": (tiff(VIVID, iccprofile=P3), "display-p3"),
    "ICC in a WebP": (saved(VIVID, "WEBP", lossless=True, icc_profile=P3), "display-p3"),
    "cICP": (png(CICP_P3, pixels=VIVID), "display-p3"),
    "nclx of AVIF": (avif(12, 13, 0, pixels=VIVID), "display-p3"),
    "nclx of HEIC": (heic(12, 13, VIVID), "display-p3"),
    "gAMA and cHRM": (png(GAMMAS[45455], told_by_chromaticities(PRIMARIES[12]), pixels=VIVID), "display-p3"),
    "ICC of Adobe RGB": (png(iccp(ADOBE), pixels=VIVID), "adobe-rgb"),
    "cHRM of Adobe RGB": (png(GAMMAS[45455], (b"cHRM", ADOBE_CHROMATICITIES), pixels=VIVID), "adobe-rgb"),
    "Exif of Adobe RGB": (
        exiftool.changed(saved(VIVID, "JPEG", quality=100, subsampling=0), "-ColorSpace#=65535", "-InteropIndex=R03"),
        "adobe-rgb",
    ),
    "nothing": (png(pixels=VIVID), "srgb"),
}
"""Colours at the corners of gamuts, in files that say in different ways which these are, and the gamut."""


@pytest.mark.parametrize("name", WIDE)
def test_colours_outside_of_srgb_are_kept_in_the_gamut_of_the_file_however_it_is_told(name):
    data, expected = WIDE[name]
    file = PhotoFile(data)
    assert (file.header.gamut, file.header.linear) == (expected, False)
    image = file.decode(wide=True)
    assert image.gamut == expected and image.pixels.dtype == np.uint8
    seen = image.pixels[4, 4::8].astype(int)
    most = 3 if name == "nclx of HEIC" or "Adobe" in name or "JPEG" in name else 0
    # Purple's curve differs between sRGB and a gamma; the corners are the same in any.
    assert np.abs(seen[:2] - [(255, 0, 0), (0, 255, 0)]).max() <= most
    if "Adobe" not in name and "gAMA" not in name:
        assert np.abs(seen[2] - (130, 40, 200)).max() <= most
    assert file.decode().gamut == "srgb", "whoever knows sRGB alone gets it"
    if expected == "display-p3":
        assert file.decode().pixels[4, 4, 0] == 255 and file.decode(8, wide=True).gamut == expected


def test_colours_that_no_gamut_holds_become_light_that_has_them_all():
    for data in (png(iccp(PROPHOTO), pixels=VIVID), png(CICP_2020, pixels=VIVID)):
        file = PhotoFile(data)
        assert file.header.linear and not file.header.browser_ready
        wide, cut = file.decode(wide=True).pixels, file.decode().pixels
        assert wide.min() < -0.1 and cut.min() == 0
        assert np.abs(np.maximum(wide, 0) - cut).max() < 1e-6
        primaries = colour.curves_and_matrix(file.facts.space).to_srgb
        back = wide[4, 4::8] @ np.linalg.inv(primaries).T
        assert np.abs(back[:2] - [(1, 0, 0), (0, 1, 0)]).max() < 2e-3


def test_deep_photos_keep_what_lies_outside_of_srgb():
    deep = VIVID.astype(np.uint16) * 257
    for data in (png16(deep, iccp(P3)), png16(deep, CICP_P3), tiff(deep, iccprofile=P3)):
        file = PhotoFile(data)
        assert file.header.linear and file.header.gamut == "display-p3"
        light = file.decode(wide=True).pixels[4, 4::8] @ gamut.GAMUTS["display-p3"].from_srgb.T
        assert np.abs(light - srgb_to_linear(VIVID[4, 4::8] / 255)).max() < 1e-3


def test_a_rendition_has_the_photos_gamut_and_says_so():
    image = PhotoFile(png(CICP_P3, pixels=VIVID)).decode(wide=True)
    data, _ = photo.rendition(image)
    assert PhotoFile(data).header.gamut == "display-p3"
    assert np.abs(PhotoFile(data).decode(wide=True).pixels[4, 4::8].astype(int) - VIVID[4, 4::8]).max() <= 3
    named = Pillow.open(io.BytesIO(data)).info["icc_profile"]
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(named))).startswith("Display P3")


def test_files_in_adobe_rgb_have_its_curve():
    adobe = gamut.GAMUTS["adobe-rgb"]
    values = np.arange(256, dtype=np.uint8)
    encoded = np.rint(65535 * colour.linear_to_srgb((values / 255) ** colour.ADOBE_GAMMA)).astype(np.uint16)
    assert np.array_equal(gamut.as_in_file(encoded, adobe, np.uint8), values)
    assert np.abs(gamut.as_in_file(encoded, adobe) / 257 - values).max() < 0.04
    assert gamut.as_in_file(values, gamut.SRGB) is values
    assert np.array_equal(gamut.as_in_file(values.astype(np.uint16) * 257, gamut.WIDE, np.uint8), values)


EDIT_ELSEWHERE = edits.parse({
    "schema": 3,
    "geometry": {"crop": [0, 0, 1, 0.75]},
    "layers": [
        {"id": "image", "adjustments": {}},
        {
            "id": "layer-00000000",
            "mask": {"parts": [{"shape": "matte", "kind": "person"}]},
            "adjustments": {"exposure": -1.0, "saturation": 40},
        },
    ],
})  # fmt: skip


def edited(data: bytes, **settings) -> tuple[np.ndarray, bytes]:
    """Export a photo with an edit that leaves its left two thirds alone: what is in the file, and its profile."""
    matte = np.zeros((8, 24), np.uint8)
    matte[:, 20:] = 255
    file = PhotoFile(data)
    made = export.edited(file, EDIT_ELSEWHERE, Material({"person": matte}), ExportSettings(format="PNG", **settings))
    with Pillow.open(io.BytesIO(made.data)) as opened:
        return np.asarray(opened.convert("RGB"))[3, [4, 12]].astype(int), opened.info["icc_profile"]


@pytest.mark.parametrize("name", ["ICC in a PNG", "ICC in a TIFF", "cICP", "nclx of AVIF", "gAMA and cHRM"])
def test_a_patch_of_p3_survives_edit_and_download_exactly(name):
    values, icc = edited(WIDE[name][0])
    assert np.array_equal(values, VIVID[4, [4, 12]])
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip() == "Display P3"
    assert np.array_equal(edited(WIDE[name][0], depth=16)[0], values)
    # In sRGB it is moved towards the grey that is as bright, until it fits: its hue stays.
    values, icc = edited(WIDE[name][0], gamut="srgb")
    assert colour.is_srgb(icc)
    light = srgb_to_linear(VIVID[4, [4, 12]] / 255) @ gamut.WIDE.to_srgb.T
    expected = output.displayed(light, output.SCREEN).astype(int)
    assert np.abs(values - expected).max() <= 1


@pytest.mark.parametrize("name", ["ICC of Adobe RGB", "cHRM of Adobe RGB", "Exif of Adobe RGB"])
def test_a_photo_in_adobe_rgb_comes_back_in_adobe_rgb(name):
    values, icc = edited(WIDE[name][0])
    assert np.abs(values - VIVID[4, [4, 12]]).max() <= 1
    told = colour.matrix_profile(icc)
    assert np.abs(told.curves[0] - np.linspace(0, 1, 65536) ** colour.ADOBE_GAMMA).max() < 1e-4
    grey = png(iccp(ADOBE), pixels=np.full((8, 24, 3), 100, np.uint8))
    assert np.abs(edited(grey)[0] - 100).max() <= 1, "with its own curve"
