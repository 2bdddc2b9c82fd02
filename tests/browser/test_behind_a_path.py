"""The app behind a proxy: below any path, which the proxy strips or keeps, and with what proxies say themselves."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests import proxy
from tests.browser import pages
from tests.conftest import Server, start_server

LAUNCH = "from app import launch; launch(root_path={!r})"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the apps have their library, one after the other: what is known of a photo is not worked out anew."""
    return tmp_path_factory.mktemp("below")


@pytest.fixture(scope="module", params=["/envo", "/photos/of us", "/gradio_api/"])
def below(request, folder) -> Iterator[tuple[Server, str]]:
    """An app that is shown below a path, and the path."""
    running = start_server(folder / "home", folder / "log", ("-c", LAUNCH.format(request.param)))
    yield running, request.param.rstrip("/").replace(" ", "%20")
    running.stop()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture(params=["stripped", "kept"])
def shown(request, below) -> Iterator[proxy.Proxy]:
    server, path = below
    with proxy.before(server.url, path, request.param == "stripped") as running:
        yield running


def test_the_page_works_below_any_path(shown, new_visitor):
    visitor = new_visitor(url=shown.url)
    page = visitor.editor()
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    pages.set_slider(page, "exposure", "1")
    pages.saved(page)
    page.close()
    page = visitor.editor()
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    visitor.close()


def test_routes_and_guard_go_by_what_is_below_the_path(shown):
    with httpx.Client(base_url=shown.url) as client:
        page = client.get("")
        assert page.status_code == 200 and f'"root":"{shown.url.rstrip("/")}"' in page.text
        foreign = {"origin": "http://evil.example"}
        assert client.post("envo/examples/coffee.jpg", headers=foreign).status_code == 403
        assert client.get("envo/photos", headers=foreign).status_code == 403
        assert client.post("envo/examples/coffee.jpg").status_code == 200
        assert client.get("envo/photos").json()["count"] == 1
        assert client.get("config").status_code == client.get("gradio_api/info").status_code == 200
        assert client.get("envo/nothing").status_code == client.get("envo/web/x/nothing.js").status_code == 404
        style = page.text.partition("/bundle.css")[0].rpartition("envo/web/")[2]
        assert client.get(f"envo/web/{style}/bundle.css").headers["content-type"].startswith("text/css")


def test_the_path_without_a_slash_leads_to_the_page(below):
    server, path = below
    with proxy.before(server.url, path, strip=False) as running:
        answer = httpx.get(running.url.rstrip("/") + "?deep=1")
        assert answer.status_code == 307 and answer.headers["location"] == f"{path}/?deep=1"


def test_what_a_proxy_refuses_is_told_truly(new_visitor, server, tmp_path):
    with proxy.before(server.url, "", strip=True, limit=2**20) as running:
        visitor = new_visitor(url=running.url)
        visitor.expected = ("413", "502", "503")
        page = visitor.editor()
        (tmp_path / "large.jpg").write_bytes(pages.COFFEE.read_bytes() + bytes(3 * 2**20))
        pages.upload(page, tmp_path / "large.jpg")
        expect(page.locator("body")).to_contain_text("takes no file of 3 MB")
        for broken, said in (
            ("502 Bad Gateway", "cannot be reached"),
            ("200 OK", "Something between this page and Envo"),
        ):
            running.broken = broken
            pages.upload(page, pages.COFFEE)
            expect(page.locator("body")).to_contain_text(said)
        visitor.close()
