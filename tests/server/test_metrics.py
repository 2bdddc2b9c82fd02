"""Numbers on the running app, told where whoever runs it says, and with nothing of anybody's in them."""

import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from envo.errors import UserError
from models import cache, inpaint
from tabs.web import metrics
from tests.conftest import free_port
from tests.server.test_health import became
from tests.server.test_kill import tiny_photo


@pytest.fixture
def told(monkeypatch):
    """Asks for the numbers: by their names, each by its labels' values, in the order of the labels' names."""
    port = free_port()
    monkeypatch.setenv("ENVO_METRICS", str(port))
    metrics.serve()

    def ask() -> dict[str, dict[tuple[str, ...], float]]:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        found: dict[str, dict[tuple[str, ...], float]] = {"text": text}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
        return found

    return ask


class Eraser(inpaint.EraseEngine):
    name, label = "auto", "Eraser"
    frame = inpaint.frame.Frame(edge=64)
    trouble: Exception | None = None

    def _fill(self, image, hole, report):
        if self.trouble:
            raise self.trouble
        return image


def fail(report) -> None:
    raise ZeroDivisionError("something of somebody's")


def test_answers_are_counted_by_their_routes_and_nobody_is_in_them(client, told):
    photo = client.post("/envo/photos?name=Grandmother.png&layers=false", content=tiny_photo(1)).json()["photo"]["id"]
    before = told().get("envo_answer_seconds_count", {})
    client.get(f"/envo/photos/{photo}")
    client.get("/envo/photos/nobody-s")
    client.get("/no/such/Grandmother")
    client.request("MADE-UP", "/")
    now = told()
    more = {key: value - before.get(key, 0) for key, value in now["envo_answer_seconds_count"].items()}
    assert more["GET", "/envo/photos/{photo_id}", "2xx"] == more["GET", "/envo/photos/{photo_id}", "4xx"] == 1
    assert more["GET", "none", "4xx"] == more["other", "/", "4xx"] == 1
    for personal in photo, "Grandmother", "nobody-s", "MADE-UP", "visitor:":
        assert personal not in now["text"]


def test_engines_models_queues_disks_and_errors_are_told(client, told):
    engine, image, mask = Eraser(), np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.uint8)
    mask[20:30, 20:30] = 255
    engine.name = "of this test"
    engine.erase(image, mask)
    engine.trouble = LookupError("something of somebody's")
    with pytest.raises(LookupError):
        engine.erase(image, mask)
    assert became(fail) == "It failed."
    with cache.use("a model", lambda: object(), 12345):
        now = told()
    runs = {ended: count for (ended, name), count in now["envo_engine_seconds_count"].items() if "of this test" in name}
    assert runs == {"done": 1, "LookupError": 1}
    assert now["envo_model_bytes"]["a model",] == 12345
    assert now["envo_queue_length"]["mattes",] == 0 and now["envo_turns"]["now",] == 0
    assert now["envo_disk_bytes"]["library", "free"] > 0 and now["envo_disk_bytes"]["cache", "used"] > 0
    assert now["envo_errors_total"]["ZeroDivisionError",] >= 1
    assert now["process_resident_memory_bytes"][()] > 2**20


def test_nothing_is_told_unasked_and_a_place_that_cannot_be_is_said(monkeypatch, told):
    for place, why in ("nowhere", "takes a port"), ("127.0.0.1:1x", "takes a port"), ("99999", "cannot listen"):
        monkeypatch.setenv("ENVO_METRICS", place)
        with pytest.raises(UserError, match=why):
            metrics.serve()
    listeners = []
    monkeypatch.setattr(metrics, "start_http_server", lambda *given: listeners.append(given))
    monkeypatch.delenv("ENVO_METRICS")
    metrics.serve()
    assert not listeners
    monkeypatch.setenv("ENVO_METRICS", "9464")
    metrics.serve()
    assert listeners[0][:2] == (9464, "127.0.0.1")
