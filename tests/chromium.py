"""Finds a Chromium for the browser tests, and installs one: `python tests/chromium.py --install`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
ADVICE = "No Chromium was found: install your system's chromium package, or name one in ENVO_CHROMIUM."

# WebGL 2 in software, so that tests draw alike with and without a graphics card, and the rest of the page without it,
# which takes far less; no calls to the browser's maker.
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--disable-gpu-compositing",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)


def find() -> str | None:
    """Path of a Chromium: `ENVO_CHROMIUM`, the system's, else Playwright's own; None when there is none."""
    named = os.environ.get("ENVO_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Install Debian's package when root, else Playwright's own. Exits with one sentence when neither works."""
    if find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(["apt-get", "install", "-qy", "--no-install-recommends", "chromium"], check=False)
    if not find():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not find():
        sys.exit(ADVICE)


if __name__ == "__main__":
    if "--install" in sys.argv:
        install()
    print(find() or ADVICE)
