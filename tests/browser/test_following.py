"""A layer of a face follows the person, in whatever photo; a corrected name moves it, even in a page that is open."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser import test_gallery as gallery
from tests.browser.test_people import LONG, ada, bring, eve, route
from tests.browser.test_portrait import assert_only, group, matte
from tests.browser.visitors import DESKTOP, PHONE
from tests.unit.test_following import follows

__all__ = ["group"]


def side_by_side(*people: Image.Image) -> Image.Image:
    """A photo of some people: their heads and shoulders, next to each other on a wall."""
    wall = Image.new("RGB", (440 * len(people), 440), (142, 148, 156))
    for place, person in enumerate(people):
        wall.paste(person.crop((90, 0, 400, 400)).resize((341, 440)), (440 * place + 50, 0))
    return wall


def photos() -> dict[str, Image.Image]:
    perhaps = side_by_side(eve(), ada()).resize((1500, 440))
    return {
        "ada-eve.png": side_by_side(ada(), eve()),
        "eve-ada.png": side_by_side(eve(), ada()),
        "eve.jpg": eve(),
        "perhaps.png": perhaps,
    }


def faces(page: Page, photo: str) -> list[dict]:
    """The faces of a photo, from the left."""
    answer = page.request.get(route(page, f"gallery/photos/{photo}")).json()
    return sorted(answer["people"], key=lambda face: face["box"])


def say(page: Page, face: dict, **what) -> dict:
    answer = page.request.post(route(page, "gallery/faces"), data={"faces": [face["id"]], **what})
    assert answer.ok, answer.text()
    return answer.json()


def brought(page: Page) -> dict[str, str]:
    """Bring the photos, and wait until the gallery has found their faces; gives their ids by their names."""
    bring(page, photos())
    page.request.post(route(page, "gallery"))
    news = {"state": "waiting", "number": -1}
    while news["state"] in ("waiting", "working"):
        news = page.request.get(route(page, f"gallery/news?seen={news['number']}"), timeout=LONG).json()
    listed = page.request.get(route(page, "photos")).json()["photos"]
    return {photo["name"]: photo["id"] for photo in listed}


def supposed(page: Page, photo: str, place: int) -> None:
    """Wait until the app supposes who one of a photo's faces is."""
    seen = -1
    while not faces(page, photo)[place]["name"]:
        seen = page.request.get(route(page, f"gallery/news?seen={seen}"), timeout=LONG).json()["number"]


def paste(page: Page, document: dict, *photos: str) -> None:
    copy = page.request.post(route(page, "copies"), data={"document": document}).json()["copy"]
    pasted = page.request.post(route(page, "pastes"), data={"photos": photos, "copy": copy}).json()["paste"]
    news = {"state": "working", "number": -1}
    while news["state"] == "working":
        news = page.request.get(route(page, f"pastes/{pasted}?seen={news['number']}"), timeout=LONG).json()


def open_photo(page: Page, photo: str) -> None:
    """Open a photo in Edit, and wait until it has come apart."""
    page.goto(f"{page.url.partition('#')[0]}#tab=edit&photo={photo}")
    page.reload()
    expect(page.locator(".layers-who")).to_contain_text("face", timeout=LONG)
    pages.drawn(page)


def picture(page: Page) -> np.ndarray:
    """The stage without what lies over it, uint8 HxWx3."""
    pages.drawn(page)
    over = ".editor .picture > :not(canvas), .toasts { visibility: hidden !important }"
    shot = page.locator(".editor .picture canvas").screenshot(style=over)
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def changed(page: Page) -> np.ndarray:
    """Where the edited photo is another than it was: bool HxW of the stage."""
    page.locator(".photo-name").hover()  # off the layers, which show their masks under the pointer
    after = picture(page)
    page.keyboard.down("b")
    before = picture(page)
    page.keyboard.up("b")
    return (after != before).any(2)


def assert_on(page: Page, face: int) -> None:
    """Of a photo of two people, one face is another than it was, and nothing else."""
    where = changed(page)
    if page.viewport_size == DESKTOP["viewport"]:
        assert_only(where, matte(page, f"face-{face}"))
    halves = np.array_split(where, 2, axis=1)
    assert halves[face - 1].any() and not halves[2 - face].any()


def open_face(page: Page, name: str) -> None:
    """Unfold the layers of a face."""
    heading = page.locator(".layer-group", has_text=name)
    if heading.get_attribute("aria-expanded") != "true":
        heading.click()


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_layer_of_a_face_follows_the_person_into_other_photos(new_visitor, shape):
    page = new_visitor(shape).editor()
    photos = brought(page)
    bar = page.locator(".follow-bar")

    open_photo(page, photos["ada-eve.png"])
    expect(bar).to_be_hidden()
    open_face(page, "Face 1")
    page.locator("[data-layer=face-1]").click()
    field = bar.get_by_role("combobox", name="Name of this face")
    field.fill("Ada")
    field.press("Enter")
    follow = bar.get_by_role("button", name="Follow Ada")
    expect(follow).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".toast", has_text="This is Ada.")).to_be_visible()
    follow.click()
    expect(bar.get_by_role("button", name="Follows Ada")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".layer-line b")).to_have_text("Face · Ada")
    expect(page.locator("[data-layer=face-1]")).to_have_count(0)
    pages.set_slider(page, "exposure", "1")
    assert_on(page, 1)
    if shape is DESKTOP:
        page.get_by_role("button", name="History").click()
        expect(page.locator(".step-list button").nth(0)).to_have_text("Face · Ada: exposure +1.00")
        expect(page.locator(".step-list button").nth(1)).to_have_text("Follow: Face · Ada")
        page.keyboard.press("Escape")
    pages.saved(page)

    document = page.request.get(route(page, f"photos/{photos['ada-eve.png']}/edit")).json()["document"]
    paste(page, document, *photos.values())

    open_photo(page, photos["eve.jpg"])
    lost = page.locator(".layer.follows")
    expect(lost).to_have_attribute("title", "Face · Ada: not in this photo, exposure")
    lost.click()
    expect(bar).to_contain_text("Ada was not found in this photo.")
    assert not changed(page).any()

    open_photo(page, photos["eve-ada.png"])
    say(page, faces(page, photos["eve-ada.png"])[1], name="Ada")
    open_face(page, "Ada")
    page.locator(".layer.follows").click()
    expect(bar.get_by_role("button", name="Follows Ada")).to_be_visible()
    assert_on(page, 2)

    # The name was wrong: what is open learns it from whoever corrects it.
    say(page, faces(page, photos["eve-ada.png"])[1], name="Eve")
    expect(bar).to_contain_text("Ada was not found in this photo.")
    assert not changed(page).any()
    say(page, faces(page, photos["eve-ada.png"])[0], name="Ada")
    expect(page.locator(".layer-group", has_text="Ada")).to_have_attribute("data-group", "face 1")
    assert_on(page, 1)

    bar.get_by_role("button", name="Follows Ada").click()
    expect(page.locator("[data-layer=face-1]")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".layer-line b")).to_have_text("Ada · Face")
    pages.saved(page)
    say(page, faces(page, photos["eve-ada.png"])[0], name="Eve")
    expect(page.locator(".layer-line b")).to_have_text("Eve · Face")
    assert_on(page, 1)


def test_where_it_may_be_her_the_page_asks_and_nothing_happens_before_the_answer(visitor):
    page = visitor.editor()
    photos = brought(page)
    page.request.patch(route(page, "gallery"), data={"faceSure": 1})
    ada, _ = faces(page, photos["ada-eve.png"])
    person = say(page, ada, name="Ada")["person"]
    supposed(page, photos["perhaps.png"], 1)
    paste(page, follows(person), photos["perhaps.png"])

    open_photo(page, photos["perhaps.png"])
    layer, bar = page.locator(".layer.follows"), page.locator(".follow-bar")
    expect(layer).to_have_attribute("title", "Face · Ada: perhaps here, exposure")
    layer.click()
    expect(bar).to_contain_text("Is this Ada?")
    expect(bar.locator(".follow-face img")).to_be_visible()
    assert not changed(page).any()
    bar.get_by_role("button", name="Yes").click()
    expect(bar.get_by_role("button", name="Follows Ada")).to_be_visible()
    assert_on(page, 2)
    page.locator(".toast", has_text="Ada it is.").get_by_role("button", name="Undo").click()
    expect(bar).to_contain_text("Is this Ada?")
    assert not changed(page).any()
    bar.get_by_role("button", name="No").click()
    expect(bar).to_contain_text("Ada was not found in this photo.")


def test_a_face_without_a_gallery_leads_there(visitor, group):
    page = visitor.editor()
    pages.upload(page, group)
    face = page.locator("[data-group='face 2']")
    expect(face).to_be_visible(timeout=LONG)
    face.click()
    page.locator("[data-layer=face-2]").click()
    page.locator(".follow-bar").get_by_role("button", name="Find people in Gallery").click()
    expect(page.locator(".gallery.ready")).to_be_visible()


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_paste_on_many_asks_whose_face_may_be_hers_and_goes_there_once_it_is_said(new_visitor, shape):
    page = new_visitor(shape).editor()
    ids = brought(page)
    page.request.patch(route(page, "gallery"), data={"faceSure": 1})
    left, _ = faces(page, ids["ada-eve.png"])
    person = say(page, left, name="Ada")["person"]
    supposed(page, ids["perhaps.png"], 1)
    copy = page.request.post(route(page, "copies"), data={"document": follows(person)}).json()["copy"]
    kept = json.dumps({"copy": copy, "from": "ada-eve.png"})
    page.evaluate("(kept) => localStorage.setItem('envo:copy', kept)", kept)
    gallery.open_gallery(page)
    expect(gallery.tiles(page)).to_have_count(len(ids))
    page.keyboard.press("Control+a")
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(len(ids))
    page.keyboard.press("Control+Shift+v")

    line = page.locator(".going.pasting")
    expect(line.locator("b")).to_have_text("The edit is on 4 photos", timeout=LONG)
    asked = line.locator(".going-face", has=page.get_by_role("button", name="Show perhaps.png"))
    expect(asked).to_contain_text("Is this Ada?")
    expect(line.get_by_role("button", name="Ada: not found in")).to_be_visible()
    before = page.request.get(route(page, f"photos/{ids['perhaps.png']}")).json()["edit"]
    asked.get_by_role("button", name="Yes").click()
    expect(asked).to_have_count(0)
    assert page.request.get(route(page, f"photos/{ids['perhaps.png']}")).json()["edit"] > before
    page.locator(".toast", has_text="Ada it is.").get_by_role("button", name="Undo").click()
    expect(asked).to_contain_text("Is this Ada?")
    asked.get_by_role("button", name="No").click()
    expect(asked).to_have_count(0)
