"""Modules that are put together into one script."""

import json
import shutil
import subprocess

import pytest

from tabs.web.bundling import bundle

MODULES = {
    "tab/tab.js": """// A tab.

import { SIZE, double as twice } from '../common/size.js';
import * as names from './names.js';
import {
  Counter,
} from '../common/counter.js';

const counter = new Counter(twice(SIZE));
export const said = names.called('tab');
export const address = new URL('x.png', import.meta.url).href;
export async function ask() { return counter.next(); }
export function fail() {
  throw new Error('of this line');
}
""",
    "tab/names.js": "export function called(name) { return `its name is ${name}`; }\n",
    "common/size.js": "export const SIZE = 21;\nexport const double = (size) => 2 * size;\n",
    "common/counter.js": """import { SIZE } from './size.js';
export class Counter {
  constructor(start) { this.at = start - SIZE; }
  next() { return ++this.at; }
}
""",
    "other/unused.js": "throw new Error('nobody asked for this');\n",
}
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node, which runs the script, is not here")


def run(folder, script: str) -> str:
    """What Node prints of a script beside the bundle, which it knows as `modules`."""
    code, source_map = bundle(MODULES, ["tab/tab.js", "common/counter.js"], "all.mjs")
    (folder / "all.mjs").write_text(code)
    (folder / "all.mjs.map").write_text(source_map)
    (folder / "main.mjs").write_text(f"import {{ modules }} from './all.mjs';\n{script}\n")
    command = ["node", "--enable-source-maps", str(folder / "main.mjs")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@needs_node
def test_modules_find_each_other_once_and_their_own_addresses(tmp_path):
    script = """
const { said, address, ask } = modules['tab/tab.js'];
console.log(JSON.stringify([said, address.endsWith('/tab/x.png'), await ask(), await ask()]));
"""
    assert json.loads(run(tmp_path, script)) == ["its name is tab", True, 22, 23]


@needs_node
def test_an_error_tells_the_line_of_its_module(tmp_path):
    script = "try { modules['tab/tab.js'].fail(); } catch (error) { console.log(error.stack); }"
    assert "tab/tab.js:14" in run(tmp_path, script)


@needs_node
def test_a_second_script_shares_what_the_first_has_and_tells_its_own_lines(tmp_path):
    first, _ = bundle(MODULES, ["common/counter.js"], "first.mjs")
    second, source_map = bundle(MODULES, ["tab/tab.js"], "second.mjs", after=("first.mjs", ["common/counter.js"]))
    assert "class Counter" in first and "class Counter" not in second
    for name, text in {"first.mjs": first, "second.mjs": second, "second.mjs.map": source_map}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "main.mjs").write_text("""
import { modules } from './second.mjs';
const { ask, fail } = modules['tab/tab.js'];
try { fail(); } catch (error) { console.log(await ask(), error.stack); }
""")
    command = ["node", "--enable-source-maps", str(tmp_path / "main.mjs")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith("22 ") and "tab/tab.js:14" in said


@pytest.mark.parametrize(
    "source, why",
    [
        ("export default 3;", "form"),
        ("export { a } from './b.js';", "form"),
        ("import a from './b.js';", "form"),
        ("import { a } from 'elsewhere';", "form"),
        ("import { a } from './b.js';", "not there"),
        ("import { a } from './a.js';", "imports itself"),
        ("import { d as e } from './c.js';", "imports d, which c.js does not export"),
    ],
)
def test_what_would_be_bundled_into_something_else_is_refused(source, why):
    with pytest.raises(ValueError, match=why):
        bundle({"a.js": source, "c.js": "export const c = 1, d = 2;"}, ["a.js"], "all.js")
