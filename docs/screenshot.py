"""Makes the documentation's pictures, `NAME.jpg` of every tab: `python -m docs.screenshot`, or with names of some."""

import io
import sys
import tempfile
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests import chromium
from tests.browser import pages
from tests.browser import test_gallery as gallerying
from tests.browser import test_replace as replacing
from tests.browser import test_restore as restoring
from tests.browser import test_select as selecting
from tests.conftest import EXAMPLES, start_server
from training import ageing

HELMET = (0.9, 0.75)
"""A place on the astronaut's helmet, as fractions of the photo's width and height."""
SEED = 5
"""Of the ageing of the photo that is restored."""

OTHERS = (
    *("grass", "gravel", "brick", "page", "text", "coins", "camera", "clock", "horse"),
    *("immunohistochemistry", "retina", "moon", "hubble_deep_field"),
)
"""Further photos in the public domain, or CC0, of scikit-image's."""


def main() -> None:
    wanted = sys.argv[1:] or list(PICTURES)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path(folder) / "home", Path(folder) / "log")
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for name in wanted:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(server.url)
            page.wait_for_selector(".editor.ready", state="attached")
            PICTURES[name](page)
            save(page, f"{name}.jpg")
            page.close()
        browser.close()
        server.stop()


def edit(page: Page) -> None:
    open_examples(page)
    pages.choose(page, "background")
    pages.set_slider(page, "exposure", "-1.4")
    pages.set_slider(page, "saturation", "-24")
    pages.saved(page)
    page.keyboard.press("s")
    page.evaluate("() => document.querySelectorAll('.panel *').forEach((part) => { part.scrollTop = 0; })")
    page.mouse.move(640, 20)
    page.locator(".editor .tag:visible").last.wait_for()
    pages.drawn(page)


def select(page: Page) -> None:
    open_examples(page)
    selecting.open_tab(page, "Replace")
    selecting.ready(page, "astronaut.jpg")
    selecting.click(page, selecting.ASTRONAUT_SIZE, selecting.SUIT)
    selecting.click(page, selecting.ASTRONAUT_SIZE, HELMET, button="right")


def replace(page: Page) -> None:
    open_examples(page)
    selecting.open_tab(page, "Replace")
    selecting.ready(page, "astronaut.jpg")
    page.locator(".masking [data-kind=person]").click()
    replacing.choose(page, "Background")
    for kind in ("Gradient", "Blur"):
        page.get_by_role("radio", name=kind, exact=True).click()
        selecting.settled(page)
        replacing.run(page)
        page.keyboard.press("Escape")
    replacing.results(page).last.get_by_role("button").click()


def restore(page: Page) -> None:
    photo = np.asarray(Image.open(EXAMPLES / "astronaut.jpg").convert("RGB"))
    old, _ = ageing.aged(np.random.default_rng(SEED), photo, "mixed")
    name = "old print.jpg"
    address = page.url.partition("#")[0]
    (added,) = pages.add(page.request, address, restoring.as_file(old, name))
    page.goto(f"{address}#tab=restore&photo={added}")
    page.reload()
    restoring.ready(page, name)
    restoring.restore(page)
    page.mouse.move(640, 20)


def export(page: Page) -> None:
    open_examples(page)
    dialog = pages.export_dialog(page)
    dialog.get_by_role("radio", name="Long edge").click()
    dialog.locator("[data-part=Watermark] summary").click()
    dialog.get_by_role("radio", name="Text", exact=True).click()
    dialog.get_by_label("Text of the watermark").fill("© 1999 Anna")
    with page.expect_response("**/export-preview"):
        dialog.get_by_label("Text of the watermark").press("Tab")
        dialog.get_by_role("radio", name="bottom right", exact=True).click()
    for part in ("Format", "Size"):
        dialog.locator(f"[data-part={part}] summary").click()
    dialog.locator(".export-stage .bar-track").wait_for(state="hidden")
    page.mouse.move(640, 20)


def gallery(page: Page) -> None:
    for name in OTHERS:
        pixels = getattr(skimage.data, name)()
        file = io.BytesIO()
        Image.fromarray(pixels).convert("RGB").save(file, "JPEG", quality=92)
        gallerying.bring(page, {"name": f"{name.replace('_', '-')}.jpg", "buffer": file.getvalue()})
    gallerying.bring(page, *(EXAMPLES / name for name in gallerying.NAMES))
    gallerying.open_gallery(page)
    gallerying.looked_at(page)
    gallerying.about(page, "astronaut.jpg")
    page.mouse.move(640, 20)


PICTURES = {
    "edit": edit,
    "select": select,
    "replace": replace,
    "restore": restore,
    "gallery": gallery,
    "export": export,
}
"""What to do for each."""


def open_examples(page: Page) -> None:
    """Add the app's own photos; the portrait is open at the end."""
    for name in ("rocket.jpg", "chelsea.jpg", "coffee.jpg"):
        pages.upload(page, EXAMPLES / name)
        page.get_by_role("button", name=f"Open {name}").first.wait_for()
    pages.open_astronaut(page)


def save(page: Page, name: str) -> None:
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(Path(__file__).with_name(name), quality=88)


if __name__ == "__main__":
    main()
