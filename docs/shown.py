"""Makes what empty tabs show of what they do, in `static/shown/`: `python -m docs.shown`, or with names of some.

All of it comes of the photos in `examples/` by the engines that come along. The old print is the astronaut, aged by the
program that made the photos which the networks of Restore learned from; it is an example photo of that tab, too.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.random import default_rng
from PIL import Image, ImageDraw, ImageFont

from envo import edits, render, worked
from envo.file import PhotoFile
from envo.gallery import TAG_SURE
from envo.material import Material
from envo.photo import resize
from models import inpaint, layers, restore
from models.tagging import CLASSIFIERS, DETECTORS, run
from tabs.theme import TOKENS
from training import ageing

ROOT = Path(__file__).parents[1]
SHOWN = ROOT / "static" / "shown"
EXAMPLES = ROOT / "examples"
EDGE = 560
"""Pixels of the long edge."""
SEED = 3
"""Of the ageing of the print that is restored."""
TAGS = 3
"""Words shown of a photo."""
Pair = tuple[np.ndarray, np.ndarray]
"""Before and after, uint8 HxWx3."""


def main() -> None:
    SHOWN.mkdir(exist_ok=True)
    names = sys.argv[1:] or MADE
    if "restore" in names:
        Image.fromarray(old_print()).save(EXAMPLES / "old" / "old-print.jpg", quality=92)
    for name in names:
        for which, pixels in zip(("before", "after"), MADE[name](), strict=True):
            (SHOWN / f"{name}-{which}.webp").write_bytes(encoded(pixels))


def encoded(pixels: np.ndarray) -> bytes:
    """Encode uint8 HxWx3 as it is shown."""
    file = io.BytesIO()
    Image.fromarray(resize(pixels, EDGE)).save(file, "WEBP", quality=82, method=6)
    return file.getvalue()


def edit() -> Pair:
    """The astronaut in front of a darker, paler room."""
    image = PhotoFile((EXAMPLES / "astronaut.jpg").read_bytes()).decode()
    changed = {
        "background": {"exposure": -1.4, "saturation": -45},
        "person": {"exposure": 0.15, "vibrance": 18},
    }
    masks = {kind: {"parts": [{"shape": "matte", "kind": kind}]} for kind in changed}
    parts = [{"id": kind, "mask": masks[kind], "adjustments": values} for kind, values in changed.items()]
    document = edits.parse({"schema": edits.SCHEMA, "layers": [{"id": "image"}, *parts]})
    return image.pixels, render.render(image, document, Material(layers.find(image.pixels).mattes))


def replace() -> Pair:
    """The worked example that erases something."""
    example = next(each for each in worked.examples() if each.action == "erase")
    pixels = np.asarray(Image.open(EXAMPLES / example.photo))
    mask = cv2.imdecode(np.frombuffer(example.mask, np.uint8), cv2.IMREAD_GRAYSCALE)
    return pixels, inpaint.erase("envo-fill").erase(pixels, mask).pixels


def old_print() -> np.ndarray:
    """The astronaut as an old print, uint8 HxWx3."""
    pixels = np.asarray(Image.open(EXAMPLES / "astronaut.jpg"))
    return ageing.aged(default_rng(SEED), pixels, "mixed")[0]


def restored() -> Pair:
    """The old print, with what a look at it suggests."""
    old = old_print()
    done = restore.run(old, restore.suggested(restore.look(old)))
    return done.before, done.pixels


def gallery() -> Pair:
    """The example photos as the wall shows them, then with what was found in each."""
    before, after = zip(*map(_tile, sorted(EXAMPLES.glob("*.jpg"))), strict=True)
    return tuple(np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])]) for tiles in (before, after))


def _tile(path: Path) -> Pair:
    tagged = run.tag_photo(PhotoFile(path.read_bytes()), DETECTORS["YOLO11 nano"], CLASSIFIERS["EfficientNet-Lite0"])
    height, width = tagged.image.shape[:2]
    side = min(height, width)
    left, top = (width - side) // 2, (height - side) // 2
    tile = Image.fromarray(tagged.image[top : top + side, left : left + side]).resize((420, 420))
    told = tile.copy()
    draw = ImageDraw.Draw(told)
    for face in tagged.faces:
        box = [(at - shift) * 420 / side for at, shift in zip(face.box, (left, top) * 2, strict=True)]
        draw.rounded_rectangle(box, 6, outline=TOKENS["accent"], width=3)
    font = ImageFont.truetype(ROOT / "static" / "face" / "inter.woff2", 17)
    x = 12
    for tag in [tag for tag in tagged.tags if tag.counts(TAG_SURE)][:TAGS]:
        wide = draw.textlength(tag.word, font) + 20
        draw.rounded_rectangle([x, 378, x + wide, 408], 15, fill="#16171a")
        draw.text((x + 10, 382), tag.word, TOKENS["text"], font)
        x += wide + 6
    return np.asarray(tile), np.asarray(told)


MADE: dict[str, Callable[[], Pair]] = {"edit": edit, "replace": replace, "restore": restored, "gallery": gallery}

if __name__ == "__main__":
    main()
