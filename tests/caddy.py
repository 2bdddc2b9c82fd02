"""A Caddy that runs the Caddyfile, for tests of it; `python -m tests.caddy --install` gets Debian's.

Its package is unpacked and not installed, for that would start it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.conftest import ROOT, Server, free_port, wait_until_served

PACKAGE = "caddy"
UNPACKED = Path(sys.prefix) / "share" / "caddy"
ADVICE = "Caddy was not found: `python -m tests.caddy --install` gets it on Debian; else install your system's package."


@cache
def program() -> str | None:
    """Path of Caddy: the system's, else the one that was unpacked."""
    return shutil.which("caddy") or (str(UNPACKED) if UNPACKED.exists() else None)


@contextmanager
def before(replicas: list[str], folder: Path, **environment: str) -> Iterator[str]:
    """Run it before replicas, hosts with ports; gives its address."""
    url = f"http://127.0.0.1:{free_port()}"
    environment |= {"ENVO_SITE": url, "ENVO_REPLICAS": " ".join(replicas), "HOME": str(folder)}
    with (folder / "caddy.log").open("wb") as log:
        command = [program(), "run", "--config", str(ROOT / "Caddyfile")]
        process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
    server = Server(f"{url}/healthz", folder, process)
    try:
        wait_until_served(server)
        yield url
    except AssertionError:
        print((folder / "caddy.log").read_text())
        raise
    finally:
        server.stop()


def install() -> None:
    """Unpack Debian's package; else says what to do, for tests do without it."""
    if program() or not shutil.which("apt-get"):
        return
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(["apt-get", "download", "-q", PACKAGE], cwd=folder, check=False)
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=False)
        for found in Path(folder).glob("usr/bin/caddy"):
            UNPACKED.parent.mkdir(exist_ok=True)
            shutil.move(found, UNPACKED)
    program.cache_clear()


if __name__ == "__main__":
    if "--install" in sys.argv:
        install()
    print(program() or ADVICE)
