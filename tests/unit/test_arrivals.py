"""Zips that were brought are kept until all of their photos came, and are nobody else's."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from envo.arrivals import REMEMBERED
from envo.errors import NotFound


def bring(library, owner: str = "ann", name: str = "shoot.zip"):
    path = library.arrivals.place()
    path.write_bytes(b"a zip")
    return library.arrivals.add(owner, name, path)


def test_the_oldest_is_gone_on_with_until_it_is_done(library):
    first, second = bring(library), bring(library, "bob")
    assert library.arrivals.next().id == first.id
    library.arrivals.advance(first.id, 1, 3, True, "")
    library.arrivals.advance(first.id, 2, 3, False, "")
    library.arrivals.advance(first.id, 3, 3, None, "c.jpg: It is damaged.")
    now = library.arrivals.next()
    assert (now.done, now.total, now.added, now.known, now.notes) == (3, 3, 1, 1, ["c.jpg: It is damaged."])
    assert library.arrivals.path(first.id).read_bytes() == b"a zip"
    library.arrivals.end(first.id)
    assert not library.arrivals.path(first.id).exists()
    assert library.arrivals.next().id == second.id
    library.arrivals.end(second.id, "This is no zip file.")
    (failed,) = library.arrivals.all("bob")
    assert (failed.state, failed.notes) == ("failed", ["This is no zip file."]) and library.arrivals.next() is None


def test_owners_take_turns(library):
    first, second, third = bring(library, "ann"), bring(library, "ann"), bring(library, "bob")
    turns = []
    for _ in range(4):
        arrival = library.arrivals.next(turns[-1].owner if turns else "")
        library.arrivals.advance(arrival.id, arrival.done + 1, 3, True, "")
        turns.append(arrival)
    assert [arrival.id for arrival in turns] == [first.id, third.id, first.id, third.id]
    library.arrivals.end(first.id)
    library.arrivals.end(third.id)
    assert library.arrivals.next("ann").id == second.id


def test_one_that_is_given_up_is_gone(library):
    arrival = bring(library)
    with pytest.raises(NotFound):
        library.arrivals.forget("eve", arrival.id)
    library.arrivals.forget("ann", arrival.id)
    assert not library.arrivals.path(arrival.id).exists() and library.arrivals.all("ann") == []
    with pytest.raises(NotFound):
        library.arrivals.advance(arrival.id, 1, 2, True, "")


def test_they_go_with_a_visitor_who_signs_in(library):
    arrival = bring(library, "visitor")
    library.move("visitor", "ann")
    assert [each.id for each in library.arrivals.all("ann")] == [arrival.id] and library.arrivals.all("visitor") == []


def test_what_became_of_them_is_forgotten_some_day_and_no_file_stays_behind(library):
    done, working = bring(library), bring(library)
    library.arrivals.end(done.id)
    lost = library.arrivals.path("lost")
    lost.write_bytes(b"of a zip that was never known")
    long_ago = datetime.now(UTC).timestamp() - 2 * REMEMBERED.total_seconds()
    for path in (lost, library.arrivals.path(working.id)):
        os.utime(path, (long_ago, long_ago))
    library.purge(datetime.now(UTC) + REMEMBERED + timedelta(minutes=1))
    assert [each.id for each in library.arrivals.all("ann")] == [working.id]
    assert library.arrivals.path(working.id).exists() and not lost.exists()
