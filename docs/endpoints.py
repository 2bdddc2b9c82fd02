"""Write docs/endpoints.md: what there is for programs, from the definitions.

usage: python -m docs.endpoints
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tabs.work.service import CAPABILITIES, REFERENCE, Capability

FILE = Path(__file__).with_suffix(".md")
HEAD = """\
# Envo for programs

Thirteen things can be had done to photos that a program sends: by Gradio's client, by HTTP, by agents. Each is defined
once, so all ways take the same, check the same, and give the same, to the byte. Nothing of what is sent gets into a
library; what is kept for a while, is for an hour, and only for whoever sent it. `/api/docs` of a running app shows
them, too, to be tried there; `/api/openapi.json` is for programs that make clients. This file is made by
`python -m docs.endpoints`, and its examples are run by the tests.

Points and boxes are in pixels of the photo as it is seen, upright, (0, 0) its upper left corner, unless something else
is said.

## Gradio's client

```python
from gradio_client import Client, handle_file

client = Client("http://localhost:7860/")
mask = client.predict(handle_file("cup.jpg"), points=[[300, 200, True]], api_name="/select")
cut = client.predict(handle_file("cup.jpg"), mask=handle_file(mask), api_name="/cutout")
print(client.predict(handle_file("cup.jpg"), api_name="/tag")["tags"][0]["word"])
```

A file comes as the path of a copy. What is wrong is an `AppError` with a sentence.

## HTTP

`POST /api/v1/NAME` takes a form (`multipart/form-data`): files as its parts, all else as its fields, as JSON or, where
they are words, as they are. The answer is the file, or JSON.

```python
import httpx

app = "http://localhost:7860/api/v1"
with open("cup.jpg", "rb") as photo:
    answer = httpx.post(f"{app}/select", files={"image": photo}, data={"points": "[[300, 200, true]]"}, timeout=600)
answer.raise_for_status()
with open("mask.png", "wb") as mask:
    mask.write(answer.content)
```

What is wrong is `{"error": {"code": "invalid", "message": "A sentence."}}`, with 400; 404 `not_found`, 413 `too_large`,
415 `unsupported`, 429 `too_many`, 503 `busy` (and `Retry-After`), 500 `fault`. A file may have 64 MB.

**What takes long** need not be waited for: with `Prefer: respond-async` the answer is 202 and a job.
`GET /api/v1/jobs/JOB?seen=NUMBER` answers as soon as there is news beyond the number that was told last, within
20 seconds at the latest; `GET /api/v1/jobs/JOB/events` streams the same as server-sent events; `DELETE` gives it up.
The result is there for an hour. Jobs are the process's that took them, and are gone with it.

```python
import time

import httpx

app = "http://localhost:7860/api/v1"
with open("old.jpg", "rb") as photo:
    job = httpx.post(f"{app}/restore", files={"image": photo}, headers={"Prefer": "respond-async"}).json()
while job["state"] in ("waiting", "working"):
    job = httpx.get(f"{app}/jobs/{job['job']}", params={"seen": job["number"]}, timeout=60).json()
    print(job["state"], job["step"])
restored = httpx.get(f"{app}/jobs/{job['job']}/result").raise_for_status().content
```

## Agents

With `ENVO_MCP=1`, or `launch(mcp_server=True)`, the app speaks the Model Context Protocol (Streamable HTTP) at
`/gradio_api/mcp/`; each of the thirteen is a tool. An agent's program is told so:

```json
{"mcpServers": {"envo": {"url": "http://localhost:7860/gradio_api/mcp/"}}}
```

A file goes in as base64 or a `data:` URL; as the address that `POST /api/v1/files` answers to a form with the part
`file`, which spares an agent the base64; or as the address of what another tool gave. With `ENVO_FETCH=1` it may be any
public address, http or https, of 64 MB at most; private ones are never asked, whatever leads there. A file comes out as
a link (`resource_link`), to be read as a resource or by GET within an hour, and with it a picture of it to see.

```python
import asyncio

import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


async def main():
    with open("cup.jpg", "rb") as photo:
        sent = httpx.post("http://localhost:7860/api/v1/files", files={"file": photo}).json()
    async with streamable_http_client("http://localhost:7860/gradio_api/mcp/") as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            mask = await session.call_tool("select", {"image": sent["uri"], "points": [[300, 200, True]]})
            wish = {"image": sent["uri"], "mask": str(mask.content[0].uri)}
            print((await session.call_tool("cutout", wish)).content[0].uri)


asyncio.run(main())
```

## Your library for your scripts

Under `/api/v1/library` a script works on the library of whoever gave it a token: the corner of Envo's page makes one,
shows it once, and takes it back; it may read, or change things, too. `/api/docs` tells of each route what it takes and
answers: photos are brought, listed in pages, found by words, tags and people, named, rated, tagged and deleted; their
edits read and written, their mattes made, and all of it leaves in one file.

```python
import httpx

library = httpx.Client(
    base_url="http://localhost:7860/api/v1/library", headers={"Authorization": "Bearer envo_..."}, timeout=120
)
with open("cup.jpg", "rb") as photo:
    brought = library.post("photos", files={"file": photo}).raise_for_status().json()["photo"]
library.post(f"photos/{brought['id']}/tags", json={"add": ["breakfast"]}).raise_for_status()

edit = library.get(f"photos/{brought['id']}/edit")
brighter = {"schema": 2, "layers": [{"id": "image", "adjustments": {"exposure": 0.7}}]}
known = {"If-Match": edit.headers["ETag"]}  # 412 where the page has changed it since
library.put(f"photos/{brought['id']}/edit", json=brighter, headers=known).raise_for_status()

for photo in library.get("photos", params={"q": "breakfast", "limit": 100}).json()["photos"]:
    print(photo["name"], photo["tags"])
with open("brighter.jpg", "wb") as file:
    file.write(library.get(f"photos/{brought['id']}/edited").raise_for_status().content)
```

A list answers with the address of its `next` page. An answer's `ETag` sent as `If-None-Match` is answered 304 where
nothing has changed. Without a token that is known the answer is 401 `unauthorized`, with one that may only read 403
`forbidden`; what is another's is 404, as what is not there.

## In a Gradio app of your own

`EnvoMask` is the canvas in which one selects, as a component: a photo of any size, clicks, boxes and a brush in the
browser, undo, and a `Masked` in Python, with the photo and its masks as arrays. It selects with the network that comes
along; a phone holds a picture of the photo, however large that is.

```py
import gradio as gr
from envomask import EnvoMask  # with Envo's folder in PYTHONPATH

with gr.Blocks() as demo:
    photo, cut = EnvoMask(), gr.Image(format="png")
    gr.Button("Cut it out").click(lambda masked: masked and masked.cut_out(), photo, cut)
demo.launch()
```

`docs/envomask_example.py` is a whole app.

## One address for all that only erase

`POST /complete-image`, as older programs know it, takes JSON with a picture in base64 and fills what of it is
transparent, or white in a `"mask"`:

```python
import base64, pathlib, httpx

picture = base64.b64encode(pathlib.Path("holed.png").read_bytes()).decode()
answer = httpx.post("http://localhost:7860/complete-image", json={"img": picture}, timeout=900)
answer.raise_for_status()
pathlib.Path("whole.png").write_bytes(base64.b64decode(answer.json()["img"]))
```

A request may have 96 MB. The answer's `"notes"`, where it has any, are sentences on what of the picture's file could
not be kept; what is wrong is `{"error": "A sentence."}`.

## Masks

In a mask, white changes, and so does paint of any colour on black or on a clear ground; grey changes in part, black
stays. It may be of any format, with 1, 8 or 16 bits, or 0 and 1 for black and white, and has the picture's size. Where
a mask is a picture with a clear part, as other services have it, `hole` "clear" says that this is what changes; without
a word it is refused. A mask of a photo that EXIF turns is turned like it where its size or its own EXIF says so; where
neither does, the answer asks for `drawn`, "upright" or "stored".

## All of them
"""
KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "array": "list",
}
WIDEST = 110
"""Letters of a value that is shown."""


def text() -> str:
    """Give all of the file."""
    return HEAD + "".join(f"\n{_section(each).rstrip()}\n" for each in CAPABILITIES.values())


def _section(capability: Capability) -> str:
    schema = capability.schema(lambda about: {"type": "file"} | about)
    needed = schema["required"]
    rows = "".join(_row(name, part, name in needed) for name, part in schema["properties"].items())
    gives = "JSON" if capability.media_type == "application/json" else f"`{capability.media_type}`"
    table = f"| Takes | Kind | Default | What it is |\n|---|---|---|---|\n{rows}"
    definitions = "".join(f"\n{_definition(name, each)}" for name, each in _used(schema, capability).items())
    answer = _answer(capability)
    return f"### {capability.name}\n\n{capability.about}\n\n{table}{definitions}\nGives {gives}{answer}\n"


def _row(name: str, part: dict[str, Any], is_needed: bool) -> str:
    default = "" if is_needed else "none" if part.get("default") is None else f"`{_short(part['default'])}`"
    return f"| `{name}` | {_kind(part)} | {default} | {_about(part)} |\n"


def _about(part: dict[str, Any]) -> str:
    examples = "; ".join(f"`{_short(each)}`" for each in part.get("examples", ()))
    return part.get("description", "") + (f" E.g. {examples}" if examples else "")


def _kind(part: dict[str, Any]) -> str:
    """Name what a parameter may be, with its range."""
    if "anyOf" in part:
        return " or ".join(_kind(each) for each in part["anyOf"] if each.get("type") != "null")
    if "enum" in part:
        return ", ".join(f"`{each}`" for each in part["enum"])
    if "const" in part:
        return f"`{part['const']}`"
    kind = (
        part["$ref"].removeprefix(REFERENCE)
        if "$ref" in part
        else KINDS.get(part.get("type", ""), part.get("type", ""))
    )
    low, high = part.get("minimum"), part.get("maximum")
    return f"{kind}, {low:g} to {high:g}" if None not in (low, high) else kind


def _used(schema: dict[str, Any], capability: Capability) -> dict[str, dict[str, Any]]:
    """Give the definitions that a schema refers to, and those that these do, by their names."""
    used: dict[str, dict[str, Any]] = {}
    found = re.findall(rf"{REFERENCE}(\w+)", json.dumps(schema))
    while found:
        name = found.pop(0)
        if name not in used:
            used[name] = capability.definitions[name]
            found += re.findall(rf"{REFERENCE}(\w+)", json.dumps(used[name]))
    return used


def _definition(name: str, schema: dict[str, Any]) -> str:
    """Tell what an object has in it."""
    needed = schema.get("required", [])
    rows = "".join(_row(key, part, key in needed) for key, part in schema["properties"].items())
    about = " ".join(schema.get("description", "").split())
    return f"**{name}**: {about}\n\n| It has | Kind | Default | What it is |\n|---|---|---|---|\n{rows}"


def _answer(capability: Capability) -> str:
    schema = capability.answer
    if "properties" not in schema:
        return "."
    rows = "".join(_answer_rows(schema, "", capability))
    return f":\n\n| In it | Kind | What it is |\n|---|---|---|\n{rows}"


def _answer_rows(schema: dict[str, Any], above: str, capability: Capability) -> Iterator[str]:
    """Tell what is in an answer, and in what is in it."""
    for name, part in schema["properties"].items():
        yield f"| `{above}{name}` | {_kind(part)} | {_about(part)} |\n"
        for inner in (part, *part.get("anyOf", ())):
            if "$ref" in (items := inner.get("items", {})):
                inside = capability.definitions[items["$ref"].removeprefix(REFERENCE)]
                yield from _answer_rows(inside, f"{above}{name}[].", capability)


def _short(value: Any) -> str:
    text = value or '""' if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= WIDEST else f"{text[:WIDEST]} ..."


if __name__ == "__main__":
    FILE.write_text(text())
