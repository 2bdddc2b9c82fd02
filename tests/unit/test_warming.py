"""The warm start of a Space: what visitors ask for first is loaded before they come, and nobody waits for it."""

import threading
from types import SimpleNamespace

import pytest

from models import layers, select
from models.weights import WeightsError
from tabs.work import threads, warming
from tests.unit.test_memory import until


@pytest.fixture
def loaded(monkeypatch) -> list[tuple[str, tuple[int, ...]]]:
    """What was loaded, and the shape of the picture that it looked at."""
    done = []

    def load(name: str):
        return lambda pixels: done.append((name, pixels.shape))

    monkeypatch.setattr(layers, "find", load("layers"))
    monkeypatch.setattr(select, "auto", lambda: SimpleNamespace(prepare=load("clicks")))
    return done


def test_on_a_space_layers_and_clicks_are_ready_before_the_first_visitor_is(loaded, monkeypatch):
    monkeypatch.setenv("SPACE_ID", "ann/envo")
    may_load, find = threading.Event(), layers.find

    def find_when_told(pixels):
        may_load.wait()
        find(pixels)

    monkeypatch.setattr(layers, "find", find_when_told)
    warming.begin()
    assert loaded == []  # the app goes on meanwhile
    may_load.set()
    until(lambda: loaded == [("layers", (512, 512, 3)), ("clicks", (512, 512, 3))])


def test_elsewhere_nothing_is_loaded_unasked(loaded, monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    begun = []
    monkeypatch.setattr(threads, "after", lambda *told: begun.append(told))
    warming.begin()
    assert begun == loaded == []


def test_weights_that_cannot_be_had_keep_no_app_from_starting(loaded, monkeypatch, caplog):
    monkeypatch.setenv("SPACE_ID", "ann/envo")

    def missing(pixels):
        raise WeightsError("No hub can be reached.")

    monkeypatch.setattr(layers, "find", missing)
    warming.begin()
    until(lambda: "No hub can be reached." in caplog.text)
    assert loaded == []
