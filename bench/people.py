"""How well people are named after some photos of each, and how well strangers are left alone, for each embedding.

Of each person some photos with one face are named, drawn by chance; the app names the faces of all other photos. All is
done over with other draws, and the means are told:

- precision: photos with the right name and no other, among those in which somebody was named;
- recall: photos with the right name and no other, among all;
- strangers_rejected: strangers' photos in which nobody was named;
- named_twice: photos of several faces in which one person is named on two of them, and how many that would be if each
  face were judged by itself.

The right name is that of the photo's folder. Other people may be in the photos, too; whoever they are, they are not to
be named. Beside it: how pure and how whole the groups of like faces are before anybody is named (the share of pairs in
a group that are of one folder, and of pairs of one folder that are in a group), and the seconds that a photo takes.

usage: python -m bench.people --data DIR [--strangers DIR] [--photos N] [--named 10] [--draws 10] [--most 300]
       [--json]
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bench import common
from models import faces
from models.faces import find


@dataclass(frozen=True)
class Photo:
    """A photo, whose it is (None: a stranger's), and the embeddings of its faces by engine, each NxD."""

    person: str | None
    embeddings: dict[str, np.ndarray]


def read(files: list[Path], person: str | None, engines: list[faces.Engine], seconds: dict[str, float]) -> list[Photo]:
    """Find and embed the faces of photos; adds to the seconds of each step."""
    photos = []
    for file in files:
        if (image := cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)) is None:
            continue
        start = time.perf_counter()
        found = find.quickly(image)
        seconds["finding"] += time.perf_counter() - start
        embeddings = {}
        for engine in engines:
            start = time.perf_counter()
            embeddings[engine.name] = engine.embed(image, found)
            seconds[engine.name] += time.perf_counter() - start
        photos.append(Photo(person, embeddings))
    return photos


def named_rightly(engine: faces.Engine, photos: list[Photo], named: int, least_sure: float, seed: int) -> list[float]:
    """Precision, recall, the share of strangers that are rejected (NaN without strangers), and of people named twice.

    For one draw; the last is told of faces judged together, then of each by itself.
    """
    draw = np.random.default_rng(seed)
    chosen = []
    for person in {photo.person: None for photo in photos if photo.person}:
        single = [photo for photo in photos if photo.person == person and len(photo.embeddings[engine.name]) == 1]
        chosen += [single[index] for index in draw.permutation(len(single))[:named]]
    known: dict[str, list[np.ndarray]] = {}
    for photo in chosen:
        known.setdefault(photo.person, []).append(photo.embeddings[engine.name][0])
    namer = faces.Namer(engine, {person: np.stack(each) for person, each in known.items()})

    taken = {id(photo) for photo in chosen}
    counts = dict.fromkeys(("people", "told", "right", "strangers", "rejected", "several", "twice", "alone"), 0)
    for photo in photos:
        if id(photo) in taken:
            continue
        embeddings = photo.embeddings[engine.name]
        names = [name.person for name in namer.name(embeddings, least_sure, [0] * len(embeddings)) if name.person]
        alone = [name.person for name in namer.name(embeddings, least_sure) if name.person]
        counts["several"] += len(embeddings) > 1
        counts["twice"] += len(names) > len(set(names))
        counts["alone"] += len(alone) > len(set(alone))
        told = set(names)
        if photo.person is None:
            counts["strangers"] += 1
            counts["rejected"] += not told
        else:
            counts["people"] += 1
            counts["told"] += bool(told)
            counts["right"] += told == {photo.person}
    rejected = counts["rejected"] / counts["strangers"] if counts["strangers"] else float("nan")
    several = max(1, counts["several"])
    right = [counts["right"] / max(1, counts["told"]), counts["right"] / max(1, counts["people"])]
    return [*right, rejected, counts["twice"] / several, counts["alone"] / several]


def grouped(engine: faces.Engine, photos: list[Photo]) -> tuple[float, float]:
    """How pure and how whole groups of photos with one face are; strangers are alone."""
    single = [photo for photo in photos if len(photo.embeddings[engine.name]) == 1]
    labels = faces.groups(engine, np.concatenate([photo.embeddings[engine.name] for photo in single]))
    people = np.array([photo.person or f"stranger {index}" for index, photo in enumerate(single)])
    together = (labels[:, None] == labels) & (labels != faces.ALONE)
    same = people[:, None] == people
    np.fill_diagonal(together, False)
    np.fill_diagonal(same, False)
    both = np.count_nonzero(together & same)
    return both / max(1, np.count_nonzero(together)), both / max(1, np.count_nonzero(same))


def main() -> None:
    parser = common.Arguments(__doc__, "folder with a folder of photos for each person, or with people/", parted=False)
    parser.add_argument("--strangers", type=Path, help="folder with photos of other people")
    parser.add_argument("--photos", type=int, help="how many photos of each person; all if it is not said")
    parser.add_argument("--named", type=int, default=10, help="photos of each person that are named")
    parser.add_argument("--draws", type=int, default=10, help="how often other photos are named")
    parser.add_argument("--most", type=int, default=300, help="how many strangers' photos, at most")
    parser.add_argument("--least-sure", type=float, default=faces.LEAST_SURE, help="confidence from which on to name")
    wish = parser.parse_with_data()

    engines = [engine for engine in faces.ENGINES.values() if engine.available()] or [faces.auto()]
    seconds = dict.fromkeys(["finding", *(engine.name for engine in engines)], 0.0)
    photos = []
    for folder in sorted(each for each in common.kind(wish.data, "people").iterdir() if each.is_dir()):
        photos += read(common.spread(sorted(folder.iterdir()), wish.photos), folder.name, engines, seconds)
    if wish.strangers:
        files = sorted(wish.strangers.iterdir())
        photos += read(files[:: -(-len(files) // wish.most)], None, engines, seconds)

    print(f"{len(photos)} photos, of which {sum(photo.person is None for photo in photos)} of strangers")
    print(
        f"{'':12}{'precision':>11}{'recall':>9}{'strangers rejected':>20}{'named twice':>13}{'if alone':>10}"
        f"{'groups pure':>13}{'whole':>8}{'s/photo':>9}"
    )
    results = {}
    for engine in engines:
        draws = [named_rightly(engine, photos, wish.named, wish.least_sure, seed) for seed in range(wish.draws)]
        precision, recall, rejected, twice, alone = np.mean(draws, axis=0)
        pure, whole = grouped(engine, photos)
        each = seconds[engine.name] / len(photos)
        print(
            f"{engine.name:12}{precision:11.4f}{recall:9.4f}{rejected:20.4f}{twice:13.4f}{alone:10.4f}"
            f"{pure:13.3f}{whole:8.3f}{each:9.3f}"
        )
        results[engine.name] = {
            "precision": round(float(precision), 4),
            "recall": round(float(recall), 4),
            "strangers_rejected": None if np.isnan(rejected) else round(float(rejected), 4),
            "named_twice": round(float(twice), 4),
            "named_twice_alone": round(float(alone), 4),
            "worst": [None if np.isnan(value) else round(float(value), 4) for value in np.min(draws, axis=0)[:3]],
            "groups_pure": round(pure, 4),
            "groups_whole": round(whole, 4),
            "seconds": round(each, 3),
        }
    print(f"{'finding':12}{seconds['finding'] / len(photos):70.3f}")
    for engine in faces.ENGINES.values():
        if engine.name not in results:
            print(f"{engine.name:12} not measured: {engine.how}")
    if wish.json:
        best = results[faces.auto().name]
        keys = ("precision", "recall", "strangers_rejected", "named_twice")
        print(json.dumps({key: best[key] for key in keys} | {"engine": faces.auto().name, "engines": results}))


if __name__ == "__main__":
    main()
