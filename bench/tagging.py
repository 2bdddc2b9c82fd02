"""How well and how fast photos are tagged, beside the same three libraries called one photo at a time.

Precision: of the tags that a page shows as sure, those that are right, in the tenth of the photos that is held back:
the photo's own ImageNet class, which its file's name begins with, a parent of it, or what else was seen in it by eye
(`training/also_seen.txt`); what nobody has seen there is wrong, and the surest of that is named. Coverage: photos that
have such a tag at all.

Alike: of pairs of held-back photos of one kind, such as two dogs, those that are found as similar; and of pairs that
have nothing in common, as a fish and a car, those that are.

Hits: photos whose own class, or a parent of it, is among their tags. How sure the engines are is compared with how
often they are right, for words of what a photo is of.

Learnt: the engines are made to forget a word; it is taught again by ten photos that show it and twenty that do not;
told is how many of the other photos that show it, and of those given it, are right.

Speed: photos of 12 megapixels, grain and all, from the bytes of a file to tags and faces. The libraries are called as
their READMEs show: Ultralytics on the file, MTCNN and EfficientNet on what Pillow opens. All take turns. Faces are
looked for in the same photos, into each of which a portrait was pasted whose face is 1/40 of the long edge wide.

usage: python -m bench.tagging --data DIR [--photos N] [--large 24] [--json]
"""

import io
import itertools
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench import common
from envo.file import PhotoFile
from envo.finding import Finder, Wish
from envo.gallery import TAG_SURE, Sight
from envo.library import Library
from models import weights
from models.faces import find
from models.tagging import CLASSIFIERS, DETECTORS, taught, words
from models.tagging.run import BATCH, Result, run
from training import also_seen, heldback

LARGE = (4000, 3000)
GRAIN = 6
"""Standard deviation of the grain of large photos, in levels of 255."""
LIBRARIES_EVERY = 6
"""One large photo in so many is given to the libraries, too."""
TOLD = ("bird", "dog", "car", "musical instrument", "food", "clothing")
"""Words that are forgotten and taught again."""
SHOWN, NOT_SHOWN = 10, 20
"""Photos that it takes."""
WORST = 10
"""Tags that are named of those that are wrong."""


def tagged(photos: list[tuple[int, Callable[[], PhotoFile]]]) -> list[Result[int]]:
    return list(run(photos, next(iter(DETECTORS.values())), next(iter(CLASSIFIERS.values()))))


def sure(paths: list[Path], results: list[Result[int]]) -> dict[str, float]:
    """Of the tags that are shown as sure, how many are right; how many photos have any; names the worst."""
    shown = [
        (tag.confidence, tag.word, path.stem, tag.word in also_seen.right(path))
        for path, result in zip(paths, results, strict=True)
        for tag in result.tagged.tags
        if tag.counts(TAG_SURE)
    ]
    for confidence, word, name, _ in sorted((each for each in shown if not each[-1]), reverse=True)[:WORST]:
        print(f"  wrong: {word} ({confidence:.0%} sure), {name}")
    told = {"sure_tags": len(shown), "precision": np.mean([is_right for *_, is_right in shown])}
    return {**told, "coverage": len({name for _, _, name, _ in shown}) / len(paths)}


def alike(paths: list[Path], results: list[Result[int]]) -> dict[str, float]:
    """Of pairs of one kind, and of pairs that have no word in common, how many are found as similar."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), f"sqlite:///{folder}/library.db")
        finder, classes, found = Finder(library), {}, {}
        for path, result in zip(paths, results, strict=True):
            tagged = result.tagged
            row, _ = library.add("bench", path.name, path.read_bytes())
            library.gallery.set_sight(row.sha256, Sight(tagged.tags, tagged.embedding, "bench"))
            library.gallery.take("bench", row.id, tagged.tags)
            classes[row.id] = words.lineage(words.of_classes()[also_seen.own_class(path)])
        for one in classes:
            found[one] = set(finder.ids("bench", Wish(like=one)))
        library.close()
    pairs = [pair for pair in itertools.permutations(classes, 2) if all(classes[id] for id in pair)]
    same = [other in found[one] for one, other in pairs if classes[one] == classes[other]]
    unlike = [other in found[one] for one, other in pairs if classes[one][0] != classes[other][0]]
    return {"alike_found": np.mean(same), "unlike_found": np.mean(unlike)}


def hits(paths: list[Path], results: list[Result[int]]) -> dict[str, float]:
    """How often the own class is found, or a parent of it, and how sure the engines are of what is right."""
    found, own, counts, sure, true = [], [], [], [], []
    for path, result in zip(paths, results, strict=True):
        number = also_seen.own_class(path)
        given = {tag.word for tag in result.tagged.tags if tag.origin != "category"}
        found.append(bool(given & also_seen.chain(number)))
        own.append(words.of_classes()[number] in given)
        counts.append(len(result.tagged.tags))
        for tag in result.tagged.tags:
            if tag.origin in ("subject", "scene"):
                sure.append(tag.confidence)
                true.append(tag.word in also_seen.chain(number))
    return {
        "hit_rate": np.mean(found),
        "own_class": np.mean(own),
        "tags_a_photo": np.mean(counts),
        "mean_confidence": np.mean(sure),
        "right_subjects": np.mean(true),
    }


def learnt(paths: list[Path], results: list[Result[int]]) -> dict[str, float]:
    """Recall and precision of words that were forgotten and taught again, averaged over the words."""
    embeddings = [result.tagged.embedding for result in results]
    classes = [also_seen.chain(also_seen.own_class(path)) for path in paths]
    recalls, precisions = [], []
    for word in TOLD:
        shows = np.array([word in each for each in classes])
        if shows.sum() < 2 * SHOWN:
            continue
        order = np.random.default_rng(0).permutation(len(paths))
        judged = {*order[shows[order]][:SHOWN], *order[~shows[order]][:NOT_SHOWN]}
        taught_now = taught.learn([
            taught.Example(embedding, {}, {word: bool(shows[number])} if number in judged else {})
            for number, embedding in enumerate(embeddings)
        ])  # fmt: skip
        others = [number for number in order if number not in judged]
        seen = np.stack([embeddings[number] for number in others])
        given = taught_now.confidences(word, seen, np.zeros(len(others))) >= 0.5
        recalls.append(given[shows[others]].mean())
        precisions.append(shows[others][given].mean() if given.any() else 0)
    return {"taught_recall": np.mean(recalls), "taught_precision": np.mean(precisions)} if recalls else {}


def enlarged(path: Path, portrait: Path, random: np.random.Generator) -> tuple[bytes, np.ndarray | None]:
    """Make a JPEG of 12 megapixels of a photo, a portrait in it; and the middle of its face, None if it has none."""
    image = cv2.resize(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), LARGE, interpolation=cv2.INTER_CUBIC)
    person = cv2.imread(str(portrait), cv2.IMREAD_COLOR_RGB)
    faces = find.find(person)
    middle = None
    if faces:
        scale = find.QUICK_LOOK * LARGE[0] / faces[0].width
        small = cv2.resize(person, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        left, top = (int(random.integers(room)) for room in np.subtract(LARGE, small.shape[1::-1]))
        image[top : top + len(small), left : left + small.shape[1]] = small
        middle = faces[0].landmarks.mean(axis=0) * scale + (left, top)
    grain = random.normal(0, GRAIN, image.shape[:2]).astype(np.float32)
    image = np.clip(image + grain[..., None], 0, 255).astype(np.uint8)
    # Coded as cameras do, not progressively.
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=90)
    return file.getvalue(), middle


class Libraries:
    """The three, as their READMEs call them."""

    def __init__(self) -> None:
        import timm
        from facenet_pytorch import MTCNN
        from ultralytics import YOLO

        self.yolo = YOLO(weights.path("yolo11n"))
        self.mtcnn = MTCNN(keep_all=True)
        self.network = timm.create_model("tf_efficientnet_lite0").eval()
        config = timm.data.resolve_model_data_config(self.network)
        self.transform = timm.data.create_transform(**config, is_training=False)

    def __call__(self, path: Path) -> None:
        self.yolo(path, verbose=False)
        image = Image.open(path).convert("RGB")
        self.mtcnn.detect(image)
        self.network(self.transform(image).unsqueeze(0)).softmax(dim=1).topk(5)


def speed(paths: list[Path], portraits: list[Path], count: int) -> dict[str, float]:
    """Photos a second, ours and the libraries', and the share of small faces that are found."""
    random = np.random.default_rng(0)
    chosen = paths[:: max(1, len(paths) // count)][:count]
    made = [enlarged(path, portraits[number], random) for number, path in enumerate(chosen)]
    # Loads the networks, and lets each see the shape that it will see.
    tagged([(0, lambda: PhotoFile(made[0][0]))] * BATCH)
    libraries, found, ours, theirs, size = Libraries(), [], 0.0, [], 2 * BATCH
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "photo.jpg")
        place.write_bytes(made[0][0])
        libraries(place)
        for first in range(0, len(made), size):
            group = made[first : first + size]
            start = time.perf_counter()
            results = tagged([(number, lambda data=data: PhotoFile(data)) for number, (data, _) in enumerate(group)])
            ours += time.perf_counter() - start
            for (_, middle), result in zip(group, results, strict=True):
                if middle is not None:
                    at = middle * max(result.tagged.image.shape) / max(LARGE)
                    found.append(any((face.box[:2] < at).all() and (at < face.box[2:]).all()
                                     for face in result.tagged.faces))  # fmt: skip
            for data, _ in group[::LIBRARIES_EVERY]:
                place.write_bytes(data)
                start = time.perf_counter()
                libraries(place)
                theirs.append(time.perf_counter() - start)
    rate, other = len(made) / ours, 1 / np.mean(theirs)
    return {
        "photos_per_second": rate,
        "libraries_per_second": other,
        "speedup": rate / other,
        "small_faces_found": np.mean(found),
    }


def main() -> None:
    parser = common.Arguments(__doc__, "folder with photos/ and portraits/images/", parted=False)
    parser.add_argument("--photos", type=int, help="how many photos are tagged; all if it is not said")
    parser.add_argument("--large", type=int, default=24, help="how many photos of 12 megapixels")
    wish = parser.parse_with_data()

    everything = sorted((wish.data / "photos").iterdir())
    paths, held_back = common.spread(everything, wish.photos), heldback.held_back(everything)
    asked = sorted({*paths, *held_back})
    seen = tagged([(number, lambda path=path: PhotoFile(path.read_bytes())) for number, path in enumerate(asked)])
    by_path = dict(zip(asked, seen, strict=True))
    results = [by_path[path] for path in paths]
    portraits = sorted((wish.data / "portraits/images").iterdir())
    told = {"photos": len(paths), "held_back": len(held_back), **sure(held_back, [by_path[path] for path in held_back])}
    told |= {
        **alike(held_back, [by_path[path] for path in held_back]),
        **hits(paths, results),
        **learnt(paths, results),
    }
    told |= speed(paths, portraits, wish.large)
    for name, value in told.items():
        print(f"{name:22}{value:8.3f}")
    if wish.json:
        print(json.dumps({name: round(float(value), 4) for name, value in told.items()}))


if __name__ == "__main__":
    main()
