"""How long a frame of the editor takes, beside the usual chain of one 8-bit pass for each filter.

Every adjustment of the develop pass and a curve, on each of three layers (image, background, person), in headless
Chromium. Blurs, glow and sharpening are passes of their own and not among them.

- frame_ms: our one pass, drawn at 12 megapixels;
- chain_ms: as much of it as such a chain can do, as full passes (`bench/chain.js`), at 12 megapixels; a band of the
  mixer and a wheel of grading are one each;
- canvas_ms: our frame on a canvas of 1600x1200 with the 12-megapixel photo behind it, as one edits;
- slider_24_over_3: a slider dragged on that canvas over a photo of 24 megapixels, beside one of 3.

The frames are those of a slider being dragged: the view stays, so the photo is not resampled again. All take turns;
each number is the fastest of its rounds, the one that the rest of the machine disturbed least.

usage: python -m bench.editor [--data DIR] [--photos 1] [--rounds 3] [--json]
"""

import json
import mimetypes
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from playwright.sync_api import Route, sync_playwright

from bench import common
from envo import maps
from envo.adjustments import ADJUSTMENTS, schema
from envo.edits import SCHEMA, parse
from envo.masks import encode_matte
from tests import chromium

ROOT = Path(__file__).parent.parent
WIDTH, HEIGHT = 4000, 3000
SHOWN = (1600, 1200)
SIZES = {"24": (6000, 4000), "3": (2000, 1500)}
"""Photos of which the canvas shows the same view while a slider is dragged, by their megapixels."""
APART = {"Blur", "Sharpening"}
"""Groups and sections whose adjustments are passes of their own; glow is another."""
CURVE = [[0, 0.02], [0.3, 0.25], [0.7, 0.76], [1, 1]]


def adjustments() -> dict[str, float]:
    """Every adjustment of the develop pass, a quarter of its way from where it rests."""
    moved = {}
    for each in ADJUSTMENTS.values():
        if not {each.group, each.section} & APART and "glow" not in each.id:
            moved[each.id] = each.default + (each.maximum - each.default or each.minimum - each.default) / 4
    return moved


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
    all_of_them = {"adjustments": adjustments(), "curves": {"rgb": CURVE}}
    layers = [{"id": "image"} | all_of_them]
    parts = [{"shape": "matte", "kind": kind} for kind in ("background", "person")]
    layers += [{"id": part["kind"], "mask": {"parts": [part]}} | all_of_them for part in parts]
    return parse({"schema": SCHEMA, "layers": layers}).dump()


def measure(page, photo: np.ndarray, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each round, for one photo, on a fresh page."""
    matte = person()
    made = {
        "": b"<!doctype html><script type=module src=/bench/editor.js></script>",
        "photo": cv2.imencode(".jpg", photo)[1].tobytes(),
        "maps": maps.make(photo[..., ::-1]).dump(),
        "person": encode_matte(matte),
        "background": encode_matte(255 - matte),
    }
    for megapixels, size in SIZES.items():
        scaled = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        made[f"photo{megapixels}"] = cv2.imencode(".jpg", scaled)[1].tobytes()

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
    return page.evaluate("wish => measure(wish)", wish | {"shown": SHOWN, "sizes": SIZES, "rounds": rounds})


def main() -> None:
    parser = common.Arguments(__doc__, "folder of photos to use instead of an example", parted=False)
    parser.add_argument("--photos", type=int, default=1, help="how many of them, the first ones")
    parser.add_argument("--rounds", type=int, default=3)
    wish = parser.parse_args()

    times = defaultdict(list)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for photo in photos(wish.data, wish.photos):
            page = browser.new_page()
            for name, values in measure(page, photo, wish.rounds).items():
                times[name] += values
            page.close()
        browser.close()

    fastest = {name: min(values) for name, values in times.items()}
    frame, chain, canvas = (fastest[name] for name in ("frame", "chain", "canvas"))
    slider_24_over_3 = fastest["slider_24"] / fastest["slider_3"]
    print(f"{'one pass, 12 megapixels':34}{frame:9.0f} ms")
    print(f"{'a pass for each filter, 12 MP':34}{chain:9.0f} ms   {chain / frame:.1f} times")
    print(f"{'one pass, canvas of 1600x1200':34}{canvas:9.0f} ms   1/{frame / canvas:.1f}")
    print(f"{'exposure dragged':34}{fastest['slider']:9.0f} ms")
    for name in ("curve", "mixer", "clarity"):
        print(f"{name + ' dragged':34}{fastest[name]:9.0f} ms   {fastest[name] / fastest['slider']:.2f} times")
    print(f"{'dragged at 24 MP, beside 3 MP':34}{fastest['slider_24']:9.0f} ms   {slider_24_over_3:.2f} times")
    if wish.json:
        result = {"frame_ms": frame, "chain_ms": chain, "ratio": chain / frame, "canvas_ms": canvas}
        result["slider_24_over_3"] = slider_24_over_3
        print(json.dumps({name: round(value, 2) for name, value in result.items()}))


if __name__ == "__main__":
    main()
