"""EnvoMask in another app: a photo of 24 megapixels is clicked in, painted on, and its masks come back to Python."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.visitors import DESKTOP, PHONE
from tests.conftest import EXAMPLES, Server, start_server

SIZE = (6000, 4000)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("demo")
    command = ("-c", "from docs.envomask_example import build; build().launch()")
    running = start_server(folder / "home", folder / "log", command, GRADIO_TEMP_DIR=str(folder / "sent"))
    yield running
    running.stop()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.jpg"
    with Image.open(EXAMPLES / "astronaut.jpg") as photo:
        photo.resize(SIZE).save(path, quality=85)
    return path


def share(page: Page) -> float:
    """How much is selected, in percent, as Python says."""
    told = page.get_by_role("textbox", name="Selected")
    expect(told).to_have_value(re.compile(r"^1 of 6000 x 4000 pixels, [\d.]+% selected$"), timeout=60_000)
    return float(told.input_value().split(", ")[1].split("%")[0])


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_large_photo_is_clicked_in_and_painted_on_and_its_masks_come_back(new_visitor, demo, large, shape):
    page = new_visitor(shape, demo.url).window()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(large)
    surface = page.get_by_label("The photo, to click on")
    expect(page.get_by_role("group", name="Masks").get_by_role("button", name="Mask 1")).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    box = surface.bounding_box()
    surface.click(position={"x": box["width"] / 2, "y": box["height"] * 0.45})
    clicked = share(page)
    assert 10 < clicked < 60
    choice = page.get_by_role("group", name="What the click may mean")
    meant = choice.get_by_role("button")
    expect(meant.first).to_be_visible()
    told = page.get_by_role("textbox", name="Selected")
    meant.and_(page.locator("[aria-pressed=false]")).last.click()
    expect(told).not_to_have_value(re.compile(rf" {clicked}%"))
    clicked = share(page)
    page.get_by_role("button", name="Undo").click()
    expect(told).to_have_value(re.compile("^Click on"))
    expect(choice).to_be_hidden()
    if shape is DESKTOP:
        page.mouse.move(box["x"] + box["width"] / 2 - 20, box["y"] + box["height"] * 0.45)
        expect(surface).to_have_attribute("data-foreseen", "true")
    page.get_by_role("button", name="Redo").click()
    expect(told).to_have_value(re.compile(rf" {clicked}% selected"))

    page.get_by_role("button", name="Brush").click()
    scale = min((box["width"] - 24) / SIZE[0], (box["height"] - 24) / SIZE[1])
    right, top = (
        box["x"] + box["width"] / 2 + scale * SIZE[0] * 0.4,
        box["y"] + box["height"] / 2 - scale * SIZE[1] * 0.4,
    )
    page.mouse.move(right, top)
    page.mouse.down()
    page.mouse.move(right - 8, top + 30, steps=4)
    page.mouse.up()
    expect(told).not_to_have_value(re.compile(rf" {clicked}%"))
    assert share(page) > clicked
    page.get_by_role("button", name="Undo").click()
    expect(told).to_have_value(re.compile(rf" {clicked}% selected"))
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_role("button", name="Choose a photo")).to_be_visible()
