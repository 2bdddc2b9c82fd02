"""How well and how fast aged photos are restored by what comes with Envo, beside doing nothing and beside OpenCV.

Measured on photos that no network has seen, at a long edge of 512 pixels, each aged in every way of `training.ageing`
with a fixed seed: PSNR (dB) and SSIM against the photo before, and seconds. Ours looks at the aged photo and does what
it then suggests, less straightening and enlarging, which change the size; looking counts in its seconds. OpenCV is
given the true scratches: Telea's filling (2004), non-local means (Buades et al. 2005) and CLAHE (Zuiderveld 1994) on
the luminance; of all chains of these the best for each kind of damage counts. The methods take turns on each photo.
Then: F1 of the scratches found, over all pixels of photos that have only those; and ours on photos as they were.
Harm, for each kind of damage: how many dB ours loses on average against doing nothing (below 0: it gains), in which
share of the photos it loses more than one, and in which photos most.

Likeness: portraits are blurred, grained and scratched, all three, and restored as the look suggests. Counted are those
in which the face embeds nearer to the undamaged one than the damaged one does; those in which it is named as one of the
people of `people/`, of whom ten photos each are named; and those in which it is nearest to another of the portraits.

Last, what is suggested for sound photos, everyday ones and portraits, as they are: harmed is one for which a step is
suggested that fills something in or smooths it away (dots, scratches), or that turns the photo (straighten). Clean,
colour, light and enlarging change how a photo looks, not what it shows, and so does the engine for faces that comes
with Envo, for it invents nothing. All that no network has seen are looked at, and on request further tenths, which
training has seen; the last ones first, for the steps' limits were chosen by those held back and tenths 1 to 3.

usage: python -m bench.restore --data DIR [--all | --third] [--photos 40] [--portraits 60] [--tenths 1] [--sound 1000]
       [--json]
       (with --photos 0 only sound photos are looked at)
"""

import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.metrics import structural_similarity

from bench import common
from bench.low_light import clahe
from envo import photo
from models import faces, restore
from models.faces import find
from models.restore import pipeline
from training import ageing, heldback, photos

SCORES = ("psnr", "ssim", "seconds")
OPENCV = ("telea", "means", "clahe")

HARMFUL = ("straighten", "dots", "scratches")
"""Steps that change what a photo shows, or turn it."""
SOUND = ("photos", "portraits/images")
"""Folders of sound photos."""
WORSE = 1.0
"""Loss in dB from which on a photo counts as made worse."""
NAMED = 10
"""So many photos are named of each of the people at hand."""
WORST = 10
"""So many of the photos that lose most are named."""

Chain = tuple[str, ...]


def opencv(image: np.ndarray, marks: np.ndarray, chain: Chain) -> np.ndarray:
    if "telea" in chain:
        image = cv2.inpaint(image, cv2.dilate(marks, np.ones((3, 3), np.uint8)), 3, cv2.INPAINT_TELEA)
    if "means" in chain:
        image = cv2.fastNlMeansDenoisingColored(image, None, 6, 6, 7, 21)
    if "clahe" in chain:
        image = clahe(2)(image)
    return image


def ours(image: np.ndarray) -> np.ndarray:
    plan = restore.suggested(restore.look(image))
    return restore.run(image, [wish for wish in plan if wish.id not in ("straighten", "enlarge")]).pixels


def methods() -> dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]:
    """What gives a photo back of an aged one and its true scratches, by name."""
    chains = [chain for count in (1, 2, 3) for chain in itertools.combinations(OPENCV, count)]
    several = {"+".join(chain): lambda image, marks, chain=chain: opencv(image, marks, chain) for chain in chains}
    return {"nothing": lambda image, marks: image, **several, "ours": lambda image, marks: ours(image)}


def score(restored: np.ndarray, truth: np.ndarray, seconds: float) -> tuple[float, ...]:
    error = np.mean((restored.astype(np.float32) - truth) ** 2)
    return 10 * np.log10(255**2 / max(error, 1e-2)), structural_similarity(truth, restored, channel_axis=2), seconds


def measure(truths: list[np.ndarray]) -> dict[str, dict[str, list[tuple[float, ...]]]]:
    """`SCORES` of every photo, by method and kind of damage; "undamaged" is one of these."""
    tried = methods()
    scores = {name: defaultdict(list) for name in tried}
    for number, truth in enumerate(truths):
        for index, kind in enumerate((*ageing.KINDS, "undamaged")):
            image, marks = truth, np.zeros(truth.shape[:2], np.uint8)
            if kind != "undamaged":
                image, marks = ageing.aged(np.random.default_rng([number, index]), truth, kind)
            for name, method in tried.items():
                start = time.perf_counter()
                restored = method(image, marks)
                scores[name][kind].append(score(restored, truth, time.perf_counter() - start))
    return scores


def scratch_f1(truths: list[np.ndarray]) -> float:
    """F1 of the scratches found, by the settings that come first, over all pixels of all photos."""
    hit = found = there = 0
    for number, truth in enumerate(truths):
        image, marks = ageing.aged(np.random.default_rng([number, 0]), truth, "scratches")
        guess = restore.marks(image, "envo-scratches", {}) > 127
        hit, found, there = hit + (guess & (marks > 0)).sum(), found + guess.sum(), there + marks.sum()
    return float(2 * hit / (found + there))


def losses(scores: dict[str, dict[str, list[tuple[float, ...]]]]) -> dict[str, np.ndarray]:
    """Tell by kind of damage how many dB ours loses of each photo, of what `measure` gives."""
    psnr = {name: {kind: np.array(values)[:, 0] for kind, values in scores[name].items()} for name in scores}
    return {kind: psnr["nothing"][kind] - psnr["ours"][kind] for kind in (*ageing.KINDS, "undamaged")}


def tell_losses(lost: dict[str, np.ndarray], names: list[str]) -> dict[str, dict[str, float]]:
    """Print what `losses` gives for photos of these names, and sum it up by kind of damage."""
    told = {kind: {"lost": round(float(dB.mean()), 4), "worse": round(float((dB > WORSE).mean()), 4)}
            for kind, dB in lost.items()}  # fmt: skip
    for kind, means in told.items():
        print(f"{kind:12} {means['lost']:+.2f} dB lost on average, {means['worse']:.1%} lose more than {WORSE:g} dB")
    every = sorted(
        ((dB, kind, name) for kind in lost for dB, name in zip(lost[kind], names, strict=True)), reverse=True
    )
    print("most lost: " + "; ".join(f"{name}, {kind}: {dB:.1f} dB" for dB, kind, name in every[:WORST]))
    return told


def damaged(files: list[Path]) -> dict[str, Any]:
    """Measure how photos are restored that are aged first, print it, and tell it by method and kind of damage."""
    if not files:
        return {}
    truths = photos.read_all(files)
    restore.look(truths[0])  # loads the networks
    scores = measure(truths)
    chains = [name for name in scores if name not in ("nothing", "ours")]
    told: dict[str, Any] = {"nothing": {}, "opencv": {}, "ours": {}}
    print(f"{'PSNR in dB':12} nothing  OpenCV    ours  seconds   best chain of OpenCV")
    for kind in (*ageing.KINDS, "undamaged"):
        best = max(chains, key=lambda name: np.mean([values[0] for values in scores[name][kind]]))
        for name, method in (("nothing", "nothing"), ("opencv", best), ("ours", "ours")):
            told[name][kind] = means(scores[method][kind])
        row = [told[name][kind]["psnr"] for name in told]
        seconds = told["ours"][kind]["seconds"]
        print(f"{kind:12} {row[0]:7.2f} {row[1]:7.2f} {row[2]:7.2f} {seconds:8.2f}   {best}")
    told["harm"] = tell_losses(losses(scores), [file.name for file in files])
    told["scratch_f1"] = round(scratch_f1(truths), 4)
    told["clean_psnr"] = told["ours"]["undamaged"]["psnr"]
    mixed = {name: told[name]["mixed"]["psnr"] for name in ("nothing", "opencv", "ours")}
    print(f"scratches found: F1 {told['scratch_f1']:.3f}; undamaged photos stay at {told['clean_psnr']:.1f} dB")
    print(
        f"mixed damage: {mixed['ours'] - mixed['nothing']:+.2f} dB over doing nothing, "
        f"{mixed['ours'] - mixed['opencv']:+.2f} dB over OpenCV"
    )
    return told


def namer(engine: faces.Engine, folder: Path) -> faces.Namer:
    """Learn the people of a folder that has one for each, from the largest face of some photos of each."""
    known: dict[str, np.ndarray] = {}
    for person in sorted(folder.iterdir()) if folder.is_dir() else ():
        images = photos.read_all(sorted(person.iterdir())[:NAMED])
        known[person.name] = np.stack([face[0].embedding for image in images if (face := engine.look(image))])
    return faces.Namer(engine, known)


def likeness(files: list[Path], people: Path) -> dict[str, Any]:
    """Measure whether restored faces are those of the people who they were, print it, and tell it; {} without files.

    people: a folder with a folder of photos for each of the people at hand.
    """
    engine = faces.auto()
    names, apart, embedded = [], [], []
    for number, file in enumerate(files):
        (truth,) = photos.read_all([file])
        if not (found := find.quickly(truth)[:1]):
            continue
        old, _ = ageing.aged(np.random.default_rng([number, len(ageing.KINDS) + 1]), truth, "worn")
        # Each time the same face, however well it would be found.
        each = np.concatenate([engine.embed(image, found) for image in (truth, old, ours(old))])
        names.append(file.name)
        apart.append(np.linalg.norm(each[1:] - each[0], axis=1) / engine.alike)
        embedded.append(each)
    if not names:
        return {}
    truths, _, restored = np.swapaxes(embedded, 0, 1)
    nearest = np.linalg.norm(restored[:, None] - truths, axis=2).argmin(1)
    named = [name.person for name in namer(engine, people).name(restored)]
    was, now = np.transpose(apart)
    told = {
        "nearer": round(float((now < was).mean()), 4),
        "named_as_another": round(float(np.mean([name is not None for name in named])), 4),
        "nearest_another": round(float((nearest != np.arange(len(names))).mean()), 4),
        "before": round(float(was.mean()), 4),
        "after": round(float(now.mean()), 4),
        "portraits": len(names),
    }
    print(
        f"likeness: {told['nearer']:.1%} of {len(names)} faces nearer to the undamaged one than the damaged one is, "
        f"on average {told['after']:.3f} of how far two people are apart, damaged {told['before']:.3f}; "
        f"{told['named_as_another']:.1%} named as another, {told['nearest_another']:.1%} nearest to another portrait"
    )
    worst = np.argsort(was - now)[:WORST]
    print("least gained: " + "; ".join(f"{names[at]}: {was[at]:.3f} to {now[at]:.3f}" for at in worst))
    return told


def sound(folder: Path, tenths: int, most: int) -> list[Path]:
    """Name sound photos, `most` of each folder: first all that are held back, then those of further tenths."""
    files = []
    for name in SOUND:
        if (folder / name).is_dir():
            found = sorted((folder / name).iterdir())
            files += [file for number in range(tenths) for file in heldback.tenth(found, -number % 10)][:most]
    return files


def harm(files: list[Path]) -> dict[str, list[str]]:
    """Name the steps that would harm each photo, as far as any would."""
    found = {}
    for file in files:
        image = photo.reduce(cv2.imread(str(file), cv2.IMREAD_COLOR_RGB), pipeline.MEGAPIXEL)
        if steps := [id for id in HARMFUL if restore.STEPS[id].look(image).wanted]:
            found[file.name] = steps
    return found


def means(values: list[tuple[float, ...]]) -> dict[str, float]:
    return {name: round(float(mean), 4) for name, mean in zip(SCORES, np.mean(values, 0), strict=True)}


def main() -> None:
    parser = common.Arguments(__doc__, "folder with photos/")
    parser.add_argument("--photos", type=int, default=40, help="how many photos are aged")
    parser.add_argument("--portraits", type=int, default=60, help="how many portraits are aged")
    parser.add_argument("--tenths", type=int, default=1, help="how many tenths of the sound photos, up to 10")
    parser.add_argument("--sound", type=int, default=1000, help="how many sound photos of each kind at most")
    wish = parser.parse_with_data()

    told: dict[str, Any] = damaged(common.asked((wish.data / "photos").iterdir(), wish)[: wish.photos])
    if (portraits := wish.data / "portraits" / "images").is_dir():
        aged = common.asked(portraits.iterdir(), wish, wish.portraits) if wish.portraits else []
        told["likeness"] = likeness(aged, wish.data / "people")
    files = sound(wish.data, 10 if wish.all else wish.tenths, wish.sound)
    harmed = harm(files)
    told["harmed"] = round(len(harmed) / max(1, len(files)), 4)
    print(f"sound photos: {len(harmed)} of {len(files)} harmed by what is suggested")
    for name, steps in harmed.items():
        print(f"  {name}: {', '.join(steps)}")
    if wish.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
