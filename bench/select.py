"""How well and how fast clicks select, beside OpenCV's GrabCut; and what preparing a photo once saves SAM.

On photos that the network has not seen, for each target: the first click goes to its centre, each next one to the
centre of the largest error (RITM, Sofiiuk et al. 2021, arXiv:2102.06583). Targets: regions as people drew them
(BSDS500), parts of portraits and unions of them (CelebAMask-HQ), and whole things whose matte is sure. Measured is the
mean IoU after one, three and five clicks; and of all that is offered after one click the best one's IoU, as somebody
reaches it who steps through it, and for how many clicks the sizes of what is offered differ by a quarter at least.

GrabCut (Rother et al., SIGGRAPH 2004) is given clicks by the same rule, about its own errors, and the photo at a long
edge of 384 pixels: each click as a disc of what is probable, the first one a larger one, with certain pixels at its
centre; and from the second click on its answer so far. The two take turns.

SAM ViT-Base is measured with its own weights where they are there, else with weights drawn from its configuration.

usage: python -m bench.select --data DIR [--all | --third] [--photos N] [--json]
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench import common, sam
from envo import settings
from models import select
from models.select import Prompt, clicks
from training import mattes

CLICKS = 5
TOLD = (1, 3, 5)
GRABCUT_EDGE = 384
FIRST_DISC, LATER_DISC = 0.12, 0.06
"""Radii of GrabCut's discs of what is probable, as shares of the photo's short edge."""
CERTAIN = 0.03
"""Radius about a click that is certain, the same way."""
REGIONS_EACH = 3
"""Regions of a photo of BSDS500 that are meant."""
EXAMPLE = Path(__file__).parent.parent / "examples/coffee.jpg"
SAM_ROUNDS = 5
LESS = 0.75
"""Share of the area of a larger mask that a smaller one beside it may have."""
LEAST = 0.01
"""Share of the frame that a target covers at least."""

PARTS = {
    "skin and features": (1, 2, 3, 4, 5, 6, 7, 10, 11, 12),
    "head": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    "person": tuple(range(1, 19)),
    "background": (0,),
    "mouth": (10, 11, 12),
    "nose": (2,),
    "glasses": (3,),
    "eye": (4,),
    "brow": (6,),
    "ear": (8,),
    "hair": (13,),
    "hat": (14,),
    "neck": (17,),
    "clothes": (18,),
}
"""What somebody may mean in a portrait: classes of CelebAMask-HQ."""

Engine = Callable[[np.ndarray], Callable[[list[tuple[int, int, bool]]], list[np.ndarray]]]
"""Takes in a photo, uint8 HxWx3; what it gives answers clicks (x, y, adds) with masks, bool HxW, best first."""
Choose = Callable[[Iterable[Path]], list[Path]]
"""Tells which of a folder's photos to measure by."""


@dataclass
class Scores:
    """What an engine reached, one target after the other."""

    ious: list[list[float]] = field(default_factory=list)
    """After each of `TOLD` clicks."""
    seconds: list[float] = field(default_factory=list)
    """Of each click."""
    best: list[float] = field(default_factory=list)
    """Of all masks that the first click was answered with."""
    differ: list[bool] = field(default_factory=list)
    """Whether of these each smaller one has at most three quarters of the larger one's area."""

    def __add__(self, other: "Scores") -> "Scores":
        parts = (getattr(self, each.name) + getattr(other, each.name) for each in fields(self))
        return Scores(*parts)

    def mean(self) -> dict[str, float]:
        return {str(number): round(float(iou), 4) for number, iou in zip(TOLD, np.mean(self.ious, 0), strict=True)}


def regions(folder: Path, choose: Choose) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Photos and regions of them, bool HxW."""
    random = np.random.default_rng(0)
    for path in choose((folder / "images").glob("*.jpg")):
        files = sorted((folder / "labels").glob(f"{path.stem}_*.png"))
        for _ in range(REGIONS_EACH):
            labels = np.asarray(Image.open(files[random.integers(len(files))]))
            numbers, counts = np.unique(labels, return_counts=True)
            yield read(path), labels == random.choice(numbers[counts > LEAST * labels.size])


def portraits(folder: Path, choose: Choose) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Photos, each with one of `PARTS`."""
    random = np.random.default_rng(0)
    for path in choose((folder / "images").glob("*.jpg")):
        labels = np.asarray(Image.open(folder / "masks" / f"{path.stem}.png"))
        image = cv2.resize(read(path), labels.shape[::-1], interpolation=cv2.INTER_AREA)
        meant = [np.isin(labels, classes) for classes in PARTS.values()]
        meant = [mask for mask in meant if mask.mean() > LEAST]
        yield image, meant[random.integers(len(meant))]


def objects(folder: Path, choose: Choose) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Photos and the thing that stands out of them."""
    for path in choose((folder / "photos").iterdir()):
        matte = mattes.read(folder, path)
        if mattes.is_sure(matte) and mattes.stands_out(matte):
            yield read(path), matte > 127


def read(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)


def quick(image: np.ndarray):
    engine = select.ENGINES["quick"]
    photo = engine.prepare(image)
    masks: list[np.ndarray | None] = [None]

    def answer(given: list[tuple[int, int, bool]]) -> list[np.ndarray]:
        points, adds = tuple((x + 0.5, y + 0.5) for x, y, _ in given), tuple(adds for _, _, adds in given)
        found = [each.mask for each in engine.predict(photo, Prompt(points, adds, mask=masks[-1])).candidates]
        masks.append(found[0])
        return [cv2.resize(each, image.shape[1::-1], interpolation=cv2.INTER_AREA) > 127 for each in found]

    return answer


def grabcut(image: np.ndarray):
    scale = min(1, GRABCUT_EDGE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    labels = np.full(small.shape[:2], cv2.GC_PR_BGD, np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    short = min(labels.shape)

    def answer(given: list[tuple[int, int, bool]]) -> list[np.ndarray]:
        x, y, adds = given[-1]
        centre = round(x * scale), round(y * scale)
        disc = FIRST_DISC if len(given) == 1 else LATER_DISC
        cv2.circle(labels, centre, max(2, round(disc * short)), cv2.GC_PR_FGD if adds else cv2.GC_PR_BGD, -1)
        for x, y, adds in given:
            centre = round(x * scale), round(y * scale)
            cv2.circle(labels, centre, max(1, round(CERTAIN * short)), cv2.GC_FGD if adds else cv2.GC_BGD, -1)
        cv2.setRNGSeed(0)
        cv2.grabCut(small, labels, None, *models, 5, cv2.GC_INIT_WITH_MASK)
        found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
        return [cv2.resize(found, image.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0]

    return answer


def play(engine: Engine, image: np.ndarray, truth: np.ndarray, scores: Scores) -> None:
    """Click until the mask is right, at most `CLICKS` times."""
    answer = engine(image)
    given = [clicks.next_click(np.zeros_like(truth), truth)]
    ious = []
    for number in range(1, CLICKS + 1):
        if given[-1] is not None:
            start = time.perf_counter()
            found, *others = answer(given)
            scores.seconds.append(time.perf_counter() - start)
            given.append(clicks.next_click(found, truth))
        if number == 1:
            scores.best.append(max(overlap(each, truth) for each in (found, *others)))
            areas = sorted(map(np.count_nonzero, (found, *others)))
            scores.differ.append(all(less <= LESS * more for less, more in pairwise(areas)))
        if number in TOLD:
            ious.append(overlap(found, truth))
    scores.ious.append(ious)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))


def main() -> None:
    parser = common.Arguments(__doc__, "folder with regions/, portraits/, photos/ and photo-mattes/")
    parser.add_argument("--photos", type=int, help="how many photos of each kind; all if it is not said")
    wish = parser.parse_args()

    result = {}
    if wish.data is None:
        print("Without --data DIR (regions/, portraits/, photos/, photo-mattes/) only times are measured.")
    else:
        result |= compare(wish.data, lambda files: common.asked(files, wish, wish.photos))
    result |= {"click_seconds": click_seconds(), "sam_speedup": sam_speedup()}
    if wish.json:
        print(json.dumps(result))


def compare(folder: Path, choose: Choose) -> dict[str, dict[str, float]]:
    """Let the two engines take turns; mean IoU by number of clicks."""
    cases = {
        "regions": regions(folder / "regions", choose),
        "portraits": portraits(folder / "portraits", choose),
        "objects": objects(folder, choose),
    }
    engines = {"quick": quick, "grabcut": grabcut}
    scores = {name: {kind: Scores() for kind in cases} for name in engines}
    for kind, targets in cases.items():
        for image, truth in targets:
            for name, engine in engines.items():
                play(engine, image, truth, scores[name][kind])
    heads = "".join(f"{number:>8}" for number in TOLD)
    print(f"{'mean IoU after clicks':36}{heads}{'s/click':>10}{'best of 1':>11}{'sizes differ':>14}")
    result = {}
    for name, by_kind in scores.items():
        both = by_kind["regions"] + by_kind["portraits"]
        result |= {name: both.mean(), f"{name}_objects": by_kind["objects"].mean()}
        for kind, part in (by_kind | {"regions and portraits": both}).items():
            ious = "".join(f"{iou:8.3f}" for iou in part.mean().values())
            offered = f"{np.mean(part.best):11.3f}{np.mean(part.differ):14.3f}"
            print(f"{f'{name}, {len(part.ious)} {kind}':36}{ious}{np.median(part.seconds):10.3f}{offered}")
    offered = {kind: part for kind, part in scores["quick"].items() if part.best}
    result["quick_best"] = {kind: round(float(np.mean(part.best)), 4) for kind, part in offered.items()}
    result["sizes_differ"] = {kind: round(float(np.mean(part.differ)), 4) for kind, part in offered.items()}
    return result


def click_seconds() -> float:
    """Median seconds of a click on a photo at the working size, preparing and the first click of all aside."""
    image = read(EXAMPLE)
    scale = settings.WORKING_EDGE / max(image.shape[:2])
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    height, width = image.shape[:2]
    seconds = []
    for row in range(4):
        answer, given = quick(image), []
        for column in range(1, CLICKS + 1):
            given.append((column * width // (CLICKS + 1), (row + 1) * height // 5, column % 2 == 1))
            start = time.perf_counter()
            answer(given)
            seconds.append(time.perf_counter() - start)
    median = float(np.median(seconds[CLICKS:]))
    print(f"quick, a click on a prepared photo of {width}x{height} pixels: {median:.3f} s")
    return round(median, 4)


def sam_speedup() -> float:
    """How many times faster a click is on a photo prepared once than one that prepares it each time."""
    image = read(EXAMPLE)
    prompt = Prompt(((image.shape[1] / 2, image.shape[0] / 2),), (True,))
    seconds: dict[bool, list[float]] = {True: [], False: []}
    with sam.engine() as (engine, real):
        photo = engine.prepare(image)
        for _ in range(SAM_ROUNDS):
            for anew in seconds:
                start = time.perf_counter()
                engine.predict(engine.prepare(image) if anew else photo, prompt)
                seconds[anew].append(time.perf_counter() - start)
    each, once = (float(np.median(seconds[anew])) for anew in (True, False))
    weights = "its own weights" if real else "weights drawn from its configuration"
    print(
        f"{engine.label}, {weights}: a click takes {each:.2f} s preparing each time, {once:.3f} s on a prepared photo"
    )
    return round(each / once, 1)


if __name__ == "__main__":
    main()
