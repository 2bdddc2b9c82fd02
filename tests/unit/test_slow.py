"""What a run of tests leaves out, what it tells of it, and how it ends, in a small project."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import slow
from tests.conftest import ROOT

PROJECT = {
    "house/__init__.py": "",
    "house/door.py": "from house import lock\n",
    "house/lock.py": "SHUT = True\n",
    "house/roof.py": "",
    "house/keys.toml": "",
    "requirements.txt": "",
    "tests/test_door.py": "import os, pytest\nfrom house import door\npytestmark = pytest.mark.slow\n"
    "assert 'NO_DOOR' not in os.environ\n"
    "def test_it_is_shut(): assert door.lock.SHUT\ndef test_it_is_there(): assert door\n",
    "tests/test_roof.py": "import pytest\ndef test_quick(): pass\n"
    "@pytest.mark.hours\ndef test_endless(): assert False\n",
}


@pytest.fixture
def project(tmp_path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def run(project: Path, *options: str) -> tuple[int, str]:
    """Run its tests as `make test` does; the exit status, and all that was said."""
    # None but these: the others that are installed take seconds to load, in three processes.
    plugins = ("--disable-plugin-autoload", "-p", "xdist", "-p", "tests.slow", "-p", "tests.ending")
    plugins += ("-p", "no:cacheprovider")
    side_by_side = ("--numprocesses", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart", "1")
    command = [sys.executable, "-B", "-m", "pytest", "--rootdir", str(project), *plugins, *side_by_side, *options]
    path = os.pathsep.join((str(ROOT), str(project)))
    ran = subprocess.run(command, cwd=project, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    return ran.returncode, ran.stdout + ran.stderr


def test_slow_tests_are_left_out_until_anything_that_they_run_changes(project, monkeypatch):
    status, told = run(project, "--changed")
    assert status == 0 and "3 passed" in told
    assert "1 tests that take hours" in told and "commit it" in told
    monkeypatch.setenv("NO_DOOR", "they are not even imported")
    status, told = run(project, "--changed")
    assert status == 0 and "1 passed" in told and "commit it" not in told
    assert "tests/test_door.py: nothing that it runs has changed" in told


@pytest.mark.parametrize("file", ["house/lock.py", "house/keys.toml", "requirements.txt", "tests/conftest.py"])
def test_slow_tests_run_all_that_they_import_and_what_lies_beside_it(project, file):
    test = project / "tests/test_door.py"
    before = slow.fingerprint(project, test)
    (project / "house/roof.py").write_text("TILES = 5\n")
    (project / "tests/test_roof.py").write_text("")
    assert slow.fingerprint(project, test) == before
    with (project / file).open("a") as changed:
        changed.write("# more\n")
    assert slow.fingerprint(project, test) != before


def test_what_was_not_run_wholly_or_failed_is_run_again(project):
    run(project, "--changed", "-k", "shut")
    run(project, "--changed", "tests/test_door.py::test_it_is_shut")
    assert not (project / "tests/passed.toml").exists()
    (project / "house/lock.py").write_text("SHUT = False\n")
    for _ in range(2):
        status, told = run(project, "--changed")
        assert status == 1 and "1 failed, 2 passed" in told


def test_what_changes_while_they_run_has_not_passed(project):
    test = project / "tests/test_door.py"
    late = "def test_late():\n    with open(door.__file__, 'a') as code: code.write('\\n')\n"
    test.write_text(test.read_text() + late)
    for _ in range(2):
        assert "4 passed" in run(project, "--changed")[1]


@pytest.mark.parametrize(
    ("broken", "said"), [("assert False", "1 failed, 2 passed"), ("__import__('os').abort()", "crashed while running")]
)
def test_a_run_with_a_failure_or_a_crash_ends_as_failed_with_all_told(project, broken, said):
    (project / "tests/test_roof.py").write_text(f"def test_quick():\n    {broken}\n")
    status, told = run(project)
    assert status == 1 and said in told and "2 passed" in told
