"""Lightroom's presets and develop settings become edits: ten files of Adobe's documented fields, and what is none."""

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from envo import copies, edits, lightroom, raw
from envo.errors import UserError
from envo.file import PhotoFile
from envo.geometry import frame_size, framing
from envo.lightroom import Source, read
from envo.settings import MAX_XMP_BYTES

FILES = Path(__file__).parents[1] / "data" / "lightroom"

EXPECTED = {
    "basic-tones": {
        **{"exposure": 0.65, "contrast": -12, "highlights": -45, "shadows": 38, "whites": 14, "blacks": -9},
        **{"texture": 6, "clarity": -10, "dehaze": 5, "vibrance": 18, "saturation": -7, "temperature": 8, "tint": -4},
    },
    "curves": {},
    "parametric": {},
    "mixer": {
        **{"red_hue": 10, "orange_hue": -5, "yellow_hue": -20, "green_hue": 30, "blue_hue": -12, "magenta_hue": 4},
        **{"red_saturation": 5, "orange_saturation": 8, "yellow_saturation": -15, "green_saturation": -60},
        **{"aqua_saturation": -30, "blue_saturation": -20, "purple_saturation": -100, "orange_lightness": 12},
        **{"yellow_lightness": 6, "green_lightness": -18, "blue_lightness": -35, "magenta_lightness": 100},
    },
    "grading": {
        **{"shadows_hue": 234, "shadows_strength": 30, "shadows_lightness": -10, "midtones_hue": 63},
        **{"midtones_strength": 8, "highlights_hue": 78, "highlights_strength": 22, "highlights_lightness": 6},
        **{"all_hue": 24, "grading_balance": -15, "grading_blending": 65},
    },
    "split-toning": {
        **{"monochrome": 100, "red_lightness": 20, "orange_lightness": 14, "green_lightness": -25},
        **{"aqua_lightness": -10, "blue_lightness": -48, "magenta_lightness": 5, "shadows_hue": 339},
        **{"shadows_strength": 12, "highlights_hue": 24, "grading_blending": 100},
    },
    "detail-and-effects": {
        **{"sharpening": 40, "sharpening_radius": 1.4, "sharpening_masking": 35, "noise_luminance": 20},
        **{"noise_colour": 25, "vignette": -28, "vignette_midpoint": 20, "vignette_feather": 70},
        **{"vignette_roundness": 20, "grain": 22, "grain_size": 30, "grain_roughness": 70},
    },
    "process-2010": {
        **{"exposure": 0.4, "highlights": -35, "shadows": 18, "brightness": 12, "contrast": 15, "blacks": -7},
        **{"clarity": 15, "vibrance": 10},
    },
    "crop": {"temperature": 31, "tint": 22},
    "not-understood": {"exposure": 0.1},
}
MISSED = {
    "detail-and-effects": ("detail of sharpening",),
    "process-2010": ("camera calibration",),
    "crop": ("the light that a white balance in kelvin is for (daylight is assumed)",),
    "not-understood": (
        *("the profile “Camera Vivid”", "the profile “Modern 05”", "lens correction", "defringing", "perspective"),
        *("camera calibration", "HDR", "“glow warmth”", "masks"),
    ),
}


def file(name: str) -> bytes:
    return (FILES / f"{name}.xmp").read_bytes()


def packet(body: str = "", told: str = "") -> bytes:
    """A packet with fields as attributes, and with elements."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" '
        f'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" {told}>{body}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


@pytest.mark.parametrize("name", EXPECTED)
def test_sliders_are_as_the_file_has_them_and_what_is_not_understood_is_told(name):
    found = read(file(name))
    assert found.document.layers[0].adjustments == EXPECTED[name]
    assert found.missed == MISSED.get(name, ())


def test_names_and_groups_are_read_in_whatever_language():
    assert (read(file("basic-tones")).name, read(file("basic-tones")).group) == ("Bright and airy", "Weddings")
    assert (read(file("detail-and-effects")).name, read(file("split-toning")).group) == ("Körnig", "Black & white")


def test_point_curves_are_read_for_all_channels_and_those_that_change_nothing_are_none():
    curves = read(file("curves")).document.layers[0].curves
    assert curves.keys() == {"rgb", "red", "blue"}
    for name, points in {
        "rgb": [(0, 22), (64, 58), (128, 131), (192, 204), (255, 244)],
        "red": [(0, 0), (128, 134), (255, 255)],
        "blue": [(0, 12), (255, 240)],
    }.items():
        assert np.allclose(np.array(curves[name]) * 255, points, atol=0.02)


def test_the_four_ranges_bend_a_curve_each_in_its_place_and_come_before_the_points():
    points = dict(read(file("parametric")).document.layers[0].curves["rgb"])
    assert points[0.125] < 0.125 and points[0.375] > 0.375 and points[0.625] > 0.625 and points[0.875] < 0.875
    assert abs(points[0.875] - 0.875) > abs(points[0.625] - 0.625) > abs(points[0.375] - 0.375)
    body = (
        "<crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 255</rdf:li><rdf:li>255, 0</rdf:li></rdf:Seq></crs:ToneCurvePV2012>"
    )
    joined = dict(read(packet(body, 'crs:ParametricDarks="50"')).document.layers[0].curves["rgb"])
    alone = dict(read(packet("", 'crs:ParametricDarks="50"')).document.layers[0].curves["rgb"])
    assert joined[0.375] == pytest.approx(1 - alone[0.375], abs=1e-3)
    for amounts in ((-100, 100, -100, 100), (100, -100, 100, -100), (100,) * 4, (-100,) * 4):
        told = " ".join(
            f'crs:Parametric{name}="{amount}"'
            for name, amount in zip(("Shadows", "Darks", "Lights", "Highlights"), amounts, strict=True)
        )
        heights = [y for _, y in read(packet("", told)).document.layers[0].curves["rgb"]]
        assert heights == sorted(heights)


def test_what_a_preset_sets_takes_the_place_of_the_same_and_leaves_all_else():
    before = edits.parse(
        {
            "schema": 3,
            "view": "agx",
            "layers": [
                {
                    "id": "image",
                    "adjustments": {"exposure": 1, "brightness": 20, "grain": 9},
                    "curves": {"rgb": [[0, 0.1], [1, 1]], "red": [[0, 0.2], [1, 1]]},
                    "lut": {"id": "0" * 16, "name": "Film"},
                }
            ],
        }
    )
    copy = copies.parse(read(file("curves")).copy.dump())
    after = copies.pasted(before, copy).document.layers[0]
    assert after.adjustments == before.layers[0].adjustments and after.lut == before.layers[0].lut
    assert after.curves == read(file("curves")).document.layers[0].curves
    assert copies.pasted(before, copy).document.view == "agx"
    zeroed = read(packet("", 'crs:Exposure2012="0.00" crs:Contrast2012="0"'))
    assert copies.pasted(before, zeroed.copy).document.layers[0].adjustments == {"brightness": 20, "grain": 9}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("angle", [0, 7.5, -12.25])
def test_a_crop_shows_what_lies_between_its_corners_in_the_stored_picture(orientation, angle):
    stored, corners = (600, 400), ((0.31, 0.28), (0.66, 0.71))
    told = "".join(
        f'crs:Crop{name}="{value}" '
        for name, value in zip(("Left", "Top", "Right", "Bottom"), (*corners[0], *corners[1]), strict=True)
    )
    size = stored if orientation < 5 else stored[::-1]
    made = read(
        packet("", f'crs:HasCrop="True" crs:CropAngle="{angle}" {told} tiff:Orientation="{orientation}"'),
        Source(size, orientation),
    )
    assert made.is_cropped and not made.is_turned
    shape = framing(made.document.geometry, (size[0] * 100, size[1] * 100))
    seen = shape.to_photo(np.array([(0, 0), (1, 0), (1, 1), (0, 1)])) * size
    expected = np.array([_upright(orientation, *corner) for corner in corners]) * size
    ends = {tuple(np.round(each)) for each in seen}
    assert all(np.abs(seen - each).sum(axis=1).min() < 0.5 for each in expected), ends
    # Its upper edge, or what it is in the stored picture, is turned by the angle.
    along = seen[1] - seen[0]
    turned = np.rad2deg(np.arctan2(along[1], along[0]))
    mirrored = -1 if orientation in (2, 4, 5, 7) else 1
    assert turned == pytest.approx(mirrored * angle, abs=0.1)


def _upright(orientation: int, x: float, y: float) -> tuple[float, float]:
    """Where EXIF's number says that a place of the stored picture is shown."""
    ways = [(x, y), (1 - x, y), (1 - x, 1 - y), (x, 1 - y), (y, x), (1 - y, x), (1 - y, 1 - x), (y, 1 - x)]
    return ways[orientation - 1]


@pytest.mark.parametrize("before", range(1, 9))
@pytest.mark.parametrize("after", range(1, 9))
def test_a_photo_that_was_turned_in_lightroom_is_turned_here(before, after):
    size = (600, 400) if before < 5 else (400, 600)
    made = read(packet("", f'crs:Exposure2012="1" tiff:Orientation="{after}"'), Source(size, before))
    assert made.is_turned == (before != after)
    shape = made.document.geometry
    assert frame_size(shape, size) == ((600, 400) if after < 5 else (400, 600))
    place = np.array([_upright(after, 0.2, 0.3)])
    assert np.allclose(framing(shape, size).to_photo(place), _upright(before, 0.2, 0.3))
    assert not read(packet("", f'crs:Exposure2012="1" tiff:Orientation="{after}"')).is_turned


def test_a_white_balance_in_kelvin_is_told_from_that_of_the_camera():
    told = 'crs:WhiteBalance="Custom" crs:Temperature="3200" crs:Tint="10"'
    raw = read(packet("", told), Source(white=(2850.0, 10.0))).document.layers[0].adjustments
    assert raw["temperature"] == round((1e6 / 2850 - 1e6 / 3200) / 0.9) and "tint" not in raw
    balanced = read(packet("", told + ' crs:Exposure2012="1"'), Source())
    assert balanced.document.layers[0].adjustments == {"exposure": 1}
    assert balanced.missed == ("white balance in kelvin",)
    as_shot = read(packet("", told.replace("Custom", "As Shot") + ' crs:Exposure2012="1"'), Source(white=(2850, 0)))
    assert as_shot.document.layers[0].adjustments == {"exposure": 1} and as_shot.missed == ()


def test_values_beyond_a_slider_are_its_end_and_what_is_no_number_is_left():
    told = 'crs:Exposure2012="+9" crs:Contrast2012="many" crs:Sharpness="150" crs:Clarity2012="1e9"'
    assert read(packet("", told)).document.layers[0].adjustments == {"exposure": 5, "sharpening": 100}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "damaged, or no XMP"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "damaged, or no XMP"),
        (b"<html><body/></html>", "damaged, or no XMP"),
        (file("basic-tones")[:1500], "damaged"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + packet(), "no XMP"),
        (b" " * (MAX_XMP_BYTES + 1) + b"<", "damaged, or no XMP"),
        (packet("", 'tiff:Orientation="1"'), "no settings of Lightroom"),
        (packet("", 'crs:LensProfileEnable="1" crs:HDREditMode="1"'), "it is made of lens correction and HDR"),
        (b's = {\n\tid = "A",\n\tinternalName = "Old",\n}', "lrtemplate"),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(len(value)),
)
def test_what_is_no_preset_is_refused_in_a_sentence(data, why):
    with pytest.raises(UserError, match=why) as refused:
        read(data)
    assert str(refused.value).endswith(".")


def photo(told: str, sidecar: bytes | None = None) -> PhotoFile:
    """A photo whose file holds settings."""
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(made, "JPEG", xmp=packet("", told) if told else b"")
    return PhotoFile(made.getvalue(), sidecar)


def test_photos_tell_of_settings_where_these_change_something_and_are_not_in_the_pixels_yet():
    assert lightroom.of_photo(photo('crs:Exposure2012="+1"')).document.layers[0].adjustments == {"exposure": 1}
    assert lightroom.of_photo(photo("")) is None
    assert lightroom.of_photo(photo('crs:Exposure2012="0.00"')) is None
    assert lightroom.of_photo(photo('crs:Exposure2012="+1" crs:AlreadyApplied="True"')) is None
    defaults = 'crs:Sharpness="40" crs:SharpenRadius="+1.0" crs:ColorNoiseReduction="25"'
    assert lightroom.of_photo(photo(defaults)) is None
    assert lightroom.of_photo(photo(f'{defaults} crs:Vibrance="+5"')).document.layers[0].adjustments["sharpening"] == 27
    beside = packet("", 'crs:Contrast2012="20" crs:AlreadyApplied="False"')
    both = photo('crs:Exposure2012="+1" crs:AlreadyApplied="True"', beside)
    assert lightroom.of_photo(both).document.layers[0].adjustments == {"contrast": 20}
    assert lightroom.of_photo(photo("", b"camera-raw-settings")) is None


def test_the_light_that_a_camera_took_a_photo_in_is_told_by_its_balance():
    """Of a sensor that sees XYZ: daylight, and the light of a lamp."""
    for xyz, kelvin in (((0.95047, 1, 1.08883), 6504), ((1.0985, 1, 0.35585), 2856)):
        camera = SimpleNamespace(camera_whitebalance=[*(1 / np.array(xyz)), 0], rgb_xyz_matrix=np.eye(4, 3))
        found, tint = raw.white(camera)
        assert found == pytest.approx(kelvin, rel=0.01) and abs(tint) < 12
    assert raw.white(SimpleNamespace(camera_whitebalance=[1, 1, 1, 1], rgb_xyz_matrix=np.zeros((4, 3)))) is None
