"""No pixel comes out that the file did not put there: nothing of what other visitors' photos left in memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kinds import KINDS

PROGRAM = """
import io, json, struct, sys
import numpy as np
import tifffile
from envo.file import PhotoFile
from envo.errors import UserError
from tests.kinds import KINDS

kept = []

def leave():
    "What an earlier visitor left: memory full of one bright value, freed; what is kept between holds on to it."
    for size in 2 ** np.arange(12, 25, 2):
        many = [np.full(size, 0xEB, np.uint8) for _ in range(min(200, 2**25 // size))]
        kept.append(np.zeros(64, np.uint8))
        del many

def shortened(data, part):
    "The same file, whose strips are said to be shorter than they are."
    data = bytearray(data)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tag = file.pages[0].tags.get(279) or file.pages[0].tags[325]
        lengths, kind = np.atleast_1d(tag.value), {3: "H", 4: "I", 16: "Q"}[tag.dtype]
        order = file.byteorder
    struct.pack_into(f"{order}{len(lengths)}{kind}", data, tag.valueoffset, *(int(n * part) for n in lengths))
    return bytes(data)

def bright(image):
    "Whether there is anything that the dark photo has not, be it too bright, negative or no number."
    # The light of a RAW may lie a little outside of sRGB, beside edges and where it is dark.
    least = -1e-3
    top = np.iinfo(image.dtype).max if image.dtype.kind == "u" else 1
    pixels = np.asarray(image, np.float64) / top
    return not bool((pixels.min() >= least) and (pixels.max() <= 0.62))

y, x = np.mgrid[:300, :400]
dark = np.stack([x * 90 // 400, y * 90 // 300, (x + y) * 60 // 700], axis=2).astype(np.uint8)
leave()
assert (np.empty(2**18, np.uint8) == 0xEB).mean() > 0.5, "the trap is not set"
leaks = []
for kind in sys.argv[1:]:
    data = KINDS[kind](dark)
    files = {"whole": data} | {f"cut at {part}": data[: int(len(data) * part)] for part in (0.3, 0.6, 0.95)}
    if kind.startswith("TIFF"):
        files |= {f"strips of {part}": shortened(data, part) for part in (0.5, 0.95)}
    for name, file in files.items():
        PhotoFile(KINDS[kind](np.full_like(dark, 235))).decode()
        leave()
        try:
            read = PhotoFile(file).raster()
            alpha = True if read.alpha is None else read.alpha > 0
            seen = np.where(np.broadcast_to(np.atleast_3d(alpha), read.values.shape), read.values, 0)
            if kind not in ("JPEG CMYK", "TIFF CMYK", "TIFF palette") and bright(seen.astype(read.values.dtype)):
                leaks.append(f"{kind}, {name}: what is in the file")
            shown = PhotoFile(file).decode().pixels
            clear = np.broadcast_to(np.atleast_3d(alpha), shown.shape)
            if bright(np.where(clear, shown, 0).astype(shown.dtype)):
                leaks.append(f"{kind}, {name}: what is shown of it")
        except UserError:
            if name == "whole":
                leaks.append(f"{kind} is refused")
print(json.dumps(leaks))
"""


def found(kinds: list[str]) -> list[str]:
    """Ask a process of its own, whose memory is full of what was freed, for pixels that do not belong to a photo."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *kinds], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("family", ["JPEG", "PNG", "WebP", "GIF", "BMP", "HEIC", "AVIF", "RAW", "TIFF"])
def test_nothing_of_an_earlier_photo_is_in_a_later_one(family):
    # Of black and white pictures every second pixel is as bright as what is looked for.
    kinds = [kind for kind in KINDS if kind.split()[0] == family and kind not in ("TIFF bilevel", "TIFF fax")]
    assert found(kinds) == []
