"""In which database the libraries of tests are.

That is SQLite; with `--postgres` all are in PostgreSQL, but for tests that are about SQLite alone (its file, schemas
of before, its pace), and say so by `pytest.mark.sqlite`. Those that say `pytest.mark.both_databases` run in both.
"""

from collections.abc import Iterator

import pytest

from envo import settings
from tests import postgres


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="keep the tests' libraries in PostgreSQL")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs in SQLite and in PostgreSQL")
    config.addinivalue_line("markers", "sqlite: is about SQLite alone: its file, schemas of before, its pace")
    postgres.is_chosen = config.option.postgres


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marked = {mark.name for mark in metafunc.definition.iter_markers()}
    if "both_databases" in marked and "sqlite" not in marked and not metafunc.config.option.postgres:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have the app find the library of `ENVO_HOME` where the test's libraries are."""
    all_there = request.config.option.postgres
    is_there = getattr(request, "param", "postgresql" if all_there else "sqlite") == "postgresql"
    if is_there and request.node.get_closest_marker("sqlite"):
        pytest.skip("this is about SQLite alone")
    if is_there and (why := postgres.why_not()):
        pytest.skip(why)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "is_chosen", is_there)
        if is_there:
            told = settings.database_url
            patch.setattr(settings, "database_url", lambda: _told(told))
        yield


def _told(told) -> str:
    return postgres.url(settings.home()) if told().startswith("sqlite") else told()
