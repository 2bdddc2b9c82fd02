"""What ExifTool reads in a file, for tests of metadata; `python tests/exiftool.py --install` installs it."""

import atexit
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "libimage-exiftool-perl"
ADVICE = f"ExifTool was not found: install your system's package of it, on Debian {PACKAGE}."


def tags(data: bytes) -> dict[str, Any]:
    """All that a file tells, by group and name, structures as such: "XMP-dc:Subject"."""
    return json.loads(_exiftool().run(data, "-json", "-struct", "-G1"))[0]


def stripped(data: bytes) -> bytes:
    """The file without all metadata that ExifTool knows."""
    return changed(data, "-all=")


def changed(data: bytes, *changes: str) -> bytes:
    """The file as another program would leave it: `-Keywords=dog`."""
    return _exiftool().run(data, "-m", *changes, makes_file=True)


class _ExifTool:
    """One process for all tests, since it takes long to start."""

    def __init__(self):
        path = shutil.which("exiftool")
        assert path, ADVICE
        command, pipe = [path, "-stay_open", "True", "-@", "-"], subprocess.PIPE
        # At the end of its input it waits for more, and looks for that a hundred times a second.
        ends_with_us = {"preexec_fn": _end_with_parent} if sys.platform == "linux" else {}
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, **ends_with_us)
        atexit.register(self._process.kill)
        self._folder = tempfile.TemporaryDirectory()

    def run(self, data: bytes, *arguments: str, makes_file: bool = False) -> bytes:
        """Run it with arguments on a file; what it says, or the file that it makes."""
        source, made = (Path(self._folder.name) / name for name in ("source", "made"))
        source.write_bytes(data)
        made.unlink(missing_ok=True)
        lines = [*arguments, *(["-o", str(made)] if makes_file else []), str(source), "-execute"]
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self._process.stdin.flush()
        said = b""
        while not said.endswith(b"{ready}\n"):
            line = self._process.stdout.readline()
            assert line, said.decode()
            said += line
        assert not makes_file or made.exists(), said.decode()
        return made.read_bytes() if makes_file else said.removesuffix(b"{ready}\n")


def _end_with_parent() -> None:
    """Have this process killed when its parent ends, however that does: prctl(PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@cache
def _exiftool() -> _ExifTool:
    return _ExifTool()


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
