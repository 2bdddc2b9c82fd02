"""How many film negatives are recognised, how many photos are taken for one, and how near the positives come.

Negatives are made of photos that no network has seen (`training/film.py`): colour film and black-and-white, in turn,
each of a roll, a scan and surroundings of its own, with a fixed seed. Recognised is what a look says of them. False
alarms are photos as they are, and as they would be in sepia, grey, and evening light, for which a look says so, too.

How near a positive comes is CIEDE2000, the mean over a photo's pixels and all photos, beside the simple way: each
channel's reverse, stretched from its half-percentile to its 99.5th. Black and white is compared with the photo without
colours. The worst ones are named.

usage: python -m bench.negatives --data DIR [--all | --third] [--photos 100] [--json]
"""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from bench import common
from envo import negative, photo
from models import restore
from training import film

SETS = ("photos", "regions/images", "people", "portraits/images")
EDGE = 512
"""Pixels of the long edge at which photos are measured."""
COMPARED = 192
"""The same at which positives are compared."""
SHOWN = 10
"""So many of the worst are named."""


def simple(made: np.ndarray) -> np.ndarray:
    """Reverse uint8 HxWx3 and stretch each channel, as simple programs do."""
    other = 255 - made.astype(np.float32)
    low, high = np.quantile(other, (0.005, 0.995), axis=(0, 1))
    return np.clip((other - low) / np.maximum(high - low, 1) * 255, 0, 255).astype(np.uint8)


def colourless(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def tones(image: np.ndarray) -> dict[str, np.ndarray]:
    """Give a photo, uint8 HxWx3, in the ways in which it is no negative either."""
    grey = colourless(image)
    other = {"sepia": grey * [1.07, 0.74, 0.43] + [18, 10, 6], "evening": image * [1.0, 0.75, 0.45]}
    return {"as it is": image, "grey": grey} | {
        name: np.clip(np.rint(pixels), 0, 255).astype(np.uint8) for name, pixels in other.items()
    }


def error(image: np.ndarray, truth: np.ndarray) -> float:
    one, other = (rgb2lab(photo.resize(np.ascontiguousarray(each), COMPARED)) for each in (image, truth))
    return float(deltaE_ciede2000(one, other).mean())


def files(wish: Any) -> list[Path]:
    """Name the photos of all sets, so many of each at most."""
    named = []
    for name in SETS:
        if (wish.data / name).is_dir():
            found = [file for file in (wish.data / name).rglob("*") if file.suffix.lower() in (".jpg", ".jpeg", ".png")]
            named += common.asked(found, wish, wish.photos)
    return named


def main() -> None:
    parser = common.Arguments(__doc__, "folder with photos/, regions/, people/ or portraits/")
    parser.add_argument("--photos", type=int, default=100, help="how many photos of each set at most")
    wish = parser.parse_with_data()
    step = restore.STEPS[restore.NEGATIVE]
    seen: dict[bool, list[bool]] = {False: [], True: []}
    errors: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    alarms: dict[str, list[bool]] = {}
    worst = []
    for number, file in enumerate(files(wish)):
        image = photo.resize(cv2.imread(str(file), cv2.IMREAD_COLOR_RGB), EDGE)
        for name, pixels in tones(image).items():
            alarms.setdefault(name, []).append(step.look(pixels).wanted)
            if alarms[name][-1]:
                print(f"  taken for a negative: {file.name}, {name}")
        grey = number % 2 == 1
        made = film.drawn(np.random.default_rng(number), image, grey)
        seen[grey].append(step.look(made).wanted)
        where, truth = film.inside(made, image.shape[1::-1]), colourless(image) if grey else image
        ours = negative.positive(made, negative.Scan.of(made).developed(grey))
        errors[grey].append((error(ours[where], truth), error(simple(made)[where], truth)))
        worst.append((errors[grey][-1][0], file.name))
    told = {
        "recognised": round(float(np.mean(seen[False] + seen[True])), 4),
        "recognised_colour": round(float(np.mean(seen[False])), 4),
        "recognised_grey": round(float(np.mean(seen[True])), 4),
        "false_alarms": round(float(np.mean(alarms["as it is"])), 4),
        "false_alarms_toned": {name: round(float(np.mean(each)), 4) for name, each in alarms.items()},
    }
    ours, reverse = np.mean(errors[False] + errors[True], 0)
    told |= {"delta_e": round(float(ours), 2), "delta_e_invert": round(float(reverse), 2)}
    for grey, name in ((False, "colour"), (True, "black and white")):
        ours, reverse = np.mean(errors[grey], 0)
        print(f"{name:16} {np.mean(seen[grey]):.3f} recognised, CIEDE2000 {ours:.1f}, simply reversed {reverse:.1f}")
    print(", ".join(f"{name}: {np.mean(each):.4f} taken for one" for name, each in alarms.items()))
    print("worst:", ", ".join(f"{name} {value:.1f}" for value, name in sorted(worst, reverse=True)[:SHOWN]))
    if wish.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
