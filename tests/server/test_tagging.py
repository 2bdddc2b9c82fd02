"""What goes wrong while photos are tagged: it is nobody's photo's fault, unless its bytes cannot be decoded."""

import threading

import numpy as np
import pytest

from envo.errors import NoMemory, StorageError
from models.tagging.run import Result, Tagged
from tabs.work import later
from tabs.work import tagging as tagging_module
from tabs.work.later import Later
from tabs.work.tagging import Tagger
from tests.unit.test_library import picture

SEEN = Tagged((), (), np.ones(1, np.float32), np.zeros((8, 8, 3), np.uint8))


@pytest.fixture
def changed(library, monkeypatch):
    """A tagger that soon tries again, and whose engines see nothing; gives what waits until a photo was tagged."""
    monkeypatch.setattr(tagging_module, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(tagging_module, "run", run)
    news = threading.Condition()

    def changed(owner: str) -> None:
        with news:
            news.notify_all()

    tagger = Tagger(library, changed, lambda owner: None)

    def wait(owner: str, count: int = 1) -> None:
        tagger.wake()
        with news:
            assert news.wait_for(lambda: library.gallery.progress(owner)[0] >= count, 20)

    return wait


def run(photos, detector, classifier, report):
    for key, read in photos:
        try:
            yield Result(key, SEEN) if read().data != b"?" else Result(key, None, "It is no photo.")
        except Exception as error:
            yield Result(key, None, fault=error)


def test_a_file_that_is_missing_is_no_trouble_of_the_photo(library, changed):
    row, _ = library.add("ann", "a.png", picture(1))
    path = library.original("ann", row.id)
    aside = path.rename(path.with_name("aside"))
    other, _ = library.add("ann", "b.png", picture(2))
    library.gallery.open("ann")
    changed("ann")
    assert library.gallery.sight(other.sha256) and library.gallery.sight(row.sha256) is None
    aside.rename(path)
    changed("ann", 2)
    assert library.gallery.sight(row.sha256).trouble == ""


@pytest.mark.parametrize("error", [StorageError("The disk is full."), NoMemory("Too large now."), OSError("?")])
def test_what_goes_wrong_is_waited_out(library, changed, monkeypatch, error):
    row, _ = library.add("ann", "a.png", picture(1))
    library.gallery.open("ann")
    real, failures = library.gallery.set_sight, [error] * 3
    monkeypatch.setattr(library.gallery, "set_sight", lambda *seen: fail(failures) or real(*seen))
    changed("ann")
    assert not failures and library.gallery.sight(row.sha256).trouble == ""


def fail(failures: list[Exception]) -> None:
    if failures:
        raise failures.pop()


def test_one_odd_photo_does_not_keep_the_others_from_being_tagged(library, changed, monkeypatch):
    row, _ = library.add("ann", "a.png", picture(1))
    library.add("ann", "b.png", picture(2))
    library.gallery.open("ann")
    real = library.said

    def said(owner: str, photo_id: str):
        if photo_id == row.id:
            raise ValueError("odd")
        return real(owner, photo_id)

    monkeypatch.setattr(library, "said", said)
    changed("ann")
    assert library.gallery.progress("ann") == (1, 2)


def test_who_signs_in_while_a_photo_is_tagged_hears_of_it(library, monkeypatch):
    monkeypatch.setattr(tagging_module, "run", run)
    library.add("visitor", "a.png", picture(1))
    library.gallery.open("visitor")
    real, told, done = library.gallery.take, [], threading.Event()

    def take(owner: str, *what) -> None:
        real(owner, *what)
        library.move("visitor", "ann")

    monkeypatch.setattr(library.gallery, "take", take)
    Tagger(library, lambda owner: told.append(owner) or done.set(), lambda owner: None)
    assert done.wait(20) and told == ["ann"]


def test_bytes_that_cannot_be_decoded_are_told_to_all_who_have_them(library, changed, monkeypatch):
    row, _ = library.add("ann", "a.png", picture(1))
    library.original("ann", row.id).write_bytes(b"?")
    library.gallery.open("ann")
    changed("ann")
    assert library.gallery.sight(row.sha256).trouble == "It is no photo."


def test_a_full_disk_is_waited_out_once_for_all_who_asked(monkeypatch):
    monkeypatch.setattr(later, "FULL_SECONDS", 0.01)
    monkeypatch.setattr(later, "QUIET_SECONDS", 0)
    failures, done = [StorageError("The disk is full.")] * 2, threading.Event()
    work = Later("test", lambda owner: fail(failures) or done.set())
    work.ask("ann")
    assert done.wait(20) and not failures
