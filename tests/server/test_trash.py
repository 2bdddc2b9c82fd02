"""What is removed when its time has come: not before, and not for a clock that is wrong."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from envo import settings
from envo.errors import UserError
from envo.settings import TRASH_DAYS
from tabs.work import trash
from tests.unit.test_library import picture
from tests.unit.test_memory import until


class Clocks:
    """The machine's clock, that can be put right or wrong, and time that passes."""

    def __init__(self, monkeypatch):
        self.leap, self.passed, began = timedelta(), timedelta(), datetime.now(UTC)
        monkeypatch.setattr(trash, "datetime", SimpleNamespace(now=lambda zone: began + self.leap + self.passed))
        monkeypatch.setattr(trash, "time", SimpleNamespace(monotonic=lambda: 1000 + self.passed.total_seconds()))


def test_a_clock_that_leaps_ahead_takes_nothing_out_of_the_trash_before_its_days_are_over(library, monkeypatch):
    clocks = Clocks(monkeypatch)
    now = trash.steady_clock()
    row, _ = library.add("ann", "a.png", picture(1))
    library.delete("ann", row.id)
    clocks.leap = timedelta(days=400)
    assert trash.emptied(library, now()) and library.content(row.sha256).exists()
    clocks.leap = timedelta(days=-400)
    assert trash.emptied(library, now()) and library.content(row.sha256).exists()
    clocks.leap, clocks.passed = timedelta(), timedelta(days=TRASH_DAYS + 1)
    assert trash.emptied(library, now()) and not library.content(row.sha256).exists()


def test_a_trash_that_cannot_be_emptied_is_emptied_another_time(library, monkeypatch):
    row, _ = library.add("ann", "a.png", picture(1))
    library.delete("ann", row.id)
    then = datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1)
    real = library.results.purge

    def full(then: datetime) -> None:
        raise UserError("The disk is full.")

    monkeypatch.setattr(library.results, "purge", full)
    assert not trash.emptied(library, then)
    monkeypatch.setattr(library.results, "purge", real)
    assert trash.emptied(library, then)
    assert not library.content(row.sha256).exists()


def test_what_a_crashed_app_was_sent_is_removed_when_the_next_one_starts(library, monkeypatch, tmp_path):
    monkeypatch.setenv("ENVO_HOME", str(tmp_path))
    sent = settings.uploads() / "ab12" / "photo.png"
    sent.parent.mkdir()
    sent.write_bytes(b"1")
    trash.clear_uploads(time.time())
    assert sent.exists()  # another app of this home may be at work on it
    monkeypatch.setattr(settings, "UPLOAD_SECONDS", -1)
    trash.empty_trash_daily(library)
    until(lambda: not list(settings.uploads().iterdir()))
