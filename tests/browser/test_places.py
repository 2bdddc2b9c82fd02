"""Where one is stands in the address: Back and Forward go there, a reload comes back to it, and a link leads to it."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser import pages
from tests.browser import test_gallery as gallery
from tests.browser.visitors import DESKTOP, PHONE
from tests.conftest import EXAMPLES

FEW = 24
"""Photos that fill more than a screen."""


def small(number: int) -> dict:
    """One of many photos, each like no other."""
    colours = np.random.default_rng(number).integers(0, 256, (3, 4, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours).resize((120, 90), Image.Resampling.NEAREST).save(file, "PNG")
    return {"name": f"small-{number:02}.png", "buffer": file.getvalue()}


def is_phone(page: Page) -> bool:
    return page.viewport_size["width"] < 720


def press(target: Locator) -> None:
    """Click, or tap where there is a finger."""
    if is_phone(target.page):
        target.tap()
    else:
        target.click()


def open_tab(page: Page, name: str) -> None:
    press(page.get_by_role("tab", name=name, exact=True))


def shown_tab(page: Page, name: str) -> None:
    expect(page.get_by_role("tab", name=name, exact=True)).to_have_attribute("aria-selected", "true")


def open_large(page: Page, name: str) -> None:
    """Look at a photo of the wall at large: by a double click, or a tap."""
    picture = gallery.tile(page, name).locator("img")
    if is_phone(page):
        picture.tap()
    else:
        picture.dblclick()
    large(page, name)


def large(page: Page, name: str) -> None:
    expect(page.locator(".lightbox .lightbox-name")).to_have_text(name)
    expect(page.locator(".lightbox")).to_be_visible()


def search(page: Page, words: str) -> None:
    if is_phone(page):
        page.get_by_role("button", name="Find", exact=True).tap()
    page.get_by_label("Search photos").fill(words)
    if is_phone(page):
        page.get_by_role("button", name="Show photos").tap()


def show_strip(page: Page) -> None:
    """On a phone Edit shows the strip when it is asked for."""
    other = page.get_by_role("button", name="Other photos")
    if other.is_visible() and other.get_attribute("aria-expanded") == "false":
        other.tap()


def open_photo(page: Page, name: str) -> None:
    """Open a photo by the strip."""
    show_strip(page)
    press(page.locator(f".strip:visible [aria-label='Open {name}']"))
    in_strip(page, name)


def in_strip(page: Page, name: str) -> None:
    """The photo is open: its name stands over the picture, and the strip shows it, marked."""
    expect(page.locator(".photo-name:visible")).to_have_text(name)
    show_strip(page)
    open_one = page.locator(f".strip:visible [aria-label='Open {name}']")
    expect(open_one).to_have_attribute("aria-current", "true")
    expect(open_one).to_be_in_viewport(ratio=0.9)
    expect(page.locator(".strip:visible [aria-current]")).to_have_count(1)


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_back_forward_reload_and_links_lead_where_one_was(new_visitor, shape):
    visitor = new_visitor(shape)
    visitor.scripts.append("localStorage.setItem('envo:tile-size', 3)")
    gallery.bring(visitor.editor(), *(small(number) for number in range(FEW)), EXAMPLES / "coffee.jpg")
    page = visitor.editor("?__theme=dark&mine=1")
    open_photo(page, "coffee.jpg")
    open_photo(page, "small-20.png")
    open_photo(page, "small-00.png")
    open_tab(page, "Restore")
    in_strip(page, "small-00.png")
    page.go_back()
    shown_tab(page, "Edit")
    in_strip(page, "small-00.png")
    page.go_back()
    in_strip(page, "small-20.png")
    page.go_forward()
    in_strip(page, "small-00.png")

    # The wall shows the photo that is open, the oldest; a photo at large lies over the wall as it was scrolled.
    open_tab(page, "Gallery")
    page.wait_for_selector(".gallery.ready")
    opened = page.locator(".photo-tile[aria-current]")
    expect(opened).to_have_attribute("aria-label", re.compile("^small-00"))
    expect(opened).to_be_in_viewport(ratio=0.5)
    wall = page.locator(".photo-wall")
    open_large(page, "small-02.png")
    scrolled = wall.evaluate("(wall) => wall.scrollTop")
    assert scrolled > 100
    address = page.url
    if not is_phone(page):
        page.keyboard.press("ArrowRight")
        large(page, "small-01.png")
        page.keyboard.press("ArrowLeft")
        large(page, "small-02.png")
    page.go_back()
    expect(page.locator(".lightbox")).to_be_hidden()
    row = page.locator(".photo-tile").first.bounding_box()["height"]
    assert abs(wall.evaluate("(wall) => wall.scrollTop") - scrolled) < row
    page.go_forward()
    large(page, "small-02.png")
    press(page.get_by_role("button", name="Back (Esc)").first)
    expect(page.locator(".lightbox")).to_be_hidden()

    # Closed, the photo is no place to go back to any more; a search is, however many letters it took.
    search(page, "coff")
    gallery.shows(page, "coffee.jpg")
    open_large(page, "coffee.jpg")
    page.go_back()
    expect(page.locator(".lightbox")).to_be_hidden()
    gallery.shows(page, "coffee.jpg")
    page.reload()
    shown_tab(page, "Gallery")
    gallery.shows(page, "coffee.jpg")
    page.go_back()
    expect(page.locator(".gallery-count")).to_contain_text(f"{FEW + 1}")
    expect(gallery.tile(page, "small-02.png")).to_be_in_viewport()
    assert abs(wall.evaluate("(wall) => wall.scrollTop") - scrolled) < row
    page.go_back()
    shown_tab(page, "Edit")
    in_strip(page, "small-00.png")

    # A link leads there, and to a photo at large; what else stands in the address is left alone.
    assert "__theme=dark" in page.url and "mine=1" in page.url
    other = page.context.new_page()
    other.goto(address)
    large(other, "small-02.png")
    press(other.get_by_role("button", name="Back (Esc)").first)
    expect(gallery.tile(other, "small-02.png")).to_be_in_viewport()
    expect(other.locator(".lightbox")).to_be_hidden()
    assert "look=" not in other.url and "mine=1" in other.url
    other.close()


def test_a_link_to_a_photo_that_is_not_here_says_so_and_shows_the_tab(new_visitor):
    visitor, stranger = new_visitor(), new_visitor()
    page = visitor.editor()
    pages.upload(page, EXAMPLES / "coffee.jpg")
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    photo = pages.photo_id(page)
    stranger.expected = ("404",)
    for link in (f"#photo={photo}&tab=restore", f"#look={photo}&tab=gallery", f"#like={photo}&tab=gallery"):
        page = stranger.editor(link)
        shown_tab(page, "Restore" if "restore" in link else "Gallery")
        expect(page.locator(".toast")).to_have_text(re.compile("^This photo is not in your library"))
        expect(page.locator(".toast")).to_have_count(1)
        expect(page.locator(".lightbox")).to_be_hidden()
        expect.soft(page).not_to_have_url(re.compile(photo))
        page.close()
