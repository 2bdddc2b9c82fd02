"""Makes what Envo is known by, in `static/face/`: `python -m docs.face`, or `typeface`, `icons` or `card` alone.

The typeface is Inter (SIL Open Font License 1.1), which npm fetches.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from PIL import Image
from playwright.sync_api import sync_playwright

from tabs.theme import TOKENS, WEIGHTS
from tests import chromium

FACE = Path(__file__).parents[1] / "static" / "face"
EXAMPLES = FACE.parents[1] / "examples"
PACKAGE = "inter-ui@4.1.1"
CHARACTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),  # Latin-1, Latin Extended-A
    *range(0x370, 0x400),  # Greek
    *range(0x400, 0x460),  # Cyrillic
    *map(ord, "‐‑‒–—‘’‚“”„†•…‰′″‹›€™←↑→↓−★☆✓"),
)
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "case"]
ICONS = (180, 192, 512)
"""Pixels of a side: what phones, and programs that know no SVG, ask for."""
CARD = (1200, 630)
"""Pixels: what is shown of a page where somebody tells others of it."""


def main() -> None:
    for name in sys.argv[1:] or MADE:
        MADE[name]()


def typeface() -> None:
    """Make a variable WOFF2 of the characters and weights that are used."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        with tarfile.open(next(Path(folder).iterdir())) as package:
            font = TTFont(io.BytesIO(package.extractfile("package/variable/InterVariable.woff2").read()))
            licence = package.extractfile("package/LICENSE.txt").read()
    chosen = subset.Subsetter(subset.Options(layout_features=FEATURES))
    chosen.populate(unicodes=CHARACTERS)
    chosen.subset(font)
    font = instancer.instantiateVariableFont(font, {"opsz": 14, "wght": WEIGHTS})
    font.flavor = "woff2"
    font.save(FACE / "inter.woff2")
    (FACE / "inter-licence.txt").write_bytes(licence)


def icons() -> None:
    """Make pictures of the icon, which is drawn as SVG."""
    drawing = (FACE / "icon.svg").read_text()
    for side in ICONS:
        style = "<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>"
        picture = _picture(style + drawing, (side, side), FACE)
        picture.quantize(64).save(FACE / f"icon-{side}.png", optimize=True)


def card() -> None:
    """Make the card: the name, what Envo does, and a photo before and after."""
    picture = _picture(CARD_PAGE, CARD, EXAMPLES).convert("RGB")
    picture.save(FACE / "card.jpg", quality=85, optimize=True, progressive=True)


def _picture(page: str, size: tuple[int, int], folder: Path) -> Image.Image:
    """What Chromium draws of a page that lies in a folder, `size` of it."""
    with sync_playwright() as playwright, tempfile.NamedTemporaryFile("w", suffix=".html", dir=folder) as file:
        file.write(page)
        file.flush()
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        window = browser.new_page(viewport={"width": size[0], "height": size[1]})
        window.goto(Path(file.name).as_uri())
        window.evaluate("() => document.fonts.ready")
        shot = window.screenshot(omit_background=True)
        browser.close()
    return Image.open(io.BytesIO(shot)).convert("RGBA")


CARD_PAGE = f"""<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: Inter; src: url(../static/face/inter.woff2); font-weight: {WEIGHTS[0]} {WEIGHTS[1]} }}
body {{ margin: 0; display: flex; background: {TOKENS["bg"]}; color: {TOKENS["text"]}; font-family: Inter }}
section {{ flex: 1; display: flex; flex-direction: column; justify-content: center; padding: 0 40px 0 64px }}
b {{ font-size: 120px; font-weight: 650; line-height: 1 }}
i {{ color: {TOKENS["accent"]}; font-style: normal }}
p {{ margin: 34px 0 0; font-size: 32px; line-height: 1.4 }}
small {{ margin-top: 34px; color: {TOKENS["dim"]}; font-size: 24px; line-height: 1.4 }}
figure {{ position: relative; width: 630px; height: 630px; margin: 0; background: url(astronaut.jpg) 0 / cover }}
figure::before {{ position: absolute; inset: 0 50% 0 0; content: ""; border-right: 3px solid #fff;
  background: url(astronaut.jpg) 0 / 630px; filter: sepia(.55) contrast(.72) brightness(.82) saturate(.6) }}
</style><section><b>env<i>o</i></b><p>Edit, restore and replace: a photo studio in a browser tab.</p>
<small>Open source. Your photos stay yours.</small></section><figure></figure>"""

MADE = {"typeface": typeface, "icons": icons, "card": card}

if __name__ == "__main__":
    main()
