"""EnvoMask's values: what a page sends is read, and nothing else of the machine."""

import base64
import io

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from envo import masks as mattes
from envomask import EnvoMask, Masked


@pytest.fixture
def component(monkeypatch, tmp_path) -> EnvoMask:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "sent"))
    with gr.Blocks():
        return EnvoMask()


def photo() -> np.ndarray:
    across, down = np.meshgrid(np.arange(3000), np.arange(2000))
    return np.dstack([across % 256, down % 256, (across + down) % 256]).astype(np.uint8)


def half() -> np.ndarray:
    mask = np.zeros((2000, 3000), np.uint8)
    mask[:, :1500] = 255
    return mask


def test_a_photo_and_its_masks_go_to_the_page_and_come_back(component):
    sent = component.postprocess(Masked(photo(), [half()]))
    assert sent["working"] == (2048, 1365) and len(sent["masks"]) == 1 and sent["preview"].startswith("data:image/jpeg")
    back = component.preprocess({"path": sent["path"], "masks": sent["masks"]})
    assert np.array_equal(back.photo, photo())
    assert back.mask.shape == (2000, 3000) and (np.abs(back.mask.astype(int) - half()) > 127).mean() < 0.001
    cut = np.asarray(back.cut_out())
    assert cut.shape == (2000, 3000, 4) and cut[9, 9, 3] == 255 and cut[9, 2990, 3] == 0


def test_any_kind_of_photo_may_be_given(component, tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(photo()[:30, :40]).save(path)
    for value in (path, str(path), photo()[:30, :40], Image.open(path)):
        sent = component.postprocess(value)
        assert (sent["width"], sent["height"], sent["masks"]) == (40, 30, [])
        assert np.array_equal(component.preprocess(sent).photo, photo()[:30, :40])
    assert component.postprocess(None) is None
    assert component.preprocess(None) is None and component.preprocess("") is None


@pytest.mark.parametrize(
    ("payload", "part"),
    [
        ({}, "bring it again"),
        ({"path": "/etc/passwd"}, "bring it again"),
        ({"path": "../secret.png"}, "bring it again"),
        ({"path": None, "masks": 3}, "bring it again"),
    ],
)
def test_no_other_file_can_be_had(component, payload, part):
    with pytest.raises(gr.Error, match=part):
        component.preprocess(payload)


def test_a_mask_that_is_none_is_refused_in_a_sentence(component):
    sent = component.postprocess(photo()[:30, :40])
    wrong = base64.b64encode(mattes.encode_matte(np.zeros((9, 9), np.uint8))).decode()
    for masks in (["%"], [wrong], ["QUJD"]):
        with pytest.raises(gr.Error):
            component.preprocess({"path": sent["path"], "masks": masks})


def test_clicks_are_answered_or_refused_in_a_sentence(component):
    buffer = io.BytesIO()
    scene = np.full((300, 400, 3), 40, np.uint8)
    scene[80:220, 120:280] = (230, 200, 40)
    Image.fromarray(scene).save(buffer, "PNG")
    sent = component.postprocess(Image.open(buffer))
    question = {"path": sent["path"], "points": [[200, 150, True]], "box": None, "start": None, "choice": 0}
    answer = component.envomask_select(question)
    mask = mattes.read_matte(base64.b64decode(answer["candidates"][0]["mask"]), (400, 300))
    assert mask[150, 200] > 127 and mask[10, 10] < 127
    assert "outside" in component.envomask_select(question | {"points": [[900, 9, True]]})["error"]
    assert "bring it again" in component.envomask_select(question | {"path": "/etc/passwd"})["error"]
    assert "understand" in component.envomask_select(question | {"points": "here"})["error"]
