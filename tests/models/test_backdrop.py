"""The portrait as a visitor has it: the matte is found in the photo, and the background blurred by it."""

import pytest

from envo import backdrop
from models.layers import people
from tests.unit.test_backdrop import Composite


@pytest.mark.parametrize("wall", ["bright", "dark"])
def test_a_found_matte_leaves_no_rim_around_hair(wall):
    known = Composite(wall, backdrop.WIDEST * 0.6 * 512)
    person = people.auto().matte(known.seen).alpha
    wish = backdrop.parse({"kind": "blur", "amount": 60, "highlights": 0})
    assert known.rim(backdrop.apply(known.seen, 255 - person, wish)) < 12
