"""A server killed at any moment loses nothing that it acknowledged."""

import io
import itertools
import random
import threading
from collections import defaultdict

import httpx
import numpy as np
import pytest
from PIL import Image

import app  # noqa: F401, what the server runs
from tests import forks
from tests.conftest import free_port

pytestmark = pytest.mark.slow

KILLS = 20
SEED = 20


def tiny_photo(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def document(contrast: int) -> dict:
    layer = {"id": "image", "mask": None, "visible": True, "opacity": 1.0, "adjustments": {"contrast": contrast}}
    return {"schema": 1, "layers": [layer]}


class Visitor:
    """Uploads photos and saves edits as fast as it can, and remembers what the server acknowledged."""

    def __init__(self, url: str):
        self.http = httpx.Client(base_url=url, timeout=30)
        self.numbers = itertools.count(1)
        self.uploads: dict[str, bytes] = {}
        self.acknowledged: dict[str, int] = {}
        self.tried: defaultdict[str, list[int]] = defaultdict(list)
        """What was saved since and not acknowledged, by photo."""
        self.versions: dict[str, int] = {}

    def work(self, first_answer: threading.Event) -> None:
        """Go on until the server is gone."""
        if not self.http.cookies:
            self.http.get("/")
        try:
            while True:
                self.upload()
                first_answer.set()
                for photo in random.choices(list(self.uploads), k=3):
                    self.save(photo)
        except httpx.TransportError:
            return

    def upload(self) -> None:
        data = tiny_photo(next(self.numbers))
        answer = self.http.post("/envo/photos?name=photo.png", content=data)
        assert answer.status_code == 200, answer.text
        self.uploads[answer.json()["photo"]["id"]] = data

    def save(self, photo: str) -> None:
        number = next(self.numbers)
        contrast = number % 100 + 1
        self.tried[photo].append(contrast)
        write = {"document": document(contrast), "base": self.versions.get(photo, 0)}
        answer = self.http.post(f"/envo/photos/{photo}/edit", json=write | {"writer": "one-window", "seq": number})
        assert answer.status_code == 200, answer.text
        self.versions[photo] = answer.json()["version"]
        self.acknowledged[photo] = contrast
        del self.tried[photo]

    def library(self) -> set[str]:
        """Ids of all photos that the server has."""
        found: set[str] = set()
        while page := self.http.get(f"/envo/photos?offset={len(found)}&limit=200").json()["photos"]:
            found |= {photo["id"] for photo in page}
        return found


def test_twenty_kills_at_random_moments_lose_nothing_acknowledged(tmp_path):
    port = free_port()
    random.seed(SEED)
    visitor = Visitor(f"http://127.0.0.1:{port}")
    for _ in range(KILLS):
        server = forks.serve(tmp_path, port)
        first_answer = threading.Event()
        worker = threading.Thread(target=visitor.work, args=(first_answer,))
        worker.start()
        assert first_answer.wait(60)
        worker.join(random.uniform(0.0, 0.3))  # the visitor works on; then the axe falls
        server.stop()
        worker.join()

    server = forks.serve(tmp_path, port)
    kept = visitor.library()
    assert set(visitor.uploads) <= kept
    assert len(kept - set(visitor.uploads)) <= KILLS  # stored at a kill, but not answered
    for photo in kept:
        data = visitor.http.get(f"/envo/photos/{photo}/original").content
        assert data == visitor.uploads.get(photo, data)
        thumbnail = visitor.http.get(f"/envo/photos/{photo}/thumbnail").content
        assert Image.open(io.BytesIO(thumbnail)).size == (32, 24)
    for photo, contrast in visitor.acknowledged.items():
        edit = visitor.http.get(f"/envo/photos/{photo}/edit").json()
        assert edit["document"]["layers"][0]["adjustments"]["contrast"] in (contrast, *visitor.tried[photo])
    server.stop()
