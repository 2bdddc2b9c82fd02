"""What agents can have done, by the Model Context Protocol's own client: the same as other programs, to the byte."""

import base64
import http.server
import json
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
import httpx
import numpy as np
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult
from PIL import Image

from docs import endpoints
from envo.errors import UserError
from models.engine import Report
from tabs.web import fetched
from tabs.work.scheduler import Rank
from tabs.work.service import CAPABILITIES, Capability
from tests import loops
from tests.browser.pages import COFFEE
from tests.conftest import Server, start_server
from tests.server import routes_only
from tests.server.test_rest import CASES, asked, files  # noqa: F401, a fixture
from tests.server.test_service import file_of, some_mask


@pytest.fixture(scope="module")
def open_to_agents(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("agents")
    running = start_server(folder / "home", folder / "log", ENVO_MCP="1")
    yield running
    running.stop()
    assert "Traceback" not in (folder / "log").read_text()


@asynccontextmanager
async def session(address: str) -> AsyncIterator[ClientSession]:
    async with (
        streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as opened,
    ):
        await opened.initialize()
        yield opened


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def refusal(result: CallToolResult) -> dict[str, str]:
    assert result.isError
    return json.loads(result.content[0].text)["error"]


@loops.own
async def test_each_tool_is_described(open_to_agents):
    async with session(open_to_agents.url) as agent:
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
    assert tools.keys() == CAPABILITIES.keys()
    for name, tool in tools.items():
        capability = CAPABILITIES[name]
        assert tool.description == capability.about
        assert set(tool.inputSchema["properties"]) == set(capability.files) | set(capability.wish.model_fields)
        for file in capability.files:
            told = tool.inputSchema["properties"][file]["description"]
            assert "base64" in told and "public address" not in told  # which is not fetched here
        assert "#/components" not in tool.model_dump_json()


@pytest.mark.parametrize("name", CASES)
@loops.own
async def test_a_tool_gives_the_same_as_http_does(open_to_agents, files, name):  # noqa: F811
    sent, values = CASES[name]
    paths = {key: files[file] for key, file in sent.items()}
    answer = asked(open_to_agents, name, paths, values)
    async with session(open_to_agents.url) as agent:
        given = {key: text_of(path.read_bytes()) for key, path in paths.items()}
        result = await agent.call_tool(name, given | values)
        if answer.status_code != 200:
            assert refusal(result) == answer.json()["error"]
            return
        assert not result.isError, result.content
        if name in ("people", "describe", "tag"):
            assert result.structuredContent == answer.json() == json.loads(result.content[0].text)
            return
        link, *pictures = result.content
        read = await agent.read_resource(link.uri)
    assert base64.b64decode(read.contents[0].blob) == answer.content == httpx.get(str(link.uri)).content
    assert result.structuredContent["uri"] == str(link.uri)
    assert result.structuredContent["size"] == link.size == len(answer.content)
    assert [each.mimeType for each in pictures] == ["image/jpeg"] * (link.mimeType != "application/zip")


@loops.own
async def test_what_a_tool_gives_or_was_sent_before_goes_into_the_next(open_to_agents):
    sent = httpx.post(f"{open_to_agents.url}api/v1/files", files={"file": ("cup.jpg", COFFEE.read_bytes())}).json()
    async with session(open_to_agents.url) as agent:
        mask = await agent.call_tool("select", {"image": sent["uri"], "points": [[300, 200, True]]})
        cut = await agent.call_tool("cutout", {"image": sent["uri"], "mask": str(mask.content[0].uri)})
        assert (cut.isError, cut.content[0].name) == (False, "cup-cutout.png")
        gone = await agent.call_tool("describe", {"image": sent["uri"].replace("files/", "files/x")})
    assert refusal(gone)["code"] == "not_found"


@loops.own
async def test_wrong_input_hears_a_code_and_a_sentence(open_to_agents):
    photo = text_of(COFFEE.read_bytes())
    async with session(open_to_agents.url) as agent:
        for name, arguments, part in (
            ("paint", {}, "no tool 'paint'"),
            ("describe", {}, "Send the image as a file."),
            ("describe", {"image": 3}, "as a string"),
            ("describe", {"image": "%"}, "not base64"),
            ("describe", {"image": "http://127.0.0.1/a.jpg"}, "does not fetch"),
            ("describe", {"image": "file:///etc/passwd"}, "does not fetch"),
            ("describe", {"image": photo, "much": 1}, "much"),
            ("select", {"image": photo, "points": [[900, 9, True]]}, "outside"),
        ):
            error = refusal(await agent.call_tool(name, arguments))
            assert error["code"] == "invalid" and part in error["message"], error


@pytest.fixture
def endless(monkeypatch, tmp_path) -> Iterator[tuple[str, threading.Event]]:
    """An app with a tool that works until nobody waits any more; tells its address, and when it has ended."""
    ended = threading.Event()

    def work(*, report: Report) -> dict[str, Any]:
        """Work on and on."""
        try:
            while True:
                report("Working", 0.5)
        finally:
            ended.set()

    monkeypatch.setenv("ENVO_HOME", str(tmp_path))
    monkeypatch.setitem(CAPABILITIES, "work", Capability(work, Rank.SOON, "application/json"))
    with routes_only.served() as address:
        yield address, ended


@loops.own
async def test_an_agent_hears_how_far_its_work_is_and_ends_it_by_going_away(endless):
    address, ended = endless
    async with session(address) as agent, anyio.create_task_group() as group:

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            assert (progress, total, message) == (0.5, 1.0, "Working")
            group.cancel_scope.cancel()

        await agent.call_tool("work", {}, progress_callback=hear)
    assert await anyio.to_thread.run_sync(ended.wait, 30)


def test_what_programs_are_told_is_made_of_the_definitions_and_its_examples_work(
    open_to_agents,
    files,  # noqa: F811
    monkeypatch,
    tmp_path,
    capsys,
):
    assert endpoints.FILE.read_text() == endpoints.text(), "run python -m docs.endpoints"
    examples = re.findall(r"```python\n(.*?)```", endpoints.HEAD, re.DOTALL)
    assert len(examples) == 6
    clear = np.dstack([np.asarray(Image.open(COFFEE)), 255 - some_mask()])
    for name, data in (
        ("cup.jpg", COFFEE.read_bytes()),
        ("old.jpg", files["faded"].read_bytes()),
        ("holed.png", file_of(clear)),
    ):
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    with httpx.Client(base_url=open_to_agents.url) as page:
        page.get("/")
        token = page.post("envo/tokens", json={"name": "Example", "write": True}).json()["secret"]
    for example in examples:
        code = example.replace("http://localhost:7860/", open_to_agents.url).replace("envo_...", token)
        loops.in_thread(partial(exec, code, {"__name__": "__main__"}))
    assert np.asarray(Image.open("brighter.jpg")).mean() > np.asarray(Image.open(COFFEE)).mean() + 10
    assert Image.open("mask.png").mode == "L" and Image.open("whole.png").size == (600, 400)
    printed = capsys.readouterr().out
    assert all(part in printed for part in ("cup.jpg ['breakfast']", "done", "/cup-cutout.png"))


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another host: gives a photo, leads astray, or never ends."""

    def do_GET(self) -> None:
        if self.path == "/astray":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/secrets")
            self.end_headers()
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
        elif self.path == "/large":
            self.send_response(200)
            self.end_headers()
            with pytest.raises(OSError):
                while True:
                    self.wfile.write(bytes(2**20))
        else:
            self.send_response(200 if self.path.startswith("/cup.jpg") else 404)
            self.end_headers()
            self.wfile.write(COFFEE.read_bytes())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@loops.own
async def test_a_public_address_is_fetched_and_none_that_it_leads_to_elsewhere(elsewhere, monkeypatch):
    with pytest.raises(UserError, match="public addresses alone"):
        await fetched.fetch(f"{elsewhere}/cup.jpg")
    is_public = fetched.is_public
    monkeypatch.setattr(fetched, "is_public", lambda text: text in ("127.0.0.1", "::1") or is_public(text))
    monkeypatch.setattr(fetched.settings, "MAX_FILE_BYTES", 2**20)
    file = await fetched.fetch(f"{elsewhere}/cup.jpg?size=large")
    assert (file.data, file.name) == (COFFEE.read_bytes(), "cup.jpg")
    for path, part in (
        ("astray", "public addresses alone"),
        ("round", "ever other ones"),
        ("large", "larger than 1 MB"),
        ("none", "answers 404"),
    ):
        with pytest.raises(UserError, match=part):
            await fetched.fetch(f"{elsewhere}/{path}")


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.com/a",
        "http://",
        "http://user:word@example.com/",
        "http://[::1]/",
        "http://127.0.0.1:22/",
        "http://a",
    ],
)
@loops.own
async def test_no_other_address_is_fetched(address):
    with pytest.raises(UserError, match=r"public addresses alone|is the address right"):
        await fetched.fetch(address)


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:8.8.8.8", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses_are_told_from_others(address, is_public):
    assert fetched.is_public(address) == is_public
