"""Envo for agents, by the Model Context Protocol (2025-06-18, Streamable HTTP): each capability is a tool.

At `/gradio_api/mcp`, where Gradio would have it, but made of the capabilities' own definitions, which say more than
Gradio knows of a function. No session is kept: each request is answered by itself.

A file goes in as base64, as the address of one that was sent to `POST /api/v1/files` or that a tool gave, or, where the
app may fetch, as a public address. It comes out as a link that the agent, or another tool, reads, with a picture.
"""

import base64
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
from anyio import from_thread
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from pydantic import AnyUrl
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from envo import names, photo, settings
from envo.errors import UserError
from envo.file import PhotoFile
from models.engine import Report
from models.inpaint import Cancelled
from tabs.routes import rest
from tabs.web import faults, fetched, http
from tabs.web.proxies import root_of
from tabs.work.jobs import FAILED
from tabs.work.programs import ProgramFiles
from tabs.work.queue import told
from tabs.work.service import CAPABILITIES, REFERENCE, Capability, File
from tabs.work.wish import parsed

PATH = "/gradio_api/mcp"
SEEN_EDGE = 1024
"""Long edge of the picture by which an agent sees what came out, in pixels."""
SEEN_QUALITY = 85
"""JPEG's."""
GIVES_FILE = {
    "type": "object",
    "properties": {
        "uri": {"type": "string", "description": "Of the file: read it as a resource, or by GET, within an hour."},
        "name": {"type": "string"},
        "mimeType": {"type": "string"},
        "size": {"type": "integer", "description": "Bytes."},
    },
    "required": ["uri", "name", "mimeType", "size"],
}
ABOUT = (
    "Envo takes photos apart, selects, erases, restores, tags and renders. Points and boxes are in pixels of the "
    "upright photo unless something else is said. Send a large file once, by a form with the part `file` to "
    "POST /api/v1/files of this host, and give the address that it answers to the tools; what a tool gives goes into "
    "the next in the same way."
)


def routes(in_line: Callable[..., Any], who: Callable[..., Any], files: ProgramFiles) -> list[BaseRoute]:
    """The routes, for the app that Gradio serves; see `tabs.routes.service`, which has what they take."""
    server = _server(Tools(who, files))

    class Endpoint:
        """ASGI app: one request of the protocol."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            manager = StreamableHTTPSessionManager(
                server, stateless=True, max_request_body_size=settings.MAX_SERVICE_BYTES
            )
            async with in_line(Request(scope)), manager.run():
                await manager.handle_request(scope, receive, send)

    return [Route(path, Endpoint(), methods=["POST"]) for path in (PATH, f"{PATH}/")]


def _server(tools: "Tools") -> Server:
    server: Server = Server("envo", instructions=ABOUT)
    listed = [_tool(capability) for capability in CAPABILITIES.values()]

    @server.list_tools()
    async def list_tools() -> list[types.Tool]:
        return listed

    # What is sent is checked as it is for all programs, in the same words.
    @server.call_tool(validate_input=False)
    async def call_tool(name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        context = server.request_context
        try:
            return await tools.call(name, arguments, context.request, _reporter(context))
        except Exception as error:
            return _refusal(error, name)

    @server.read_resource()
    async def read_resource(uri: AnyUrl) -> list[ReadResourceContents]:
        request = server.request_context.request
        file = await tools.own(str(uri), request)
        return [ReadResourceContents(content=file.data, mime_type=file.media_type)]

    return server


class Tools:
    """Does what an agent asks for."""

    def __init__(self, who: Callable[..., Any], files: ProgramFiles):
        """Begin. who: tells who asks. files: those that were sent, and those that tools give."""
        self._who = who
        self._files = files

    async def call(
        self, name: str, arguments: dict[str, Any], request: Request, report: Report
    ) -> types.CallToolResult:
        """Have something done. Raises UserError."""
        capability = CAPABILITIES.get(name)
        if capability is None:
            raise UserError(f"There is no tool {name[:40]!r}; there are {', '.join(CAPABILITIES)}.")
        who = await self._who(request)
        given = {key: value for key, value in arguments.items() if key in capability.files and value is not None}
        files = {key: await self._file(value, key, request) for key, value in given.items()}
        capability.check(files)
        values = {key: value for key, value in arguments.items() if key not in capability.files}
        wish = parsed(capability.wish, json.dumps(values).encode())
        made = await http.in_turn(capability.rank, who, partial(capability.ask, files, wish, who, report))
        if not isinstance(made, File):
            text = types.TextContent(type="text", text=json.dumps(made))
            return types.CallToolResult(content=[text], structuredContent=made)
        return await anyio.to_thread.run_sync(self._given, made, who, request)

    async def own(self, address: str, request: Request) -> File:
        """Find a file of this app's by its address. Raises NotFound."""
        return self._files.find(await self._who(request), rest.id_at(address, request))

    async def _file(self, value: Any, name: str, request: Request) -> File:
        """Get a file, be it in base64, or at an address."""
        if not isinstance(value, str):
            raise UserError(f"Send the {name} as a string: base64, or an address.")
        if value.startswith(root_of(request)):
            return await self.own(value, request)
        if value[:5].lower() == "data:":
            label = re.search(r";name=([^;,]+)", value.partition(",")[0])
            return File(http.from_base64(value, name), names.safe_name(label[1]) if label else name)
        if "://" in value[:20]:
            if not settings.may_fetch():
                raise UserError(f"Envo does not fetch files here; send the {name} in base64, or to POST /api/v1/files.")
            return await fetched.fetch(value)
        return File(http.from_base64(value, name), name)

    def _given(self, file: File, who: str, request: Request) -> types.CallToolResult:
        """Give a file as a link, and a picture of it where it is one."""
        uri = rest.address_of(self._files.keep(who, file), file.name, request)
        told = {"uri": uri, "name": file.name, "mimeType": file.media_type, "size": len(file.data)}
        content: list[types.ContentBlock] = [types.ResourceLink(type="resource_link", **told)]
        if file.media_type.startswith("image/"):
            pixels = PhotoFile(file.data).decode(edge=SEEN_EDGE).shown()
            picture = base64.b64encode(photo.encode(pixels, "JPEG", SEEN_QUALITY)).decode()
            content.append(types.ImageContent(type="image", data=picture, mimeType="image/jpeg"))
        return types.CallToolResult(content=content, structuredContent=told)


def _tool(capability: Capability) -> types.Tool:
    """Describe a capability to agents."""
    fetches = ", or a public address" if settings.may_fetch() else ""
    how = f"In base64, or the address that POST /api/v1/files or a tool has given{fetches}."

    def file(about: dict[str, Any]) -> dict[str, Any]:
        return {"type": "string", "description": f"{about['description']} {how}"}

    gives_file = capability.media_type != "application/json"
    return types.Tool(
        name=capability.name,
        description=capability.about,
        inputSchema=_alone(capability.schema(file), capability),
        outputSchema=GIVES_FILE if gives_file else _alone(capability.answer, capability),
        annotations=types.ToolAnnotations(readOnlyHint=True, openWorldHint=False),
    )


def _alone(schema: dict[str, Any], capability: Capability) -> dict[str, Any]:
    """Make a schema one that holds what it refers to."""
    whole = json.dumps(schema | ({"$defs": capability.definitions} if capability.definitions else {}))
    return json.loads(whole.replace(REFERENCE, "#/$defs/"))


def _reporter(context: Any) -> Report:
    """Make what tells an agent how far its work is, and ends it where nobody waits any more."""
    token = context.meta and context.meta.progressToken

    def report(step: str, fraction: float | None = None) -> None:
        try:
            from_thread.check_cancelled()
            if token is not None:
                tell = partial(context.session.send_progress_notification, related_request_id=str(context.request_id))
                from_thread.run(tell, token, fraction or 0.0, 1.0, step)
        except (anyio.get_cancelled_exc_class(), anyio.ClosedResourceError, anyio.BrokenResourceError):
            raise Cancelled from None

    return report


def _refusal(error: Exception, name: str) -> types.CallToolResult:
    """Say what is wrong, as all programs are told."""
    sentence = told(error, f"the tool {name[:40]}", FAILED)
    text = json.dumps({"error": {"code": faults.code_of(error), "message": sentence}})
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], isError=True)
