"""Looks for the whole photo: small live pictures of it, put on by a click, taken back by another."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from envo.presets import PRESETS
from tests.browser import pages
from tests.browser.visitors import DESKTOP, PHONE

LOOKS = [preset.id for preset in PRESETS if preset.kind == "image"]


def pictures(page: Page) -> dict[str, np.ndarray]:
    """The small picture of each look, once all are drawn, smaller still: uint8 24x24x4 by its id."""
    expect(page.locator(".look canvas.drawn")).to_have_count(len(LOOKS), timeout=60_000)
    found = page.evaluate(
        """() => {
            const small = new OffscreenCanvas(24, 24).getContext('2d', { willReadFrequently: true });
            return Object.fromEntries([...document.querySelectorAll('.look')].map((look) => {
                small.clearRect(0, 0, 24, 24);
                small.drawImage(look.querySelector('canvas'), 0, 0, 24, 24);
                return [look.dataset.preset, [...small.getImageData(0, 0, 24, 24).data]];
            }));
        }"""
    )
    return {name: np.array(data, np.uint8).reshape(24, 24, 4) for name, data in found.items()}


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_looks_are_shown_on_the_photo_put_on_and_taken_back(new_visitor, shape):
    page = new_visitor(shape).editor()
    pages.upload(page, pages.ASTRONAUT)
    expect(page.locator(".photo-name")).to_have_text("astronaut.jpg")
    pages.drawn(page)
    original = pages.picture(page)
    pages.show_tool(page, "Presets")
    drawn = pictures(page)
    assert list(drawn) == LOOKS
    assert all(picture[..., 3].min() == 255 and picture[..., :3].std() > 20 for picture in drawn.values())
    assert np.ptp(drawn["classic"][..., :3], axis=2).max() <= 1 < np.ptp(drawn["punchy"][..., :3], axis=2).max()
    small = page.evaluate("() => Math.min(...[...document.querySelectorAll('.look')].map((e) => e.offsetHeight))")
    assert small >= 40

    look, other = (page.locator(f"[data-preset={name}]") for name in ("noir", "cross-process"))
    look.click()
    expect(look).to_have_attribute("aria-pressed", "true")
    pages.drawn(page)
    noir = pages.picture(page)
    assert np.ptp(noir[..., :3].astype(int), axis=2).max() <= 4
    # Another takes its place, and leaves nothing of it.
    other.click()
    expect(look).to_have_attribute("aria-pressed", "false")
    pages.drawn(page)
    assert np.ptp(pages.picture(page)[..., :3].astype(int), axis=2).mean() > 20
    if shape is DESKTOP:
        page.get_by_role("button", name="History").click()
        expect(page.locator(".step-list button").first).to_have_text("Preset Cross process")
        page.keyboard.press("Escape")
    other.click()
    expect(other).to_have_attribute("aria-pressed", "false")
    pages.drawn(page)
    assert np.array_equal(pages.picture(page), original)
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_role("button", name="Undo").first.click()
    expect(look).to_have_attribute("aria-pressed", "true")
    pages.drawn(page)
    assert np.array_equal(pages.picture(page), noir)

    if shape is PHONE:
        return
    # They follow the photo that is open.
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    expect(page.locator("[data-preset=punchy] canvas:not(.drawn)")).to_have_count(1)
    coffee = pictures(page)
    assert all(np.abs(coffee[name].astype(int) - drawn[name]).mean() > 10 for name in LOOKS)
