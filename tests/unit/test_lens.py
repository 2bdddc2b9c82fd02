"""What lenses did to photos is taken back: places by lensfun's own, light, colours at the edges, masks, and DNGs."""

import json
import struct

import lensfunpy
import numpy as np
import pytest

from envo import edits, lens, lenses, render
from envo.edits import EditDocument, Geometry, Layer, Lens, Mask, Matte
from envo.file import PhotoFile
from envo.geometry import framing
from envo.lenses import Optics
from envo.material import Material
from envo.output import Output
from envo.photo import Header, Image
from tests import dng

SIZE = (1200, 800)
CANON = Optics("Canon", "Canon EOS 5D Mark III", "EF24-105mm f/4L IS USM", 24.0, 4.0, 10.0)
CALLED = ("Canon", "Canon EF 24-105mm f/4L IS USM")


def image(pixels: np.ndarray) -> Image:
    return Image(pixels, Header("PNG", pixels.shape[1], pixels.shape[0], 16, False, pixels.dtype == np.float32))


def profile(size=SIZE, told=CANON) -> lens.Profile:
    found = lenses._measured(told, size, "", "")
    assert found is not None
    return found


def document(layers: tuple[Layer, ...] = (), **wish: float) -> EditDocument:
    return EditDocument(lens=Lens(on=True, **wish), layers=(Layer(id="image"), *layers))


def modifier(size: tuple[int, int], what: int, told: Optics = CANON) -> lensfunpy.Modifier:
    database = lensfunpy.Database(load_common=False)
    camera = database.find_cameras(told.maker, told.camera)[0]
    found = next(each for each in database.lenses if (each.maker, each.model) == CALLED)
    made = lensfunpy.Modifier(found, camera.crop_factor, *size)
    made.initialize(told.focal, told.aperture, told.distance, scale=1.0, pixel_format=np.float32, flags=what)
    return made


def dots(places: np.ndarray, size: tuple[int, int], sigma: float = 2.0) -> np.ndarray:
    """Draw dots on black, float32 HxW, in pixels from the corner of the first one."""
    made = np.zeros(size[::-1], np.float32)
    for x, y in places:
        left, top = int(x) - 12, int(y) - 12
        v, u = np.mgrid[max(top, 0) : top + 25, max(left, 0) : left + 25] + 0.5
        part = np.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * sigma**2))
        window = made[max(top, 0) : top + 25, max(left, 0) : left + 25]
        window += part[: window.shape[0], : window.shape[1]]
    return made


def middle(picture: np.ndarray, at: np.ndarray, reach: int = 9) -> np.ndarray:
    """Find the middle of the dot near a place, in pixels from the corner of the first one."""
    left, top = (int(each) - reach for each in at)
    part = picture[top : top + 2 * reach + 1, left : left + 2 * reach + 1].astype(float)
    v, u = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]] + 0.5
    return np.array([(u * part).sum(), (v * part).sum()]) / part.sum()


def test_grid_bent_by_lensfun_is_straight_again_and_a_mask_with_it():
    size = SIZE
    straight = np.array([(x, y) for x in np.linspace(90, 1110, 9) for y in np.linspace(90, 710, 7)])
    bending = modifier(size, lensfunpy.ModifyFlags.DISTORTION)
    bent = np.array([bending.apply_geometry_distortion(x - 0.5, y - 0.5, 1, 1)[0, 0] + 0.5 for x, y in straight])
    assert np.hypot(*(bent - straight).T).max() > 6  # there is something to do
    grid = dots(bent, size)
    matte = np.rint(255 * grid).astype(np.uint8)
    # Where the dots are bright, the mask lets the layer turn all red.
    layer = Layer(
        id="layer-1",
        mask=Mask(parts=(Matte(kind="person"),)),
        adjustments={"temperature": 100.0, "exposure": 2.0},
    )
    material = Material(mattes={"person": matte}, lens=profile())
    grey = image(np.full((*size[::-1], 3), 0.05, np.float32))
    light = Output(depth="float32")
    only = {"vignetting": 0.0, "colour": 0.0}
    drawn = render.render(image(np.repeat(grid[..., None], 3, 2)), document(**only), material, light)
    masked = render.render(grey, document(layers=(layer,), **only), material, light)[..., 0] - 0.05
    wanted = lens.correction(profile(), document(**only).lens, size).straight(bent / size) * size
    # The whole is scaled to just fill the frame; its lines are straight, and evenly far apart.
    from_middle, scaled = straight - np.array(size) / 2, wanted - np.array(size) / 2
    assert np.allclose(scaled, from_middle * (scaled * from_middle).sum() / (from_middle**2).sum(), atol=0.1)
    inside = ((wanted > 12) & (wanted < np.array(size) - 12)).all(axis=1)
    assert inside.sum() > 50
    for place in wanted[inside]:
        assert np.hypot(*(middle(drawn[..., 0], place) - place)) < 0.5
        assert np.hypot(*(middle(masked, place) - place)) < 0.5


def test_edge_whose_colours_lie_apart_comes_together():
    # A white area ends at a line that lensfun says is bent otherwise in each channel.
    y = np.arange(0, SIZE[1] + 1, 20.0)
    bending = modifier(SIZE, lensfunpy.ModifyFlags.DISTORTION | lensfunpy.ModifyFlags.TCA)
    places = [bending.apply_subpixel_geometry_distortion(1119.5, each - 0.5, 1, 1)[0, 0] + 0.5 for each in y]
    assert max(abs(place[0, 0] - place[2, 0]) for place in places) > 0.5
    x, rows = np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5
    edges = [np.interp(rows, [place[c, 1] for place in places], [place[c, 0] for place in places]) for c in range(3)]
    pixels = np.stack([1 / (1 + np.exp((x - edge[:, None]) / 0.8)) for edge in edges], axis=2).astype(np.float32)

    def ends(pixels: np.ndarray) -> np.ndarray:
        """Find where each row's channels fall to a half."""
        first = np.argmax(pixels < 0.5, axis=1)
        below, above = (np.take_along_axis(pixels, (first - i)[:, None], axis=1)[:, 0] for i in range(2))
        return first + 0.5 - (0.5 - below) / (above - below)

    made = render.render(image(pixels), document(vignetting=0.0), Material(lens=profile()), Output(depth="float32"))
    apart, together = ends(pixels)[20:-20], ends(made)[20:-20]
    assert np.ptp(apart, axis=1).max() > 0.5
    assert np.ptp(together, axis=1).max() < 0.2 and np.ptp(together) < 0.5


def test_vignetting_becomes_flat_at_each_strength():
    reversed_ = lensfunpy.ModifyFlags.VIGNETTING
    light = np.full((*SIZE[::-1], 3), 0.2, np.float32)
    gain = np.ones_like(light)
    assert modifier(SIZE, reversed_).apply_color_modification(gain)
    dark = light / gain
    assert dark.min() < 0.6 * dark.max()
    only = {"distortion": 0.0, "colour": 0.0}
    made = render.render(image(dark), document(**only), Material(lens=profile()), Output(depth="float32"))
    assert np.ptp(made) < 0.02 * 0.2 and abs(made.mean() - 0.2) < 0.004
    half = render.render(
        image(dark), document(**only, vignetting=50.0), Material(lens=profile()), Output(depth="float32")
    )
    assert np.allclose(half, (dark + light) / 2, rtol=0.02)


@pytest.mark.parametrize("kind", ["barrel", "pincushion"])
@pytest.mark.parametrize(
    "geometry", [Geometry(), Geometry(turns=1), Geometry(angle=7.0, vertical=20.0), Geometry(flip=True, angle=-3.0)]
)
def test_corrected_photo_fills_its_frame_and_no_more(kind, geometry):
    bent = 1 + (-0.12 if kind == "barrel" else 0.1) * lens.DISTANCES**2
    lopsided = lens.Profile("file", "", "", (0.52, 0.47), distortion=bent)
    wish = Lens(on=True)
    frame = framing(geometry, SIZE, lens.correction(lopsided, wish, SIZE))
    places = frame.places()
    assert places.min() > 0 and places.max() < 1
    assert min(places.min(), 1 - places.max()) < 0.002
    # Both ways, all over the picture and somewhat beyond.
    inside = np.random.default_rng(0).uniform(-0.1, 1.1, (500, 2))
    assert np.allclose(frame.to_picture(frame.to_photo(inside)), inside, atol=1e-6)


def test_lens_is_found_by_what_the_photo_tells_and_by_hand():
    assert (profile().maker, profile().model) == CALLED
    unknown = Optics("Canon", "Canon EOS 5D Mark III", "EF24-107mm f/4L IS USM", 24.0)
    assert lenses._measured(unknown, SIZE, "", "") is None
    assert lenses._measured(Optics(), SIZE, "", "") is None
    by_hand = lenses._measured(Optics(focal=24.0, aperture=4.0, distance=10.0), SIZE, *CALLED)
    assert np.allclose(by_hand.distortion, profile().distortion)
    assert lenses._measured(Optics(), SIZE, "Canon", "No such lens") is None
    fixed = lenses._measured(Optics("Sony", "DSC-RX100M3", "", 8.8, 2.8), SIZE, "", "")
    assert fixed is not None and "RX100" in fixed.model
    assert CALLED in lenses.search("canon 24-105 F/4L")
    assert not lenses.search("no such lens") and len(lenses.search("")) == lenses.MOST


def test_edits_say_what_is_taken_back_and_old_ones_take_nothing():
    old = {"schema": 3, "layers": [{"id": "image"}]}
    assert edits.parse(old).lens == Lens() and not edits.parse(old).shows
    wish = old | {"lens": {"on": True, "distortion": 150.0}}
    assert edits.parse(wish).shows and edits.parse(edits.parse(wish).dump()) == edits.parse(wish)
    assert json.loads(json.dumps(profile().schema()))["model"] == CALLED[1]
    grey = image(np.full((60, 80, 3), 90, np.uint8))
    # Where nothing is known of the lens, nothing changes, and its pixels stay what they are.
    assert (render.render(grey, edits.parse(wish), Material()) == 90).all()


def listed(*operations: tuple[int, bytes]) -> bytes:
    """Write a DNG's list of operations."""
    parts = [struct.pack(">IIII", number, 0x01030000, 1, len(data)) + data for number, data in operations]
    return struct.pack(">I", len(operations)) + b"".join(parts)


def warp(*planes: tuple[float, ...], centre: tuple[float, float] = (0.5, 0.5)) -> tuple[int, bytes]:
    values = [value for plane in planes for value in (*plane, 0.0, 0.0)]
    return 1, struct.pack(f">I{len(values) + 2}d", len(planes), *values, *centre)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_dng_says_itself_what_its_lens_did(orientation):
    size, centre = (600, 400), (0.55, 0.45)
    red, green, blue = (0.994, 0.0, 0.0, 0.0), (1.0, -0.08, 0.01, 0.0), (1.0, -0.085, 0.01, 0.0)
    vignette = (3, struct.pack(">7d", 0.5, 0.2, 0.0, 0.0, 0.0, *centre))
    middle_of_it = np.array(size) * centre
    farthest = np.hypot(*np.maximum(middle_of_it, np.array(size) - middle_of_it))
    straight = np.array([(x, y) for x in range(60, 600, 60) for y in range(60, 400, 60)], float)
    away = (straight - middle_of_it) / farthest
    square = (away**2).sum(axis=1, keepdims=True)
    bent = middle_of_it + farthest * away * (green[0] + green[1] * square + green[2] * square**2)
    assert np.hypot(*(bent - straight).T).max() > 10
    light = np.repeat(0.02 + 0.4 * dots(bent, size, sigma=3.0)[..., None], 3, axis=2)
    data = dng.write(light, orientation=orientation, opcodes=listed(vignette, warp(red, green, blue, centre=centre)))
    told = lenses.told(PhotoFile(data))
    found = lenses.find(told, Lens())
    assert found.source == "file" and lenses.find(told, Lens(maker="Canon", model="No such lens")) is None
    upright = (
        (lambda places: places)
        if orientation == 1
        else (lambda places: np.stack([400 - places[:, 1], places[:, 0]], axis=1))
    )
    assert np.allclose(found.centre, upright(middle_of_it[None])[0] / told.size)

    wish = {"colour": 0.0, "vignetting": 0.0}
    correction = lens.correction(found, document(**wish).lens, told.size)
    wanted = correction.straight(upright(bent) / told.size) * told.size
    scaled, from_it = wanted - upright(middle_of_it[None]), upright(straight) - upright(middle_of_it[None])
    assert np.allclose(scaled, from_it * (scaled * from_it).sum() / (from_it**2).sum(), atol=0.1)
    shown = render.render(PhotoFile(data).decode(), document(**wish), Material(lens=found), Output(depth="float32"))
    inside = ((wanted > 12) & (wanted < np.array(told.size) - 12)).all(axis=1)
    assert inside.sum() > 20
    for place in wanted[inside]:
        assert np.hypot(*(middle(shown[..., 1] - shown[..., 1].min(), place) - place)) < 0.5
    # Light is what the list says, and red what it says of red.
    at = np.array([0.3, 0.7])
    reach = at * farthest / (np.hypot(*size) / 2)
    assert np.allclose(np.interp(reach, lens.DISTANCES, found.gain), 1 + 0.5 * at**2 + 0.2 * at**4, atol=1e-4)
    there = np.interp(reach, lens.DISTANCES, found.distortion) * reach
    assert np.allclose(np.interp(there, lens.DISTANCES, found.red) * there, reach * red[0], atol=1e-4)


@pytest.mark.parametrize(
    "operations",
    [
        listed(warp((1.0, 0.1, 0.0, 0.0)))[:40],
        listed(warp((float("nan"), 0.0, 0.0, 0.0))),
        listed(warp((-1.0, 0.0, 0.0, 0.0))),
        listed(warp((1.0, 1e300, 1e300, -1e300))),
        listed(warp((1.0, 0.0, 0.0, 0.0), centre=(7.0, 0.5))),
        listed((1, struct.pack(">I", 2**31))),
        struct.pack(">I", 2**32 - 1),
        b"no list",
    ],
    ids=["cut off", "no number", "inside out", "too large", "beside", "many planes", "many", "other"],
)
def test_what_no_lens_does_is_not_believed(operations):
    data = dng.write(np.full((64, 64, 3), 0.2), opcodes=operations)
    assert lenses.told(PhotoFile(data)).own is None
