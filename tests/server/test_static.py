"""The page's own files."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tabs.web import static


@pytest.fixture
def page():
    return TestClient(Starlette(routes=[static.route()]))


@pytest.mark.parametrize("coding", ["gzip, br", "identity"])
@pytest.mark.parametrize("name, kind", [("app.css", "text/css"), ("common/api.js", "javascript")])
def test_a_file_comes_whole_and_for_ever_whatever_codings_are_known(page, name, kind, coding):
    file = page.get(f"/{static.prefix()}{name}", headers={"accept-encoding": coding})
    assert file.content == (static.FOLDER / name).read_bytes()
    assert kind in file.headers["content-type"] and "immutable" in file.headers["cache-control"]
    packed = file.headers.get("content-encoding") == "gzip"
    assert packed == ("gzip" in coding) and packed == (int(file.headers["content-length"]) < len(file.content))


@pytest.mark.parametrize("name", ["", "nothing.js", "common", "..%2fapp.py", "common/..%2f..%2fapp.py"])
def test_what_is_no_file_of_the_page_is_not_there(page, name):
    assert page.get(f"/{static.prefix()}{name}").status_code == 404


def test_the_page_begins_with_one_script_and_one_style_sheet_of_all(page):
    for name, entries in static.BUNDLES.items():
        script = page.get(f"/{static.prefix()}{name}").text
        told = json.loads(page.get(f"/{static.prefix()}{name}.map").text)
        assert set(entries) <= set(told["sources"]) and len(told["mappings"].split(";")) == script.count("\n") - 2
    style = page.get(f"/{static.prefix()}{static.STYLE}").text
    assert style.startswith((static.FOLDER / "app.css").read_text())
    assert (static.FOLDER / "gallery/gallery.css").read_text() in style
