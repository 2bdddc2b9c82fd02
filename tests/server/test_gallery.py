"""The gallery by HTTP, with its real engines: photos are tagged, corrected, found and taken away; zips come in."""

import csv
import io
import json
import time
import zipfile
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from envo import description
from envo.file import PhotoFile
from models import hub, layers
from models.layers import Layers
from tests import forks
from tests.conftest import EXAMPLES, free_port
from tests.server import routes_only

NAMES = ("astronaut.jpg", "chelsea.jpg", "coffee.jpg")


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVO_HOME", str(tmp_path_factory.mktemp("gallery")))
        patch.setattr(hub, "reachable", lambda: False)
        patch.setattr(layers, "find", lambda image, report: Layers({}, [], "none", 0))
        yield routes_only.app()


@pytest.fixture
def client(app) -> Iterator[TestClient]:
    """A visitor who has opened the gallery, and brought three photos that are tagged by now."""
    with TestClient(app, base_url="http://testserver/envo/") as visitor:
        visitor.get("http://testserver/")
        visitor.post("gallery", json={})
        for name in NAMES:
            upload(visitor, name, (EXAMPLES / name).read_bytes())
        wait_until_tagged(visitor)
        yield visitor


def upload(client, name: str, data: bytes) -> dict:
    answer = client.post("photos", params={"name": name, "layers": False}, content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def wait_until_tagged(client) -> dict:
    """Follow the news to the end."""
    news = {"number": -1, "state": "working"}
    while news["state"] not in ("done", "failed"):
        news = client.get("gallery/news", params={"seen": news["number"]}).json()
    assert news["state"] == "done" and news["done"] == news["total"], news
    return news


def wait_until_forgotten(client, photo_id: str, word: str) -> None:
    """What was learnt of a word may still be on its way to the photos when the word is taken back."""
    end = time.monotonic() + 30
    while word in tags(client, photo_id):
        assert time.monotonic() < end, f"{word} is still there"


def ids(client, **asked) -> dict[str, str]:
    return {photo["name"]: photo["id"] for photo in client.get("gallery/photos", params=asked).json()["photos"]}


def tags(client, photo_id: str) -> dict[str, dict]:
    return {tag["word"]: tag for tag in client.get(f"gallery/photos/{photo_id}").json()["tags"]}


def take(client, **wish) -> httpx.Response:
    answer = client.post("gallery/takeaway", json=wish)
    assert answer.status_code == 200, answer.text
    return client.get(answer.json()["path"])


def unzipped(answer: httpx.Response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_photos_are_tagged_and_found(client):
    assert set(ids(client, q="cat")) == {"chelsea.jpg"} == set(ids(client, tag="animals"))
    assert set(ids(client, tag="portrait")) == {"astronaut.jpg"}
    photo = client.get(f"gallery/photos/{ids(client)['chelsea.jpg']}").json()
    cat = next(tag for tag in photo["tags"] if tag["word"] == "cat")
    assert cat["shown"] and cat["parents"][0] == "animals" and cat["originLabel"] and cat["engine"]
    assert photo["tagged"] and photo["faces"] == 0 and photo["file"]["format"] == "JPEG"
    facets = client.get("gallery/facets").json()
    assert {"word": "animals", "count": 1} in facets["categories"] and facets["total"] == 3
    assert client.get(f"gallery/photos/{ids(client)['astronaut.jpg']}").json()["people"][0]["sure"] > 0.9


def test_the_engines_and_the_limits_are_told_and_can_be_changed(client):
    settings = client.get("gallery").json()
    assert settings["open"] and settings["engines"]["objects"]["label"] == "YOLO11 nano"
    assert client.patch("gallery", json={"tagSure": 0.99}).json()["tagSure"] == 0.99
    assert "indoor" not in [tag["word"] for tag in client.get("gallery/facets").json()["tags"]]
    assert client.patch("gallery", json={"tagSure": 2}).status_code == 400
    answer = client.patch("gallery", json={"detector": "guess"})
    assert answer.status_code == 400 and "no engine 'guess'" in answer.json()["error"]


def test_a_correction_outlives_a_new_look(client):
    cat = ids(client)["chelsea.jpg"]
    said = {"photos": [cat], "remove": ["cat"], "add": ["Mia"], "rename": [["mammal", "pet"]]}
    assert client.post("gallery/tags", json=said).json()["changed"] == 2
    assert client.post("gallery/again", json={"photos": [cat]}).status_code == 202
    wait_until_tagged(client)
    now = tags(client, cat)
    states = {word: now[word]["state"] for word in ("cat", "Mia", "mammal", "pet")}
    assert states == {"cat": "removed", "Mia": "accepted", "mammal": "removed", "pet": "accepted"}
    assert now["animals"]["state"] == "found"
    client.post("gallery/tags", json={"photos": [cat], "forget": ["cat", "Mia"]})
    assert tags(client, cat)["cat"]["state"] == "found"
    wait_until_forgotten(client, cat, "Mia")


def test_what_was_said_before_a_correction_can_be_said_again(client):
    cat, coffee = (ids(client)[name] for name in ("chelsea.jpg", "coffee.jpg"))
    client.post("gallery/tags", json={"photos": [cat], "remove": ["animals"], "add": ["Mia"]})
    before = {photo: states(client, photo) for photo in (cat, coffee)}
    wish = {"photos": [cat, coffee], "accept": ["animals"], "remove": ["cat"], "rename": [["Mia", "kitten"]]}
    answer = client.post("gallery/tags", json=wish).json()
    assert states(client, cat) != before[cat] and states(client, coffee) != before[coffee]
    for said in answer["before"]:
        client.post("gallery/tags", json=said)
    assert {photo: states(client, photo) for photo in (cat, coffee)} == before


def states(client: httpx.Client, photo: str) -> dict[str, str]:
    return {word: tag["state"] for word, tag in tags(client, photo).items()}


def test_corrections_teach(client):
    """A word that the engines do not know is found in another photo of the same cat."""
    cat = Image.open(EXAMPLES / "chelsea.jpg")
    variants = [cat.crop((10 * n, 0, cat.width - 10 * n, cat.height)) for n in range(1, 6)]
    for number, image in enumerate(variants):
        file = io.BytesIO()
        image.save(file, "JPEG")
        upload(client, f"cat {number}.jpg", file.getvalue())
    version = wait_until_tagged(client)["version"]
    cats = ids(client, q="cat")
    taught = [cats[name] for name in ("chelsea.jpg", "cat 0.jpg", "cat 1.jpg", "cat 2.jpg")]
    others = [id for name, id in ids(client).items() if name in ("coffee.jpg", "astronaut.jpg")]
    client.post("gallery/tags", json={"photos": taught, "add": ["Mia"]})
    client.post("gallery/tags", json={"photos": others, "remove": ["Mia"]})
    deadline = time.monotonic() + 60
    while "Mia" not in tags(client, cats["cat 4.jpg"]) and time.monotonic() < deadline:
        version = client.get("gallery/news", params={"seen": version}).json()["number"]
    learnt = tags(client, cats["cat 4.jpg"])["Mia"]
    assert learnt["origin"] == "taught" and learnt["state"] == "found" and learnt["confidence"] > 0.5


def test_many_photos_are_changed_at_once(client):
    all_ids = list(ids(client).values())
    before = [{"rating": 0, "photos": all_ids}]
    answer = client.post("gallery/rate", json={"photos": all_ids, "rating": 4}).json()
    answer["before"][0]["photos"].sort(key=all_ids.index)
    assert answer == {"changed": 3, "before": before}
    # What was rated otherwise since stays.
    client.post("gallery/rate", json={"photos": all_ids[:1], "rating": 2})
    again = client.post("gallery/rate", json={"photos": all_ids, "rating": 0, "having": 4}).json()
    assert again["changed"] == 2 and len(ids(client, rating=2)) == 1
    client.post("gallery/rate", json={"photos": all_ids, "rating": 4})
    assert len(ids(client, rating=4)) == 3
    client.post("gallery/delete", json={"photos": all_ids[:2]})
    assert len(ids(client)) == 1
    client.post("gallery/restore", json={"photos": all_ids})
    summary = client.post("gallery/summary", json={"photos": all_ids}).json()
    assert summary["count"] == 3 and summary["rating"] == 4
    client.patch(f"gallery/photos/{all_ids[0]}", json={"title": "Am Meer"})
    assert list(ids(client, q="meer").values()) == all_ids[:1]


def test_photos_leave_with_their_tags_written_in(client):
    cat = ids(client)["chelsea.jpg"]
    client.post("gallery/tags", json={"photos": [cat], "add": ["Käthe"]})
    client.post("gallery/rate", json={"photos": [cat], "rating": 5})
    files = unzipped(take(client, all=True, kind="zip"))
    assert set(files) == set(NAMES)
    said = description.read(PhotoFile(files["chelsea.jpg"]))
    assert "Käthe" in said.tags and "animals|mammal|cat" in "".join(said.tags) and said.rating == 5
    original = np.asarray(Image.open(EXAMPLES / "chelsea.jpg"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(files["chelsea.jpg"]))), original)
    rows = list(csv.DictReader(io.StringIO(take(client, photos=[cat], kind="csv").content.decode("utf-8-sig"))))
    assert rows[0]["name"] == "chelsea.jpg" and rows[0]["tags"].startswith("Käthe; ")
    assert rows[0]["origins"].split("; ")[0] == "you"
    listed = json.loads(take(client, photos=[cat], kind="json").content)
    assert {"word", "confidence", "origin"} <= set(listed[0]["tags"][0])


def test_photos_leave_as_edited_or_as_they_came(client):
    cat = ids(client)["chelsea.jpg"]
    layer = {"id": "image", "mask": None, "visible": True, "opacity": 1.0, "adjustments": {"exposure": -2}}
    edit = {"document": {"schema": 1, "layers": [layer]}, "base": 0, "writer": "a-window", "seq": 1}
    assert client.post(f"photos/{cat}/edit", json=edit).status_code == 200
    edited = unzipped(take(client, photos=[cat], **{"as": "edited"}))["chelsea.jpg"]
    original = unzipped(take(client, photos=[cat], **{"as": "original"}))["chelsea.jpg"]
    means = [np.asarray(Image.open(io.BytesIO(data))).mean() for data in (edited, original)]
    assert means[0] < 0.7 * means[1]
    assert "animals|mammal|cat" in "".join(description.read(PhotoFile(edited)).tags)


def test_what_is_not_yours_cannot_be_had(app, client):
    cat = ids(client)["chelsea.jpg"]
    path = client.post("gallery/takeaway", json={"photos": [cat]}).json()["path"]
    with TestClient(app, base_url="http://testserver/envo/") as other:
        other.get("http://testserver/")
        assert other.get(path).status_code == 404
        assert other.get(f"gallery/photos/{cat}").status_code == 404
        assert other.post("gallery/takeaway", json={"photos": [cat]}).status_code == 404
        answer = other.post("gallery/tags", json={"photos": [cat], "add": ["mine"]}).json()
        assert answer == {"changed": 0, "before": []}
        answer = other.post("gallery/rate", json={"photos": [cat], "rating": 3}).json()
        assert answer == {"changed": 0, "before": []}
        assert other.get("gallery/photos", params={"like": cat}).status_code == 404
        assert other.get("gallery/photos").json() == {"photos": [], "count": 0}
    assert client.post("gallery/takeaway", json={}).json()["error"].startswith("Choose at least one photo")


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def arrived(client) -> list[dict]:
    news = {"number": -1, "state": "working"}
    while news["state"] == "working":
        news = client.get("gallery/zips", params={"seen": news["number"]}).json()
    return news["arrivals"]


def test_a_zip_is_put_into_the_library(client):
    rocket = (EXAMPLES / "rocket.jpg").read_bytes()
    sidecar = description.write(PhotoFile(rocket, b"<none>"), description.Description(tags=("Start",))).sidecar
    files = {
        "shoot/rocket.jpg": rocket,
        "shoot/rocket.xmp": sidecar,
        "shoot/again.jpg": (EXAMPLES / "coffee.jpg").read_bytes(),
        "shoot/broken.jpg": b"?",
        "__MACOSX/._rocket.jpg": b"?",
    }
    answer = client.post("gallery/zips", params={"name": "shoot.zip"}, content=zipped(**files))
    assert answer.status_code == 202
    (arrival,) = arrived(client)
    assert (arrival["state"], arrival["done"], arrival["total"]) == ("done", 3, 3)
    assert (arrival["added"], arrival["known"]) == (1, 1)
    assert len(arrival["notes"]) == 1 and arrival["notes"][0].startswith("shoot/broken.jpg: This is no photo")
    wait_until_tagged(client)
    assert set(ids(client, tag="Start")) == {"rocket.jpg"}


@pytest.mark.parametrize("data, why", [(b"?", "no zip file"), (zipped(), "it has 0|has 0")])
def test_what_is_no_zip_of_photos_is_told(client, data, why):
    client.post("gallery/zips", params={"name": "a.zip"}, content=data)
    (arrival,) = arrived(client)
    assert arrival["state"] == "failed" and any(part in arrival["notes"][0] for part in why.split("|"))
    assert client.delete(f"gallery/zips/{arrival['id']}").status_code == 204
    assert client.get("gallery/zips").json()["arrivals"] == []


def test_a_server_that_was_killed_goes_on_where_it_was(tmp_path):
    rng = np.random.default_rng(1)
    coffee = np.asarray(Image.open(EXAMPLES / "coffee.jpg").resize((150, 100)))
    files = {}
    for number in range(40):
        file = io.BytesIO()
        Image.fromarray(np.clip(coffee + rng.normal(0, 9, coffee.shape), 0, 255).astype(np.uint8)).save(file, "JPEG")
        files[f"{number}.jpg"] = file.getvalue()
    server = forks.serve(tmp_path / "home", free_port())
    cookies = httpx.Client()
    cookies.get(server.url)
    try:
        with httpx.Client(base_url=server.url + "envo/", cookies=cookies.cookies, timeout=60) as client:
            client.post("gallery", json={})
            client.post("gallery/zips", params={"name": "shoot.zip"}, content=zipped(**files))
            news = {"number": -1, "done": 0}
            while news["done"] < 5:
                news = client.get("gallery/news", params={"seen": news["number"]}).json()
        server.stop()
        server = forks.serve(tmp_path / "home", free_port())
        with httpx.Client(base_url=server.url + "envo/", cookies=cookies.cookies, timeout=60) as client:
            (arrival,) = arrived(client)
            assert (arrival["state"], arrival["done"]) == ("done", len(files))
            assert wait_until_tagged(client)["total"] == len(files)
            assert set(ids(client)) == set(files)
    finally:
        server.stop()
