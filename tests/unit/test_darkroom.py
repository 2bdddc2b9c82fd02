"""What adjustments do to pictures whose right answer is known."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from envo import maps
from envo.adjustments import ADJUSTMENTS, BANDS, schema
from envo.colour import linear_to_srgb, srgb_to_linear
from envo.curves import curve_at
from envo.edits import parse
from envo.material import Material
from envo.render import render
from envo.tables import band_weights, grading_table, hue_of, mixer_table
from tests.picture import picture

BEFORE = Path(__file__).with_name("schema1.png")
RAMP = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(64, axis=0)


def develop(pixels: np.ndarray, with_maps: bool = True, curves: dict | None = None, **adjustments) -> np.ndarray:
    layer = {"id": "image", "adjustments": adjustments, "curves": curves or {}}
    material = Material(maps=maps.make(pixels) if with_maps else None)
    return render(picture(pixels), parse({"schema": 2, "layers": [layer]}), material).astype(int)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2))


def old_documents() -> list[dict]:
    many = {
        "exposure": 0.4, "brightness": -15, "contrast": 30, "highlights": -45, "shadows": 50, "whites": 15,
        "blacks": -20, "gamma": 1.15, "temperature": 25, "tint": -12, "saturation": -20, "vibrance": 45, "hue": 12,
        "sepia": 25, "vignette": -40,
    }  # fmt: skip
    strong = {"id": "image", "adjustments": {"shadows": 80, "highlights": -90}}
    masked = {"shadows": -60, "vignette": 70, "hue": -30}
    person = {"id": "person", "mask": {"kind": "person", "feather": 10}, "opacity": 0.8, "adjustments": masked}
    return [{"schema": 1, "layers": [{"id": "image", "adjustments": many}]}, {"schema": 1, "layers": [strong, person]}]


def test_documents_of_schema_1_render_as_they_did():
    photo = cv2.resize(skimage.data.astronaut(), (48, 48), interpolation=cv2.INTER_AREA)
    ramp = np.clip(np.linspace(8, -8, 48) + 0.5, 0, 1)
    matte = np.ascontiguousarray(np.broadcast_to((255 * ramp).astype(np.uint8), (48, 48)))
    material = Material({"person": matte}, maps.make(photo))
    made = [render(picture(photo), parse(document), material) for document in old_documents()]
    before = cv2.imread(str(BEFORE))[..., ::-1]
    difference = np.abs(np.vstack(made).astype(int) - before)
    # They were rendered by other code, whose floats were rounded otherwise: a value in some thousand lay between two.
    assert difference.max() <= 1 and np.count_nonzero(difference) < difference.size / 2000


def test_one_stop_of_exposure_doubles_linear_light():
    half = np.full((8, 8, 3), 0.2, np.float32)
    made = develop(half, exposure=1)
    assert np.abs(made - 255 * linear_to_srgb(np.float32(0.4))).max() <= 0.5


@pytest.mark.parametrize(
    "name", [each.id for each in ADJUSTMENTS.values() if each.group == "Light" and each.id != "dehaze"]
)
def test_a_grey_ramp_stays_grey_and_in_order(name):
    known = ADJUSTMENTS[name]
    for value in (known.minimum, known.maximum):
        made = develop(RAMP, **{name: value})[32]
        assert np.ptp(made, axis=1).max() <= 1
        assert (np.diff(made[:, 0]) >= -1).all(), f"at {value}"


def test_curves_go_through_their_points_and_never_back():
    points = [(0, 0), (0.25, 0.1), (0.3, 0.7), (0.8, 0.72), (1, 1)]
    x = np.linspace(0, 1, 1001)
    drawn = curve_at(points, x)
    np.testing.assert_allclose(curve_at(points, np.array([x for x, _ in points])), [y for _, y in points], atol=1e-12)
    assert (np.diff(drawn) >= -1e-12).all()
    made = develop(RAMP, curves={"rgb": points})[32, :, 0]
    assert np.abs(made - np.rint(255 * curve_at(points, np.arange(256) / 255))).max() <= 1


def test_a_channels_curve_moves_that_channel_alone():
    photo = skimage.data.astronaut()
    made = develop(photo, curves={"green": [(0, 0.2), (1, 0.9)]})
    assert np.abs(made[..., [0, 2]] - photo[..., [0, 2]]).max() <= 1
    assert np.abs(made[..., 1] - (51 + 0.7 * photo[..., 1])).max() <= 1


def test_the_bands_of_the_mixer_sum_to_one_and_each_is_whole_at_its_hue():
    np.testing.assert_allclose(band_weights(np.arange(0, 360, 0.5)).sum(axis=1), 1)
    np.testing.assert_allclose(band_weights(np.array(list(BANDS.values()), float)), np.eye(len(BANDS)), atol=1e-12)


def test_the_mixers_table_is_a_closed_circle_over_all_hues():
    table = mixer_table({"red_hue": 100, "magenta_saturation": -60})
    np.testing.assert_allclose(table[0], table[-1], atol=1e-6)
    hues = hue_of(np.linspace(0, 0.999, 500))
    assert (np.diff(np.unwrap(hues, period=360)) > 0).all()


def test_a_band_changes_its_colour_and_leaves_the_opposite_one_and_grey_noise_alone():
    blue, yellow = np.array([40, 70, 200], np.uint8), np.array([210, 190, 40], np.uint8)
    patches = np.stack([np.full((16, 16, 3), blue), np.full((16, 16, 3), yellow)]).reshape(32, 16, 3).astype(np.uint8)
    made = develop(patches, blue_saturation=-100, blue_lightness=-50)
    assert np.ptp(made[8, 8]) < 0.4 * np.ptp(blue.astype(int))
    assert np.abs(made[24, 8] - yellow).max() <= 1
    noise = np.random.default_rng(1).integers(118, 126, (64, 64, 3)).astype(np.uint8)
    moved = develop(noise, **{f"{band}_saturation": 100 for band in BANDS}) - noise.astype(int)
    assert np.abs(moved).mean() < 1


def test_a_wheel_at_360_degrees_is_at_0_and_black_and_white_are_not_tinted():
    turned, still = ({"shadows_hue": hue, "shadows_strength": 80} for hue in (360, 0))
    np.testing.assert_allclose(grading_table(turned), grading_table(still), atol=1e-7)
    made = develop(RAMP, shadows_strength=100, shadows_hue=250, highlights_strength=100, highlights_hue=70)[32]
    assert made[[0, -1]].tolist() == [[0, 0, 0], [255, 255, 255]]
    assert made[60, 2] > made[60, 0] + 10
    assert made[200, 0] > made[200, 2] + 10


def test_black_and_white_is_grey_and_the_mixer_says_how_light_each_colour_is():
    photo = skimage.data.astronaut()
    plain, orange = (
        develop(photo, monochrome=100),
        develop(photo, monochrome=100, red_lightness=-80, orange_lightness=-80),
    )
    assert np.ptp(plain, axis=2).max() <= 1
    toned = develop(photo, monochrome=100, shadows_strength=60, shadows_hue=250)
    assert (toned[..., 2] - toned[..., 0])[(plain[..., 0] > 40) & (plain[..., 0] < 70)].mean() > 8
    suit = (slice(330, 420), slice(110, 200))
    assert orange[suit].mean() < plain[suit].mean() - 10


@pytest.mark.parametrize(("long", "place", "is_upright"), [(1200, 600, True), (1200, 610, False), (2500, 700, True)])
def test_no_halo_beside_an_edge(long, place, is_upright):
    encoded = np.rint(255 * linear_to_srgb(np.array([0.35, 0.75], np.float32) ** 3)).astype(np.uint8)
    edge = np.where(np.arange(long) < place, *encoded).astype(np.uint8)
    edge = np.broadcast_to(edge[None, :, None], (long * 2 // 3, long, 3))
    made = develop(np.ascontiguousarray(edge if is_upright else edge.swapaxes(0, 1)), shadows=100, clarity=50)
    made = (made if is_upright else made.swapaxes(0, 1))[..., 0]
    dark, bright = made[20, 20], made[20, -20]
    assert dark > encoded[0] + 15
    assert np.abs(made[:, : place - 2] - dark).max() <= 3
    assert np.abs(made[:, place + 2 :] - bright).max() <= 3


def test_lifted_shadows_keep_the_detail_that_is_in_them():
    rng = np.random.default_rng(2)
    dark = np.clip(50 + 8 * rng.standard_normal((300, 400, 1)), 0, 255).astype(np.uint8).repeat(3, axis=2)
    plain = parse({"schema": 1, "layers": [{"id": "image", "adjustments": {"shadows": 100}}]})
    plain = render(picture(dark), plain, Material())
    made = develop(dark, shadows=100)
    assert made.mean() > dark.mean() + 20
    assert made.std() >= dark.std() > plain.std()


def test_haze_is_taken_from_a_photo_that_had_it_put_on():
    photo = skimage.data.astronaut()
    clear = srgb_to_linear(photo / 255)
    through = np.linspace(0.35, 1, photo.shape[0], dtype=np.float32)[:, None, None]
    airlight = np.float32([0.75, 0.78, 0.82])
    hazed = np.rint(255 * linear_to_srgb(clear * through + airlight * (1 - through))).astype(np.uint8)
    made = max((develop(hazed, dehaze=amount) for amount in (60, 80, 100)), key=lambda each: psnr(each, photo))
    assert psnr(made, photo) >= psnr(hazed.astype(int), photo) + 4


def test_dehaze_leaves_what_is_white_white():
    """A wall in the light of a lamp, and snow whose waves have shades, with nothing else in the photo; and photos."""
    y, x = np.mgrid[0:600, 0:900] / 600
    wall = 0.96 - 0.1 * np.hypot(x - 0.4, y - 0.3)
    snow = 0.93 + 0.03 * np.sin(9 * x + 4 * np.sin(5 * y)) + 0.01 * np.random.default_rng(2).standard_normal(x.shape)
    for light in (wall, snow):
        white = np.rint(255 * linear_to_srgb(light**3)).astype(np.uint8)[..., None].repeat(3, axis=2)
        assert np.abs(develop(white, dehaze=100) - white).mean() < 6
    for photo in (skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea()):
        assert np.abs(develop(photo, dehaze=100) - photo).mean() < 2


def test_clarity_and_texture_raise_detail_of_their_size_and_smoothing_lowers_blotches():
    photo = skimage.data.astronaut()

    def energy(pixels: np.ndarray, fine: float, coarse: float) -> float:
        grey = pixels.mean(axis=2).astype(np.float32)
        return float(np.abs(cv2.GaussianBlur(grey, (0, 0), fine) - cv2.GaussianBlur(grey, (0, 0), coarse)).mean())

    still = develop(photo)
    assert energy(develop(photo, texture=80), 0.5, 2) > 1.15 * energy(still, 0.5, 2)
    assert energy(develop(photo, texture=-80), 0.5, 2) < 0.95 * energy(still, 0.5, 2)
    assert energy(develop(photo, clarity=80), 3, 12) > 1.03 * energy(still, 3, 12)
    assert energy(develop(photo, clarity=80), 0.5, 1.5) > energy(still, 0.5, 1.5)
    assert energy(develop(photo, skin_smoothing=100), 2, 6) < 0.98 * energy(still, 2, 6)


def test_grain_lies_in_the_middle_tones_and_keeps_their_mean():
    made = develop(np.full((400, 600, 3), 120, np.uint8), grain=100)
    assert 5 < made.std() < 40
    assert abs(made.mean() - 120) < 2
    assert np.ptp(made, axis=2).max() <= 1
    assert np.array_equal(develop(RAMP, grain=100)[:, [0, -1]], RAMP[:, [0, -1]])


@pytest.mark.parametrize("name", [name for name in ADJUSTMENTS if name != "lut_strength"])
def test_every_adjustment_changes_a_photo(name):
    photo = np.hstack([skimage.data.astronaut()[60:180], all_hues(120, 700)])
    known = ADJUSTMENTS[name]
    shaped = {known.of: ADJUSTMENTS[known.of].maximum} if known.of else {}
    shaped |= {"shadows_strength": 80.0} if name.startswith("grading") else {}
    material = Material(maps=maps.make(photo), denoised=cv2.GaussianBlur(photo, (0, 0), 1))

    def made(**adjustments) -> np.ndarray:
        document = parse({"schema": 2, "layers": [{"id": "image", "adjustments": adjustments}]})
        return render(picture(photo), document, material).astype(int)

    ends = [known.default + 0.7 * (end - known.default) for end in (known.minimum, known.maximum)]
    still = made(**shaped)
    assert max(np.abs(made(**shaped, **{name: end}) - still).max() for end in ends) > 2


def all_hues(height: int, width: int) -> np.ndarray:
    """Every hue from left to right, from pale to deep, uint8 sRGB."""
    rows, columns = np.mgrid[:height, :width]
    hsv = np.stack([columns * 180 // width, 60 + rows * 195 // height, np.full_like(rows, 200)], axis=2)
    return cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)


def test_every_adjustment_has_a_place_in_a_tool_and_what_it_shapes_is_there():
    tools = {each["group"] for each in schema()["adjustments"]}
    assert tools == {"Light", "Colour", "Detail", "Blur", "Effects"}
    assert all(each.of is None or each.of in ADJUSTMENTS for each in ADJUSTMENTS.values())
