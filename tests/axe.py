"""What axe-core finds wrong in a page; `python tests/axe.py --install` gets it.

It knows what those need who see little or use no mouse. npm brings it, and Playwright runs it in the page.
"""

import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

PACKAGE = "axe-core@4.14.1"
FILE = Path(sys.prefix) / "share" / f"{PACKAGE}.min.js"
ADVICE = "axe-core was not found: `python tests/axe.py --install` gets it, and needs npm, which comes with Node.js."
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""The rules of WCAG 2.2, levels A and AA."""
_RUN = """
async (tags) => {
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html, any, all, none }) => {
    const said = [...any, ...all, ...none].map(({ message }) => message).join('; ');
    return [id, target.join(' '), html.slice(0, 160), said].join(' | ');
  }));
}
"""


def violations(page: Page) -> list[str]:
    """What in the page as it is shown goes against WCAG 2.2, levels A and AA: a line for each place."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(_source())
    return page.evaluate(_RUN, list(TAGS))


@cache
def _source() -> str:
    assert FILE.exists(), ADVICE
    return FILE.read_text()


def install() -> None:
    """Have npm fetch the package. Exits with one sentence where that does not work."""
    if FILE.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        except (OSError, subprocess.CalledProcessError):
            sys.exit(ADVICE)
        with tarfile.open(next(Path(folder).iterdir())) as package:
            source = package.extractfile("package/axe.min.js").read()
    FILE.parent.mkdir(exist_ok=True)
    whole = FILE.with_suffix(".part")
    whole.write_bytes(source)
    whole.rename(FILE)


if __name__ == "__main__":
    if "--install" in sys.argv:
        install()
    print(FILE if FILE.exists() else ADVICE)
