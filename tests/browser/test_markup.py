"""Markup in names, titles, tags, people, presets and prompts is shown as what it is: text."""

import sqlite3

import pytest
from playwright.sync_api import expect

from envo.library import Library
from tests.browser import pages
from tests.unit.test_library import url
from tests.unit.test_people import Faces

MARKUP = "<img src=x onerror=hacked=1><b>bold</b>"
RUN = "typeof hacked !== 'undefined' || document.querySelectorAll('img[src=\"x\"]').length > 0"


@pytest.mark.sqlite
def test_markup_stays_text_wherever_it_is_shown(visitor, server, plain):
    page = visitor.editor()
    pages.upload(page, plain | {"name": f"{MARKUP.partition('<b>')[0]}.png"})
    expect(page.locator(".editor .photo-name")).to_contain_text("onerror")
    photo, api = pages.photo_id(page), f"{server.url}envo/"
    with sqlite3.connect(server.home / "library.sqlite") as database:
        (owner,) = database.execute("SELECT owner FROM photo WHERE id = ?", (photo,)).fetchone()
    beside = Library(server.home, url(server.home))
    beside.people.name(owner, Faces(beside, owner).add(2), MARKUP)
    beside.close()
    document = {"schema": 1, "layers": [{"id": "image", "name": MARKUP, "adjustments": {"exposure": 1}}]}
    copied = page.request.post(f"{api}copies", data={"document": document}).json()["copy"]
    for path, said in {
        "gallery": {},
        "gallery/tags": {"photos": [photo], "add": [MARKUP]},
        "presets": {"name": MARKUP, "group": MARKUP, "copy": copied},
        f"photos/{photo}/snapshots": {"name": MARKUP, "document": document},
        "export-presets": {"name": MARKUP, "settings": {}},
    }.items():
        assert page.request.post(api + path, data=said).ok, path
    assert page.request.patch(f"{api}gallery/photos/{photo}", data={"title": MARKUP}).ok

    page.goto(f"{server.url}#tab=gallery")
    page.reload()
    expect(page.locator(".facet-row", has_text="onerror").first).to_be_attached()
    assert page.locator(".facet-row", has_text="onerror").count() == 2, "a tag and a person"
    assert not page.evaluate(RUN)
    for place in (f"#tab=gallery&photo={photo}", f"#tab=replace&photo={photo}", f"#tab=restore&photo={photo}"):
        page.goto(server.url + place)
        page.reload()
        expect(page.locator("body")).to_contain_text("onerror=hacked")
        assert not page.evaluate(RUN), place
    page.goto(f"{server.url}#tab=edit&photo={photo}")
    page.reload()
    pages.drawn(page)
    pages.export_dialog(page)
    expect(page.locator("dialog.export")).to_be_visible()
    assert not page.evaluate(RUN)
