"""How long a frame of the editor takes, beside the usual chain of one 8-bit pass for each filter.

Fifteen adjustments on each of three layers (image, background, person), in headless Chromium:

- frame_ms: our one pass, drawn at 12 megapixels;
- chain_ms: the same adjustments as a chain of full passes (`bench/chain.js`), at 12 megapixels;
- canvas_ms: our frame on a canvas of 1600x1200 with the 12-megapixel photo behind it, as one edits.

The frames are those of a slider being dragged: the view stays, so the photo is not resampled again. The three take
turns; each number is the fastest of its rounds, the one that the rest of the machine disturbed least.

usage: python -m bench.editor [--data DIR] [--photos 3] [--rounds 7] [--json]
"""

import json
import mimetypes
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from playwright.sync_api import Route, sync_playwright

from bench import common
from envo.adjustments import schema
from envo.edits import parse
from envo.masks import encode_matte
from tests import chromium

ROOT = Path(__file__).parent.parent
WIDTH, HEIGHT = 4000, 3000
SHOWN = (1600, 1200)
ADJUSTMENTS = {
    "exposure": 0.3, "brightness": 10, "contrast": 15, "highlights": -30, "shadows": 30, "whites": 10, "blacks": -10,
    "gamma": 1.1, "temperature": 15, "tint": -10, "saturation": 10, "vibrance": 25, "hue": 5, "sepia": 15,
    "vignette": -30,
}  # fmt: skip


def photos(folder: Path | None, count: int) -> list[np.ndarray]:
    """The photos to edit, uint8 BGR at 12 megapixels: the first ones of a folder, or an astronaut."""
    if folder is None:
        found = [skimage.data.astronaut()[..., ::-1]]
    else:
        files = sorted(each for each in folder.rglob("*") if each.suffix.lower() in {".jpg", ".jpeg", ".png"})
        found = [cv2.imread(str(each)) for each in files[:count]]
    return [cv2.resize(each, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) for each in found]


def person() -> np.ndarray:
    """A head and shoulders with soft edges, uint8 at the working size."""
    matte = np.zeros((1536, 2048), np.uint8)
    cv2.ellipse(matte, (1024, 600), (330, 430), 0, 0, 360, 255, -1)
    cv2.ellipse(matte, (1024, 1536), (750, 560), 0, 0, 360, 255, -1)
    return cv2.GaussianBlur(matte, (0, 0), 6)


def document() -> dict:
    layers = [{"id": "image", "adjustments": ADJUSTMENTS}]
    for kind in ("background", "person"):
        layers.append({"id": kind, "mask": {"kind": kind}, "adjustments": ADJUSTMENTS})
    return parse({"schema": 1, "layers": layers}).dump()


def measure(page, photo: np.ndarray, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each round, for one photo, on a fresh page."""
    matte = person()
    made = {
        "": b"<!doctype html><script type=module src=/bench/editor.js></script>",
        "photo": cv2.imencode(".jpg", photo)[1].tobytes(),
        "person": encode_matte(matte),
        "background": encode_matte(255 - matte),
    }

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix("http://envo.test/")
        if path in made:
            route.fulfill(body=made[path], content_type="text/html" if not path else "image/*")
        else:
            file = ROOT / path if path.startswith("bench/") else ROOT / "static" / path
            route.fulfill(path=file, content_type=mimetypes.guess_type(path)[0])

    page.route("http://envo.test/**", serve)
    page.goto("http://envo.test/")
    page.wait_for_function("() => Boolean(window.measure)")
    wish = {"schema": schema(), "document": document(), "width": WIDTH, "height": HEIGHT}
    return page.evaluate("wish => measure(wish)", wish | {"shown": SHOWN, "rounds": rounds})


def main() -> None:
    parser = common.Arguments(__doc__, "folder of photos to use instead of an example", parted=False)
    parser.add_argument("--photos", type=int, default=3, help="how many of them, the first ones")
    parser.add_argument("--rounds", type=int, default=7)
    wish = parser.parse_args()

    times = {"frame": [], "chain": [], "canvas": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for photo in photos(wish.data, wish.photos):
            page = browser.new_page()
            for name, values in measure(page, photo, wish.rounds).items():
                times[name] += values
            page.close()
        browser.close()

    frame, chain, canvas = (min(times[name]) for name in ("frame", "chain", "canvas"))
    print(f"{'one pass, 12 megapixels':34}{frame:9.0f} ms")
    print(f"{'a pass for each filter, 12 MP':34}{chain:9.0f} ms   {chain / frame:.1f} times")
    print(f"{'one pass, canvas of 1600x1200':34}{canvas:9.0f} ms   1/{frame / canvas:.1f}")
    if wish.json:
        result = {"frame_ms": frame, "chain_ms": chain, "ratio": chain / frame, "canvas_ms": canvas}
        print(json.dumps({name: round(value, 2) for name, value in result.items()}))


if __name__ == "__main__":
    main()
