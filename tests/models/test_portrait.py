"""Every face of a photo comes apart into soft mattes of its parts, whichever way it is turned, lit or framed."""

import cv2
import numpy as np
import pytest
from skimage import data

from models.layers import people, portrait
from models.layers.portrait import Face, Portrait
from models.weights import entries


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """One face, smiling, hair all around; 1024x1024."""
    return cv2.resize(data.astronaut(), (1024, 1024), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def taken_apart(astronaut) -> Portrait:
    return parse(astronaut)


def parse(image: np.ndarray) -> Portrait:
    return portrait.auto().parse(image, people.auto().matte(image).alpha)


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    """Turn HxW(xC) about its middle, counter-clockwise."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two mattes, uint8 HxW."""
    return np.count_nonzero((one > 127) & (other > 127)) / max(1, np.count_nonzero((one > 127) | (other > 127)))


def around(points: np.ndarray, shape: tuple[int, int], reach: int = 0) -> np.ndarray:
    """The hull of points, uint8 HxW, 255 inside and as far as `reach` pixels around."""
    inside = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(points).astype(np.int32)), 255)
    return cv2.dilate(inside, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))


def share_within(part: np.ndarray, whole: np.ndarray) -> float:
    """How much of a matte lies in another."""
    return (part.astype(float) * (whole > 127)).sum() / part.sum()


def the_face(result: Portrait) -> Face:
    (face,) = result.faces
    return face


def test_a_portrait_has_all_parts_at_the_working_size(taken_apart):
    assert tuple(taken_apart.mattes) == portrait.KINDS
    for alpha in taken_apart.mattes.values():
        assert alpha.dtype == np.uint8
        assert alpha.shape == (1024, 1024)
        assert alpha.max() > 200
    assert taken_apart.engine == "Envo portrait"
    assert min(taken_apart.seconds.values()) > 0


def test_parts_lie_where_the_landmarks_say(taken_apart):
    left_eye, right_eye, nose, *mouth = the_face(taken_apart).landmarks
    mattes = taken_apart.mattes
    eyes_apart = np.linalg.norm(right_eye - left_eye)
    for x, y in (left_eye, right_eye):
        assert mattes["eyes"][round(y) - 6 : round(y) + 7, round(x) - 6 : round(x) + 7].mean() > 128
    for kind, points in {"eyes": [left_eye, right_eye], "lips": mouth, "teeth": mouth}.items():
        assert share_within(mattes[kind], around(points, (1024, 1024), round(0.3 * eyes_apart))) > 0.95, kind
        assert share_within(mattes[kind], mattes["face"]) > 0.9, kind
    assert mattes["face"][round(nose[1]), round(nose[0])] > 230
    assert mattes["skin"][round(nose[1]), round(nose[0])] > 230


def test_teeth_are_between_the_lips(taken_apart):
    teeth, lips = taken_apart.mattes["teeth"], taken_apart.mattes["lips"]
    y, x = np.nonzero(lips > 127)
    assert share_within(teeth, around(np.stack([x, y], axis=1), teeth.shape)) > 0.98
    assert overlap(teeth, lips) < 0.1


def test_a_closed_mouth_has_no_teeth(astronaut, taken_apart):
    # The lips' own colour over what is between them.
    mouth = taken_apart.matte("mouth", taken_apart.faces)
    closed = cv2.inpaint(astronaut, cv2.dilate((mouth > 20).astype(np.uint8), np.ones((9, 9))), 5, cv2.INPAINT_TELEA)
    assert "teeth" not in parse(closed).mattes


def test_hair_touches_the_face_and_is_not_in_it(taken_apart):
    hair, face, skin = (taken_apart.mattes[kind] for kind in ("hair", "face", "skin"))
    touching = cv2.dilate(hair, np.ones((9, 9))) > 127
    assert np.count_nonzero(touching & (face > 127)) > 500
    assert overlap(hair, face) < 0.01
    assert overlap(hair, skin) < 0.02
    assert (hair.astype(int) + face <= 257).all()


def test_skin_spares_eyes_and_lips_but_has_the_neck(taken_apart):
    skin = taken_apart.mattes["skin"]
    for kind in ("eyes", "lips", "teeth"):
        assert overlap(skin, taken_apart.mattes[kind]) < 0.02, kind
    assert skin[352:362, 398:418].mean() > 180, "neck"
    assert skin[700:, 600:].mean() < 20, "suit"


def test_the_edge_of_hair_is_soft(astronaut):
    large = cv2.resize(astronaut, (2048, 2048), interpolation=cv2.INTER_CUBIC)
    hair = parse(large).mattes["hair"]
    assert np.count_nonzero((hair > 10) & (hair < 245)) > 3000
    crown = hair[:400, 600:1100]
    assert np.count_nonzero((crown > 10) & (crown < 245)) > 500


def test_hair_ends_where_the_person_ends(astronaut, taken_apart):
    person = people.auto().matte(astronaut).alpha
    assert (taken_apart.mattes["hair"] <= person).all()
    assert (taken_apart.mattes["face"] <= person).all()


@pytest.mark.parametrize("colour", [(70, 80, 110), (170, 120, 95), (150, 190, 210)], ids=["scarf", "hand", "mask"])
def test_a_face_of_which_but_the_eyes_can_be_seen_is_one(astronaut, taken_apart, colour):
    before = the_face(taken_apart)
    eyes, apart = before.landmarks[:2], np.linalg.norm(before.landmarks[1] - before.landmarks[0])
    x, y = eyes.mean(axis=0)
    corners = np.rint([(x - 0.9 * apart, y + 0.35 * apart), (x + 0.9 * apart, y + 2.1 * apart)]).astype(int).tolist()
    covered, cover = astronaut.copy(), np.zeros(astronaut.shape[:2], np.uint8)
    cv2.rectangle(covered, *corners, colour, cv2.FILLED)
    cv2.rectangle(cover, *corners, 255, cv2.FILLED)
    found = parse(covered)
    the_face(found)
    assert share_within(around(eyes, cover.shape, round(0.2 * apart)), found.mattes["face"]) > 0.8
    assert share_within(found.mattes["face"], cover) < 0.2


@pytest.mark.parametrize("degrees", [20, -40])
def test_mattes_turn_with_the_photo(astronaut, taken_apart, degrees):
    mattes = parse(turned(astronaut, degrees)).mattes
    for kind, least in {"face": 0.9, "hair": 0.85, "eyes": 0.6, "lips": 0.6, "teeth": 0.5, "skin": 0.8}.items():
        assert overlap(turned(mattes[kind], -degrees), taken_apart.mattes[kind]) > least, kind


@pytest.mark.parametrize("degrees", [90, 180])
def test_a_photo_that_lies_on_its_side_is_taken_apart(astronaut, taken_apart, degrees):
    mattes = parse(turned(astronaut, degrees)).mattes
    assert overlap(turned(mattes["face"], -degrees), taken_apart.mattes["face"]) > 0.85


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda image: cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), id="grey"
        ),
        pytest.param(lambda image: (image * 0.15).astype(np.uint8), id="dark"),
        pytest.param(lambda image: (image * 0.4 + 120).astype(np.uint8), id="faded"),
    ],
)
def test_grey_dark_and_faded_photos_are_taken_apart(astronaut, taken_apart, change):
    mattes = parse(change(astronaut)).mattes
    assert overlap(mattes["face"], taken_apart.mattes["face"]) > 0.85
    assert overlap(mattes["hair"], taken_apart.mattes["hair"]) > 0.7
    assert overlap(mattes["lips"], taken_apart.mattes["lips"]) > 0.5


def test_each_face_of_a_group_has_its_own_parts(astronaut, taken_apart):
    group = cv2.resize(data.rocket(), (1800, 1000), interpolation=cv2.INTER_CUBIC)
    small = cv2.resize(astronaut, (600, 600), interpolation=cv2.INTER_AREA)
    group[400:, :600] = small
    group[400:, 600:1200] = small[:, ::-1]
    group[500:, 1250:1750] = cv2.resize(astronaut, (500, 500), interpolation=cv2.INTER_AREA)
    result = parse(group)
    assert len(result.faces) == 3
    assert [round(face.landmarks[:, 0].mean() / 100) for face in result.faces] == [3, 9, 15]
    single = cv2.resize(taken_apart.mattes["hair"], (600, 600), interpolation=cv2.INTER_AREA)
    for number, face in enumerate(result.faces):
        assert set(portrait.KINDS) - {"teeth"} <= set(face.pieces)
        others = result.faces[:number] + result.faces[number + 1 :]
        for kind in ("face", "hair", "eyes"):
            assert overlap(result.matte(kind, [face]), result.matte(kind, others)) < 0.02
    assert overlap(result.matte("hair", result.faces[:1])[400:, :600], single) > 0.8
    assert np.array_equal(result.matte("face", result.faces), result.mattes["face"])


def test_faces_of_very_different_size_are_found(astronaut):
    small = cv2.resize(astronaut, (160, 160), interpolation=cv2.INTER_AREA)
    crowd = parse(np.tile(small, (6, 8, 1)))
    assert len(crowd.faces) >= 44
    assert crowd.mattes["face"].mean() > 5
    filling = parse(np.ascontiguousarray(astronaut[130:350, 340:540]))
    assert the_face(filling).pieces["face"].alpha.mean() > 128


@pytest.mark.parametrize("photo", ["chelsea", "coffee", "rocket"])
def test_a_photo_without_a_face_has_none(photo):
    result = parse(getattr(data, photo)())
    assert result.faces == []
    assert result.mattes == {}


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3000, 1), (17, 31), (20, 20), (40, 1500)])
def test_any_size_works(size):
    assert portrait.auto().parse(np.full((*size, 3), 128, np.uint8)).faces == []


def test_noise_is_no_face():
    noise = np.random.default_rng(6).integers(0, 256, (300, 400, 3), np.uint8)
    assert portrait.auto().parse(noise).faces == []


def test_a_large_photo_is_taken_apart_at_the_working_size(astronaut):
    wide = np.pad(astronaut, ((0, 0), (1000, 1500), (0, 0)), mode="edge")
    result = portrait.auto().parse(wide)
    assert result.size == (2048, round(1024 * 2048 / 3524))
    assert result.mattes["face"].shape == result.size[::-1]


def test_progress_is_told(astronaut):
    told = []
    portrait.auto().parse(astronaut, report=lambda step, fraction: told.append(step))
    assert told == ["Finding faces", "Taking faces apart", "Following the edges"]


def test_an_engine_says_who_it_is():
    engine = portrait.ENGINES["Envo portrait"]
    assert set(engine.requires) <= {entry.name for entry in entries()}
    assert engine.licence
