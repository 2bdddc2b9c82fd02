"""The colours can be told apart by weak eyes: WCAG 2.2, level AA (1.4.3 and 1.4.11)."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from envo.colour import srgb_to_linear
from tabs.theme import INKS, SURFACES, TOKENS

STATIC = Path(__file__).parents[2] / "static"


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG defines it."""
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return float(srgb_to_linear(parts) @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("ink", "surface"), [*itertools.product(INKS, SURFACES), ("on-accent", "accent")])
def test_texts_are_read_on_whatever_they_stand(ink, surface):
    assert contrast(ink, surface) >= 4.5


@pytest.mark.parametrize(("edge", "surface"), [*itertools.product(("edge", "accent", "danger"), SURFACES)])
def test_edges_of_controls_and_of_the_focus_are_seen(edge, surface):
    assert contrast(edge, surface) >= 3


def test_each_token_is_known_to_be_for_texts_surfaces_or_edges_and_is_used_so():
    """A colour that is none of these would be measured nowhere."""
    assert set(TOKENS) == {*INKS, *SURFACES, "on-accent", "edge"}
    # EnvoMask has the colours of whichever page it stands in.
    for path in {*STATIC.rglob("*.css")} - {*(STATIC / "envomask").iterdir()}:
        inks = re.findall(r"[\s;{]color: ?var\(--([\w-]+)\)", path.read_text())
        assert set(inks) <= {*INKS, "on-accent"}, path
