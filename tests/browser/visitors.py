"""Visitors: one person's browser each, which is cleared and used again by the next."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, Request, WebError

from tests import chromium
from tests.browser import pages

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}

STORAGE = (
    "file_systems,indexeddb,local_storage,service_workers,cache_storage,storage_buckets,shared_storage,interest_groups"
)
"""All that Chromium keeps for pages but cookies and compiled shaders."""

SLOW = ("GPU stall due to ReadPixels", "preloaded using link preload but not used within a few seconds")
"""Warnings that tell but of the machine: the page is put together without a graphics card (see `chromium.FLAGS`), and
where much else goes on, its scripts run late."""

PREFERENCES = {"autofill": {"profile_enabled": False}, "credentials_enable_service": False}
"""What is typed into fields is not remembered: suggestions would take the keys of the next visitor."""


class Profile:
    """A browser of one shape with a folder on disk, which keeps what it has fetched and compiled from visit to visit.

    Most of a page's first seconds go to Gradio's scripts; a browser that knows them is ready in half the time.
    """

    def __init__(self, playwright: Playwright, folder: Path, shape: dict):
        (folder / "Default").mkdir()
        (folder / "Default" / "Preferences").write_text(json.dumps(PREFERENCES))
        self.shape = shape
        self.context: BrowserContext = playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium.find(), args=chromium.FLAGS, **shape
        )
        self._blank = self.context.pages[0]
        self._devtools = self.context.new_cdp_session(self._blank)

    def clear(self) -> None:
        """Close its windows, and forget all but the HTTP cache and what was compiled."""
        for page in self.context.pages:
            if page != self._blank:
                page.close()
        self.context.unroute_all()
        self.context.set_offline(False)
        self.context.set_geolocation(None)
        self.context.set_extra_http_headers({})
        self.context.clear_permissions()
        self.context.clear_cookies()
        self._devtools.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": STORAGE})


class Profiles:
    """Browsers that visitors take and give back; who comes while another is there gets a browser of their own."""

    def __init__(self, playwright: Playwright, new_folder: Callable[[], Path]):
        self._playwright = playwright
        self._new_folder = new_folder
        self._all: list[Profile] = []
        self._free: defaultdict[str, list[Profile]] = defaultdict(list)

    def take(self, shape: dict) -> Profile:
        """A browser that nobody uses and that knows of nobody.

        shape: what Playwright's contexts are made with, such as the window's size.
        """
        if free := self._free[_key(shape)]:
            return free.pop()
        self._all.append(Profile(self._playwright, self._new_folder(), shape))
        return self._all[-1]

    def give_back(self, profile: Profile) -> None:
        profile.clear()
        self._free[_key(profile.shape)].append(profile)

    def close(self) -> None:
        for profile in self._all:
            profile.context.close()


def _key(shape: dict) -> str:
    return json.dumps(shape, sort_keys=True)


class Visitor:
    """One person's browser: its cookies, its windows, and all that its console and network said."""

    def __init__(self, profiles: Profiles, url: str, shape: dict):
        self.url = url
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        """Parts of complaints that the test provokes."""
        self.scripts: list[str] = []
        """What each of its windows runs before the page's own scripts."""
        self._profiles = profiles
        self._profile: Profile | None = profiles.take(shape)
        self.context = self._profile.context
        self.context.set_default_timeout(60_000)
        self.context.on("console", self._console)
        self.context.on("weberror", self._error)
        self.context.on("request", self._request)

    def window(self, path: str = "") -> Page:
        """A new window on the app, ready to be used."""
        page = self.context.new_page()
        for script in self.scripts:
            page.add_init_script(script)
        page.goto(self.url + path)
        return page

    def editor(self, path: str = "") -> Page:
        """A new window whose editor has started."""
        page = self.window(path)
        page.wait_for_selector(".editor.ready", state="attached")
        return page

    def opened(self, tab: str, *files: Path | dict) -> Page:
        """A new window that begins in a tab with the last of these photos, which are new in the library.

        Edit draws none of them, which takes most of the seconds until a photo that is chosen there can be worked on.
        """
        self.context.request.get(self.url)  # who comes first is given a name
        return self.editor(f"#tab={tab}&photo={pages.add(self.context.request, self.url, *files)[-1]}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(text in message.text for text in SLOW):
            self.complaints.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"page error: {error.error}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.netloc != urlsplit(self.url).netloc:
            self.complaints.append(f"request to another host: {request.url}")

    def close(self) -> None:
        """Leave, and forget all. None of its windows may have heard an error that was not expected."""
        if not self._profile:
            return
        self._profiles.give_back(self._profile)
        self._profile = None
        self.context.remove_listener("console", self._console)
        self.context.remove_listener("weberror", self._error)
        self.context.remove_listener("request", self._request)
        unexpected = [each for each in self.complaints if not any(part in each for part in self.expected)]
        assert not unexpected, unexpected
