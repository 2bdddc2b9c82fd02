"""A whole archive at once: each photo has one result, whatever ends meanwhile, however many there are."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import psutil
import pytest

from envo.errors import StorageError, UserError
from models.batch import __main__ as batch
from models.batch import journal, sources, targets
from models.batch.engines import Answer, Engine, Failed
from models.batch.local import Local
from models.batch.running import Run
from tests.conftest import ROOT
from tests.models.batches import Held, Here, Photos

LETTERS = {f"{letter}.jpg": f"{letter}1".encode() for letter in "abcdefgh"}
WAITING = {name: b"wait " + data for name, data in LETTERS.items()}


def run(
    source: sources.Source, address: str, engine: Engine, told: Callable[[str, str], None] = lambda name, why: None
) -> journal.Journal:
    target = targets.opened(address)
    try:
        noted = journal.Journal(target, {"work": "backwards"})
        try:
            Run(source, target, noted, engine, told).do()
        finally:
            noted.keep()
        return noted
    finally:
        target.close()


def results(folder: Path) -> dict[str, bytes]:
    there = (path for path in folder.rglob("*") if path.is_file() and targets.KEPT not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in there}


def lines(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / targets.KEPT / f"{name}.jsonl").read_text().splitlines()]


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_killed_as_a_whole_it_goes_on_where_it_was_and_tries_again_what_failed(tmp_path):
    source, target, work = tmp_path / "photos", tmp_path / "out", Held(tmp_path / "desk")
    for folder in (source / "cats", work.desk):
        folder.mkdir(parents=True)
    photos = {"cats/1.jpg": b"one", "cats/2.jpg": b"two", "last.jpg": b"wait", "broken.jpg": b"!"}
    for name, data in photos.items():
        (source / name).write_bytes(data)
    command = [sys.executable, "-m", "tests.models.batches", "held", source, target, "--workers", "2"]
    there = {"cwd": ROOT, "env": os.environ | {"DESK": str(work.desk)}}
    first = subprocess.Popen(command, **there)
    try:
        until(lambda: work.at_work() and len(results(target)) == 2)
        workers = psutil.Process(first.pid).children(recursive=True)
    finally:
        first.kill()
        first.wait()
    (work.desk / "go on").touch()
    assert len(workers) >= 2 and not psutil.wait_procs(workers, 30)[1]

    (source / "broken.jpg").write_bytes(b"good")
    ended = subprocess.run(command, **there, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "4 done, 0 failed.\n"), ended.stderr
    wanted = photos | {"broken.jpg": b"good"}
    assert results(target) == {f"{name}.txt": data[::-1] for name, data in wanted.items()}


def test_a_photo_whose_worker_is_killed_is_made_by_another_and_others_once(tmp_path):
    work = Held(tmp_path / "desk")
    work.desk.mkdir()
    engine = Local(work, 2)
    try:
        with ThreadPoolExecutor(1) as beside:
            noted = beside.submit(run, Photos(WAITING), str(tmp_path / "out"), engine)
            until(lambda: len(work.at_work()) == 2)
            lost = work.at_work()[0]
            os.kill(lost, signal.SIGKILL)
            until(lambda: len(work.at_work()) == 3)
            (work.desk / "go on").touch()
            assert (noted.result().done, noted.result().failed) == (8, 0)
        assert lost not in engine.pids() and len(engine.pids()) == 2
    finally:
        engine.close()
    assert results(tmp_path / "out") == {f"{name}.txt": data[::-1] for name, data in WAITING.items()}
    told = [line["photo"] for line in lines(tmp_path / "out", "backwards") if "photo" in line]
    assert sorted(told) == sorted(LETTERS)


def test_what_failed_is_told_and_alone_is_tried_again(tmp_path):
    photos, heard = Photos(LETTERS | {"bad.jpg": b"!"}), []
    noted = run(photos, str(tmp_path), Here(), lambda name, why: heard.append((name, why)))
    assert (noted.done, noted.failed, noted.total) == (8, 1, 9)
    assert ("bad.jpg", "This is no photo.") in heard and len(heard) == 9
    photos.files["bad.jpg"] = b"good"
    noted = run(photos, str(tmp_path), again := Here())
    assert (noted.done, noted.failed) == (9, 0) and again.asked == [b"good"]
    assert results(tmp_path)["bad.jpg.txt"] == b"doog"


def test_what_failed_for_no_fault_of_the_photos_is_tried_once_more(tmp_path):
    class Short(Here):
        def make(self, data: bytes) -> Answer:
            is_first = data not in self.asked
            made = super().make(data)
            return Failed("There is too little memory.", may_pass=True) if is_first and data != b"b1" else made

    heard = []
    noted = run(Photos(LETTERS), str(tmp_path), Short(), lambda name, why: heard.append(why))
    assert (noted.done, noted.failed, heard) == (8, 0, [""] * 8)
    assert len(results(tmp_path)) == 8


def test_a_journal_that_was_cut_off_counts_as_far_as_it_goes(tmp_path):
    run(Photos(LETTERS), str(tmp_path), Here())
    place = tmp_path / targets.KEPT / "backwards.jsonl"
    cut = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(b"".join(cut[:3]) + cut[3][:20])
    again = Here()
    noted = run(Photos(LETTERS), str(tmp_path), again)
    assert noted.done == 8 and len(again.asked) == sum(b'"photo"' not in line for line in cut[:3]) + 5
    assert run(Photos(LETTERS), str(tmp_path), later := Here()).done == 8 and not later.asked


def test_photos_come_from_a_zip_or_from_elsewhere_and_results_go_there(tmp_path):
    with zipfile.ZipFile(tmp_path / "album.zip", "w") as archive:
        for name, data in LETTERS.items():
            archive.writestr(f"1931/{name}", data)
        archive.writestr("__MACOSX/._a.jpg", b"no photo")
        archive.writestr("1931/a.jpg.xmp", b"no photo")
    wanted = {f"1931/{name}.txt": data[::-1] for name, data in LETTERS.items()}
    run(sources.opened(str(tmp_path / "album.zip")), str(tmp_path / "out"), Here())
    assert results(tmp_path / "out") == wanted

    files = fsspec.filesystem("memory")
    for name, data in LETTERS.items():
        files.pipe_file(f"/archive/1931/{name}", data)
    for _ in range(2):
        engine = Here()
        noted = run(sources.opened("memory://archive"), "memory://made", engine)
    assert noted.done == 8 and not engine.asked
    assert {name: files.cat_file(f"/made/{name}") for name in wanted} == wanted
    chained = sources.opened(f"zip://::file://{tmp_path / 'album.zip'}")
    assert {name: chained.read(name) for name in chained.names()} == {
        f"1931/{name}": data for name, data in LETTERS.items()
    }


def test_what_there_is_to_do_is_told_and_nothing_done(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    for name, data in LETTERS.items():
        (tmp_path / "in" / name).write_bytes(data)
    assert batch.main(["tag", str(tmp_path / "in"), str(tmp_path / "out"), "--dry-run"]) == 0
    assert "8 photos" in capsys.readouterr().out and not (tmp_path / "out").exists()


def test_a_full_disk_ends_it_in_a_sentence_and_what_was_done_stays(tmp_path, monkeypatch):
    writes = targets.Folder.write

    def full(self, name: str, data: bytes) -> None:
        if name.startswith("e"):
            raise StorageError("The disk is full.")
        writes(self, name, data)

    with monkeypatch.context() as patched:
        patched.setattr(targets.Folder, "write", full)
        with pytest.raises(StorageError, match="disk is full"):
            run(Photos(LETTERS), str(tmp_path), Here(workers=1))
    before = results(tmp_path)
    noted = run(Photos(LETTERS), str(tmp_path), again := Here())
    assert noted.done == 8 and len(before) >= 1 and len(again.asked) == 8 - len(before)


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (["tag", "{}/nowhere", "{}/out"], "There is no folder or zip"),
        (["tag", "{}/no.zip", "{}/out"], "no zip file"),
        (["tag", "{}/in", "{}/in/out"], "within the source"),
        (["tag", "nosuch://bucket", "{}/out"], "nosuch://bucket cannot be reached"),
        (["tag", "memory://nowhere", "{}/out"], "There is no folder memory://nowhere"),
        (["render", "{}/in", "{}/out", "--preset", "{}/no.zip"], "This is no preset"),
        (["render", "{}/in", "{}/out", "--preset", "{}/none.xmp"], "cannot be read"),
        (["render", "{}/in", "{}/out", "--preset", "{}/follows.json"], "follow people"),
        (["tag", "{}/in", "{}/begun"], "Another batch was begun"),
        (["tag", "{}/in", "{}/no.zip"], "is no folder"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path, capsys, command, part):
    (tmp_path / "in").mkdir()
    (tmp_path / "no.zip").write_bytes(b"no zip")
    layer = {
        "id": "x",
        "mask": {"parts": [{"shape": "matte", "kind": "hair", "person": "ada"}]},
        "adjustments": {"exposure": 1},
    }
    (tmp_path / "follows.json").write_text(json.dumps({"schema": 3, "layers": [{"id": "image"}, layer]}))
    (tmp_path / "begun" / targets.KEPT).mkdir(parents=True)
    (tmp_path / "begun" / targets.KEPT / "tag.jsonl").write_text('{"work": "tag", "source": "/other"}\n')
    assert batch.main([each.format(tmp_path) for each in command]) == 1
    told = capsys.readouterr().err
    assert part in told and "Traceback" not in told


def test_two_batches_do_not_write_to_one_target(tmp_path):
    target = targets.opened(str(tmp_path))
    with pytest.raises(UserError, match="Another batch writes"):
        targets.opened(str(tmp_path))
    target.close()
    targets.opened(str(tmp_path)).close()
