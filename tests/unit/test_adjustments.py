import json
import math

import numpy as np
import pytest

from envo.adjustments import ADJUSTMENTS, TONE, light_matrix, schema, tone_curve, vignette

LIGHTNESS = np.linspace(0, 2, 4001)


def test_the_schema_is_json_with_every_slider_once_and_its_default_in_range():
    sliders = json.loads(json.dumps(schema(), allow_nan=False))["adjustments"]
    assert len({each["id"] for each in sliders}) == len(sliders) == 80
    for each in sliders:
        assert each["minimum"] <= each["default"] <= each["maximum"]
        assert each["step"] >= 10 ** -each["digits"]
        assert each["label"]
        assert each["about"].endswith(".")


def test_sliders_at_rest_change_nothing():
    np.testing.assert_allclose(tone_curve(LIGHTNESS, {}), LIGHTNESS, atol=1e-9)
    np.testing.assert_allclose(light_matrix({}), np.eye(3), atol=1e-12)
    assert (vignette({}, LIGHTNESS) == 1).all()


@pytest.mark.parametrize("share", [-1, -0.5, 0.5, 1])
@pytest.mark.parametrize("name", TONE)
def test_no_tone_slider_turns_lighter_into_darker(name, share):
    known = ADJUSTMENTS[name]
    end = known.maximum if share > 0 else known.minimum
    toned = tone_curve(LIGHTNESS, {name: known.default + abs(share) * (end - known.default)})
    assert (np.diff(toned) >= -1e-9).all()
    assert toned[0] >= 0
    assert np.abs(np.diff(toned)[1:]).max() < 0.05, "the curve has a jump"


@pytest.mark.parametrize("name", ["brightness", "highlights", "shadows", "whites", "blacks"])
def test_a_tone_slider_up_brightens_and_down_darkens(name):
    inner = LIGHTNESS[(LIGHTNESS > 0.05) & (LIGHTNESS < 0.95)]
    assert (tone_curve(inner, {name: 60}) > inner).all()
    assert (tone_curve(inner, {name: -60}) < inner).all()


def test_contrast_turns_about_middle_grey_and_keeps_black_and_white():
    grey = 0.18 ** (1 / 3)
    np.testing.assert_allclose(tone_curve(np.array([0, grey, 1]), {"contrast": 80}), [0, grey, 1], atol=1e-9)
    dark, bright = tone_curve(np.array([0.3, 0.8]), {"contrast": 80})
    assert dark < 0.3
    assert bright > 0.8


def test_exposure_doubles_light_with_each_stop():
    np.testing.assert_allclose(light_matrix({"exposure": 2}), 4 * np.eye(3), atol=1e-9)


@pytest.mark.parametrize(("edit", "more", "less"), [
    ({"temperature": 60}, 0, 2), ({"temperature": -60}, 2, 0), ({"tint": -60}, 1, 0), ({"tint": 60}, 0, 1),
])  # fmt: skip
def test_white_balance_colours_grey_and_keeps_its_luminance(edit, more, less):
    grey = light_matrix(edit) @ np.ones(3)
    assert grey[more] > 1.05 > 0.95 > grey[less]
    assert math.isclose(grey @ [0.2126729, 0.7151522, 0.072175], 1, abs_tol=1e-6)


def test_the_vignette_is_two_stops_in_the_corners_and_nothing_in_the_centre():
    np.testing.assert_allclose(vignette({"vignette": -100}, np.array([0, 1])), [1, 0.25])
    np.testing.assert_allclose(vignette({"vignette": 100}, np.array([0, 1])), [1, 4])
