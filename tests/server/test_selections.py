"""Selecting by HTTP: what the page asks for and gets."""

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Event

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo import masks, memory
from models import select
from models.select import Candidate, Engine, Prompt
from tests.browser.pages import COFFEE
from tests.server import routes_only
from tests.unit.test_memory import until

SIZE = (600, 400)
"""Of coffee.jpg."""


class Discs(Engine):
    """Selects a disc at each click, and what there was before: a mask tells all that led to it."""

    requires = ()

    def __init__(self, name: str):
        self.name = name
        self.label = name.title()
        self.here = True
        self.photos = 0
        self.asked: list[Prompt] = []

    def available(self) -> bool:
        return self.here

    def fetch(self, report) -> None:
        self.here = True

    def _embed(self, image, report):
        self.photos += 1
        return {"image": image[:1]}

    def _answer(self, photo, prompt):
        self.asked.append(prompt)
        height, width = photo.image.shape[:2]
        y, x = np.mgrid[:height, :width]
        candidates = []
        for radius in (12, 6, 3) if len(prompt.points) == 1 and prompt.mask is None else (12,):
            mask = np.zeros((height, width), np.uint8) if prompt.mask is None else prompt.mask.copy()
            if prompt.points:
                at, adds = prompt.points[-1], prompt.adds[-1]
                near = np.hypot(x + 0.5 - at[0] * photo.scale[0], y + 0.5 - at[1] * photo.scale[1]) < radius
                mask[near] = 255 if adds else 0
            else:
                left, top, right, bottom = prompt.box
                mask[(x >= left) & (x < right) & (y >= top) & (y < bottom)] = 255
            candidates.append(Candidate(mask, 0.9))
        return candidates


@pytest.fixture
def quick(monkeypatch, put_alone) -> Discs:
    engine = Discs("quick")
    put_alone(select.ENGINES, quick=engine)
    monkeypatch.setattr(select, "auto", lambda: engine)
    return engine


@pytest.fixture
def photo(client) -> str:
    return add(client)


def add(client: TestClient) -> str:
    return client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]


def png(mask: np.ndarray) -> str:
    return base64.b64encode(masks.encode_matte(mask)).decode()


def read(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))


def click(client: TestClient, photo: str, *points, **more) -> dict:
    answer = client.post(f"/envo/photos/{photo}/select", json={"points": points, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_click_is_answered_by_masks_at_the_working_size(client, photo, quick):
    answer = click(client, photo, (300, 200, True))
    assert (answer["engine"], answer["label"]) == ("quick", "Quick")
    assert [read(each["mask"]).shape for each in answer["candidates"]] == [(400, 600)] * 3
    mask = read(answer["candidates"][0]["mask"])
    assert mask[200, 300] == 255 and mask[200, 320] == 0


def test_one_more_click_costs_one_predict_and_undo_none(client, photo, quick):
    points = [(20 * number + 10, 100, True) for number in range(10)]
    before = [click(client, photo, *points[: count + 1]) for count in range(10)]
    assert len(quick.asked) == 10
    assert [len(prompt.points) for prompt in quick.asked] == list(range(1, 11))
    for count in reversed(range(10)):
        again = click(client, photo, *points[: count + 1])
        assert again["candidates"] == before[count]["candidates"]
    assert len(quick.asked) == 10 and quick.photos == 1
    # The same clicks sent all at once to an app that has seen none of them give the same.
    with TestClient(routes_only.app(), cookies=client.cookies) as other:
        assert click(other, photo, *points)["candidates"] == before[-1]["candidates"]


def test_a_click_may_go_on_from_another_candidate_a_box_or_a_mask(client, photo, quick):
    two = [(100, 100, True), (200, 100, True)]
    for choice, radius in enumerate((12, 6, 3)):
        mask = read(click(client, photo, *two, choice=choice)["candidates"][0]["mask"])
        assert mask[100, 100 - radius + 1] == 255 and mask[100, 100 - radius - 1] == 0
        assert mask[100, 189] == 255
    mask = read(click(client, photo, (15, 15, False), box=(60, 50, 10, 10))["candidates"][0]["mask"])
    assert mask[45, 55] == 255 and mask[15, 15] == 0
    assert [len(prompt.points) for prompt in quick.asked[-2:]] == [0, 1]
    start = np.full(SIZE[::-1], 7, np.uint8)
    mask = read(click(client, photo, (300, 200, True), start=png(start))["candidates"][0]["mask"])
    assert mask[0, 0] == 7 and mask[200, 300] == 255


def test_of_candidates_of_one_size_only_the_best_is_offered(client, photo, quick, monkeypatch):
    answering = quick._answer

    def doubled(prepared, prompt):
        return [each for each in answering(prepared, prompt) for _ in range(2)]

    monkeypatch.setattr(quick, "_answer", doubled)
    shares = [each["share"] for each in click(client, photo, (300, 200, True))["candidates"]]
    assert len(shares) == 3 and shares == sorted(shares, reverse=True)
    assert all(less <= 0.75 * more for more, less in pairwise(shares))


def glance(client: TestClient, photo: str, *points, **more) -> dict | None:
    answer = client.post(f"/envo/photos/{photo}/select/glance", json={"points": points, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_glance_tells_what_a_click_would_select_where_one_look_is_enough(client, photo, quick):
    at, then = (300, 200, True), (100, 100, True)
    assert glance(client, photo, at) is None and not quick.photos, "nothing is prepared for it"
    first = click(client, photo, at)
    assert glance(client, photo, at)["candidates"] == first["candidates"]
    foreseen = glance(client, photo, at, then, choice=1)
    assert len(quick.asked) == 2
    assert click(client, photo, at, then, choice=1) == foreseen
    assert len(quick.asked) == 2, "the click itself costs nothing any more"
    # What would need the answers to several clicks first is not looked at.
    assert glance(client, photo, (9, 9, True), (20, 20, True)) is None
    assert len(quick.asked) == 2
    assert_refused(client.post(f"/envo/photos/{photo}/select/glance", json={"points": [[-1, 5, True]]}), "outside")


def test_clicks_do_not_wait_for_what_pointers_pass(client, photo, quick, monkeypatch):
    click(client, photo, (300, 200, True))
    held, go_on, answering = Event(), Event(), quick._answer

    def held_up(prepared, prompt):
        if prompt.points[0][0] == 40:
            held.set()
            assert go_on.wait(60)
        return answering(prepared, prompt)

    monkeypatch.setattr(quick, "_answer", held_up)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(glance, client, photo, (40, 40, True))
        assert held.wait(60)
        others = [pool.submit(glance, client, photo, (50 + each, 50, True)) for each in range(4)]
        assert len(click(client, photo, (200, 100, True))["candidates"]) == 3
        assert not first.done() and not any(each.done() for each in others)
        go_on.set()
        assert all(each.result() for each in (first, *others))


def test_preparing_tells_how_far_it_is_and_who_answers(client, photo, quick, monkeypatch):
    better = Discs("better")
    monkeypatch.setitem(select.ENGINES, "better", better)
    monkeypatch.setattr(select, "auto", lambda: better)
    assert click(client, photo, (9, 9, True))["engine"] == "quick"
    seen, engines = -1, []
    while True:
        news = client.get(f"/envo/photos/{photo}/select/prepared?seen={seen}").json()
        engines.append(news["engine"])
        if news["state"] == "done":
            break
        seen = news["number"]
    assert engines[-1] == "better" and set(engines) <= {"quick", "better"}
    assert click(client, photo, (9, 9, True))["engine"] == "better"
    assert click(client, photo, (9, 9, True), engine="quick")["engine"] == "quick"
    assert quick.photos == better.photos == 1


def test_a_photo_that_was_put_away_is_prepared_again_once_it_is_clicked_in(client, photo, quick, monkeypatch):
    better = Discs("better")
    monkeypatch.setitem(select.ENGINES, "better", better)
    monkeypatch.setattr(select, "auto", lambda: better)
    client.get(f"/envo/photos/{photo}/select/prepared")
    until(lambda: click(client, photo, (9, 9, True))["engine"] == "better")
    memory.let_go(0)
    until(lambda: click(client, photo, (9, 9, True))["engine"] == "better")
    assert better.photos == 1  # the rest is on the disk


def test_engines_are_listed_and_fetched(client, quick):
    quick.here = False
    answer = client.get("/envo/select/engines").json()
    assert (answer["auto"], answer["hub"], answer["fetching"]) == ("quick", False, {})
    (listed,) = answer["engines"]
    assert listed == {"name": "quick", "label": "Quick", "available": False, "licence": "", "bytes": 0, "how": ""}
    assert client.post("/envo/select/engines/quick/fetch").status_code == 202
    while client.get("/envo/select/engines").json()["fetching"]:
        pass
    assert client.get("/envo/select/engines").json()["engines"][0]["available"]


@pytest.mark.parametrize(
    ("wish", "part"),
    [
        ({}, "Click on the photo"),
        ({"points": [[-1, 5, True]]}, "outside"),
        ({"points": [[600.5, 5, True]]}, "outside"),
        ({"points": [[5, 5, True]] * 201}, "200 clicks"),
        ({"points": [[5, "x", True]]}, "points.0.1"),
        ({"points": [[5, True]]}, "points.0"),
        ({"points": [[None, 5, True]]}, "points.0.0"),
        ({"box": [5, 5, 5, 9]}, "holds nothing"),
        ({"box": [700, 5, 900, 9]}, "holds nothing"),
        ({"box": [5, 5, 9]}, "box"),
        ({"points": [[5, 5, True]], "engine": "unheard-of"}, "no engine"),
        ({"points": [[5, 5, True]], "start": "no base64!"}, "no PNG"),
        ({"points": [[5, 5, True]], "start": base64.b64encode(b"no PNG").decode()}, "no PNG"),
        ({"points": [[5, 5, True]], "start": png(np.zeros((9, 9), np.uint8))}, "9 x 9"),
    ],
)
def test_gestures_that_mean_nothing_are_refused_in_a_sentence(client, photo, quick, wish, part):
    assert_refused(client.post(f"/envo/photos/{photo}/select", json=wish), part)


def test_numbers_that_are_none_are_refused_in_a_sentence(client, photo, quick):
    for body in ('{"points": [[NaN, 5, true]]}', '{"points": [[5, Infinity, true]]}', "{", "[]", ""):
        assert_refused(client.post(f"/envo/photos/{photo}/select", content=body), "understand")


def assert_refused(answer, part: str) -> None:
    assert answer.status_code == 400
    assert part in answer.json()["error"] and answer.json()["error"].endswith(".")


def test_without_an_engine_a_click_is_answered_by_a_sentence(client, photo, put_alone):
    put_alone(select.ENGINES)
    assert client.get("/envo/select/engines").json()["engines"] == []
    assert_refused(client.post(f"/envo/photos/{photo}/select", json={"points": [[5, 5, True]]}), "fetch an engine")
    assert_refused(client.get(f"/envo/photos/{photo}/select/prepared"), "fetch an engine")


def test_an_engine_that_is_not_here_is_not_waited_for(client, photo, quick):
    quick.here = False
    wish = {"points": [[5, 5, True]], "engine": "quick"}
    assert_refused(client.post(f"/envo/photos/{photo}/select", json=wish), "fetch it first")
    assert not quick.asked


def test_steps_change_a_mask(client, photo):
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[100:200, 100:200] = 255
    mask[140:160, 140:160] = 0
    mask[300:310, 300:310] = 255

    def step(name: str, amount: float = 0) -> np.ndarray:
        wish = {"mask": png(mask), "step": name, "amount": amount}
        return read(client.post(f"/envo/photos/{photo}/mask-steps", json=wish).json()["mask"])

    assert step("grow", 5)[95, 150] == 255
    assert step("shrink", 5)[104, 150] == 0
    assert step("fill")[150, 150] == 255
    assert step("largest")[305, 305] == 0
    assert 0 < step("feather", 4)[99, 120] < 255
    assert step("refine", 8).shape == mask.shape
    assert np.array_equal(step("grow"), mask)
    for wish in ({"step": "melt"}, {"step": "grow", "amount": 101}, {"step": "grow", "amount": -1}):
        assert_refused(client.post(f"/envo/photos/{photo}/mask-steps", json={"mask": png(mask)} | wish), "understand")


def test_a_mask_comes_back_from_its_file_as_it_was(client, photo):
    mask = np.random.default_rng(1).integers(0, 256, SIZE[::-1], np.uint8)
    answer = client.post(f"/envo/photos/{photo}/mask-upload", content=masks.encode_matte(mask))
    assert np.array_equal(read(answer.json()["mask"]), mask)
    small = io.BytesIO()
    Image.fromarray(mask).resize((300, 200)).save(small, "WebP")
    answer = client.post(f"/envo/photos/{photo}/mask-upload", content=small.getvalue())
    assert read(answer.json()["mask"]).shape == mask.shape
    assert_refused(client.post(f"/envo/photos/{photo}/mask-upload", content=b"no picture"), "no photo")


def test_a_cutout_is_the_photo_where_the_mask_is(client, photo):
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[100:200, 100:200] = 255
    answer = client.post(f"/envo/photos/{photo}/cutout", json={"mask": png(mask)})
    assert answer.headers["content-type"] == "image/png"
    assert "coffee-cutout.png" in answer.headers["content-disposition"]
    with Image.open(io.BytesIO(answer.content)) as cut, Image.open(COFFEE) as original:
        assert np.array_equal(np.asarray(cut)[..., 3], mask)
        assert np.array_equal(np.asarray(cut)[100:200, 100:200, :3], np.asarray(original)[100:200, 100:200])


def test_nobody_else_can_ask_about_a_photo(client, photo, quick):
    stranger = TestClient(client.app)
    stranger.get("/")
    mask = png(np.zeros(SIZE[::-1], np.uint8))
    for path, wish in {
        "select": {"points": [[5, 5, True]]},
        "select/glance": {"points": [[5, 5, True]]},
        "mask-steps": {"mask": mask, "step": "fill"},
        "mask-upload": {},
        "cutout": {"mask": mask},
        "own-masks": {"name": "x", "mask": mask, "engine": "quick"},
    }.items():
        assert stranger.post(f"/envo/photos/{photo}/{path}", json=wish).status_code == 404
    assert stranger.get(f"/envo/photos/{photo}/select/prepared").status_code == 404
    assert TestClient(client.app).get("/envo/select/engines").status_code == 401


@pytest.mark.parametrize("size", [(1, 1), (10_000, 6_000), (3, 2500)])
def test_photos_of_any_size_are_selected_in(client, quick, size):
    file = io.BytesIO()
    Image.new("RGB", size, (90, 120, 150)).save(file, "JPEG")
    photo = client.post("/envo/photos?name=x.jpg", content=file.getvalue()).json()["photo"]
    width, height = photo["working"]
    answer = click(client, photo["id"], (size[0], size[1], True))
    assert read(answer["candidates"][0]["mask"]).shape == (height, width)
    mask = read(answer["candidates"][0]["mask"])
    assert mask[-1, -1] == 255
    wish = {"mask": png(mask), "step": "shrink", "amount": 3}
    assert client.post(f"/envo/photos/{photo['id']}/mask-steps", json=wish).status_code == 200
    cut = client.post(f"/envo/photos/{photo['id']}/cutout", json={"mask": png(mask)})
    assert Image.open(io.BytesIO(cut.content)).size == size
