"""Whose photos are whose."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import APIRequestContext, expect

from tests.browser import pages

PARTS = ("", "/original", "/thumbnail", "/rendition", "/edit", "/mattes", "/mattes/person", "/mattes/background")


def test_a_second_visitor_sees_nothing_of_the_first(new_visitor, server):
    first = new_visitor()
    page = first.editor()
    pages.open_astronaut(page)
    pages.set_slider(page, "exposure", "1")
    pages.saved(page)
    photo = pages.photo_id(page)
    api = f"{server.url}envo/photos/{photo}"
    own = {part: page.request.get(api + part).status for part in PARTS}
    assert set(own.values()) == {200}

    second = new_visitor()
    second.expected = ("404",)
    other = second.editor(f"#photo={photo}")
    expect(other.locator(".drop")).to_be_visible()
    expect(other.locator(".tile")).to_have_count(0)
    kept = page.request.get(f"{api}/edit").json()
    document = {"schema": 1, "layers": [{"id": "image", "adjustments": {"exposure": -2}}]}
    write = {"document": document, "base": kept["version"], "writer": "somebody-else", "seq": 1}

    def writes(asking: APIRequestContext) -> list[int]:
        """What each request that changes or takes something is answered."""
        return [
            asking.post(f"{api}/edit", data=write).status,
            asking.post(f"{api}/copy", data=write).status,
            asking.post(f"{api}/export-preview", data={"settings": {}, "document": document}).status,
            asking.patch(api, data={"name": "mine.jpg"}).status,
            asking.patch(f"{api}/mattes/person", data={"quality": 1}).status,
            asking.delete(api).status,
            asking.post(f"{api}/restore").status,
        ]

    assert {other.request.get(api + part).status for part in PARTS} == {404}
    assert set(writes(other.request)) == {404}
    assert page.request.get(f"{api}/edit").json() == kept
    assert page.request.get(api).json()["name"] == "astronaut.jpg"
    assert page.request.get(f"{server.url}envo/photos").json()["count"] == 1
    # They were refused for who asked: the same is done for whom the photo belongs to.
    page.close()
    assert writes(first.context.request) == [200, 200, 200, 200, 204, 204, 200]
    assert first.context.request.get(f"{api}/edit").json()["version"] == kept["version"] + 1


def test_nobody_is_served_without_a_name_or_with_a_forged_one(server):
    (name,) = httpx.get(server.url).cookies
    for value in ("", "visitor:me", "InZpc2l0b3I6YSI.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"):
        answer = httpx.get(f"{server.url}envo/photos", cookies={name: value})
        assert answer.status_code == 401
        assert "reload" in answer.json()["detail"]


def test_another_site_cannot_write(server):
    with httpx.Client(base_url=server.url) as client:
        client.get("/")
        photo = (pages.COFFEE).read_bytes()
        foreign = {"sec-fetch-site": "cross-site"}
        assert client.post("/envo/photos?name=a.jpg", content=photo, headers=foreign).status_code == 403
        assert client.post("/envo/photos?name=a.jpg", content=photo).status_code == 200


@pytest.mark.parametrize("proto, wanted", [("http", "SameSite=Lax"), ("https", "Secure; SameSite=None; Partitioned")])
def test_the_cookie_suits_frames_and_cannot_be_read_by_scripts(server, proto, wanted):
    cookie = httpx.get(server.url, headers={"x-forwarded-proto": proto}).headers["set-cookie"]
    assert cookie.endswith(wanted) and "HttpOnly" in cookie


@pytest.fixture
def other_site(tmp_path, server):
    """Address of another site's page, which shows the app in a frame."""
    frame = f'<iframe src="{server.url}" style="width: 1200px; height: 700px"></iframe>'
    (tmp_path / "index.html").write_text('<link rel="icon" href="data:,">' + frame)
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as files:
        threading.Thread(target=files.serve_forever).start()
        yield f"http://localhost:{files.server_port}/"  # a site of its own, as the app is at 127.0.0.1
        files.shutdown()


def test_where_cookies_are_refused_the_library_lasts_as_long_as_the_page(visitor, other_site):
    # Over plain HTTP, inside another site's frame, browsers keep no cookie.
    visitor.expected = (f"request to another host: {other_site}",)
    page = visitor.context.new_page()
    page.goto(other_site)
    inside = page.frame_locator("iframe")
    expect(inside.locator(".notice")).to_contain_text("as long as this page")
    inside.locator(".example[title='coffee.jpg']").click()
    expect(inside.locator(".photo-name")).to_have_text("coffee.jpg")
    expect(inside.locator(".strip .tile img")).to_have_js_property("complete", True)
    expect(inside.locator("[data-layer=subject]")).to_be_visible(timeout=60_000)
    exposure = inside.locator("[data-adjustment=exposure] .value")
    exposure.fill("1")
    exposure.press("Enter")
    expect(inside.locator(".save-state")).to_have_text("Saved")
    page.reload()
    expect(inside.locator(".editor.ready .drop")).to_be_visible()
    expect(inside.locator(".tile")).to_have_count(0)


def test_the_next_visit_finds_the_same_library(visitor):
    page = visitor.editor()
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    page.close()
    page = visitor.editor()
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
