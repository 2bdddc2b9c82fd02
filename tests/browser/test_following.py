"""A layer of a face follows the person, in whatever photo; a corrected name moves it, even in a page that is open."""

import json

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import test_gallery as gallery
from tests.browser.test_people import LONG, ada, bring, eve, route
from tests.browser.visitors import DESKTOP, PHONE
from tests.unit.test_following import follows


def side_by_side(*people: Image.Image) -> Image.Image:
    """A photo of some people: their heads and shoulders, next to each other on a wall."""
    wall = Image.new("RGB", (440 * len(people), 440), (142, 148, 156))
    for place, person in enumerate(people):
        wall.paste(person.crop((90, 0, 400, 400)).resize((341, 440)), (440 * place + 50, 0))
    return wall


def photos() -> dict[str, Image.Image]:
    perhaps = side_by_side(eve(), ada()).resize((1300, 440))
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
