"""Presets of a visitor's own, of Lightroom's, and snapshots: kept, put on, taken back, named, downloaded, brought."""

import json

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import pages
from tests.browser.test_access import fine
from tests.browser.test_gallery import bring, open_gallery, tile, tiles
from tests.browser.test_people import route
from tests.browser.visitors import DESKTOP, PHONE
from tests.conftest import EXAMPLES
from tests.unit.test_lightroom import file, photo

SHAPES = pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])


def own(page: Page, name: str) -> Locator:
    """The button of one of the visitor's presets."""
    return page.locator(".own-look .look", has_text=name)


def more(page: Page, name: str, item: str) -> None:
    """Click what else can be done with a preset."""
    page.locator(".own-look", has_text=name).hover()
    page.get_by_role("button", name=f"More for {name}").click()
    page.get_by_role("menuitem", name=item).click()


def shown(page: Page) -> np.ndarray:
    """The middle of the stage, over which no note lies: uint8 HxWx3."""
    seen = pages.picture(page)
    height, width = seen.shape[:2]
    return seen[height // 5 : height * 3 // 4, width // 6 : width * 5 // 6]


def history(page: Page) -> None:
    """Open the list of steps and snapshots."""
    if page.viewport_size["width"] > 720:
        page.locator(".editor .bar").get_by_role("button", name="History").click()
    else:
        page.get_by_role("button", name="More for this photo").locator("visible=true").click()
        page.locator(".photo-menu").get_by_role("button", name="History").click()


def undo(page: Page) -> None:
    page.locator(".editor .bar").get_by_role("button", name="Undo").click()
    pages.drawn(page)


@SHAPES
def test_a_preset_is_kept_put_on_another_photo_taken_back_named_downloaded_and_brought(new_visitor, shape, plain):
    visitor = new_visitor(shape)
    visitor.expected = ("presets/files?name=bad",)
    page = visitor.editor()
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    pages.drawn(page)
    pages.set_slider(page, "monochrome", "100")
    pages.set_slider(page, "exposure", "0.5")
    pages.show_tool(page, "Presets")
    expect(page.locator(".presets-none")).to_be_visible()
    page.get_by_role("button", name="Save preset…").click()
    dialog = page.get_by_role("dialog", name="Save as a preset")
    assert fine(page, "saving a preset") == []
    dialog.get_by_label("Name").fill("Silver")
    dialog.get_by_label("Group").fill("Mine")
    dialog.locator("[data-part='group Detail']").uncheck()
    dialog.get_by_role("button", name="Save").click()
    expect(own(page, "Silver")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".own-groups h3")).to_have_text("Mine")
    expect(page.locator(".own-look canvas.drawn")).to_have_count(1)

    if shape is PHONE:
        page.get_by_role("button", name="Other photos").click()
    pages.upload(page, plain)
    expect(page.locator(".photo-name")).to_have_text("plain.png")
    pages.drawn(page)
    if shape is PHONE:
        page.get_by_role("button", name="Other photos").click()
    expect(own(page, "Silver")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".own-look canvas.drawn")).to_have_count(1)
    assert fine(page, "own presets") == []
    colours = page.evaluate(
        """() => {
            const canvas = document.querySelector('.own-look canvas');
            return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
        }"""
    )
    small = np.array(colours, int).reshape(-1, 4)
    assert np.ptp(small[:, :3], axis=1).max() <= 1 and small[:, 0].std() > 10
    before = shown(page)
    own(page, "Silver").click()
    expect(own(page, "Silver")).to_have_attribute("aria-pressed", "true")
    pages.drawn(page)
    silver = shown(page)
    assert np.ptp(silver.astype(int), axis=2).max() <= 4
    history(page)
    expect(page.locator(".step-list button").first).to_have_text("Preset Silver")
    page.keyboard.press("Escape")
    undo(page)
    assert np.array_equal(shown(page), before)
    own(page, "Silver").click()
    expect(own(page, "Silver")).to_have_attribute("aria-pressed", "true")
    pages.show_tool(page, "Presets")
    own(page, "Silver").click()
    expect(own(page, "Silver")).to_have_attribute("aria-pressed", "false")
    pages.drawn(page)
    assert np.array_equal(shown(page), before)

    more(page, "Silver", "Rename or move…")
    dialog = page.get_by_role("dialog", name="Rename or move")
    dialog.get_by_label("Name").fill("Chrome")
    dialog.get_by_label("Group").fill("")
    dialog.get_by_role("button", name="Done").click()
    expect(own(page, "Chrome")).to_be_visible()
    expect(page.locator(".own-groups h3")).to_have_text("Yours")
    with page.expect_download() as download:
        more(page, "Chrome", "Download")
    assert download.value.suggested_filename == "Chrome.envo.json"
    downloaded = download.value.path().read_bytes()
    assert json.loads(downloaded)["copy"]["document"]["layers"][0]["adjustments"] == {
        "monochrome": 100,
        "exposure": 0.5,
    }
    more(page, "Chrome", "Delete")
    expect(own(page, "Chrome")).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(own(page, "Chrome")).to_be_visible()
    more(page, "Chrome", "Delete")
    expect(own(page, "Chrome")).to_have_count(0)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a file…").click()
    chooser.value.set_files(
        [
            {"name": "Chrome.envo.json", "mimeType": "application/json", "buffer": downloaded},
            {"name": "curves.xmp", "mimeType": "application/xml", "buffer": file("curves")},
            {"name": "bad.envo.json", "mimeType": "application/json", "buffer": b"?"},
        ]
    )
    expect(page.locator(".toast.error")).to_contain_text("bad.envo.json: This is no preset")
    expect(page.locator(".own-look")).to_have_count(2)
    expect(own(page, "Faded S")).to_be_visible()
    small = page.locator(".own-look .look, .presets-bar .button").evaluate_all(
        "(all) => Math.min(...all.map((e) => e.offsetHeight))"
    )
    assert small >= (40 if shape is PHONE else 26)
    page.reload()
    pages.drawn(page)
    pages.show_tool(page, "Presets")
    expect(page.locator(".own-look")).to_have_count(2)


def test_a_preset_of_lightrooms_is_dropped_and_what_is_left_out_is_said(visitor, plain):
    page = visitor.editor()
    pages.upload(page, plain)
    expect(page.locator(".photo-name")).to_have_text("plain.png")
    pages.drawn(page)
    pages.drop(page, ".editor", {"name": "odd.xmp", "buffer": file("not-understood")})
    expect(page.locator(".toast")).to_contain_text("Not taken over from “Everything else”: the profile “Camera Vivid”")
    own(page, "Everything else").click()
    expect(own(page, "Everything else")).to_have_attribute("aria-pressed", "true")
    pages.show_tool(page, "Light")
    expect(pages.value(page, "exposure")).to_have_value("0.10")
    # What lies beside photos is no preset: it is the photo's.
    pages.drop(page, ".editor", {"name": "plain.xmp", "buffer": file("crop")})
    pages.show_tool(page, "Presets")
    expect(page.locator(".own-look")).to_have_count(1)


@SHAPES
def test_snapshots_are_kept_renamed_gone_to_and_deleted(new_visitor, shape, plain):
    page = new_visitor(shape).editor()
    pages.upload(page, plain)
    expect(page.locator(".photo-name")).to_have_text("plain.png")
    pages.drawn(page)
    pages.set_slider(page, "exposure", "1")
    bright = shown(page)
    history(page)
    page.get_by_role("button", name="Save a snapshot").click()
    field = page.get_by_label("Name of the snapshot")
    expect(field).to_have_value("Snapshot 1")
    field.fill("Bright")
    field.press("Enter")
    row = page.locator(".snapshot-go", has_text="Bright")
    expect(row).to_have_attribute("aria-current", "step")
    assert fine(page, "snapshots") == []
    page.keyboard.press("Escape")
    pages.set_slider(page, "exposure", "-2")
    dark = shown(page)
    history(page)
    expect(row).to_have_attribute("aria-current", "false")
    row.click()
    expect(row).to_have_attribute("aria-current", "step")
    page.keyboard.press("Escape")
    pages.drawn(page)
    assert np.array_equal(shown(page), bright)
    undo(page)
    assert np.array_equal(shown(page), dark)
    page.reload()
    pages.drawn(page)
    history(page)
    page.get_by_role("button", name="Rename Bright").click()
    field.fill("Day")
    field.press("Enter")
    expect(page.locator(".snapshot-go")).to_have_text("Day")
    page.get_by_role("button", name="Delete Day").click()
    expect(page.locator(".snapshot-go")).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Undone: deleted the snapshot “Day”")
    if not page.locator(".menu.history").is_visible():
        history(page)
    expect(page.locator(".snapshot-go")).to_have_text("Day")


def test_a_photo_that_lightroom_developed_offers_its_settings_once_and_never_by_itself(visitor):
    page = visitor.editor()
    told = photo('crs:Exposure2012="+1.00" crs:LensProfileEnable="1"').data
    pages.upload(page, {"name": "shot.jpg", "mimeType": "image/jpeg", "buffer": told})
    expect(page.locator(".photo-name")).to_have_text("shot.jpg")
    pages.drawn(page)
    notice = page.locator(".editor .notice")
    expect(notice).to_contain_text("settings made in Lightroom")
    before = shown(page)
    notice.get_by_role("button", name="Not now").click()
    expect(notice).to_be_hidden()
    page.reload()
    pages.drawn(page)
    assert np.array_equal(shown(page), before)
    page.get_by_role("button", name="More for this photo").locator("visible=true").click()
    row = page.locator(".photo-menu").get_by_role("button", name="Use Lightroom’s settings")
    expect(row).to_be_visible()
    expect(notice).to_be_hidden()
    row.click()
    expect(page.locator(".toast")).to_contain_text(
        "Lightroom’s settings are in the edit. Not taken over: lens correction."
    )
    pages.drawn(page)
    assert pages.light(shown(page)).max() > 1.5 * pages.light(before).max()
    undo(page)
    assert np.array_equal(shown(page), before)


def test_a_preset_is_put_on_many_photos_in_the_gallery_and_taken_back(visitor):
    page = visitor.editor()
    bring(page, *(EXAMPLES / name for name in ("chelsea.jpg", "coffee.jpg", "rocket.jpg")))
    headers = {"content-type": "application/octet-stream"}
    kept = page.request.post(route(page, "presets/files?name=a.xmp"), data=file("mixer"), headers=headers)
    assert kept.ok
    open_gallery(page)
    expect(tiles(page)).to_have_count(3)
    for name in ("chelsea.jpg", "coffee.jpg"):
        tile(page, name).locator(".photo-tick").click()
    page.locator(".about-actions").get_by_role("button", name="Edits").click()
    page.locator(".edits-menu").get_by_role("button", name="Preset…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert fine(page, "presets for many") == []
    dialog.get_by_role("button", name="Muted greens").click()
    expect(page.locator(".going.pasting").last.locator("b")).to_have_text("The edit is on 2 photos", timeout=120_000)
    for name, is_edited in {"chelsea.jpg": True, "coffee.jpg": True, "rocket.jpg": False}.items():
        expect(tile(page, name).locator(".photo-edited")).to_be_visible(visible=is_edited)
    page.keyboard.press("Control+z")
    expect(tile(page, "coffee.jpg").locator(".photo-edited")).to_be_hidden()
