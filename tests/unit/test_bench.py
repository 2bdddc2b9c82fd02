"""What all benchmarks have in common: how they are started, and which photos they look at."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import common
from tests.conftest import ROOT

BENCHES = sorted(path.stem for path in (ROOT / "bench").glob("*.py") if "\ndef main" in path.read_text())

EACH = """
import contextlib, io, json, runpy, sys

said = {}
for name in sys.argv[1:]:
    sys.argv = [name, "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            runpy.run_module(f"bench.{name}", run_name="__main__", alter_sys=True)
        except SystemExit as end:
            said[name] = [end.code, out.getvalue()]
print(json.dumps([said, sorted({"keras", "tensorflow", "torch", "gradio"} & set(sys.modules))]))
"""


def test_each_benchmark_tells_what_it_is_asked_before_anything_heavy_is_loaded():
    done = subprocess.run([sys.executable, "-c", EACH, *BENCHES], cwd=ROOT, capture_output=True, text=True, check=True)
    said, heavy = json.loads(done.stdout)
    assert len(said) == len(BENCHES) >= 12 and not heavy
    for name, (code, text) in said.items():
        assert code == 0 and f"python -m bench.{name}" in text
        assert all(option in text for option in ("--data DIR", "--all", "--json"))


def test_make_runs_each_of_them_on_the_folder_that_is_named():
    command = ["make", "--dry-run", "bench", "DATA=my photos", "ALL=1"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"for name in {' '.join(BENCHES)};" in told
    assert "-m bench.$name --data 'my photos' --all" in told
    plain = subprocess.run(command[:3], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "--data" not in plain and "--all" not in plain


FILES = [Path(f"{number:02}.jpg") for number in range(25)]


def wish(*given: str) -> argparse.Namespace:
    return common.Arguments("About.", "folder").parse_args(given)


def test_every_tenth_photo_is_held_back_and_the_third_part_or_all_are_asked_for():
    shuffled = FILES[::-1]
    assert common.asked(shuffled, wish()) == FILES[::10]
    assert common.asked(shuffled, wish("--third")) == FILES[5::10]
    assert common.asked(shuffled, wish("--all")) == FILES
    assert common.asked(shuffled, wish("--all"), 5) == FILES[::5]
    assert common.asked(shuffled, wish(), 2) == FILES[:20:10]
    assert common.asked(shuffled, wish("--all"), 100) == FILES


def test_so_many_photos_are_taken_from_all_over_a_folder():
    assert common.spread(FILES, 3) == [FILES[0], FILES[8], FILES[16]]
    assert common.spread(FILES, None) == FILES and common.spread(FILES, 0) == []


def test_a_folder_may_be_of_one_kind_of_photo_or_of_several(tmp_path):
    assert common.kind(tmp_path, "portraits") == tmp_path
    (tmp_path / "portraits").mkdir()
    assert common.kind(tmp_path, "portraits") == tmp_path / "portraits"


def test_a_benchmark_without_photos_says_so_and_is_no_failure(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench"])
    with pytest.raises(SystemExit) as end:
        common.Arguments("About.", "folder with photos/").parse_with_data()
    assert not end.value.code
    assert "--data DIR (a folder with photos/)" in capsys.readouterr().out
