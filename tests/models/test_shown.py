"""What empty tabs show of what they do, in `static/shown/`."""

import io

import numpy as np
import pytest
from PIL import Image

from docs import shown


@pytest.mark.parametrize("name", shown.MADE)
def test_empty_tabs_show_what_the_engines_make(name):
    for which, made in zip(("before", "after"), shown.MADE[name](), strict=True):
        now = io.BytesIO(shown.encoded(made))
        kept = shown.SHOWN / f"{name}-{which}.webp"
        now, kept = (np.asarray(Image.open(file).convert("RGB"), np.int16) for file in (now, kept))
        assert now.shape == kept.shape
        assert abs(now - kept).mean() < 0.8, f"{which}: `python -m docs.shown {name}` makes it anew"
