"""How a run of tests ends: see `pytest_unconfigure`."""

import atexit
import os
import sys

import pytest

_SESSION = pytest.StashKey[pytest.Session]()


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[_SESSION] = session


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End the process once all is told, but leave its threads alone.

    Workers of the apps that ran here may be inside a network; Python would stop them as they come back from it, which
    C++ takes for a crash ("terminate called without an active exception"), and whoever ran the tests for a failure.
    """
    if _SESSION in config.stash:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(config.stash[_SESSION].exitstatus))
