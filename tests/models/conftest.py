"""What tests of networks share."""

from collections.abc import Iterator

import pytest

from models import cache


@pytest.fixture(scope="module")
def no_model_stays() -> Iterator[None]:
    """The memory of models goes to the tests that come after."""
    yield
    cache.make_room()
