"""How long a portrait takes to come apart, and how well it does, beside the network alone.

On a photo of 12 megapixels with one face (the astronaut of `examples/` or, with --data, the first photo of the folder,
either enlarged), from its file to all its mattes, the person's included:

- warm_seconds: with the models in memory, the fastest of the rounds, with the share of each step;
- cold_seconds: in a fresh process, from its start, with everything still to import and load;
- peak_mb: the most memory that this fresh process has held.

With --data, a folder with `images/N.jpg` and `masks/N.png` (the 19 classes of CelebAMask-HQ), or with both in
`portraits/`, also the IoU of the whole pipeline, from finding the face on, over all pixels of the photos that training
held back: face, hair, eyes, mouth (the inner mouth). Beside it the network alone, shown each photo as it is framed
there. Then the same of 60 portraits over which a hood, a hat or a hand is laid (`bench/composites.py`).

usage: python -m bench.portrait [--data DIR] [--all | --third] [--photos N] [--json]
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import psutil

from bench import common, composites
from envo import photo, settings
from envo.file import PhotoFile
from models import cache, weights
from models.layers import people, portrait
from models.layers.portrait.heads import FACE
from training import parts
from training.parts import Pair, shows

ROOT = Path(__file__).parent.parent
SIZE = (4000, 3000)
ROUNDS = 7
NETWORK_SIZE = 384
"""Pixels squared that the network alone is shown."""
CLASSES = {"face": FACE, "hair": ("hair",), "eyes": ("eyes",), "mouth": ("mouth",)}
"""The network's classes in each matte."""


def enlarge(source: Path, target: Path) -> None:
    """Write a JPEG of 12 megapixels: the photo enlarged to the frame's height, its edges drawn out to the sides."""
    image = cv2.imread(str(source))
    scale = SIZE[1] / image.shape[0]
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    beside = max(0, SIZE[0] - image.shape[1])
    framed = cv2.copyMakeBorder(image, 0, 0, beside // 2, beside - beside // 2, cv2.BORDER_REPLICATE)
    cv2.imwrite(str(target), framed, [cv2.IMWRITE_JPEG_QUALITY, 92])


def take_apart(file: Path) -> tuple[dict[str, float], portrait.Portrait]:
    """Make all mattes of a photo's file. Gives the seconds of each step, and the result."""
    start = time.perf_counter()
    pixels = photo.as_uint8(PhotoFile(file.read_bytes()).decode(edge=settings.WORKING_EDGE).pixels)
    opened = time.perf_counter()
    person = people.auto().matte(pixels)
    found = time.perf_counter()
    result = portrait.auto().parse(pixels, person.alpha)
    steps = {"opening": opened - start, "person": found - opened, **result.seconds}
    return steps | {"rest": time.perf_counter() - start - sum(steps.values())}, result


def cold(file: Path) -> tuple[float, float]:
    """Seconds of a fresh process that makes the mattes of a file and ends, and the most megabytes that it held."""
    script = f"from pathlib import Path; from bench.portrait import take_apart; take_apart(Path({str(file)!r}))"
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    watched, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            peak = max(peak, watched.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.005)
    if process.wait():
        raise SystemExit("the fresh process failed")
    return time.perf_counter() - start, peak / 2**20


class Overlap:
    """Intersection over union of each matte, over all photos together."""

    def __init__(self) -> None:
        self._both: Counter[str] = Counter()
        self._either: Counter[str] = Counter()

    def add(self, kind: str, inside: np.ndarray, truth: np.ndarray) -> None:
        self._both[kind] += np.count_nonzero(inside & truth)
        self._either[kind] += np.count_nonzero(inside | truth)

    def join(self, other: "Overlap") -> None:
        self._both += other._both
        self._either += other._either

    def iou(self) -> dict[str, float]:
        return {kind: self._both[kind] / max(1, self._either[kind]) for kind in CLASSES}


def compare(pairs: Iterable[Pair]) -> tuple[Overlap, Overlap]:
    """Lay the truth over what the pipeline finds, and over what the network alone does."""
    pipeline, alone = Overlap(), Overlap()
    for image, labels in pairs:
        result = portrait.auto().parse(image, people.auto().matte(image).alpha)
        bare = network_alone(image)
        for kind, names in CLASSES.items():
            truth = shows(labels, *names)
            pipeline.add(kind, result.matte(kind, result.faces) > 127, truth)
            alone.add(kind, np.isin(bare, names), truth)
    return pipeline, alone


def show(name: str, pipeline: Overlap, alone: Overlap) -> dict[str, float]:
    """Print how well some portraits come apart, and give the IoU of the pipeline."""
    print(f"\n{name:28}{'pipeline':>10}{'network alone':>16}", flush=True)
    for kind, iou in pipeline.iou().items():
        print(f"{kind:28}{iou:10.4f}{alone.iou()[kind]:16.4f}")
    return {kind: round(iou, 4) for kind, iou in pipeline.iou().items()}


def network_alone(image: np.ndarray) -> np.ndarray:
    """The likeliest class of each pixel of uint8 HxWx3, by name, when the network is shown the whole photo."""
    path = weights.path(*portrait.auto().requires)
    shown = cv2.resize(image, (NETWORK_SIZE, NETWORK_SIZE), interpolation=cv2.INTER_AREA).astype(np.float32)
    with cache.use(path, lambda: cache.onnx_session(path), 0) as session:
        (parts,) = session.run(["parts"], {"image": shown[None]})
        classes = np.array(session.get_modelmeta().custom_metadata_map["classes"].split(","))
    planes = [cv2.resize(plane, image.shape[1::-1], interpolation=cv2.INTER_LINEAR) for plane in cv2.split(parts[0])]
    return classes[np.argmax(planes, axis=0)]


def main() -> None:
    parser = common.Arguments(__doc__, "folder with images/ and masks/, or with portraits/")
    parser.add_argument("--photos", type=int, help="how many photos; all if it is not said")
    wish = parser.parse_args()
    data = wish.data and common.kind(wish.data, "portraits")

    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "photo.jpg"
        own = ROOT / "examples/astronaut.jpg"
        enlarge(min((data / "images").glob("*.jpg")) if data else own, file)
        cold_seconds, peak_mb = cold(file)
        rounds = [take_apart(file) for _ in range(ROUNDS + 1)][1:]
    steps, result = min(rounds, key=lambda each: sum(each[0].values()))
    warm_seconds = sum(steps.values())
    print(f"{'12 megapixels, warm':28}{warm_seconds:8.2f} s   {len(result.faces)} face")
    for step, seconds in steps.items():
        print(f"  {step:26}{seconds:8.2f} s   {seconds / warm_seconds:.0%}")
    print(f"{'cold, with the process':28}{cold_seconds:8.2f} s   peak {peak_mb:.0f} MB")
    numbers = {
        "warm_seconds": round(warm_seconds, 3),
        "cold_seconds": round(cold_seconds, 2),
        "peak_mb": round(peak_mb),
    }

    if data:
        files = common.asked((data / "images").glob("*.jpg"), wish, wish.photos)
        numbers["iou"] = show(f"IoU on {len(files)} photos", *compare(parts.read(data, files)))
        source = composites.read(data, files, lambda photos: common.asked(photos, wish))
        together = Overlap(), Overlap()
        for kind, pairs in composites.make(source).items():
            found = compare(pairs)
            show(f"IoU on {len(pairs)} with a {kind}", *found)
            for every, these in zip(together, found, strict=True):
                every.join(these)
        numbers["composites"] = show("IoU on all of these", *together)
    if wish.json:
        print(json.dumps(numbers))


if __name__ == "__main__":
    main()
