"""What a visitor does and sees in the editor, for the browser tests."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import APIRequestContext, Download, Locator, Page, Request, expect

from envo.colour import srgb_to_linear

ASTRONAUT = Path(__file__).parents[2] / "examples" / "astronaut.jpg"
COFFEE = ASTRONAUT.with_name("coffee.jpg")
CORNER = (0.97, 0.06)
"""A place in the astronaut's background, as fractions of the photo's width and height."""
FACE = (0.44, 0.24)
"""A place on her face."""
RED, GREEN = (205, 45, 40), (40, 150, 70)
"""Colours of the disc and the square in the photo that tests draw."""


def upload(page: Page, *files: Path | dict) -> None:
    """Choose files in the dialog that the plus opens."""
    page.wait_for_selector(".editor.ready", state="attached")
    with page.expect_file_chooser() as chooser:
        page.locator(".drop:visible, .strip .tile-add:visible").first.click()
    chooser.value.set_files(files if isinstance(files[0], dict) else [str(file) for file in files])
    page.mouse.move(0, 0)  # off the list that comes in its place, whose rows show their mask under the pointer


def name_of(file: Path | dict) -> str:
    return file["name"] if isinstance(file, dict) else file.name


def add(request: APIRequestContext, address: str, *files: Path | dict) -> list[str]:
    """Send photos as a page does that does not show them; gives their ids. address: the app's, of a known visitor."""
    found = []
    for file in files:
        data = file["buffer"] if isinstance(file, dict) else file.read_bytes()
        headers = {"content-type": "application/octet-stream"}
        told = {"name": name_of(file), "layers": "false"}
        answer = request.post(f"{address}envo/photos", params=told, data=data, headers=headers)
        assert answer.ok, answer.text()
        found.append(answer.json()["photo"]["id"])
    return found


def upload_here(page: Page, file: dict) -> None:
    """The same in whatever tab is open."""
    with page.expect_file_chooser() as chooser:
        page.locator(".tile-add:visible").first.click()
    chooser.value.set_files([file])


def drop(page: Page, place: str, *files: dict) -> None:
    """Drop files on a place of the page."""
    page.locator(place).evaluate(
        """(place, files) => {
            const transfer = new DataTransfer();
            for (const { name, bytes } of files) transfer.items.add(new File([new Uint8Array(bytes)], name));
            place.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        [{"name": file["name"], "bytes": list(file["buffer"])} for file in files],
    )


def open_astronaut(page: Page) -> None:
    """Upload the portrait and wait until it has come apart into layers."""
    upload(page, ASTRONAUT)
    expect(page.locator("[data-layer=person]")).to_be_visible(timeout=120_000)
    expect(page.locator(".photo-name")).to_have_text("astronaut.jpg")
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until the page is here, its stage shows the photo, and the frames asked for are drawn."""
    page.wait_for_selector(".editor.ready", state="attached", timeout=120_000)
    expect(page.locator(".editor .stage-wait")).to_be_hidden(timeout=60_000)
    expect(page.locator(".editor .picture[aria-busy=true]")).to_have_count(0, timeout=60_000)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def choose(page: Page, layer: str) -> None:
    page.locator(f"[data-layer={layer}]").click()
    page.mouse.move(640, 20)  # off the list, whose rows show their mask under the pointer


def layer_menu(page: Page, item: str) -> None:
    """Click what else the chosen layer can do."""
    page.locator(".layer-line").get_by_role("button", name="More of this layer").click()
    page.locator(".layer-menu").get_by_text(item, exact=True).click()


def show_tool(page: Page, name: str) -> None:
    """Open a tool of Edit's rail."""
    page.locator(f".editor [data-tool='{name}']").click()


def show_slider(page: Page, adjustment: str) -> None:
    """Open the tool of Edit that a slider belongs to, and the section in it."""
    tool = page.locator(f".editor .tool-sheet:has([data-adjustment={adjustment}])")
    show_tool(page, tool.get_attribute("data-group"))
    fold = page.locator(f".editor .section:has([data-adjustment={adjustment}]) .section-fold[aria-expanded=false]")
    if fold.count():
        fold.click()


def set_slider(page: Page, adjustment: str, to: str) -> None:
    """Type a value."""
    show_slider(page, adjustment)
    box = value(page, adjustment)
    box.fill(to)
    box.press("Enter")
    drawn(page)


def value(page: Page, adjustment: str) -> Locator:
    return page.locator(f"[data-adjustment={adjustment}] .value")


def saved(page: Page) -> None:
    expect(page.locator(".save-state")).to_have_text("Saved")


def export_dialog(page: Page) -> Locator:
    """Open the dialog of an export for the photo that is open in Edit."""
    page.get_by_role("button", name="Export and presets").click()
    page.locator(".downloads").get_by_role("button", name="Export…").click()
    return page.locator("dialog.export")


def exported(page: Page, format: str) -> Download:
    """Export the photo that is open in Edit as a file of a format, at full size."""
    dialog = export_dialog(page)
    dialog.get_by_role("radio", name=format, exact=True).click()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export", exact=True).click()
    expect(page.locator(".download-button")).to_be_enabled()
    return download.value


def photo_id(page: Page) -> str:
    return page.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('photo')")


def picture(page: Page) -> np.ndarray:
    """The stage as it is seen, uint8 HxWx3."""
    shot = page.locator(".editor .picture canvas").screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def pixel(page: Page, place: tuple[float, float]) -> np.ndarray:
    """Colour at a place of the fitted square photo, the mean of 5x5 pixels, float."""
    seen = picture(page).astype(float)
    height, width = seen.shape[:2]
    side = min(width, height) - 32
    x = round((width - side) / 2 + place[0] * side)
    y = round((height - side) / 2 + place[1] * side)
    return seen[y - 2 : y + 3, x - 2 : x + 3].mean((0, 1))


def light(colour: np.ndarray) -> np.ndarray:
    """Linear light of an sRGB colour, both in 0 to 255."""
    return srgb_to_linear(colour / 255) * 255


@contextmanager
def posted(page: Page, ending: str) -> Iterator[list[dict]]:
    """What the page posts to addresses that end so, as a growing list."""
    bodies = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith(ending):
            bodies.append(json.loads(request.post_data))

    page.on("request", note)
    yield bodies
    page.remove_listener("request", note)
