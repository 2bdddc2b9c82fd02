"""What a process holds is another's once that process has ended."""

import time
from multiprocessing.synchronize import Event
from pathlib import Path

from envo.library import Library
from tests.forks import PROCESSES


def opened(home: Path) -> Library:
    return Library(home, f"sqlite:///{home}/library.sqlite")


def hold(home: Path, has_taken: Event) -> None:
    library = opened(home)
    library.claims.take("work", {"a"})
    has_taken.set()
    time.sleep(600)


def test_what_a_killed_process_held_is_free_at_once_where_both_are_on_one_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_LEASE", "1000")
    claims, has_taken = opened(tmp_path).claims, PROCESSES.Event()
    other = PROCESSES.Process(target=hold, args=(tmp_path, has_taken), daemon=True)
    other.start()
    assert has_taken.wait(60)
    assert not claims.look() and not claims.take("work", {"a"})
    other.kill()
    other.join()
    assert claims.look() and claims.take("work", {"a"}) == {"a"}


def test_a_process_that_holds_something_again_is_seen_to_live(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_LEASE", "1000")
    one, other = opened(tmp_path).claims, opened(tmp_path).claims
    for _ in range(2):
        assert one.take("work", {"a"}) == {"a"}
        assert not other.look() and not other.take("work", {"a"})
        one.leave()
        assert other.take("work", {"a"}) == {"a"}
        other.release("work", {"a"})
