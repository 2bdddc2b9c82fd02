"""Photos get the words that they deserve, with a confidence, where each thing is, and what kind of photo it is."""

import io
import os
import shutil
import subprocess
import sys
import threading

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from envo import photo
from envo.errors import NoMemory, UserError
from envo.file import PhotoFile
from envo.gallery import Tag
from models import tagging, weights
from models.faces.find import Found
from models.tagging import categories, run, sureness, taught, words, yolo
from models.tagging.base import Impression, Thing
from tests.conftest import ROOT

DETECTOR = next(iter(tagging.DETECTORS.values()))
CLASSIFIER = next(iter(tagging.CLASSIFIERS.values()))
EMPTY = Impression(np.zeros(words.CLASSES, np.float32), np.eye(4, dtype=np.float32)[0])

pytestmark = pytest.mark.usefixtures("no_model_stays")


def file(image: np.ndarray, format: str = "JPEG") -> bytes:
    return photo.encode(image, format)


def look(image: np.ndarray) -> run.Tagged:
    return run.tag_photo(PhotoFile(file(image)), DETECTOR, CLASSIFIER)


def given(image: np.ndarray) -> dict[str, Tag]:
    return {tag.word: tag for tag in look(image).tags}


def concluded(image: np.ndarray, things: list[Thing] = (), faces: list[Found] = ()) -> dict[str, float]:
    return categories.conclude(image, EMPTY, things, faces)


def face(left: float, top: float, width: float) -> Found:
    return Found(np.float32([left, top, left + width, top + width]), np.zeros((5, 2), np.float32), 0.99)


# --- Words ---------------------------------------------------------------------------------------------------------


def test_every_class_has_a_word_and_every_word_a_place():
    known = words.all_words()
    assert len(words.of_classes()) == words.CLASSES
    assert all(words.of_classes())
    for word in known.values():
        assert word.name not in word.parents
        assert all(parent in known for parent in word.parents)
        for category, share in word.shares.items():
            assert category in tagging.CATEGORIES
            assert 0 <= share <= 1


def test_words_are_those_of_their_classes():
    """Classes are counted as timm counts them: what it calls them contains our word for most of those with names."""
    from timm.data import ImageNetInfo

    info = ImageNetInfo("imagenet-1k")
    told = [info.index_to_description(number) for number in range(words.CLASSES)]
    alike = [word.lower().split()[-1] in text.lower() for word, text in zip(words.of_classes(), told, strict=True)]
    assert np.mean(alike) > 0.85


def test_a_kind_inherits_from_its_parents():
    assert words.lineage("beagle") == ("animals", "mammal", "dog")
    assert words.all_words()["beagle"].shares == words.all_words()["dog"].shares
    assert words.lineage("no such word") == ()


def test_a_wider_word_takes_in_all_its_kinds():
    members = dict(zip(words.all_words(), words.members(), strict=True))
    assert members["beagle"].sum() == 1
    assert members["dog"].sum() == 121
    assert (members["animals"] >= members["dog"]).all()


def test_all_that_yolo_names_is_in_the_tree():
    names = yolo._load(weights.path("yolo11n")).names.values()
    assert len(names) == 80
    assert {yolo.NAMES.get(name, name) for name in names} <= set(words.all_words())


# --- Networks ------------------------------------------------------------------------------------------------------


def test_a_cat_is_seen_and_where_it_is():
    tags = given(data.chelsea())
    assert tags["cat"].confidence > 0.6
    assert tags["cat"].parents == ("animals", "mammal")
    left, top, right, bottom = tags["cat"].boxes[0]
    assert 0 <= left < 0.4 < 0.7 < right <= 1
    assert 0 <= top < bottom <= 1
    assert tags["animals"].confidence > 0.9


def test_a_cup_of_coffee_is_on_a_table():
    tags = given(data.coffee())
    assert tags["cup"].confidence > 0.5
    assert tags["cup"].origin in tagging.ORIGINS
    assert {"food", "indoor"} & set(tags)


def test_an_astronaut_is_a_portrait():
    result = look(data.astronaut())
    tags = {tag.word: tag for tag in result.tags}
    assert len(result.faces) == 1
    assert tags["portrait"].confidence > 0.8
    assert tags["portrait"].origin == "category"
    assert tags["person"].boxes
    assert "group photo" not in tags or tags["group photo"].confidence < 0.5
    assert "night" not in tags


def test_the_surest_comes_first_and_no_word_comes_twice():
    tags = look(data.coffee()).tags
    sure = [tag.confidence for tag in tags]
    assert sure == sorted(sure, reverse=True)
    assert all(run.LEAST_SURE <= each <= 1.001 for each in sure)
    assert len({tag.word for tag in tags}) == len(tags)


def test_alike_photos_have_alike_embeddings():
    cat, coffee = data.chelsea(), data.coffee()
    first, mirrored, other = (each.embedding for each in CLASSIFIER.look([cat, cat[:, ::-1], coffee]))
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-4)
    assert first @ mirrored > 0.85 > 0.6 > first @ other


def test_shares_are_probabilities():
    (impression,) = CLASSIFIER.look([data.coffee()])
    assert impression.shares.shape == (words.CLASSES,)
    assert impression.shares.sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (300, 2), (31, 17)])
def test_any_size_works(size):
    image = np.full((*size, 3), 128, np.uint8)
    assert isinstance(DETECTOR.find([image])[0], list)
    assert len(CLASSIFIER.look([image])) == 1


def test_no_photos_are_no_trouble():
    assert DETECTOR.find([]) == []
    assert CLASSIFIER.look([]) == []
    assert list(run.run([], DETECTOR, CLASSIFIER)) == []


def test_loading_yolo_leaves_the_process_as_it_was(monkeypatch):
    monkeypatch.setenv("ENVO_TRIED", "here")
    threads, environment, printed = cv2.getNumThreads(), dict(os.environ), np.get_printoptions()
    with yolo._as_it_was():
        cv2.setNumThreads(threads + 1)
        os.environ["OMP_NUM_THREADS"] = "7"
        np.set_printoptions(precision=2)
    assert cv2.getNumThreads() == threads
    assert dict(os.environ) == environment
    assert np.get_printoptions() == printed


SEEN_FROM_A_READ_ONLY_CACHE = """
import sys
from skimage import data
from envo import settings
from models import tagging
try:
    (settings.cache_dir() / "more").touch()
except OSError:
    print(*(thing.word for thing in tagging.DETECTORS["YOLO11 nano"].find([data.chelsea()])[0]))
"""


def can_mount() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="nothing can be mounted here")
def test_a_cat_is_seen_by_weights_in_a_cache_that_cannot_be_written_to(tmp_path):
    (tmp_path / "weights").mkdir()
    shutil.copy(weights.path("yolo11n"), tmp_path / "weights")
    mounted = f'mount --bind {tmp_path} {tmp_path} && mount -o remount,ro,bind {tmp_path} && exec "$@"'
    command = ["unshare", "-rm", "sh", "-c", mounted, "sh", sys.executable, "-c", SEEN_FROM_A_READ_ONLY_CACHE]
    environment = os.environ | {"ENVO_CACHE": str(tmp_path)}
    seen = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "cat" in seen.stdout.split(), seen.stderr


def test_engines_say_who_they_are():
    entries = {entry.name: entry for entry in weights.entries()}
    for engine in [*tagging.DETECTORS.values(), *tagging.CLASSIFIERS.values()]:
        assert set(engine.requires) <= set(entries)
        assert engine.licence
    assert not entries["yolo11n"].optional
    assert entries["yolo11s"].optional


# --- Categories ----------------------------------------------------------------------------------------------------


def test_each_category_is_told_of_every_photo():
    found = concluded(data.coffee())
    assert tuple(found) == tagging.CATEGORIES
    assert all(0 <= sure <= 1 for sure in found.values())


@pytest.mark.parametrize(("count", "kind"), [(1, "portrait"), (4, "group photo"), (12, "group photo")])
def test_faces_tell_portraits_from_groups(count, kind):
    faces = [face(20 + 80 * (number % 6), 100 + 200 * (number // 6), 70) for number in range(count)]
    found = concluded(data.astronaut(), faces=faces)
    other = {"portrait": "group photo", "group photo": "portrait"}[kind]
    assert found[kind] > 0.75
    assert found[other] < 0.25


def test_people_who_turn_away_are_of_the_group():
    people = [Thing("person", 0.9, (0.2 * n, 0.2, 0.2 * n + 0.18, 0.9)) for n in range(4)]
    assert concluded(data.astronaut(), people, [face(50, 100, 70)])["group photo"] > 0.7


def test_a_face_in_a_crowd_far_away_makes_no_portrait():
    assert concluded(data.astronaut(), faces=[face(50, 100, 20)])["portrait"] < 0.1


def test_large_things_tell_more_of_a_photo_than_small_ones():
    large, small = (
        concluded(data.coffee(), [Thing("car", 0.9, (0.1, 0.1, edge, edge))])["vehicles"] for edge in (0.9, 0.15)
    )
    assert large == pytest.approx(0.9)
    assert 0.1 < small < 0.5


def test_several_clues_make_a_category_surer():
    car, bus = (Thing(word, 0.5, (0.1, 0.1, 0.9, 0.9)) for word in ("car", "bus"))
    assert concluded(data.coffee(), [car, bus])["vehicles"] == pytest.approx(0.75)


def test_black_and_white_is_told_from_colour_and_sepia_counts_too():
    grey = cv2.cvtColor(cv2.cvtColor(data.coffee(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    sepia = np.clip(grey * [1.0, 0.93, 0.82] + [8, 4, 0], 0, 255).astype(np.uint8)
    assert concluded(grey)["black and white"] == 1
    assert concluded(sepia)["black and white"] > 0.4
    for image in (data.coffee(), data.chelsea(), data.astronaut(), data.rocket()):
        assert concluded(image)["black and white"] == 0


def test_night_is_dark_and_something_shines():
    night = (data.coffee() * 0.15).astype(np.uint8)
    black = night // 8
    night[100:140, 100:180] = 255
    street = [Thing("traffic light", 0.9, (0.1, 0.1, 0.9, 0.9))]
    sofa = [Thing("sofa", 0.9, (0.1, 0.1, 0.9, 0.9))]
    assert concluded(night, street)["night"] > 0.85 > concluded(night)["night"] > 0.5 > concluded(night, sofa)["night"]
    assert concluded(black)["night"] == 0
    for image in (data.coffee(), data.chelsea(), data.astronaut()):
        assert concluded(image)["night"] < 0.1


def test_a_printed_page_is_a_document_and_photos_are_not():
    page = np.full((700, 500, 3), 240, np.uint8)
    for line in range(40, 680, 22):
        cv2.putText(
            page, "The quick brown fox jumps over it", (30, line), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20, 20, 20), 2
        )
    assert concluded(page)["document"] > 0.8
    for image in (data.coffee(), data.chelsea(), data.astronaut(), np.full((300, 400, 3), 250, np.uint8)):
        assert concluded(image)["document"] < 0.1


# --- How sure ------------------------------------------------------------------------------------------------------


def seen_as(word: str, share: float) -> Impression:
    shares = np.full(words.CLASSES, (1 - share) / (words.CLASSES - 1), np.float32)
    shares[words.of_classes().index(word)] = share
    return Impression(shares, EMPTY.embedding)


def test_what_fills_the_photo_is_surer_where_the_classifier_sees_it_too():
    whole, corner = (0.05, 0.05, 0.95, 0.95), (0.8, 0.8, 0.9, 0.9)
    fish, bird = seen_as("tench", 0.9), seen_as("robin", 0.9)
    (taken_for_fruit,), (right,), (beside,) = (
        sureness.weighed([Thing(word, 0.85, box)], seen)
        for word, box, seen in (("banana", whole, fish), ("bird", whole, bird), ("banana", corner, fish))
    )
    assert taken_for_fruit.confidence < 0.5 < beside.confidence < right.confidence
    assert taken_for_fruit.box == whole
    # Of people the classifier knows next to nothing.
    assert sureness.weighed([Thing("person", 0.85, whole)], fish)[0].confidence > 0.8
    assert sureness.weighed([], fish) == []


def test_confidences_keep_their_order_and_ends():
    told = [sureness.doubted(sure) for sure in np.linspace(0, 1, 11)]
    assert told == sorted(told) and (told[0], told[-1]) == (0, 1)
    assert told[7] == pytest.approx(0.5)


def test_an_animals_face_makes_no_portrait():
    faces = [face(150, 100, 200)]
    monkey = seen_as("capuchin", 0.95)
    alone = categories.conclude(data.astronaut(), monkey, [], faces)
    held = categories.conclude(data.astronaut(), monkey, [Thing("person", 0.9, (0, 0, 1, 1))], faces)
    assert alone["portrait"] < 0.1 and held["portrait"] > 0.7


def test_an_astronaut_is_no_sport():
    sure = {tag.word for tag in look(data.astronaut()).tags if tag.counts(0.5)}
    assert {"portrait", "person"} <= sure and not sure & {"sport", "sports ball", "vehicles"}


# --- Tags ----------------------------------------------------------------------------------------------------------


def test_where_two_say_the_same_the_surer_counts_and_boxes_stay():
    shares = np.zeros(words.CLASSES, np.float32)
    shares[words.of_classes().index("tabby cat")] = 0.8
    box = (0.1, 0.2, 0.3, 0.4)
    impression = Impression(shares, EMPTY.embedding)
    things = [Thing("cat", 0.6, box), Thing("cat", 0.3, box)]
    tags = {tag.word: tag for tag in run.assemble(impression, things, {"animals": 0.95, "night": 0.01}, "C", "D")}
    assert tags["cat"] == Tag(
        "cat", pytest.approx(sureness.doubted(0.8)), "subject", "C", ("animals", "mammal"), (box, box)
    )
    assert tags["tabby cat"].boxes == ()
    assert tags["animals"].origin == "category"
    assert "night" not in tags


def test_what_says_where_a_photo_was_taken_is_a_scene():
    shares = np.zeros(words.CLASSES, np.float32)
    shares[words.of_classes().index("seashore")] = 1
    tags = {tag.word: tag.origin for tag in run.assemble(Impression(shares, EMPTY.embedding), [], {}, "C", "D")}
    assert tags == {"landscape": "scene", "coast": "scene", "seashore": "scene"}


# --- Many photos ---------------------------------------------------------------------------------------------------


def test_results_come_in_order_and_what_is_no_photo_stops_nothing():
    good = [file(data.chelsea()), file(data.coffee(), "PNG")]
    photos = [
        (number, lambda number=number: PhotoFile(b"no photo" if number % 5 == 3 else good[number % 2]))
        for number in range(21)
    ]
    results = list(run.run(photos, DETECTOR, CLASSIFIER))
    assert [result.key for result in results] == list(range(21))
    for result in results:
        if result.key % 5 == 3:
            assert result.tagged is None
            assert "no photo" in result.trouble
        else:
            wanted = "cat" if result.key % 2 == 0 else "cup"
            assert wanted in {tag.word for tag in result.tagged.tags}
            assert result.trouble == ""


def test_a_photo_has_the_same_tags_alone_and_among_others():
    alone = look(data.chelsea()).tags
    photos = [
        (number, lambda image=image: PhotoFile(file(image)))
        for number, image in enumerate((data.coffee(), data.chelsea()))
    ]
    among = list(run.run(photos, DETECTOR, CLASSIFIER))
    among = {tag.word: tag.confidence for tag in among[1].tagged.tags}
    assert all(among[tag.word] == pytest.approx(tag.confidence, abs=0.02) for tag in alone if tag.confidence > 0.15)


def test_no_more_photos_are_read_than_are_needed_soon_and_closing_ends_it():
    asked = []

    def read(number: int) -> PhotoFile:
        asked.append(number)
        return PhotoFile(file(data.chelsea()[:100, :100]))

    before = threading.active_count()
    results = run.run(((number, lambda number=number: read(number)) for number in range(10**6)), DETECTOR, CLASSIFIER)
    assert next(results).key == 0
    results.close()
    assert len(asked) <= run.BATCH * run.BATCHES_AHEAD
    assert threading.active_count() == before


def test_what_keeps_a_photo_from_being_read_is_told_and_is_not_its_trouble(monkeypatch):
    def lost() -> PhotoFile:
        raise FileNotFoundError("gone")

    real = PhotoFile.decode
    short = PhotoFile(file(data.coffee()))

    def decode(content: PhotoFile, *how):
        if content is short:
            raise NoMemory("Not now.")
        return real(content, *how)

    monkeypatch.setattr(PhotoFile, "decode", decode)
    photos = [(0, lost), (1, lambda: short), (2, lambda: PhotoFile(file(data.chelsea())))]
    missing, large, good = run.run(photos, DETECTOR, CLASSIFIER)
    assert isinstance(missing.fault, FileNotFoundError) and isinstance(large.fault, NoMemory)
    assert (missing.trouble, large.trouble, good.fault) == ("", "", None)
    assert missing.tagged is None is large.tagged and good.tagged


def test_one_file_that_is_no_photo_is_an_error():
    with pytest.raises(UserError):
        run.tag_photo(PhotoFile(b""), DETECTOR, CLASSIFIER)


def test_orientation_is_minded_and_large_photos_are_looked_at_small():
    large = cv2.resize(data.astronaut(), (2048, 1536), interpolation=cv2.INTER_CUBIC)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.rot90(large))).save(turned, "JPEG", exif=exif.tobytes(), quality=92)
    result = run.tag_photo(PhotoFile(turned.getvalue()), DETECTOR, CLASSIFIER)
    assert result.image.shape == (720, 960, 3)
    assert len(result.faces) == 1
    x, y = result.faces[0].landmarks.mean(axis=0) / [960, 720]
    assert 0.35 < x < 0.55
    assert 0.15 < y < 0.35


def test_small_faces_are_found():
    image = np.full((3000, 4000, 3), 90, np.uint8)
    # Its face is 100 pixels wide of 400: 1/40 of the long edge.
    person = cv2.resize(data.astronaut()[:400, 100:400], None, fx=1.02, fy=1.02, interpolation=cv2.INTER_AREA)
    image[1000 : 1000 + len(person), 500 : 500 + person.shape[1]] = person
    (found,) = look(image).faces
    assert found.width / 960 == pytest.approx(1 / 40, rel=0.25)


# --- Corrections ---------------------------------------------------------------------------------------------------


def directions(count: int, towards: int, seed: int) -> list[np.ndarray]:
    """Embeddings of photos that are alike: near one axis."""
    random = np.random.default_rng(seed)
    found = np.abs(random.normal(0, 0.02, (count, 1280))).astype(np.float32)
    found[:, towards] += 1
    return list(found / np.linalg.norm(found, axis=1, keepdims=True))


def confidence(lessons: taught.Taught, word: str, embedding: np.ndarray, found: float) -> float:
    return float(lessons.confidences(word, embedding[None], np.array([found]))[0])


def test_an_added_word_comes_to_photos_that_are_alike():
    examples = [taught.Example(each, {}, {"our dog": True}) for each in directions(5, 0, 1)]
    examples += [taught.Example(each, {}, {}) for each in directions(40, 1, 2)]
    lessons = taught.learn(examples)
    alike, other = directions(1, 0, 3)[0], directions(1, 1, 4)[0]
    (tag,) = lessons.applied([], alike)
    assert (tag.word, tag.origin, tag.engine) == ("our dog", "taught", taught.NAME)
    assert tag.confidence > 0.7
    assert lessons.applied([], other) == ()


def test_a_removed_word_becomes_unsure_where_photos_are_alike_and_stays_elsewhere():
    examples = [taught.Example(each, {"bear": 0.8}, {"bear": False}) for each in directions(5, 0, 1)]
    examples += [taught.Example(each, {"bear": 0.9}, {}) for each in directions(20, 1, 2)]
    examples += [taught.Example(each, {}, {}) for each in directions(20, 2, 3)]
    lessons = taught.learn(examples)
    assert confidence(lessons, "bear", directions(1, 0, 4)[0], 0.8) < 0.3
    assert confidence(lessons, "bear", directions(1, 1, 5)[0], 0.9) > 0.6
    assert confidence(lessons, "bear", directions(1, 2, 6)[0], 0.0) < 0.1


def test_what_was_not_taught_stays_as_it_is():
    lessons = taught.learn([taught.Example(each, {}, {}) for each in directions(5, 0, 1)])
    tags = (Tag("cat", 0.8, "subject", "C"),)
    assert lessons.applied(tags, directions(1, 0, 2)[0]) == tags
    assert confidence(lessons, "cat", directions(1, 0, 2)[0], 0.8) == 0.8


def test_a_corrected_tag_keeps_its_place_and_its_parents():
    box = (0.1, 0.2, 0.3, 0.4)
    examples = [taught.Example(each, {"dog": 0.4}, {"dog": True}) for each in directions(5, 0, 1)]
    examples += [taught.Example(each, {}, {}) for each in directions(5, 1, 2)]
    tags = (Tag("cat", 0.5, "subject", "C"), Tag("dog", 0.4, "objects", "D", ("animals", "mammal"), (box,)))
    first, second = taught.learn(examples).applied(tags, directions(1, 0, 3)[0])
    assert (first.word, first.boxes, first.parents) == ("dog", (box,), ("animals", "mammal"))
    assert first.confidence > 0.6
    assert second.word == "cat"


def test_a_word_that_is_right_everywhere_teaches_nothing():
    lessons = taught.learn([taught.Example(each, {}, {"ours": True}) for each in directions(3, 0, 1)])
    assert lessons.lessons == {}


def test_nearest_come_first():
    embeddings = np.stack([*directions(3, 0, 1), *directions(3, 1, 2)])
    found = tagging.nearest(embeddings[4], embeddings, 3)
    assert found[0][0] == 4
    assert {number for number, _ in found} == {3, 4, 5}
    assert found[0][1] == pytest.approx(1, abs=1e-5)
    assert len(tagging.nearest(embeddings[0], embeddings, 99)) == 6
    assert tagging.nearest(embeddings[0], embeddings[:0], 3) == []


def test_one_correction_does_not_reach_photos_that_are_unlike_it():
    embeddings = np.random.default_rng(1).normal(size=(40, 64)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    found = np.repeat([0.9, 0.0], 20)
    verdicts = [{"party": True, "person": False}] + [{}] * 39
    lessons = taught.learn([
        taught.Example(embedding, {"person": float(sure)}, verdict)
        for embedding, sure, verdict in zip(embeddings, found, verdicts, strict=True)
    ])  # fmt: skip
    assert (lessons.confidences("party", embeddings, np.zeros(40))[1:] < taught.LEAST_SURE).all()
    assert (lessons.confidences("person", embeddings, found)[1:20] > 0.5).all()
