"""A PostgreSQL for tests of the library, a database for each home; `python -m tests.postgres --install` installs it.

It lies in a folder of its own, is reached by a socket there, and ends with whoever runs the tests.
"""

import atexit
import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import sqlalchemy as sa

PACKAGE = "postgresql"
ADVICE = f"PostgreSQL was not found: install your system's package of it, on Debian {PACKAGE}."
# Nothing of it has to outlive the machine, and tests make many small databases.
_QUICK = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB"),
    # Apps of tests that are over keep their connections, for nobody ends these.
    *("max_connections=500", "idle_session_timeout=2min"),
)
_EMPTY = "empty"

is_chosen = False
"""Whether libraries of the test that runs are there, rather than in SQLite."""


def url(home: Path) -> str:
    """The address of the database of a library in a folder; a new one has all tables, and nothing in them."""
    server = _server()
    name = "h" + hashlib.sha256(str(home).encode()).hexdigest()[:20]
    if name not in server.made:
        server.run(f'CREATE DATABASE "{name}" TEMPLATE {_EMPTY}')
        server.made.add(name)
    return server.url(name)


def new(name: str) -> str:
    """The address of a new database, in which nothing is, not even tables."""
    server = _server()
    server.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    server.run(f'CREATE DATABASE "{name}"')
    return server.url(name)


def socket() -> Path:
    """Where the server is reached."""
    return next(_server().folder.glob(".s.PGSQL.*[0-9]"))


def end() -> None:
    """End the connections of all tests so far, as a server does that is started anew."""
    _server().run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()")


class Server:
    """A cluster that runs."""

    def __init__(self, programs: Path):
        """Make it and start it; as root, as another user, which it asks for."""
        self.folder = Path(tempfile.mkdtemp(prefix="envo-pg-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        options = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data, log = self.folder / "data", (self.folder / "log").open("wb")
        options |= {"cwd": self.folder, "stdout": log, "stderr": log}
        made = ("--auth=trust", "--username=envo", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        subprocess.run([programs / "initdb", "-D", data, *made], check=True, **options)
        settings = [part for each in (*_QUICK, "listen_addresses=") for part in ("-c", each)]
        self._process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", self.folder, *settings],
            start_new_session=True,
            preexec_fn=_end_with_parent,
            **options,
        )
        atexit.register(self._stop)
        self._engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        self.made: set[str] = set()
        deadline = time.monotonic() + 60
        while True:
            try:
                self.run(f"CREATE DATABASE {_EMPTY}")
                break
            except sa.exc.OperationalError:
                assert self._process.poll() is None and time.monotonic() < deadline, log.name
                time.sleep(0.05)

    def url(self, name: str) -> str:
        return f"postgresql://envo@/{name}?host={self.folder}"

    def run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()


def _end_with_parent() -> None:
    """Where the tests themselves are killed, nobody is left to end what they started."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG


@cache
def programs() -> Path | None:
    """The folder of the server's programs, which Debian puts in nobody's path; the newest."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((each.parent for each in folders), key=lambda each: int(each.parent.name), default=None)


@cache
def why_not() -> str | None:
    """Why no PostgreSQL can be had here; None where one can."""
    if programs() is None:
        return ADVICE
    try:
        _server()
    except (OSError, KeyError, subprocess.CalledProcessError, AssertionError) as error:
        return f"PostgreSQL is installed and does not start here: {error!r}"
    return None


@cache
def _server() -> Server:
    from envo.library import Library

    server = Server(programs())
    with tempfile.TemporaryDirectory() as home:
        Library(Path(home), server.url(_EMPTY)).close()
    return server


def install() -> None:
    """Install Debian's package when root; else says what to do, for tests do without it."""
    if programs() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(["apt-get", "install", "-qy", "--no-install-recommends", PACKAGE], check=False)
        programs.cache_clear()


if __name__ == "__main__":
    if "--install" in sys.argv:
        install()
    print(programs() or ADVICE)
