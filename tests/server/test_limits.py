"""What the server refuses, and how it says so."""

import httpx

from envo import settings


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
