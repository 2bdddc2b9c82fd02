"""Visitors without an account: their libraries go when they stay away, and have limits where the app is for many."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from envo import database, settings
from envo.errors import NoRoom, UserError
from envo.library import Library
from envo.settings import KEEP_DAYS, TRASH_DAYS
from envo.visitors import new_visitor
from tests.unit.test_library import at_revision, files, matte, picture, url
from tests.unit.test_people import Faces

GUEST = new_visitor()


def after(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def back_then(monkeypatch, days: float) -> None:
    """Let visits be noted as of some days ago, or ahead."""

    class Clock(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) - timedelta(days=days)

    monkeypatch.setattr("envo.visitors.datetime", Clock)


def test_the_library_of_who_stays_away_goes_with_all_that_was_theirs(home, library):
    guest = Faces(library, GUEST)
    guest.people.name(GUEST, guest.add(3), "Ada")
    library.gallery.open(GUEST)
    for row in library.photos(GUEST)[0]:
        library.mattes.add(GUEST, row.id, "mine", matte(7), "brush")
    shared, _ = library.add("login:ann", "a.png", picture(1))
    assert library.purge(after(KEEP_DAYS - 1)) == 0 and library.photos(GUEST)[1] == 3
    assert library.purge(after(KEEP_DAYS + 1)) == 3
    assert library.photos(GUEST)[1] == 0 and guest.people.everybody(GUEST).people == []
    assert {path.name for path in files(home)} == {shared.sha256}
    with library.database.read() as connection:
        for table in (database.visitor, database.person, database.gallery):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_whoever_comes_again_keeps_everything(library, monkeypatch):
    back_then(monkeypatch, 20)
    library.add(GUEST, "a.png", picture(1))
    library.add(GUEST, "b.png", picture(2))
    monkeypatch.undo()
    library.visits.seen(GUEST)
    assert library.purge(after(15)) == 0
    assert library.photos(GUEST)[1] == 2


def test_bringing_a_photo_is_a_visit_and_so_is_one_on_a_clock_that_was_wrong(library, monkeypatch):
    back_then(monkeypatch, 20)
    library.add(GUEST, "a.png", picture(1))
    monkeypatch.undo()
    library.add(GUEST, "b.png", picture(2))
    assert library.purge(after(15)) == 0
    back_then(monkeypatch, -20_000)
    library.add(GUEST, "c.png", picture(3))
    monkeypatch.undo()
    library.visits.seen(GUEST)
    assert library.purge(after(KEEP_DAYS + 1)) == 3


def test_accounts_and_those_who_sign_in_keep_theirs(library):
    library.add(GUEST, "a.png", picture(1))
    library.add("huggingface:1", "b.png", picture(2))
    library.move(GUEST, "login:ann")
    assert library.purge(after(10 * KEEP_DAYS)) == 0
    assert library.photos("login:ann")[1] == library.photos("huggingface:1")[1] == 1


def test_who_comes_back_while_libraries_go_keeps_what_is_there(library, monkeypatch):
    row, _ = library.add(GUEST, "a.png", picture(1))
    gone = library.visits.gone

    def gone_but_for_one(now):
        monkeypatch.setattr(library.visits, "gone", gone)
        back_then(monkeypatch, -KEEP_DAYS)
        library.visits.seen(GUEST)
        return gone(now)

    monkeypatch.setattr(library.visits, "gone", gone_but_for_one)
    assert library.purge(after(KEEP_DAYS + 1)) == 0
    assert library.original(GUEST, row.id).exists()


def test_the_days_can_be_set_but_no_longer_than_the_cookie_lives(library, monkeypatch):
    library.add(GUEST, "a.png", picture(1))
    monkeypatch.setenv("ENVO_KEEP_DAYS", "5000")
    assert settings.keep_days() == settings.COOKIE_DAYS
    monkeypatch.setenv("ENVO_KEEP_DAYS", "90")
    assert library.purge(after(89)) == 0
    assert library.purge(after(91)) == 1
    monkeypatch.setenv("ENVO_KEEP_DAYS", "0")
    assert settings.keep_days() == 1


def test_the_name_that_the_days_had_before_is_refused(monkeypatch):
    monkeypatch.setenv("ENVO_VISITOR_DAYS", "400")
    with pytest.raises(UserError, match="ENVO_VISITOR_DAYS is called ENVO_KEEP_DAYS now"):
        settings.keep_days()


def test_libraries_of_the_eighth_revision_are_kept_from_now_on(home):
    """Rows written in plain SQL when 0008 was the last one."""
    with at_revision(home, "0008") as connection:
        blob = "(sha256, bytes, format, width, height, bit_depth, browser_ready, linear)"
        connection.execute(sa.text(f"INSERT INTO blob {blob} VALUES ('ab', 9, 'JPEG', 6, 4, 8, true, false)"))
        for photo_id, owner in (("one", GUEST), ("two", GUEST), ("three", "login:ann")):
            photo = "(id, owner, sha256, name, original_name, rating, created_at)"
            values = f"('{photo_id}', '{owner}', 'ab', 'a.jpg', 'a.jpg', 0, '2020-05-06 07:08:09.000000')"
            connection.execute(sa.text(f"INSERT INTO photo {photo} VALUES {values}"))
    library = Library(home, url(home))
    assert library.purge(after(KEEP_DAYS - 1)) == 0
    assert library.purge(after(KEEP_DAYS + 1)) == 2
    assert library.photos("login:ann")[1] == 1
    library.close()


def test_who_was_promised_more_days_before_has_all_of_these_from_now_on(home):
    """Rows written in plain SQL when 0023 was the last one."""
    with at_revision(home, "0023") as connection:
        blob = "(sha256, bytes, format, width, height, bit_depth, browser_ready, linear)"
        connection.execute(sa.text(f"INSERT INTO blob {blob} VALUES ('ab', 9, 'JPEG', 6, 4, 8, true, false)"))
        photo = "(id, owner, sha256, name, original_name, rating, created_at)"
        values = f"('one', '{GUEST}', 'ab', 'a.jpg', 'a.jpg', 0, '2020-05-06 07:08:09.000000')"
        connection.execute(sa.text(f"INSERT INTO photo {photo} VALUES {values}"))
        connection.execute(sa.text(f"INSERT INTO visitor VALUES ('{GUEST}', '2020-05-06 07:08:09.000000')"))
    library = Library(home, url(home))
    assert library.purge(after(KEEP_DAYS - 1)) == 0
    assert library.purge(after(KEEP_DAYS + 1)) == 1
    library.close()


@pytest.fixture
def small(home):
    """A library that keeps two and a half photos of each visitor."""
    library = Library(home, url(home), len(picture(1)) * 5 // 2)
    yield library
    library.close()


def test_a_visitor_has_so_much_room_and_is_told(small):
    rows = [small.add(GUEST, f"{shade}.png", picture(shade))[0] for shade in range(2)]
    with pytest.raises(NoRoom, match=r"^At most 20000 photos and 0 MB .* after 7 days\.$"):
        small.add(GUEST, "c.png", picture(3))
    assert small.photos(GUEST)[1] == 2
    assert small.add(GUEST, "again.png", picture(1)) == (rows[1], False)
    small.copy(GUEST, rows[0].id)  # of the same bytes
    for number in range(5):
        small.add("login:ann", f"{number}.png", picture(number))
    signed_up = small.accounts.of(small.accounts.add("Ann", "correct horse battery")).owner
    for shade in range(2):
        small.add(signed_up, "a.png", picture(shade))
    with pytest.raises(NoRoom, match=r"^At most 20000 photos and 0 MB of yours"):
        small.add(signed_up, "c.png", picture(3))
    other, _ = small.add(new_visitor(), "other.png", picture(3))
    assert other.name == "other.png"


def test_what_was_deleted_makes_room_when_the_trash_is_emptied(small):
    rows = [small.add(GUEST, f"{shade}.png", picture(shade))[0] for shade in range(2)]
    small.delete(GUEST, rows[0].id)
    with pytest.raises(NoRoom):
        small.add(GUEST, "c.png", picture(3))
    small.purge(after(TRASH_DAYS + 1))
    assert small.add(GUEST, "c.png", picture(3))[1]


def test_a_visitor_is_warned_before_the_room_or_the_disk_comes_to_its_end(home, monkeypatch):
    monkeypatch.setenv("ENVO_SPARE_SPACE", "0")
    size = len(picture(1))
    library = Library(home, url(home), size * 10 + size // 2)
    for shade in range(8):
        library.add(GUEST, "a.png", picture(shade))
    assert library.visits.warning(GUEST) == ""
    library.add(GUEST, "b.png", picture(8))
    library.add(GUEST, "c.png", picture(9))
    told = r"^9\d % of your room is used: at most 20000 photos and 0 MB are kept here\. .* after 7 days\.$"
    assert re.match(told, library.visits.warning(GUEST))
    assert library.visits.warning(new_visitor()) == library.visits.warning("login:ann") == ""
    monkeypatch.setattr(settings, "MAX_VISITOR_PHOTOS", 2)
    other = new_visitor()
    library.add(other, "a.png", picture(1))
    assert library.visits.warning(other) == ""
    library.add(other, "b.png", picture(2))
    assert library.visits.warning(other).startswith("100 % of your room is used")
    monkeypatch.setenv("ENVO_SPARE_SPACE", str(2**40))
    assert library.visits.warning(new_visitor()).startswith("The disk of this app is nearly full: soon")
    library.close()


def test_photos_are_counted_however_small_they_are(small, monkeypatch):
    monkeypatch.setattr(settings, "MAX_VISITOR_PHOTOS", 2)
    row, _ = small.add(GUEST, "a.png", picture(1))
    small.copy(GUEST, row.id)
    for more in (lambda: small.copy(GUEST, row.id), lambda: small.add(GUEST, "b.png", picture(2))):
        with pytest.raises(NoRoom, match="At most 2 photos"):
            more()


def test_visitors_leave_some_of_the_disk_to_all_others_however_many_they_are(small, monkeypatch):
    row, _ = small.add(GUEST, "a.png", picture(1))
    monkeypatch.setenv("ENVO_SPARE_SPACE", str(2**40))
    for more in (
        lambda: small.add(new_visitor(), "b.png", picture(2)),
        lambda: small.copy(GUEST, row.id),
        lambda: small.visits.check_disk(GUEST),
    ):
        with pytest.raises(NoRoom, match=r"^The disk of this app is nearly full, .* nothing was added\.$"):
            more()
    assert small.add(GUEST, "again.png", picture(1)) == (row, False)
    assert small.add("login:ann", "b.png", picture(2))[1]
    monkeypatch.setenv("ENVO_SPARE_SPACE", "0")
    assert small.add(new_visitor(), "c.png", picture(3))[1]


def test_a_share_of_the_disk_stays_free_and_no_more_than_is_needed(monkeypatch):
    monkeypatch.delenv("ENVO_SPARE_SPACE", raising=False)
    assert settings.spare_bytes(20 * 2**30) == 2**30
    assert settings.spare_bytes(2**50) == settings.MAX_SPARE_BYTES


def test_whoever_runs_it_for_themselves_has_no_limit(library, monkeypatch):
    monkeypatch.setattr(settings, "MAX_VISITOR_PHOTOS", 1)
    monkeypatch.setenv("ENVO_SPARE_SPACE", str(2**40))
    for name in ("SPACE_ID", "ENVO_VISITOR_SPACE"):
        monkeypatch.delenv(name, raising=False)
    assert settings.visitor_bytes(is_shared=False) is None
    assert [library.add(GUEST, "x.png", picture(shade))[1] for shade in range(3)] == [True] * 3
    assert settings.visitor_bytes(is_shared=True) == settings.VISITOR_BYTES
    monkeypatch.setenv("SPACE_ID", "ann/envo")
    assert settings.visitor_bytes(is_shared=False) == settings.VISITOR_BYTES
    monkeypatch.setenv("ENVO_VISITOR_SPACE", "5")
    assert settings.visitor_bytes(is_shared=False) == 5 * 2**20
