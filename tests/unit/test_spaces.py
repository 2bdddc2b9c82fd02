"""On a Space of Hugging Face: where the library lies, and what the repository tells the Space of itself."""

import os
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement

from envo import settings
from tests.conftest import ROOT


@pytest.fixture
def space(monkeypatch, tmp_path):
    """A Space whose disk is yet to be mounted; where that will be."""
    for name in ("ENVO_HOME", "ENVO_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SPACE_ID", "ann/envo")
    monkeypatch.setattr(settings, "KEPT", tmp_path / "data")
    settings._kept.cache_clear()
    yield settings.KEPT
    settings._kept.cache_clear()


def test_on_a_space_with_a_disk_the_library_and_the_weights_lie_on_it(space, monkeypatch):
    space.mkdir()
    assert settings.home() == space / "envo" and settings.cache_dir() == space / "envo-cache"
    assert settings.is_kept()
    monkeypatch.setenv("ENVO_HOME", "/elsewhere")
    assert str(settings.home()) == "/elsewhere" and settings.cache_dir() == space / "envo-cache"


def test_a_disk_that_goes_while_the_app_runs_moves_no_library(space):
    space.mkdir()
    before = settings.home()
    space.rmdir()
    assert settings.home() == before


@pytest.mark.parametrize("why", ["no disk", "read-only", "no space"])
def test_elsewhere_they_lie_where_a_users_data_do(space, monkeypatch, why):
    if why != "no disk":
        space.mkdir()
    if why == "read-only":
        monkeypatch.setattr(os, "access", lambda path, mode: False)
    if why == "no space":
        monkeypatch.delenv("SPACE_ID")
    assert not settings.home().is_relative_to(space) and not settings.cache_dir().is_relative_to(space)
    assert settings.is_kept() == (why == "no space")


def test_what_is_pinned_agrees_with_what_a_space_installs_beside_it():
    of_a_space = [{"extra": extra} for extra in ("", "oauth", "mcp")]
    wanted = [Requirement(text) for text in metadata.requires("gradio")]
    for each in wanted:
        if each.marker is None or any(map(each.marker.evaluate, of_a_space)):
            assert each.specifier.contains(metadata.version(each.name)), each


def test_the_front_matter_is_what_a_space_needs_for_what_is_installed():
    told = yaml.safe_load((ROOT / "README.md").read_text().split("---")[1])
    pinned = dict(
        line.split("#")[0].strip().split("==")
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line
    )
    assert told["sdk"] == "gradio" and told["sdk_version"] == pinned["gradio"]
    assert told["app_file"] == "app.py" and (ROOT / told["app_file"]).is_file()
    target = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["target-version"]
    assert f"py{told['python_version'].replace('.', '')}" == target and isinstance(told["python_version"], str)
    assert told["hf_oauth"] is True and told["license"] == "agpl-3.0"
    assert len(told["short_description"]) <= 60
    assert {told["colorFrom"], told["colorTo"]} <= {
        "red",
        "yellow",
        "green",
        "blue",
        "indigo",
        "purple",
        "pink",
        "gray",
    }
    packages = (ROOT / "packages.txt").read_text().split()
    assert packages and len(packages) == len({*packages})
