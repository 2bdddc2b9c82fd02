"""The darkroom: what is drawn, dragged and picked in Edit's panel and in the photo, on a desk and on a phone."""

import io
import json
import re
import sqlite3
from contextlib import closing

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.gestures import is_phone, press, spot, stroke
from tests.browser.visitors import DESKTOP, PHONE

EDGE = 400
WARM = (176, 150, 118)
"""What should be grey, in the light of a lamp."""
DISC, SQUARE = (0.3, 0.5), (0.75, 0.5)
"""Places in the photo of something red, and of something green, as fractions of its width and height."""
WALL = (0.5, 0.1)


@pytest.fixture
def lit() -> dict:
    """A photo of a red disc and a green square before a warm wall, square, so that `pages.pixel` finds its places."""
    photo = np.full((EDGE, EDGE, 3), WARM, np.uint8)
    rows, columns = np.mgrid[:EDGE, :EDGE] / EDGE
    photo[(rows - DISC[1]) ** 2 + (columns - DISC[0]) ** 2 < 0.15**2] = pages.RED
    photo[(abs(rows - SQUARE[1]) < 0.12) & (abs(columns - SQUARE[0]) < 0.12)] = pages.GREEN
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    return {"name": "lit.png", "mimeType": "image/png", "buffer": file.getvalue()}


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desk", "phone"])
def page(request, new_visitor, lit) -> Page:
    """The editor with this photo open."""
    opened = new_visitor(request.param).editor()
    pages.upload(opened, lit)
    expect(opened.locator(".photo-name")).to_have_text("lit.png")
    pages.drawn(opened)
    expect(opened.locator(".layer-note")).not_to_contain_text("…", timeout=120_000)
    return opened


def on_curve(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where in the window a place of the curve is."""
    box = page.locator(".curve-area").bounding_box()
    return box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"]


def curve(page: Page) -> list[str]:
    """What becomes of the tone at each point of the curve that is shown."""
    return page.locator(".curve-point").evaluate_all("points => points.map((each) => each.ariaValueText)")


def has_curve(page: Page, *points: str) -> None:
    """Wait until the curve that is shown has these points."""
    handles = page.locator(".curve-point")
    expect(handles).to_have_count(len(points))
    for number, text in enumerate(points):
        expect(handles.nth(number)).to_have_attribute("aria-valuetext", text)


def open_section(page: Page, tool: str, name: str) -> None:
    pages.show_tool(page, tool)
    fold = page.locator(f".editor [data-group='{tool}'] [data-section='{name}'] .section-fold")
    if fold.get_attribute("aria-expanded") == "false":
        press(page, fold)


def undo(page: Page) -> None:
    press(page, page.locator(".editor .bar").get_by_role("button", name="Undo"))


def reopened(page: Page) -> None:
    pages.saved(page)
    page.reload()
    expect(page.locator(".photo-name")).to_have_text("lit.png")
    pages.drawn(page)


def test_a_curve_is_drawn_point_by_point_each_a_step_and_comes_back(page):
    pages.show_tool(page, "Curve" if is_phone(page) else "Light")
    straight = ["0% becomes 0%", "100% becomes 100%"]
    has_curve(page, *straight)
    before = pages.pixel(page, WALL)
    stroke(page, on_curve(page, 0.25, 0.25), on_curve(page, 0.25, 0.15))
    stroke(page, on_curve(page, 0.7, 0.7), on_curve(page, 0.75, 0.85))
    first, darker, brighter, last = curve(page)
    assert (first, last) == tuple(straight)
    assert re.fullmatch(r"2[456]% becomes 1[456]%", darker)
    assert re.fullmatch(r"7[456]% becomes 8[456]%", brighter)
    expect(page.locator(".line-name small")).to_have_text("curve")
    pages.drawn(page)
    assert np.all(pages.pixel(page, WALL) > before + 10)

    # Out of the area, and it is gone; back in, and it is there again.
    stroke(page, on_curve(page, 0.25, 0.15), on_curve(page, 0.25, 1.9), on_curve(page, 0.3, 0.2))
    assert re.fullmatch(r"(29|30|31)% becomes (19|20|21)%", curve(page)[1])
    stroke(page, on_curve(page, 0.3, 0.2), on_curve(page, 0.3, 1.9))
    has_curve(page, first, brighter, last)
    undo(page)
    undo(page)
    has_curve(page, first, darker, brighter, last)
    undo(page)
    has_curve(page, first, darker, last)

    if not is_phone(page):
        page.mouse.dblclick(*on_curve(page, 0.25, 0.15))
        has_curve(page, *straight)
        undo(page)
        has_curve(page, first, darker, last)

    # Keys, and another channel
    page.get_by_role("radio", name="Red", exact=True).click()
    has_curve(page, *straight)
    page.get_by_role("slider", name="Red curve, point 2 of 2").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Insert")
    expect(page.get_by_role("slider", name="Red curve, point 2 of 3")).to_be_focused()
    page.keyboard.press("ArrowUp")
    has_curve(page, first, "50% becomes 49%", "100% becomes 95%")
    page.keyboard.press("Delete")
    has_curve(page, first, "100% becomes 95%")

    # A click in the photo puts a point at its tone: that of the wall's red, which the first curve has darkened.
    pages.drawn(page)
    red = pages.pixel(page, WALL)[0] / 2.55
    press(page, page.locator(".curve").get_by_role("button", name="Click in the photo"))
    stroke(page, spot(page, WALL))
    found, becomes = map(int, re.findall(r"\d+", curve(page)[1]))
    assert found - 4 < becomes < found
    assert abs(red - becomes) < 1
    picked = curve(page)
    reopened(page)
    pages.show_tool(page, "Curve" if is_phone(page) else "Light")
    has_curve(page, first, darker, last)
    page.get_by_role("radio", name="Red", exact=True).click()
    has_curve(page, *picked)


def test_a_band_of_the_mixer_is_dragged_in_the_photo(page):
    open_section(page, "Colour", "Mixer")
    drag = page.get_by_role("button", name="Drag in the photo")
    press(page, drag)
    x, y = spot(page, DISC)
    stroke(page, (x, y), (x, y - 20), (x, y - 60))
    expect(page.get_by_role("radio", name="Red", exact=True).locator("visible=true")).to_be_checked()
    expect(pages.value(page, "red_saturation")).to_have_value("30")
    press(page, page.locator(".drag-parts").get_by_role("radio", name="Lightness"))
    x, y = spot(page, SQUARE)
    stroke(page, (x, y), (x, y + 40))
    expect(page.locator(".band[data-band=green]")).to_be_checked()
    expect(pages.value(page, "green_lightness")).to_have_value("−20")
    expect(page.locator(".band.used")).to_have_count(2)
    expect(page.locator(".mixer .slider:visible")).to_have_count(3)
    press(page, drag)
    reopened(page)
    expect(page.locator(".band.used")).to_have_count(2)
    undo(page)
    expect(pages.value(page, "green_lightness")).to_have_value("0")
    expect(pages.value(page, "red_saturation")).to_have_value("30")
    undo(page)
    expect(page.locator(".band.used")).to_have_count(0)


def test_a_click_on_what_should_be_grey_makes_it_so(page):
    assert np.ptp(pages.pixel(page, WALL)) > 40
    open_section(page, "Colour", "White balance")
    pick = page.locator(".white-balance").get_by_role("button", name="Click something grey")
    press(page, pick)
    stroke(page, spot(page, WALL))
    expect(page.locator(".white-balance .choice")).to_have_text("Custom")
    expect(pick).to_have_attribute("aria-pressed", "false")
    pages.drawn(page)
    assert np.ptp(pages.pixel(page, WALL)) <= 1
    press(page, page.locator(".white-balance .choice"))
    page.get_by_role("menuitemradio", name="Cloudy").click()
    expect(page.locator(".white-balance .choice")).to_have_text("Cloudy")
    assert np.ptp(pages.pixel(page, WALL)) > 40
    undo(page)
    undo(page)
    expect(page.locator(".white-balance .choice")).to_have_text("As shot")
    press(page, pick)
    stroke(page, spot(page, SQUARE))
    expect(page.locator(".toast")).to_contain_text("sliders do not reach")


def test_wheels_tint_tones_and_are_told_in_the_history(page):
    open_section(page, "Colour", "Grading")
    wheel = page.locator("[data-wheel=shadows] .wheel")
    wheel.scroll_into_view_if_needed()
    box = wheel.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    stroke(page, middle, (middle[0] - box["width"] / 4, middle[1]))
    point = page.get_by_role("slider", name="Shadows, tint")
    expect(point).to_have_attribute("aria-valuetext", re.compile(r"^teal, 1(79|80|81)°, strength (49|50|51)$"))
    point.focus()
    page.keyboard.press("ArrowUp")
    expect(point).to_have_attribute("aria-valuetext", re.compile(r"strength (51|52|53)$"))
    if not is_phone(page):
        page.get_by_role("button", name="History").click()
        expect(page.locator(".step-list button")).to_have_text(["Shadows tinted", "Shadows tinted", "Original"])
        page.keyboard.press("Escape")
    undo(page)
    undo(page)
    expect(point).to_have_attribute("aria-valuetext", "no tint")


def test_a_slider_is_found_by_its_name_or_by_a_word_of_what_it_does(page):
    def find(words: str) -> None:
        if is_phone(page):
            page.get_by_role("button", name="Find a slider").tap()
        else:
            page.keyboard.press("/")
        page.keyboard.type(words)

    find("clar")
    expect(page.get_by_role("option").first).to_contain_text("Clarity")
    page.keyboard.press("Enter")
    clarity = page.locator("[data-adjustment=clarity] input[type=range]")
    expect(clarity).to_be_focused()
    expect(clarity).to_be_in_viewport()
    page.keyboard.press("ArrowRight")
    expect(pages.value(page, "clarity")).to_have_value("1")

    find("mist")
    press(page, page.get_by_role("option", name="Dehaze"))
    expect(page.locator("[data-adjustment=dehaze] input[type=range]")).to_be_focused()
    find("aqua sat")
    page.keyboard.press("Enter")
    expect(page.locator("[data-adjustment=aqua_saturation] input[type=range]")).to_be_focused()
    expect(page.locator(".band[data-band=aqua]")).to_be_checked()
    find("curve")
    page.keyboard.press("Enter")
    expect(page.get_by_role("slider", name="RGB curve, point 1 of 2")).to_be_focused()
    find("opac")
    page.keyboard.press("Enter")
    expect(page.locator("[data-adjustment=opacity] input[type=range]")).to_be_focused()
    find("no such thing")
    expect(page.get_by_text("No slider is called so.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Sliders found")).to_be_hidden()


def test_sections_fold_and_stay_folded_and_say_what_was_changed_in_them(page):
    open_section(page, "Detail", "Sharpening")
    expect(page.locator("[data-adjustment=sharpening_radius]")).to_have_class(re.compile(r"\bidle\b"))
    pages.set_slider(page, "sharpening", "40")
    expect(page.locator("[data-adjustment=sharpening_radius]")).not_to_have_class(re.compile(r"\bidle\b"))
    expect(page.locator(".section.used")).to_have_count(1)
    assert np.ptp(pages.pixel(page, DISC)) > 100
    masking = page.locator("[data-adjustment=sharpening_masking] input[type=range]")
    masking.focus()
    page.keyboard.down("Alt")
    pages.drawn(page)
    assert np.ptp(pages.pixel(page, DISC)) == 0  # where it sharpens, in white on black
    page.keyboard.up("Alt")
    pages.drawn(page)
    assert np.ptp(pages.pixel(page, DISC)) > 100
    press(page, page.get_by_role("button", name="Sharpening", exact=True))
    expect(page.locator("[data-adjustment=sharpening]")).to_be_hidden()
    open_section(page, "Detail", "Noise")
    reopened(page)
    pages.show_tool(page, "Detail")
    expect(page.locator("[data-adjustment=noise_colour]")).to_be_visible()
    expect(page.locator("[data-adjustment=sharpening]")).to_be_hidden()
    press(page, page.get_by_role("button", name="Reset Sharpening"))
    expect(page.locator(".section.used")).to_have_count(0)
    undo(page)
    expect(page.locator(".section.used")).to_have_count(1)
    if is_phone(page):
        press(page, page.get_by_role("button", name="Sharpening", exact=True))
        expect(page.locator("[data-adjustment=noise_colour]")).to_be_hidden()


def test_a_cube_file_that_is_dropped_changes_the_layer_and_is_kept(page):
    before = pages.pixel(page, WALL)
    swapped = "\n".join(f"{b} {g} {r}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], 'Swapped.cube'));
            const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true });
            document.querySelector('.editor').dispatchEvent(drop);
        }""",
        f"LUT_3D_SIZE 2\n{swapped}\n",
    )
    choice = page.get_by_role("button", name="LUT: Swapped")
    expect(choice).to_be_in_viewport()
    pages.drawn(page)
    assert np.allclose(pages.pixel(page, WALL), before[::-1], atol=1.5)
    pages.set_slider(page, "lut_strength", "50")
    assert np.allclose(pages.pixel(page, WALL), (before + before[::-1]) / 2, atol=1.5)
    undo(page)
    expect(pages.value(page, "lut_strength")).to_have_value("100")
    reopened(page)
    assert np.allclose(pages.pixel(page, WALL), before[::-1], atol=1.5)
    open_section(page, "Colour", "LUT")
    press(page, choice)
    press(page, page.get_by_role("menuitemradio", name="None"))
    pages.drawn(page)
    assert np.array_equal(pages.pixel(page, WALL), before)
    undo(page)
    expect(choice).to_be_visible()
    press(page, page.get_by_role("button", name="Reset LUT"))

    # Another layer, another photo: it is there to be chosen, or to be deleted.
    press(page, page.get_by_role("button", name="LUT: None"))
    press(page, page.get_by_role("menuitem", name="Delete Swapped"))
    press(page, page.get_by_role("menuitem", name="Delete for good"))
    expect(page.get_by_role("menuitemradio", name="Swapped")).to_have_count(0)


def test_light_beyond_white_comes_to_the_screen_as_is_chosen(visitor):
    page = visitor.editor()
    deep = np.full((EDGE, EDGE, 3), 30_000, np.uint16)
    deep[:, EDGE // 2 :] = 65_535
    file = {"name": "deep.png", "mimeType": "image/png", "buffer": cv2.imencode(".png", deep)[1].tobytes()}
    pages.upload(page, file)
    expect(page.locator(".photo-name")).to_have_text("deep.png")
    pages.drawn(page)
    pages.set_slider(page, "exposure", "1")
    before = pages.pixel(page, (0.8, 0.5))
    page.get_by_role("radiogroup", name="View").get_by_role("radio", name="Sigmoid").click()
    pages.drawn(page)
    assert np.all(pages.pixel(page, (0.8, 0.5)) < before - 2)
    pages.saved(page)
    page.get_by_role("button", name="History").click()
    expect(page.locator(".step-list")).to_contain_text("View: Sigmoid")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    pages.drawn(page)
    assert np.array_equal(pages.pixel(page, (0.8, 0.5)), before)
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    expect(page.get_by_role("radiogroup", name="View")).to_be_hidden()


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_auto_sets_sliders_says_what_it_did_and_takes_it_back(new_visitor, lit, shape):
    page = new_visitor(shape).editor()
    pages.upload(page, {**lit, "name": "dark.png", "buffer": darkened(lit["buffer"])})
    expect(page.locator(".photo-name")).to_have_text("dark.png")
    pages.drawn(page)
    auto = page.get_by_role("button", name="Auto", exact=True)
    press(page, auto)
    expect(auto).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".toast")).to_contain_text("Auto: brighter")
    pages.show_tool(page, "Light")
    exposure = page.get_by_role("textbox", name="Exposure, value")
    expect(exposure).not_to_have_value("0.00")
    press(page, auto)
    expect(auto).to_have_attribute("aria-pressed", "false")
    expect(exposure).to_have_value("0.00")
    page.keyboard.press("Control+z")
    expect(auto).to_have_attribute("aria-pressed", "true")


def darkened(data: bytes) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).point(lambda value: value // 4).save(file, "PNG")
    return file.getvalue()


def test_an_edit_of_before_opens_as_it_was_and_goes_on(visitor, server):
    page = visitor.editor()
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    pages.drawn(page)
    pages.set_slider(page, "shadows", "60")
    pages.saved(page)
    # As the first schema had it, which knew of no curves, no LUTs, and no edges in shadows.
    layer = {"id": "image", "mask": None, "visible": True, "opacity": 1.0, "adjustments": {"shadows": 60.0}}
    with closing(sqlite3.connect(server.home / "library.sqlite")) as database, database:
        document = json.dumps({"schema": 1, "layers": [layer]})
        database.execute("UPDATE edit SET document = ? WHERE photo_id = ?", (document, pages.photo_id(page)))
    page.reload()
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    pages.drawn(page)
    expect(pages.value(page, "shadows")).to_have_value("60")
    before = pages.picture(page)
    with pages.posted(page, "/edit") as writes:
        pages.set_slider(page, "contrast", "30")
        pages.saved(page)
        pages.set_slider(page, "contrast", "0")
        pages.saved(page)
    assert [write["document"]["layers"][0]["process"] for write in writes] == [1, 1]
    assert np.array_equal(pages.picture(page), before)
