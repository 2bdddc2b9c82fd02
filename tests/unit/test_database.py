"""Who writes while others do, and who reads."""

import threading

import pytest

from envo.library import Library
from tests.unit.test_library import picture, url
from tests.unit.test_memory import until

pytestmark = pytest.mark.both_databases

MANY = 40
"""As many threads as routes share."""


@pytest.fixture
def writing(library):
    """Have `MANY` threads wait to write, one after the other, behind one that does; ends with what came of them."""
    order: list[int] = []

    def write(number: int) -> None:
        with library.database.write():
            order.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(MANY)]
    with library.database.write():
        for number, thread in enumerate(threads):
            thread.start()
            until(lambda number=number: waiting(library) == number + 1)
        yield order
    for thread in threads:
        thread.join()
    assert order == list(range(MANY))


def waiting(library: Library) -> int:
    return len(library.database._turns._waiting)


def test_whoever_comes_first_writes_first(writing):
    assert writing == []


def test_whoever_reads_waits_for_none_who_would_write(writing, library):
    assert library.photos("somebody")[1] == 0


def test_a_write_that_failed_gives_its_turn_to_the_next(library):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), library.database.write():
            1 / 0  # noqa: B018
    assert library.add("somebody", "a.png", picture(1))[1]


def test_a_write_within_another_fails_at_once_and_both_are_over(library):
    with pytest.raises(RuntimeError, match="within another"), library.database.write(), library.database.write():
        pass
    assert library.add("somebody", "a.png", picture(1))[1]


def test_another_process_is_waited_for_all_the_same(library, home):
    """Its connection stands for the process: turns are a library's own."""
    other = Library(home, url(home))
    done = threading.Event()

    def write() -> None:
        with other.database.write():
            done.set()

    thread = threading.Thread(target=write)
    with library.database.write():
        thread.start()
        assert not done.wait(0.2)
    thread.join()
    assert done.is_set()
    other.close()
