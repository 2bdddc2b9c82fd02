"""Memory that was needed for a while comes back, and an app that nobody asks leaves the processor to others."""

import os
import platform
import subprocess
import sys

import pytest

import app  # noqa: F401, what the server runs
from envo import settings
from models import cache
from tabs.work.idle import Idle
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

FREED = """
import os, re, resource, socket, threading, time
from app import launch
from tabs.work import idle

def resident():
    return int(re.search(r"VmRSS:\\s+([0-9]+) kB", open("/proc/self/status").read())[1]) >> 10

def woken():
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw

idle.LOOK_SECONDS, idle.WORK_SECONDS = 2, 0
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
launch(prevent_thread_lock=True, server_port=port)
before = resident()
blocks = [os.urandom(3000) for _ in range(100_000)]
most = resident()
kept = blocks[::1000]  # lie between what is freed
del blocks
deadline = time.monotonic() + 60
while (now := resident()) > before + 50 and time.monotonic() < deadline:
    threading.Event().wait(0.1)
rate = 1000
while rate > 200 and time.monotonic() < deadline:
    first, begun = woken(), time.monotonic()
    threading.Event().wait(1)
    rate = (woken() - first) / (time.monotonic() - begun)
print(before, most, now, round(rate))
os._exit(0)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries give memory back by themselves")
def test_what_was_freed_goes_back_to_the_system_and_nothing_is_looked_for_all_the_time(tmp_path):
    command = [sys.executable, "-c", FREED]
    environment = os.environ | {"ENVO_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    before, most, later, woken_per_second = map(int, told.stdout.split()[-4:])
    assert most > before + 200
    assert later <= before + 50
    assert woken_per_second <= 200


def test_models_that_nobody_uses_are_put_away_and_others_stay(monkeypatch):
    def is_here() -> bool:
        return any(slot.model is model for slot in cache._models._slots.values())

    idle = Idle()
    with cache.use("a model", lambda: object(), 1) as model:
        monkeypatch.setattr(settings, "IDLE_SECONDS", 0)
        idle.look()
        assert is_here()
        monkeypatch.undo()
    idle.look()
    assert is_here()
    monkeypatch.setattr(settings, "IDLE_SECONDS", 0)
    idle.look()
    assert not is_here()
