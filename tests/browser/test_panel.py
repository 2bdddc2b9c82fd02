"""Edit's panel: the row of layers, the chosen one's line, and its tools on a rail."""

import re
from itertools import pairwise

from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.visitors import PHONE


def boxes(page: Page) -> dict[str, dict]:
    """Where the sliders are that can be seen wholly, without scrolling, by the ids of their adjustments."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.editor .slider')].map((slider) => {
            const box = slider.getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + 3);
            const bottom = document.elementFromPoint(box.x + box.width / 2, box.bottom - 3);
            return [slider, box, box.width > 0 && slider.contains(top) && slider.contains(bottom)];
        }).filter(([, , isSeen]) => isSeen).map(([slider, box]) => [slider.dataset.adjustment, box.toJSON()]))"""
    )


def test_eight_sliders_are_seen_and_stay_where_they_are_as_layers_arrive(visitor):
    page = visitor.editor()
    page.route("**/mattes?*", lambda route: None)
    pages.upload(page, pages.ASTRONAUT)
    expect(page.locator(".photo-name")).to_have_text("astronaut.jpg")
    pages.drawn(page)
    before = boxes(page)
    assert len(before) >= 8
    page.unroute("**/mattes?*")  # which lets those go on that wait
    expect(page.locator("[data-layer=person]")).to_be_visible(timeout=120_000)
    expect(page.locator(".layer-note")).to_be_empty()
    assert boxes(page) == before
    pages.choose(page, "background")
    assert boxes(page) == before


def test_the_rail_opens_tools_and_tells_which_changed_the_layer(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    used = page.locator(".editor .tool-tab.used")
    expect(used).to_have_count(0)
    pages.set_slider(page, "saturation", "-30")
    pages.set_slider(page, "opacity", "50")
    expect(used).to_have_text(["Colour", "Mask"])
    expect(page.get_by_role("tabpanel", name="Mask")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Colour")).to_be_hidden()
    page.keyboard.press("Tab")  # away from the field
    page.get_by_role("tab", name="Mask").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("tab", name="Light")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Light")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Presets")).to_have_attribute("aria-selected", "true")
    pages.choose(page, "person")
    expect(used).to_have_count(0)


def test_the_row_of_layers_shows_that_it_scrolls_and_is_gone_along_by_keys(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    strip = page.locator(".layer-strip")
    expect(strip).to_have_attribute("data-more", "right")
    image = page.locator("[data-layer=image]")
    image.focus()
    page.keyboard.press("ArrowRight")
    background = page.locator("[data-layer=background]")
    expect(background).to_be_focused()
    expect(background).to_have_attribute("aria-checked", "true")
    expect(page.locator(".line-name b")).to_have_text("Background")
    page.keyboard.press("End")
    last = page.locator(".layer-row .layer").last
    expect(last).to_have_attribute("aria-checked", "true")
    expect(strip).to_have_attribute("data-more", re.compile("left"))
    expect(page.locator(".layer-row .layer:not([tabindex='-1'])")).to_have_count(1)
    pages.set_slider(page, "exposure", "1")
    expect(last).to_have_class(re.compile(r"\bused\b"))
    pages.layer_menu(page, "Reset layer")
    expect(pages.value(page, "exposure")).to_have_value("0.00")
    expect(last).not_to_have_class(re.compile(r"\bused\b"))

    page.locator(".layer-new").click()
    page.get_by_role("menuitem", name="From Replace").click()
    expect(page.locator("#tabs > .tab-wrapper").get_by_role("tab", selected=True)).to_have_text("Replace")


def test_what_made_the_layers_is_told_when_it_is_asked_for(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    expect(page.locator(".editor")).not_to_contain_text("Robust Video Matting", use_inner_text=True)
    page.get_by_role("button", name="How the layers were found").click()
    expect(page.locator(".matte-notes")).to_contain_text(
        re.compile(r"Robust Video Matting\s*GPL-3.0"), use_inner_text=True
    )


def test_the_histogram_folds_and_stays_folded(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    histogram = page.get_by_role("img", name="Histogram")
    expect(histogram).to_be_visible()
    page.locator(".histogram-fold summary").click()
    expect(histogram).to_be_hidden()
    page.reload()
    pages.drawn(page)
    expect(page.locator("[data-layer=person]")).to_be_visible()
    expect(histogram).to_be_hidden()


def test_a_photo_opens_without_a_trace_of_the_last_one(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    pages.choose(page, "person")
    pages.set_slider(page, "exposure", "1")
    page.keyboard.press("Escape")
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -300)
    expect(page.locator(".editor .zoom").first).not_to_have_class(re.compile(r"\bon\b"))

    page.route("**/rendition*", lambda route: None)
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    expect(page.locator("[data-layer]")).to_have_count(1)
    opening = pages.photo_id(page)
    picture = page.locator("[data-layer=image] .matte").evaluate("each => each.style.backgroundImage")
    assert opening in picture
    expect(page.locator(".layers-who")).to_be_empty()
    expect(page.get_by_role("button", name="How the layers were found")).to_be_hidden()
    expect(page.locator(".editor .zoom")).to_have_text(["Fit", "100%"])
    expect(page.locator(".editor .zoom").first).to_have_class(re.compile(r"\bon\b"))
    expect(page.locator(".editor .tool-tab.used, .editor .slider.changed")).to_have_count(0)
    is_blank = page.locator(".histogram").evaluate(
        "each => each.getContext('2d').getImageData(0, 0, each.width, each.height).data.every((value) => value === 0)"
    )
    assert is_blank
    page.unroute("**/rendition*")
    pages.drawn(page)


def test_a_double_click_resets_a_slider_in_one_step(visitor):
    page = visitor.editor()
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    pages.drawn(page)
    pages.set_slider(page, "exposure", "2")
    pages.set_slider(page, "contrast", "40")
    page.locator("[data-adjustment=exposure] input[type=range]").dblclick(position={"x": 12, "y": 10})
    expect(pages.value(page, "exposure")).to_have_value("0.00")
    page.keyboard.press("Control+z")
    expect(pages.value(page, "exposure")).to_have_value("2.00")
    expect(pages.value(page, "contrast")).to_have_value("40")
    page.keyboard.press("Control+z")
    expect(pages.value(page, "contrast")).to_have_value("0")


def test_on_a_phone_the_panel_lies_below_the_photo_and_the_rail_at_its_foot(new_visitor):
    page = new_visitor(PHONE).editor()
    pages.open_astronaut(page)
    places = [
        page.locator(f".editor {part}").bounding_box()
        for part in (".picture", ".layers", ".layer-line", ".adjustments", ".rail")
    ]
    edges = [(round(box["y"]), round(box["y"] + box["height"])) for box in places]
    assert all(above[1] <= below[0] for above, below in pairwise(edges))
    assert edges[-1][1] == PHONE["viewport"]["height"]
    assert len(boxes(page)) >= 3

    page.locator("[data-layer=person]").tap()
    page.get_by_role("tab", name="Effects").tap()
    vignette = page.locator("[data-adjustment=vignette] input[type=range]")
    vignette.tap(position={"x": 10, "y": 20})
    expect(pages.value(page, "vignette")).to_have_value(re.compile("^−"))
    expect(page.locator(".editor .tool-tab.used")).to_have_text(["Effects"])
    page.get_by_role("button", name="Hide Person").tap()
    expect(page.locator("[data-layer=person]")).to_have_class(re.compile(r"\boff\b"))

    expect(page.locator(".editor .film")).to_be_hidden()
    page.get_by_role("button", name="Other photos").tap()
    expect(page.locator(".editor .strip .tile.on")).to_be_visible()
    film, rail = (page.locator(f".editor {part}").bounding_box() for part in (".film", ".rail"))
    assert rail["y"] + rail["height"] <= film["y"] + 1
