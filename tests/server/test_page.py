"""The page before any script runs: what it says it is, to browsers and to those who tell others of it."""

import io
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pytest
from PIL import Image


class Head(HTMLParser):
    """What a page's head says."""

    def __init__(self, html: str):
        super().__init__()
        self.names: list[tuple[str, str]] = []
        """Names and what they say, of the meta elements."""
        self.links: dict[str, list[str]] = {}
        """Addresses, by their relation, or by what they are loaded as."""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "meta" and (name := given.get("name") or given.get("property")):
            self.names.append((name, given["content"]))
        if tag == "link":
            self.links.setdefault(given.get("as") or given["rel"], []).append(given["href"])


@pytest.fixture(scope="module")
def html(server) -> str:
    return httpx.get(server.url).text


@pytest.fixture(scope="module")
def head(html) -> Head:
    return Head(html)


def test_the_page_tells_of_envo_and_of_each_thing_once(html, head):
    said = [*head.names, ("title", html.partition("<title>")[2].partition("</title>")[0])]
    names = [name for name, _ in said]
    assert len(names) == len(set(names))
    told = dict(said)
    assert told["title"] == told["og:title"] == "Envo"
    assert told["description"] == told["og:description"] and "photo" in told["description"]
    assert "gradio" not in str(said).lower() and "{url}" not in html


def test_the_card_is_at_a_whole_address_and_of_the_size_that_is_told(server, head):
    told = dict(head.names)
    assert told["og:url"] == server.url and told["og:image"].startswith(server.url)
    card = Image.open(io.BytesIO(httpx.get(told["og:image"]).content))
    assert card.size == (1200, 630) == (int(told["og:image:width"]), int(told["og:image:height"]))


def test_icons_typeface_and_manifest_are_there(server, head):
    kinds = {"icon": "image/", "apple-touch-icon": "image/png", "font": "font/woff2", "manifest": "application/"}
    for relation, kind in kinds.items():
        for href in head.links[relation]:
            assert httpx.get(urljoin(server.url, href)).headers["content-type"].startswith(kind), href
    assert httpx.get(urljoin(server.url, "favicon.ico")).headers["content-type"] == "image/png"
    address = urljoin(server.url, head.links["manifest"][0])
    manifest = httpx.get(address).json()
    assert manifest["name"] == "Envo" and urljoin(address, manifest["start_url"]) == server.url
    for each in manifest["icons"]:
        icon = httpx.get(urljoin(address, each["src"]))
        assert icon.headers["content-type"].startswith(each["type"])
        if each["type"] == "image/png":
            assert "x".join(map(str, Image.open(io.BytesIO(icon.content)).size)) == each["sizes"]


def test_the_page_comes_packed_and_its_photos_do_not(server):
    page = httpx.get(server.url)
    assert page.headers["content-encoding"] == "gzip" and len(page.text) > 4 * int(page.headers["content-length"])
    plain = httpx.get(server.url, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and "</html>" in plain.text
    example = httpx.get(f"{server.url}envo/examples/coffee.jpg")
    assert example.status_code == 200 and "content-encoding" not in example.headers


def test_what_the_page_tells_ahead_is_there(server, head):
    ahead = head.links["modulepreload"] + head.links["stylesheet"] + head.links["fetch"]
    assert len(ahead) > 10
    for address in ahead:
        assert httpx.get(urljoin(server.url, address)).status_code == 200
