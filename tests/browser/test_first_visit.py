"""What a browser asks for when it opens the app, and shows first."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import httpx
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.visitors import PHONE, Visitor

GRADIOS = re.compile(r"/assets/index-[\w-]+\.js$")
"""The first of Gradio's scripts."""


def test_every_script_is_told_ahead_so_that_none_waits_for_another(new_visitor):
    visitor = new_visitor()
    asked: set[str] = set()
    visitor.context.on("request", lambda request: asked.add(request.url))
    visitor.editor()
    # Gradio's script for frames is asked for by itself, and nothing waits for it.
    scripts = {address for address in asked if address.endswith(".js") and "iframeResizer" not in address}
    page = httpx.get(visitor.url).text
    told = {urljoin(visitor.url, address) for address in re.findall(r'(?:src|href)="([^"]+\.js)"', page)}
    assert any(address.endswith("/bundle.js") for address in scripts)
    assert scripts <= told, scripts - told
    visitor.close()


@contextmanager
def without_gradio(visitor: Visitor) -> Iterator[tuple[Page, Callable[[], None]]]:
    """A window on the app in which Gradio's first script has not come yet, and what lets it come."""
    page = visitor.context.new_page()
    page.route(GRADIOS, lambda route: None)
    with page.expect_request(GRADIOS):
        page.goto(visitor.url)
    yield page, lambda: page.unroute(GRADIOS)
    visitor.close()


def test_the_editor_does_not_wait_for_gradio_and_stays_what_it_is_when_that_comes(new_visitor):
    with without_gradio(new_visitor()) as (page, let_come):
        page.locator(".editor .example").first.click()
        expect(page.locator("[data-layer=person]")).to_be_visible(timeout=120_000)
        pages.drawn(page)
        slider = page.locator("[data-adjustment=exposure] input[type=range]")
        page.locator(".editor .picture canvas").evaluate("canvas => { canvas.isMine = true; }")
        box = slider.bounding_box()
        left, y = box["x"], box["y"] + box["height"] / 2
        page.mouse.move(left + 0.5 * box["width"], y)
        page.mouse.down()
        page.mouse.move(left + 0.6 * box["width"], y)
        let_come()
        page.locator("#tabs > .tab-wrapper [role=tab]").first.wait_for(state="attached")
        page.mouse.move(left + 0.9 * box["width"], y)
        page.mouse.up()
        expect(page.locator("[role=tabpanel] .editor")).to_be_visible()
        assert float(slider.input_value()) > 3 and slider.bounding_box() == box
        expect(page.locator("[role=tabpanel] .picture canvas").first).to_have_js_property("isMine", True)
        page.keyboard.press("Control+z")
        expect(slider).to_have_value("0")
        assert page.get_by_role("tab", name="Edit").count() == 1


def test_what_has_the_focus_keeps_it_when_gradio_comes(new_visitor):
    with without_gradio(new_visitor()) as (page, let_come):
        page.locator(".editor .drop").focus()
        let_come()
        expect(page.locator("[role=tabpanel] .editor")).to_be_visible()
        pages.drawn(page)  # what is hidden loses the focus with the next frame
        expect(page.locator(".editor .drop")).to_be_focused(timeout=1)


def test_a_tab_that_is_clicked_before_gradio_is_there_opens(new_visitor):
    with without_gradio(new_visitor()) as (page, let_come):
        page.get_by_role("tab", name="Gallery").click()
        let_come()
        expect(page.locator(".gallery")).to_be_visible()
        expect(page.get_by_role("tab", name="Gallery")).to_have_attribute("aria-selected", "true")


def test_on_a_phone_all_that_invites_is_seen_at_once(new_visitor):
    visitor = new_visitor(PHONE)
    page = visitor.editor()
    expect(page.locator(".editor .drop")).to_be_in_viewport(ratio=1)
    expect(page.locator(".editor .example").last).to_be_in_viewport(ratio=1)
    visitor.close()
