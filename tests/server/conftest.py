"""A visitor of the routes alone, whose library and cache are new, for the tests that ask nothing of the page."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from envo.library import Library
from models import hub, layers
from models.layers import Layers
from tests.server import routes_only
from tests.unit.test_library import url


@pytest.fixture
def client(monkeypatch, empty, tmp_path):
    shutil.copytree(empty, tmp_path / "home")
    monkeypatch.setenv("ENVO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hub, "reachable", lambda: False)
    monkeypatch.setattr(layers, "find", lambda image, report: Layers({}, [], "none", 0))
    with TestClient(routes_only.app()) as visitor:
        visitor.get("/")
        yield visitor
        visitor.app.state.library.close()  # else it looks after other processes for as long as tests run


@pytest.fixture
def library(tmp_path) -> Iterator[Library]:
    """A library beside that of the routes."""
    home = tmp_path / "other"
    opened = Library(home, url(home))
    yield opened
    opened.close()


@pytest.fixture
def put_alone(monkeypatch) -> Callable[..., None]:
    """Puts engines or steps by name into a table in the place of all others, which come back in their order."""

    def put(table: dict, **entries) -> None:
        # Backwards, for what was taken out first is put back last.
        for name in reversed(list(table)):
            monkeypatch.delitem(table, name)
        for name, entry in entries.items():
            monkeypatch.setitem(table, name, entry)

    return put
