"""A RAW in the editor: the camera's own picture is there at once, and how it is developed is a part of the edit."""

import numpy as np
import pytest
import skimage.data
from PIL import Image
from playwright.sync_api import Page, Route, expect

from envo.colour import srgb_to_linear
from tests.browser import pages
from tests.browser.visitors import DESKTOP, PHONE
from tests.dng import MIXED, NEUTRAL, write

SCENE = skimage.data.coffee()[:400, :600]


def raw(preview: bool = True, lamp: float = 1.0) -> dict:
    """A RAW of the coffee with a lamp in it, of which green alone is clipped where it is brighter than 1."""
    light = srgb_to_linear(SCENE / 255) * 0.6
    light[40:140, 440:560] = lamp
    data = write(light, neutral=NEUTRAL, filters=MIXED, preview=SCENE if preview else None)
    return {"name": "coffee.dng", "mimeType": "image/x-adobe-dng", "buffer": data}


def open_raw(page: Page, file: dict) -> None:
    pages.upload(page, file)
    expect(page.locator(".photo-name")).to_have_text("coffee.dng")


def at(page: Page, x: float, y: float) -> np.ndarray:
    """The stage's colour at a place of the photo, as shares of its width and height."""
    seen = pages.picture(page).astype(float)
    height, width = seen.shape[:2]
    scale = min((width - 32) / 600, (height - 32) / 400)
    place = round(width / 2 + (x - 0.5) * 600 * scale), round(height / 2 + (y - 0.5) * 400 * scale)
    return seen[place[1] - 3 : place[1] + 4, place[0] - 3 : place[0] + 4].mean((0, 1))


LAMP = (0.83, 0.22)


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_cameras_picture_is_there_while_the_raw_is_developed(new_visitor, shape):
    page = new_visitor(shape).editor()
    waiting: list[Route] = []
    page.route("**/rendition?development=*", lambda route: waiting.append(route))
    open_raw(page, raw())
    state = page.locator(".editor .stage-state")
    expect(state).to_have_text("Developing the RAW…")
    expect(page.locator(".editor .stage-wait")).to_be_hidden()
    before = pages.picture(page).astype(float)
    assert before.std() > 20, "nothing is to be seen"
    pages.show_slider(page, "exposure")
    expect(pages.value(page, "exposure")).to_be_enabled()
    while not waiting:
        page.wait_for_timeout(20)
    waiting.pop().continue_()
    expect(state).to_be_hidden()
    pages.drawn(page)
    after = pages.picture(page).astype(float)
    assert np.abs(after.mean() - before.mean()) < 8, "it becomes brighter, or darker"


def test_how_a_raw_is_developed_is_seen_undone_and_in_the_file(visitor):
    page = visitor.editor()
    open_raw(page, raw(preview=False, lamp=1.8))
    pages.drawn(page)
    pages.set_slider(page, "exposure", "-1.5")
    bright = at(page, *LAMP)
    section = page.locator(".editor .section[data-section=RAW]")
    pages.show_tool(page, "Light")
    if section.locator(".section-fold[aria-expanded=false]").count():
        section.locator(".section-fold").click()
    expect(section.get_by_role("radio", name="Recover")).to_have_attribute("aria-checked", "true")
    section.get_by_role("radio", name="Clip").click()
    expect(page.locator(".editor .stage-state")).to_be_hidden()
    pages.drawn(page)
    clipped = at(page, *LAMP)
    assert clipped.max() < bright.max() - 15
    section.get_by_role("button", name="Demosaicing: Automatic").click()
    page.locator(".menu.demosaics").get_by_text("DHT", exact=True).click()
    expect(section.get_by_role("button", name="Demosaicing: DHT")).to_be_visible()
    pages.drawn(page)
    pages.saved(page)
    page.reload()
    pages.drawn(page)
    assert at(page, *LAMP) == pytest.approx(clipped, abs=3)
    made = np.asarray(Image.open(pages.exported(page, "PNG").path()).convert("RGB"))
    assert made[90, 500] == pytest.approx(clipped, abs=3)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(section.get_by_role("radio", name="Recover")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".editor .stage-state")).to_be_hidden()
    pages.drawn(page)
    assert at(page, *LAMP) == pytest.approx(bright, abs=3)
    white = page.locator(".editor .white-balance .choice")
    expect(white).to_have_text("As shot, 6500 K")
    expect(pages.value(page, "temperature")).to_have_value("6500")
    pages.set_slider(page, "temperature", "5000")
    expect(pages.value(page, "temperature")).to_have_value("5000")
    expect(white).to_have_text("Custom, 5000 K")
    page.locator("[data-layer=image]").click()
    pages.set_slider(page, "temperature", "nothing")
    expect(pages.value(page, "temperature")).to_have_value("5000")


def test_four_stops_of_shadows_have_no_steps(visitor):
    """A ramp that is all but black becomes one from dark to bright, a level after the other."""
    ramp = np.linspace(0.0002, 0.05, 600)[None, :, None] * np.ones((400, 1, 3))
    ramp[:12] = 1
    page = visitor.editor()
    data = write(ramp, neutral=NEUTRAL, filters=MIXED, black=600)
    open_raw(page, {"name": "coffee.dng", "mimeType": "image/x-adobe-dng", "buffer": data})
    pages.drawn(page)
    pages.set_slider(page, "exposure", "4")
    seen = pages.picture(page).astype(int)
    height, width = seen.shape[:2]
    row = seen[height // 2 - 4 : height // 2 + 4, 24 : width - 24].mean(axis=(0, 2))
    # At the dark end a level of the sensor is seen; from there on the screen's own are.
    bright = row[row > 40]
    assert bright[0] < 60 and bright[-1] > 200 and len(bright) > 500
    assert np.abs(np.diff(bright)).max() < 3
