"""Noise reduction in the editor: the photo is made without its noise when a slider asks for it, and mixed in."""

import io

import numpy as np
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser import pages


def wall(page: Page, width: int, height: int) -> np.ndarray:
    """Open a photo of nothing but a colour and noise."""
    noise = np.random.default_rng(0).normal(0, 14, (height, width, 3))
    pixels = np.clip(np.array((140, 120, 90)) + noise, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    pages.upload(page, {"name": "wall.png", "mimeType": "image/png", "buffer": file.getvalue()})
    expect(page.locator(".photo-name")).to_have_text("wall.png")
    pages.drawn(page)
    return pixels


def spread(page: Page) -> float:
    """How much the middle of the stage varies."""
    seen = pages.picture(page)
    height, width = seen.shape[:2]
    return seen[4 * height // 9 : -4 * height // 9, width // 3 : -width // 3].std((0, 1)).mean()


def test_noise_goes_as_soon_as_the_photo_was_made_without_it(visitor):
    """Told what is being done; a failure is told there, too, and tried again; the file is what was seen."""
    page = visitor.editor()
    noisy = wall(page, 700, 500)
    before = spread(page)
    answers = [{"state": "working", "step": "Taking the noise out", "fraction": 0.4, "number": 1}]
    failed = {"state": "failed", "step": "The noise could not be taken out.", "fraction": None, "number": 2}
    waiting: list[Route] = []

    def answer(route: Route) -> None:
        if answers:
            route.fulfill(json=answers.pop(0))
        else:
            waiting.append(route)

    page.route("**/denoised?*", answer)
    pages.show_slider(page, "noise_luminance")
    state = page.locator(".editor .tool-state")
    expect(state).to_be_hidden()
    pages.value(page, "noise_luminance").fill("100")
    pages.value(page, "noise_luminance").press("Enter")
    expect(state).to_contain_text("Taking the noise out")
    expect(state.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    expect(page.locator(".editor .picture[aria-busy=true]")).to_have_count(1)
    while not waiting:
        page.wait_for_timeout(20)
    waiting.pop().fulfill(json=failed)
    expect(state).to_contain_text("could not be taken out")
    pages.drawn(page)
    assert spread(page) > 0.9 * before
    page.unroute("**/denoised?*")
    state.get_by_role("button", name="Try again").click()
    expect(state).to_be_hidden(timeout=60_000)
    pages.set_slider(page, "noise_colour", "100")
    after = spread(page)
    assert after < 0.5 * before

    made = np.asarray(Image.open(pages.exported(page, "PNG").path()).convert("RGB"))
    assert made[20:-20, 20:-20].std((0, 1)).mean() < 0.5 * noisy.std((0, 1)).mean()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(pages.value(page, "noise_luminance")).to_have_value("0")
    pages.drawn(page)
    assert np.isclose(spread(page), before)


def test_true_pixels_of_a_large_photo_are_without_noise_too(visitor):
    page = visitor.editor()
    noisy = wall(page, 4600, 240)
    pages.set_slider(page, "noise_luminance", "100")
    pages.set_slider(page, "noise_colour", "100")
    with page.expect_response("**/denoised/rendition?detail=true"):
        page.keyboard.press("1")
    pages.drawn(page)
    assert 0 < spread(page) < 0.4 * noisy.std((0, 1)).mean()
