"""The floors of the house: imports run downwards, libraries stay on their own, and nouns are the same on all."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

FLOORS = (
    ("app",),
    ("envomask",),
    ("tabs",),
    ("tabs.web.server", "tabs.routes.api"),
    ("tabs.routes",),
    ("tabs.web",),
    ("tabs.work",),
    ("models",),
    ("envo",),
)
"""From the top; a module is on the floor of the longest name that it begins with."""
BESIDE = ("bench", "training", "tests")
"""They import from the floors; nothing on these imports them."""
ONLY_ABOVE = {
    "fastapi": "tabs.web",
    "starlette": "tabs.web",
    "uvicorn": "tabs.web",
    "gradio": "tabs.web",
    "prometheus_client": "tabs.web",
    "torch": "models",
    "torchvision": "models",
    "onnxruntime": "models",
    "tensorflow": "models",
    "keras": "models",
    "transformers": "models",
    "diffusers": "models",
    "ultralytics": "models",
    "facenet_pytorch": "models",
    "ncnn": "models",
    "timm": "models",
    "ray": "models",
}
"""Libraries, each with the lowest floor that may import it."""
WHEN_ASKED = {"psycopg", "fsspec", "s3fs", "ray"}
"""Libraries that take a while to import, for those alone who have another database, or storage, or a cluster."""
UNASKED = {"trash"}
"""Work that nobody asks for, and that has no route."""


def modules() -> dict[str, Path]:
    """All modules of the house, by their names."""
    files = [path for folder in ("envomask", "tabs", "models", "envo") for path in (ROOT / folder).rglob("*.py")]
    return {name(path): path for path in [ROOT / "app.py", *files] if "migrations" not in path.parts}


def name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


HOUSE = modules()


def floor(module: str) -> int:
    """How far from the top a module is."""
    found = [
        (len(start), -number)
        for number, starts in enumerate(FLOORS)
        for start in starts
        if module == start or module.startswith(f"{start}.")
    ]
    return -max(found)[1]


def imported(path: Path) -> Iterator[str]:
    """Modules that a module imports, in functions and for types, too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, path
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                yield whole if whole in HOUSE else node.module


def test_imports_run_downwards():
    wrong = [
        f"{module} imports {each}"
        for module, path in HOUSE.items()
        for each in imported(path)
        if each.partition(".")[0] in BESIDE or (each in HOUSE and floor(each) < floor(module))
    ]
    assert not wrong


def test_libraries_stay_on_their_floors():
    wrong = [
        f"{module} imports {each}"
        for module, path in HOUSE.items()
        for each in imported(path)
        if (lowest := ONLY_ABOVE.get(each.partition(".")[0])) and floor(module) > floor(lowest)
    ]
    assert not wrong


def test_no_module_imports_itself_by_way_of_others():
    known = {module: {each for each in imported(path) if each in HOUSE} for module, path in HOUSE.items()}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in done:
            for each in sorted(known[module]):
                visit(each, (*way, module))
            done.add(module)

    for module in sorted(known):
        visit(module, ())


def test_threads_that_work_for_long_are_started_where_they_are_kept_alive():
    started = {module for module, path in HOUSE.items() if "threading.Thread(" in path.read_text()}
    # These ask another machine one question, whose failure is its answer.
    assert started - {"models.hub", "models.weights"} == {"tabs.work.threads"}


def test_work_has_the_name_of_its_route_and_of_its_tests():
    workers = {
        module.rpartition(".")[2]
        for module, path in HOUSE.items()
        if module.startswith("tabs.work.") and "library: Library" in path.read_text()
    } - UNASKED
    assert {"arrivals", "mattes", "people", "restorations", "results", "selections", "tagging"} <= workers
    for noun in workers:
        assert f"tabs.routes.{noun}" in HOUSE, noun
        assert (ROOT / "tests" / "server" / f"test_{noun}.py").exists(), noun


def test_what_few_ask_for_is_imported_once_they_do():
    for module, path in HOUSE.items():
        for node in ast.parse(path.read_text()).body:
            from_there = [node.module] if isinstance(node, ast.ImportFrom) else []
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else from_there
            assert not {name.partition(".")[0] for name in names} & WHEN_ASKED, module
