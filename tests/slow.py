"""Which tests a run leaves out, and why: it says so at its end.

Slow tests, whose file says `pytestmark = pytest.mark.slow`, need no run while all that they run is as it was when they
last passed. That is their file and the project's modules that it imports, and what these import; beside them the
folders' `conftest.py`, data that lie beside a module, and the libraries' versions. `passed.toml` has the fingerprint
of all that for each file of slow tests; it is committed, and written by whole runs in which they pass (`--changed`,
`--hours`). Without these options all slow tests run, but never those that take hours. A file that is left out is not
even imported, for the libraries that training needs take many seconds to load.
"""

import ast
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import pytest

PASSED = "passed.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("slow")
    group.addoption("--changed", action="store_true", help="leave out slow tests whose code is as it was")
    group.addoption("--hours", action="store_true", help="run the tests that take hours, too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: left out while its code is as it was when it passed (tests/slow.py)")
    config.addinivalue_line("markers", "hours: takes hours; `make test-all` runs it")
    config.pluginmanager.register(Choice(config))


@dataclass
class Told:
    """What is told of a run; a worker tells whoever runs it."""

    unchanged: list[str] = field(default_factory=list)
    """Files of slow tests that were left out."""
    hours: int = 0
    """Tests of hours that were left out."""
    passed: dict[str, str] = field(default_factory=dict)
    """Files of slow tests all of which passed, and the fingerprints of their code."""


class Choice:
    """What a run leaves out, and what it may leave out the next time."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.told = Told()
        self.passed = recorded(config.rootpath)
        self.waiting: dict[str, set[str]] = {}
        """Slow tests that have not passed yet, by file."""
        self.running: dict[str, str] = {}
        """The fingerprints of what they run, by file; of before they ran, for files may change meanwhile."""

    @property
    def is_whole(self) -> bool:
        """Whether files run wholly, as far as was asked for."""
        asked = self.config.option
        return (asked.changed or asked.hours) and not any("::" in each for each in self.config.args)

    @property
    def is_worker(self) -> bool:
        """Whether this process runs tests for another, which tells of them."""
        return hasattr(self.config, "workeroutput")

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave a file out before it is imported."""
        file = collection_path.relative_to(self.config.rootpath).as_posix()
        return self.is_unchanged(file) or None  # None: others may leave it out

    def is_unchanged(self, file: str) -> bool:
        """Whether slow tests are left out as they passed on what they run as it is; notes that they are."""
        if not self.config.option.changed or file not in self.passed or self.passed[file] != self.fingerprint(file):
            return False
        if file not in self.told.unchanged:
            self.told.unchanged.append(file)
        return True

    # First, for what other options leave out has not passed.
    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        left = []
        for item in items:
            file = item.path.relative_to(self.config.rootpath).as_posix()
            if item.get_closest_marker("hours") and not self.config.option.hours:
                self.told.hours += 1
            elif not item.get_closest_marker("slow"):
                continue
            elif not self.is_unchanged(file):
                self.fingerprint(file)
                self.waiting.setdefault(file, set()).add(item.nodeid)
                continue
            left.append(item)
        if left:
            self.config.hook.pytest_deselected(items=left)
            items[:] = [item for item in items if item not in set(left)]

    def fingerprint(self, file: str) -> str:
        if file not in self.running:
            self.running[file] = fingerprint(self.config.rootpath, self.config.rootpath / file)
        return self.running[file]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        waiting = self.waiting.get(report.nodeid.partition("::")[0], set())
        if report.when == "call" and report.passed:
            waiting.discard(report.nodeid)
        elif report.failed:
            waiting.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        if self.is_whole:
            self.told.passed |= {file: self.running[file] for file, left in self.waiting.items() if not left}
        if self.is_worker:
            self.config.workeroutput["slow"] = asdict(self.told)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node) -> None:
        """Hear what a worker tells: all have chosen alike, but each has run files of its own."""
        # One that crashed tells nothing.
        if "slow" in getattr(node, "workeroutput", {}):
            told = Told(**node.workeroutput["slow"])
            self.told = Told(told.unchanged, told.hours, self.told.passed | told.passed)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.is_worker:
            return
        lines = [f"{file}: nothing that it runs has changed since it passed" for file in self.told.unchanged]
        if self.told.hours:
            lines.append(f"{self.told.hours} tests that take hours: `make test-all` runs them")
        if record(self.config.rootpath, self.told.passed):
            lines.append(f"from now on, while their code is as it is: those that are new in {PASSED}; commit it")
        if lines:
            terminalreporter.section("left out")
            for line in lines:
                terminalreporter.line(line)


def recorded(root: Path) -> dict[str, str]:
    """The fingerprints of what slow tests ran as they last passed, by file."""
    place = root / "tests" / PASSED
    return tomllib.loads(place.read_text(encoding="utf-8")) if place.exists() else {}


def record(root: Path, passed: dict[str, str]) -> bool:
    """Note what passed; says whether that is new."""
    before = recorded(root)
    now = {file: known for file, known in (before | passed).items() if (root / file).exists()}
    if now == before:
        return False
    lines = [f'"{file}" = "{known}"\n' for file, known in sorted(now.items())]
    lines.insert(0, "# Fingerprints of all that slow tests ran as they last passed; see slow.py.\n")
    (root / "tests" / PASSED).write_text("".join(lines), encoding="utf-8")
    return True


def fingerprint(root: Path, test: Path) -> str:
    """Tells whether anything changed of all that a file of tests runs."""
    files = set(root.glob("requirements*.txt"))
    waiting = [test, *(folder / "conftest.py" for folder in test.parents if folder.is_relative_to(root))]
    while waiting:
        file = waiting.pop()
        if file in files or not file.is_file():
            continue
        files.add(file)
        files |= {each for each in file.parent.iterdir() if each.suffix in (".toml", ".json") and each.name != PASSED}
        waiting += imported(root, file.read_bytes())
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


@cache
def imported(root: Path, code: bytes) -> list[Path]:
    """Where the modules may lie that code imports anywhere in it, and the packages around them."""
    return [
        place
        for name in _names(ast.parse(code))
        for parts in [name.split(".")]
        for count in range(1, len(parts) + 1)
        for place in (root.joinpath(*parts[:count]).with_suffix(".py"), root.joinpath(*parts[:count], "__init__.py"))
    ]


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)
