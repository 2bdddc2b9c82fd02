"""Masks that the visitor made: layers like the others."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from envo import masks
from tests.browser import pages

SIZE = (600, 400)
"""Of coffee.jpg."""


@pytest.fixture
def mask() -> np.ndarray:
    """A soft disc in the middle of the photo."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    return np.uint8(np.clip(100 - np.hypot(x - 300, y - 200), 0, 1) * 255)


def keep(page: Page, mask: np.ndarray, name: str = "The cup", select: bool = True) -> str:
    """Keep a mask of the photo that is open, as another tab does; its kind."""
    wish = {"name": name, "mask": base64.b64encode(masks.encode_matte(mask)).decode(), "engine": "quick"}
    return page.evaluate(
        """async ([photo, wish, select]) => {
          const { modules } = await import(document.querySelector('script[src$="/bundle.js"]').src);
          const { library } = modules['library/store.js'];
          const { request } = modules['common/api.js'];
          const { kind } = await request('POST', `photos/${photo}/own-masks`, wish);
          library.masksChanged(photo, { kind, select });
          return kind;
        }""",
        [pages.photo_id(page), wish, select],
    )


def open_coffee(page: Page) -> None:
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name").first).to_have_text("coffee.jpg")
    pages.drawn(page)


def middle_and_corner(page: Page) -> tuple[np.ndarray, np.ndarray]:
    seen = pages.picture(page).astype(float)
    height, width = seen.shape[:2]
    y, x = height // 2, width // 2
    return seen[y - 9 : y + 9, x - 9 : x + 9].mean((0, 1)), seen[y - 9 : y + 9, 60:80].mean((0, 1))


def row(page: Page, kind: str):
    return page.locator(f"[data-layer={kind}]")


def test_a_mask_of_ones_own_is_a_layer_of_the_open_photo_at_once(visitor, mask):
    page = visitor.editor()
    open_coffee(page)
    before = middle_and_corner(page)
    kind = keep(page, mask)
    expect(row(page, kind)).to_have_attribute("aria-checked", "true")
    expect(row(page, kind)).to_contain_text("The cup")
    expect(page.locator(".mask-name")).to_have_value("The cup")
    page.mouse.move(640, 20)
    pages.set_slider(page, "exposure", "-3")
    after = middle_and_corner(page)
    assert after[0].mean() < 0.6 * before[0].mean()
    assert np.abs(after[1] - before[1]).max() <= 1

    pages.saved(page)
    page.reload()
    pages.drawn(page)
    expect(row(page, kind)).to_have_attribute("title", re.compile("exposure"), timeout=60_000)
    pages.drawn(page)
    assert np.abs(middle_and_corner(page)[0] - after[0]).max() <= 1

    result = np.asarray(Image.open(io.BytesIO(pages.exported(page, "PNG").path().read_bytes())))
    original = np.asarray(Image.open(pages.COFFEE))
    assert np.array_equal(result[mask == 0], original[mask == 0])
    assert result[mask == 255].mean() < 0.6 * original[mask == 255].mean()


def test_a_mask_is_renamed_deleted_and_brought_back(visitor, mask):
    page = visitor.editor()
    open_coffee(page)
    kind = keep(page, mask)
    page.locator(".mask-name").fill("My cup")
    page.locator(".mask-name").press("Enter")
    expect(row(page, kind)).to_contain_text("My cup")
    pages.set_slider(page, "exposure", "-3")
    edited = middle_and_corner(page)

    pages.layer_menu(page, "Delete mask")
    expect(row(page, kind)).to_have_count(0)
    pages.drawn(page)
    untouched = middle_and_corner(page)
    assert untouched[0].mean() > 1.5 * edited[0].mean()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(row(page, kind)).to_have_attribute("title", re.compile("exposure"))
    pages.drawn(page)
    page.mouse.move(640, 20)
    assert np.abs(middle_and_corner(page)[0] - edited[0]).max() <= 1

    pages.layer_menu(page, "Delete mask")
    expect(row(page, kind)).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(row(page, kind)).to_contain_text("My cup")
    expect(row(page, kind)).to_have_attribute("title", re.compile("exposure"))
    pages.drawn(page)
    assert np.abs(middle_and_corner(page)[0] - edited[0]).max() <= 1


def test_where_nothing_stands_out_ones_own_masks_are_there(visitor):
    page = visitor.editor()
    plain = io.BytesIO()
    Image.new("RGB", SIZE, (120, 120, 120)).save(plain, "PNG")
    pages.upload(page, {"name": "plain.png", "mimeType": "image/png", "buffer": plain.getvalue()})
    expect(page.locator(".layer-note")).to_contain_text("Nothing stands out", timeout=120_000)
    kind = keep(page, np.full(SIZE[::-1], 255, np.uint8), "All of it", select=False)
    expect(row(page, kind)).to_have_attribute("aria-checked", "false")
    page.reload()
    expect(row(page, kind)).to_contain_text("All of it", timeout=60_000)
    expect(page.locator(".layer-note")).to_be_empty()
    pages.choose(page, kind)
    pages.set_slider(page, "exposure", "1")
    assert pages.picture(page)[300, 640].min() > 150
