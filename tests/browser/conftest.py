"""A photo that tests draw, so that they know what is in it."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.browser.pages import GREEN, RED


@pytest.fixture
def plain() -> dict:
    """A photo of a red disc and a green square on grey, 600x400."""
    photo = np.full((400, 600, 3), 150, np.uint8)
    rows, columns = np.mgrid[:400, :600]
    photo[(rows - 200) ** 2 + (columns - 170) ** 2 < 90**2] = RED
    photo[130:270, 380:520] = GREEN
    rng = np.random.default_rng(1)
    photo = np.clip(photo + rng.normal(0, 4, photo.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG")
    return {"name": "plain.png", "mimeType": "image/png", "buffer": file.getvalue()}
