"""Photos of phones with a gain map: opened as they look on any screen, with their highlights in reach, and exported."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import pages
from tests.browser.test_copies import press
from tests.browser.test_exports import choose, exporting, part
from tests.browser.visitors import DESKTOP, PHONE
from tests.unit.test_gainmaps import BASE, LIGHT, away, light_of, written

RAMP = (0.52, 0.98)
"""Where the photo's ramp, in its upper fifth, is over white, in shares of its width."""


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["1280", "390"])
def test_highlights_of_a_phones_photo_are_in_reach_and_leave_as_bright_as_they_came(new_visitor, shape):
    page = new_visitor(shape).editor()
    complaints = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    pages.upload(page, {"name": "bright.jpg", "mimeType": "image/jpeg", "buffer": written(quality=95)})
    expect(page.locator(".editor .photo-name")).to_have_text("bright.jpg")
    pages.drawn(page)

    def steps() -> list[int]:
        """What the ramp looks like where it is over white, from its beginning to its end."""
        seen = pages.picture(page).astype(int)
        height, width = seen.shape[:2]
        scale = min((width - 32) / 400, (height - 32) / 300)
        row = round((height - 300 * scale) / 2 + 40 * scale)
        return [seen[row, round((width - 400 * scale) / 2 + each * 400 * scale), 0] for each in np.linspace(*RAMP, 8)]

    expected = [int(BASE[40, round(each * 400), 0]) for each in np.linspace(*RAMP, 8)]
    assert np.abs(np.subtract(steps(), expected)).max() <= 12

    dialog = exporting(page)
    choose(part(dialog, "Format"), "JPEG")
    press(page, part(dialog, "HDR").get_by_text("Highlights brighter than white"))
    expect(part(dialog, "HDR").get_by_role("checkbox")).to_be_checked()
    expect(dialog.locator("figcaption")).to_contain_text("400 × 300")
    shown = dialog.locator(".export-stage img")
    page.wait_for_function("image => image.complete && image.naturalWidth === 400", arg=shown.element_handle())
    with page.expect_download() as download:
        press(page, dialog.get_by_role("button", name="Export", exact=True))
    light = light_of(Path(download.value.path()).read_bytes())
    assert np.quantile(away(light, LIGHT)[5:55, 10:-10], 0.98) < 0.06

    before = np.ptp(steps())
    pages.set_slider(page, "exposure", "-2")
    pages.saved(page)
    assert np.ptp(steps()) > before + 25
    # The gain map is read from the GPU, and the page waits for it.
    assert [each for each in complaints if "GPU stall due to ReadPixels" not in each] == []
