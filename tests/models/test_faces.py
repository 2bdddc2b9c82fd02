"""Faces are found, told apart, grouped, and named after those that have a name; nobody is named who is not known."""

from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest
import torch
from facenet_pytorch import InceptionResnetV1, extract_face, fixed_image_standardization
from skimage import data

from models import cache, faces, weights
from models.faces import find, group
from models.faces.align import View, moved
from models.faces.dlib import PLACES, SIZE
from models.weights import entries
from tests.conftest import EXAMPLES, SHARED
from tests.models.lying import lying
from tests.persons import ADA, GRACE, MARY, strangers

PEOPLE = SHARED / "data/people"
STRANGERS = SHARED / "data/portraits/images"
DLIB, FACENET, JOINED = faces.ENGINES["dlib"], faces.ENGINES["facenet"], faces.ENGINES["dlib+mobilefacenet"]

pytestmark = pytest.mark.usefixtures("no_model_stays", "first_faces")


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """One face, 512x512; its box is about 100 pixels wide."""
    return data.astronaut()


@pytest.fixture(scope="module")
def embedding(astronaut) -> np.ndarray:
    """Of the astronaut, float32 128."""
    (face,) = DLIB.look(astronaut)
    return face.embedding


@pytest.fixture(scope="module")
def joined(astronaut) -> np.ndarray:
    """Of the astronaut, by both networks, float32 320."""
    (face,) = JOINED.look(astronaut)
    return face.embedding


@pytest.fixture
def namer() -> faces.Namer:
    return faces.Namer(DLIB, {"Ada": ADA.photos(10), "Grace": GRACE.photos(10)})


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def compressed(image: np.ndarray) -> np.ndarray:
    _, file = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 20])
    return cv2.imdecode(file, cv2.IMREAD_COLOR_RGB)


CHANGES = {
    "small": lambda image: cv2.resize(image, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA),
    "large": lambda image: cv2.resize(image, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC),
    "dark": lambda image: image // 3,
    "grey": lambda image: cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB),
    "turned": lambda image: turned(image, 20),
    "mirrored": lambda image: np.ascontiguousarray(image[:, ::-1]),
    "compressed": compressed,
    "cropped": lambda image: np.ascontiguousarray(image[40:200, 150:300]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_person_is_like_herself_however_the_photo_changes(astronaut, embedding, joined, change):
    image = change(astronaut)
    found = find.quickly(image)
    for engine, known in ((DLIB, embedding), (JOINED, joined)):
        (changed,) = engine.embed(image, found)
        assert np.linalg.norm(changed - known) < engine.same[0]


def test_an_embedding_is_what_it_was(embedding):
    assert (embedding.shape, embedding.dtype) == ((128,), np.float32)
    recorded = [-0.0915, 0.0150, 0.0325, -0.0811, -0.1467, -0.0240, -0.0173, -0.1432]
    np.testing.assert_allclose(embedding[:8], recorded, atol=0.005)


def test_dlib_itself_says_the_same(astronaut, embedding):
    (found,) = find.quickly(astronaut)
    network = dlib.face_recognition_model_v1(str(weights.path("dlib-face")))
    face = View.fitting(found.landmarks, PLACES).cut(astronaut, SIZE)
    np.testing.assert_allclose(embedding, network.compute_face_descriptor(face), atol=1e-5)


def test_faces_are_embedded_in_batches(astronaut, embedding, monkeypatch):
    found = find.quickly(astronaut) * 5
    monkeypatch.setattr("models.faces.dlib.BATCH", 2)
    np.testing.assert_allclose(DLIB.embed(astronaut, found), [embedding] * 5, atol=1e-4)


def test_two_networks_are_joined(astronaut, embedding, joined):
    assert (joined.shape, joined.dtype) == ((320,), np.float32)
    found = find.quickly(astronaut)
    # dlib's of the face and of its mirror image, on average, which is near either of them.
    assert 0.01 < np.linalg.norm(joined[:128] - embedding) < 0.25
    recorded = [0.0063, -0.0003, 0.0024, 0.0007, -0.0053, -0.0322, 0.0262, -0.0370]
    np.testing.assert_allclose(joined[128:136], recorded, atol=0.003)
    assert np.linalg.norm(joined[128:]) == pytest.approx(0.5, abs=1e-5)
    assert JOINED.embed(astronaut, []).shape == (0, 320)
    np.testing.assert_allclose(JOINED.embed(astronaut, found * 3), [joined] * 3, atol=1e-4)


def test_many_faces_are_embedded_a_few_at_a_time_by_both(astronaut, joined, monkeypatch):
    monkeypatch.setattr("models.faces.dlib.BATCH", 2)
    monkeypatch.setattr("models.faces.mobilefacenet.BATCH", 2)
    np.testing.assert_allclose(JOINED.embed(astronaut, find.quickly(astronaut) * 3), [joined] * 3, atol=1e-4)


def test_boxes_are_fractions_of_the_photo_largest_first(astronaut):
    canvas = np.full((600, 1000, 3), 128, np.uint8)
    canvas[50:306, 700:956] = cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA)
    canvas[44:556, 20:532] = astronaut
    large, small = DLIB.look(canvas)
    (alone,) = find.quickly(astronaut)
    size = np.tile([1000, 600], 2)
    np.testing.assert_allclose(np.array(large.box) * size, alone.box + np.tile([20, 44], 2), atol=8)
    np.testing.assert_allclose(np.array(small.box) * size, alone.box / 2 + np.tile([700, 50], 2), atol=8)
    assert 0.9 < small.sure <= 1
    assert np.linalg.norm(large.embedding - small.embedding) < DLIB.same[0]


@pytest.mark.parametrize("edge", [800, 2400])
def test_a_face_of_a_fortieth_of_the_long_edge_is_found(astronaut, edge):
    (alone,) = find.quickly(astronaut)
    scale = 1.1 * edge * find.QUICK_LOOK / alone.width
    head = cv2.resize(astronaut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.full((edge * 2 // 3, edge, 3), 128, np.uint8)
    canvas[100 : 100 + head.shape[0], 200 : 200 + head.shape[1]] = head
    (face,) = find.quickly(canvas)
    assert abs(face.width - alone.width * scale) < 0.3 * alone.width * scale
    np.testing.assert_allclose(face.landmarks, alone.landmarks * scale + [200, 100], atol=0.15 * face.width)


@pytest.mark.parametrize("photo", ["chelsea", "coffee", "rocket"])
def test_a_photo_without_a_face_has_none(photo):
    assert DLIB.look(getattr(data, photo)()) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3000, 1), (17, 31)])
def test_any_size_works(size):
    assert DLIB.look(np.full((*size, 3), 128, np.uint8)) == []
    assert DLIB.embed(np.full((*size, 3), 128, np.uint8), []).shape == (0, 128)


@pytest.mark.parametrize("degrees", [0, -30, 90, 180])
def test_a_view_puts_landmarks_where_they_are_wanted(astronaut, degrees):
    (face,) = find.quickly(astronaut)
    matrix = cv2.getRotationMatrix2D((256, 256), degrees, 1.5)
    view = View.fitting(moved(face.landmarks, matrix), PLACES)
    shown = (moved(moved(face.landmarks, matrix), view.matrix(SIZE)) + 0.5) / SIZE
    np.testing.assert_allclose(shown, PLACES, atol=0.05)
    np.testing.assert_allclose(shown.mean(axis=0), PLACES.mean(axis=0), atol=1e-3)


def test_a_view_of_landmarks_in_one_place_can_be_cut(astronaut):
    view = View.fitting(np.full((5, 2), 100, np.float32), PLACES)
    assert view.cut(astronaut, SIZE).shape == (SIZE, SIZE, 3)


def test_the_right_names_are_told_and_strangers_have_none(namer):
    assert namer.people == ["Ada", "Grace"]
    for person, name in ((ADA, "Ada"), (GRACE, "Grace")):
        names = namer.name(person.photos(50))
        assert {each.person for each in names} == {name}
        assert min(each.confidence for each in names) > 0.9
    assert {each.person for each in namer.name(strangers(50))} == {None}


def test_confidences_leave_room_for_somebody_else(namer):
    confidences = namer.confidences(np.concatenate([ADA.photos(5), strangers(5)]))
    assert (confidences.shape, confidences.dtype) == ((10, 2), np.float32)
    assert confidences.min() >= 0
    assert confidences.sum(axis=1).max() <= 1
    assert confidences[:5, 0].min() > 0.9
    assert confidences[5:].sum(axis=1).max() < 0.1


def test_nobody_is_named_below_the_confidence_that_is_asked_for(namer):
    ada, grace = ADA.photos(1), GRACE.photos(1)
    between = np.concatenate([ada + share * (grace - ada) for share in np.linspace(0, 1, 500)])
    names = namer.name(between, 0)
    unsure = next(each for each in names if 0.3 < each.confidence < 0.9)
    assert unsure.likeliest == unsure.person == "Ada"
    (again,) = namer.name(between[[names.index(unsure)]], unsure.confidence + 0.01)
    assert (again.person, again.likeliest, again.confidence) == (None, "Ada", pytest.approx(unsure.confidence))


def test_one_face_is_enough_to_begin_with():
    namer = faces.Namer(DLIB, {"Ada": ADA.photos(1), "Nobody yet": np.empty((0, 128), np.float32)})
    assert namer.people == ["Ada"]
    assert [each.person for each in namer.name(np.concatenate([ADA.photos(1), GRACE.photos(1)]))] == ["Ada", None]


def test_where_nobody_was_named_nobody_is():
    namer = faces.Namer(DLIB, {})
    assert namer.name(ADA.photos(2)) == [faces.Name(None, None, 0.0)] * 2
    assert namer.confidences(ADA.photos(2)).shape == (2, 0)
    assert namer.name(np.empty((0, 128), np.float32)) == []


def test_a_few_wrong_names_hardly_matter():
    wrong = np.concatenate([ADA.photos(9), GRACE.photos(1)])
    namer = faces.Namer(DLIB, {"Ada": wrong, "Grace": GRACE.photos(10)})
    assert {each.person for each in namer.name(ADA.photos(30))} == {"Ada"}
    assert {each.person for each in namer.name(GRACE.photos(30))} == {"Grace"}


def test_what_a_visitor_says_of_a_strangers_face_is_learnt():
    sister = ADA.photos(30) + np.float32(0.35) * (GRACE.photos(30) - ADA.photos(30))
    before = faces.Namer(DLIB, {"Ada": ADA.photos(10)})
    after = faces.Namer(DLIB, {"Ada": ADA.photos(10)}, strangers=sister)
    assert after.confidences(sister).mean() < before.confidences(sister).mean()
    # A sister who is nearer than strangers are leaves some of Ada's own faces in doubt.
    assert sum(each.person == "Ada" for each in after.name(ADA.photos(200))) >= 160


def test_nobody_is_twice_in_one_photo(namer):
    """The likelier face gets the name; the other one may be the next likeliest, or is nobody's."""
    near, far, grace = (
        ADA.photos(1),
        ADA.photos(1) + np.float32(0.2) * (GRACE.photos(1) - ADA.photos(1)),
        GRACE.photos(1),
    )
    photo = np.concatenate([far, near, grace])
    assert [each.person for each in namer.name(photo)] == ["Ada", "Ada", "Grace"]
    other, ada, own = namer.name(photo, photos=[7, 7, 7])
    assert (other.person, ada.person, own.person) == (None, "Ada", "Grace")
    assert [each.person for each in namer.name(photo, photos=[7, 8, 7])] == ["Ada", "Ada", "Grace"]

    # Of sisters, whom the network can hardly tell apart, the one is there and the other one, too.
    sisters = np.float32([[0.7, 0.28], [0.6, 0.36], [0.02, 0.01]])
    first, second, stranger = faces.once(sisters, [0, 0, 0])
    assert first.argmax() == 0 and first[0] == pytest.approx(0.7)
    assert second[0] == 0 and second[1] == pytest.approx(0.36 / 0.4)
    assert stranger.max() < 0.05
    # Somebody ruled out beforehand is nobody's likeliest.
    assert faces.once(sisters, [0, 0, 0], [{0}, set(), set()])[0, 0] == 0


def test_many_faces_are_named_at_a_time(namer, monkeypatch):
    mixed = np.concatenate([ADA.photos(7), strangers(6)])
    whole = namer.confidences(mixed)
    monkeypatch.setattr("models.faces.name.AT_A_TIME", 4)
    np.testing.assert_allclose(namer.confidences(mixed), whole, atol=1e-5)


def test_like_faces_are_grouped_the_largest_group_first():
    photos = [GRACE.photos(4), ADA.photos(12), strangers(3), MARY.photos(2)]
    labels = faces.groups(DLIB, np.concatenate(photos))
    assert labels.tolist() == [1] * 4 + [0] * 12 + [faces.ALONE] * 3 + [2] * 2


@pytest.mark.parametrize("count", [0, 1])
def test_a_face_without_others_is_alone(count):
    assert faces.groups(DLIB, ADA.photos(count)).tolist() == [faces.ALONE] * count


def test_a_person_who_is_two_comes_apart():
    assert set(faces.groups(DLIB, np.concatenate([ADA.photos(6), GRACE.photos(5)]))) == {0, 1}


def test_more_faces_than_can_be_compared_join_those_that_they_resemble(monkeypatch):
    monkeypatch.setattr(group, "AT_A_TIME", 20)
    photos = [ADA.photos(15), GRACE.photos(5), GRACE.photos(4, 0.02), strangers(2), ADA.photos(1, 0.02)]
    labels = faces.groups(DLIB, np.concatenate(photos))
    assert labels.tolist() == [0] * 15 + [1] * 9 + [faces.ALONE] * 2 + [0]


def test_the_engines_say_who_they_are(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))
    known = {entry.name: entry for entry in entries()}
    for engine in (DLIB, FACENET, JOINED):
        needed = [known[name] for name in engine.requires]
        assert engine.bytes == sum(entry.bytes for entry in needed)
        assert all(entry.licence in engine.licence for entry in needed)
        assert needed[0].file in engine.how
        assert not engine.available()
        assert engine.same[0] < engine.alike < engine.other[0]
    assert faces.auto() is JOINED
    assert known["facenet"].optional
    assert not known["dlib-face"].optional


@pytest.fixture
def facenet(tmp_path):
    torch.manual_seed(1)
    with lying(FACENET, tmp_path, InceptionResnetV1(classify=True, num_classes=3).state_dict()) as here:
        yield here


def test_facenet_answers_as_the_librarys_documented_use(facenet, astronaut):
    assert faces.auto() is FACENET
    found = find.quickly(astronaut)
    answer = facenet.engine.embed(astronaut, found)
    torch.manual_seed(1)
    network = InceptionResnetV1(classify=True, num_classes=3).eval()
    network.classify = False
    with torch.no_grad():
        expected = network(fixed_image_standardization(extract_face(astronaut, found[0].box))[None]).numpy()
    np.testing.assert_allclose(answer, expected, atol=1e-5)
    assert (answer.shape, answer.dtype) == ((1, 512), np.float32)


def test_facenet_embeds_any_number_of_faces(facenet, astronaut, monkeypatch):
    (face,) = find.quickly(astronaut)
    beyond = find.Found(face.box + np.float32([-200, -100, -60, -20]), face.landmarks, face.sure)
    monkeypatch.setattr("models.faces.facenet.BATCH", 2)
    embeddings = facenet.engine.embed(astronaut, [face, beyond, face])
    np.testing.assert_allclose(embeddings[0], embeddings[2], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert facenet.engine.embed(astronaut, []).shape == (0, 512)


def test_a_file_that_broke_off_is_refused(astronaut, tmp_path, monkeypatch):
    whole = weights.path("dlib-face").read_bytes()
    short = tmp_path / "short.dat"
    monkeypatch.setattr(weights, "path", lambda name, progress=None: short)
    for length in (0, 10_000, len(whole) // 2, len(whole) - 100_000):
        short.write_bytes(whole[:length])
        cache.make_room()
        with pytest.raises(weights.WeightsError, match=r"short\.dat"):
            DLIB.look(astronaut)


@pytest.mark.parametrize("engine", [DLIB, FACENET], ids=lambda engine: engine.name)
def test_a_file_that_is_no_network_is_refused(engine, astronaut, monkeypatch):
    monkeypatch.setattr(weights, "path", lambda name, progress=None: EXAMPLES / "chelsea.jpg")
    cache.make_room()
    with pytest.raises(weights.WeightsError, match=r"chelsea\.jpg"):
        engine.look(astronaut)


@pytest.mark.skipif(not PEOPLE.is_dir(), reason=f"{PEOPLE} is not there")
def test_people_in_press_photos_are_named_and_strangers_are_not():
    read = {folder.name: [shown(file) for file in sorted(folder.iterdir())[:24:2]] for folder in PEOPLE.iterdir()}
    known, asked = {}, []
    for person, photos in read.items():
        single = [photo for photo in photos if len(photo) == 1]
        known[person] = np.concatenate(single[:4])
        asked += [(person, photo) for photo in photos if not any(photo is each for each in single[:4])]
    asked += [(None, shown(file)) for file in sorted(STRANGERS.iterdir())[:10]]
    namer = faces.Namer(JOINED, known)
    told = [(person, {name.person for name in namer.name(photo)} - {None}) for person, photo in asked]
    assert sum(names <= {person} for person, names in told) == len(told)
    assert sum(names == {person} for person, names in told if person) >= 0.9 * sum(bool(person) for person, _ in told)


def shown(file: Path) -> np.ndarray:
    """Embeddings of the faces of a photo by `JOINED`, float32 NxD."""
    image = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
    return JOINED.embed(image, find.quickly(image))
