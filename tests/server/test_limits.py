"""What the server refuses, and how it says so."""

import json

import httpx
import pytest

from envo import settings

EMPTY = {"schema": 1, "layers": [{"id": "image", "mask": None, "visible": True, "opacity": 1.0, "adjustments": {}}]}


def test_a_file_over_the_limit_is_refused_in_a_sentence(server):
    with httpx.Client(base_url=server.url, timeout=60) as client:
        client.get("/")
        answer = client.post("/envo/photos?name=big.jpg", content=bytes(settings.MAX_FILE_BYTES + 1))
        assert answer.status_code == 400
        assert answer.json()["error"] == "The file is larger than 64 MB; please bring a smaller one."
        assert client.get("/envo/photos").json()["count"] == 0


def test_an_edit_that_makes_no_sense_is_refused(server):
    with httpx.Client(base_url=server.url) as client:
        client.get("/")
        photo = client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
        layer = {"id": "image", "mask": None, "visible": True, "opacity": 1.0}
        for adjustments in ({"exposure": 99}, {"unheard-of": 1}, {"contrast": "much"}):
            document = {"schema": 1, "layers": [layer | {"adjustments": adjustments}]}
            write = {"document": document, "base": 0, "writer": "one-window", "seq": 1}
            answer = client.post(f"/envo/photos/{photo}/edit", json=write)
            assert answer.status_code == 400 and answer.json()["error"].endswith(".")
        assert client.get(f"/envo/photos/{photo}/edit").json() == {"version": 0, "document": None}


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("PATCH", "photos/{photo}", {"rating": 3}),
        ("POST", "photos/{photo}/edit", {"document": EMPTY, "base": 0, "writer": "one-window", "seq": 1}),
        ("POST", "photos/{photo}/download", {"document": EMPTY, "format": "PNG"}),
        ("PATCH", "photos/{photo}/mattes/person", {"quality": 3}),
        ("POST", "restorations/batch", {"photos": ["{photo}"], "steps": "auto"}),
        ("POST", "restorations/batch", {"photos": ["{photo}"], "steps": [{"id": "light"}]}),
        ("POST", "gallery/tags", {"photos": ["{photo}"], "accept": ["cup"]}),
        ("POST", "gallery/faces", {"faces": ["none"], "ignore": True}),
    ],
)
def test_a_request_for_more_than_is_known_is_refused_and_nothing_of_it_done(client, method, path, body):
    photo = client.post("/envo/examples/coffee.jpg").json()["photo"]["id"]
    body = json.loads(json.dumps(body | {"unheardOf": True}).replace("{photo}", photo))
    answer = client.request(method, f"/envo/{path.format(photo=photo)}", json=body)
    assert answer.status_code == 400 and "unheardOf" in answer.json()["error"]
    assert client.get(f"/envo/photos/{photo}").json()["rating"] == 0
    assert client.get(f"/envo/photos/{photo}/edit").json()["version"] == 0
