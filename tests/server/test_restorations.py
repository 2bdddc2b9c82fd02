"""Restorations by HTTP: what a look suggests, one photo restored and many, and the files that come of them."""

import base64
import io
import threading
import zipfile
from pathlib import PurePath

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo import masks, settings
from envo.controls import Control
from envo.errors import UserError
from envo.library import Library, NotFound
from models import restore, weights
from models.restore.base import STRENGTH, Done, Engine, Look, Step, mixed
from tabs.work.restorations import BatchWish, RestoreWish, Restoring, StepWish
from tests.browser.pages import COFFEE
from tests.server import rendering
from tests.server.test_renditions import document, save
from tests.unit.test_library import url
from tests.unit.test_photo import ASTRONAUT, camera_exif, profile, saved, tiff
from training import film

SIZE = (600, 400)
"""Of coffee.jpg."""


class Inverter(Engine):
    """Turns light to dark, as soon as it is let go."""

    name = "inverter"
    label = "Inverter"
    how = "Ask for it."

    def __init__(self):
        self.started, self.go = threading.Semaphore(0), threading.Semaphore(1000)
        self.here = True
        self.error: Exception | None = None

    def available(self) -> bool:
        return self.here

    def fetch(self, report) -> None:
        self.here = True

    def seconds(self, pixels, values) -> float:
        return pixels / 1e6

    def invert(self, image, report):
        report("Inverting", 0.5)
        self.started.release()
        assert self.go.acquire(timeout=60)
        report("Inverting", 0.75)
        if self.error:
            raise self.error
        return 255 - image


class Invert(Step):
    id, label, about = "invert", "Invert", "Turns light to dark."
    takes_marks = True
    controls = (STRENGTH, Control("sensitivity", "Sensitivity", "How much.", 0, 100, 50))
    invented: np.ndarray | None = None
    likeness: float | None = None

    def look(self, image) -> Look:
        assert image.size <= 3_000_000
        return Look(bool(image.mean() > 60), "It is light.", {"strength": 50})

    def find(self, image, values, engine, report):
        return np.where(image.min(axis=2) > values["sensitivity"], np.uint8(255), np.uint8(0))

    def _apply(self, engine, image, values, report, marks) -> Done:
        inverted = engine.invert(image, report)
        if marks is not None:
            marks = np.asarray(Image.fromarray(marks).resize(image.shape[1::-1]))
            inverted = np.where(marks[..., None] > 127, inverted, image)
        pixels = mixed(image, inverted, values)
        return Done(pixels, "Turned light to dark.", invented=self.invented, likeness=self.likeness)


class Turn(Step):
    id, label, about = "straighten", "Straighten", "Turns it."
    controls = ()

    def look(self, image) -> Look:
        return Look(False, "It is upright.")

    def _apply(self, engine, image, values, report, marks) -> Done:
        return Done(np.ascontiguousarray(np.rot90(image)), "Turned it.")


class Turner(Inverter):
    name, label = "turner", "Turner"


@pytest.fixture
def inverter(put_alone) -> Inverter:
    engine = Inverter()
    put_alone(restore.STEPS, straighten=Turn([Turner()]), invert=Invert([engine]))
    return engine


@pytest.fixture
def photo(inverter, client) -> str:
    return client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]


INVERT = {"id": "invert", "settings": {}}
TURN = {"id": "straighten"}


def start(client: TestClient, photo: str, *steps: dict, **more) -> str:
    answer = client.post(f"/envo/photos/{photo}/restorations", json={"steps": list(steps or (INVERT,)), **more})
    assert answer.status_code == 202, answer.text
    return answer.json()["job"]


def follow(client: TestClient, address: str, **more) -> list[dict]:
    """All that is told of a job until it has ended."""
    told, seen = [], -1
    while not told or told[-1]["state"] in ("waiting", "working"):
        told.append(client.get(address, params={"seen": seen, **more}).json())
        seen = told[-1]["number"]
    return told


def run(client: TestClient, photo: str, *steps: dict, **more) -> dict:
    """Restoration that came of it."""
    job = start(client, photo, *steps, **more)
    end = follow(client, f"/envo/photos/{photo}/restorations/{job}")[-1]
    assert end["state"] == "done", end
    return end["restoration"]


def picture(client: TestClient, address: str) -> Image.Image:
    answer = client.get(f"/envo/photos/{address}")
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def assert_refused(answer, part: str) -> None:
    assert answer.status_code == 400, answer.text
    assert part in answer.json()["error"] and answer.json()["error"].endswith(".")


def original() -> np.ndarray:
    return np.asarray(Image.open(COFFEE))


def test_a_restored_photo_is_a_new_one_of_the_library_with_its_report(client, photo):
    restoration = run(client, photo)
    assert restoration["source"] == photo
    new = restoration["photo"]
    assert (new["name"], new["format"], new["width"], new["height"]) == ("coffee restored.jpg", "JPEG", 600, 400)
    (step,) = restoration["steps"]
    assert (step["id"], step["name"], step["engine"], step["label"]) == ("invert", "Invert", "inverter", "Inverter")
    assert step["said"] == "Turned light to dark." and step["seconds"] > 0 and step["changed"]
    assert step["settings"] == {"strength": 100, "sensitivity": 50}
    found = np.asarray(picture(client, f"{new['id']}/original")).astype(int)
    assert np.abs(found - (255 - original())).mean() < 2
    before = picture(client, f"{photo}/restorations/{restoration['id']}/before")
    assert np.array_equal(np.asarray(before), original())
    told = client.get(f"/envo/photos/{photo}/restorations").json()
    assert told == {"jobs": [], "restorations": [restoration]}
    assert {each["id"] for each in client.get("/envo/photos").json()["photos"]} == {photo, new["id"]}


def test_what_was_made_up_is_told_and_seen_by_its_owner_alone(client, photo, monkeypatch):
    made = run(client, photo)
    address = f"/envo/photos/{photo}/restorations/{made['id']}/invented"
    assert not made["invented"] and made["steps"][0]["likeness"] is None
    assert client.get(address).status_code == 404
    invented = np.zeros((400, 600), np.uint8)
    invented[100:200, 300:] = 140
    monkeypatch.setattr(Invert, "invented", invented)
    monkeypatch.setattr(Invert, "likeness", 97.4)
    made = run(client, photo)
    address = f"photos/{photo}/restorations/{made['id']}/invented"
    assert made["invented"] and made["steps"][0]["likeness"] == 97.4
    assert np.array_equal(np.asarray(picture(client, address.removeprefix("photos/"))), invented)
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get(f"/envo/{address}").status_code == 404


def test_a_look_says_what_would_help_and_how_long_it_takes_once_for_each_content(client, photo, monkeypatch):
    told = follow(client, f"/envo/photos/{photo}/look")[-1]
    assert told["state"] == "done"
    assert told["looks"]["invert"] == {"wanted": True, "reason": "It is light.", "settings": {"strength": 50}}
    assert told["looks"]["straighten"] == {"wanted": False, "reason": "It is upright.", "settings": {}}
    seconds = told["seconds"]["invert"]["inverter"]
    assert seconds == {"quick": 0.24, "fine": 0.24, "full": 0.24}
    monkeypatch.setattr(Invert, "look", None)  # another look would fail
    stranger = TestClient(client.app)
    stranger.get("/")
    theirs = stranger.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    assert stranger.get(f"/envo/photos/{theirs}/look").json()["looks"] == told["looks"]


def test_a_look_that_fails_says_so_and_is_tried_again(client, photo, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(Invert, "look", None)
        told = follow(client, f"/envo/photos/{photo}/look")[-1]
    assert (told["state"], told["looks"]) == ("failed", None) and told["step"].endswith(".")
    assert follow(client, f"/envo/photos/{photo}/look")[-1]["state"] == "done"


def test_the_steps_tell_their_settings_and_engines(client, inverter):
    told = client.get("/envo/restore/steps").json()
    turn, invert = told["steps"]
    assert (turn["id"], turn["takesMarks"], invert["id"], invert["takesMarks"]) == ("straighten", False, "invert", True)
    assert [control["id"] for control in invert["controls"]] == ["strength", "sensitivity"]
    assert invert["auto"] == "inverter" and invert["engines"][0]["available"]
    assert [size["pixels"] for size in told["sizes"]] == [1e6, 4e6, None]
    assert told["hub"] is False and told["fetching"] == {}


def test_an_engine_that_is_not_here_says_so_before_anything_runs_and_is_fetched(inverter, client, photo):
    inverter.here = False
    for engine in ("auto", "inverter"):
        wish = {"steps": [{"id": "invert", "engine": engine}]}
        answer = client.post(f"/envo/photos/{photo}/restorations", json=wish)
        assert_refused(answer, "Inverter is not on this machine yet.")
    assert client.post("/envo/restore/engines/inverter/fetch").status_code == 202
    while client.get("/envo/restore/steps").json()["fetching"]:
        pass
    assert run(client, photo)
    assert_refused(client.post("/envo/restore/engines/unheard-of/fetch"), "no engine")


def test_each_step_is_shown_when_it_is_done_and_a_reload_finds_the_job(client, photo, inverter):
    inverter.go = threading.Semaphore(0)
    job = start(client, photo, INVERT, TURN)
    assert inverter.started.acquire(timeout=60)
    (told,) = client.get(f"/envo/photos/{photo}/restorations").json()["jobs"]
    assert told == client.get(f"/envo/photos/{photo}/restorations/{job}").json()
    assert (told["job"], told["state"], told["step"], told["fraction"]) == (job, "working", "Inverting", 0.5)
    assert (told["steps"], told["stepId"]) == (["straighten", "invert"], "invert")
    assert (told["preview"], told["restoration"]) == (1, None)
    assert [(each["id"], each["said"]) for each in told["done"]] == [("straighten", "Turned it.")]
    shown = picture(client, f"{photo}/restorations/{job}/preview?number=1")
    assert (shown.format, shown.size) == ("WEBP", (400, 600))
    inverter.go.release()
    end = follow(client, f"/envo/photos/{photo}/restorations/{job}")[-1]
    assert [each["id"] for each in end["done"]] == ["straighten", "invert"] and end["preview"] is None
    assert client.get(f"/envo/photos/{photo}/restorations/{job}/preview").status_code == 204
    assert client.get(f"/envo/photos/{photo}/restorations").json()["jobs"] == []


def test_after_straightening_what_lies_under_it_is_kept(client, photo):
    restoration = run(client, photo, INVERT, TURN)
    assert (restoration["width"], restoration["height"]) == (400, 600)
    before = np.asarray(picture(client, f"{photo}/restorations/{restoration['id']}/before?edge=100")).astype(int)
    assert np.abs(before - np.rot90(original())).mean() < 2
    after = np.asarray(picture(client, f"{restoration['photo']['id']}/original")).astype(int)
    assert np.abs(after - (255 - np.rot90(original()))).mean() < 2


def test_a_restoration_begins_with_the_edited_photo_or_with_the_original_where_that_is_wanted(client, photo):
    save(client, photo, document(-4.0))
    edited = np.asarray(Image.open(io.BytesIO(rendering.file(client, photo, document(-4.0), format="PNG")[0])))
    for as_it_came, begun in ((False, edited), (True, original())):
        # The look at it, too: what was made that dark is not light any more.
        look = follow(client, f"/envo/photos/{photo}/look", original=as_it_came)[-1]
        assert look["looks"]["invert"]["wanted"] == as_it_came
        found = np.asarray(picture(client, f"{photo}/marks?original={as_it_came}")) > 127
        assert np.array_equal(found, begun.min(axis=2) > 50)
        restoration = run(client, photo, original=as_it_came)
        assert restoration["photo"]["edit"] == 0
        restored = np.asarray(picture(client, f"{restoration['photo']['id']}/original")).astype(int)
        assert np.abs(restored - (255 - begun)).mean() < 2
        before = np.asarray(picture(client, f"{photo}/restorations/{restoration['id']}/before")).astype(int)
        assert np.abs(before - begun).mean() < 2
    # Many photos, too, begin with their edits.
    item = follow(client, f"/envo/restorations/batch/{batch_of(client, [photo], [INVERT])}")[-1]["items"][0]
    restored = np.asarray(picture(client, f"{item['made']}/original")).astype(int)
    assert np.abs(restored - (255 - edited)).mean() < 2


def test_what_is_transparent_stays_so_and_turns_along(client, inverter):
    alpha = np.zeros(SIZE[::-1], np.uint8)
    alpha[50:300, 100:500] = 255
    alpha[300:350, 100:500] = 90
    badge = client.post("/envo/photos?name=badge.png", content=saved(np.dstack([original(), alpha]), "PNG"))
    restoration = run(client, badge.json()["photo"]["id"], INVERT, TURN)
    made = np.asarray(picture(client, f"{restoration['photo']['id']}/original"))
    assert np.array_equal(made[..., 3], np.rot90(alpha))
    assert np.array_equal(made[made[..., 3] > 0][:, :3], 255 - np.rot90(original())[np.rot90(alpha) > 0])
    assert not any("transparent" in note for note in restoration["notes"])


def test_scratches_are_shown_and_a_corrected_mask_goes_into_the_job(client, photo):
    found = picture(client, f"{photo}/marks")
    assert (found.format, found.mode, found.size) == ("PNG", "L", SIZE)
    assert np.array_equal(np.asarray(found) > 127, original().min(axis=2) > 50)
    fewer = np.asarray(picture(client, f"{photo}/marks?sensitivity=90"))
    assert np.array_equal(fewer > 127, original().min(axis=2) > 90)
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[100:200, 100:200] = 255
    restoration = run(client, photo, marks=base64.b64encode(masks.encode_matte(mask)).decode())
    after = np.asarray(picture(client, f"{restoration['photo']['id']}/original")).astype(int)
    assert np.abs(after - np.where(mask[..., None], 255 - original(), original())).mean() < 2
    wrong = base64.b64encode(masks.encode_matte(mask[:9, :9])).decode()
    answer = client.post(f"/envo/photos/{photo}/restorations", json={"steps": [INVERT], "marks": wrong})
    assert_refused(answer, "9 x 9")
    assert_refused(client.get(f"/envo/photos/{photo}/marks?sensitivity=101"), "0 to 100")


def test_a_restoration_that_waits_or_runs_is_cancelled(client, photo, inverter):
    inverter.go = threading.Semaphore(0)
    first, second = start(client, photo), start(client, photo)
    assert inverter.started.acquire(timeout=60)
    told = client.get(f"/envo/photos/{photo}/restorations/{second}").json()
    assert (told["state"], told["step"]) == ("waiting", "Waiting, 1 before it")
    for job in (second, first):
        assert client.delete(f"/envo/photos/{photo}/restorations/{job}").status_code == 204
    assert client.get(f"/envo/photos/{photo}/restorations/{second}").json()["state"] == "cancelled"
    inverter.go.release()
    assert follow(client, f"/envo/photos/{photo}/restorations/{first}")[-1]["state"] == "cancelled"
    assert client.get(f"/envo/photos/{photo}/restorations").json() == {"jobs": [], "restorations": []}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("This photo is too dark."), "This photo is too dark."),
        (MemoryError(), "too little memory"),
        (weights.WeightsError("tried in vain"), "could not be fetched"),
        (ZeroDivisionError(), "app's log"),
    ],
)
def test_what_goes_wrong_is_said_in_a_sentence_and_the_next_one_works(client, photo, inverter, error, said):
    inverter.error = error
    end = follow(client, f"/envo/photos/{photo}/restorations/{start(client, photo)}")[-1]
    assert end["state"] == "failed" and said in end["step"] and end["step"].endswith(".")
    inverter.error = None
    assert run(client, photo)


@pytest.mark.parametrize(
    ("wish", "part"),
    [
        ({}, "steps"),
        ({"steps": []}, "at least one step"),
        ({"steps": "auto"}, "understand"),
        ({"steps": [{"id": "iron"}]}, "'iron'"),
        ({"steps": [INVERT, INVERT]}, "once"),
        ({"steps": [INVERT | {"engine": "magic"}]}, "'magic'"),
        ({"steps": [INVERT | {"settings": {"colour": 3}}]}, "'colour'"),
        ({"steps": [INVERT | {"settings": {"strength": 101}}]}, "0 to 100"),
        ({"steps": [INVERT | {"settings": {"strength": "much"}}]}, "number"),
        ({"steps": [INVERT], "size": "huge"}, "size"),
        ({"steps": [INVERT], "marks": "QUJD"}, "mask"),
        ({"steps": [INVERT], "marks": "%"}, "PNG"),
    ],
)
def test_wrong_wishes_are_refused_in_a_sentence(client, photo, wish, part):
    assert_refused(client.post(f"/envo/photos/{photo}/restorations", json=wish), part)


def test_nobody_else_sees_or_stops_a_restoration(client, photo, inverter):
    restoration = run(client, photo)
    inverter.go = threading.Semaphore(0)
    job = start(client, photo)
    wish = {"photos": [photo], "steps": [INVERT]}
    batch = client.post("/envo/restorations/batch", json=wish).json()["batch"]
    stranger = TestClient(client.app)
    stranger.get("/")
    of_photo = f"/envo/photos/{photo}"
    for path in ("look", "marks", "restorations", f"restorations/{job}", f"restorations/{job}/preview"):
        assert stranger.get(f"{of_photo}/{path}").status_code == 404
    assert stranger.get(f"{of_photo}/restorations/{restoration['id']}/before").status_code == 404
    assert stranger.post(f"{of_photo}/restorations", json={"steps": [INVERT]}).status_code == 404
    assert stranger.delete(f"{of_photo}/restorations/{job}").status_code == 404
    assert stranger.post("/envo/restorations/batch", json=wish).status_code == 404
    assert stranger.get("/envo/restorations/batch").json() == {"batches": []}
    assert stranger.get(f"/envo/restorations/batch/{batch}").status_code == 404
    assert stranger.get(f"/envo/restorations/batch/{batch}/zip").status_code == 404
    assert stranger.delete(f"/envo/restorations/batch/{batch}").status_code == 404
    assert TestClient(client.app).get("/envo/restore/steps").status_code == 401
    for _ in range(2):
        inverter.go.release()
    assert follow(client, f"{of_photo}/restorations/{job}")[-1]["state"] == "done"
    assert follow(client, f"/envo/restorations/batch/{batch}")[-1]["state"] == "done"


def test_a_visitor_has_so_many_under_way_and_no_more(client, photo, inverter, monkeypatch):
    monkeypatch.setattr(settings, "MAX_RESTORATIONS", 2)
    monkeypatch.setattr(settings, "MAX_BATCHES", 1)
    inverter.go = threading.Semaphore(0)
    jobs = [start(client, photo) for _ in range(2)]
    answer = client.post(f"/envo/photos/{photo}/restorations", json={"steps": [INVERT]})
    assert_refused(answer, "2 of your restorations are under way")
    wish = {"photos": [photo], "steps": [INVERT]}
    batch = client.post("/envo/restorations/batch", json=wish).json()["batch"]
    assert_refused(client.post("/envo/restorations/batch", json=wish), "1 of your batches are under way")
    for job in jobs:
        client.delete(f"/envo/photos/{photo}/restorations/{job}")
    client.delete(f"/envo/restorations/batch/{batch}")
    for _ in range(3):
        inverter.go.release()


def upload(client: TestClient, name: str, data: bytes) -> str:
    answer = client.post(f"/envo/photos?name={name}", content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()["photo"]["id"]


def test_sixteen_bits_are_told_and_compared_with_a_picture_that_a_page_can_show(client, inverter):
    photo = upload(client, "scan.tif", tiff(ASTRONAUT.astype(np.uint16) * 257))
    restoration = run(client, photo)
    assert restoration["notes"] == ["The original has 16 bits a channel; the restored photo has 8."]
    assert restoration["photo"]["name"] == "scan restored.png"
    before = picture(client, f"{photo}/restorations/{restoration['id']}/before")
    assert before.format == "JPEG" and before.size == (400, 300)


@pytest.mark.parametrize(("name", "format"), [("Oma.jpeg", "JPEG"), ("Oma.png", "PNG"), ("Oma.webp", "WEBP")])
def test_format_exif_and_profile_of_a_file_survive(client, inverter, name, format):
    icc = profile("AdobeRGB")
    photo = upload(client, name, saved(ASTRONAUT, format, exif=camera_exif(), icc_profile=icc))
    restoration = run(client, photo)
    new = restoration["photo"]
    assert PurePath(new["name"]).stem == "Oma restored" and new["format"].upper() == format
    found = picture(client, f"{new['id']}/original")
    assert found.format == format and found.info["icc_profile"] == icc
    exif = found.getexif()
    assert (exif[0x010F], exif[0x0110], exif[0x0112]) == ("Nikon", "Z 9", 1)
    # Another tab goes on with it, and it is restored again.
    assert client.get(f"/envo/photos/{new['id']}/edit").json()["version"] == 0
    again = run(client, new["id"])["photo"]
    assert PurePath(again["name"]).stem == "Oma restored 2"


@pytest.mark.parametrize("size", [(1, 1), (3, 2500), (9_000, 6_000)])
def test_photos_of_any_size_are_restored(client, inverter, size):
    photo = upload(client, "x.jpg", saved(np.full((*size[::-1], 3), 200, np.uint8), "JPEG"))
    assert follow(client, f"/envo/photos/{photo}/look")[-1]["looks"]["invert"]["wanted"]
    restoration = run(client, photo)
    assert (restoration["width"], restoration["height"]) == size
    assert picture(client, f"{restoration['photo']['id']}/thumbnail").getpixel((0, 0)) == pytest.approx(
        (55,) * 3, abs=3
    )


def upload_grey(client: TestClient, *shades: int) -> list[str]:
    """Photos of one shade each, named after it."""
    return [upload(client, f"{shade}.png", saved(np.full((9, 9, 3), shade, np.uint8), "PNG")) for shade in shades]


def batch_of(client: TestClient, photos: list[str], steps="auto") -> str:
    answer = client.post("/envo/restorations/batch", json={"photos": photos, "steps": steps})
    assert answer.status_code == 202, answer.text
    return answer.json()["batch"]


def zip_of(client: TestClient, batch: str) -> dict[str, bytes]:
    answer = client.get(f"/envo/restorations/batch/{batch}/zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_many_photos_become_one_zip_in_which_each_keeps_its_name(client, inverter):
    given = {"IMG_1.JPG": "JPEG", "img_1.jpg": "JPEG", "Großmutter.heic": "HEIC", "b.png": "PNG"}
    photos = [upload(client, name, saved(np.full((9, 9, 3), 150 + n, np.uint8), format.replace("HEIC", "HEIF")))
              for n, (name, format) in enumerate(given.items())]  # fmt: skip
    batch = batch_of(client, photos, [INVERT])
    end = follow(client, f"/envo/restorations/batch/{batch}")[-1]
    assert (end["state"], end["done"], end["failed"], end["total"], end["current"]) == ("done", 4, [], 4, None)
    assert [(item["photo"], item["name"]) for item in end["items"]] == list(zip(photos, given, strict=True))
    zipped = zip_of(client, batch)
    assert list(zipped) == ["IMG_1.JPG", "img_1 2.jpg", "Großmutter.jpg", "b.png"]
    for item, data in zip(end["items"], zipped.values(), strict=True):
        assert client.get(f"/envo/photos/{item['made']}/original").content == data
    client.delete(f"/envo/photos/{end['items'][0]['made']}")
    assert list(zip_of(client, batch)) == ["img_1.jpg", "Großmutter.jpg", "b.png"]


def test_the_zip_of_a_batch_has_photos_as_their_edits_show_them(client, inverter):
    dark, light = (
        upload(client, f"{shade}.png", saved(np.full((9, 9, 3), shade, np.uint8), "PNG")) for shade in (9, 200)
    )
    batch = batch_of(client, [dark, light])
    restored = follow(client, f"/envo/restorations/batch/{batch}")[-1]["items"][1]["made"]
    for photo, exposure in (dark, -4.0), (restored, 1.0):
        save(client, photo, document(exposure))
    zipped = {name: np.asarray(Image.open(io.BytesIO(data))) for name, data in zip_of(client, batch).items()}
    assert (zipped["9.png"] < 9).all(), "nothing was to be restored, and it is darker by its edit"
    assert (zipped["200.png"] > 55).all(), "it was inverted, then made brighter"


def test_each_photo_of_a_batch_has_what_a_look_at_it_suggests(client, inverter):
    dark, light = (
        upload(client, f"{shade}.png", saved(np.full((9, 9, 3), shade, np.uint8), "PNG")) for shade in (9, 200)
    )
    batch = batch_of(client, [dark, light, dark])
    end = follow(client, f"/envo/restorations/batch/{batch}")[-1]
    first, second = end["items"]
    assert (first["state"], first["made"], first["why"]) == ("done", None, "Nothing needed to be done.")
    (restoration,) = client.get(f"/envo/photos/{light}/restorations").json()["restorations"]
    assert second["made"] == restoration["photo"]["id"]
    assert restoration["steps"][0]["settings"]["strength"] == 50
    assert zip_of(client, batch)["9.png"] == client.get(f"/envo/photos/{dark}/original").content


def test_a_batch_may_be_of_one_kind_of_step_where_a_look_suggests_that(client, inverter):
    photos = upload_grey(client, 200)
    wish = {"photos": photos, "steps": "auto", "only": ["straighten"]}
    batch = client.post("/envo/restorations/batch", json=wish).json()["batch"]
    (item,) = follow(client, f"/envo/restorations/batch/{batch}")[-1]["items"]
    assert (item["state"], item["made"]) == ("done", None), "it is upright, and inverting was not asked for"
    assert_refused(client.post("/envo/restorations/batch", json=wish | {"only": ["iron"]}), "'iron'")


def test_a_deep_negative_becomes_a_picture_of_as_many_bits(client):
    made = film.drawn(np.random.default_rng(0), ASTRONAUT, grey=False, around="nothing")
    deep = np.linspace(made[:-1], made[1:], 3, dtype=np.float32).mean(0)  # values between those of 8 bits
    photo = upload(client, "scan.tif", tiff(np.rint(deep * 257).astype(np.uint16)))
    restoration = run(client, photo, {"id": "negative"})
    assert restoration["photo"]["name"] == "scan positive.png"
    assert restoration["notes"] == []
    data = client.get(f"/envo/photos/{restoration['photo']['id']}/original").content
    assert data[24] == 16, "bits a channel, as the PNG's header tells"
    again = client.get(f"/envo/photos/{photo}/restorations").json()["restorations"]
    assert [each["id"] for each in again] == [restoration["id"]]
    assert picture(client, f"{photo}/restorations/{restoration['id']}/before").size == deep.shape[1::-1]


def test_the_negatives_of_a_roll_are_turned_alike_and_photos_among_them_left_alone(client):
    random = np.random.default_rng(2)
    roll = film.roll(random, grey=False)
    scenes = {"astronaut": ASTRONAUT, "coffee": original()}
    frames = {name: film.negative(random, scene, roll, "rebate") for name, scene in scenes.items()}
    photos = [upload(client, f"{name}.png", saved(image, "PNG")) for name, image in frames.items()]
    photos.append(upload(client, "print.png", saved(original(), "PNG")))
    wish = {"photos": photos, "steps": "auto", "only": ["negative"], "size": "full"}
    batch = client.post("/envo/restorations/batch", json=wish).json()["batch"]
    items = follow(client, f"/envo/restorations/batch/{batch}")[-1]["items"]
    assert [item["state"] for item in items] == ["done"] * 3
    assert [bool(item["made"]) for item in items] == [True, True, False]
    did = [
        client.get(f"/envo/photos/{photo}/restorations").json()["restorations"][0]["steps"][0] for photo in photos[:2]
    ]
    assert did[0]["settings"]["base"] == did[1]["settings"]["base"], "the same clear film"
    assert set(zip_of(client, batch)) == {"astronaut.png", "coffee.png", "print.png"}


def test_one_failure_does_not_stop_the_rest_and_is_told_with_its_reason(client, inverter):
    photos = upload_grey(client, 150, 151, 152, 153)
    inverter.go = threading.Semaphore(0)
    batch = batch_of(client, photos, [INVERT])
    for error in (None, UserError("This photo is too dark."), ZeroDivisionError(), None):
        assert inverter.started.acquire(timeout=60)
        told = client.get(f"/envo/restorations/batch/{batch}").json()
        assert (
            told["state"] == "working" and told["current"]["step"] == "Inverting" and told["current"]["fraction"] == 0.5
        )
        inverter.error = error
        inverter.go.release()
    end = follow(client, f"/envo/restorations/batch/{batch}")[-1]
    assert (end["state"], end["done"]) == ("done", 2)
    assert [(each["name"], each["why"].endswith(".")) for each in end["failed"]] == [
        ("151.png", True),
        ("152.png", True),
    ]
    assert end["failed"][0]["why"] == "This photo is too dark." and "log" in end["failed"][1]["why"]
    assert list(zip_of(client, batch)) == ["150.png", "153.png"]


def test_a_batch_is_cancelled_and_what_is_done_stays(client, inverter):
    photos = upload_grey(client, 150, 151, 152)
    inverter.go = threading.Semaphore(1)
    batch = batch_of(client, photos, [INVERT])
    for _ in range(2):
        assert inverter.started.acquire(timeout=60)
    (found,) = client.get("/envo/restorations/batch").json()["batches"]
    assert (found["batch"], found["done"], found["current"]["name"]) == (batch, 1, "151.png")
    assert client.delete(f"/envo/restorations/batch/{batch}").status_code == 204
    inverter.go.release()
    end = follow(client, f"/envo/restorations/batch/{batch}")[-1]
    assert end["state"] == "cancelled"
    assert [item["state"] for item in end["items"]] == ["done", "cancelled", "cancelled"]
    assert list(zip_of(client, batch)) == ["150.png"]


@pytest.mark.parametrize(
    ("wish", "part"),
    [
        ({"photos": [], "steps": "auto"}, "photos"),
        ({"photos": ["x"] * 501, "steps": "auto"}, "photos"),
        ({"photos": ["x"], "steps": "much"}, "steps"),
    ],
)
def test_wrong_batches_are_refused_in_a_sentence(client, wish, part):
    assert_refused(client.post("/envo/restorations/batch", json=wish), part)


def test_who_signs_in_takes_along_what_is_under_way(tmp_path, inverter):
    library = Library(tmp_path, url(tmp_path))
    restoring = Restoring(library)
    photo, _ = library.add("visitor", "coffee.jpg", COFFEE.read_bytes())
    inverter.go = threading.Semaphore(0)
    job = restoring.ask("visitor", photo.id, RestoreWish(steps=[StepWish(id="invert")]))
    batch = restoring.ask_many("visitor", BatchWish(photos=[photo.id], steps=[StepWish(id="invert")]))
    for _ in range(2):
        assert inverter.started.acquire(timeout=60)
    library.move("visitor", "account")
    restoring.move("visitor", "account")
    for _ in range(2):
        inverter.go.release()
    while any(each.progress.state == "working" for each in
              (restoring.one.find("account", photo.id, job), restoring.many.find("account", None, batch))):  # fmt: skip
        pass
    assert len(library.restorations.all("account", photo.id)) == 2
    with pytest.raises(NotFound):
        restoring.one.find("visitor", photo.id, job)
    library.close()
