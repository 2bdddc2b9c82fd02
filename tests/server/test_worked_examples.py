"""The worked examples by HTTP: all that a page needs to run one."""

import base64

import pytest

from envo import masks
from models import hub


@pytest.fixture
def every_engine(monkeypatch):
    """As if all engines were here."""
    monkeypatch.setattr(hub, "available", lambda name: True)


def test_what_takes_a_network_that_is_not_here_is_not_offered(client, monkeypatch):
    monkeypatch.setattr(hub, "available", lambda name: False)
    examples = client.get("/envo/worked-examples").json()["examples"]
    assert [each["action"] for each in examples] == ["background", "erase"]


@pytest.mark.usefixtures("every_engine")
def test_each_has_a_photo_to_add_and_a_mask_of_its_working_size(client):
    examples = client.get("/envo/worked-examples").json()["examples"]
    assert len(examples) == 3
    for example in examples:
        added = client.post(f"/envo/examples/{example['photo']}").json()["photo"]
        mask = masks.read_matte(base64.b64decode(example["mask"]), tuple(added["working"]))
        assert mask.max() == 255 and mask.min() == 0
        assert example["prompt"] and example["negative"] and isinstance(example["seed"], int)


@pytest.mark.usefixtures("every_engine")
def test_their_settings_are_those_of_their_action(client):
    by_action = {each["action"]: each for each in client.get("/envo/worked-examples").json()["examples"]}
    assert by_action["background"]["settings"]["kind"] == "blur"
    assert by_action["background"]["invert"]
    assert by_action["erase"]["settings"] == {}
    replaced = by_action["replace"]
    assert replaced["settings"] == {key: replaced[key] for key in ("prompt", "negative", "seed")}
