"""The Lens tool of Edit, as a visitor uses it."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import pages
from tests.browser.visitors import DESKTOP, PHONE
from tests.server.test_lenses import MODEL, taken


def edit(page) -> dict:
    """What the saved edit says of the lens."""
    read = "async (photo) => (await (await fetch(`/envo/photos/${photo}/edit`)).json()).document.lens"
    return page.evaluate(read, pages.photo_id(page))


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_lens_is_found_corrected_and_chosen_by_hand(new_visitor, shape):
    page = new_visitor(shape).editor()
    pages.upload(page, {"name": "taken.png", "mimeType": "image/png", "buffer": taken()})
    expect(page.locator(".photo-name")).to_have_text("taken.png")
    pages.drawn(page)
    before = pages.picture(page).astype(int)
    page.locator(".editor [data-tool=Lens]").click()
    tool = page.locator(".lens-tool")
    expect(tool.get_by_role("button", name=f"Lens: {MODEL}")).to_be_visible()
    expect(tool.locator(".widget-note")).to_have_text("Found by what the photo tells.")
    on = tool.get_by_role("switch", name="Lens corrections")
    expect(on).not_to_be_checked()
    assert np.array_equal(pages.picture(page), before)  # what is not switched on changes nothing

    # Its corners were dark, and are so no more; the size of the picture stays.
    on.check()
    pages.drawn(page)
    corrected = pages.picture(page).astype(int)
    assert np.abs(corrected - before).max() > 30 and corrected.mean() > before.mean() + 1
    expect(page.locator(".rail [data-tool=Lens]")).to_have_class("tool-tab used")
    vignetting = tool.get_by_label("Vignetting, value")
    vignetting.fill("0")
    vignetting.press("Enter")
    pages.drawn(page)
    assert pages.picture(page).mean() < corrected.mean() - 1
    pages.saved(page)
    assert (edit(page)["on"], edit(page)["vignetting"]) == (True, 0)

    # Another lens, by hand.
    tool.get_by_role("button", name=f"Lens: {MODEL}").click()
    page.get_by_label("Search lenses").fill("no such lens")
    expect(page.locator(".lens-list")).to_have_text("No lens is called so.")
    page.get_by_label("Search lenses").fill("15mm fisheye canon")
    page.locator(".lens-list").get_by_role("button", name="Canon EF 15mm f/2.8 Fisheye").click()
    expect(tool.get_by_role("button", name="Lens: Canon EF 15mm f/2.8 Fisheye")).to_be_visible()
    expect(tool.locator(".widget-note")).to_have_text("Chosen by hand.")
    pages.drawn(page)
    by_hand = pages.picture(page).astype(int)
    pages.saved(page)
    assert edit(page)["model"] == "Canon EF 15mm f/2.8 Fisheye"

    # Undo goes back lens by lens, and what was chosen first needs no second look.
    for _ in range(2):
        page.locator(".editor").get_by_role("button", name="Undo", exact=True).click()
    pages.drawn(page)
    expect(tool.get_by_role("button", name=f"Lens: {MODEL}")).to_be_visible()
    assert np.abs(pages.picture(page).astype(int) - corrected).max() <= 2
    assert np.abs(by_hand - corrected).max() > 10
    tool.get_by_role("button", name="Reset").click()
    pages.drawn(page)
    assert np.array_equal(pages.picture(page), before)
