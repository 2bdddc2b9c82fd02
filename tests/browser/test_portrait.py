"""Faces in the editor: their layers, and what one click does to them."""

import io
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser import test_select as selecting


def place(page: Page, size: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the stage that a photo of this width and height takes when it is fitted."""
    height, width = pages.picture(page).shape[:2]
    scale = min((width - 32) / size[0], (height - 32) / size[1])
    shown = [round(edge * scale) for edge in size]
    left, top = round((width - shown[0]) / 2), round((height - shown[1]) / 2)
    return slice(top, top + shown[1]), slice(left, left + shown[0])


def matte(page: Page, kind: str) -> np.ndarray:
    """The matte of a kind, of the photo that is open, as large as the stage shows it; float in [0, 255]."""
    answer = page.request.get(f"{page.url.split('#')[0]}envo/photos/{pages.photo_id(page)}/mattes/{kind}")
    alpha = np.asarray(Image.open(io.BytesIO(answer.body())))
    rows, columns = place(page, alpha.shape[::-1])
    size = (columns.stop - columns.start, rows.stop - rows.start)
    canvas = np.zeros(pages.picture(page).shape[:2], np.float32)
    canvas[rows, columns] = cv2.resize(alpha.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return canvas


def changes(page: Page, preset: str) -> np.ndarray:
    """Click a preset; where the picture then differs, bool HxW."""
    before = pages.picture(page)
    pages.show_tool(page, "Presets")
    page.locator(f"[data-preset={preset}]").click()
    page.mouse.move(640, 20)
    pages.drawn(page)
    return (pages.picture(page) != before).any(2)


def assert_only(changed: np.ndarray, alpha: np.ndarray) -> None:
    """What changed lies within the matte, and most of what is surely in it changed."""
    near = cv2.dilate(alpha, np.ones((5, 5))) > 0  # the stage may lie a fraction of a pixel off
    assert not (changed & ~near).any()
    assert changed[alpha > 200].mean() > 0.9


@pytest.mark.parametrize(
    ("preset", "kind"), [("whiten-teeth", "teeth"), ("recolour-hair", "hair"), ("brighten-eyes", "eyes")]
)
def test_a_preset_changes_its_part_of_the_face_and_nothing_else(visitor, preset, kind):
    page = visitor.editor()
    pages.open_astronaut(page)
    assert_only(changes(page, preset), matte(page, kind))


def test_the_background_is_blurred_and_the_person_before_it_stays_as_she_is(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    before = pages.picture(page).astype(int)
    changed = changes(page, "blur-background")
    after = pages.picture(page).astype(int)
    behind = matte(page, "background")
    rows, columns = place(page, (512, 512))
    person = np.zeros(behind.shape, bool)
    person[rows, columns] = cv2.dilate(behind, np.ones((5, 5)))[rows, columns] == 0
    assert person.mean() > 0.05 and not changed[person].any()
    far = cv2.erode(behind, np.ones((9, 9))) > 250
    plain, blurred = (np.abs(cv2.Laplacian(picture.mean(2), cv2.CV_64F))[far].mean() for picture in (before, after))
    assert blurred < 0.5 * plain, (blurred, plain)


def test_whitened_teeth_are_less_yellow_and_not_darker(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    teeth = matte(page, "teeth") > 200
    before = pages.picture(page)[teeth].mean(0)
    changes(page, "whiten-teeth")
    after = pages.picture(page)[teeth].mean(0)
    assert np.ptp(after) < 0.7 * np.ptp(before)
    assert after.mean() >= before.mean()


def test_a_preset_is_one_step_and_a_second_click_takes_it_back(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    original = pages.picture(page)
    chip = page.locator("[data-preset=whiten-teeth]")
    changes(page, "whiten-teeth")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-layer=teeth]")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Control+z")
    pages.drawn(page)
    expect(chip).to_have_attribute("aria-pressed", "false")
    assert np.array_equal(pages.picture(page), original)
    changes(page, "whiten-teeth")
    changes(page, "whiten-teeth")
    assert np.array_equal(pages.picture(page), original)


@pytest.fixture
def group(tmp_path) -> Path:
    """A photo of two people side by side, the second one mirrored and smaller."""
    portrait = Image.open(pages.ASTRONAUT).convert("RGB").crop((90, 0, 400, 400))
    wall = Image.new("RGB", (1200, 800), (142, 148, 156))
    wall.paste(portrait.resize((540, 697)), (60, 103))
    wall.paste(portrait.transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((440, 568)), (700, 232))
    wall.save(tmp_path / "group.jpg", quality=95)
    return tmp_path / "group.jpg"


def test_in_a_group_a_preset_is_for_everyone_or_for_the_face_that_is_chosen(visitor, group):
    page = visitor.editor()
    pages.upload(page, group)
    face = page.locator("[data-group='face 2']")
    expect(face).to_be_visible(timeout=120_000)
    expect(page.locator(".layer-group")).to_have_count(3)  # everyone, and each of the two
    pages.drawn(page)
    hair = matte(page, "hair")
    first, second = matte(page, "hair-1"), matte(page, "hair-2")
    assert not ((first > 127) & (second > 127)).any()

    assert_only(changes(page, "recolour-hair"), hair)
    page.keyboard.press("Control+z")
    expect(page.locator("[data-layer=hair-2]")).to_have_count(0)
    stops = page.locator(".layer-row .layer:not([tabindex='-1'])")
    page.locator("[data-group='face 0']").click()
    expect(page.locator("[data-layer=hair]"), "the layer that is chosen is folded away").to_have_count(0)
    expect(stops).to_have_count(1)
    face.click()
    expect(stops).to_have_count(1)
    pages.choose(page, "hair-2")
    assert_only(changes(page, "recolour-hair"), second)
    pages.saved(page)
    page.reload()
    pages.drawn(page)
    expect(face).to_have_attribute("title", re.compile("1 of"), timeout=60_000)


def test_a_face_is_called_in_edit_as_it_is_in_the_gallery(visitor, group):
    page = visitor.editor()
    pages.upload(page, group)
    face = page.locator("[data-group='face 2']")
    expect(face).to_have_text("Face 2", timeout=120_000)
    expect(page.locator(".layers-who")).to_have_text("2 faces")

    selecting.open_tab(page, "Gallery")
    gallery = f"{visitor.url}envo/gallery"
    found = page.evaluate(
        """async (address) => {
            for (;;) {
                const { people } = await (await fetch(address)).json();
                if (people.length === 2) return people;
                await new Promise(requestAnimationFrame);
            }
        }""",
        f"{gallery}/photos/{pages.photo_id(page)}",
    )
    right = max(found, key=lambda each: each["box"][0])
    named = page.request.post(f"{gallery}/faces", data={"faces": [right["id"]], "name": "Anna"}).json()
    selecting.open_tab(page, "Edit")
    expect(face).to_have_text("Anna")
    expect(page.locator(".layers-who")).to_have_text("Anna · 2 faces")

    selecting.open_tab(page, "Gallery")
    page.request.patch(f"{gallery}/people/{named['person']}", data={"name": "Anne"})
    selecting.open_tab(page, "Edit")
    expect(face).to_have_text("Anne")
    face.click()
    pages.choose(page, "hair-2")
    expect(page.locator(".line-name b")).to_have_text("Anne · Hair")


def test_a_photo_of_a_person_offers_the_subject_too(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    pages.choose(page, "background")
    page.locator(".cutout").get_by_role("button", name="Subject").click()
    expect(page.locator("[data-layer=subject]")).to_be_visible()
    expect(page.locator("[data-layer=backdrop]")).to_have_attribute("aria-checked", "true")
    expect(page.locator("[data-layer=person], [data-layer=background]")).to_have_count(0)

    pages.set_slider(page, "exposure", "-2")
    page.locator(".cutout").get_by_role("button", name="Person").click()
    expect(page.locator("[data-layer=person]")).to_be_visible()
    # What was changed stays in the row.
    expect(page.locator("[data-layer=backdrop]")).to_have_attribute("title", re.compile("exposure"))
