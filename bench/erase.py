"""How well and how fast holes are filled by what comes with Envo, beside OpenCV's two methods.

Measured on 60 photos that no network has seen, at a long edge of 512 pixels, each with a thick, a thin and an
object-shaped hole: PSNR (dB) and SSIM within the hole, the perceptual distance over the hole and its rim of 8 pixels,
and seconds. `auto` is what is taken where nothing was fetched: the engine "Envo fill". The perceptual distance is that
of Zhang et al. (CVPR 2018, arXiv:1801.03924) without learnt weights, on EfficientNet-Lite0: at five scales, the squared
distance of the features, each of length one. OpenCV's methods are Telea's (2004) and the one after Navier-Stokes
(Bertalmio et al., CVPR 2001), with a radius of 5 pixels. The methods take turns on each hole. Then the seconds that
each takes with photos of one megapixel.

texture tells whether large object-shaped holes, of 3 % of the photo and more, keep the grain of what is around them or
are a blur: the energy of what is finer than 2 pixels, in the middle of the hole (deeper than half of its deepest point)
over that around it (from 4 to 32 pixels beside it). Of each place the mean over 9x9 pixels is taken, and of the middle
and of what is around the median, for one outline has more energy than a meadow; then these are summed over all holes.

usage: python -m bench.erase --data DIR [--all | --third] [--photos 60] [--json]
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from skimage.metrics import structural_similarity

from bench import common
from models import inpaint, weights
from training import holes, mattes

EDGE = 512
RIM = 8
RADIUS = 5
MEGAPIXELS = 5
"""So many photos of one megapixel are filled."""
OPENCV = ("telea", "ns")
SCORES = ("psnr", "ssim", "perceptual", "seconds")
LARGE = 0.03
"""Share of the photo from which on a hole is large."""
FINE = 2.0
PLACE = 9
BESIDE = (4, 32)
"""Pixels from and to which what lies beside a hole is around it."""

Fill = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Fills the hole, uint8 HxW of 0 and 1, of a photo, uint8 HxWx3."""


@dataclass(frozen=True)
class Case:
    kind: str
    image: np.ndarray
    """uint8 HxWx3."""
    hole: np.ndarray
    """uint8 HxW, 1 in the hole."""


def cases(photos: list[Path], things: list[np.ndarray]) -> Iterator[Case]:
    """Every photo with a hole of each kind; the same ones every time."""
    for number, path in enumerate(photos):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        image = scaled(image, EDGE / max(image.shape))
        for index, kind in enumerate(holes.KINDS):
            random = np.random.default_rng([number, index])
            yield Case(kind, image, holes.draw(random, image.shape[:2], kind, things))


def scaled(image: np.ndarray, scale: float) -> np.ndarray:
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def methods() -> dict[str, Fill]:
    def ours(name: str) -> Fill:
        return lambda image, hole: inpaint.ERASE[name].erase(image, hole * np.uint8(255)).pixels

    return {
        "auto": ours("envo-fill"),
        "patchmatch": ours("patchmatch"),
        "context_encoder": ours("context-encoder"),
        "telea": lambda image, hole: cv2.inpaint(image, hole, RADIUS, cv2.INPAINT_TELEA),
        "ns": lambda image, hole: cv2.inpaint(image, hole, RADIUS, cv2.INPAINT_NS),
    }


class Perception:
    """Tells how unlike two photos look."""

    def __init__(self) -> None:
        import torchvision  # noqa: F401  (finds faces; loaded after the TensorFlow below, it would end the process)

        # isort: split
        import keras

        from training import network

        image = keras.Input((None, None, 3))
        scales = network.encode(keras.layers.Rescaling(1 / 128, -127 / 128)(image))
        self._network = keras.Model(image, scales)
        network.load_encoder(self._network, weights.path("efficientnet-lite0"))

    def features(self, image: np.ndarray) -> list[np.ndarray]:
        """Features of uint8 HxWx3 at five scales, each float32 hxwxC of length one at every place."""
        found = (scale[0].numpy() for scale in self._network(image[None].astype(np.float32), training=False))
        return [scale / (np.linalg.norm(scale, axis=-1, keepdims=True) + 1e-6) for scale in found]

    @staticmethod
    def distance(one: list[np.ndarray], other: list[np.ndarray], where: np.ndarray) -> float:
        """Mean distance of the features where `where`, uint8 HxW, is not 0."""
        distances = []
        for a, b in zip(one, other, strict=True):
            share = cv2.resize(where.astype(np.float32), a.shape[1::-1], interpolation=cv2.INTER_AREA)
            distances.append((((a - b) ** 2).sum(-1) * share).sum() / share.sum())
        return float(np.mean(distances))


def energies(image: np.ndarray, hole: np.ndarray) -> tuple[float, float]:
    """Energy of fine detail in the middle of a hole, uint8 HxW of 0 and 1, of uint8 HxWx3, and around it."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    energy = cv2.blur(np.square(grey - cv2.GaussianBlur(grey, (0, 0), FINE)), (PLACE, PLACE))
    depth = cv2.distanceTransform(hole, cv2.DIST_L2, 5)
    beside = cv2.distanceTransform(1 - hole, cv2.DIST_L2, 5)
    around = (beside > BESIDE[0]) & (beside <= BESIDE[1])
    return float(np.median(energy[depth > depth.max() / 2])), float(np.median(energy[around]))


def measure(told: Iterable[Case]) -> tuple[dict[str, dict[str, list[tuple[float, ...]]]], dict[str, float]]:
    """`SCORES` of every case, by method and kind of hole; and the texture of large holes by method, NaN for none."""
    perception, fills = Perception(), methods()
    scores = {name: defaultdict(list) for name in fills}
    detail = {name: np.zeros(2) for name in fills}
    truth_of, truth = None, []
    for case in told:
        if case.image is not truth_of:
            truth_of, truth = case.image, perception.features(case.image)
        rim = cv2.dilate(case.hole, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
        inside = case.hole > 0
        for name, fill in fills.items():
            start = time.perf_counter()
            filled = fill(case.image, case.hole)
            seconds = time.perf_counter() - start
            error = np.mean((filled[inside].astype(np.float32) - case.image[inside]) ** 2)
            similar = structural_similarity(case.image, filled, channel_axis=2, full=True)[1]
            scores[name][case.kind].append((
                10 * np.log10(255**2 / max(error, 1e-2)),
                similar[inside].mean(),
                perception.distance(truth, perception.features(filled), rim),
                seconds,
            ))  # fmt: skip
            if case.kind == "object" and case.hole.mean() >= LARGE:
                detail[name] += energies(filled, case.hole)
    textures = {name: float(inside / around) if around else float("nan") for name, (inside, around) in detail.items()}
    return scores, textures


def megapixel_seconds(told: Iterable[Case]) -> dict[str, float]:
    """Median seconds that each method takes with photos of one megapixel and an object-shaped hole."""
    fills, seconds = methods(), defaultdict(list)
    for case in [case for case in told if case.kind == "object"]:
        scale = (1e6 / case.hole.size) ** 0.5
        image, hole = scaled(case.image, scale), cv2.resize(case.hole, None, fx=scale, fy=scale)
        for name, fill in fills.items():
            start = time.perf_counter()
            fill(image, hole)
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in seconds.items()}


def summary(kinds: dict[str, list[tuple[float, ...]]]) -> dict:
    """Means of `SCORES`, over all holes and by kind."""

    def means(values: list[tuple[float, ...]]) -> dict[str, float]:
        return {score: round(float(mean), 4) for score, mean in zip(SCORES, np.mean(values, 0), strict=True)}

    return means(list(chain(*kinds.values()))) | {kind: means(values) for kind, values in kinds.items()}


def main() -> None:
    parser = common.Arguments(__doc__, "folder with photos/ and photo-mattes/")
    parser.add_argument("--photos", type=int, default=60, help="how many photos")
    wish = parser.parse_with_data()

    files = common.asked((wish.data / "photos").iterdir(), wish)
    things, photos = mattes.outlines(wish.data, files), files[: wish.photos]
    first = next(cases(photos, things))
    for fill in methods().values():  # what is loaded once does not count
        fill(first.image, first.hole)
    scores, textures = measure(cases(photos, things))
    result = {name: summary(kinds) for name, kinds in scores.items()}
    megapixel = megapixel_seconds(cases(photos[:MEGAPIXELS], things))
    for kind in (None, *holes.KINDS):
        values = {name: told[kind] if kind else told for name, told in result.items()}
        print(f"\n{kind or 'all holes':16}" + "".join(f"{score:>12}" for score in SCORES))
        for name, scores in values.items():
            print(f"{name:16}" + "".join(f"{scores[score]:12.3f}" for score in SCORES))
        nearest = min(values[name]["perceptual"] for name in OPENCV)
        clearest = max(values[name]["psnr"] for name in OPENCV)
        farther = values["auto"]["perceptual"] / nearest - 1
        gain = values["auto"]["psnr"] - clearest
        print(f"auto beside the better of OpenCV's: perceptual distance {farther:+.1%}, PSNR {gain:+.2f} dB")
    print("\ntexture of large holes: " + ", ".join(f"{name} {value:.2f}" for name, value in textures.items()))
    print("seconds with one megapixel: " + ", ".join(f"{name} {value:.2f}" for name, value in megapixel.items()))
    if wish.json:
        for name, seconds in megapixel.items():
            result[name] |= {"megapixel_seconds": round(seconds, 3), "texture": round(textures[name], 3)}
        print(json.dumps(result))


if __name__ == "__main__":
    main()
