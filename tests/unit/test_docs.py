"""What is told of Envo: made of what is so, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from docs import endpoints, engines
from envo import settings
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#:]+?)(?:#[^)]*)?\)")
"""To a file; what has a scheme is elsewhere."""


@pytest.mark.parametrize("made", [endpoints, engines], ids=lambda made: made.__name__)
def test_what_is_made_of_definitions_is_up_to_date(made):
    assert made.FILE.read_text() == made.text(), f"run python -m {made.__name__}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_to_a_file(page):
    links = LINK.findall(page.read_text())
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_each_page_can_be_reached_from_the_first():
    seen: set[Path] = set()
    found = [ROOT / "README.md"]
    while found:
        page = found.pop().resolve()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            found += [page.parent / link for link in LINK.findall(page.read_text())]
    assert {page.resolve() for page in PAGES} <= seen


def test_all_that_the_environment_sets_is_told():
    source = Path(settings.__file__).read_text()
    told = (ROOT / "docs" / "running.md").read_text()
    asked = set(re.findall(r"\"(ENVO_\w+)\"", source)) - {"ENVO_VISITOR_DAYS"}  # which only says that it is none
    assert len(asked) > 12 and not {name for name in asked if f"`{name}" not in told}
