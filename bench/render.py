"""How fast a large photo with an edit becomes a file, and how much memory that takes.

A JPEG of 24 megapixels is decoded, ten adjustments on three layers, two of them with masks, are rendered, and a TIFF of
16 bits, deflated, is written with what the photo tells. Each run is a process of its own, which has exported a small
photo before, as a server that has been running for a while; `peak_mb` is all that it holds. What is made once a photo
lies ready in either case: mattes, maps, and what it is without its noise.

- seconds, peak_mb: of `export.edited`;
- seconds_more, peak_more_mb: with clarity, noise reduction and geometry on top;
- numpy_seconds, ratio: of the same in plain NumPy (`tests/plain.py`) with the same files, and how much longer it takes;
- darktable_seconds, darktable_ratio: of darktable-cli with exposure, tone equaliser, local contrast and denoise
  (non-local means) on its default modules, without OpenCL; what it takes for a tiny photo, in which it starts, is taken
  off. null where it is not installed.

All take turns; each number is the median of the rounds. cpu_seconds is what all cores together took, which other work
on the machine sways less.

usage: python -m bench.render [--data DIR] [--rounds 3] [--megapixels 24] [--without-numpy] [--json]
"""

import json
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench import common
from tests.conftest import EXAMPLES, ROOT

DARKTABLE = "darktable-cli"
SEED = 21
LAYERS = [
    {"id": "image", "adjustments": {"exposure": 0.3, "contrast": 20, "highlights": -40, "shadows": 35, "vibrance": 25}},
    {"id": "background", "mask": {"kind": "background", "feather": 4}, "adjustments": {"temperature": -15, "hue": 3}},
    {"id": "person", "mask": {"kind": "person"}, "adjustments": {"brightness": 12, "saturation": 10, "tint": 6}},
]  # fmt: skip
MORE = {"clarity": 30, "noise_luminance": 50, "noise_colour": 50}
GEOMETRY = {"angle": 1.5, "vertical": 8}
WAYS = ("ours", "more", "numpy")


def main() -> None:
    arguments = common.Arguments(__doc__, "folder with photos, of which the largest is taken", parted=False)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--megapixels", type=float, default=24, help="of the photo, which is resized if need be")
    arguments.add_argument("--without-numpy", action="store_true", help="leave out what takes minutes")
    arguments.add_argument("--run", choices=WAYS, help="run one way once, in this process")
    arguments.add_argument("--photo", type=Path, help="for --run: a JPEG")
    wish = arguments.parse_args()
    if wish.run:
        print(json.dumps(run(wish.run, wish.photo)))
        return
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder, "photo.jpg")
        Image.fromarray(pixels(wish.data, wish.megapixels)).save(photo, quality=92)
        done = measured(photo, wish.rounds, WAYS[:2] if wish.without_numpy else WAYS)
    print("\n".join(f"{name:18} {value if value is None else round(value, 2)}" for name, value in done.items()))
    if wish.json:
        print(json.dumps(done))


def pixels(folder: Path | None, megapixels: float) -> np.ndarray:
    """Make a photo of about so many megapixels, uint8 HxWx3, three to two: a folder's largest, or photos side by side.

    Those that come with scikit-image are enlarged for it and get some noise, lest they compress better than photos do.
    """
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    size = (round(1.5 * height), height)
    if folder:
        files = [each for each in folder.rglob("*") if each.suffix.lower() in (".jpg", ".jpeg", ".png")]
        largest = max(files, key=lambda path: np.prod(Image.open(path).size))
        return np.asarray(Image.open(largest).convert("RGB").resize(size, Image.Resampling.BICUBIC))
    from skimage import data

    whole = Image.new("RGB", size)
    kinds = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    tile = (size[0] // 4 + 1, size[1] // 4 + 1)
    for number in range(16):
        part = Image.fromarray(np.roll(kinds[number % 4], 40 * number, axis=1)).resize(tile, Image.Resampling.BICUBIC)
        whole.paste(part, (number % 4 * tile[0], (number // 4 + number) % 4 * tile[1]))
    noise = np.random.default_rng(SEED).normal(0, 3, (*size[::-1], 3)).astype(np.float32)
    return np.clip(np.asarray(whole) + noise, 0, 255).astype(np.uint8)


def measured(photo: Path, rounds: int, ways: tuple[str, ...]) -> dict[str, Any]:
    """Run all ways in turn."""
    seen: dict[str, list[dict]] = {way: [] for way in ways}
    darktable: list[float] = []
    for _ in range(rounds):
        for way in ways:
            command = [sys.executable, "-m", "bench.render", "--run", way, "--photo", str(photo)]
            told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
            seen[way].append(json.loads(told.splitlines()[-1]))
        if shutil.which(DARKTABLE):
            darktable.append(by_darktable(photo))

    def median(way: str, name: str) -> float | None:
        return statistics.median(each[name] for each in seen[way]) if seen.get(way) else None

    seconds = median("ours", "seconds")
    numpy_seconds, darktable_seconds = median("numpy", "seconds"), statistics.median(darktable) if darktable else None
    return {
        "seconds": seconds,
        "cpu_seconds": median("ours", "cpu"),
        "peak_mb": median("ours", "peak_mb"),
        "seconds_more": median("more", "seconds"),
        "cpu_seconds_more": median("more", "cpu"),
        "peak_more_mb": median("more", "peak_mb"),
        "numpy_seconds": numpy_seconds,
        "ratio": numpy_seconds and numpy_seconds / seconds,
        "darktable_seconds": darktable_seconds,
        "darktable_ratio": darktable_seconds and darktable_seconds / seconds,
    }


def run(way: str, path: Path) -> dict[str, float]:
    """Export a photo once, after a small one; gives seconds of the clock and of all cores, and what was held."""
    from envo.file import PhotoFile

    data = path.read_bytes()
    material = _material(PhotoFile(data), is_noisy=way == "more")
    small = EXAMPLES / "astronaut.jpg"
    export = _by_numpy if way == "numpy" else _by_envo
    export(PhotoFile(small.read_bytes()), way, _material(PhotoFile(small.read_bytes()), is_noisy=way == "more"))
    begun, used = time.perf_counter(), time.process_time()
    made = export(PhotoFile(data), way, material)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    assert made[:4] == b"II*\0"
    return {
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "file_mb": len(made) / 2**20,
    }


def _material(file: Any, is_noisy: bool) -> Any:
    """Make what lies ready of a photo, of a small copy where that is as well."""
    import cv2

    from envo import maps, photo
    from envo.material import Material

    small = file.decode(photo_edge := 2048).pixels
    height, width = small.shape[:2]
    y, x = np.mgrid[:height, :width] / photo_edge
    person = np.clip(3 - 8 * np.hypot(x - 0.35, y - 0.35), 0, 1)
    mattes = {"person": (255 * person).astype(np.uint8), "background": (255 * (1 - person)).astype(np.uint8)}
    clean = cv2.blur(file.decode().pixels, (3, 3)) if is_noisy else None
    return Material(mattes, maps.make(photo.resize(small, 1024)), clean)


def _document(way: str) -> Any:
    from envo.edits import parse

    whole, *others = LAYERS
    if way != "more":
        return parse({"schema": 2, "layers": LAYERS})
    whole = whole | {"adjustments": whole["adjustments"] | MORE}
    return parse({"schema": 2, "layers": [whole, *others], "geometry": GEOMETRY})


def _by_envo(file: Any, way: str, material: Any) -> bytes:
    from envo import export
    from envo.exportsettings import ExportSettings

    return export.edited(file, _document(way), material, ExportSettings(format="TIFF", depth=16)).data


def _by_numpy(file: Any, way: str, material: Any) -> bytes:
    from envo import strips
    from envo.bands import Picture, band_rows
    from envo.containers import Told
    from envo.output import Output
    from tests import plain

    made = plain.render(file.decode(wide=True), _document(way), material, Output(depth="uint16"))
    height, width = made.shape[:2]
    rows = Picture((width, height), "uint16", lambda top, bottom: made[top:bottom], b"", band_rows(width))
    return strips.tiff(rows, Told(), lambda: None, lambda fraction: None)


def by_darktable(path: Path) -> float:
    """Give the seconds that darktable-cli takes for a photo, its start taken off."""
    with tempfile.TemporaryDirectory() as folder:
        edit, tiny = Path(folder, "edit.xmp"), Path(folder, "tiny.jpg")
        edit.write_text(_sidecar())
        Image.open(path).resize((60, 40)).save(tiny)
        seconds = []
        for each in (tiny, path):
            command = [DARKTABLE, str(each), str(edit), str(Path(folder, f"{each.stem}.tif")), "--core"]
            command += ["--configdir", folder, "--disable-opencl", "--library", ":memory:"]
            command += [
                "--conf",
                "plugins/imageio/format/tiff/bpp=16",
                "--conf",
                "plugins/imageio/format/tiff/compress=1",
            ]
            begun = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True, env=os.environ | {"HOME": folder})
            seconds.append(time.perf_counter() - begun)
            assert Path(folder, f"{each.stem}.tif").exists()
    return seconds[1] - seconds[0]


def _sidecar() -> str:
    """Write the modules that are on beside the default ones, with the values that they have when they are put on.

    The structures are those of darktable 4.2: exposure 6, toneequal 2, bilat 3 (local Laplacian), nlmeans 2.
    """
    modules = {
        "exposure": (6, struct.pack("<i4fi", 0, 0.0, 0.3, 50.0, -4.0, 0)),
        "toneequal": (
            2,
            struct.pack("<15f3i", 0, 0, 0.2, 0.4, 0.3, 0, -0.2, -0.3, 0, 5.0, 1.414, 1.0, 0, 0, 0, 4, 4, 1),
        ),
        "bilat": (3, struct.pack("<I4f", 1, 0.5, 0.5, 0.25, 0.5)),
        "nlmeans": (2, struct.pack("<4f", 2.0, 50.0, 0.5, 1.0)),
    }
    history = "".join(
        f'<rdf:li darktable:num="{number}" darktable:operation="{name}" darktable:enabled="1" '
        f'darktable:modversion="{version}" darktable:params="{values.hex()}" darktable:multi_name="" '
        f'darktable:multi_priority="0"/>'
        for number, (name, (version, values)) in enumerate(modules.items())
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:darktable="http://darktable.sf.net/" darktable:xmp_version="5" darktable:raw_params="0" '
        f'darktable:auto_presets_applied="0" darktable:history_end="{len(modules)}"><darktable:history><rdf:Seq>'
        f"{history}</rdf:Seq></darktable:history></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


if __name__ == "__main__":
    main()
