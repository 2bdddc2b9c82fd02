"""How soon an edited photo is shown so, and what a wall of edited photos costs while it is scrolled.

- thumbnail_seconds: median time from the answer to a save until the edited thumbnail's bytes are here, over HTTP
  against the real app, while photos of 12 megapixels are edited one right after the other;
- slowest_seconds: the slowest of these;
- edited_ms, original_ms: mean time of a frame in Chromium while a wall of edited photos is scrolled, and one of the
  same photos as they came; of several passes over all photos, which take turns, the fastest, which the rest of the
  machine disturbed least;
- wall_ratio: the first divided by the second.

usage: python -m bench.renditions [--data DIR] [--photos 20] [--wall 1000] [--rounds 5] [--json]
"""

import io
import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench import common
from envo import settings
from envo.library import Library
from tests import chromium
from tests.conftest import EXAMPLES, start_server

SIZE = (4000, 3000)
SMALL = (640, 480)
UNTIMED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
"""Flags with which Chromium draws as many frames as it can, so that each tells what it costs."""
STEP = 80
"""Pixels that are scrolled from frame to frame."""
SCROLL = """async (step) => {
  const wall = document.querySelector('.photo-wall');
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  wall.scrollTop = 0;
  await frame();
  await frame();
  const begun = performance.now();
  let frames = 0;
  for (let top = 0; top < wall.scrollHeight - wall.clientHeight; top += step) {
    wall.scrollTop = top;
    frames += 1;
    await frame();
  }
  return (performance.now() - begun) / frames;
}"""


def document(number: int) -> dict[str, Any]:
    adjustments = {"exposure": 0.5 + number % 5 / 10, "contrast": 20, "saturation": 15, "vignette": -20}
    return {"schema": 1, "layers": [{"id": "image", "adjustments": adjustments}]}


def photos(folder: Path | None, count: int, size: tuple[int, int]) -> list[bytes]:
    """Make so many JPEGs of a size, each another: of a folder's photos, or the examples, shifted if there are few."""
    files = sorted(each for each in (folder or EXAMPLES).rglob("*") if each.suffix.lower() in (".jpg", ".jpeg"))
    found = [np.asarray(Image.open(path).convert("RGB").resize(size)) for path in files[: min(count, 10)]]
    made = []
    for number in range(count):
        file = io.BytesIO()
        # No two are alike: a library keeps each photo once.
        shifted = np.roll(found[number % len(found)], (number // size[0], 7 * number), axis=(0, 1))
        Image.fromarray(shifted).save(file, "JPEG", quality=90)
        made.append(file.getvalue())
    return made


def saves(url: str, data: list[bytes]) -> list[float]:
    """Edit photos one after the other; gives the seconds until each was there as edited."""
    seconds = []
    with httpx.Client(base_url=f"{url}envo/", timeout=600) as client:
        client.get(url)
        asked = [
            client.post("photos", params={"name": f"{n}.jpg", "layers": False}, content=each)
            for n, each in enumerate(data)
        ]
        for number, row in enumerate(answer.json()["photo"] for answer in asked):
            write = {"document": document(number), "base": 0, "writer": "the-bench", "seq": 1}
            saved = client.post(f"photos/{row['id']}/edit", json=write).raise_for_status()
            begun = time.perf_counter()
            picture = client.get(f"photos/{row['id']}/thumbnail", params={"edit": saved.json()["edit"]})
            seconds.append(time.perf_counter() - begun)
            assert "immutable" in picture.headers["cache-control"]
    return seconds


class Wall:
    """A visitor's browser on the wall of many photos."""

    def __init__(self, browser: Browser, url: str, library: Library, data: list[bytes], edited: bool):
        self.page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        self.page.goto(url)
        self.page.wait_for_selector(".editor.ready", state="attached")
        first = self.page.request.post(f"{url}envo/examples/coffee.jpg").json()["photo"]["id"]
        owner = library.gallery.owner(first)
        for number, each in enumerate(data):
            row, _ = library.add(owner, f"{number}.jpg", each)
            if edited:
                library.save_edit(owner, row.id, document(number), 0, "the-bench", 1)
                library.renditions.make(owner, row.id, settings.THUMBNAIL_EDGE)

    def open(self, count: int) -> None:
        self.page.bring_to_front()
        self.page.reload()
        self.page.wait_for_selector(".editor.ready", state="attached")
        self.page.get_by_role("tab", name="Gallery", exact=True).click()
        self.page.wait_for_selector(".gallery.ready")
        self.page.wait_for_function(
            f"() => document.querySelector('.gallery-count').textContent.startsWith('{count:,}')"
        )

    def scroll(self) -> float:
        """Milliseconds of a frame."""
        self.page.bring_to_front()
        return self.page.evaluate(SCROLL, STEP)


def main() -> None:
    parser = common.Arguments(__doc__, "folder of photos to use instead of the examples", parted=False)
    parser.add_argument("--photos", type=int, default=20, help="how many are edited in a row")
    parser.add_argument("--wall", type=int, default=1000, help="how many are on a wall")
    parser.add_argument("--rounds", type=int, default=5)
    wish = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        server = start_server(home, Path(folder) / "app.log")
        library = Library(home, f"sqlite:///{home / 'library.sqlite'}")
        try:
            seconds = saves(server.url, photos(wish.data, wish.photos, SIZE))
            print(
                f"{'edited thumbnail after a save':34}{statistics.median(seconds):9.3f} s   slowest {max(seconds):.3f}"
            )
            data = photos(wish.data, wish.wall - 1, SMALL)
            with sync_playwright() as playwright:
                flags = [*chromium.FLAGS, *UNTIMED]
                browser = playwright.chromium.launch(executable_path=chromium.find(), args=flags)
                walls = [Wall(browser, server.url, library, data, edited) for edited in (False, True)]
                # Nothing else is to be done meanwhile.
                with sqlite3.connect(home / "library.sqlite") as database:
                    database.execute("UPDATE photo SET is_tagged = 1")
                for wall in walls:
                    wall.open(wish.wall)
                times: list[list[float]] = [[], []]
                for turn in range(wish.rounds):
                    for which in (0, 1) if turn % 2 else (1, 0):
                        times[which].append(walls[which].scroll())
                browser.close()
        finally:
            library.close()
            server.stop()
    original, edited = map(min, times)
    print(f"{'a frame of the wall, edited':34}{edited:9.2f} ms\n{'as they came':34}{original:9.2f} ms")
    if wish.json:
        result = {
            "thumbnail_seconds": statistics.median(seconds),
            "slowest_seconds": max(seconds),
            "edited_ms": edited,
            "original_ms": original,
            "wall_ratio": edited / original,
        }
        print(json.dumps({name: round(value, 3) for name, value in result.items()}))


if __name__ == "__main__":
    main()
