import pytest

from envo.edits import parse
from envo.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_each_preset_is_an_edit_that_changes_something(preset):
    layer = {"id": preset.kind, "mask": {"kind": preset.kind}, "adjustments": preset.adjustments}
    assert parse({"schema": 1, "layers": [{"id": "image"}, layer]}).layers[1].adjustments == preset.adjustments
