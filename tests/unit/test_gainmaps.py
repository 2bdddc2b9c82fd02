"""Gain maps: written so that another library reads them, and read however files tell of them."""

import struct
from contextlib import suppress

import cv2
import imagecodecs
import numpy as np
import pytest
from PIL import Image as Pillow

from envo import colour, containers, description, export, gainjpeg, gainmap, mpf, output, raster, render, segments, xmp
from envo.colour import DECODED, linear_to_srgb
from envo.description import Description
from envo.edits import UNTOUCHED, EditDocument, Layer
from envo.errors import UserError
from envo.exportsettings import ExportSettings, Size
from envo.file import PhotoFile
from envo.gainmap import GainMap, Light, Numbers
from envo.gamut import GAMUTS, SRGB
from envo.material import Material
from envo.shoulder import from_knee
from tests import exiftool, heif
from tests.unit.test_colours import avif
from tests.unit.test_photo import ASTRONAUT, camera_exif, png16, saved

STOPS = 2.3


def scene() -> np.ndarray:
    """Light of a photo with a ramp to white and 2.3 stops over it, and patches of colour as bright: 300x400x3."""
    light = 2**STOPS * DECODED[ASTRONAUT]
    light[:60] = np.geomspace(0.01, 2**STOPS, 400)[None, :, None]
    light[60:120, :] = np.repeat(np.array([[4.9, 1, 0.5], [0.3, 2, 0.2], [1, 1, 4], [3, 3, 0.6]]), 100, axis=0)
    return light.astype(np.float32)


LIGHT = scene()
BASE = output.displayed(LIGHT, output.SCREEN, from_knee(STOPS))


def written(gamut=SRGB, quality=92) -> bytes:
    light = Light(lambda top, bottom: LIGHT[top:bottom], gamut, STOPS)
    base = BASE
    if isinstance(gamut.space.transfer, float):
        base = np.rint(255 * DECODED[BASE] ** (1 / gamut.space.transfer)).astype(np.uint8)
    data = saved(base, "JPEG", quality=quality, subsampling=0, icc_profile=gamut.profile)
    return gainjpeg.joined(data, gainjpeg.behind(base, light))


def light_of(data: bytes) -> np.ndarray:
    """The light of a JPEG as libultrahdr makes it, in the primaries of the file."""
    return imagecodecs.ultrahdr_decode(data)[..., :3].astype(np.float32)


def away(got: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    return np.abs(got - wanted) / (wanted + 0.02)


def test_another_library_makes_the_scenes_light_of_what_is_written():
    data = written(quality=95)
    shown = imagecodecs.ultrahdr_decode(data, dtype="uint8")[..., :3].astype(int)
    plain = PhotoFile(data).decode().pixels
    assert np.abs(shown - plain).max() <= 2
    assert np.abs(plain.astype(int) - BASE)[:50].max() <= 2
    error = away(light_of(data), LIGHT)
    flat = error[:120].reshape(120, 4, 100, 3)[:, :, 10:-10]
    assert np.quantile(flat[:50], 0.999) < 0.05 and flat[70:110].max() < 0.05
    assert np.median(error[120:]) < 0.025 and error[120:].mean() < 0.05


def test_exiftool_finds_what_is_written_by_the_list_of_pictures_and_by_xmp():
    data = written()
    told = exiftool.tags(data)
    start, size = told["MPImage2:MPImageStart"], told["MPImage2:MPImageLength"]
    assert (start + size, told["MPImage1:MPImageLength"]) == (len(data), start)
    items = [each["Item"] for each in told["XMP-Container:Directory"]]
    assert [each["Semantic"] for each in items] == ["Primary", "GainMap"] and items[1]["Length"] == size
    of_map = exiftool.tags(data[start:])
    assert float(of_map["XMP-hdrgm:HDRCapacityMax"]) == pytest.approx(STOPS)
    assert float(of_map["XMP-hdrgm:GainMapMax"]) == pytest.approx(STOPS, abs=0.05)


@pytest.mark.parametrize("gamut", GAMUTS)
def test_what_is_written_is_read_again(gamut):
    found = gainjpeg.find(written(GAMUTS[gamut]))
    assert found.numbers.headroom == pytest.approx(STOPS)
    values = PhotoFile(found.data).raster().values
    light = GainMap(values, found.numbers).light(BASE, gamut)
    assert np.quantile(away(light, LIGHT)[:50], 0.99) < 0.03


@pytest.mark.parametrize("lacks", ["nothing", "list", "iso and list"])
def test_gain_maps_are_found_by_whatever_tells_of_them(lacks):
    data = written()
    parts, rest = segments.split_jpeg(data)
    at = rest.index(b"\xff\xd8\xff")
    behind, behind_rest = segments.split_jpeg(rest[at:])
    if "iso" in lacks:
        parts, behind = ([part for part in some if b"iso:ts:21496" not in part] for some in (parts, behind))
    other = b"".join([*behind, behind_rest])
    if "list" in lacks:
        parts = [part for part in parts if b"MPF\0" not in part]
        length = f'Length="{len(other)}"'.encode()
        parts = [part.replace(b'Length="' + str(len(rest) - at).encode() + b'"', length) for part in parts]
    found = gainjpeg.find(b"".join([*parts, rest[:at], other]))
    assert found and found.data == other
    assert found.numbers.most == pytest.approx((STOPS,) * 3, abs=0.05)


def test_what_is_said_of_a_photo_leaves_its_gain_map_to_be_found():
    data = written()
    before = light_of(data)
    said = Description(tags=("sky", "Places|Alps"), title="A summit", rating=4)
    tagged = description.write(PhotoFile(data), said)
    assert (tagged.sidecar, tagged.notes) == (None, [])
    # Behind the list of pictures, where some programs put it.
    parts, rest = segments.split_jpeg(data)
    last = [*(part for part in parts if b"ns.adobe.com/xap" not in part), parts[2]]
    late = description.write(PhotoFile(b"".join([*mpf.kept(parts, last), rest])), said).data
    for made in (tagged.data, late, containers.set_exif(data, "JPEG", camera_exif())):
        told = exiftool.tags(made)
        start, size = told["MPImage2:MPImageStart"], told["MPImage2:MPImageLength"]
        assert (start + size, told["MPImage1:MPImageLength"]) == (len(made), start)
        assert gainjpeg.find(made).data == gainjpeg.find(data).data
        assert np.array_equal(light_of(made), before)
    assert exiftool.tags(tagged.data)["XMP-dc:Title"] == "A summit"


def test_numbers_are_told_in_bytes_as_they_are():
    numbers = Numbers((-0.5, 0, 0.25), (2, 1.5, 3), (1, 2.2, 0.5), (0, 0.01, 0.02), (0.03, 0, 0.01), 0, 2.5)
    again = gainmap.of_iso(gainmap.as_iso(numbers))
    assert np.allclose(gainmap._channels(again), gainmap._channels(numbers)) and again.headroom == 2.5


@pytest.mark.parametrize(
    "change",
    [
        {"headroom": 0.0},
        {"headroom": 1e9},
        {"base_headroom": 2.0},
        {"most": (-1.0, 1.0, 1.0)},
        {"most": (1e6,) * 3},
        {"gamma": (0.0, 1.0, 1.0)},
        {"base_offset": (-1.0,) * 3},
        {"offset": (float("nan"),) * 3},
    ],
)
def test_numbers_that_make_no_sense_are_not_used(change):
    assert not Numbers(**{"least": (0.0,) * 3, "most": (1.0,) * 3, "headroom": 1.0} | change).makes_brighter


def test_a_gain_map_that_is_cut_off_or_broken_costs_nothing_but_itself():
    data = written()
    start = data.rindex(b"\xff\xd8\xff")
    for cut in (start, start + 2, start + 40, start + 700, (start + len(data)) // 2):
        found = gainjpeg.find(data[:cut])
        assert found is None or len(found.data) <= cut - start
    rng = np.random.default_rng(3)
    for _ in range(200):
        broken = bytearray(data)
        for place in rng.integers(2, 1500, 3):
            broken[place] = rng.integers(256)
        for place in rng.integers(start, start + 1500, 3):
            broken[place] = rng.integers(256)
        found = gainjpeg.find(bytes(broken))
        assert found is None or found.numbers.makes_brighter
    iso = gainmap.as_iso(Numbers((0.0,) * 3, (1.0,) * 3, headroom=1.0))
    for length in range(len(iso)):
        assert gainmap.of_iso(iso[:length]) is None
    assert gainmap.of_iso(bytes(len(iso))) is None


def edited(data: bytes, **adjustments: float) -> np.ndarray:
    layer = Layer(id="image", adjustments=adjustments)
    return render.render(PhotoFile(data).decode(), EditDocument(layers=(layer,)), Material())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_with_a_gain_map_opens_as_bright_as_it_is_and_upright(orientation):
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = containers.set_exif(written(), "JPEG", exif.tobytes())
    image = PhotoFile(data).decode()
    assert image.header.headroom == pytest.approx(STOPS) and not image.header.linear
    wanted = raster.upright(light_of(data), orientation)
    error = away(image.gain.light(image.pixels, image.gamut), wanted)
    assert np.quantile(error, 0.999) < 0.02
    small = PhotoFile(data).decode(100)
    assert np.abs(small.gain.light(small.pixels, "srgb").mean() / wanted.mean() - 1) < 0.03


def test_highlights_of_a_gain_map_are_in_reach_of_the_sliders_and_drawn_in_before():
    data = written(quality=95)
    plain, darker = edited(data), edited(data, exposure=-STOPS)
    assert np.abs(plain.astype(int) - BASE).mean() < 2
    # A third of the ramp is over white: it is drawn together below that, and comes apart again.
    over = LIGHT[0, :, 0] > 1
    levels = [made[20:40, over, 0].mean(axis=0) for made in (plain, darker)]
    assert np.all(np.diff(levels[0][::10]) > 0) and np.ptp(levels[0]) < 40
    assert np.all(np.diff(levels[1][::10]) > 0) and np.ptp(levels[1]) > 90


@pytest.mark.parametrize("broken", ["cut off", "of another shape", "larger than the photo"])
def test_a_gain_map_that_cannot_be_used_leaves_the_base_as_it_is(broken):
    data = written()
    start = data.rindex(b"\xff\xd8\xff")
    if broken == "cut off":
        data = data[: (start + len(data)) // 2]
    else:
        factor = {"of another shape": (1, 0.5), "larger than the photo": (1.5, 1.5)}[broken]
        size = [round(factor[0] * 400), round(factor[1] * 300)]
        parts, _ = segments.split_jpeg(data[start:])
        other, rest = segments.split_jpeg(saved(np.full((size[1], size[0], 3), 128, np.uint8), "JPEG"))
        told = [part for part in parts if part[1] in (0xE1, 0xE2)]
        data = data[:start] + b"".join([other[0], *told, *other[1:], rest])
    image = PhotoFile(data).decode()
    assert (image.gain, image.header.headroom) == (None, 0)
    assert np.array_equal(edited(data), image.pixels)


@pytest.mark.parametrize("format", ["AVIF", "PNG", "PNG 400", "PNG 4000"])
def test_light_over_white_of_pq_is_in_reach_of_the_sliders(format):
    kind, nits = format.partition(" ")[::2]
    nits = int(nits or 1000)
    # Steps of PQ, from 203 to 1000 cd/m2.
    steps = np.linspace(38054, 49271, 64).astype(np.uint16)
    pixels = np.repeat(np.repeat(steps[None, :, None], 32, axis=0), 3, axis=2)
    told = [(b"cLLI", struct.pack(">II", 10_000 * nits, 0))] if nits != 1000 else []
    data = avif(9, 16, 9, pixels >> 6) if kind == "AVIF" else png16(pixels, (b"cICP", bytes([9, 16, 0, 1])), *told)
    header = PhotoFile(data).header
    assert header.headroom == pytest.approx(np.log2(nits / 203)) and header.linear
    plain, darker = ([int(each) for each in edited(data, exposure=by)[16, :, 0]] for by in (0, -2))
    reached = {400: 30, 1000: 60, 4000: 64}[nits]
    assert sorted(plain) == plain and len(set(plain[:reached])) >= 18
    assert sorted(darker) == darker and len(set(darker[:reached])) >= reached - 5


HDR = ExportSettings(quality=95, hdr=STOPS)


def test_a_photo_of_light_over_white_is_exported_with_a_gain_map_and_all_that_is_told():
    exif = Pillow.Exif()
    exif[0x0110] = "Z 9"
    codes = np.rint(65535 * pq(LIGHT)).astype(np.uint16)
    data = png16(codes, (b"cICP", bytes([1, 16, 0, 1])), (b"eXIf", exif.tobytes()[6:]))
    original, said = PhotoFile(data), Description(tags=("alps",), title="A summit")
    made = export.edited(original, UNTOUCHED, Material(), HDR, said)
    plain = export.edited(original, UNTOUCHED, Material(), HDR.model_copy(update={"hdr": None}), said)
    assert made.notes == plain.notes
    shown = imagecodecs.ultrahdr_decode(made.data, dtype="uint8")[..., :3].astype(int)
    assert np.abs(shown - PhotoFile(plain.data).decode().pixels).max() <= 2
    error = away(light_of(made.data), np.minimum(LIGHT, 2**STOPS))
    flat = error[:120].reshape(120, 4, 100, 3)[:, :, 10:-10]
    assert flat[5:50].max() < 0.05 and flat[70:110].max() < 0.05 and error.mean() < 0.05
    told = exiftool.tags(made.data)
    assert (told["IFD0:Model"], told["XMP-dc:Title"], told["XMP-dc:Subject"]) == ("Z 9", "A summit", ["alps"])
    assert told["MPImage2:MPImageStart"] + told["MPImage2:MPImageLength"] == len(made.data)
    # What was made goes on as such a photo.
    again = PhotoFile(made.data).decode()
    assert again.header.headroom == pytest.approx(STOPS, abs=0.05)


def test_a_smaller_export_and_its_preview_are_as_bright():
    original = PhotoFile(written(quality=95))
    settings = HDR.model_copy(update={"size": Size(by="edge", value=200), "sharpen": "standard"})
    made = export.edited(original, UNTOUCHED, Material(), settings)
    light = light_of(made.data)
    assert light.shape == (150, 200, 3)
    assert np.quantile(away(light[5:25], LIGHT[10:50:2, ::2]), 0.98) < 0.06
    preview = export.preview(original.decode(), UNTOUCHED, Material(), settings)
    assert preview.format == "JPEG" and np.abs(light_of(preview.data) - light).mean() < 0.02
    assert 0.6 < preview.bytes / len(made.data) < 1.6


def test_stops_of_an_export_bound_how_bright_it_is():
    original = PhotoFile(written(quality=95))
    made = export.edited(original, UNTOUCHED, Material(), HDR.model_copy(update={"hdr": 1.0}))
    assert 1.9 < np.quantile(light_of(made.data), 0.999) < 2.1
    assert PhotoFile(made.data).header.headroom == pytest.approx(1, abs=0.01)


def test_what_has_nothing_over_white_is_exported_without_a_gain_map_and_says_so():
    made = export.edited(PhotoFile(saved(ASTRONAUT, "PNG")), UNTOUCHED, Material(), HDR)
    assert gainjpeg.find(made.data) is None
    assert made.notes == ["Nothing in this photo is brighter than white, so it is a plain JPEG, without HDR."]


def pq(light: np.ndarray) -> np.ndarray:
    """Encode light, 1 being 203 cd/m2, by SMPTE ST 2084."""
    power = (light * 203 / 10_000) ** (1305 / 8192)
    return ((107 / 128 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


def maker_note(headroom: float, fine: float) -> bytes:
    """EXIF, as a TIFF, of a phone of Apple's that says so of its gain map."""
    rows = [struct.pack(">HHII", tag, 10, 1, 44 + 8 * at) for at, tag in enumerate((33, 48))]
    values = [struct.pack(">ii", round(100 * value), 100) for value in (headroom, fine)]
    note = b"Apple iOS\0\0\1MM" + struct.pack(">H", 2) + b"".join([*rows, bytes(4), *values])
    into = struct.pack(">HHHIII", 1, 0x8769, 4, 1, 26, 0) + struct.pack(">HHHII", 1, 0x927C, 7, len(note), 44)
    return b"MM\0*\0\0\0\x08" + into + bytes(4) + note


@pytest.mark.parametrize("format", ["AVIF", "HEIF", "HEIF of Apple's", "JPEG of Apple's"])
def test_gain_maps_of_phones_are_read(format):
    kind, _, is_apples = format.partition(" of ")
    made = gainmap.made(BASE, Light(lambda top, bottom: LIGHT[top:bottom], SRGB, STOPS))
    values, numbers = Pillow.fromarray(made.values).resize((200, 150), Pillow.Resampling.BOX), made.numbers
    if is_apples:
        # Gains along the curve of sRGB, from none to all of what the maker note says.
        gains = (np.exp2(numbers.gains[0][made.values[..., 1]]) - 1) / (2**STOPS - 1)
        encoded = colour.linear_to_srgb(np.clip(gains, 0, 1))
        values = Pillow.fromarray(np.rint(255 * encoded).astype(np.uint8)).resize((200, 150), Pillow.Resampling.BOX)
    base, other = saved(BASE, kind, quality=95), saved(np.asarray(values), kind, quality=95)
    if kind == "JPEG":
        packet = xmp.plain({"a": "http://ns.apple.com/pixeldatainfo/1.0/"}, {"a:AuxiliaryImageType": gainmap.APPLE})
        parts, rest = segments.split_jpeg(containers.set_exif(base, "JPEG", b"Exif\0\0" + maker_note(1.01, 0.01)))
        data = mpf.joined(parts, rest, containers.put(other, "JPEG", packet, {}, {}))
    else:
        told = {"iso": None, "exif": maker_note(1.01, 0.01)} if is_apples else {"iso": gainmap.as_iso(numbers)}
        data = heif.with_gain_map(base, other, **told)
    image = PhotoFile(data).decode()
    assert image.header.headroom == pytest.approx(STOPS, abs=0.01)
    assert image.gain.values.shape[:2] == (150, 200)
    error = away(image.gain.light(image.pixels, "srgb"), LIGHT)[5:55, 10:-10]
    assert np.median(error) < 0.03 and np.quantile(error, 0.9) < 0.08
    # Cut off, or with its boxes changed, it is still the photo that it was, or said to be broken.
    rng = np.random.default_rng(5)
    for _ in range(30):
        broken = bytearray(data)
        for place in rng.integers(0, 900, 2):
            broken[place] = rng.integers(256)
        with suppress(UserError):
            PhotoFile(bytes(broken)).decode(100)


GAINS = {
    "brighter above the middle": lambda tone: STOPS * np.clip((tone - 0.4) / 0.6, 0, 1) ** 1.5,
    "brighter in highlights alone": lambda tone: np.log2(1 + (2**STOPS - 1) * np.clip((tone - 0.7) / 0.3, 0, 1) ** 2),
    "brighter everywhere": lambda tone: STOPS * tone**0.7,
    "darker in the dark": lambda tone: STOPS * tone - 0.5 * (1 - tone),
}


@pytest.mark.parametrize("gain", GAINS)
def test_a_photo_with_a_gain_map_looks_as_its_base_until_it_is_edited(gain):
    tone = linear_to_srgb(DECODED[ASTRONAUT].max(axis=2))
    rng = np.random.default_rng(1)
    # Phones raise some places more than others as bright.
    places = cv2.GaussianBlur(rng.normal(size=tone.shape).astype(np.float32), (0, 0), 30)
    logarithms = GAINS[gain](tone) + 0.15 * tone * places / places.std()
    light = Light(lambda top, bottom: (DECODED[ASTRONAUT] * np.exp2(logarithms)[..., None])[top:bottom], SRGB, 4)
    data = gainjpeg.joined(saved(ASTRONAUT, "JPEG", quality=95, subsampling=0), gainjpeg.behind(ASTRONAUT, light))
    image = PhotoFile(data).decode()
    shown = edited(data)
    assert np.abs(shown.astype(int) - image.pixels).mean() < 3.5
    small = render.render(PhotoFile(data).decode(150), UNTOUCHED, Material())
    assert np.abs(small.astype(int) - cv2.resize(shown, (150, 112), interpolation=cv2.INTER_AREA)).mean() < 1.5
