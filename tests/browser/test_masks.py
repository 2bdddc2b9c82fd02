"""Masks of one's own in Edit: parts that are drawn, painted, picked and clicked, by mouse and by touch."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser import pages
from tests.browser.gestures import is_phone, press, spot, stroke
from tests.browser.visitors import DESKTOP, PHONE

EDGE = 400
WALL = (150, 150, 150)
DISC, SQUARE = (0.3, 0.5), (0.75, 0.5)
"""Places in the photo of something red, and of something green, as fractions of its width and height."""


@pytest.fixture
def things() -> dict:
    """A photo of a red disc and a green square before a grey wall, square, so that `spot` finds its places."""
    photo = np.full((EDGE, EDGE, 3), WALL, np.uint8)
    rows, columns = np.mgrid[:EDGE, :EDGE] / EDGE
    photo[(rows - DISC[1]) ** 2 + (columns - DISC[0]) ** 2 < 0.15**2] = pages.RED
    photo[(abs(rows - SQUARE[1]) < 0.12) & (abs(columns - SQUARE[0]) < 0.12)] = pages.GREEN
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    return {"name": "things.png", "mimeType": "image/png", "buffer": file.getvalue()}


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desk", "phone"])
def page(request, new_visitor, things) -> Page:
    """The editor with this photo open."""
    opened = new_visitor(request.param).editor()
    pages.upload(opened, things)
    expect(opened.locator(".photo-name")).to_have_text("things.png")
    pages.drawn(opened)
    expect(opened.locator(".layer-note")).not_to_contain_text("…", timeout=120_000)
    return opened


def item(page: Page, name: str) -> None:
    press(page, page.locator(".parts-menu").get_by_role("menuitem", name=name, exact=True))


def new_mask(page: Page, name: str) -> None:
    press(page, page.locator(".layer-new"))
    item(page, name)


def more(page: Page, how: str, name: str) -> None:
    press(page, page.locator(".mask-more").get_by_role("button", name=how, exact=True))
    item(page, name)


def parts(page: Page) -> Locator:
    return page.locator(".mask-row")


def mask(page: Page) -> dict:
    """The mask of the last layer, as it is kept."""
    pages.saved(page)
    return page.evaluate(
        "(id) => fetch(`/envo/photos/${id}/edit`).then((answer) => answer.json())", pages.photo_id(page)
    )["document"]["layers"][-1]["mask"]


def handle(page: Page, name: str) -> tuple[float, float]:
    """Where in the window the middle of a handle is."""
    box = page.locator(f".mask-handle[data-handle={name}]").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def seen(page: Page, place: tuple[float, float]) -> np.ndarray:
    """Colour that is seen at a place of the photo, but for what lies over it: the mean of 3x3 pixels."""
    shown = pages.picture(page).astype(float)
    box = page.locator(".editor .picture canvas").bounding_box()
    scale = shown.shape[1] / box["width"]
    x, y = (round((at - corner) * scale) for at, corner in zip(spot(page, place), (box["x"], box["y"]), strict=True))
    return shown[y - 1 : y + 2, x - 1 : x + 2].mean((0, 1))


def undo(page: Page) -> None:
    press(page, page.locator(".editor .bar").get_by_role("button", name="Undo"))


def redo(page: Page) -> None:
    press(page, page.locator(".editor .bar").get_by_role("button", name="Redo"))


def is_at(point: tuple[float, float], other: tuple[float, float], within: float = 2) -> bool:
    return bool(np.abs(np.subtract(point, other)).max() <= within)


def test_a_gradient_is_drawn_in_the_photo_and_shaped_by_its_handles(page):
    new_mask(page, "Radial gradient")
    expect(page.locator(".mask-name")).to_have_value("Radial gradient 1")
    expect(page.get_by_role("button", name="Show mask")).to_have_attribute("aria-pressed", "true")
    laid = handle(page, "centre")
    stroke(page, spot(page, (0.4, 0.4)), spot(page, (0.5, 0.5)), spot(page, (0.6, 0.5)))
    assert is_at(handle(page, "centre"), spot(page, (0.4, 0.4)))
    assert is_at(handle(page, "right"), spot(page, (0.6, 0.4)))
    assert is_at(handle(page, "bottom"), spot(page, (0.4, 0.5)))

    stroke(page, handle(page, "right"), spot(page, (0.7, 0.42)))
    stroke(page, handle(page, "centre"), spot(page, (0.5, 0.6)))
    stroke(page, handle(page, "turn"), (spot(page, (0.9, 0.6))))
    kept = mask(page)["parts"][0]
    assert np.abs(np.subtract([*kept["centre"], *kept["radii"]], [0.5, 0.6, 0.3, 0.1])).max() < 0.01
    assert abs(kept["angle"] - 90) < 2

    before = handle(page, "centre")
    page.locator(".mask-handle[data-handle=centre]").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowUp")
    assert is_at(handle(page, "centre"), (before[0] + 10, before[1] - 1), 0.6)
    expect(page.locator(".photo-name")).to_have_text("things.png")

    pages.saved(page)
    place = spot(page, (0.5, 0.6))
    moved = handle(page, "centre")
    page.reload()
    pages.drawn(page)
    press(page, page.locator("[data-layer^=layer-]"))
    pages.show_tool(page, "Mask")
    assert is_at(handle(page, "centre"), moved, 0.6)
    for where in [(before[0] + 10, before[1]), place, place, spot(page, (0.4, 0.4)), spot(page, (0.4, 0.4)), laid]:
        undo(page)
        assert is_at(handle(page, "centre"), where)
    undo(page)
    expect(page.locator("[data-layer^=layer-]")).to_have_count(0)


def test_a_line_is_drawn_for_a_gradient_and_its_ends_turn_it(page):
    new_mask(page, "Linear gradient")
    stroke(page, spot(page, (0.3, 0.3)), spot(page, (0.3, 0.5)), spot(page, (0.3, 0.6)))
    assert is_at(handle(page, "start"), spot(page, (0.3, 0.3)))
    stroke(page, handle(page, "middle"), spot(page, (0.5, 0.45)))
    stroke(page, handle(page, "end"), spot(page, (0.8, 0.35)))
    kept = mask(page)["parts"][0]
    assert np.abs(np.subtract([*kept["start"], *kept["end"]], [0.5, 0.3, 0.8, 0.35])).max() < 0.01
    undo(page)
    assert is_at(handle(page, "end"), spot(page, (0.5, 0.6)))

    press(page, page.locator(".mask-row-name"))
    page.keyboard.press("Escape")
    expect(page.locator(".mask-handles")).to_be_hidden()
    press(page, page.locator(".mask-row-name"))
    expect(page.locator(".mask-handles")).to_be_visible()


def test_brush_and_eraser_paint_strokes_each_a_step(page):
    new_mask(page, "Brush")
    stroke(page, spot(page, (0.2, 0.3)), spot(page, (0.6, 0.3)))
    press(page, page.locator(".brush-panel").get_by_role("button", name="Eraser"))
    if is_phone(page):
        page.locator(".brush-panel .slider").first.get_by_role("textbox").fill("72")
        page.keyboard.press("Enter")
    else:
        page.keyboard.press("]")
    stroke(page, spot(page, (0.5, 0.2)), spot(page, (0.5, 0.4)))
    first, second = mask(page)["parts"][0]["strokes"]
    assert not first["erase"]
    assert second["erase"]
    assert second["size"] > 1.1 * first["size"]
    side = spot(page, (1, 0))[0] - spot(page, (0, 0))[0]
    assert abs(first["size"] - 36 / side) < 0.002
    points = np.array(first["points"])
    assert np.abs(points[[0, -1]] - [[0.2, 0.3], [0.6, 0.3]]).max() < 0.01
    assert len(points) < 100

    undo(page)
    assert len(mask(page)["parts"][0]["strokes"]) == 1
    if not is_phone(page):
        page.locator(".editor").get_by_role("button", name="History").click()
        expect(page.locator(".step-list [aria-current]")).to_have_text("Brush 1: painted")
        page.keyboard.press("Escape")
    undo(page)
    assert mask(page)["parts"][0]["strokes"] == []
    redo(page)
    assert len(mask(page)["parts"][0]["strokes"]) == 1


def test_two_fingers_zoom_while_one_paints(new_visitor, things):
    page = new_visitor(PHONE).editor()
    pages.upload(page, things)
    expect(page.locator(".editor .photo-name")).to_have_text("things.png")
    pages.drawn(page)
    new_mask(page, "Brush")
    touch = page.context.new_cdp_session(page)
    (x, y) = spot(page, (0.5, 0.5))

    def fingers(kind: str, *xs: float) -> None:
        points = [{"x": at, "y": y, "id": number} for number, at in enumerate(xs)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", x - 20)
    fingers("touchMove", x - 25)
    fingers("touchStart", x - 25, x + 25)
    fingers("touchMove", x - 60, x + 60)
    fingers("touchMove", x - 100, x + 100)
    fingers("touchEnd")
    expect(page.locator(".editor .bar")).not_to_contain_text("Fit · 100%")
    assert mask(page)["parts"][0]["strokes"] == []


def test_ranges_are_picked_in_the_photo(page):
    new_mask(page, "Colour range")
    expect(page.locator(".pick-hint")).to_contain_text("colour")
    stroke(page, spot(page, DISC), spot(page, DISC))
    more(page, "Intersect", "Luminance range")
    stroke(page, spot(page, SQUARE), spot(page, (0.5, 0.2)))
    colour, lightness = mask(page)["parts"]
    assert np.abs(np.multiply(colour["colour"], 255) - pages.RED).max() < 2
    assert lightness["how"] == "intersect"
    assert 0.5 < lightness["low"] < 0.58  # the square's lightness, and a little more
    assert 0.68 < lightness["high"] < 0.76  # that of the wall

    page.keyboard.press("Escape")
    expect(page.locator(".pick-hint")).to_be_hidden()
    box = pages.value(page, "low")
    box.fill("90")
    box.press("Enter")
    expect(pages.value(page, "high")).to_have_value("91")
    undo(page)
    expect(pages.value(page, "low")).not_to_have_value("90")
    undo(page)
    expect(pages.value(page, "low")).to_have_value("50")


def test_a_mask_is_put_together_of_parts_and_taken_apart_again(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    pages.choose(page, "person")
    pages.show_tool(page, "Mask")
    more(page, "Subtract", "Radial gradient")
    more(page, "Add", "Hair")
    expect(parts(page)).to_have_text(["Person", "Radial gradient", "Hair"])
    expect(parts(page).nth(2)).to_have_attribute("aria-current", "true")
    parts(page).nth(2).get_by_role("button", name="Add").click()
    page.get_by_role("menuitemradio", name="Intersect").click()
    parts(page).nth(1).get_by_role("button", name="Invert this part").click()
    pages.value(page, "feather").fill("30")
    pages.value(page, "feather").press("Enter")
    person, radial, hair = mask(page)["parts"]
    assert [part["how"] for part in (person, radial, hair)] == ["add", "subtract", "intersect"]
    assert [part["invert"] for part in (person, radial, hair)] == [False, True, False]
    assert hair["feather"] == 30

    parts(page).nth(1).get_by_role("button", name="Delete this part").click()
    expect(parts(page)).to_have_text(["Person", "Hair"])
    expect(page.locator("[data-layer=person]")).to_have_class(re.compile(r"\bused\b"))
    undo(page)
    expect(parts(page)).to_have_text(["Person", "Radial gradient", "Hair"])
    pages.layer_menu(page, "Reset layer")
    expect(parts(page)).to_have_text(["Person"])
    expect(parts(page).first.get_by_role("button", name="Delete this part")).to_be_disabled()


def test_layers_of_ones_own_are_renamed_duplicated_moved_and_deleted(visitor, things):
    page = visitor.editor()
    pages.upload(page, things)
    expect(page.locator(".editor .photo-name")).to_have_text("things.png")
    pages.drawn(page)
    new_mask(page, "Linear gradient")
    pages.set_slider(page, "exposure", "-1")
    expect(page.get_by_role("button", name="Show mask")).to_have_attribute("aria-pressed", "false")
    pages.layer_menu(page, "Rename layer")
    page.locator(".mask-name").fill("Sky")
    page.locator(".mask-name").press("Enter")
    pages.layer_menu(page, "Duplicate")
    chips = page.locator("[data-layer^=layer-]")
    expect(chips).to_have_text(["Sky", "Sky 1"])
    expect(chips.nth(1)).to_have_attribute("title", re.compile("exposure"))
    pages.layer_menu(page, "Move to the left")
    expect(chips).to_have_text(["Sky 1", "Sky"])
    pages.layer_menu(page, "Delete layer")
    expect(chips).to_have_text(["Sky"])

    page.locator(".editor").get_by_role("button", name="History").click()
    steps = ["Sky 1 deleted", "Layers reordered", "New layer Sky 1", re.compile("renamed"), re.compile("exposure")]
    expect(page.locator(".step-list li")).to_have_text([*steps, "New layer Linear gradient 1", "Original"])
    page.keyboard.press("Escape")
    for names in (["Sky 1", "Sky"], ["Sky", "Sky 1"], ["Sky"], ["Linear 1"]):
        undo(page)
        expect(chips).to_have_text(names)


def test_a_click_finds_a_part_and_is_taken_back_in_one_step(page):
    new_mask(page, "Click an object")
    expect(page.locator(".pick-hint")).to_contain_text("Click what is meant")
    stroke(page, spot(page, DISC), spot(page, DISC))
    chips = page.locator("[data-layer^=layer-]")
    expect(chips).to_have_text(["Object 1"], timeout=60_000)
    expect(parts(page)).to_have_text(["Object 1"])
    expect(page.locator("[data-layer^=own-]")).to_have_count(0)
    kind = mask(page)["parts"][0]["kind"]
    alpha = page.evaluate(
        """async ([id, kind]) => {
          const picture = await createImageBitmap(await (await fetch(`/envo/photos/${id}/mattes/${kind}`)).blob());
          const canvas = new OffscreenCanvas(picture.width, picture.height);
          const context = canvas.getContext("2d", {willReadFrequently: true});
          context.drawImage(picture, 0, 0);
          return [[0.3, 0.5], [0.75, 0.5]].map(([x, y]) =>
            context.getImageData(x * picture.width, y * picture.height, 1, 1).data[0]);
        }""",
        [pages.photo_id(page), kind],
    )
    assert alpha[0] > 200
    assert alpha[1] < 50
    undo(page)
    expect(chips).to_have_count(0)
    expect(page.locator("[data-layer^=own-]")).to_have_count(0)
    redo(page)
    expect(chips).to_have_text(["Object 1"])
    expect(parts(page)).to_have_text(["Object 1"])


def test_resting_on_a_thing_outlines_what_a_click_finds_before_it(new_visitor, things):
    page = new_visitor(DESKTOP).editor()
    pages.upload(page, things)
    expect(page.locator(".photo-name")).to_have_text("things.png")
    pages.drawn(page)
    new_mask(page, "Click an object")
    line = page.locator(".foreseen")
    with pages.posted(page, "/select") as asked:
        page.mouse.move(*spot(page, DISC))
        expect(line).to_be_visible()
        left, top, right, bottom = line.locator(".line").evaluate(
            """(path) => {
              const {x, y, width, height} = path.getBBox();
              const all = path.ownerSVGElement.viewBox.baseVal;
              return [x / all.width, y / all.height, (x + width) / all.width, (y + height) / all.height];
            }"""
        )
        assert np.allclose([left, top, right, bottom], [0.15, 0.35, 0.45, 0.65], atol=0.03), "the disc"
        page.mouse.move(*spot(page, (0.5, 0.1)), steps=4)
        expect(line).to_be_hidden()
        page.mouse.move(*spot(page, DISC))
        expect(line).to_be_visible()
        page.mouse.click(*spot(page, DISC))
        expect(page.locator("[data-layer^=layer-]")).to_have_text(["Object 1"])
    expect(line).to_be_hidden()
    assert not asked, "what was shown is taken"


def test_an_edge_aware_stroke_keeps_to_the_thing_it_began_on_in_the_file_too(new_visitor, things):
    page = new_visitor(DESKTOP).editor()
    pages.upload(page, things)
    expect(page.locator(".editor .photo-name")).to_have_text("things.png")
    pages.drawn(page)
    new_mask(page, "Brush")
    size = page.locator(".brush-panel .slider").first.get_by_role("textbox")
    size.fill("150")
    size.press("Enter")
    page.locator(".brush-panel").get_by_role("button", name="Edge-aware").click()
    beside = (0.5, 0.5)
    with page.expect_response(re.compile(r"/guide$")):
        stroke(page, spot(page, DISC), spot(page, beside))
    page.keyboard.press("Escape")
    pages.set_slider(page, "exposure", "-2")
    pages.saved(page)
    assert pages.pixel(page, DISC)[0] < 0.7 * pages.RED[0]
    assert np.abs(pages.pixel(page, beside) - WALL).max() < 4
    file = pages.exported(page, "PNG").path().read_bytes()
    made = np.asarray(Image.open(io.BytesIO(file)).convert("RGB")).astype(int)
    for place in (DISC, beside, (0.42, 0.5), (0.3, 0.36)):
        x, y = (round(each * EDGE) for each in place)
        assert np.abs(made[y - 2 : y + 3, x - 2 : x + 3].mean((0, 1)) - pages.pixel(page, place)).max() < 8


def test_the_mask_is_seen_while_it_is_drawn_and_in_three_ways(page):
    new_mask(page, "Radial gradient")
    stroke(page, spot(page, DISC), spot(page, (0.4, 0.6)))
    pages.drawn(page)
    inside = (DISC[0] + 0.03, DISC[1] + 0.03)  # beside the handle
    beside, within = seen(page, (0.6, 0.2)), seen(page, inside)
    assert np.abs(beside - WALL).max() < 6
    assert within[0] > 210

    view = page.get_by_role("radiogroup", name="How the mask is shown")
    press(page, view.get_by_role("radio", name="White on black"))
    pages.drawn(page)
    beside, within = seen(page, (0.6, 0.2)), seen(page, inside)
    assert beside.max() < 5
    assert within.min() > 235
    page.keyboard.press("o")
    expect(view.get_by_role("radio", name="Outline")).to_have_attribute("aria-checked", "true")
    pages.drawn(page)
    beside, within = seen(page, (0.6, 0.2)), seen(page, inside)
    assert np.abs(beside - WALL).max() < 6
    assert np.abs(within - pages.RED).max() < 6
    page.keyboard.press("o")
    expect(view.get_by_role("radio", name="Red")).to_have_attribute("aria-checked", "true")

    press(page, page.get_by_role("button", name="Show mask"))
    pages.drawn(page)
    assert np.abs(seen(page, inside) - pages.RED).max() < 6
    start, end = spot(page, (0.2, 0.2)), spot(page, (0.5, 0.2))
    if not is_phone(page):
        more(page, "Add", "Brush")
        press(page, page.get_by_role("button", name="Show mask"))
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(*end, steps=8)
        pages.drawn(page)
        assert seen(page, (0.35, 0.2))[0] > 180  # red while the button is down
        page.mouse.up()
        page.mouse.move(640, 20)
        pages.drawn(page)
        assert np.abs(seen(page, (0.35, 0.2)) - WALL).max() < 6
    pages.set_slider(page, "exposure", "-3")
    assert seen(page, inside)[0] < 0.5 * pages.RED[0]
    assert np.abs(seen(page, (0.6, 0.8)) - WALL).max() < 6
