"""Prepared photos are kept in memory and on disk, within their budgets, and prepared once."""

import errno
import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from models.select.base import Candidate, Engine, Prepared
from models.select.embeddings import Embeddings

PHOTO = np.zeros((10, 20, 3), np.uint8)
SIZE = (40, 20)


class Counting(Engine):
    """Keeps `numbers` of a photo, and says how often it looked at one."""

    label = "counts"

    def __init__(self, name: str = "counting", numbers: int = 1000) -> None:
        self.name = name
        self.numbers = numbers
        self.looks = 0
        self.now = "1"

    @property
    def version(self) -> str:
        return self.now

    def _embed(self, image, report):
        self.looks += 1
        report("Looking", 1)
        return {"map0": np.full(self.numbers, self.looks, np.float16)} if self.numbers else {}

    def _answer(self, photo, prompt):
        return [Candidate(photo.image[..., 0], 1.0)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))
    return tmp_path / "embeddings"


@pytest.fixture
def engine() -> Counting:
    return Counting()


def load() -> tuple[np.ndarray, tuple[int, int]]:
    return PHOTO, SIZE


def never() -> tuple[np.ndarray, tuple[int, int]]:
    raise AssertionError("the photo was decoded again")


def look(prepared: Prepared) -> int:
    """Which look at a photo this is from."""
    return int(prepared.embedding["map0"][0])


def test_a_photo_is_prepared_once(engine):
    kept, told = Embeddings(), []
    assert not kept.has("a", engine)
    first = kept.get("a", engine, load, lambda step, fraction: told.append(step))
    assert told == ["Looking"]
    assert first.size == SIZE
    assert kept.has("a", engine)
    assert kept.get("a", engine, never) is first
    assert kept.get("b", engine, load) is not first
    assert engine.looks == 2


def test_the_photo_is_decoded_once_for_all_engines(engine):
    kept = Embeddings()
    first = kept.get("a", engine, load)
    second = kept.get("a", Counting("another"), never)
    assert second.image is first.image
    assert second.size == SIZE


def test_an_embedding_comes_back_from_disk(engine, folder):
    one = Embeddings().get("a", engine, load)
    other = Embeddings().get("a", engine, load)
    assert engine.looks == 1
    assert np.array_equal(other.embedding["map0"], one.embedding["map0"])
    assert other.embedding["map0"].dtype == np.float16
    assert [file.suffix for file in folder.iterdir()] == [".npz"]


def test_an_embedding_comes_back_from_a_disk_that_takes_nothing(engine, monkeypatch):
    Embeddings().get("a", engine, load)
    monkeypatch.setattr(os, "utime", lambda *given: fail_to_write())
    Embeddings().get("a", engine, load)
    assert engine.looks == 1


def fail_to_write() -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def test_other_weights_under_the_same_name_look_again(engine):
    kept = Embeddings()
    kept.get("a", engine, load)
    engine.now = "2"
    assert look(kept.get("a", engine, load)) == 2
    assert look(Embeddings().get("a", engine, load)) == 2


def test_a_damaged_file_is_made_anew(engine, folder, caplog):
    Embeddings().get("a", engine, load)
    (file,) = folder.iterdir()
    whole, dice = file.read_bytes(), random.Random(1)
    damages = [b"", b"nonsense", whole[:-1], whole[: len(whole) // 2]]
    for _ in range(50):
        at = dice.randrange(len(whole))
        damages.append(whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1 :])
    for damage in damages:
        file.write_bytes(damage)
        prepared = Embeddings().get("a", engine, load)
        # A flipped bit may lie in what nobody reads, such as a date.
        assert len(set(prepared.embedding["map0"])) == 1
        assert prepared.embedding["map0"].shape == (1000,)
        file.write_bytes(whole)
    assert "damaged and made anew" in caplog.text
    assert look(Embeddings().get("a", engine, load)) == 1


def test_memory_keeps_to_its_budget_and_lets_the_longest_unused_go(engine):
    each = PHOTO.nbytes + 2000
    kept = Embeddings(memory=2 * each)
    for photo in ("a", "b", "a", "c"):
        kept.get(photo, engine, load)
    assert [kept.has(photo, engine) for photo in "abc"] == [True, False, True]
    small = Embeddings(memory=1)
    small.get("a", engine, load)
    assert small.has("a", engine)


def test_photos_that_nobody_uses_are_let_go_and_come_back(engine):
    kept = Embeddings()
    first = kept.get("a", engine, load)
    assert not kept.let_go(3600) and kept.has("a", engine)
    assert kept.let_go(0) and not kept.has("a", engine)
    again = kept.get("a", engine, load)
    assert again is not first and look(again) == 1
    assert not Embeddings().let_go(0)


def test_the_disk_keeps_to_its_budget_and_lets_the_longest_unused_go(engine, folder):
    Embeddings().get("a", engine, load)
    (file,) = folder.iterdir()
    budget = 2 * file.stat().st_size + 100
    os.utime(file, ns=(1, 1))
    Embeddings(disk=budget).get("b", engine, load)
    for photo, age in (("a", 2), ("b", 1)):  # "a" is read again, and so outlives "b"
        (old,) = folder.glob(f"{photo}-*")
        os.utime(old, ns=(age, age))
    Embeddings(disk=budget).get("a", engine, load)
    Embeddings(disk=budget).get("c", engine, load)
    assert sorted(file.name[0] for file in folder.iterdir()) == ["a", "c"]


def test_an_engine_that_knows_nothing_writes_nothing(folder):
    kept = Embeddings()
    quick = Counting(numbers=0)
    assert kept.get("a", quick, load).embedding == {}
    assert kept.get("a", quick, never).embedding == {}
    assert not folder.exists()


def test_a_disk_that_takes_nothing_costs_no_answer(engine, folder, caplog):
    folder.write_text("not a folder")
    assert look(Embeddings().get("a", engine, load)) == 1
    assert "could not be written" in caplog.text


def test_threads_that_ask_at_once_share_one_preparation(engine, monkeypatch):
    kept, looking, go_on = Embeddings(), threading.Event(), threading.Event()
    embed = engine._embed

    def slow(*given):
        looking.set()
        go_on.wait(60)
        return embed(*given)

    monkeypatch.setattr(engine, "_embed", slow)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(kept.get, "a", engine, load) for _ in range(8)]
        looking.wait(60)
        assert not kept.has("a", engine)
        go_on.set()
    assert len({id(each.result()) for each in asked}) == 1
    assert engine.looks == 1


def test_a_failure_reaches_all_who_wait_and_is_not_kept(engine, monkeypatch):
    kept, looking, go_on = Embeddings(), threading.Event(), threading.Event()

    def fail(*_given):
        looking.set()
        go_on.wait(60)
        raise RuntimeError("no")

    with monkeypatch.context() as broken, ThreadPoolExecutor(4) as threads:
        broken.setattr(engine, "_embed", fail)
        asked = [threads.submit(kept.get, "a", engine, load) for _ in range(4)]
        looking.wait(60)
        go_on.set()
        assert {str(each.exception()) for each in asked} == {"no"}
    assert look(kept.get("a", engine, load)) == 1
