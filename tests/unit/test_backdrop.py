"""Another background lies behind what a photo shows, with nothing left of the one before."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from envo import backdrop, colour, passes
from envo.errors import UserError

EXAMPLES = Path(__file__).parents[2] / "examples"
HAIR = np.s_[:150, 100:360]
"""Where the hair of the portrait is, with what is about it."""
EACH = (
    {"kind": "blur", "amount": 30},
    {"kind": "colour", "colour": "#204060"},
    {"kind": "gradient", "colours": ["#ffffff", "#000000"], "angle": 30},
    {"kind": "transparent"},
    {"kind": "photo", "x": 0.5, "scale": 1.5},
)


def put(image: np.ndarray, background: np.ndarray, other: np.ndarray | None = None, **settings) -> np.ndarray:
    return backdrop.apply(image, background, backdrop.parse(settings), other)


def portrait() -> tuple[np.ndarray, np.ndarray]:
    """The portrait, and the matte of its background: what the app's own models left of it."""
    matte = cv2.imread(str(EXAMPLES / "worked" / "astronaut.png"), cv2.IMREAD_GRAYSCALE)
    return cv2.imread(str(EXAMPLES / "astronaut.jpg"))[..., ::-1].copy(), 255 - matte


def lens(image: np.ndarray, radius: float) -> np.ndarray:
    """A plain lens: the mean of linear light over a disc."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    light = cv2.filter2D(colour.srgb_to_linear(image / 255), -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
    return 255 * colour.linear_to_srgb(light)


class Composite:
    """The portrait before another wall, of which everything is known.

    seen: what a camera would have taken of it, uint8 HxWx3. background: its matte. truth: what it is with the wall
    blurred by a disc of `radius` pixels, float32 HxWx3.
    """

    def __init__(self, wall: str, radius: float):
        photo, self.background = portrait()
        _, nearest = cv2.distanceTransformWithLabels(
            np.uint8(self.background > 0), cv2.DIST_L2, cv2.DIST_MASK_PRECISE, labelType=cv2.DIST_LABEL_PIXEL
        )
        solid = np.zeros((nearest.max() + 1, 3), np.float32)
        solid[nearest[self.background == 0]] = photo[self.background == 0]
        person = solid[nearest]  # each pixel has the colour of the nearest one that is nothing but her
        sky = cv2.resize(cv2.imread(str(EXAMPLES / "rocket.jpg"))[..., ::-1], (512, 512)).astype(np.float32)
        behind = 255 - sky if wall == "bright" else sky
        share = (self.background / 255)[..., None]
        self.seen = np.rint((1 - share) * person + share * behind).astype(np.uint8)
        self.truth = (1 - share) * person + share * lens(behind, radius)
        soft = np.uint8((self.background > 0) & (self.background < 255))
        self.near = cv2.dilate(soft, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17)))[HAIR] > 0

    def rim(self, pixels: np.ndarray) -> float:
        """How much brighter or darker than the truth the worst of 100 pixels within 8 pixels of the hair's edge is.

        Of 255, averaged over 3x3 pixels.
        """
        off = cv2.blur(((pixels - self.truth) @ colour.LUMINANCE).astype(np.float32), (3, 3))[HAIR][self.near]
        return np.abs(np.percentile(off, [1, 99])).max()


@pytest.mark.parametrize("wall", ["bright", "dark"])
@pytest.mark.parametrize("amount", [20, 60])
def test_blur_leaves_no_rim_around_hair(wall, amount):
    radius = backdrop.WIDEST * amount / 100 * 512
    known = Composite(wall, radius)
    result = put(known.seen, known.background, kind="blur", amount=amount, highlights=0)
    share = (known.background / 255)[..., None]
    naive = (1 - share) * known.seen + share * lens(known.seen, radius)
    assert known.rim(result) < 6
    assert known.rim(naive) > 20  # the photo blended with itself, blurred as a whole, has a rim


@pytest.mark.parametrize("settings", EACH)
@pytest.mark.parametrize("size", [(2, 1), (1, 40), (33, 57), (1023, 777)])
def test_what_is_no_background_stays_to_the_byte(size, settings):
    generator = np.random.default_rng(7)
    image = cv2.resize(skimage.data.coffee(), size)
    background = np.uint8(255 * np.clip(2 * cv2.blur(generator.random(size[::-1], np.float32), (9, 9)) - 0.5, 0, 1))
    background.flat[0], background.flat[-1] = 0, 255
    result = put(image, background, skimage.data.chelsea(), **settings)
    assert result.dtype == np.uint8 and result.shape[:2] == image.shape[:2]
    assert np.array_equal(result[background == 0][:, :3], image[background == 0])
    assert np.array_equal(result, put(image, background, skimage.data.chelsea(), **settings))


def test_a_matte_of_the_working_size_serves_a_larger_photo():
    photo, background = portrait()
    large = cv2.resize(photo, (1500, 1500), interpolation=cv2.INTER_CUBIC)
    result = put(large, background, kind="colour", colour="#00ff00")
    alpha = cv2.resize(255 - background, (1500, 1500), interpolation=cv2.INTER_LINEAR)
    assert np.array_equal(result[alpha == 255], large[alpha == 255])
    assert (result[alpha == 0] == (0, 255, 0)).all()


def test_working_in_bands_leaves_no_seams(monkeypatch):
    photo, background = portrait()
    for settings in EACH:
        whole = put(photo, background, skimage.data.chelsea(), **settings)
        with monkeypatch.context() as patch:
            patch.setattr(passes, "BAND_PIXELS", 512 * 37)
            bands = put(photo, background, skimage.data.chelsea(), **settings)
        assert np.abs(bands.astype(int) - whole).max() <= 1


def test_a_wide_blur_at_a_reduced_size_is_that_of_the_lens():
    generator = np.random.default_rng(3)
    image = cv2.resize(generator.integers(0, 256, (30, 45, 3), np.uint8), (901, 603), interpolation=cv2.INTER_CUBIC)
    background = np.full((603, 901), 255, np.uint8)
    background[:10, :10] = 0
    for amount in (4, 50, 100):
        result = put(image, background, kind="blur", amount=amount, highlights=0)
        off = np.abs(result - lens(image, backdrop.WIDEST * amount / 100 * 901))[100:, 100:]
        assert off.mean() < 1.2 and np.percentile(off, 99) < 5


def test_a_bright_spot_blooms_into_a_disc():
    night = np.full((400, 400, 3), 20, np.uint8)
    night[198:203, 198:203] = 255
    background = np.full((400, 400), 255, np.uint8)
    background[:20] = 0
    plain, bloomed = (put(night, background, kind="blur", amount=100, highlights=x) for x in (0, 100))
    radius = backdrop.WIDEST * 400
    y, x = np.mgrid[:400, :400]
    away = np.hypot(x - 200, y - 200)
    assert bloomed[away < radius - 5].min() > 2 * plain[away < radius - 5].max()
    assert np.ptp(bloomed[away < radius - 5].astype(int)) < 12  # equal light
    assert np.abs(bloomed[away > radius + 6][:, 0].astype(int) - 20).max() <= 1


def test_flat_colours_do_not_change_under_blur_however_they_bloom():
    image = np.full((120, 160, 3), (200, 120, 40), np.uint8)
    background = np.zeros((120, 160), np.uint8)
    background[:, 80:] = 255
    assert np.abs(put(image, background, kind="blur", highlights=100).astype(int) - image).max() <= 1


def test_a_colour_is_exact_and_a_gradient_runs_from_corner_to_corner():
    image = np.zeros((300, 401, 3), np.uint8)
    background = np.full((300, 401), 255, np.uint8)
    background[150, 200] = 0
    changed = background == 255
    assert (put(image, background, kind="colour", colour="#1aB2c3")[changed] == (0x1A, 0xB2, 0xC3)).all()
    down = put(image, background, kind="gradient", colours=["#ff0000", "#0000ff"], angle=180)
    assert np.abs(down[0].astype(int) - (255, 0, 0)).max() <= 3
    assert np.abs(down[-1].astype(int) - (0, 0, 255)).max() <= 3
    right = put(image, background, kind="gradient", colours=["#000000", "#ffffff"], angle=90)
    assert right[:, 0].max() <= 2 and right[:, -1].min() >= 253
    assert (np.diff(right[10, :, 1].astype(int)) >= -1).all()
    slanted = put(image, background, kind="gradient", colours=["#000000", "#ffffff"], angle=45)
    assert slanted[-1, 0].max() <= 2 and slanted[0, -1].min() >= 253


def test_transparent_has_the_alpha_of_what_stays_and_none_of_the_background():
    photo, background = portrait()
    result = put(photo, background, kind="transparent")
    assert result.shape == (512, 512, 4)
    assert np.array_equal(result[..., 3], 255 - background)
    assert not result[background == 255].any()


def test_another_photo_covers_is_placed_and_scaled():
    image = np.zeros((200, 200, 3), np.uint8)
    background = np.full((200, 200), 255, np.uint8)
    background[100, 100] = 0
    other = np.zeros((200, 600, 3), np.uint8)
    other[:, :, 0] = np.linspace(0, 255, 600)  # red tells where one is across,
    other[:, :, 1] = np.linspace(0, 255, 200)[:, None]  # green how far down

    def corners(**settings) -> tuple[list[int], list[int]]:
        result = put(image, background, other, kind="photo", relight=0, **settings)
        return result[0, 0, :2].tolist(), result[-1, -1, :2].tolist()

    assert np.allclose(corners(), ([85, 0], [170, 255]), atol=3)
    assert np.allclose(corners(x=-1), ([0, 0], [85, 255]), atol=3)
    assert np.allclose(corners(x=1, y=1, scale=2), ([212, 128], [255, 255]), atol=3)


def test_matching_light_brings_another_photo_nearer_to_this_one():
    photo, background = portrait()
    night = cv2.imread(str(EXAMPLES / "rocket.jpg"))[..., ::-1]
    changed = background == 255
    means = [put(photo, background, night, kind="photo", relight=relight)[changed].mean() for relight in (0, 0.5, 1)]
    assert means[0] + 10 < means[1] < means[2] - 10 < photo.mean()


def test_masks_that_leave_nothing_to_do_are_told_plainly():
    photo = skimage.data.chelsea()
    with pytest.raises(UserError, match="Nothing would change"):
        put(photo, np.zeros(photo.shape[:2], np.uint8), kind="blur")
    with pytest.raises(UserError, match="Nothing would stay"):
        put(photo, np.full(photo.shape[:2], 255, np.uint8), kind="blur")
    with pytest.raises(UserError, match="Choose the photo"):
        put(photo, np.eye(300, dtype=np.uint8), kind="photo")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "one of blur, colour, gradient, transparent, photo"),
        ({"kind": "sepia"}, "one of blur"),
        ({"kind": ["blur"]}, "one of blur"),
        ({"kind": "blur", "amount": 101}, "Blur goes from 1 to 100"),
        ({"kind": "blur", "amount": float("nan")}, "Blur goes from"),
        ({"kind": "blur", "angle": 3}, "no setting 'angle'"),
        ({"kind": "colour", "colour": "red"}, "a colour such as"),
        ({"kind": "colour", "colour": 5}, "a colour such as"),
        ({"kind": "gradient", "colours": ["#ffffff"]}, "two colours"),
        ({"kind": "gradient", "colours": "#ffffff"}, "two colours"),
        ({"kind": "photo", "scale": 0.5}, "Size goes from 1 to 4"),
    ],
)
def test_settings_that_cannot_be_are_told_plainly(settings, sentence):
    with pytest.raises(UserError, match=sentence):
        backdrop.parse(settings)


def test_settings_can_be_kept_and_read_again():
    for settings in EACH:
        kept = backdrop.parse(settings).dump()
        assert settings.items() <= kept.items()
        assert backdrop.parse(kept).dump() == kept
    assert backdrop.parse({"kind": "colour"}).dump() == {"kind": "colour", "colour": backdrop.COLOURS["colour"][0]}


def test_the_page_gets_every_kind_with_what_can_be_set():
    kinds = {kind["id"]: kind for kind in backdrop.for_page()}
    assert list(kinds) == list(backdrop.KINDS) == list(backdrop.CONTROLS)
    assert [control["id"] for control in kinds["blur"]["controls"]] == ["amount", "highlights"]
    assert len(kinds["gradient"]["colours"]) == 2
