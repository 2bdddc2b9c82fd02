"""Masks put together of parts: what each shape comes to at a place, and all of them together."""

import cv2
import numpy as np
import pytest
import skimage.data

from envo import brush, edits, expressions, guide, oklab
from envo.colour import srgb_to_linear
from envo.edits import Geometry, parse
from envo.errors import UserError
from envo.geometry import framing
from envo.guide import Guide
from envo.material import Material
from envo.render import render
from tests.picture import picture

SIZE = (300, 200)


def rows(*parts: dict, invert: bool = False, photo: np.ndarray | None = None, geometry=None, **material) -> np.ndarray:
    """The mask of these parts over a photo, float32 HxW."""
    photo = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8) if photo is None else photo
    size = photo.shape[1::-1]
    of = edits.Mask.model_validate({"parts": parts, "invert": invert})
    frame = framing(geometry or Geometry(), size)
    lab = oklab.from_linear(srgb_to_linear(photo / 255).astype(np.float32))
    made = expressions.mask(of, Material(**material), frame, size, lambda grid, top, bottom: lab[top:bottom])
    return made and made.rows(frame.size, 0, frame.size[1])


def at(values: np.ndarray, x: float, y: float) -> float:
    """A value at a place in photo coordinates."""
    height, width = values.shape
    return float(values[min(int(y * height), height - 1), min(int(x * width), width - 1)])


def matte(kind: str, **more) -> dict:
    return {"shape": "matte", "kind": kind, **more}


def linear(start, end, **more) -> dict:
    return {"shape": "linear", "start": start, "end": end, **more}


def radial(centre, radii, **more) -> dict:
    return {"shape": "radial", "centre": centre, "radii": radii, **more}


def painted(*strokes: dict, **more) -> dict:
    return {"shape": "brush", "strokes": strokes, **more}


HALVES = np.hstack([np.full((200, 150), 255, np.uint8), np.zeros((200, 150), np.uint8)])
"""Left inside, right outside."""
FLAT = np.full((200, 300), 102, np.uint8)


def test_a_linear_gradient_falls_from_its_start_to_its_end():
    soft = rows(linear((0.2, 0.5), (0.8, 0.5)))
    assert at(soft, 0.1, 0.3) == 1 and at(soft, 0.9, 0.7) == 0
    assert at(soft, 0.5, 0.1) == pytest.approx(0.5, abs=0.01)
    assert at(soft, 0.35, 0.9) == pytest.approx(1 - 0.25**2 * 2.5, abs=0.01)  # smoothstep a quarter of the way
    hard = rows(linear((0.2, 0.5), (0.8, 0.5), feather=0.0))
    assert at(hard, 0.49, 0.5) == 1 and at(hard, 0.51, 0.5) == 0
    # Its lines of equal value are at right angles to it in pixels, whatever the photo's proportions.
    slanted = rows(linear((0.0, 0.0), (1.0, 1.0)))
    assert at(slanted, 0.5, 0.5) == pytest.approx(at(slanted, 0.5 + 0.1 * 2 / 3, 0.5 - 0.1 * 3 / 2), abs=0.02)


def test_a_radial_gradient_is_an_ellipse_that_can_be_turned():
    ellipse = rows(radial((0.5, 0.5), (0.3, 0.1), feather=0.0))
    assert at(ellipse, 0.78, 0.5) == 1 and at(ellipse, 0.82, 0.5) == 0
    assert at(ellipse, 0.5, 0.5 + 0.09 * 1.5) == 1 and at(ellipse, 0.5, 0.5 + 0.11 * 1.5) == 0
    turned = rows(radial((0.5, 0.5), (0.3, 0.1), angle=90.0, feather=0.0))
    assert at(turned, 0.78, 0.5) == 0 and at(turned, 0.5, 0.5 + 0.28 * 1.5) == 1
    clockwise = rows(radial((0.5, 0.5), (0.3, 0.1), angle=45.0, feather=0.0))
    assert at(clockwise, 0.65, 0.5 + 0.15 * 1.5) == 1 and at(clockwise, 0.65, 0.5 - 0.15 * 1.5) == 0
    assert at(clockwise, 0.5 + 0.2, 0.5 + 0.2 * 1.5) == 1 and at(clockwise, 0.5 + 0.23, 0.5 + 0.23 * 1.5) == 0
    soft = rows(radial((0.5, 0.5), (0.3, 0.3), feather=50.0))
    assert at(soft, 0.5 + 0.14, 0.5) == 1
    assert at(soft, 0.5 + 0.225, 0.5) == pytest.approx(0.5, abs=0.03)


def test_a_luminance_range_is_told_by_oklabs_lightness():
    ramp = np.repeat(np.linspace(0, 255, 300).astype(np.uint8)[None, :, None], 3, axis=2).repeat(200, axis=0)
    light = oklab.from_linear(srgb_to_linear(ramp / 255).astype(np.float32))[0, :, 0]
    found = rows({"shape": "luminance", "low": 0.4, "high": 0.7, "feather": 20.0}, photo=ramp)[0]
    assert np.all(found[(light >= 0.4) & (light <= 0.7)] == 1)
    assert np.all(found[(light < 0.3) | (light > 0.8)] == 0)
    halfway = np.argmin(np.abs(light - 0.35))
    assert found[halfway] == pytest.approx(0.5, abs=0.05)
    assert np.all(rows({"shape": "luminance", "low": 0.0, "high": 1.0}, photo=ramp) == 1)


def test_a_colour_range_takes_what_is_about_that_colour():
    photo = np.full((200, 300, 3), (30, 90, 200), np.uint8)
    photo[:, 100:200] = (60, 120, 215)
    photo[:, 200:] = (200, 60, 40)
    wanted = {"shape": "colour", "colour": (30 / 255, 90 / 255, 200 / 255), "feather": 10.0}
    near = rows(wanted | {"tolerance": 30.0}, photo=photo)
    assert at(near, 0.1, 0.5) == 1 and at(near, 0.5, 0.5) == 1 and at(near, 0.9, 0.5) == 0
    nearer = rows(wanted | {"tolerance": 0.0}, photo=photo)
    assert at(nearer, 0.1, 0.5) == pytest.approx(1, abs=1e-3) and at(nearer, 0.5, 0.5) < 0.5


def test_parts_add_subtract_and_intersect_in_their_order():
    mattes = {"person": HALVES, "hair": FLAT}  # 1 and 0; 0.4 all over
    person, hair = matte("person"), matte("hair")
    left, right = (0.25, 0.5), (0.75, 0.5)

    def both(*parts: dict, invert: bool = False) -> list[float]:
        made = rows(*parts, invert=invert, mattes=mattes)
        return [round(at(made, *place), 3) for place in (left, right)]

    assert both(hair, hair | {"how": "add"}) == [0.8, 0.8]
    assert both(person, hair | {"how": "add"}) == [1, 0.4]
    assert both(person, hair | {"how": "subtract"}) == [0.6, 0]
    assert both(person, hair | {"how": "intersect"}) == [0.4, 0]
    assert both(person, hair | {"how": "intersect", "invert": True}) == [0.6, 0]
    assert both(person | {"invert": True}) == [0, 1]
    assert both(person, hair | {"how": "subtract"}, invert=True) == [0.4, 1]
    # A first part that takes away, takes of everything.
    assert both(hair | {"how": "subtract"}) == [0.6, 0.6]
    assert both(hair | {"how": "intersect"}, person | {"how": "subtract"}) == [0, 0.4]


def test_a_matte_that_the_photo_has_not_is_nothing():
    mattes = {"person": HALVES, "hair": None}
    assert rows(matte("hair"), matte("person"), mattes=mattes) is None
    assert rows(matte("hair", invert=True), mattes=mattes) is None
    plain = rows(matte("person"), mattes=mattes)
    for how, invert in (("add", False), ("add", True), ("subtract", True)):
        assert np.array_equal(rows(matte("person"), matte("hair", how=how, invert=invert), mattes=mattes), plain)
    assert not rows(matte("person"), matte("hair", how="intersect", invert=True), mattes=mattes).any()
    with pytest.raises(UserError):
        rows(matte("person"), matte("eyes"), mattes=mattes)


def test_a_layer_whose_part_the_photo_has_not_changes_nothing():
    photo = skimage.data.astronaut()
    layers = [{"id": "image"}, {"id": "teeth", "mask": {"parts": [matte("teeth")]}, "adjustments": {"exposure": 2}}]
    document = parse({"schema": 3, "layers": layers})
    assert np.array_equal(render(picture(photo), document, Material({"teeth": None})), photo)


def test_a_stroke_covers_what_is_near_its_line_and_fades_to_its_rim():
    size = (400, 300)
    line = {"points": [(0.25, 0.5), (0.75, 0.5)], "size": 0.2, "hardness": 50.0}
    made = brush.paint(edits.Brush.model_validate(painted(line)).strokes, size, None).astype(int)
    x = int(0.5 * 400)
    assert made[150, x] == 255 and made[150 + 19, x] == 255 and made[150 + 41, x] == 0
    assert abs(made[150 + 30, x] - 127) < 12
    assert made[150, 100 - 30] > 80 and made[150, 100 - 42] == 0  # its ends are round
    assert np.array_equal(made, made[::-1]) or np.abs(made - made[::-1]).max() < 20


def test_strokes_add_up_and_within_one_nothing_does():
    there_and_back = {"points": [(0.2, 0.5), (0.8, 0.5), (0.2, 0.5)], "size": 0.1, "flow": 40.0}
    eraser = {"points": [(0.5, 0.2), (0.5, 0.8)], "size": 0.1, "flow": 50.0, "erase": True}
    once = rows(painted(there_and_back))
    assert at(once, 0.3, 0.5) == pytest.approx(0.4, abs=0.003)
    assert at(rows(painted(there_and_back, there_and_back)), 0.3, 0.5) == pytest.approx(0.64, abs=0.003)
    erased = rows(painted(there_and_back, eraser))
    assert at(erased, 0.5, 0.5) == pytest.approx(0.2, abs=0.003) and at(erased, 0.3, 0.5) == at(once, 0.3, 0.5)
    assert not rows(painted()).any()


def test_a_stroke_of_many_points_covers_what_its_pieces_do():
    rng = np.random.default_rng(4)
    points = np.cumsum(rng.normal(0, 0.03, (60, 2)), axis=0) + 0.5
    whole = {"points": points.tolist(), "size": 0.06, "hardness": 30.0}
    size = (500, 400)

    def drawn(stroke: dict) -> np.ndarray:
        return brush.paint(edits.Brush.model_validate(painted(stroke)).strokes, size, None)

    pieces = [drawn(whole | {"points": points[i : i + 2].tolist()}) for i in range(len(points) - 1)]
    assert np.abs(np.max(pieces, axis=0).astype(int) - drawn(whole)).max() <= 1


def test_an_aware_stroke_keeps_to_the_colours_it_began_on():
    photo = np.full((200, 300, 3), (40, 110, 60), np.uint8)
    photo[:, 150:] = (190, 180, 60)
    made = guide.make(photo)
    stroke = {"points": [(0.3, 0.5), (0.7, 0.5)], "size": 0.2, "hardness": 100.0, "aware": True}
    kept = rows(painted(stroke), photo=photo, guide=Guide.load(made))
    assert at(kept, 0.4, 0.5) == 1 and at(kept, 0.6, 0.5) == 0
    assert at(rows(painted(stroke), photo=photo), 0.6, 0.5) == 1


def test_refining_brings_a_rough_mask_nearer_to_the_edges_of_the_photo():
    y, x = np.mgrid[:400, :600]
    true = (np.hypot(x - 300, y - 200) + 3 * np.sin(np.arctan2(y - 200, x - 300) * 9) < 120).astype(np.float32)
    noise = np.random.default_rng(1).normal(0, 6, (400, 600, 3))
    photo = np.where(true[..., None] > 0, (180, 90, 60), (70, 120, 160)) + noise
    photo = np.clip(photo, 0, 255).astype(np.uint8)
    rough = (np.hypot(x - 300, y - 200) < 120).astype(np.uint8) * 255
    by = Guide.load(guide.make(photo))
    errors = [
        np.abs(rows(matte("subject", refine=refine), photo=photo, mattes={"subject": rough}, guide=by) - true).mean()
        for refine in (0.0, 50.0, 100.0)
    ]
    assert errors[2] < errors[1] < errors[0] and errors[2] < 0.5 * errors[0]


def test_a_mask_lies_where_the_cropped_and_turned_picture_shows_its_place():
    parts = [radial((0.4, 0.3), (0.2, 0.1), angle=30.0), painted({"points": [(0.3, 0.2), (0.6, 0.5)], "size": 0.1})]
    whole = rows(*parts)
    turned = rows(*parts, geometry=Geometry(turns=1, flip=True))
    assert np.abs(np.rot90(whole[:, ::-1], -1) - turned).max() < 1e-4
    cropped = rows(*parts, geometry=Geometry(crop=(0.1, 0.2, 0.7, 0.9)))
    assert np.abs(whole[40:180, 30:210] - cropped).max() < 1e-4


def test_a_mask_is_asked_by_rows_and_on_grids_of_other_sizes():
    of = edits.Mask.model_validate(
        {"parts": [matte("person", feather=3.0), radial((0.5, 0.5), (0.3, 0.2), how="subtract")]}
    )
    frame = framing(Geometry(), SIZE)
    made = expressions.mask(of, Material({"person": HALVES}), frame, SIZE, lambda *_: None)
    whole = made.rows(SIZE, 0, 200)
    assert np.abs(np.concatenate([made.rows(SIZE, 0, 71), made.rows(SIZE, 71, 200)]) - whole).max() < 1e-6
    small = cv2.resize(whole, (150, 100), interpolation=cv2.INTER_AREA)
    assert np.abs(made.rows((150, 100), 0, 100) - small).max() < 0.02
