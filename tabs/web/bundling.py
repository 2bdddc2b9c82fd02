"""Puts the page's modules together into one script: a browser asks once, not two hundred times.

Each module becomes a function that is called once, after those that it imports, and gives what it exports; lines stay
what they were, and a source map (ECMA-426) tells browsers' tools where each comes from. This is no JavaScript parser:
it knows the forms in which `static/` writes imports and exports, and refuses all others, so that nothing is bundled
into something else than it says.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping

_IMPORT = re.compile(r"^import (?:(\{[^}]*\}|\* as \w+) from )?'(\.[^']+)';?$", re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_NAME = re.compile(r"(?<!as )\b\w+\b(?=\s*(?:,|\}|as\b))")
"""What is imported, within the braces of an import, by the name that it was exported under."""
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_OWN_ADDRESS = "import.meta.url"


def bundle(
    modules: Mapping[str, str], entries: Iterable[str], name: str, after: tuple[str, Iterable[str]] | None = None
) -> tuple[str, str]:
    """Put modules together that need no other.

    Args:
        modules: the source of each by its path.
        entries: the paths of those that are asked for; what none of them imports is left out.
        name: what the script will be called, at the root of the paths.
        after: name and entries of a script that was made of the same modules, beside which this one will lie; what is
            in it comes from there.

    Returns:
        The script, which exports `modules`, an object with what each module exports by its path; and its source map,
        whose sources lie at their paths beside it.

    Raises:
        ValueError: for an import or export of another form, for a module or a name that is not there, and for a circle
            of imports.

    """
    before, given = after or ("", ())
    there = _ordered(modules, given)
    order = [*there, *(path for path in _ordered(modules, entries) if path not in there)]
    numbers = {path: number for number, path in enumerate(order)}
    exports = {path: [name for _, name in _EXPORT.findall(modules[path])] for path in order}
    new = order[len(there) :]
    parts = [_function(path, modules[path], numbers, exports) for path in new]
    exported = ", ".join(f"{json.dumps(path)}: bundled{numbers[path]}" for path in new)
    begin = _taken(before, there, numbers) if before else ""
    code = f"{begin}{''.join(parts)}export const modules = {{ {exported} }};\n//# sourceMappingURL={name}.map\n"
    return code, _source_map(name, new, [part.count("\n") for part in parts], begin.count("\n"))


def _taken(script: str, paths: Iterable[str], numbers: Mapping[str, int]) -> str:
    """Take what modules export from the script that has them."""
    names = ", ".join(f"{json.dumps(path)}: bundled{numbers[path]}" for path in paths)
    return f"import {{ modules as taken }} from './{script}';\nconst {{ {names} }} = taken;\n"


def _ordered(modules: Mapping[str, str], entries: Iterable[str]) -> list[str]:
    """Order modules so that each comes after those that it imports."""
    order: dict[str, bool] = {}  # False while what a module imports is being looked at

    def visit(path: str) -> None:
        if path not in modules:
            raise ValueError(f"{path} is imported, and not there")
        if path in order:
            if not order[path]:
                raise ValueError(f"{path} imports itself, by way of others")
            return
        order[path] = False
        for _, other in _IMPORT.findall(modules[path]):
            visit(_joined(path, other))
        del order[path]
        order[path] = True

    for path in entries:
        visit(path)
    return list(order)


def _joined(path: str, other: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), other))


def _function(path: str, source: str, numbers: Mapping[str, int], exports: Mapping[str, list[str]]) -> str:
    """Write a module as a function, line for line."""

    def imported(found: re.Match) -> str:
        names, other = found.groups()
        if names is None:  # for its effects, which it has had
            return ""
        other = _joined(path, other)
        if missing := set(_NAME.findall(names)) - set(exports[other]):
            raise ValueError(f"{path} imports {', '.join(missing)}, which {other} does not export by a line of its own")
        names = names.removeprefix("* as ").replace(" as ", ": ")
        return f"const {names} = bundled{numbers[other]};"

    body = _EXPORT.sub(r"\1", _IMPORT.sub(imported, source))
    if other := _OTHER.search(body):
        raise ValueError(f"{path} has an import or export of a form that is not bundled: {other[0].strip()}")
    body = body.replace(_OWN_ADDRESS, f"new URL({json.dumps(path)}, {_OWN_ADDRESS}).href")
    # What begins the function stands on the first line, so that all others stay where they were.
    begin, end = "(() => { 'use strict'; ", f"return {{ {', '.join(exports[path])} }}; }})();\n"
    return f"const bundled{numbers[path]} = {begin}{body.rstrip()}\n{end}"


def _source_map(name: str, order: list[str], lines: list[int], above: int) -> str:
    """Tell that each line of the parts is the same one of its module; of each part the last line is none's.

    above: how many lines stand before the parts.
    """
    mappings = [""] * above
    line = 0
    for number, count in enumerate(lines):
        for at in range(count - 1):
            # Column, source, line and column, each relative to what was told before.
            step = "A" + ("C" if number and at == 0 else "A") + _vlq(at - line) + "A"
            mappings.append(step)
            line = at
        mappings.append("")
    return json.dumps({"version": 3, "file": name, "sources": order, "names": [], "mappings": ";".join(mappings)})


def _vlq(number: int) -> str:
    """Write a number as source maps do: base 64, five bits a digit, the sign in the lowest."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    left, text = (abs(number) << 1) | (number < 0), ""
    while True:
        left, digit = left >> 5, left & 31
        text += digits[digit | (32 if left else 0)]
        if not left:
            return text
