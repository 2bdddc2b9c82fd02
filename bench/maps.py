"""How good and how quick it is to make what an edit only mixes in: a photo without its noise, and its maps.

Noise, beside non-local means: on everyday photos that the network has not seen, at the size they have, with a camera's
noise of 10 and 25 of 255, PSNR against the photo as it was. Non-local means (Buades et al. 2005) is OpenCV's for
colours; its two strengths are those that are best on some of the photos that the network has seen, chosen for each of
the two noises. Beside it: what is left of photos that have no noise, and the seconds that 12 megapixels take. The
methods take turns.

Maps of structure and haze, beside a guided filter of the same three scales at full size, for which they stand: the
seconds that 12 megapixels take, decoded. OpenCV's own guided filter is in a package of its own; this one is made of the
same box filters.

usage: python -m bench.maps --data DIR [--all | --third] [--photos N] [--json]
"""

import itertools
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from bench import common
from envo import maps
from envo.colour import srgb_to_linear
from models import noise
from training import augment, heldback
from training.photos import psnr

SIGMAS = (10, 25)
LUMINANCE, COLOUR = (0.3, 0.5, 0.75, 1.0), (0.4, 0.7, 1.0)
"""Strengths of non-local means that are tried, as shares of sigma."""
CHOSEN_ON = 4
"""Photos by which they are chosen."""
LARGE = (3000, 4000)
"""Height and width of 12 megapixels."""
ROUNDS = 3

Method = Callable[[np.ndarray], np.ndarray]


def read(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)


def non_local_means(luminance: float, colour: float) -> Method:
    return lambda image: cv2.fastNlMeansDenoisingColored(image, None, luminance, colour)


def noisy(photo: np.ndarray, sigma: int, number: int) -> np.ndarray:
    return augment.camera_noise(np.random.default_rng([number, sigma]), photo, sigma)


def best(files: Iterable[Path], sigma: int) -> Method:
    """Non-local means as it does best on some photos."""
    photos = list(map(read, files))
    images = [noisy(photo, sigma, number) for number, photo in enumerate(photos)]

    def score(method: Method) -> float:
        return float(np.mean([psnr(method(image), photo) for image, photo in zip(images, photos, strict=True)]))

    tried = [non_local_means(sigma * one, sigma * other) for one, other in itertools.product(LUMINANCE, COLOUR)]
    return max(tried, key=score)


def main() -> None:
    parser = common.Arguments(__doc__, "folder with photos/")
    parser.add_argument("--photos", type=int, default=24, help="how many photos; 24 if it is not said")
    wish = parser.parse_with_data()

    folder = common.kind(wish.data, "photos")
    files = common.asked(folder.iterdir(), wish, wish.photos)
    choosing = common.spread(heldback.split(folder.iterdir())[0], CHOSEN_ON)
    photos = list(map(read, files))
    psnrs = {"nothing": [], "non-local means": [], "ours": []}
    for sigma in SIGMAS:
        methods = {"nothing": lambda image: image, "non-local means": best(choosing, sigma), "ours": noise.denoise}
        for name in methods:
            psnrs[name].append([])
        for number, photo in enumerate(photos):
            image = noisy(photo, sigma, number)
            for name, method in methods.items():
                psnrs[name][-1].append(psnr(method(image), photo))
    kept = [psnr(noise.denoise(photo), photo) for photo in photos]
    means = {name: np.mean(scores, 1) for name, scores in psnrs.items()}
    seconds = {"nothing": 0.0} | timed(photos[0], methods)

    print(f"{len(photos)} photos" + "".join(f"{f'sigma {sigma}':>12}" for sigma in SIGMAS) + "   s, 12 MP")
    for name, scores in means.items():
        print(f"{name:16}" + "".join(f"{score:9.2f} dB" for score in scores) + f"{seconds[name]:10.2f}")
    gains = means["ours"] - means["non-local means"]
    print(f"ours beside non-local means: {', '.join(f'{gain:+.2f} dB' for gain in gains)}")
    maps_seconds, guided_seconds = beside_guided(photos[0])
    print(f"without noise: {np.mean(kept):.1f} dB on average, {np.percentile(kept, 10):.1f} dB in the worst tenth")
    print(f"maps: {maps_seconds:.2f} s, guided filter: {guided_seconds:.2f} s, 12 megapixels")
    if wish.json:
        found = {"maps_seconds": round(maps_seconds, 3), "guided_seconds": round(guided_seconds, 2)}
        told = {"denoise_seconds": round(seconds["ours"], 2), "nlm_seconds": round(seconds["non-local means"], 2)}
        told |= {"denoise_psnr": round(float(means["ours"].mean()), 2)}
        told |= {"nlm_psnr": round(float(means["non-local means"].mean()), 2)}
        print(json.dumps(found | told | {"clean_psnr": round(float(np.mean(kept)), 2)}))


def timed(photo: np.ndarray, methods: dict[str, Method]) -> dict[str, float]:
    """Seconds that each method takes for 12 megapixels: the least of some rounds; of what takes long, one will do."""
    large = noisy(cv2.resize(photo, LARGE[::-1]), SIGMAS[-1], 0)
    methods["ours"](large)  # what is loaded at first
    seconds: dict[str, list[float]] = {"ours": [], "non-local means": []}
    for number in range(ROUNDS):
        for name in seconds if number == 0 else ("ours",):
            start = time.perf_counter()
            methods[name](large)
            seconds[name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in seconds.items()}


def guided(light: np.ndarray) -> None:
    """The bases of lightness, float32 HxW, as the guided filter makes them at full size (He et al. 2013)."""
    for share, _, least in maps.SCALES:
        side = 2 * round(share * max(light.shape)) + 1

        def mean(values: np.ndarray, side: int = side) -> np.ndarray:
            return cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT)

        middle = mean(light)
        variance = mean(light * light) - middle * middle
        a = variance / (variance + least)
        mean(a) * light + mean((1 - a) * middle)


def beside_guided(photo: np.ndarray) -> tuple[float, float]:
    """Seconds that maps take for 12 megapixels, and the guided filter."""
    large = cv2.resize(photo, LARGE[::-1], interpolation=cv2.INTER_CUBIC)
    light = maps.lightness(srgb_to_linear(large / np.float32(255)).astype(np.float32))
    seconds: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for times, work in zip(seconds, (lambda: maps.make(large), lambda: guided(light)), strict=True):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    return min(seconds[0]), min(seconds[1])


if __name__ == "__main__":
    main()
