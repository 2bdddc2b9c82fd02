"""Two replicas of the app behind the proxy that compose.yaml starts: a real Caddy, with the repository's Caddyfile.

They are shown below a path, and share a PostgreSQL and a bucket of an S3 server; each has a home of its own.
"""

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest

from envo import settings
from tabs.web import bodies
from tests import caddy, postgres, s3
from tests.conftest import EXAMPLES, Server, start_server

LAUNCH = """
import os, anyio
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from app import launch

async def who(request):
    await anyio.sleep(float(request.query_params.get("after", 0)))
    return PlainTextResponse(str(os.getpid()))

launch(app_kwargs={"routes": [Route("/who", who)]})
"""
"""The app, and a route that tells which replica answers, after some seconds of silence."""
PATH = "/envo"
LONG = 11
"""Seconds; longer than all that the Caddyfile says of time, but for how long a head of a request may take to come."""
BEFORE = "127.0.0.2"
"""Address from which a proxy comes that stands before Caddy."""
MANY = 12


@dataclass
class Deployed:
    """What runs."""

    host: str
    replicas: list[Server]
    long: Future
    """What comes of a request that is silent for `LONG`."""

    def visitor(self, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        """Somebody who keeps cookies, as browsers do, at an address of this machine."""
        way = httpx.HTTPTransport(local_address=address)
        return httpx.Client(base_url=f"{self.host}{PATH}/", transport=way, timeout=60, headers=headers)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory) -> Iterator[Deployed]:
    if why := postgres.why_not():
        pytest.skip(why)
    if not caddy.program():
        pytest.skip(caddy.ADVICE)
    folder = tmp_path_factory.mktemp("deployed")
    shared = {
        "ENVO_DATABASE_URL": postgres.new("deployed"),
        "ENVO_STORAGE": f"s3://{s3.BUCKET}/envo",
        "GRADIO_ROOT_PATH": PATH,
    }

    def start(number: int) -> Server:
        return start_server(folder / f"home{number}", folder / f"log{number}", ("-c", LAUNCH), **shared)

    with s3.served(), ThreadPoolExecutor() as pool:
        replicas = list(pool.map(start, range(2)))
        hosts = [each.url.split("/")[2] for each in replicas]
        with caddy.before(hosts, folder, ENVO_TRUSTED_PROXIES=f"{BEFORE}/32") as host:
            long = pool.submit(httpx.get, f"{host}{PATH}/who", params={"after": LONG}, timeout=60)
            yield Deployed(host, replicas, long)
    for each in replicas:
        each.stop()
    for number in range(2):
        assert "Traceback" not in (folder / f"log{number}").read_text()


def photo(size: int) -> bytes:
    """A photo of so many bytes."""
    data = (EXAMPLES / "coffee.jpg").read_bytes()
    return data + bytes(size - len(data))


def bring(visitor: httpx.Client, content: bytes, name: str = "coffee.jpg") -> httpx.Response:
    return visitor.post("envo/photos", params={"name": name, "layers": False}, content=content)


def pieces(content: bytes, size: int = 2**20) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def test_a_visitor_stays_on_one_replica_and_visitors_share_both(deployed):
    seen = []
    for _ in range(MANY):
        with deployed.visitor() as visitor:
            assert visitor.get("").status_code == 200
            seen.append({visitor.get("who").text for _ in range(4)})
    assert all(len(each) == 1 for each in seen)
    assert len(set.union(*seen)) == 2


def test_who_keeps_no_cookies_stays_on_one_replica_by_the_address(deployed):
    seen = []
    for number in range(1, MANY + 1):
        with deployed.visitor(f"127.0.1.{number}") as program:
            seen.append({program.get("who").text for _ in range(4)})
            assert not program.cookies
    assert all(len(each) == 1 for each in seen)
    assert len(set.union(*seen)) == 2


def test_a_photo_as_large_as_may_be_comes_and_a_larger_one_is_refused_in_the_apps_words(deployed):
    with deployed.visitor() as visitor:
        visitor.get("")
        largest = photo(settings.MAX_FILE_BYTES)
        assert bring(visitor, largest).json()["photo"]["name"] == "coffee.jpg"
        told = bodies.LIMITS[0][1].refusal()
        for content in (largest + b"\0", pieces(largest + b"\0")):  # of a size that is told, and of one that is not
            refused = bring(visitor, content)
            assert refused.status_code == 413 and told in refused.json().values()


def test_what_comes_bit_by_bit_passes_at_once(deployed):
    with deployed.visitor() as visitor, visitor.stream("GET", "gradio_api/heartbeat/anybody") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        assert next(events.iter_text())  # the next would come after 15 s


def test_the_page_s_addresses_lie_below_the_path(deployed):
    with deployed.visitor() as visitor:
        page = visitor.get("")
        assert f'"root":"{deployed.host}{PATH}"' in page.text
        found = {each for each in re.findall(r'(?:src|href)="([^"#]+)"', page.text) if not each.startswith("data:")}
        assert any("bundle" in each for each in found)
        for address in found:
            asked = page.url.join(address)
            assert str(asked).startswith(f"{deployed.host}{PATH}/"), address
            assert visitor.get(asked).status_code == 200, address
        assert visitor.get(deployed.host + PATH, follow_redirects=True).url.path == f"{PATH}/"


@pytest.mark.parametrize("address", [BEFORE, "127.0.0.1"])
def test_https_that_another_proxy_speaks_counts_where_that_is_trusted(deployed, address):
    told = {"x-forwarded-proto": "https", "x-forwarded-host": "photos.example"}
    is_trusted = address == BEFORE
    with deployed.visitor(address, **told) as visitor:
        page = visitor.get("")
        (cookie,) = [each for each in page.headers.get_list("set-cookie") if each.startswith("envo_visitor")]
        assert ("; Secure; SameSite=None; Partitioned" in cookie) == is_trusted
        assert (f'"root":"https://photos.example{PATH}"' in page.text) == is_trusted
        visitor.headers["cookie"] = "; ".join(each.split(";")[0] for each in page.headers.get_list("set-cookie"))
        for origin, is_own in (
            ("https://photos.example", is_trusted),
            (deployed.host, True),
            ("https://evil.example", False),
        ):
            asked = visitor.post("envo/examples/coffee.jpg", headers={"origin": origin})
            assert asked.status_code == (200 if is_own else 403), origin


def test_a_request_of_long_work_is_not_given_up(deployed):
    assert deployed.long.result().text in {str(each.process.pid) for each in deployed.replicas}


def test_a_replica_that_is_killed_takes_along_only_what_it_was_sending(deployed):
    with deployed.visitor() as visitor, deployed.visitor() as other:
        visitor.get("")
        assert bring(visitor, photo(settings.MAX_FILE_BYTES)).is_success
        photos = visitor.get("envo/photos").json()
        asked = visitor.post("envo/gallery/takeaway", json={"all": True, "as": "original"}).json()
        (killed,) = [each for each in deployed.replicas if str(each.process.pid) == visitor.get("who").text]
        with visitor.stream("GET", f"envo/{asked['path']}") as download:
            parts = download.iter_raw()
            came = len(next(parts))
            killed.stop()
            with suppress(httpx.RemoteProtocolError):  # which Caddy says from 2.7.6 on
                for part in parts:
                    came += len(part)
        assert came < settings.MAX_FILE_BYTES  # it came while it was made
        # Who asks first waits until Caddy has noticed; bodies are sent to another replica by itself from 2.11.2 on.
        assert visitor.get("").status_code == 200
        assert bring(visitor, photo(3 * 2**20), "another.jpg").status_code == 200
        assert visitor.get("envo/photos").json()["count"] == photos["count"] + 1
        assert visitor.get(f"envo/photos/{photos['photos'][0]['id']}/thumbnail").status_code == 200
        assert other.get("").status_code == 200
        assert {visitor.get("who").text, other.get("who").text} == {
            str(each.process.pid) for each in deployed.replicas if each is not killed
        }
