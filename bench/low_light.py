"""How well dark photos are brightened, beside OpenCV's CLAHE and doing nothing, and how fast.

Measured on everyday photos that the network has not seen, underexposed by 2, 3 and 4 stops with a camera's noise: PSNR
against the photo as it was. CLAHE (Zuiderveld 1994) works on the lightness, with several clip limits; the best of them
counts. Beside it: what is left of the same photos when they are not dark at all, whether the look at a photo asks for
the step, and the seconds that 24 megapixels take. The methods take turns.

usage: python -m bench.low_light --data DIR [--all | --third] [--photos N] [--json]
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable

import cv2
import numpy as np

from bench import common
from models.restore.light import LowLight
from training import augment
from training.photos import psnr

STOPS = (2, 3, 4)
CLIP_LIMITS = (2, 8, 40)
LARGE = (4000, 6000)
"""Height and width of 24 megapixels."""
ROUNDS = 5

Method = Callable[[np.ndarray], np.ndarray]


def clahe(limit: float) -> Method:
    def method(image: np.ndarray) -> np.ndarray:
        lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
        lightness = cv2.createCLAHE(clipLimit=limit, tileGridSize=(8, 8)).apply(np.ascontiguousarray(lab[..., 0]))
        return cv2.cvtColor(np.dstack([lightness, lab[..., 1:]]), cv2.COLOR_LAB2RGB)

    return method


def methods(step: LowLight) -> dict[str, Method]:
    return {
        "nothing": lambda image: image,
        **{f"clahe {limit}": clahe(limit) for limit in CLIP_LIMITS},
        "ours": lambda image: step.apply(image, step.checked({})).pixels,
    }


def main() -> None:
    parser = common.Arguments(__doc__, "folder with photos/")
    parser.add_argument("--photos", type=int, help="how many photos; all if it is not said")
    wish = parser.parse_with_data()

    step = LowLight()
    tried = methods(step)
    files = common.asked((wish.data / "photos").iterdir(), wish, wish.photos)
    photos = [cv2.imread(str(path), cv2.IMREAD_COLOR_RGB) for path in files]
    scores = {name: defaultdict(list) for name in tried}
    kept, wanted = [], defaultdict(list)
    for number, photo in enumerate(photos):
        kept.append(psnr(tried["ours"](photo), photo))
        wanted[0].append(step.look(photo).wanted)
        for stops in STOPS:
            dark = augment.darken(np.random.default_rng([number, stops]), photo, stops)
            wanted[stops].append(step.look(dark).wanted)
            for name, method in tried.items():
                scores[name][stops].append(psnr(method(dark), photo))

    seconds = defaultdict(list)
    for photo in photos[:ROUNDS]:
        large = cv2.resize(augment.darken(np.random.default_rng(0), photo, 3), LARGE[::-1])
        for name, method in tried.items():
            start = time.perf_counter()
            method(large)
            seconds[name].append(time.perf_counter() - start)

    result = {}
    for name, by_stops in scores.items():
        result[name] = {str(stops): round(float(np.mean(values)), 2) for stops, values in by_stops.items()}
        result[name]["psnr"] = round(float(np.mean(list(by_stops.values()))), 2)
        result[name]["seconds_24mp"] = round(float(np.median(seconds[name])), 3)
    best = max((name for name in result if name.startswith("clahe")), key=lambda name: result[name]["psnr"])
    print(f"{len(photos)} photos" + "".join(f"{f'{stops} stops':>10}" for stops in STOPS) + "      mean  s, 24 MP")
    for name, values in result.items():
        print(f"{name:9}" + "".join(f"{value:10.2f}" for value in values.values()))
    gain = result["ours"]["psnr"] - result[best]["psnr"]
    print(f"ours beside the best CLAHE, {best}: {gain:+.2f} dB")
    shares = {stops: float(np.mean(values)) for stops, values in wanted.items()}
    print(f"not darkened: {np.mean(kept):.1f} dB on average, {np.percentile(kept, 10):.1f} dB in the worst tenth")
    print("asked for: " + ", ".join(f"{stops} stops {share:.0%}" for stops, share in shares.items()))
    if wish.json:
        told = {name: result[name] for name in ("nothing", "ours")} | {"clahe": result[best]}
        told |= {"normal_psnr": round(float(np.mean(kept)), 2), "gain": round(gain, 2)}
        print(json.dumps(told | {"wanted": {str(stops): round(share, 3) for stops, share in shares.items()}}))


if __name__ == "__main__":
    main()
