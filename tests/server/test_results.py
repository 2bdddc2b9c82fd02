"""Actions on photos by HTTP: erase, replace, another background; their queue, and the results that they leave."""

import base64
import errno
import io
import json
import math
import os
import threading

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo import colour, masks, settings
from envo.library import Library, NotFound
from models import cache, inpaint
from models.inpaint import EraseEngine, ReplaceEngine
from models.inpaint.frame import Frame
from tabs.work.results import Actions, ActionWish
from tests.browser.pages import COFFEE
from tests.server import rendering
from tests.server.test_renditions import document, save
from tests.unit.test_library import url

SIZE = (600, 400)
"""Of coffee.jpg."""


class Painter(ReplaceEngine):
    """Fills with a grey of its seed, as soon as it is let go; tells and shows something before."""

    name = "painter"
    label = "Painter"
    frame = Frame(edge=64)
    schedulers = ("plain", "fancy")
    how = "Ask for it."

    def __init__(self):
        self.started, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.painted: list[str] = []
        self.here = True
        self.error: Exception | None = None

    def available(self) -> bool:
        return self.here

    def fetch(self, report) -> None:
        self.here = True

    def seconds(self, wish) -> float:
        return 2.0 * wish.steps

    def _paint(self, image, hole, wish, report, preview):
        report("Painting", 0.25)
        preview(np.full((24, 32, 3), 99, np.uint8))
        self.started.release()
        assert self.go.acquire(timeout=60)
        report("Painting", 0.5)
        if self.error:
            raise self.error
        self.painted.append(wish.prompt)
        return np.full_like(image, wish.seed % 256), "A note."


@pytest.fixture
def painter(put_alone) -> Painter:
    engine = Painter()
    put_alone(inpaint.REPLACE, **{engine.name: engine})
    return engine


@pytest.fixture
def photo(client) -> str:
    return client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]


def original() -> np.ndarray:
    return np.asarray(Image.open(COFFEE))


def some_mask(size: tuple[int, int] = SIZE) -> np.ndarray:
    mask = np.zeros(size[::-1], np.uint8)
    mask[size[1] // 4 : size[1] // 2, size[0] // 3 : size[0] // 2] = 255
    return mask


def png(mask: np.ndarray) -> str:
    return base64.b64encode(masks.encode_matte(mask)).decode()


def start(client: TestClient, photo: str, action: str, mask: np.ndarray | None = None, **more) -> str:
    wish = {"action": action, "mask": png(some_mask() if mask is None else mask), **more}
    answer = client.post(f"/envo/photos/{photo}/actions", json=wish)
    assert answer.status_code == 202, answer.text
    return answer.json()["job"]


def follow(client: TestClient, photo: str, job: str) -> list[dict]:
    """All that is told of an action until it has ended."""
    told, seen = [], -1
    while not told or told[-1]["state"] in ("waiting", "working"):
        told.append(client.get(f"/envo/photos/{photo}/actions/{job}?seen={seen}").json())
        seen = told[-1]["number"]
    return told


def run(client: TestClient, photo: str, action: str, mask: np.ndarray | None = None, **more) -> list[dict]:
    """Results of an action."""
    end = follow(client, photo, start(client, photo, action, mask, **more))[-1]
    assert end["state"] == "done", end
    return end["results"]


def pixels(client: TestClient, result: dict, what: str = "download") -> np.ndarray:
    answer = client.get(f"/envo/photos/{result['photo']}/results/{result['id']}/{what}")
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def assert_refused(answer, part: str) -> None:
    assert answer.status_code == 400, answer.text
    assert part in answer.json()["error"] and answer.json()["error"].endswith(".")


def test_erasing_changes_what_is_in_the_mask_and_nothing_else(client, photo):
    (result,) = run(client, photo, "erase", engine="patchmatch")
    assert (result["action"], result["engine"], result["label"]) == ("erase", "patchmatch", "PatchMatch")
    assert (result["width"], result["height"], result["alpha"], result["settings"]) == (600, 400, False, {})
    assert result["seconds"] > 0 and result["start"] is None and result["photo"] == photo
    erased, mask = pixels(client, result), some_mask()
    assert np.array_equal(erased[mask == 0], original()[mask == 0])
    assert (erased != original()).any(axis=2)[mask > 0].mean() > 0.9
    assert client.get(f"/envo/photos/{photo}/results").json() == {"results": [result]}


def test_actions_begin_with_the_edited_photo_or_with_the_original_where_that_is_wanted(client, photo):
    edit, mask = save(client, photo, document()), some_mask()
    edited = np.asarray(Image.open(io.BytesIO(rendering.file(client, photo, document(), format="PNG")[0])))
    (erased,) = run(client, photo, "erase", engine="patchmatch")
    (first,) = run(client, photo, "erase", engine="patchmatch", original=True)
    assert (erased["edit"], first["edit"]) == (edit, 0)
    assert np.array_equal(pixels(client, erased)[mask == 0], edited[mask == 0])
    assert np.array_equal(pixels(client, first)[mask == 0], original()[mask == 0])
    (second,) = run(client, photo, "background", start=erased["id"], settings={"kind": "colour", "colour": "#ff0000"})
    assert second["edit"] == edit and np.array_equal(pixels(client, second)[mask == 0], edited[mask == 0])
    kept = client.post(f"/envo/photos/{photo}/results/{erased['id']}/keep").json()["photo"]
    assert kept["edit"] == 0 and client.get(f"/envo/photos/{kept['id']}/edit").json()["document"] is None
    whole = np.asarray(Image.open(io.BytesIO(client.get(f"/envo/photos/{kept['id']}/original").content)))
    assert np.array_equal(whole[mask == 0], edited[mask == 0])
    for as_it_came, of in ((False, edited), (True, original())):
        cut = client.post(f"/envo/photos/{photo}/cutout", json={"mask": png(mask), "original": as_it_came})
        found = np.asarray(Image.open(io.BytesIO(cut.content)))
        assert np.array_equal(found[mask == 255][:, :3], of[mask == 255])
    other = client.post("/envo/examples/rocket.jpg").json()["photo"]
    behind = some_mask(other["working"])
    wish = {"settings": {"kind": "photo"}, "other": photo}
    (result,) = run(client, other["id"], "background", behind, **wish)
    save(client, photo, document(1.0))
    (brighter,) = run(client, other["id"], "background", behind, **wish)
    assert pixels(client, brighter)[behind > 0].mean() > 1.5 * pixels(client, result)[behind > 0].mean()


def badge() -> np.ndarray:
    """A picture that is transparent in parts, and half transparent in others."""
    alpha = np.full(SIZE[::-1], 255, np.uint8)
    alpha[:, :60], alpha[300:, :] = 0, 100
    return np.dstack([original(), alpha])


@pytest.mark.parametrize(
    ("action", "wish", "kept"),
    [
        ("erase", {"engine": "patchmatch"}, True),
        ("background", {"settings": {"kind": "blur"}}, True),
        ("background", {"settings": {"kind": "colour", "colour": "#ff0000"}}, False),
        ("background", {"settings": {"kind": "transparent"}}, False),
    ],
)
def test_what_is_transparent_in_a_photo_stays_so(client, action, wish, kept):
    file = io.BytesIO()
    Image.fromarray(badge()).save(file, "PNG")
    photo = client.post("/envo/photos?name=badge.png", content=file.getvalue()).json()["photo"]["id"]
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[200:350, 20:200] = 255
    (result,) = run(client, photo, action, mask, **wish)
    made, own = pixels(client, result), badge()
    assert result["alpha"] and np.array_equal(made[mask == 0], own[mask == 0])
    if kept:
        assert np.array_equal(made[..., 3], own[..., 3]) and (made != own)[mask > 0].any()
    elif wish["settings"]["kind"] == "colour":
        assert (made[mask > 0] == (255, 0, 0, 255)).all()
    else:
        assert not made[mask > 0].any()
    shown = pixels(client, result, "image")
    assert shown.shape[2] == 4 and np.abs(shown[..., 3].astype(int) - made[..., 3]).mean() < 2
    copy = client.post(f"/envo/photos/{photo}/results/{result['id']}/keep").json()["photo"]["id"]
    cut = client.post(f"/envo/photos/{copy}/cutout", json={"mask": png(mask)})
    cut = np.asarray(Image.open(io.BytesIO(cut.content)))
    assert np.array_equal(cut[mask > 0][:, 3], made[mask > 0][:, 3]) and not cut[mask == 0][:, 3].any()


def test_colours_that_srgb_has_not_stay_outside_the_mask_and_inside_too(client):
    """A field of Display P3's green, in which something is erased."""
    profile = colour.Space(primaries=colour.PRIMARIES[12]).profile()
    field = np.full((120, 160, 3), (30, 220, 60), np.uint8)
    field[50:60, 70:80] = (200, 40, 40)
    file = io.BytesIO()
    Image.fromarray(field).save(file, "PNG", icc_profile=profile)
    photo = client.post("/envo/photos?name=p3.png", content=file.getvalue()).json()["photo"]["id"]
    mask = np.zeros((120, 160), np.uint8)
    mask[46:64, 66:84] = 255
    (result,) = run(client, photo, "erase", mask, engine="patchmatch")
    answer = client.get(f"/envo/photos/{photo}/results/{result['id']}/download")
    made = Image.open(io.BytesIO(answer.content))
    assert made.info["icc_profile"] == profile and result["note"] == ""
    assert np.array_equal(np.asarray(made)[mask == 0], field[mask == 0])
    assert np.abs(np.asarray(made).astype(int) - (30, 220, 60)).max() <= 2


def test_a_mask_is_turned_over_and_grown_before(client, photo):
    small = np.zeros(SIZE[::-1], np.uint8)
    small[100:110, 100:110] = 255
    colour = {"kind": "colour", "colour": "#ff0000"}
    (grown,) = run(client, photo, "background", small, settings=colour, grow=20)
    (inverted,) = run(client, photo, "background", small, settings=colour, invert=True)
    (both,) = run(client, photo, "background", small, settings=colour, invert=True, grow=3)
    assert (grown["grow"], grown["invert"], both["grow"], both["invert"]) == (20, False, 3, True)
    red = [(pixels(client, each) == (255, 0, 0)).all(axis=2) for each in (grown, inverted, both)]
    assert np.array_equal(red[0], masks.grow(small, 20) > 0)
    assert np.array_equal(red[1], small == 0)
    assert np.array_equal(red[2], masks.shrink(small, 3) == 0)


def test_a_background_may_be_transparent_or_another_photo(client, photo):
    other = client.post("/envo/examples/rocket.jpg").json()["photo"]["id"]
    mask = 255 - some_mask()
    (clear,) = run(client, photo, "background", mask, settings={"kind": "transparent"})
    assert clear["alpha"] and clear["engine"] == "backdrop"
    assert np.array_equal(pixels(client, clear)[..., 3], 255 - mask)
    assert pixels(client, clear, "thumbnail").shape[2] == 4
    (placed,) = run(client, photo, "background", mask, settings={"kind": "photo"}, other=other)
    assert np.array_equal(pixels(client, placed)[mask == 0], original()[mask == 0])
    assert (pixels(client, placed) != original()).any(axis=2)[mask > 0].mean() > 0.9


def test_the_engines_tell_their_settings_and_how_long_they_take(client, painter):
    told = client.get("/envo/replace/engines").json()
    assert told["replace"]["auto"] == "painter" and told["hub"] is False and told["fetching"] == {}
    (engine,) = told["replace"]["engines"]
    assert (engine["available"], engine["seconds"], engine["schedulers"]) == (True, 60, ["plain", "fancy"])
    assert [control["id"] for control in engine["controls"]] == ["guidance", "steps", "strength", "count"]
    erasers = {engine["name"]: engine for engine in told["erase"]["engines"]}
    assert erasers["patchmatch"]["available"] and erasers["patchmatch"]["controls"] == []
    assert {kind["id"] for kind in told["background"]["kinds"]} >= {"blur", "colour", "transparent", "photo"}
    assert told["device"] in cache.DEVICES.values()


def test_an_engine_that_is_not_here_says_so_before_anything_runs_and_is_fetched(client, photo, painter):
    painter.here = False
    for engine in ("auto", "painter"):
        wish = {"action": "replace", "mask": png(some_mask()), "engine": engine, "settings": {"prompt": "tea"}}
        assert_refused(client.post(f"/envo/photos/{photo}/actions", json=wish), "Painter is not on this machine yet.")
    assert client.get(f"/envo/photos/{photo}/actions").json() == {"actions": []}
    assert client.post("/envo/replace/engines/painter/fetch").status_code == 202
    while client.get("/envo/replace/engines").json()["fetching"]:
        pass
    painter.go.release()
    assert run(client, photo, "replace", settings={"prompt": "tea"})
    assert_refused(client.post("/envo/replace/engines/unheard-of/fetch"), "no engine")


def test_replacing_tells_how_far_it_is_shows_it_and_keeps_its_settings(client, photo, painter):
    job = start(client, photo, "replace", settings={"prompt": "a cup of tea", "negative": "coffee", "seed": 7})
    assert painter.started.acquire(timeout=60)
    (told,) = client.get(f"/envo/photos/{photo}/actions").json()["actions"]
    assert (told["job"], told["action"], told["state"], told["step"]) == (job, "replace", "working", "Painting")
    assert (told["fraction"], told["preview"], told["results"]) == (0.25, 1, [])
    answer = client.get(f"/envo/photos/{photo}/actions/{job}/preview?number=1")
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == (512, 341)
    painter.go.release()
    end = follow(client, photo, job)[-1]
    (result,) = end["results"]
    assert end["preview"] is None and client.get(f"/envo/photos/{photo}/actions/{job}/preview").status_code == 204
    assert client.get(f"/envo/photos/{photo}/actions").json() == {"actions": []}
    assert (result["engine"], result["note"]) == ("painter", "A note.")
    assert {"prompt": "a cup of tea", "negative": "coffee", "seed": 7, "steps": 30}.items() <= result[
        "settings"
    ].items()
    inside = pixels(client, result)[some_mask() == 255]
    assert np.abs(inside.astype(int).mean() - original()[some_mask() == 255].mean()) > 5


def test_several_images_are_several_results_that_tell_their_seeds(client, photo, painter):
    for _ in range(3):
        painter.go.release()
    results = run(client, photo, "replace", settings={"prompt": "tea", "count": 3})
    seeds = [result["settings"]["seed"] for result in results]
    assert len(set(seeds)) == 3 and all(isinstance(seed, int) for seed in seeds)
    assert client.get(f"/envo/photos/{photo}/results").json()["results"] == results


def test_who_comes_first_is_served_first_and_hears_how_many_are_before(client, photo, painter):
    stranger = TestClient(client.app)
    stranger.get("/")
    theirs = stranger.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    jobs = [start(client, photo, "replace", settings={"prompt": "first"})]
    assert painter.started.acquire(timeout=60)
    jobs.append(start(stranger, theirs, "replace", settings={"prompt": "second"}))
    jobs.append(start(client, photo, "replace", settings={"prompt": "third"}))
    jobs.append(start(client, photo, "replace", settings={"prompt": "fourth"}))
    told = client.get(f"/envo/photos/{photo}/actions").json()["actions"]
    assert [(each["job"], each["state"]) for each in told] == [
        (jobs[0], "working"),
        (jobs[2], "waiting"),
        (jobs[3], "waiting"),
    ]
    assert [each["step"] for each in told[1:]] == ["Waiting, 2 before it", "Waiting, 3 before it"]
    # What takes seconds does not wait for what takes minutes.
    assert run(client, photo, "erase", engine="patchmatch")
    assert client.delete(f"/envo/photos/{photo}/actions/{jobs[2]}").status_code == 204
    assert follow(client, photo, jobs[2])[-1]["state"] == "cancelled"
    assert client.get(f"/envo/photos/{photo}/actions/{jobs[3]}").json()["step"] == "Waiting, 2 before it"
    for _ in range(3):
        painter.go.release()
    assert follow(client, photo, jobs[3])[-1]["state"] == "done"
    assert painter.painted == ["first", "second", "fourth"]


def test_an_action_that_runs_is_cancelled_and_the_next_one_works(client, photo, painter):
    job = start(client, photo, "replace", settings={"prompt": "never"})
    assert painter.started.acquire(timeout=60)
    assert client.delete(f"/envo/photos/{photo}/actions/{job}").status_code == 204
    assert client.get(f"/envo/photos/{photo}/actions/{job}").json()["step"] == "Stopping"
    painter.go.release()
    assert follow(client, photo, job)[-1]["state"] == "cancelled"
    assert client.get(f"/envo/photos/{photo}/results").json() == {"results": []}
    painter.go.release()
    assert run(client, photo, "replace", settings={"prompt": "next"})
    assert client.delete(f"/envo/photos/{photo}/actions/{job}").status_code == 204
    assert painter.painted == ["next"]


@pytest.mark.parametrize(
    ("error", "said"),
    [(ValueError("inner life"), "did not work"), (MemoryError(), "too little memory for this")],
)
def test_what_fails_is_said_in_a_sentence_logged_and_can_be_tried_again(client, photo, painter, caplog, error, said):
    painter.error = error
    painter.go.release()
    end = follow(client, photo, start(client, photo, "replace", settings={"prompt": "tea"}))[-1]
    assert end["state"] == "failed" and said in end["step"] and "inner life" not in end["step"]
    assert "Traceback" in caplog.text
    painter.error = None
    painter.go.release()
    assert run(client, photo, "replace", settings={"prompt": "tea"})


def test_a_result_is_the_start_of_the_next_step(client, photo):
    red, blue = ({"kind": "colour", "colour": colour} for colour in ("#ff0000", "#0000ff"))
    left, right = np.zeros(SIZE[::-1], np.uint8), np.zeros(SIZE[::-1], np.uint8)
    left[:, :100], right[:, 500:] = 255, 255
    (first,) = run(client, photo, "background", left, settings=red)
    (second,) = run(client, photo, "background", right, settings=blue, start=first["id"])
    assert second["start"] == first["id"]
    both = pixels(client, second)
    assert (both[:, :100] == (255, 0, 0)).all() and (both[:, 500:] == (0, 0, 255)).all()
    assert np.array_equal(both[:, 100:500], original()[:, 100:500])
    (clear,) = run(client, photo, "background", left, settings={"kind": "transparent"}, start=second["id"])
    (erased,) = run(client, photo, "erase", right, start=clear["id"], engine="patchmatch")
    clear, erased = pixels(client, clear), pixels(client, erased)
    assert np.array_equal(clear[:, :500], erased[:, :500]) and np.array_equal(clear[..., 3], erased[..., 3])
    assert np.ptp(clear[..., 3]) == 255 and not np.array_equal(clear, erased)
    (gone,) = run(client, photo, "background", left, settings={"kind": "transparent"})
    end = follow(client, photo, start(client, photo, "erase", left, start=gone["id"], engine="patchmatch"))
    assert end[-1]["state"] == "failed" and "nothing to erase" in end[-1]["step"]
    wish = {"action": "erase", "mask": png(right)}
    other = client.post("/envo/examples/rocket.jpg").json()["photo"]["id"]
    wish["mask"] = png(some_mask((640, 427)))
    for start_id in (first["id"], "unheard-of"):
        assert client.post(f"/envo/photos/{other}/actions", json=wish | {"start": start_id}).status_code == 404


def test_a_result_is_shown_downloaded_kept_deleted_and_brought_back(client, photo):
    (result,) = run(client, photo, "erase", engine="patchmatch")
    address = f"/envo/photos/{photo}/results/{result['id']}"
    image = client.get(f"{address}/image?edge=2048")
    assert "immutable" in image.headers["cache-control"]
    assert np.abs(pixels(client, result, "image").astype(int) - pixels(client, result)).mean() < 2
    download = client.get(f"{address}/download")
    assert "coffee%20erased.png" in download.headers["content-disposition"]
    assert json.loads(Image.open(io.BytesIO(download.content)).text["envo"])["engine"] == "patchmatch"
    # It is a photo of the library at once; where that was deleted, it can be kept again.
    kept = client.post(f"{address}/keep").json()
    assert kept == {"photo": result["kept"], "added": False, "notes": []}
    assert kept["photo"]["name"] == "coffee erased.png"
    assert client.delete(f"/envo/photos/{kept['photo']['id']}").status_code == 204
    assert client.get(f"/envo/photos/{photo}/results").json()["results"] == [result | {"kept": None}]
    kept = client.post(f"{address}/keep").json()
    assert kept["added"] and kept["photo"]["id"] != result["kept"]["id"]
    result["kept"] = kept["photo"]
    file = client.get(f"/envo/photos/{kept['photo']['id']}/original").content
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(file))), pixels(client, result))
    assert client.post(f"{address}/keep").json() == kept | {"added": False}
    assert client.delete(address).status_code == 204
    assert client.get(f"/envo/photos/{photo}/results").json() == {"results": []}
    assert client.get(f"{address}/image").status_code == client.delete(address).status_code == 404
    assert client.post(f"{address}/restore").json() == result
    assert client.get(f"{address}/image").status_code == 200


def test_a_photo_of_sixteen_bits_turned_and_with_exif_is_worked_on(client):
    file = io.BytesIO()
    values = np.random.default_rng(1).integers(0, 65536, (64, 48), np.uint16)
    Image.fromarray(values).save(file, "PNG")
    deep = client.post("/envo/photos?name=deep.png", content=file.getvalue()).json()["photo"]
    assert deep["linear"]
    (result,) = run(client, deep["id"], "erase", some_mask((48, 64)), engine="patchmatch")
    made, mask = pixels(client, result), some_mask((48, 64))
    assert made.dtype == np.uint16 and np.array_equal(made[mask == 0], values[mask == 0])
    assert (made[mask > 0] != values[mask > 0]).mean() > 0.9
    assert "What was changed has 8 bits a channel" in result["note"]

    turned, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    Image.fromarray(original()).save(turned, "JPEG", exif=exif, quality=95)
    upright = client.post("/envo/photos?name=turned.jpg", content=turned.getvalue()).json()["photo"]
    assert (upright["width"], upright["height"]) == (400, 600)
    (result,) = run(client, upright["id"], "erase", some_mask((400, 600)), engine="patchmatch")
    (again,) = run(client, upright["id"], "erase", some_mask((400, 600)), engine="patchmatch", start=result["id"])
    download = client.get(f"/envo/photos/{upright['id']}/results/{again['id']}/download")
    tags = Image.open(io.BytesIO(download.content)).getexif()
    assert (tags[0x010F], tags.get(0x0112, 1)) == ("Maker", 1)
    assert pixels(client, again).shape == (600, 400, 3)


@pytest.mark.parametrize("size", [(1023, 777), (2, 2), (3, 1500), (2500, 1400)])
def test_photos_of_any_size_stay_as_they_are_where_the_mask_is_not(client, size):
    file = io.BytesIO()
    Image.fromarray(original()).resize(size).save(file, "PNG")
    photo = client.post("/envo/photos?name=x.png", content=file.getvalue()).json()["photo"]
    width, height = photo["working"]
    mask = np.zeros((height, width), np.uint8)
    mask[: max(1, height // 9), : max(1, width // 9)] = 255
    (result,) = run(client, photo["id"], "erase", mask, engine="patchmatch")
    erased = pixels(client, result)
    assert erased.shape == (size[1], size[0], 3)
    far = np.s_[size[1] // 8 + 1 :]
    assert np.array_equal(erased[far], np.asarray(Image.open(file))[far])


EMPTY, FULL = np.zeros(SIZE[::-1], np.uint8), np.full(SIZE[::-1], 255, np.uint8)
BLUR = {"kind": "blur"}


@pytest.mark.parametrize(
    ("wish", "part"),
    [
        ({"action": "melt"}, "action"),
        ({"action": "erase", "mask": "no base64!"}, "mask"),
        ({"action": "erase", "mask": base64.b64encode(b"no PNG").decode()}, "no PNG"),
        ({"action": "erase", "mask": png(np.zeros((9, 9), np.uint8))}, "9 x 9"),
        ({"action": "erase", "mask": png(EMPTY)}, "Nothing is selected"),
        ({"action": "erase", "mask": png(FULL)}, "whole photo"),
        ({"action": "erase", "mask": png(EMPTY), "invert": True}, "whole photo"),
        ({"action": "erase", "grow": 101}, "grow"),
        ({"action": "erase", "grow": -1}, "grow"),
        ({"action": "erase", "engine": "unheard-of"}, "no engine"),
        ({"action": "erase", "engine": "painter"}, "no engine"),
        ({"action": "erase", "settings": {"prompt": "tea"}}, "no setting"),
        ({"action": "erase", "settings": []}, "settings"),
        ({"action": "replace", "mask": png(EMPTY)}, "Nothing is selected"),
        ({"action": "replace", "mask": png(FULL)}, "whole photo"),
        ({"action": "replace", "settings": {}}, "prompt is empty"),
        ({"action": "replace", "settings": {"prompt": "x" * 5000}}, "5000 characters"),
        ({"action": "replace", "settings": {"prompt": "x", "negative": "x" * 5000}}, "5000 characters"),
        ({"action": "replace", "settings": {"prompt": ["x"]}}, "text"),
        ({"action": "replace", "settings": {"prompt": "x", "steps": 0}}, "Steps"),
        ({"action": "replace", "settings": {"prompt": "x", "steps": math.nan}}, "Steps"),
        ({"action": "replace", "settings": {"prompt": "x", "guidance": "much"}}, "number"),
        ({"action": "replace", "settings": {"prompt": "x", "seed": -1}}, "seed"),
        ({"action": "replace", "settings": {"prompt": "x", "count": 5}}, "Images"),
        ({"action": "replace", "settings": {"prompt": "x", "scheduler": "none"}}, "scheduler"),
        ({"action": "replace", "engine": "patchmatch"}, "no engine"),
        ({"action": "background", "settings": BLUR, "mask": png(EMPTY)}, "Nothing would change"),
        ({"action": "background", "settings": BLUR, "mask": png(FULL)}, "Nothing would stay"),
        ({"action": "background", "settings": {}}, "one of"),
        ({"action": "background", "settings": {"kind": "blur", "amount": 1000}}, "Blur"),
        ({"action": "background", "settings": {"kind": "colour", "colour": "red"}}, "colour"),
        ({"action": "background", "settings": {"kind": "photo"}}, "Choose the photo"),
        ({"action": "background", "settings": BLUR, "engine": "patchmatch"}, "no engine"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence_before_anything_runs(client, photo, painter, wish, part):
    wish = {"mask": png(some_mask()), "settings": {"prompt": "x"} if wish["action"] == "replace" else {}} | wish
    assert_refused(client.post(f"/envo/photos/{photo}/actions", content=json.dumps(wish)), part)
    assert client.get(f"/envo/photos/{photo}/actions").json() == {"actions": []}


def test_what_is_no_request_is_refused_in_a_sentence(client, photo):
    for body in ("{", "[]", "", '{"action": "erase"}', '{"action": "erase", "mask": "", "grow": NaN}'):
        assert_refused(client.post(f"/envo/photos/{photo}/actions", content=body), "understand")


def test_a_visitor_has_so_many_actions_under_way_and_a_photo_so_many_results(client, photo, painter, monkeypatch):
    monkeypatch.setattr(settings, "MAX_ACTIONS", 3)
    jobs = [start(client, photo, "replace", settings={"prompt": "tea"}) for _ in range(3)]
    wish = {"action": "erase", "mask": png(some_mask()), "engine": "patchmatch"}
    assert_refused(client.post(f"/envo/photos/{photo}/actions", json=wish), "3 of your actions")
    stranger = TestClient(client.app)
    stranger.get("/")
    theirs = stranger.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    assert run(stranger, theirs, "erase", engine="patchmatch")
    for job in jobs[1:]:
        client.delete(f"/envo/photos/{photo}/actions/{job}")
    painter.go.release()
    assert follow(client, photo, jobs[0])[-1]["state"] == "done"
    monkeypatch.setattr("envo.results.MAX_RESULTS", 2)
    assert run(client, photo, "erase", engine="patchmatch")
    assert_refused(client.post(f"/envo/photos/{photo}/actions", json=wish), "room for 2 results")


def test_a_deleted_photo_is_not_worked_on(client, photo, painter):
    other = client.post("/envo/examples/rocket.jpg").json()["photo"]["id"]
    first = start(client, other, "replace", some_mask((640, 427)), settings={"prompt": "first"})
    assert painter.started.acquire(timeout=60)
    waiting = start(client, photo, "replace", settings={"prompt": "tea"})
    assert client.delete(f"/envo/photos/{photo}").status_code == 204
    for _ in range(2):
        painter.go.release()
    assert follow(client, other, first)[-1]["state"] == "done"
    end = follow(client, photo, waiting)[-1]
    assert end["state"] == "failed" and "trash" in end["step"] and painter.painted == ["first"]
    wish = {"action": "erase", "mask": png(some_mask())}
    assert client.post(f"/envo/photos/{photo}/actions", json=wish).status_code == 404
    assert client.get(f"/envo/photos/{photo}/results").status_code == 404
    wish = {"action": "background", "mask": png(some_mask((640, 427))), "settings": {"kind": "photo"}, "other": photo}
    assert client.post(f"/envo/photos/{other}/actions", json=wish).status_code == 404


def test_nobody_else_hears_of_actions_and_results(client, photo, painter):
    (result,) = run(client, photo, "erase", engine="patchmatch")
    job = start(client, photo, "replace", settings={"prompt": "tea"})
    assert painter.started.acquire(timeout=60)
    stranger = TestClient(client.app)
    stranger.get("/")
    theirs = stranger.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    for whose in (photo, theirs):
        for method, path in (
            ("GET", f"actions/{job}"),
            ("GET", f"actions/{job}/preview"),
            ("DELETE", f"actions/{job}"),
            ("GET", f"results/{result['id']}/image"),
            ("GET", f"results/{result['id']}/thumbnail"),
            ("GET", f"results/{result['id']}/download"),
            ("POST", f"results/{result['id']}/keep"),
            ("POST", f"results/{result['id']}/fills"),
            ("POST", f"results/{result['id']}/choose"),
            ("POST", f"results/{result['id']}/restore"),
            ("DELETE", f"results/{result['id']}"),
        ):
            assert stranger.request(method, f"/envo/photos/{whose}/{path}").status_code == 404, path
    assert stranger.get(f"/envo/photos/{photo}/results").status_code == 404
    assert stranger.get(f"/envo/photos/{photo}/actions").status_code == 404
    assert stranger.get(f"/envo/photos/{theirs}/results").json() == {"results": []}
    wish = {"action": "erase", "mask": png(some_mask()), "engine": "patchmatch"}
    assert stranger.post(f"/envo/photos/{photo}/actions", json=wish).status_code == 404
    assert stranger.post(f"/envo/photos/{theirs}/actions", json=wish | {"start": result["id"]}).status_code == 404
    wish = {"action": "background", "mask": png(some_mask()), "settings": {"kind": "photo"}, "other": photo}
    assert stranger.post(f"/envo/photos/{theirs}/actions", json=wish).status_code == 404
    assert TestClient(client.app).get("/envo/replace/engines").status_code == 401
    painter.go.release()
    assert follow(client, photo, job)[-1]["state"] == "done"


def test_a_disk_that_is_full_when_a_result_is_to_be_kept_is_said(client, photo, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    end = follow(client, photo, start(client, photo, "erase", engine="patchmatch"))[-1]
    monkeypatch.undo()
    assert end["state"] == "failed" and "full" in end["step"]


def test_who_signs_in_takes_along_what_is_under_way(tmp_path, painter):
    library = Library(tmp_path, url(tmp_path))
    actions = Actions(library)
    photo, _ = library.add("visitor", "coffee.jpg", COFFEE.read_bytes())
    wish = {"action": "replace", "mask": png(some_mask()), "settings": {"prompt": "tea"}}
    job = actions.ask("visitor", photo.id, ActionWish(**wish))
    assert painter.started.acquire(timeout=60)
    library.move("visitor", "account")
    actions.move("visitor", "account")
    with pytest.raises(NotFound):
        actions.find("visitor", photo.id, job)
    painter.go.release()
    while actions.find("account", photo.id, job).progress.state == "working":
        pass
    assert actions.find("account", photo.id, job).results == library.results.all("account", photo.id) != []
    library.close()


class Eraser(EraseEngine):
    """Erases to black as soon as it is let go."""

    name = "auto"
    label = "Eraser"
    frame = Frame(edge=64)

    def __init__(self):
        self.go = threading.Semaphore(0)

    def _fill(self, image, hole, report):
        assert self.go.acquire(timeout=60)
        return np.zeros_like(image)


def test_those_for_whom_there_is_no_room_in_the_line_are_told_at_once(client, monkeypatch):
    monkeypatch.setattr(settings, "PROGRAMS_IN_LINE", 3)
    engine = Eraser()
    monkeypatch.setitem(inpaint.ERASE, "auto", engine)
    wish = {"img": base64.b64encode(COFFEE.read_bytes()).decode(), "mask": png(some_mask())}
    answers, refused = [], threading.Semaphore(0)

    def ask() -> None:
        answer = client.post("/complete-image", json=wish)
        answers.append(answer)
        if answer.status_code == 503:
            refused.release()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert refused.acquire(timeout=60)
    assert all(answer.json()["error"].endswith(".") and answer.headers["retry-after"] for answer in answers)
    for _ in range(3):
        engine.go.release()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * (3) + [503] * 2


class Shade(EraseEngine):
    """Fills with one grey."""

    frame = Frame(edge=64)

    def __init__(self, name: str, grey: int):
        self.name, self.label, self._grey = name, name.title(), grey

    def _fill(self, image, hole, report):
        return np.full_like(image, self._grey)


@pytest.fixture
def shades(put_alone):
    put_alone(inpaint.ERASE, **{name: Shade(name, grey) for name, grey in (("dark", 40), ("dusk", 41), ("light", 200))})


def test_a_hole_is_filled_in_other_ways_when_asked_which_differ_and_one_of_them_is_chosen(client, photo, shades):
    (first,) = run(client, photo, "erase", grow=3)
    assert (first["label"], first["first"], first["chosen"], first["masked"]) == ("Dark", None, True, True)
    address = f"/envo/photos/{photo}/results"
    asked = client.post(f"{address}/{first['id']}/fills")
    assert asked.status_code == 202
    end = follow(client, photo, asked.json()["job"])[-1]
    assert (end["state"], end["first"]) == ("done", first["id"])
    (light,) = end["results"]  # what is all but the same is not offered
    assert (light["label"], light["first"], light["chosen"], light["grow"], light["kept"]) == (
        "Light", first["id"], False, 3, None,
    )  # fmt: skip
    before, after, mask = pixels(client, first), pixels(client, light), masks.grow(some_mask(), 3)
    assert np.array_equal(before[mask == 0], after[mask == 0])
    assert after[mask == 255].mean() > before[mask == 255].mean() + 40
    assert_refused(client.post(f"{address}/{first['id']}/fills"), "here already")

    told = client.post(f"{address}/{light['id']}/choose").json()
    assert told["gone"] == [first["kept"]["id"]] and told["photo"]["name"] == "coffee erased 2.png"
    assert np.array_equal(
        np.asarray(
            Image.open(io.BytesIO(client.get(f"/envo/photos/{told['photo']['id']}/original").content)).convert("RGB")
        ),
        after,
    )
    told_of = {each["id"]: each for each in client.get(address).json()["results"]}
    assert [(told_of[each["id"]]["chosen"], bool(told_of[each["id"]]["kept"])) for each in (first, light)] == [
        (False, False),
        (True, True),
    ]
    # Back again, it is the photo that it was; one of which something was made stays.
    save(client, told["photo"]["id"], document())
    back = client.post(f"{address}/{first['id']}/choose").json()
    assert (back["photo"]["id"], back["gone"]) == (first["kept"]["id"], [])


def test_where_all_ways_to_fill_a_hole_look_alike_there_is_nothing_to_choose_from(client, photo, put_alone):
    put_alone(inpaint.ERASE, dark=Shade("dark", 40), dusk=Shade("dusk", 41))
    (first,) = run(client, photo, "erase")
    asked = client.post(f"/envo/photos/{photo}/results/{first['id']}/fills")
    end = follow(client, photo, asked.json()["job"])[-1]
    assert (end["state"], end["results"]) == ("done", [])
    assert [each["id"] for each in client.get(f"/envo/photos/{photo}/results").json()["results"]] == [first["id"]]


def test_only_what_was_erased_is_filled_in_other_ways(client, photo, painter):
    painter.go.release()
    (replaced,) = run(client, photo, "replace", settings={"prompt": "a fox"})
    assert not replaced["masked"]
    assert_refused(client.post(f"/envo/photos/{photo}/results/{replaced['id']}/fills"), "erase it again")
