"""What lies beside photos comes along with them: dropped together, in a folder, or later, in every tab."""

import io
import json

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from envo import xmp
from tests.browser import pages
from tests.browser.test_gallery import open_gallery
from tests.browser.test_people import route


def photo(name: str, shade: int) -> dict:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (shade, 90, 200)).save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


def packet(name: str, *tags: str) -> dict:
    made = xmp.Packet()
    made.set("dc:subject", list(tags))
    return {"name": name, "mimeType": "application/octet-stream", "buffer": bytes(made)}


def found(page: Page, word: str) -> list[str]:
    answer = page.request.get(route(page, "gallery/photos"), params={"tag": word})
    return sorted(each["name"] for each in answer.json()["photos"])


@pytest.fixture
def page(visitor) -> Page:
    page = visitor.editor()
    open_gallery(page)
    return page


def test_what_is_dropped_together_is_read_together(page):
    together = [photo("IMG_1.png", 10), packet("img_1.PNG.xmp", "mine"), packet("IMG_1.xmp", "no"), photo("b.png", 20)]
    pages.drop(page, ".gallery", *together, {"name": "desktop.ini", "buffer": b"?"})
    line = page.locator(".going.uploading")
    expect(line.locator("b")).to_have_text("2 photos added")
    expect(line.locator("li")).to_have_count(1)
    assert line.locator("li").text_content().startswith("IMG_1.xmp: Another .xmp file bears the whole name")
    assert found(page, "mine") == ["IMG_1.png"] and found(page, "no") == []


def test_what_is_dropped_later_finds_its_photo(page):
    pages.drop(page, ".gallery", photo("IMG_1.png", 10))
    line = page.locator(".going.uploading")
    expect(line.locator("b")).to_have_text("1 photo added")
    pages.drop(page, ".gallery", packet("IMG_1.xmp", "later"))
    expect(line.locator(".going-said")).to_have_text("1 .xmp file read")
    assert found(page, "later") == ["IMG_1.png"]


def test_a_folder_is_read_with_what_lies_in_it(page, tmp_path):
    takeout = {
        "name": "IMG_1.png.json",
        "buffer": json.dumps({"photoTakenTime": {"timestamp": "-1200000000"}}).encode(),
    }
    for folder, files in {
        "a": [photo("IMG_1.png", 10), packet("IMG_1.xmp", "of a"), {"name": "Thumbs.db", "buffer": b"?"}],
        "b": [photo("IMG_1.png", 20), takeout, {"name": "metadata.json", "buffer": b"{}"}],
    }.items():
        (tmp_path / folder).mkdir()
        for file in files:
            (tmp_path / folder / file["name"]).write_bytes(file["buffer"])
    page.locator(".add-photos").click()
    with page.expect_file_chooser() as chooser:
        page.locator(".add-ways").get_by_role("button", name="A folder").click()
    chooser.value.set_files(tmp_path)
    line = page.locator(".going.uploading")
    expect(line.locator("b")).to_have_text("2 photos added")
    expect(line.locator("li")).to_have_count(0)
    assert found(page, "of a") == ["IMG_1.png"]
    listed = page.request.get(
        route(page, "gallery/photos"), params={"since": "1931-12-01", "until": "1932-01-31"}
    ).json()
    assert listed["count"] == 1


def test_they_come_along_in_the_other_tabs_too(visitor):
    page = visitor.editor()
    pages.upload(page, photo("IMG_1.png", 10), packet("IMG_1.xmp", "beside"))
    expect(page.locator(".photo-name")).to_have_text("IMG_1.png")
    assert found(page, "beside") == ["IMG_1.png"]
    expect(page.locator(".toast")).to_have_count(0)
