"""What ExifTool reads in a file, for tests of metadata; `python tests/exiftool.py --install` installs it."""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

PACKAGE = "libimage-exiftool-perl"
ADVICE = f"ExifTool was not found: install your system's package of it, on Debian {PACKAGE}."


def tags(data: bytes) -> dict[str, Any]:
    """All that a file tells, by group and name, structures as such: "XMP-dc:Subject"."""
    return json.loads(_run(["-json", "-struct", "-G1", "-"], data))[0]


def stripped(data: bytes) -> bytes:
    """The file without all metadata that ExifTool knows."""
    return _run(["-m", "-all=", "-"], data)


def changed(data: bytes, *changes: str) -> bytes:
    """The file as another program would leave it: `-Keywords=dog`."""
    return _run(["-m", *changes, "-"], data)


def _run(arguments: list[str], data: bytes) -> bytes:
    path = shutil.which("exiftool")
    assert path, ADVICE
    made = subprocess.run([path, "-charset", "utf8", *arguments], input=data, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr.decode()
    return made.stdout


def install() -> None:
    """Install Debian's package when root. Exits with one sentence where that does not work."""
    if shutil.which("exiftool"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(["apt-get", "install", "-qy", "--no-install-recommends", PACKAGE], check=False)
    if not shutil.which("exiftool"):
        sys.exit(ADVICE)


if __name__ == "__main__":
    if "--install" in sys.argv:
        install()
    print(shutil.which("exiftool") or ADVICE)
