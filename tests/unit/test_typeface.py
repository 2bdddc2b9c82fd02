"""The typeface that comes with the app."""

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tabs.theme import WEIGHTS

ROOT = Path(__file__).parents[2]
FILE = ROOT / "static" / "face" / "inter.woff2"


@pytest.fixture(scope="module")
def typeface() -> TTFont:
    return TTFont(FILE)


def test_it_is_small_and_has_its_licence_beside_it():
    assert FILE.stat().st_size < 100_000
    assert "SIL OPEN FONT LICENSE" in FILE.with_name("inter-licence.txt").read_text()


def test_it_has_every_sign_that_the_app_writes(typeface):
    """Each that is not there would look otherwise on every machine."""
    files = (path for pattern in ("static/**/*.js", "tabs/**/*.py", "envo/**/*.py") for path in ROOT.glob(pattern))
    written = {sign for path in files for sign in path.read_text() if sign.isprintable()}
    names = {chr(code) for code in range(0xA0, 0x180)} - set("\u00ad\u0149")
    assert not (written | names) - {chr(code) for code in typeface.getBestCmap()}


def test_it_has_all_weights_and_figures_of_one_width(typeface):
    axes = {axis.axisTag: (axis.minValue, axis.maxValue) for axis in typeface["fvar"].axes}
    assert axes == {"wght": WEIGHTS}
    assert "tnum" in {record.FeatureTag for record in typeface["GSUB"].table.FeatureList.FeatureRecord}


def test_no_style_sheet_asks_for_another():
    for path in ROOT.glob("static/**/*.css"):
        for value in re.findall(r"font(?:-family)?:([^;}]*)", path.read_text()):
            assert "sans-serif" not in value and "serif" not in value, (path, value)
