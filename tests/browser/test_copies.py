"""One edit for many photos: copied in Edit, pasted in Gallery and in Edit, made alike, taken back."""

import json
import re
import zipfile

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import pages
from tests.browser import test_gallery as gallery
from tests.browser import test_select as selecting
from tests.browser.test_people import route
from tests.browser.visitors import DESKTOP, PHONE
from tests.conftest import EXAMPLES

LONG = 180_000
"""Milliseconds that taking some photos apart may take on a busy machine."""


def press(page: Page, button: Locator) -> None:
    """Click, or tap where there is no mouse."""
    if page.evaluate("() => matchMedia('(pointer: coarse)').matches"):
        button.tap()
    else:
        button.click()


def more(page: Page, row: str) -> None:
    """Open the menu of the open photo, and press a row."""
    press(page, page.locator(".editor .photo-more"))
    press(page, page.locator(".photo-menu").get_by_role("button", name=row))


def answer(page: Page, yes: str, *without: str) -> None:
    """Take parts off the list of those to be copied, and go on."""
    dialog = page.locator(".copy-choice")
    expect(dialog).to_be_visible()
    for part in without:
        dialog.get_by_label(part).uncheck()
    press(page, dialog.get_by_role("button", name=yes, exact=True))
    expect(dialog).to_be_hidden()


def edits_menu(page: Page, row: str) -> None:
    press(page, page.locator(".about-actions").get_by_role("button", name="Edits"))
    press(page, page.locator(".edits-menu").get_by_role("button", name=row))


def pasted(page: Page, sentence: str) -> Locator:
    """Wait until the paste is over, and says so."""
    line = page.locator(".going.pasting").last
    expect(line.locator("b")).to_have_text(sentence, timeout=LONG)
    return line


def stored(page: Page, name: str) -> dict:
    """The layers of the edit that is saved of a photo: adjustments by layer."""
    listed = page.request.get(route(page, "photos?offset=0&limit=50")).json()["photos"]
    photo = next(each["id"] for each in listed if each["name"] == name)
    document = page.request.get(route(page, f"photos/{photo}/edit")).json()["document"]
    return {layer["id"]: layer["adjustments"] for layer in document["layers"]} if document else {}


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["1280", "390"])
def test_an_edit_is_copied_in_edit_and_pasted_on_many_in_gallery(new_visitor, plain, shape):
    page = new_visitor(shape).editor()
    pages.open_astronaut(page)
    pages.set_slider(page, "exposure", "0.5")
    pages.set_slider(page, "saturation", "-40")
    press(page, page.locator("[data-layer=person]"))
    pages.set_slider(page, "exposure", "-1")
    pages.saved(page)
    more(page, "Copy edit…")
    answer(page, "Copy", "Colour")
    expect(page.locator(".toast")).to_contain_text("The edit of “astronaut.jpg” is copied")

    gallery.bring(page, *(EXAMPLES / name for name in ("chelsea.jpg", "coffee.jpg", "rocket.jpg")), plain)
    gallery.open_gallery(page)
    expect(gallery.tiles(page)).to_have_count(5)
    for name in ("chelsea.jpg", "coffee.jpg", "rocket.jpg", "plain.png"):
        press(page, gallery.tile(page, name).locator(".photo-tick"))
    edits_menu(page, "Paste edit")
    line = pasted(page, "The edit is on 4 photos")
    assert stored(page, "coffee.jpg") == {"image": {"exposure": 0.5}, "person": {"exposure": -1}}
    for name in ("chelsea.jpg", "coffee.jpg", "rocket.jpg", "plain.png"):
        expect(gallery.tile(page, name).locator(".photo-edited")).to_be_visible()

    # Who lacks the part is a click away.
    press(page, line.get_by_role("button", name="Person: not in 4 photos"))
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(4)

    # Taken back in one step, after a reload too; and done again.
    page.reload()
    page.wait_for_selector(".gallery.ready")
    expect(gallery.tile(page, "coffee.jpg").locator(".photo-edited")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator(".toast")).to_contain_text("Undone: pasted an edit on 4 photos.")
    for name in ("chelsea.jpg", "coffee.jpg", "rocket.jpg", "plain.png"):
        expect(gallery.tile(page, name).locator(".photo-edited")).to_be_hidden()
    assert stored(page, "coffee.jpg") == {}
    expect(gallery.tile(page, "astronaut.jpg").locator(".photo-edited")).to_be_visible()
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".toast")).to_contain_text("Done again")
    expect(gallery.tile(page, "coffee.jpg").locator(".photo-edited")).to_be_visible()

    selecting.open_tab(page, "Edit")
    expect(page.locator("[data-layer=image].used")).to_have_count(1)
    gallery.open_gallery(page)

    # All are made like the first of those that are chosen, then reset.
    for name in ("astronaut.jpg", "chelsea.jpg", "coffee.jpg"):
        press(page, gallery.tile(page, name).locator(".photo-tick"))
    edits_menu(page, "Sync edit…")
    expect(page.locator(".copy-choice > form > b")).to_have_text("Give the edit of “astronaut.jpg” to 2 others")
    expect(page.locator(".copy-choice").get_by_label("Colour")).not_to_be_checked()  # as it was last answered
    page.locator(".copy-choice").get_by_label("Colour").check()
    answer(page, "Sync", "Person")
    pasted(page, "The edit is on 2 photos")
    assert stored(page, "coffee.jpg")["image"] == {"exposure": 0.5, "saturation": -40}
    edits_menu(page, "Reset edits")
    pasted(page, "3 edits reset")
    expect(gallery.tile(page, "astronaut.jpg").locator(".photo-edited")).to_be_hidden()

    # Edit, which had the photo open meanwhile, has what became of it as steps of its own.
    selecting.open_tab(page, "Edit")
    expect(page.locator(".editor .photo-name")).to_have_text("astronaut.jpg")
    expect(page.locator("[data-layer=image].used")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("[data-layer=image].used")).to_have_count(1)
    pages.saved(page)
    assert stored(page, "astronaut.jpg")["image"] == {"exposure": 0.5, "saturation": -40}


def test_an_edit_is_pasted_into_the_open_photo_in_one_step(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    pages.set_slider(page, "contrast", "25")
    pages.saved(page)
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".editor .photo-name")).to_have_text("coffee.jpg")
    pages.drawn(page)
    pages.set_slider(page, "saturation", "30")
    more(page, "Edit of the photo before")
    expect(page.locator(".toast")).to_contain_text("The edit of “astronaut.jpg” was pasted.")
    expect(pages.value(page, "contrast")).to_have_value("25")
    expect(pages.value(page, "saturation")).to_have_value("0")
    page.locator(".editor .stage").hover()
    page.keyboard.press("Control+z")
    expect(pages.value(page, "contrast")).to_have_value("0")
    expect(pages.value(page, "saturation")).to_have_value("30")

    page.keyboard.press("Control+Shift+c")
    answer(page, "Copy", "Light")
    page.locator(".strip .tile[data-photo]").nth(1).locator(".tile-open").click()
    expect(page.locator(".editor .photo-name")).to_have_text("astronaut.jpg")
    pages.drawn(page)
    page.keyboard.press("Control+Shift+v")
    expect(page.locator(".toast")).to_contain_text("The edit of “coffee.jpg” was pasted.")
    expect(pages.value(page, "contrast")).to_have_value("25")  # Light was not copied
    expect(pages.value(page, "saturation")).to_have_value("30")
    pages.saved(page)
    assert stored(page, "astronaut.jpg") == {"image": {"contrast": 25, "saturation": 30}}

    # From the strip's menu it is pasted on a photo that is not open.
    page.locator(".strip .tile[data-photo]").first.click(button="right")
    page.locator(".photo-menu").get_by_role("button", name="Paste edit").click()
    expect(page.locator(".toast")).to_contain_text("The edit is on 1 photo.")
    assert stored(page, "coffee.jpg") == {"image": {"saturation": 30}}


def test_a_paste_is_cancelled_and_what_is_done_stays(visitor, plain):
    page = visitor.editor()
    gallery.bring(page, plain, EXAMPLES / "coffee.jpg")
    document = {"schema": 3, "layers": [{"id": "image", "adjustments": {"exposure": 1}}]}
    asked = {"document": document, "choice": {}}
    copy = page.request.post(route(page, "copies"), data=json.dumps(asked)).json()["copy"]
    page.evaluate("(copy) => localStorage.setItem('envo:copy', JSON.stringify({ copy, from: 'a.jpg' }))", copy)
    page.reload()
    gallery.open_gallery(page)
    paste = {"paste": "0", "what": "paste", "state": "working", "step": "Pasting", "fraction": 0.5, "number": 1}
    cancelled = []

    def news(asking) -> None:
        over = {"state": "cancelled", "photos": [], "failed": [], "left": 1, "notes": [], "lacking": []}
        told = paste | {"done": 1, "total": 2} | ((over | {"absent": [], "unsure": []}) if cancelled else {})
        if asking.request.method == "DELETE":
            cancelled.append(True)
            asking.fulfill(status=204)
        else:
            asking.fulfill(json=told)

    page.route("**/envo/pastes/0*", news)
    page.route("**/envo/pastes", lambda asking: asking.fulfill(status=202, json={"paste": "0"}))
    for name in ("coffee.jpg", "plain.png"):
        gallery.choose(page, name)
    page.keyboard.press("Control+Shift+v")
    line = page.locator(".going.pasting")
    expect(line.locator("b")).to_have_text("Pasting the edit on 1 of 2 photos")
    expect(line.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "50")
    line.get_by_role("button", name="Cancel").click()
    expect(line.locator("b")).to_have_text("The edit is on 1 photo")
    expect(line.locator(".going-said")).to_have_text("stopped before the other 1")
    line.get_by_role("button", name="Dismiss").click()
    expect(line).to_have_count(0)


def test_chosen_photos_are_exported_into_a_zip_and_as_new_photos(visitor, plain):
    page = visitor.editor()
    gallery.bring(page, plain, EXAMPLES / "coffee.jpg", EXAMPLES / "rocket.jpg")
    gallery.open_gallery(page)
    for name in ("coffee.jpg", "plain.png", "rocket.jpg"):
        gallery.choose(page, name)
    page.locator(".about-actions").get_by_role("button", name="Download").click()
    page.locator(".take-away [data-kind=export]").click()
    dialog = page.locator("dialog.export")
    expect(dialog).to_contain_text("Export 3 photos")
    expect(dialog.locator("figcaption")).to_contain_text("coffee.jpg")
    dialog.get_by_role("button", name="The next photo").click()
    expect(dialog.locator("figcaption")).to_contain_text("plain.jpg")
    dialog.get_by_role("radio", name="WebP").click()
    dialog.locator("[data-part=Name] summary").click()
    dialog.get_by_label("Pattern of the name").fill("{date}-{number}")
    expect(dialog.locator("figcaption")).to_contain_text("-2.webp")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export", exact=True).click()
    line = page.locator(".going.exporting")
    expect(line.locator("b")).to_have_text("3 photos exported")
    with zipfile.ZipFile(download.value.path()) as taken:
        named = [re.fullmatch(r"\d{4}-\d\d-\d\d-(\d)\.webp", name) for name in taken.namelist()]
        assert [each and each[1] for each in named] == ["1", "2", "3"]
    with page.expect_download():
        line.get_by_role("button", name="Download").click()
    line.get_by_role("button", name="Dismiss").click()
    expect(line).to_have_count(0)

    gallery.tile(page, "rocket.jpg").locator(".photo-tick").click()
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(2)
    page.keyboard.press("Control+Shift+e")
    expect(dialog.get_by_role("radio", name="WebP")).to_have_attribute(
        "aria-checked", "true"
    )  # as it was last answered
    dialog.get_by_label("Pattern of the name").fill("{name}")
    dialog.get_by_role("radio", name="New photos").click()
    dialog.get_by_role("button", name="Export", exact=True).click()
    expect(line.locator("b")).to_have_text("2 photos exported")
    line.get_by_role("button", name="Show").click()
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(2)
    expect(gallery.tile(page, "coffee.webp")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(gallery.tile(page, "coffee.webp")).to_have_count(0)
    expect(gallery.tiles(page)).to_have_count(3)
