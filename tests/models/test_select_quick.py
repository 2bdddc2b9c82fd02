"""A click selects what lies under it, the next one mends that, whatever the photo's size."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from skimage import data

from envo import settings
from models import select
from models.select import Prompt, Selection
from models.weights import entries

QUICK = "quick"
CUP = (300, 180)
"""Inside the cup of `data.coffee()`."""
TABLE = (80, 60)
HELMET = ((410, 435), 270, 335, 512, 512)
"""A place on the helmet in the lap of `data.astronaut()`, and the box around it."""
BADGE = ((179, 384), 130, 345, 212, 425)
FACE = (225, 120)


def asked(image: np.ndarray, *points: tuple[float, float, bool], **prompt) -> Selection:
    """Answer clicks (x, y, adds) one after the other, each with the mask of those before."""
    engine = select.ENGINES[QUICK]
    photo = engine.prepare(image)
    answer = None
    for number in range(1, max(1, len(points)) + 1):
        given = points[:number]
        mask = answer.candidates[0].mask if answer else None
        told = {"points": tuple((x, y) for x, y, _ in given), "adds": tuple(adds for _, _, adds in given)}
        answer = engine.predict(photo, Prompt(**{"mask": mask, **told, **prompt}))
    return answer


def mask_of(image: np.ndarray, *points: tuple[float, float, bool], **prompt) -> np.ndarray:
    return asked(image, *points, **prompt).candidates[0].mask


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return data.coffee()


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero((one > 127) & (other > 127)) / np.count_nonzero((one > 127) | (other > 127))


def test_a_click_on_the_cup_selects_it(coffee):
    answer = asked(coffee, (*CUP, True))
    assert answer.engine == QUICK
    assert answer.seconds > 0
    mask = answer.candidates[0].mask
    assert mask.dtype == np.uint8
    assert mask.shape == coffee.shape[:2]
    assert mask[CUP[1], CUP[0]] > 200
    assert mask[100:250, 230:370].mean() > 200, "cup"
    assert mask[:40, :100].mean() < 40, "table"


def test_one_click_has_three_answers_and_more_clicks_have_one(coffee):
    first = asked(coffee, (*CUP, True))
    assert len(first.candidates) == 3
    assert all(0 <= each.score <= 1 for each in first.candidates)
    second = asked(coffee, (*CUP, True), (*TABLE, False))
    assert len(second.candidates) == 1


@pytest.mark.parametrize("place", [(0.8, 0.85), (0.36, 0.72), (0.46, 0.15), (0.75, 0.25), (0.06, 0.2)])
def test_what_a_click_may_mean_differs_in_size_by_a_quarter_at_least(astronaut, place):
    height, width = astronaut.shape[:2]
    candidates = asked(astronaut, (place[0] * width, place[1] * height, True)).candidates
    assert 2 <= len(candidates) <= 3
    areas = sorted(float(each.mask.mean()) for each in candidates)
    assert all(0 < less <= 0.75 * more for less, more in pairwise(areas))
    scores = [each.score for each in candidates[1:]]
    assert scores == sorted(scores, reverse=True), "likeliest first"
    assert all(each.mask[int(place[1] * height), int(place[0] * width)] > 127 for each in candidates)


def test_the_thing_that_a_person_holds_or_wears_is_among_what_a_click_may_mean(astronaut):
    for place, left, top, right, bottom in (HELMET, BADGE):
        candidates = asked(astronaut, (*place, True)).candidates
        assert any(each.mask[FACE[1], FACE[0]] > 127 for each in candidates), "all of her"
        things = []
        for each in candidates:
            found = each.mask > 127
            inside = np.count_nonzero(found[top:bottom, left:right])
            things.append(inside > 0.9 * np.count_nonzero(found) and inside > 0.5 * (bottom - top) * (right - left))
        assert any(things), "the thing alone"


def test_a_click_that_takes_away_does(coffee):
    everything = np.full(coffee.shape[:2], 255, np.uint8)
    mask = mask_of(coffee, (*TABLE, False), mask=everything)
    assert mask[TABLE[1], TABLE[0]] < 60
    assert mask.mean() < 250


def test_a_second_click_adds(coffee):
    one = mask_of(coffee, (*CUP, True))
    both = mask_of(coffee, (*CUP, True), (*TABLE, True))
    assert both[TABLE[1], TABLE[0]] > 150 > one[TABLE[1], TABLE[0]]
    assert both[CUP[1], CUP[0]] > 150


def test_a_box_selects_the_thing_in_it(coffee):
    mask = mask_of(coffee, box=(150, 50, 460, 370))
    assert mask[100:250, 230:370].mean() > 200, "cup"
    assert mask[:, :100].mean() < 30


def test_a_small_thing_is_found_in_a_large_photo():
    """The cat's face, a twentieth as wide as the photo."""
    photo = np.full((1200, 2000, 3), (120, 140, 90), np.uint8)
    photo[700:780, 1500:1600] = cv2.resize(data.chelsea()[50:250, 130:330], (100, 80), interpolation=cv2.INTER_AREA)
    mask = mask_of(photo, (1550, 740, True))
    assert mask[690:790, 1490:1610].sum() > 0.95 * mask.sum()
    assert mask[715:765, 1520:1580].mean() > 150


@pytest.mark.parametrize("edge", [150, 1024, 2048])
def test_the_answer_does_not_depend_on_the_photos_size(coffee, edge):
    scale = edge / 600
    other = cv2.resize(coffee, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    mask = mask_of(other, (CUP[0] * scale, CUP[1] * scale, True))
    assert mask.shape == other.shape[:2]
    mask = cv2.resize(mask, coffee.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert overlap(mask, mask_of(coffee, (*CUP, True))) > 0.8


def test_clicks_are_pixels_of_the_original(coffee):
    engine = select.ENGINES[QUICK]
    photo = engine.prepare(coffee, size=(6000, 4000))
    mask = engine.predict(photo, Prompt(((CUP[0] * 10, CUP[1] * 10),), (True,))).candidates[0].mask
    assert (mask == mask_of(coffee, (*CUP, True))).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3000, 1), (17, 31), (100, 12_000)])
def test_any_size_works(size):
    image = np.full((*size, 3), 128, np.uint8)
    mask = mask_of(image, (size[1] - 0.5, size[0] - 0.5, True), (0, 0, False))
    assert max(mask.shape) <= settings.WORKING_EDGE


def test_a_hundred_clicks_work(coffee):
    random = np.random.default_rng(0)
    points = [(*random.uniform((0, 0), coffee.shape[1::-1]), bool(random.integers(2))) for _ in range(100)]
    engine = select.ENGINES[QUICK]
    given = Prompt(tuple((x, y) for x, y, _ in points), tuple(adds for *_, adds in points))
    (answer,) = engine.predict(engine.prepare(coffee), given).candidates
    assert answer.mask.shape == coffee.shape[:2]


def test_the_edge_is_soft(coffee):
    mask = mask_of(cv2.resize(coffee, (2048, 1365), interpolation=cv2.INTER_CUBIC), (1024, 614, True))
    assert np.count_nonzero((mask > 25) & (mask < 230)) > 2000


def test_the_engine_says_who_it_is():
    engine = select.ENGINES[QUICK]
    assert set(engine.requires) <= {entry.name for entry in entries()}
    assert engine.licence
    assert engine.label
