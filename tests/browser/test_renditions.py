"""The edit is the photo: wherever a photo is shown it is shown edited, and the original is a key away."""

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser import pages
from tests.browser import test_gallery as gallery
from tests.browser import test_replace as replacing
from tests.browser import test_restore as restoring
from tests.browser import test_select as selecting

GREY, DARK = 150, 82
"""Of the plain photo, and two stops darker."""
BETWEEN = (GREY + DARK) // 2
GROUND = (0.05, 0.05)
"""A place in the grey of the photo."""
SHOWN = """(element, x, y) => {
  const picture = ['IMG', 'CANVAS'].includes(element.tagName) ? element : element.querySelector('img');
  const [width, height] = [picture.naturalWidth ?? picture.width, picture.naturalHeight ?? picture.height];
  if (!width || picture.complete === false) return null;
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  context.drawImage(picture, x * width, y * height, 1, 1, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[1];
}"""
"""Brightness of a picture at a place, of 255; null until it is loaded."""
IS_SO = f"""([element, dark, x, y]) => {{
  const found = ({SHOWN})(element, x, y);
  return found > 40 && (found < {BETWEEN}) === dark;
}}"""


def shows(page: Page, picture: Locator, dark: bool) -> None:
    """Wait until a picture shows the photo darkened, or as it came."""
    expect(picture).to_be_visible()
    page.wait_for_function(IS_SO, arg=[picture.element_handle(), dark, *GROUND])


def seen(page: Page, tab: str, dark: bool) -> None:
    """Wait until the photo is seen darkened, or as it came, on a tab's canvas."""
    canvas = page.locator(f"{tab} .picture > canvas").first
    page.wait_for_function(IS_SO, arg=[canvas.element_handle(), dark, 0.5, 0.5])


def darken(page: Page, exposure: str = "-2") -> None:
    selecting.open_tab(page, "Edit")
    pages.set_slider(page, "exposure", exposure)


def kept(page: Page) -> Image.Image:
    """The result that is looked at, as a visitor gets it."""
    return replacing.downloaded(page).convert("RGB")


def test_an_edited_photo_is_shown_so_everywhere_and_the_original_is_a_key_away(visitor, plain):
    page = visitor.editor()
    pages.upload(page, plain)
    expect(page.locator(".editor .photo-name")).to_have_text("plain.png")
    pages.drawn(page)
    other = visitor.window()  # another window, on the wall
    other.wait_for_selector(".editor.ready", state="attached")
    gallery.open_gallery(other)
    shows(other, gallery.tile(other, "plain.png"), dark=False)
    darken(page)
    pages.saved(page)
    shows(page, page.locator(".editor .film .tile"), dark=True)
    shows(other, gallery.tile(other, "plain.png"), dark=True)

    # Nothing waits for the editor, which writes a while after the last change.
    darken(page, "-1.9")
    gallery.open_gallery(page)
    shows(page, gallery.tile(page, "plain.png"), dark=True)
    assert page.locator(".photo-tile .photo-edited[title=Edited]").is_visible()
    assert gallery.tile(page, "plain.png").get_attribute("aria-label").startswith("plain.png, edited")
    gallery.tile(page, "plain.png").dblclick()
    large = page.locator(".lightbox-frame img")
    shows(page, large, dark=True)
    page.keyboard.press("o")
    shows(page, large, dark=False)
    expect(page.get_by_role("button", name="Original")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("o")
    shows(page, large, dark=True)
    page.keyboard.press("Escape")
    page.locator(".gallery-head").get_by_role("button", name="Download").click()
    expect(page.get_by_role("radio", name="As edited")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")

    selecting.open_tab(page, "Replace")
    selecting.ready(page, "plain.png")
    base = page.locator(".masking .begins")
    expect(base).to_contain_text("From your edit")
    seen(page, ".masking", dark=True)
    selecting.upload_mask(page, replacing.disc())
    page.keyboard.press("o")
    expect(base).to_contain_text("From the original")
    seen(page, ".masking", dark=False)
    # What was selected serves both.
    expect(page.locator(".masking .run")).to_be_enabled()
    page.get_by_role("button", name="use your edit").click()
    seen(page, ".masking", dark=True)
    replacing.choose(page, "Erase")
    replacing.run(page)
    outside = replacing.disc(130) == 0
    erased = np.asarray(kept(page))
    assert abs(erased[outside].mean() - replacing.original(plain)[outside].mean()) > 30
    page.keyboard.press("Escape")
    page.locator(".masking .strip [aria-label='Open plain erased.png']").click()
    expect(page.locator(".masking .photo-name")).to_have_text("plain erased.png")
    expect(base).to_be_hidden()  # it starts untouched, and carries the edit
    seen(page, ".masking", dark=True)

    selecting.open_tab(page, "Edit")
    page.locator(".editor .film .tile").last.click()
    expect(page.locator(".editor .photo-name")).to_have_text("plain.png")
    selecting.open_tab(page, "Restore")
    restoring.ready(page, "plain.png")
    base = page.locator(".restoring .begins")
    expect(base).to_contain_text("From your edit")
    seen(page, ".restoring", dark=True)
    page.keyboard.press("o")
    expect(base).to_contain_text("From the original")
    seen(page, ".restoring", dark=False)
