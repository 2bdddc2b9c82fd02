"""A library that is new for each test."""

import shutil

import pytest

from envo.library import Library
from tests.unit.test_library import url


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def library(empty, home):
    shutil.copytree(empty, home)
    opened = Library(home, url(home))
    yield opened
    opened.close()
