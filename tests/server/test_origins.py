"""Which requests count as another site's, and what they hear."""

import httpx
import pytest

from tests.conftest import Server

READS = ("envo/photos", "envo/session", *(f"envo/photos/{{photo}}{part}" for part in ("", "/original", "/edit")))
GRADIOS = ("", "config", "gradio_api/info", "gradio_api/token", "gradio_api/user")


@pytest.fixture
def visitor(server: Server):
    with httpx.Client(base_url=server.url) as client:
        client.get("/")
        yield client


@pytest.fixture
def photo(visitor: httpx.Client) -> str:
    return visitor.post("/envo/examples/coffee.jpg").json()["photo"]["id"]


def foreign(server: Server) -> list[dict[str, str]]:
    """Headers as browsers send them for a page of another site, of a sibling, and of another port, over HTTP or not."""
    host = httpx.URL(server.url).host
    return [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://other.example", "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"origin": f"http://{host}:1"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ]


def test_another_sites_page_reads_nothing(server, visitor, photo):
    for headers in foreign(server):
        for path in READS:
            answer = visitor.get(path.format(photo=photo), headers=headers)
            assert answer.status_code == 403, (path, headers)
            assert "access-control-allow-origin" not in answer.headers
            assert answer.json()["error"].endswith(".")


def test_another_sites_page_writes_nothing(server, visitor, photo):
    for headers in foreign(server):
        assert visitor.patch(f"envo/photos/{photo}", json={"rating": 3}, headers=headers).status_code == 403
        assert visitor.delete(f"envo/photos/{photo}", headers=headers).status_code == 403
        assert visitor.post("complete-image", json={"img": ""}, headers=headers).status_code == 403
        assert visitor.post("gradio_api/upload", files={"files": b"1"}, headers=headers).status_code == 403
    assert visitor.get(f"envo/photos/{photo}").json()["rating"] == 0


def test_no_answer_is_given_free_to_other_origins(server, visitor):
    for headers in foreign(server):
        for path in GRADIOS:
            assert "access-control-allow-origin" not in visitor.get(path, headers=headers).headers
        asked = headers | {"access-control-request-method": "GET"}
        answer = visitor.options("envo/photos", headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_page_itself_and_programs_are_answered(server, visitor, photo):
    here = server.url.rstrip("/")
    for headers in (
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": here},
        {"origin": here, "sec-fetch-site": "same-origin"},
        {"origin": "https://photos.example", "x-forwarded-host": "photos.example", "x-forwarded-proto": "https"},
        {"origin": "https://photos.example", "host": "photos.example:443"},
        {"origin": "https://inner.example", "sec-fetch-site": "same-origin"},  # a proxy that tells another host
    ):
        assert visitor.get(f"envo/photos/{photo}/original", headers=headers).status_code == 200, headers
        assert visitor.patch(f"envo/photos/{photo}", json={"rating": 3}, headers=headers).status_code == 200, headers


def test_pictures_cannot_be_embedded_elsewhere_and_pages_can(visitor, photo):
    for part in ("original", "thumbnail", "rendition"):
        headers = visitor.get(f"envo/photos/{photo}/{part}").headers
        assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "cross-origin-resource-policy" not in visitor.get("").headers


@pytest.mark.parametrize("proto, wanted", [("http", "SameSite=Lax"), ("HTTPS", "Secure; SameSite=None; Partitioned")])
def test_the_cookie_suits_the_scheme_in_any_letters(server, proto, wanted):
    answer = httpx.get(server.url, headers={"x-forwarded-proto": proto, "host": "photos.example"})
    assert answer.headers["set-cookie"].endswith(wanted)
    assert f'"root":"{proto.lower()}://photos.example"' in answer.text


def test_the_page_is_kept_by_nobody_and_loads_nothing_from_elsewhere(visitor):
    headers = visitor.get("").headers
    assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "same-origin"
    for answer in (visitor.get(""), visitor.get("envo/photos")):
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors" not in headers["content-security-policy"]
