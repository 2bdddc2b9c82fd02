"""What Envo shows of a photo is what the browser shows of it."""

import base64

import numpy as np
import pytest
from playwright.sync_api import expect

from envo import gamut, output
from envo.colour import DECODED, linear_to_srgb
from envo.file import PhotoFile
from tests.browser import pages
from tests.unit.test_colours import CICP_P3, FILES, patches, png

SHOWN = """async source => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0);
    return Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data);
}"""


@pytest.fixture(scope="module")
def page(browser):
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("name", FILES)
def test_colours_are_those_of_the_browser(page, name):
    data, media_type = FILES[name]
    shown = page.evaluate(SHOWN, f"data:{media_type};base64,{base64.b64encode(data).decode()}")
    expected = np.array(shown).reshape(8, -1, 4)[4, 4::8, :3]
    difference = np.abs(patches(data) - expected).max()
    assert difference <= (0 if PhotoFile(data).header.browser_ready and media_type == "image/png" else 2)


KEPT = """
    // The canvas is read whenever the test likes.
    const context = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, options) {
        return context.call(this, kind, kind === 'webgl2' ? { ...options, preserveDrawingBuffer: true } : options);
    };"""
IN_P3 = """() => {
    const shown = document.querySelector('.editor .picture canvas');
    const canvas = Object.assign(document.createElement('canvas'), { width: shown.width, height: shown.height });
    const context = canvas.getContext('2d', { colorSpace: 'display-p3' });
    context.drawImage(shown, 0, 0);
    const at = [shown.width / 2, shown.height / 2].map(Math.round);
    return [...context.getImageData(...at, 1, 1).data].slice(0, 3);
}"""


def test_a_photo_of_display_p3_is_shown_in_its_own_colours_where_the_screen_has_them(visitor):
    pixels = np.zeros((400, 600, 3), np.uint8)
    pixels[..., 0] = 255
    photo = {"name": "red.png", "mimeType": "image/png", "buffer": png(CICP_P3, pixels=pixels)}
    visitor.scripts.append(KEPT)
    page = visitor.editor()
    pages.upload(page, photo)
    expect(page.locator(".photo-name")).to_have_text("red.png")
    pages.drawn(page)
    as_srgb = page.evaluate(IN_P3)
    wide = gamut.GAMUTS["display-p3"]
    fitted = output.displayed(wide.to_srgb[:, 0], output.SCREEN)
    expected = 255 * linear_to_srgb(DECODED[fitted] @ wide.from_srgb.T)
    assert np.abs(as_srgb - expected).max() <= 2, "as near as sRGB comes to it"
    screen = page.context.new_cdp_session(page)
    features = [{"name": "color-gamut", "value": "p3"}]
    screen.send("Emulation.setEmulatedMedia", {"features": features})
    pages.drawn(page)
    assert page.evaluate(IN_P3) == [255, 0, 0]
    pages.show_tool(page, "Crop")
    pages.drawn(page)
    assert page.evaluate(IN_P3) == [255, 0, 0]
    screen.send("Emulation.setEmulatedMedia", {"features": []})
    pages.drawn(page)
    assert page.evaluate(IN_P3) == as_srgb
