"""The app as a visitor meets it, in real Chromium; and a photo that tests draw, so that they know what is in it."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partialmethod

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import APIRequestContext, BrowserContext, Playwright, expect

from tests.browser.pages import GREEN, RED
from tests.browser.visitors import DESKTOP, Profiles, Visitor

expect.set_options(timeout=30_000)
"""Milliseconds in which what is expected comes true, on a machine that is busy with other tests, too."""

for asks in ("delete", "fetch", "get", "head", "patch", "post", "put"):
    # Again where the server just ended the connection, as it does 5 s after the last answer.
    setattr(APIRequestContext, asks, partialmethod(getattr(APIRequestContext, asks), max_retries=1))


@pytest.fixture(scope="session")
def profiles(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profiles]:
    made = Profiles(playwright, lambda: tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser(profiles: Profiles) -> Iterator[BrowserContext]:
    """One for the tests of a file that need no app."""
    profile = profiles.take(DESKTOP)
    yield profile.context
    profiles.give_back(profile)


@pytest.fixture
def new_visitor(profiles: Profiles, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, each with a browser of their own; at the end none may have heard an error.

    They come to `server` unless another address is given.
    """
    with ExitStack() as leaving:

        def make(shape: dict = DESKTOP, url: str | None = None) -> Visitor:
            visitor = Visitor(profiles, url or request.getfixturevalue("server").url, shape)
            leaving.callback(visitor.close)
            return visitor

        yield make


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    return new_visitor()


@pytest.fixture
def plain() -> dict:
    """A photo of a red disc and a green square on grey, 600x400."""
    photo = np.full((400, 600, 3), 150, np.uint8)
    rows, columns = np.mgrid[:400, :600]
    photo[(rows - 200) ** 2 + (columns - 170) ** 2 < 90**2] = RED
    photo[130:270, 380:520] = GREEN
    rng = np.random.default_rng(1)
    photo = np.clip(photo + rng.normal(0, 4, photo.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    return {"name": "plain.png", "mimeType": "image/png", "buffer": file.getvalue()}
