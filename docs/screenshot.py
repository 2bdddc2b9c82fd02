"""Makes `edit.jpg`, the picture in the README, from the running app: `python -m docs.screenshot`."""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests import chromium
from tests.browser import pages
from tests.conftest import EXAMPLES, start_server


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
        page.locator(".panel").hover()
        page.mouse.wheel(0, -1000)
        page.locator(".tag").last.wait_for()
        pages.drawn(page)
        Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(Path(__file__).with_name("edit.jpg"), quality=88)
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
