"""Makes the pictures in the README, `edit.jpg`, `select.jpg` and `replace.jpg`: `python -m docs.screenshot`."""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests import chromium
from tests.browser import pages
from tests.browser import test_replace as replacing
from tests.browser import test_select as selecting
from tests.conftest import EXAMPLES, start_server

HELMET = (0.9, 0.75)
"""A place on the astronaut's helmet, as fractions of the photo's width and height."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path(folder) / "home", Path(folder) / "log")
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.url)
        for name in ("rocket.jpg", "chelsea.jpg", "coffee.jpg"):
            pages.upload(page, EXAMPLES / name)
            page.get_by_role("button", name=f"Open {name}").first.wait_for()
        pages.open_astronaut(page)
        pages.choose(page, "background")
        pages.set_slider(page, "exposure", "-1.4")
        pages.set_slider(page, "saturation", "-24")
        pages.saved(page)
        page.keyboard.press("s")
        page.evaluate("() => document.querySelectorAll('.panel *').forEach((part) => { part.scrollTop = 0; })")
        page.mouse.move(640, 20)
        page.locator(".tag").last.wait_for()
        pages.drawn(page)
        save(page, "edit.jpg")
        selecting.open_tab(page, "Replace")
        selecting.ready(page, "astronaut.jpg")
        selecting.click(page, selecting.ASTRONAUT_SIZE, selecting.SUIT)
        selecting.click(page, selecting.ASTRONAUT_SIZE, HELMET, button="right")
        save(page, "select.jpg")
        page.locator(".masking").get_by_role("button", name="Clear the selection").click()
        page.locator(".masking [data-kind=person]").click()
        replacing.choose(page, "Background")
        for kind in ("Gradient", "Blur"):
            page.get_by_role("radio", name=kind, exact=True).click()
            selecting.settled(page)
            replacing.run(page)
            page.keyboard.press("Escape")
        replacing.results(page).last.get_by_role("button").click()
        save(page, "replace.jpg")
        browser.close()
        server.stop()


def save(page: Page, name: str) -> None:
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(Path(__file__).with_name(name), quality=88)


if __name__ == "__main__":
    main()
