"""How long a first visit takes until the editor can be used, and the next one, over a link as people have it at home.

The app runs as it is, in a process of its own. A new Chromium opens it by a link of 50 ms and 10 Mbit/s, as its own
throttling makes it, until the editor takes a photo (`.editor.ready`); then once more in another window, with what the
browser has kept by then. The alternative is the same page with modules as they are written: each is asked for when
another names it, nothing ahead. They take turns.

- first_seconds, again_seconds: the median of the rounds;
- apart_first_seconds, apart_again_seconds: the same of the alternative;
- requests, megabytes: what a first visit asks for, and what of it comes over the link.

usage: python -m bench.first_visit [--rounds 5] [--json]
"""

import json
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, Route, sync_playwright

from bench import common
from tabs.web import static
from tests import chromium
from tests.conftest import start_server

LATENCY = 50
"""Milliseconds there and back."""
RATE = 10 * 10**6 / 8
"""Bytes a second, down and up."""
VIEWPORT = {"width": 1280, "height": 800}
TOLD_AHEAD = re.compile(r'<link rel="modulepreload"[^>]*>|<link [^>]*as="fetch"[^>]*>')


def apart(entries: Iterable[str]) -> str:
    """Write what stands for a bundle where modules come as they are."""
    imported = "".join(f"import * as part{number} from './{path}';\n" for number, path in enumerate(entries))
    named = ", ".join(f"'{path}': part{number}" for number, path in enumerate(entries))
    return f"{imported}export const modules = {{ {named} }};"


class Link:
    """Counts what comes over the link to a page, which is as slow as the link."""

    def __init__(self, context: BrowserContext, page: Page):
        self.requests, self.bytes = 0, 0
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        told = {"offline": False, "latency": LATENCY, "downloadThroughput": RATE, "uploadThroughput": RATE}
        devtools.send("Network.emulateNetworkConditions", told)
        devtools.on("Network.loadingFinished", self._add)

    def _add(self, finished: dict) -> None:
        self.requests += finished["encodedDataLength"] > 0
        self.bytes += finished["encodedDataLength"]


def visit(context: BrowserContext, address: str) -> tuple[float, Link]:
    """Open the app in a new window: the seconds until the editor can be used, and what came."""
    page = context.new_page()
    link = Link(context, page)
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    # At each frame: Playwright by itself looks for an element twice a second at the end.
    page.wait_for_function("document.querySelector('.editor.ready')", polling="raf")
    seconds = time.perf_counter() - start
    page.close()
    return seconds, link


def visits(playwright: Playwright, address: str, is_bundled: bool) -> tuple[float, float, Link]:
    """A new browser's first visit and its second, in seconds, and what came at first."""

    def freed(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=TOLD_AHEAD.sub("", answer.text()))

    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium.find(), args=chromium.FLAGS, viewport=VIEWPORT
        )
        if not is_bundled:
            context.route(address, freed)
            for name, entries in static.BUNDLES.items():
                fulfilled = partial(Route.fulfill, content_type="text/javascript", body=apart(entries))
                context.route(f"**/{name}", fulfilled)
        first, link = visit(context, address)
        again, _ = visit(context, address)
        context.close()
    return first, again, link


def main() -> None:
    parser = common.Arguments(__doc__, "folder, of which nothing is needed here", parted=False)
    parser.add_argument("--rounds", type=int, default=5, help="first visits of each kind")
    wish = parser.parse_args()

    seconds: defaultdict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path(folder), Path(folder) / "log")
        for _ in range(wish.rounds):
            for kind, is_bundled in (("", True), ("apart_", False)):
                first, again, link = visits(playwright, server.url, is_bundled)
                seconds[f"{kind}first"].append(first)
                seconds[f"{kind}again"].append(again)
                if is_bundled:
                    came = link
        server.stop()

    numbers = {f"{name}_seconds": round(statistics.median(times), 2) for name, times in seconds.items()}
    for name in ("first", "again"):
        ours, apart = (numbers[f"{kind}{name}_seconds"] for kind in ("", "apart_"))
        print(f"{name:8}{ours:6.2f} s   each module by itself {apart:6.2f} s   {apart / ours:.2f} times")
    print(f"first: {came.requests} requests, {came.bytes / 1e6:.2f} MB")
    if wish.json:
        print(json.dumps(numbers | {"requests": came.requests, "megabytes": round(came.bytes / 1e6, 2)}))


if __name__ == "__main__":
    main()
