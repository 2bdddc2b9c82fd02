"""Photos that leave as one wishes: the dialog of an export, presets of it, and what is in the files."""

import io
import json
from urllib.parse import urlsplit

import numpy as np
import pytest
import tifffile
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests import exiftool
from tests.browser import pages
from tests.browser.test_copies import press
from tests.browser.visitors import DESKTOP, PHONE

PLACE = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 0.0)}
"""EXIF of a photo taken in Berlin."""

P3_RED = (0.5151, 0.2412, -0.0011)
"""Display P3's red in XYZ by the white of profiles, as Apple's own profile tells it."""


@pytest.fixture
def taken() -> dict:
    """A grey photo, 1600x1200, whose file tells of what camera, when and where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Envo Works"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"
    exif.get_ifd(0x8825).update(PLACE)
    file = io.BytesIO()
    Image.new("RGB", (1600, 1200), (96, 96, 96)).save(file, "JPEG", exif=exif, quality=95)
    return {"name": "pier.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def exporting(page: Page) -> Locator:
    """Open the dialog for the photo that is open."""
    return opened(pages.export_dialog(page))


def opened(dialog: Locator) -> Locator:
    expect(dialog.locator(".export-stage img")).to_be_visible()
    return dialog


def part(dialog: Locator, name: str) -> Locator:
    """Unfold a part of the dialog."""
    found = dialog.locator(f"[data-part={name}]")
    if found.get_attribute("open") is None:
        press(dialog.page, found.locator("summary"))
    return found


def choose(within: Locator, name: str) -> None:
    press(within.page, within.get_by_role("radio", name=name, exact=True))


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["1280", "390"])
def test_a_photo_is_exported_as_wished_and_the_next_time_by_one_click(new_visitor, taken, shape):
    page = new_visitor(shape).editor()
    pages.upload(page, taken)
    expect(page.locator(".editor .photo-name")).to_have_text(taken["name"])
    pages.drawn(page)
    dialog = exporting(page)
    size = page.viewport_size
    if shape is PHONE:
        assert dialog.bounding_box() == {"x": 0, "y": 0, **size}
    expect(dialog.get_by_label("Preset", exact=True)).to_have_value("full")
    shown = part(dialog, "Format")
    choose(shown, "TIFF")
    expect(shown.get_by_label("Quality", exact=True)).to_be_hidden()
    choose(shown, "16 bits")
    choose(part(dialog, "Size"), "Long edge")
    dialog.get_by_label("Long edge", exact=True).last.fill("1200")
    press(page, part(dialog, "Colour").get_by_text("Display P3"))
    press(page, part(dialog, "Metadata").get_by_text("Without the place"))
    choose(part(dialog, "Watermark"), "Text")
    dialog.get_by_label("Text of the watermark").fill("© Anna")
    choose(dialog, "bottom left")
    named = part(dialog, "Name")
    named.get_by_role("textbox").fill("")
    expect(named.get_by_role("textbox")).to_be_focused()
    press(page, named.get_by_role("button", name="{date}"))
    named.get_by_role("textbox").press_sequentially(" {name}")
    expect(dialog.locator("figcaption")).to_contain_text("2024-05-06 pier.tif")
    expect(dialog.locator("figcaption")).to_contain_text("1,200 × 900 · about ")

    expect(dialog.get_by_label("Preset", exact=True)).to_have_value("")
    press(page, dialog.get_by_role("button", name="More for presets"))
    press(page, page.get_by_role("button", name="Save as a preset…"))
    asked = page.get_by_role("dialog", name="Save as a preset")
    asked.get_by_label("Name").fill("Print")
    asked.get_by_label("Name").press("Enter")
    expect(dialog.get_by_label("Preset", exact=True).locator("option:checked")).to_have_text("Print")
    with page.expect_download() as download:
        press(page, dialog.get_by_role("button", name="Export"))
    expect(dialog).to_have_count(0)
    read(download.value)

    page.reload()
    pages.drawn(page)
    with page.expect_download() as download:
        press(page, page.get_by_role("button", name="Download", exact=True))
    read(download.value)
    dialog = exporting(page)
    expect(dialog.get_by_label("Preset", exact=True).locator("option:checked")).to_have_text("Print")
    choose(dialog, "PNG")
    expect(dialog.get_by_label("Preset", exact=True).locator("option:checked")).to_have_text("Print, changed")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    other = new_visitor(shape).editor()
    pages.upload(other, taken)
    expect(other.locator(".editor .photo-name")).to_have_text(taken["name"])
    pages.drawn(other)
    dialog = exporting(other)
    expect(dialog.locator("option", has_text="Full size, JPEG")).to_have_count(1)
    expect(dialog.locator("option", has_text="Print")).to_have_count(0)


def read(download) -> None:
    """Hold that a file is what was wished of the grey photo."""
    assert download.suggested_filename == "2024-05-06 pier.tif"
    data = download.path().read_bytes()
    pixels = tifffile.imread(io.BytesIO(data))
    assert (pixels.dtype, pixels.shape) == (np.uint16, (900, 1200, 3))
    rows, columns = np.nonzero(np.abs(pixels.astype(int) - pixels[0, 0]).max(axis=2) > 2000)
    assert len(rows) > 100, "there is no watermark"
    assert rows.min() > 800 and columns.max() < 300, "it is not at the bottom left"
    tags = exiftool.tags(data)
    assert tags["ICC_Profile:ProfileDescription"] == "Display P3"
    assert np.allclose([float(each) for each in tags["ICC_Profile:RedMatrixColumn"].split()], P3_RED, atol=1e-3)
    assert tags["IFD0:Make"] == "Envo Works"
    assert not [name for name in tags if "GPS" in name]


def test_an_export_is_cancelled_and_what_went_wrong_is_said(visitor, taken):
    page = visitor.editor()
    pages.upload(page, taken)
    page.wait_for_selector(".editor.open")
    pages.drawn(page)
    given_up = []
    working = {"state": "working", "step": "Rendering", "fraction": 0.4, "number": 1}
    working |= {"to": "file", "total": 1, "done": 0}
    item = {"photo": "", "name": "pier.jpg", "state": "working", "why": "", "made": None}

    def tell(route: Route) -> None:
        told = working | {"batch": urlsplit(route.request.url).path.rpartition("/")[2], "items": [item]}
        if route.request.method == "DELETE":
            given_up.append(told["batch"])
            route.continue_()
        elif given_up:
            route.fulfill(json=told | {"state": "cancelled", "current": None})
        else:
            route.fulfill(json=told | {"current": item | {"step": "Rendering", "fraction": 0.4}})

    page.route("**/envo/renderings/*", tell)
    page.keyboard.press("Control+Shift+e")
    dialog = opened(page.locator("dialog.export"))
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(".download-button")).to_have_text("Rendering 40%")
    expect(page.locator(".download-button")).to_be_disabled()
    page.locator(".download").get_by_role("button", name="Cancel").click()
    expect(page.locator(".download-button")).to_have_text("Download")
    assert len(given_up) == 1
    page.unroute("**/envo/renderings/*")

    page.keyboard.press("Control+Shift+e")
    name = part(opened(dialog), "Name")
    name.get_by_role("textbox").fill("{name} {camera}")
    visitor.expected = ("400",)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("A name has no {camera}")
    name.get_by_role("textbox").fill("")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert "camera" not in json.dumps(page.evaluate("() => localStorage.getItem('envo:export')"))


def test_a_picture_is_laid_over_what_is_exported_and_kept_for_its_visitor_alone(new_visitor, taken):
    page = new_visitor().editor()
    pages.upload(page, taken)
    expect(page.locator(".photo-name")).to_have_text("pier.jpg")
    pages.saved(page)
    dialog = exporting(page)
    shown = part(dialog, "Watermark")
    choose(shown, "Picture")
    logo = io.BytesIO()
    Image.new("RGBA", (200, 100), (0, 255, 0, 255)).save(logo, "PNG")
    with page.expect_file_chooser() as chooser:
        shown.get_by_role("button", name="Add a picture…").click()
    with page.expect_response("**/export-preview"):
        chooser.value.set_files({"name": "logo.png", "mimeType": "image/png", "buffer": logo.getvalue()})
    expect(shown.get_by_role("radio", name="logo", exact=False)).to_be_checked()
    choose(shown, "top left")
    shown.get_by_label("Opacity, value").fill("100")
    shown.get_by_label("Opacity, value").press("Enter")
    shown.get_by_label("From the edge, value").fill("0")
    shown.get_by_label("From the edge, value").press("Enter")
    choose(dialog, "PNG")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export", exact=True).click()
    pixels = np.asarray(Image.open(download.value.path()))
    assert pixels[80, 160].tolist() == [0, 255, 0] and np.ptp(pixels[400, 800]) == 0  # a fifth of the long edge
    assert np.ptp(pixels[80, 400]) == 0

    other = new_visitor().editor()
    pages.upload(other, taken)
    expect(other.locator(".photo-name")).to_have_text("pier.jpg")
    pages.saved(other)
    shown = part(exporting(other), "Watermark")
    choose(shown, "Picture")
    expect(shown.get_by_role("button", name="Add a picture…")).to_be_visible()
    expect(shown.locator("img")).to_have_count(0)
    dialog = exporting(page)
    shown = part(dialog, "Watermark")
    shown.get_by_role("button", name="Delete logo").click()
    expect(shown.locator("img")).to_have_count(0)
    expect(dialog.locator("[data-part=Watermark] .export-now")).to_have_text("None")
