"""A library in PostgreSQL: made once, whoever starts; searched as in SQLite; gone for a while, told and survived."""

import threading
import unicodedata
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from envo import database, names
from envo.errors import StorageError, UserError
from envo.finding import Finder, Wish
from envo.library import Library
from tests import postgres
from tests.unit.test_library import picture, url


@pytest.fixture(autouse=True)
def chosen(database, monkeypatch) -> None:
    if why := postgres.why_not():
        pytest.skip(why)
    monkeypatch.setattr(postgres, "is_chosen", True)


def test_of_those_that_start_together_one_makes_the_tables(tmp_path):
    address, opened = postgres.new("together"), []

    def start(number: int) -> None:
        opened.append(Library(tmp_path / str(number), address))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one, *others = opened
    assert len(others) == 2
    assert one.add("ann", "a.png", picture(1))[1]
    assert all(other.photos("ann")[1] == 1 for other in others)
    with one.database.read() as connection:
        assert not compare_metadata(MigrationContext.configure(connection), database.metadata)
        texts = "table_schema = 'public' AND data_type IN ('text', 'character varying')"
        orders = f"SELECT DISTINCT collation_name FROM information_schema.columns WHERE {texts}"
        assert connection.exec_driver_sql(orders).scalars().all() == ["C"]
    for each in opened:
        each.close()


def test_texts_are_compared_as_elsewhere(library):
    """Each character of Unicode's that is compared as another one, and what only whole words show."""
    characters = [chr(code) for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in ("Cs", "Co", "Cn")]
    told = [each for each in characters if names.folded(each) != each]
    told += ["a_%", "Straße", "ὈΔΥΣΣΕΎΣ", "E\u0301cole", "ﬁ Ⅷ ①", "İ"]
    rows = "unnest(CAST(:told AS text[])) WITH ORDINALITY AS list(said, place)"
    each = f"SELECT envo_folded(said) FROM {rows} ORDER BY place"
    with library.database.read() as connection:
        assert connection.scalars(sa.text(each), {"told": told}).all() == list(map(names.folded, told))


def test_a_search_for_what_no_text_can_hold_finds_nothing(library):
    library.add("ann", "a.png", picture(1))
    assert Finder(library).photos("ann", Wish(words="a\0")) == ([], 0)


def test_a_database_that_is_gone_is_told_until_it_is_back(library, home):
    photo, _ = library.add("ann", "a.png", picture(1))
    postgres.end()
    assert library.photos("ann")[1] == 1  # as after a restart, of which nobody notices anything
    postgres.end()
    socket = postgres.socket()
    socket.rename(socket.with_name("away"))
    try:
        for use in (
            lambda: library.photos("ann"),
            lambda: library.rate("ann", photo.id, 3),
            library.check_database,
            lambda: Library(home, url(home)),
        ):
            with pytest.raises(StorageError, match=r"cannot be reached just now"):
                use()
    finally:
        socket.with_name("away").rename(socket)
    library.check_database()
    library.rate("ann", photo.id, 3)
    assert library.photo("ann", photo.id).rating == 3


@pytest.mark.parametrize("address", ["", "nonsense", "mysql://ann@here/envo", "postgresql://ann:word@here:port/envo"])
def test_an_address_that_is_none_is_told_without_its_password(tmp_path, address):
    with pytest.raises(UserError, match=r"^ENVO_DATABASE_URL is no address") as told:
        Library(Path(tmp_path), address)
    assert "word@here" not in str(told.value)
