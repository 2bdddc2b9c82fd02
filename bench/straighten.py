"""How well photos that hang askew, lie on their side or stand on their head are put right, and how fast.

Measured on photos that no network has seen: everyday photos, scenes, portraits, and press photos of people. Each is
turned by two angles of up to 15 degrees, and by quarters. All are reduced after that, whether turned or not, so that
only what a photo shows tells how it lies. An error is by how much a photo lies other than it came: photos that hung
askew from the start count as upright, too; by how much its two views lie apart does not depend on that. Where nothing
is suggested, a photo keeps its tilt.

usage: python -m bench.straighten --data DIR [--all | --third] [--photos 60] [--json]
"""

import json
import time
from argparse import Namespace
from pathlib import Path

import cv2
import numpy as np

from bench import common
from envo import photo
from models.restore.straighten import Straighten, has_sky, turned

MOST = 15
REDUCED = 0.75
EDGE = 1000
"""Pixels of the long edge of what is looked at, at most."""
RIGHT = 1.0
"""Degrees up to which a photo is level again."""


def read(folder: Path, wish: Namespace) -> dict[str, list[np.ndarray]]:
    """Photos by kind, uint8 HxWx3."""
    kinds = {"everyday": "photos", "scenes": "regions/images", "portraits": "portraits/images"}
    chosen = {kind: common.asked((folder / name).iterdir(), wish, wish.photos) for kind, name in kinds.items()}
    chosen["people"] = common.spread(sorted((folder / "people").glob("*/*")), wish.photos)
    return {kind: [cv2.imread(str(path), cv2.IMREAD_COLOR_RGB) for path in paths] for kind, paths in chosen.items()}


def shown(image: np.ndarray, turn: int, angle: float) -> np.ndarray:
    """Turn a photo, and reduce it."""
    image = photo.resize(turned(image, turn, angle), round(EDGE / REDUCED))
    return cv2.resize(image, None, fx=REDUCED, fy=REDUCED, interpolation=cv2.INTER_AREA)


def suggested(step: Straighten, views: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Quarters and degrees by which each view would be turned; what stands on its head only by who is asked."""
    found = [step.look(view).settings for view in views]
    return tuple(np.array([settings.get(key, 0) for settings in found]) for key in ("turn", "angle"))


def tilts(step: Straighten, images: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """How many degrees off each view of each photo lies afterwards, and whether it was turned at all: both Nx2."""
    off, acted = [], []
    for number, image in enumerate(images):
        angles = np.random.default_rng(number).uniform(-MOST, MOST, 2)
        turn, back = suggested(step, [shown(image, 0, angle) for angle in angles])
        off.append(angles + back + 90 * turn)
        acted.append(back != 0)
    return np.array(off), np.array(acted)


def told(off: np.ndarray, acted: np.ndarray) -> dict[str, float | None]:
    """Sum up what `tilts` gives."""
    errors, apart, both = abs(off), abs(off[:, 0] - off[:, 1]), acted.all(1)
    return {
        "median_error": np.median(errors),
        "median_error_acted": np.median(errors[acted]) if acted.any() else None,
        "acted": acted.mean(),
        "within_1": (errors <= RIGHT).mean(),
        "within_1_acted": (errors[acted] <= RIGHT).mean() if acted.any() else None,
        "median_apart_acted": np.median(apart[both]) if both.any() else None,
    }


def quarters(step: Straighten, images: list[np.ndarray]) -> np.ndarray:
    """Whether each photo, turned by one, two and three quarters, is turned upright again: bool Nx3."""
    found = [suggested(step, [shown(image, turn, 0) for turn in (1, 2, 3)])[0] for image in images]
    return np.array(found) == [3, 2, 1]


def seconds(step: Straighten, images: list[np.ndarray]) -> float:
    """Median seconds that a look at a megapixel takes."""
    taken = []
    for image in images[:10]:
        large = cv2.resize(image, (1155, 866), interpolation=cv2.INTER_CUBIC)
        start = time.perf_counter()
        step.look(large)
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def main() -> None:
    data = "folder with photos/, regions/images/, portraits/images/ and people/"
    parser = common.Arguments(__doc__, data)
    parser.add_argument("--photos", type=int, default=60, help="how many photos of each kind")
    wish = parser.parse_with_data()

    step, result, everything = Straighten(), {}, []
    for kind, images in read(wish.data, wish).items():
        off, acted = tilts(step, images)
        right = quarters(step, images)
        turn, angle = suggested(step, [shown(image, 0, 0) for image in images])
        everything.append((off, acted))
        result[kind] = told(off, acted) | {
            "quarters_right": right.mean(),
            "untouched_turned": (turn != 0).mean(),
            "untouched_tilted": (angle != 0).mean(),
            "untouched_median": np.median(abs(angle)),
        }
        if kind in ("everyday", "scenes"):
            sky = right[[has_sky(image) for image in images]]
            result[kind] |= {"with_sky": len(sky), "quarters_right_sky": sky.mean() if len(sky) else None}
        if kind == "everyday":
            result["seconds"] = seconds(step, images)
    result["all"] = told(*(np.concatenate(part) for part in zip(*everything, strict=True)))
    result = {
        key: {name: value if value is None else round(float(value), 3) for name, value in values.items()}
        if isinstance(values, dict)
        else round(values, 2)
        for key, values in result.items()
    }
    for kind, values in result.items():
        print(kind, values if kind == "seconds" else "")
        if kind != "seconds":
            for name, value in values.items():
                print(f"  {name:20}{value if value is not None else '-':>8}")
    if wish.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
