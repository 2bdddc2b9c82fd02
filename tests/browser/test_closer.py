"""A better matte takes the place of the one that came at once, while the photo is open."""

import re

import cv2
import numpy as np
from playwright.sync_api import expect

from tests.browser import pages
from tests.conftest import start_server

LAUNCH = """
import time
from pathlib import Path
import numpy as np
from models.layers import subject

class Close(subject.Engine):
    name = "ISNet"

    def available(self):
        return True

    def _alpha(self, image):
        while not Path("{gate}").exists():
            time.sleep(0.05)
        alpha = np.zeros(image.shape[:2], np.uint8)
        alpha[:, : alpha.shape[1] // 2] = 255
        return alpha

subject.ENGINES["ISNet"] = Close()
from app import launch
launch()
"""


def test_the_better_matte_is_what_a_slider_then_changes(new_visitor, tmp_path):
    gate = tmp_path / "gate"
    server = start_server(tmp_path / "home", tmp_path / "log", ("-c", LAUNCH.format(gate=gate)))
    visitor = new_visitor(url=server.url)
    page = visitor.editor()
    pages.upload(page, pages.COFFEE)
    expect(page.locator("[data-layer=subject]")).to_be_visible(timeout=120_000)
    thumbnail = page.locator("[data-layer=subject] .matte")
    expect(thumbnail).to_have_attribute("style", re.compile("version="))
    rough = thumbnail.get_attribute("style")
    with page.expect_response(lambda answer: "closer=true" in answer.url):
        gate.touch()
    expect(thumbnail).not_to_have_attribute("style", rough, timeout=60_000)
    pages.choose(page, "subject")
    before = pages.picture(page).astype(int)
    pages.set_slider(page, "exposure", "-3")
    pages.drawn(page)
    changed = (np.abs(pages.picture(page) - before) > 8).any(2).astype(np.uint8)
    rows, columns = np.nonzero(cv2.erode(changed, np.ones((5, 5))))
    middle = changed.shape[1] / 2
    assert columns.max() < middle + 3 and columns.min() < middle / 2
    assert np.ptp(rows) > 0.3 * changed.shape[0]
    visitor.close()
    server.stop()
