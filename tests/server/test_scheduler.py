"""Heavy work has its places in turns: of visitors, and of what is urgent before what is not."""

import threading
from collections.abc import Callable

import pytest

from envo import settings
from tabs.work.scheduler import Rank, Scheduler, Turn


@pytest.fixture
def begun() -> list[str]:
    return []


@pytest.fixture
def ask(begun) -> Callable[..., Turn]:
    scheduler = Scheduler({"NOW": 2, "SOON": 1, "BEHIND": 1})

    def asked(name: str, rank: Rank = Rank.NOW) -> Turn:
        return scheduler.ask(rank, name[:-1], lambda: begun.append(name))

    asked.leave, asked.scheduler = scheduler.leave, scheduler
    return asked


def test_visitors_take_turns_however_much_one_of_them_asks_for(ask, begun):
    turns = {name: ask(name, Rank.SOON) for name in ("ann1", "ann2", "ann3", "bob1", "cat1", "bob2")}
    for _ in range(5):
        ask.leave(turns[begun[-1]])
    assert begun == ["ann1", "bob1", "cat1", "ann2", "bob2", "ann3"]


def test_nobody_has_all_places_and_who_leaves_gives_way(ask, begun):
    first, second, third = ask("ann1"), ask("ann2"), ask("ann3")
    assert begun == ["ann1"]
    ask.leave(second)
    ask("bob1")
    ask.leave(first)
    assert begun == ["ann1", "bob1", "ann3"] and third.has_place


def test_what_nobody_waits_for_begins_when_nothing_else_waits_or_in_a_while(ask, begun, monkeypatch):
    monkeypatch.setattr(settings, "BEHIND_SECONDS", 1000)
    first, waiting = ask("ann1", Rank.SOON), ask("bob1", Rank.SOON)
    behind = ask("cat1", Rank.BEHIND)
    assert begun == ["ann1"]
    ask.leave(first)
    assert begun == ["ann1", "bob1", "cat1"]
    ask.leave(behind)
    ask("ann2", Rank.SOON)
    monkeypatch.setattr(settings, "BEHIND_SECONDS", 0.05)
    done = threading.Event()

    def patient() -> None:
        with ask.scheduler.place(Rank.BEHIND, "cat"):
            done.set()

    threading.Thread(target=patient).start()
    assert done.wait(10) and waiting.has_place and "ann2" not in begun
