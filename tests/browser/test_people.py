"""The people in the gallery: faces found, grouped, named, corrected; people merged and split; faces on a photo."""

import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from playwright.sync_api import Locator, Page, expect

from tests import exiftool
from tests.browser import test_select as selecting
from tests.browser.test_replace import small
from tests.browser.visitors import PHONE
from tests.conftest import EXAMPLES

LONG = 180_000
"""Milliseconds that looking at photos may take on a busy machine."""


def ada() -> Image.Image:
    return Image.open(EXAMPLES / "astronaut.jpg").convert("RGB")


def eve(power: float = 0.4) -> Image.Image:
    """Somebody else: the same photo through a lens that no face looks alike through; by less power, perhaps she."""
    photo = np.asarray(ada())
    rows, columns = np.mgrid[: photo.shape[0], : photo.shape[1]]
    x, y = columns - 224.0, rows - 118.0
    apart = np.maximum(np.hypot(x, y) / 90, 1e-6)
    stretch = np.where(apart < 1, apart**-power, 1)
    at = np.clip(118 + y * stretch, 0, 511).astype(int), np.clip(224 + x * stretch, 0, 511).astype(int)
    return Image.fromarray(photo[at])


def lit(image: Image.Image, light: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(light)


def of_ada() -> dict[str, Image.Image]:
    return {
        "ada-1.jpg": ada(),
        "ada-2.jpg": ImageOps.mirror(ada()),
        "ada-3.jpg": lit(ada(), 1.25),
        "ada-4.jpg": lit(ada(), 0.7),
    }


def of_eve() -> dict[str, Image.Image]:
    return {"eve-1.jpg": eve(), "eve-2.jpg": ImageOps.mirror(eve()), "eve-3.jpg": lit(eve(), 0.8)}


def later() -> dict[str, Image.Image]:
    """More photos of Ada, which nobody names."""
    return {"later-1.jpg": ada().rotate(8), "later-2.jpg": ImageEnhance.Contrast(ada()).enhance(1.4)}


def far() -> dict[str, Image.Image]:
    """Ada through a lens: hers, but not for those who want to be quite sure."""
    return {"far.jpg": eve(0.22)}


def route(page: Page, path: str) -> str:
    return page.url.partition("#")[0] + "envo/" + path


def bring(page: Page, photos: dict[str, Image.Image]) -> None:
    """Add photos to the library, by name."""
    for name, image in photos.items():
        file = io.BytesIO()
        image.save(file, "JPEG", quality=95)
        headers = {"content-type": "application/octet-stream"}
        answer = page.request.post(route(page, f"photos?name={name}"), data=file.getvalue(), headers=headers)
        assert answer.ok, answer.text()


def open_people(page: Page) -> None:
    selecting.open_tab(page, "Gallery")
    page.wait_for_selector(".gallery.ready")
    page.locator(".gallery-head").get_by_role("radio", name="People").click()


@pytest.fixture
def page(visitor) -> Page:
    """Four photos of Ada and three of Eve, whom nobody has named yet, among people."""
    page = visitor.editor()
    bring(page, of_ada() | of_eve())
    open_people(page)
    expect(groups(page)).to_have_count(2, timeout=LONG)
    expect(groups(page).nth(0)).to_contain_text("4 faces", timeout=LONG)
    expect(groups(page).nth(1)).to_contain_text("3 faces", timeout=LONG)
    return page


def groups(page: Page) -> Locator:
    return page.locator(".overview .group-card")


def person(page: Page, name: str) -> Locator:
    return page.locator(".overview .person", has=page.get_by_text(name, exact=True)).get_by_role("button")


def name_group(page: Page, index: int, name: str) -> None:
    field = groups(page).nth(index).get_by_role("combobox")
    field.fill(name)
    field.press("Enter")
    expect(person(page, name)).to_be_visible()


def name_both(page: Page) -> None:
    name_group(page, 0, "Ada")
    name_group(page, 0, "Eve")
    expect(groups(page)).to_have_count(0)


def open_person(page: Page, name: str) -> None:
    person(page, name).click()
    expect(page.locator(".face-view h2")).to_have_text(name)
    expect(faces(page).first).to_be_visible()


def faces(page: Page, section: str | None = None) -> Locator:
    """Faces looked through: all of them, or those `named`, `found` or `perhaps`."""
    return page.locator(f".face-view [data-part={section}] .face-tile" if section else ".face-view .face-tile")


def choose(page: Page, count: int, section: str | None = None) -> None:
    for index in range(count):
        faces(page, section).nth(index).get_by_role("checkbox").click()
    expect(page.locator(".face-view .face-tile.on")).to_have_count(count)


def bar(page: Page) -> Locator:
    return page.locator(".face-bar")


def undo(page: Page) -> None:
    page.locator(".toast").get_by_role("button", name="Undo").click()


def test_a_group_is_named_at_once_and_the_name_is_kept_found_and_written(page):
    name_group(page, 0, "Ada Lovelace")
    expect(groups(page)).to_have_count(1)
    expect(page.locator(".person-open")).to_have_attribute("aria-label", "Ada Lovelace, 4 faces")
    page.reload()
    open_people(page)
    expect(person(page, "Ada Lovelace")).to_have_attribute("aria-label", "Ada Lovelace, 4 faces")
    expect(groups(page)).to_have_count(1, timeout=LONG)
    found = page.request.get(route(page, "gallery/photos?q=lovelace")).json()["photos"]
    assert sorted(photo["name"] for photo in found) == sorted(of_ada())
    wish = {"photos": [found[0]["id"]], "as": "original", "kind": "zip"}
    path = page.request.post(route(page, "gallery/takeaway"), data=wish).json()["path"]
    with zipfile.ZipFile(io.BytesIO(page.request.get(route(page, path)).body())) as archive:
        told = exiftool.tags(archive.read(found[0]["name"]))
    assert told["XMP-iptcExt:PersonInImage"] == ["Ada Lovelace"]
    assert told["XMP-mwg-rs:RegionInfo"]["RegionList"][0]["Name"] == "Ada Lovelace"


def test_the_photos_of_a_person_are_shown(page):
    name_group(page, 0, "Ada")
    open_person(page, "Ada")
    page.get_by_role("button", name="Show photos").click()
    expect(page.locator(".gallery-photos")).to_be_visible()
    expect(page.locator(".gallery-count")).to_contain_text("4")


def test_a_known_name_is_offered_and_its_own_spelling_kept(page):
    name_group(page, 0, "Ada")
    field = groups(page).first.get_by_role("combobox")
    field.fill("a")
    expect(page.get_by_role("option", name="Ada")).to_be_visible()
    field.press("ArrowDown")
    expect(page.get_by_role("option", name="Ada")).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    field.fill("ADA")
    field.press("Enter")
    expect(page.locator(".person-open")).to_have_attribute("aria-label", "Ada, 7 faces")
    undo(page)
    expect(page.locator(".person-open")).to_have_attribute("aria-label", "Ada, 4 faces")
    expect(groups(page)).to_have_count(1, timeout=LONG)


def test_new_photos_are_named_as_they_arrive_and_corrected_by_keys(page):
    name_group(page, 0, "Ada")
    bring(page, later())
    expect(person(page, "Ada")).to_have_attribute("aria-label", "Ada, 6 faces", timeout=LONG)
    open_person(page, "Ada")
    expect(faces(page, "named")).to_have_count(4)
    expect(faces(page, "found")).to_have_count(2)
    expect(faces(page, "found").first).to_contain_text(re.compile(r"9\d%"))
    expect(faces(page).first.get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("x")
    expect(faces(page, "found")).to_have_count(1)
    expect(page.locator(".toast")).to_contain_text("not Ada")
    page.keyboard.press("Enter")
    expect(faces(page, "named")).to_have_count(5)
    expect(faces(page, "found")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(faces(page, "named")).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(faces(page, "found")).to_have_count(2, timeout=LONG)
    page.keyboard.press("Escape")
    expect(person(page, "Ada")).to_be_focused()


def test_what_is_less_sure_stands_apart_until_the_slider_takes_it_in(page):
    name_group(page, 0, "Ada")
    open_person(page, "Ada")
    sure = page.locator("[data-adjustment=face-sure] .value")
    sure.fill("99")
    sure.press("Enter")
    page.locator(".face-view .back").click()
    bring(page, far())
    expect(person(page, "Ada")).to_have_attribute("aria-label", "Ada, 4 faces, 1 perhaps", timeout=LONG)
    open_person(page, "Ada")
    expect(faces(page, "perhaps")).to_have_count(1)
    sure.fill("60")
    sure.press("Enter")
    expect(faces(page, "found")).to_have_count(1)
    expect(page.locator(".person-counts")).to_have_text("4 named · 1 found")
    page.get_by_role("radio", name="Least sure first").click()
    expect(page.locator(".face-part h3")).to_have_text(["Found", "Named"])
    faces(page, "found").first.hover()
    page.get_by_role("button", name="Yes, Ada").click()
    expect(faces(page, "named")).to_have_count(5)


def test_faces_are_given_another_name_or_ignored_many_at_once(page):
    name_group(page, 0, "Ada")
    open_person(page, "Ada")
    choose(page, 2)
    expect(bar(page)).to_contain_text("2 faces")
    page.keyboard.press("n")
    page.keyboard.type("Grace")
    page.keyboard.press("Enter")
    expect(faces(page)).to_have_count(2)
    expect(bar(page)).to_be_hidden()
    choose(page, 1)
    bar(page).get_by_role("button", name="Ignore").click()
    expect(faces(page)).to_have_count(1)
    undo(page)
    expect(faces(page)).to_have_count(2)
    faces(page).first.get_by_role("checkbox").focus()
    page.keyboard.press("i")
    expect(faces(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(person(page, "Grace")).to_have_attribute("aria-label", "Grace, 2 faces")
    page.get_by_role("button", name="1 face ignored").click()
    choose(page, 1)
    bar(page).get_by_role("button", name="Look at again").click()
    expect(page.get_by_text("There are no faces here.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="1 face ignored")).to_be_hidden()


def test_two_people_are_merged_by_giving_one_the_others_name(visitor, page):
    visitor.expected = ("409",)
    name_both(page)
    open_person(page, "Eve")
    title = page.get_by_role("textbox", name="Name of this person")
    title.fill("Ada")
    title.press("Enter")
    question = page.get_by_role("dialog", name="Are Eve and Ada the same person?")
    question.get_by_role("button", name="Cancel").click()
    expect(title).to_have_value("Eve")
    page.get_by_role("button", name="Merge", exact=True).click()
    page.get_by_role("option", name="Ada").click()
    question.get_by_role("button", name="Merge into Ada").click()
    expect(page.locator(".face-view h2")).to_have_text("Ada")
    expect(faces(page, "named")).to_have_count(7)
    undo(page)
    expect(faces(page, "named")).to_have_count(4)
    title.fill("Ada Lovelace")
    title.press("Enter")
    expect(page.locator(".face-view h2")).to_have_text("Ada Lovelace")
    page.keyboard.press("Escape")
    expect(person(page, "Eve")).to_have_attribute("aria-label", "Eve, 3 faces")


def test_a_person_is_split_by_naming_those_that_look_otherwise(page):
    name_group(page, 0, "Ada")
    name_field = groups(page).first.get_by_role("combobox")
    name_field.fill("Ada")
    name_field.press("Enter")
    expect(page.locator(".person-open")).to_have_attribute("aria-label", "Ada, 7 faces")
    open_person(page, "Ada")
    page.get_by_role("button", name="Split").click()
    cards = page.locator(".split-view .group-card")
    expect(cards).to_have_count(2)
    cards.nth(1).get_by_role("combobox").fill("Eve")
    cards.nth(1).get_by_role("combobox").press("Enter")
    expect(cards).to_have_count(1)
    page.keyboard.press("Escape")
    expect(faces(page)).to_have_count(4)
    page.keyboard.press("Escape")
    expect(person(page, "Eve")).to_have_attribute("aria-label", "Eve, 3 faces")


def test_a_person_is_deleted_and_comes_back(page):
    name_group(page, 0, "Ada")
    open_person(page, "Ada")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete Ada").click()
    expect(groups(page)).to_have_count(2, timeout=LONG)
    expect(page.locator(".person")).to_have_count(0)
    undo(page)
    expect(person(page, "Ada")).to_have_attribute("aria-label", "Ada, 4 faces")
    expect(groups(page)).to_have_count(1)


def test_faces_are_drawn_on_a_photo_and_named_there(page):
    name_group(page, 0, "Ada")
    open_person(page, "Ada")
    faces(page).first.get_by_role("checkbox").focus()
    page.keyboard.press("o")
    photo = page.locator(".lightbox .lightbox-frame")
    box = photo.locator(".face-box")
    expect(box).to_have_text("Ada")
    face, whole = box.bounding_box(), photo.bounding_box()
    middle = (face["y"] + face["height"] / 2 - whole["y"]) / whole["height"]
    assert 0.15 < middle < 0.35 and 0.1 < face["width"] / whole["width"] < 0.3
    box.click()
    asked = page.locator(".face-menu")
    asked.get_by_role("combobox").fill("Grace")
    asked.get_by_role("combobox").press("Enter")
    expect(box).to_have_text("Grace")
    box.click()
    asked.get_by_role("button", name="Not Grace").click()
    expect(box).not_to_have_text("Grace")
    box.click()
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(photo).to_be_visible()
    box.click()
    asked.get_by_role("button", name="Ignore this face").click()
    expect(box).to_have_count(0)
    undo(page)
    expect(box).to_have_count(1)


def test_on_a_phone_everything_can_be_reached_by_touch(new_visitor):
    visitor = new_visitor(PHONE)
    page = visitor.editor()
    bring(page, of_ada() | of_eve())
    open_people(page)
    expect(groups(page)).to_have_count(2, timeout=LONG)
    expect(groups(page).nth(1)).to_contain_text("3 faces", timeout=LONG)
    assert not small(page, ".gallery")
    name_group(page, 0, "Ada")
    person(page, "Ada").tap()
    faces(page).first.get_by_role("checkbox").tap()
    assert not small(page, ".gallery")
    bar(page).get_by_role("button", name="Not Ada").tap()
    expect(faces(page)).to_have_count(3)
    page.get_by_role("button", name="Split").tap()
    expect(page.locator(".split-view .group-card")).to_have_count(1)
    assert not small(page, ".gallery")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
