"""Work in the background: who goes first, and what is told of it."""

import threading

import pytest

from envo import settings
from envo.errors import UserError
from models.weights import WeightsError
from tabs.work.queue import NO_MEMORY, NO_WEIGHTS, Queue


class Work:
    """Jobs that wait until they are let go, and note their order."""

    def __init__(self):
        self.begun: list[str] = []
        self.started = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def job(self, name: str, error: Exception | None = None):
        def work(report) -> None:
            self.begun.append(name)
            report("Looking", 0.5)
            self.started.release()
            self.go.acquire(timeout=30)
            report("Going on")
            if error:
                raise error

        return work


def finish(queue: Queue, work: Work, *keys: str) -> None:
    """Let all jobs go, and wait until none waits or works."""
    for _ in keys:
        work.go.release()
    while any((now := queue.progress(key)) and now.state in ("waiting", "working") for key in keys):
        pass


def test_the_job_asked_for_last_goes_first_and_each_is_done_once():
    queue, work = Queue("test", "It failed."), Work()
    queue.ask("a", work.job("a"))
    assert work.started.acquire(timeout=30)
    for key in ("b", "c", "a", "b"):
        queue.ask(key, work.job(key))
    assert (queue.progress("a").state, queue.progress("a").step, queue.progress("a").fraction) == (
        "working",
        "Looking",
        0.5,
    )
    assert (queue.progress("c").state, queue.progress("c").step) == ("waiting", "Waiting, 1 before yours")
    finish(queue, work, "a", "b", "c")
    assert work.begun == ["a", "b", "c"]
    assert queue.progress("a") is None


def test_each_change_has_a_number_of_its_own():
    queue, work = Queue("test", "It failed."), Work()
    queue.ask("a", work.job("a"))
    assert work.started.acquire(timeout=30)
    seen = queue.progress("a").number
    queue.ask("a", work.job("a"))
    assert queue.progress("a").number == seen
    queue.ask("b", work.job("b", UserError("Bring another one.")))
    waiting = queue.progress("b").number
    finish(queue, work, "a", "b")
    assert seen < waiting < queue.progress("b").number


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("Bring another one."), "Bring another one."),
        (WeightsError("x"), NO_WEIGHTS),
        (MemoryError(), NO_MEMORY),
        (ValueError(), "It failed."),
    ],
)
def test_a_job_that_fails_says_why_and_can_be_tried_again(error, said):
    queue, work = Queue("test", "It failed."), Work()
    queue.ask("a", work.job("a", error))
    finish(queue, work, "a")
    assert (queue.progress("a").state, queue.progress("a").step) == ("failed", said)
    queue.ask("a", work.job("a"))
    finish(queue, work, "a")
    assert queue.progress("a") is None and work.begun == ["a", "a"]


def test_what_nobody_asks_for_any_more_is_given_up():
    queue, work = Queue("test", "It failed.", patience=0), Work()
    queue.ask("a", work.job("a"))
    finish(queue, work, "a")
    assert queue.progress("a") is None and work.begun == []


def test_in_turn_the_job_asked_for_first_goes_first_and_hears_how_many_are_before():
    queue, work = Queue("test", "It failed.", "Starting", in_turn=True), Work()
    queue.ask("a", work.job("a"))
    assert work.started.acquire(timeout=30)
    for key in ("b", "c", "d"):
        queue.ask(key, work.job(key))
    said = [queue.progress(key).step for key in ("b", "c", "d")]
    assert said == ["Waiting, 1 before it", "Waiting, 2 before it", "Waiting, 3 before it"]
    seen = queue.progress("d").number
    queue.cancel("b")
    assert queue.progress("b") is None
    assert queue.progress("d").step == "Waiting, 2 before it" and queue.progress("d").number > seen
    finish(queue, work, "a", "c", "d")
    assert work.begun == ["a", "c", "d"]


def test_a_job_at_work_stops_at_its_next_report_and_the_worker_goes_on():
    queue, work = Queue("test", "It failed."), Work()
    queue.ask("a", work.job("a", ValueError("never raised")))
    assert work.started.acquire(timeout=30)
    seen = queue.progress("a").number
    queue.cancel("a")
    assert (queue.progress("a").state, queue.progress("a").step) == ("working", "Stopping")
    assert queue.progress("a").number > seen
    finish(queue, work, "a")
    assert queue.progress("a") is None
    queue.ask("a", work.job("a", UserError("Bring another one.")))
    finish(queue, work, "a")
    assert queue.progress("a").step == "Bring another one."
    queue.cancel("a")
    assert queue.progress("a") is None
    queue.cancel("unheard-of")


def test_visitors_take_turns_and_what_a_page_shows_comes_before_what_none_does():
    queue, work = Queue("test", "It failed."), Work()
    queue.ask("a", work.job("a"), "ann")
    assert work.started.acquire(timeout=30)
    for key in ("a1", "a2", "a3"):
        queue.ask(key, work.job(key), "ann", is_ahead=True)
    queue.ask("b1", work.job("b1"), "bob", is_ahead=True)
    queue.ask("a1", work.job("a1"), "ann")
    finish(queue, work, "a", "a1", "a2", "a3", "b1")
    assert work.begun == ["a", "a1", "b1", "a3", "a2"]


def test_in_turn_one_with_much_before_another_is_not_served_first_of_all_and_places_tell_so():
    queue, work = Queue("test", "It failed.", "Starting", in_turn=True), Work()
    queue.ask("a", work.job("a"), "ann")
    assert work.started.acquire(timeout=30)
    for key in ("a1", "a2"):
        queue.ask(key, work.job(key), "ann")
    queue.ask("b1", work.job("b1"), "bob")
    said = {key: queue.progress(key).step for key in ("b1", "a1", "a2")}
    assert said == {"b1": "Waiting, 1 before it", "a1": "Waiting, 2 before it", "a2": "Waiting, 3 before it"}
    finish(queue, work, "a", "a1", "a2", "b1")
    assert work.begun == ["a", "b1", "a1", "a2"]


def test_that_pages_ask_again_and_again_is_no_news_to_others():
    queue, work = Queue("test", "It failed."), Work()
    queue.ask("a", work.job("a"), "ann")
    assert work.started.acquire(timeout=30)
    for key in ("b", "c", "d"):
        queue.ask(key, work.job(key), key)
    told, number = [queue.progress(key).step for key in ("b", "c", "d")], queue.number
    assert told == ["Waiting, 1 before yours", "Waiting, 2 before yours", "Waiting, 3 before yours"]
    for key in ("b", "d", "c", "b"):
        queue.ask(key, work.job(key), key)
    assert queue.number == number
    finish(queue, work, "a", "b", "c", "d")
    assert work.begun == ["a", "b", "c", "d"]


def test_many_before_are_told_roughly_so_that_few_changes_are_news():
    queue, work = Queue("test", "It failed.", in_turn=True), Work()
    keys = [str(number) for number in range(13)]
    for key in keys:
        queue.ask(key, work.job(key), key)
    assert work.started.acquire(timeout=30)
    said = [queue.progress(key).step for key in keys]
    assert said[5:7] + said[11:] == [
        f"Waiting, {many} before it" for many in (5, "more than 5", "more than 10", "more than 10")
    ]
    finish(queue, work, *keys)


def test_of_too_much_the_oldest_is_given_up(monkeypatch):
    monkeypatch.setattr(settings, "MAX_JOBS", 2)
    queue, work = Queue("test", "It failed."), Work()
    queue.ask("a", work.job("a"), "ann")
    assert work.started.acquire(timeout=30)
    queue.ask("b", work.job("b"), "bob")
    for key in ("a1", "a2", "a3"):
        queue.ask(key, work.job(key), "ann")
    assert queue.progress("a1") is None and queue.progress("b").state == "waiting"
    finish(queue, work, "a", "b", "a2", "a3")
    assert work.begun == ["a", "b", "a3", "a2"]
