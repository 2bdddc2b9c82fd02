"""Ctrl+Z in every tab takes back what was done last there, after a reload too, and never what is being typed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser import test_gallery as gallery
from tests.browser import test_places as places
from tests.browser import test_replace as replacing
from tests.browser import test_restore as restoring
from tests.browser import test_select as selecting
from tests.browser.visitors import DESKTOP, PHONE
from tests.conftest import EXAMPLES

UNDO, REDO = "Control+z", "Control+Shift+z"


def told(page: Page, sentence: str) -> None:
    """Wait until the page says so, and take it away."""
    note = page.locator(".toast", has_text=sentence)
    expect(note).to_have_count(1)
    note.get_by_role("button", name="Dismiss").click()
    expect(note).to_have_count(0)


def undo(page: Page, sentence: str) -> None:
    page.keyboard.press(UNDO)
    told(page, f"Undone: {sentence}")


def redo(page: Page, sentence: str) -> None:
    page.keyboard.press(REDO)
    told(page, f"Done again: {sentence}")


def test_the_gallery_takes_back_what_was_done_last_there(visitor):
    page = visitor.editor()
    gallery.bring(page, *(EXAMPLES / name for name in gallery.NAMES))
    gallery.open_gallery(page)
    gallery.shows(page, *gallery.NAMES)
    chelsea = gallery.tile(page, "chelsea.jpg")
    panel = gallery.about(page, "chelsea.jpg")
    page.keyboard.press("4")
    expect(chelsea.locator(".photo-rating")).to_have_text("★★★★")
    panel.get_by_label("Add a tag").fill("whiskers")
    panel.get_by_label("Add a tag").press("Enter")
    expect(gallery.tag(panel, "whiskers")).to_be_visible()
    panel.get_by_label("Title").fill("At home")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        panel.get_by_label("Title").press("Enter")
    panel.locator(".photo-name").click()
    page.keyboard.type("cat.jpg")
    page.keyboard.press("Enter")
    expect(gallery.tile(page, "cat.jpg")).to_be_visible()
    gallery.choose(page, "coffee.jpg", "rocket.jpg")
    page.keyboard.press("Backspace")
    gallery.shows(page, "astronaut.jpg", "cat.jpg")

    # All of it goes back in turn, after a reload too; a field that is typed in keeps the keys.
    page.reload()
    page.wait_for_selector(".gallery.ready")
    gallery.shows(page, "astronaut.jpg", "cat.jpg")
    page.get_by_label("Search photos").click()
    page.keyboard.type("as")
    page.keyboard.press(UNDO)
    page.get_by_label("Search photos").fill("")
    gallery.shows(page, "astronaut.jpg", "cat.jpg")
    page.locator(".photo-wall").focus()
    undo(page, "deleted 2 photos.")
    gallery.shows(page, "astronaut.jpg", "cat.jpg", "coffee.jpg", "rocket.jpg")
    undo(page, "renamed “chelsea.jpg” to “cat.jpg”.")
    gallery.shows(page, *gallery.NAMES)
    panel = gallery.about(page, "chelsea.jpg")
    expect(panel.get_by_label("Title")).to_have_value("At home")
    undo(page, "called “chelsea.jpg” “At home”.")
    expect(panel.get_by_label("Title")).to_have_value("")
    undo(page, "added the tag “whiskers”.")
    expect(gallery.tag(panel, "whiskers")).to_have_count(0)
    undo(page, "gave “chelsea.jpg” ★★★★.")
    expect(chelsea.locator(".photo-rating")).to_have_text("")
    redo(page, "gave “chelsea.jpg” ★★★★.")
    redo(page, "added the tag “whiskers”.")
    expect(chelsea.locator(".photo-rating")).to_have_text("★★★★")
    expect(gallery.tag(panel, "whiskers")).to_be_visible()

    # What was changed elsewhere since stays, which is said; what was done before that can be taken back all the same.
    photo = chelsea.get_attribute("data-photo")
    address = page.url.partition("#")[0] + "envo/gallery/tags"
    assert page.request.post(address, data={"photos": [photo], "forget": ["whiskers"]}).ok
    page.keyboard.press(UNDO)
    told(page, "These tags were changed since")
    undo(page, "gave “chelsea.jpg” ★★★★.")

    # Nothing is taken back behind a question.
    page.keyboard.press("5")
    expect(chelsea.locator(".photo-rating")).to_have_text("★★★★★")
    page.evaluate(
        "() => document.body.insertAdjacentHTML('beforeend', '<dialog><button>Yes</button></dialog>')"
        " ?? document.body.lastElementChild.showModal()"
    )
    page.keyboard.press(UNDO)
    page.evaluate("() => document.body.lastElementChild.remove()")
    expect(page.locator(".toast", has_text="Undone")).to_have_count(0)
    expect(chelsea.locator(".photo-rating")).to_have_text("★★★★★")


def test_the_steps_of_an_edit_are_listed_and_outlive_a_reload(visitor):
    page = visitor.editor()
    pages.upload(page, EXAMPLES / "coffee.jpg")
    expect(page.locator(".photo-name:visible")).to_have_text("coffee.jpg")
    pages.drawn(page)
    pages.set_slider(page, "exposure", "1")
    pages.set_slider(page, "contrast", "20")
    pages.saved(page)
    page.reload()
    page.wait_for_selector(".editor.ready")
    pages.drawn(page)
    page.get_by_role("button", name="History").click()
    steps = page.locator(".menu.history li")
    expect(steps).to_have_text(["Contrast +20", "Exposure +1.00", "Original"])
    expect(steps.nth(0).locator("[aria-current]")).to_be_visible()
    steps.nth(1).get_by_role("button").click()
    expect(pages.value(page, "contrast")).to_have_value("0")
    expect(pages.value(page, "exposure")).to_have_value("1.00")
    expect(steps).to_have_count(3)
    page.locator(".menu.history").get_by_role("button", name="Revert to original").click()
    expect(pages.value(page, "exposure")).to_have_value("0.00")
    expect(steps).to_have_text(["Reverted to original", "Exposure +1.00", "Original"])
    page.keyboard.press("Escape")
    page.keyboard.press(UNDO)
    expect(pages.value(page, "exposure")).to_have_value("1.00")
    # Stars and the photo itself go back by the same keys, in the order in which they were changed.
    page.locator(".bar:visible").get_by_role("button", name="3 stars").click()
    expect(page.locator(".bar:visible .star.on")).to_have_count(3)
    page.keyboard.press("Delete")
    expect(page.locator(".strip:visible .tile")).to_have_count(0)
    undo(page, "deleted “coffee.jpg”.")
    places.in_strip(page, "coffee.jpg")
    undo(page, "gave “coffee.jpg” ★★★.")
    expect(page.locator(".bar:visible .star.on")).to_have_count(0)
    pages.drawn(page)
    page.keyboard.press(UNDO)
    expect(pages.value(page, "exposure")).to_have_value("0.00")


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_photos_are_deleted_by_key_and_by_menu_in_every_tab(new_visitor, shape):
    page = new_visitor(shape).editor()
    gallery.bring(page, *(EXAMPLES / name for name in gallery.NAMES))
    page.reload()
    for tab in ("Edit", "Replace", "Restore"):
        places.open_tab(page, tab)
        places.open_photo(page, "coffee.jpg")
        places.press(page.locator(".bar:visible").get_by_role("button", name="More for this photo"))
        places.press(page.locator(".photo-menu").get_by_role("button", name="Delete"))
        expect(page.locator(".strip:visible .tile")).to_have_count(3)
        places.press(page.locator(".toast").get_by_role("button", name="Undo"))
        expect(page.locator(".strip:visible .tile")).to_have_count(4)
        told(page, "Undone: deleted “coffee.jpg”.")
        if not places.is_phone(page):
            page.locator(".strip:visible [aria-label='Open rocket.jpg']").click(button="right")
            page.locator(".photo-menu").get_by_role("button", name="Delete").click()
            expect(page.locator(".strip:visible [aria-label='Open rocket.jpg']")).to_have_count(0)
            undo(page, "deleted “rocket.jpg”.")
            page.locator(".strip:visible [aria-label='Open rocket.jpg']").focus()
            page.keyboard.press("Backspace")
            expect(page.locator(".strip:visible [aria-label='Open rocket.jpg']")).to_have_count(0)
            undo(page, "deleted “rocket.jpg”.")
        expect(page.locator(".strip:visible .tile")).to_have_count(4)


def test_selections_results_and_wishes_outlive_a_reload(visitor, plain):
    page = replacing.select_disc(visitor, plain)
    for _ in range(2):
        page.locator("[data-step=invert]").click()
        selecting.settled(page)
    replacing.choose(page, "Erase")
    replacing.run(page)
    expect(replacing.results(page)).to_have_count(1)
    undo(page, "erased.")
    expect(replacing.results(page)).to_have_count(0)
    redo(page, "erased.")
    expect(replacing.results(page)).to_have_count(1)
    page.reload()
    selecting.ready(page, "plain.png")
    assert selecting.at(selecting.mask(page), selecting.DISC) == 255
    undo(page, "erased.")
    expect(replacing.results(page)).to_have_count(0)
    page.keyboard.press(UNDO)
    selecting.settled(page)
    assert selecting.at(selecting.mask(page), selecting.DISC) == 0
    page.keyboard.press(UNDO)
    page.keyboard.press(UNDO)
    selecting.settled(page)
    expect(page.get_by_role("button", name="Keep mask")).to_be_disabled()
    page.keyboard.press(REDO)
    selecting.settled(page)
    assert selecting.at(selecting.mask(page), selecting.DISC) == 255

    # What an engine answered is asked for again.
    page.keyboard.press("n")
    selecting.click(page, selecting.PLAIN_SIZE, selecting.SQUARE)
    assert selecting.at(selecting.mask(page), selecting.SQUARE) > 127
    page.reload()
    selecting.ready(page, "plain.png")
    assert selecting.at(selecting.mask(page), selecting.SQUARE) > 127

    selecting.open_tab(page, "Restore")
    restoring.ready(page, "plain.png")
    colour = restoring.switch(page, "colour")
    was = colour.is_checked()
    restoring.step(page, "colour").locator(".switch").click()
    expect(colour).to_be_checked(checked=not was)
    page.reload()
    restoring.ready(page, "plain.png")
    expect(colour).to_be_checked(checked=not was)
    page.keyboard.press(UNDO)
    expect(colour).to_be_checked(checked=was)
    page.locator(".bar:visible").get_by_role("button", name="Redo").click()
    expect(colour).to_be_checked(checked=not was)
