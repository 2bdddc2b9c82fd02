"""The Crop tool of Edit, as a visitor uses it."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from envo.adjustments import CONSTANTS
from envo.edits import Geometry
from envo.geometry import framing
from tests.browser import pages
from tests.browser import test_gallery as gallery
from tests.browser import test_select as selecting
from tests.browser.visitors import PHONE

STATIC = Path(__file__).parents[2] / "static"
GESTURES = """async ([photos, constants]) => {
  const made = await import('/editor/geometry.js');
  const { STRAIGHT, isFilled } = await import('/webgl/geometry.js');
  let seed = 7;
  const random = (least, most) => {
    seed = (seed * 16807) % 2147483647;
    return least + ((most - least) * seed) / 2147483647;
  };
  const tilt = () => Math.round(random(-60, 60));
  const one = (all) => all[Math.floor(random(0, all.length))];
  const found = [];
  for (let i = 0; i < 400; i += 1) {
    const photo = { size: one(photos), k: constants };
    const ratio = one(['free', 'original', '1:1', '4:5', '16:9', '47:20']);
    const tilts = { angle: made.degrees(random(-45, 45)), vertical: tilt(), horizontal: tilt() };
    const start = { ...STRAIGHT, ratio, turns: one([0, 1, 2, 3]), flip: one([true, false]), ...(i % 3 ? tilts : {}) };
    let geometry = made.warped(start, {}, [0.2, 0.2, 0.8, 0.8], photo);
    const steps = [geometry];
    for (let n = 0; n < 4; n += 1) {
      const crop = made.cropOf(geometry, photo);
      const by = [random(-0.6, 0.6), random(-0.6, 0.6)];
      geometry = one([
        () => made.moved(geometry, crop, by, photo),
        () => made.pulled(geometry, crop, one(Object.values(made.HANDLES)), by, photo),
        () => made.withRatio(geometry, one(['1:1', '3:2', 'original', 'free']), photo),
        () => made.swapped(geometry, photo),
        () => made.warped(geometry, { angle: made.degrees(random(-45, 45)) }, geometry.crop, photo),
        () => made.warped(geometry, { vertical: Math.round(random(-80, 80)) }, geometry.crop, photo),
        () => made.turned(geometry),
        () => made.mirrored(geometry),
        () => made.upended(geometry),
      ])();
      steps.push(geometry);
    }
    const filled = steps.every((each) => {
      const crop = made.cropOf(each, photo);
      const inner = crop.map((side, axis) => side + (axis < 2 ? 1e-5 : -1e-5)); // the document keeps six digits
      return crop.every((side) => side >= 0 && side <= 1) && isFilled(each, photo.size, inner, constants);
    });
    const twice = (turn) => turn(turn(geometry));
    const turns = [made.turned(geometry, 4), twice(made.mirrored), twice(made.upended)];
    found.push({ size: photo.size, geometry, filled, turned: made.turned(geometry), mirrored: made.mirrored(geometry),
      same: turns.every((each) => JSON.stringify(each) === JSON.stringify(geometry)) });
  }
  return found;
}"""


def open_crop(page: Page, photo: dict) -> None:
    pages.upload(page, photo)
    expect(page.locator(".photo-name")).to_have_text(photo["name"])
    pages.drawn(page)
    page.locator(".editor [data-tool=Crop]").click()
    expect(page.locator(".crop-box")).to_be_visible()
    pages.drawn(page)


def handle(page: Page, name: str) -> Locator:
    return page.locator(f".crop-handle[data-handle='{name}']")


def middle(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2)
    page.mouse.move(start[0] + by[0], start[1] + by[1])
    page.mouse.up()


def swipe(page: Page, *fingers: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Move fingers, each from a place to another."""
    devtools = page.context.new_cdp_session(page)

    def touch(kind: str, share: float) -> None:
        points = [
            {"x": a[0] + (b[0] - a[0]) * share, "y": a[1] + (b[1] - a[1]) * share, "id": number}
            for number, (a, b) in enumerate(fingers)
        ]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if kind == "touchEnd" else points})

    touch("touchStart", 0)
    for share in (0.3, 0.6, 1):
        touch("touchMove", share)
    touch("touchEnd", 1)


def geometry(page: Page) -> dict:
    """As the server has it, once all is saved."""
    pages.saved(page)
    stored = page.request.get(f"{page.url.split('#')[0].rstrip('/')}/envo/photos/{pages.photo_id(page)}/edit").json()[
        "document"
    ]
    return (stored or {}).get("geometry", {"crop": None, "angle": 0})


def size(page: Page) -> list[int]:
    return [int(each) for each in page.locator(".crop-size").inner_text().split(" × ")]


def undo(page: Page) -> None:
    page.keyboard.press("Control+z")
    pages.drawn(page)


def test_each_gesture_of_the_mouse_is_a_step(visitor, plain):
    page = visitor.editor()
    open_crop(page, plain)
    assert size(page) == [600, 400]
    frame = page.locator(".crop-shade").bounding_box()

    drag(page, middle(handle(page, "bottom right")), (-frame["width"] / 4, -frame["height"] / 4))
    assert size(page) == pytest.approx([450, 300], abs=3)
    drag(page, middle(handle(page, "left")), (frame["width"] / 10, 0))
    assert size(page) == pytest.approx([390, 300], abs=3)
    crop = geometry(page)["crop"]
    assert crop == pytest.approx([0.1, 0, 0.75, 0.75], abs=0.01)
    drag(page, middle(page.locator(".crop-box")), (frame["width"], frame["height"] / 8))
    crop = geometry(page)["crop"]  # it stopped at the right edge, and went on along it
    assert crop == pytest.approx([0.35, 0.125, 1, 0.875], abs=0.01)

    # Beside the crop the photo is turned; no corner of the crop leaves it.
    start = (frame["x"] + frame["width"] * 0.2, frame["y"] + frame["height"] * 0.5)
    drag(page, start, (0, frame["height"] / 10))
    turned = geometry(page)
    assert -30 < turned["angle"] < -3
    assert turned["crop"][2] - turned["crop"][0] < 0.65

    for expected in ([0.35, 0.125, 1, 0.875], [0.1, 0, 0.75, 0.75], [0, 0, 0.75, 0.75]):
        undo(page)
        assert geometry(page)["crop"] == pytest.approx(expected, abs=0.01)
    undo(page)
    assert size(page) == [600, 400]
    page.keyboard.press("Control+Shift+z")
    assert geometry(page)["crop"] == pytest.approx([0, 0, 0.75, 0.75], abs=0.01)


def test_ratios_turns_and_level_lines_leave_no_empty_corner(visitor, plain):
    page = visitor.editor()
    open_crop(page, plain)
    tool = page.locator(".crop-tool")

    tool.locator("[data-choice='4:5']").click()
    assert size(page) == [320, 400]
    page.keyboard.press("x")
    assert size(page) == [400, 320]
    expect(tool.locator("[data-choice='4:5']")).to_have_text("5:4")
    drag(page, middle(handle(page, "top left")), (80, 10))
    width, height = size(page)
    assert width / height == pytest.approx(1.25, abs=0.01) and width < 390

    tool.locator("[data-choice=own]").click()
    tool.get_by_label("Width of the ratio").fill("2.35")
    tool.get_by_label("Height of the ratio").fill("1")
    tool.get_by_label("Height of the ratio").press("Enter")
    width, height = size(page)
    assert width / height == pytest.approx(2.35, abs=0.02)
    tool.locator("[data-choice=free]").click()

    # A line that falls by one in ten is level then.
    frame = page.locator(".crop-shade").bounding_box()
    tool.get_by_role("button", name="Line", exact=True).click()
    expect(page.locator(".pick-hint")).to_contain_text("level or upright")
    drag(page, (frame["x"] + 100, frame["y"] + 200), (400, 40))
    assert geometry(page)["angle"] == pytest.approx(-5.7, abs=0.15)
    page.keyboard.down("Control")
    drag(page, (frame["x"] + 300, frame["y"] + 60), (0, 300))
    page.keyboard.up("Control")
    assert geometry(page)["angle"] == pytest.approx(-5.7, abs=0.15)  # it was upright already

    before = geometry(page)
    seen = pages.picture(page)
    for name in (
        "Turn right",
        "Turn left",
        "Flip left to right",
        "Flip left to right",
        "Flip top to bottom",
        "Flip top to bottom",
    ):
        tool.get_by_role("button", name=name).click()
    pages.drawn(page)
    assert geometry(page) == before
    assert np.abs(pages.picture(page).astype(int) - seen).max() <= 1
    tool.get_by_role("button", name="Turn right").click()
    width, height = size(page)
    assert width < height

    page.keyboard.press("Enter")
    expect(page.locator(".crop-box")).to_be_hidden()
    expect(page.locator(".editor [data-tool=Crop]")).to_have_class("tool-tab used")
    pages.drawn(page)
    seen = pages.picture(page)
    shown = (np.abs(seen.astype(int) - seen[2, 2]).max(axis=2) > 30).mean()
    assert shown > 0.15
    page.reload()
    pages.drawn(page)
    assert np.abs(pages.picture(page).astype(int) - seen).max() <= 1

    # Escape puts back what was when the tool was opened.
    page.keyboard.press("c")
    before = geometry(page)
    pages.set_slider(page, "crop_angle", "12.5")
    pages.set_slider(page, "crop_vertical", "-20")
    assert (geometry(page)["angle"], geometry(page)["vertical"]) == (12.5, -20)
    page.locator(".crop-tool").get_by_role("button", name="Flip left to right").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".crop-box")).to_be_hidden()
    assert geometry(page) == before
    page.keyboard.press("c")
    page.locator(".crop-tool").get_by_role("button", name="Reset").click()
    assert size(page) == [600, 400]


def test_a_crop_is_made_by_keys_alone_and_told_in_the_history(visitor, plain):
    page = visitor.editor()
    pages.upload(page, plain)
    expect(page.locator(".photo-name")).to_have_text(plain["name"])
    pages.drawn(page)
    page.keyboard.press("c")
    expect(page.locator(".crop-box")).to_be_visible()
    page.locator(".crop-box").focus()
    handle(page, "top left").focus()
    scale = page.locator(".crop-shade").bounding_box()["width"] / 600
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    assert size(page) == pytest.approx([600 - 30 / scale, 400 - 1 / scale], abs=1)
    page.locator(".crop-box").focus()
    page.keyboard.press("Shift+ArrowLeft")
    crop = geometry(page)["crop"]
    assert crop[2] == pytest.approx(1 - 10 / scale / 600, abs=0.002)
    page.keyboard.press("o")
    expect(page.locator(".toast")).to_contain_text("golden ratio")
    page.locator("[data-adjustment=crop_angle] input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    assert geometry(page)["angle"] == 0.1
    page.keyboard.press("Enter")
    expect(page.locator(".crop-box")).to_be_hidden()
    page.get_by_role("button", name="History").click()
    expect(page.locator(".step-list")).to_contain_text("Straightened +0.1°")
    expect(page.locator(".step-list")).to_contain_text("Cropped")


def test_auto_sets_a_wall_level_and_says_where_nothing_tells(visitor, plain):
    wall = np.full((400, 600, 3), 205, np.uint8)
    for left in range(40, 560, 70):
        for top in range(30, 360, 80):
            wall[top : top + 55, left : left + 40] = (60, 75, 95)
    file = io.BytesIO()
    Image.fromarray(wall).rotate(4, resample=Image.BICUBIC, expand=False).crop((40, 40, 560, 360)).save(file, "PNG")
    page = visitor.editor()
    open_crop(page, {"name": "wall.png", "mimeType": "image/png", "buffer": file.getvalue()})
    page.locator(".crop-tool [data-wish=straighten]").click()
    expect(page.locator(".toast")).to_contain_text("Straightened")
    assert geometry(page)["angle"] == pytest.approx(4, abs=0.2)
    page.locator(".crop-tool [data-wish=vertical]").click()
    expect(page.locator(".toast")).to_contain_text("upright")
    assert abs(geometry(page)["vertical"]) <= 5


def test_a_photo_is_cropped_by_touch(new_visitor, plain):
    page = new_visitor(PHONE).editor()
    open_crop(page, plain)
    frame = page.locator(".crop-shade").bounding_box()
    corner = middle(handle(page, "top left"))
    swipe(page, (corner, (corner[0] + frame["width"] / 4, corner[1] + frame["height"] / 4)))
    assert geometry(page)["crop"] == pytest.approx([0.25, 0.25, 1, 1], abs=0.02)
    inside = middle(page.locator(".crop-box"))
    swipe(page, (inside, (inside[0] - frame["width"] / 8, inside[1])))
    assert geometry(page)["crop"] == pytest.approx([0.125, 0.25, 0.875, 1], abs=0.02)
    # Two fingers part: less is seen; they turn: so does the photo.
    x, y = middle(page.locator(".crop-box"))
    swipe(page, ((x - 30, y), (x - 45, y - 10)), ((x + 30, y), (x + 45, y + 10)))
    found = geometry(page)
    assert found["crop"][2] - found["crop"][0] == pytest.approx(0.75 / 1.53, abs=0.06)
    assert found["angle"] == pytest.approx(12.5, abs=1.5)
    undo_button = page.get_by_role("button", name="Undo")
    undo_button.tap()
    assert geometry(page)["crop"] == pytest.approx([0.125, 0.25, 0.875, 1], abs=0.02)
    page.locator(".crop-tool").get_by_role("button", name="Done").tap()
    expect(page.locator(".crop-box")).to_be_hidden()


def test_whatever_gestures_do_the_photo_fills_the_crop_and_turns_keep_what_is_seen(browser):
    page = browser.new_page()
    page.route("http://envo.test/**", serve)
    page.goto("http://envo.test/")
    for each in page.evaluate(GESTURES, [[[600, 400], [400, 600], [6000, 4000], [500, 500]], CONSTANTS]):
        assert each["filled"] and each["same"], each
        size = tuple(each["size"])
        seen = framing(Geometry(**each["geometry"]), size)
        for name, moved in (("turned", lambda x, y: (y, 1 - x)), ("mirrored", lambda x, y: (1 - x, y))):
            other = framing(Geometry(**each[name]), size)
            points = np.array([(0.1, 0.2), (0.9, 0.3), (0.4, 0.95)])
            before = np.array([moved(*point) for point in points])
            assert np.abs(other.to_photo(points) - seen.to_photo(before)).max() < 2 / min(size) + 1e-3, (name, each)
    page.close()


def serve(route) -> None:
    path = route.request.url.removeprefix("http://envo.test/")
    if path:
        route.fulfill(path=STATIC / path, content_type="text/javascript")
    else:
        route.fulfill(body='<!doctype html><link rel="icon" href="data:,">', content_type="text/html")


def test_a_cropped_photo_is_cropped_on_the_wall_and_whole_where_it_is_worked_on(visitor, plain):
    page = visitor.editor()
    open_crop(page, plain)
    page.locator(".crop-tool [data-choice='1:1']").click()
    page.locator(".crop-tool").get_by_role("button", name="Done").click()
    assert geometry(page)["ratio"] == "1:1"
    with page.expect_response(lambda answer: "whole=true" in answer.url) as heard:
        selecting.open_tab(page, "Replace")
    whole = page.request.get(heard.value.url).body()
    assert Image.open(io.BytesIO(whole)).size == (600, 400)
    selecting.ready(page, "plain.png")
    gallery.open_gallery(page)
    gallery.tile(page, "plain.png").dblclick()
    shown = "size => document.querySelector('.lightbox-frame > img')?.naturalWidth === size"
    page.wait_for_function(shown, arg=400)
    frame = page.locator(".lightbox .lightbox-frame").bounding_box()
    assert frame["width"] == pytest.approx(frame["height"], abs=1)
    page.keyboard.press("o")
    page.wait_for_function(shown, arg=600)
    frame = page.locator(".lightbox .lightbox-frame").bounding_box()
    assert frame["width"] / frame["height"] == pytest.approx(1.5, abs=0.01)
