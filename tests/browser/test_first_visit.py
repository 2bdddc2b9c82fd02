"""What a browser asks for when it opens the app, and shows first."""

import re
from urllib.parse import urljoin

import httpx
from playwright.sync_api import expect

from tests.browser.visitors import PHONE


def test_every_script_is_told_ahead_so_that_none_waits_for_another(new_visitor):
    visitor = new_visitor()
    asked: set[str] = set()
    visitor.context.on("request", lambda request: asked.add(request.url))
    visitor.editor()
    # Gradio's script for frames is asked for by itself, and nothing waits for it.
    scripts = {address for address in asked if address.endswith(".js") and "iframeResizer" not in address}
    page = httpx.get(visitor.url).text
    told = {urljoin(visitor.url, address) for address in re.findall(r'(?:src|href)="([^"]+\.js)"', page)}
    assert any(address.endswith("/bundle.js") for address in scripts)
    assert scripts <= told, scripts - told
    visitor.close()


def test_on_a_phone_all_that_invites_is_seen_at_once(new_visitor):
    visitor = new_visitor(PHONE)
    page = visitor.editor()
    expect(page.locator(".editor .drop")).to_be_in_viewport(ratio=1)
    expect(page.locator(".editor .example").last).to_be_in_viewport(ratio=1)
    visitor.close()
