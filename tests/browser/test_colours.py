"""What Envo shows of a photo is what the browser shows of it."""

import base64

import numpy as np
import pytest

from envo.file import PhotoFile
from tests.unit.test_colours import FILES, patches

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
