"""On a Space that shares GPUs, engines that can use one are lent it for as long as they say; elsewhere none is."""

import inspect
import json
import os
import subprocess
import sys
from itertools import chain

import pytest

from models import engine, inpaint, restore, select, zerogpu
from tests.conftest import ROOT

SPACES = """
import json, multiprocessing, os

asked = []

def GPU(duration):
    "Stands for the package of the Space: what is decorated runs in a process that begins as a copy of this one."
    asked.append(duration)

    def decorate(task):
        def run(*given):
            there, here = multiprocessing.get_context("fork").Pipe()

            def work():
                try:
                    there.send((None, task(*given)))
                except Exception as error:
                    there.send((error, None))

            process = multiprocessing.get_context("fork").Process(target=work)
            process.start()
            error, result = here.recv()
            process.join()
            if error:
                raise error
            return result
        return run
    return decorate
"""
WORK = """
import json, os, sys
import numpy as np
from envo.errors import UserError
from models import inpaint, zerogpu
from models.inpaint.frame import Frame

class Filler(inpaint.EraseEngine):
    name, label, frame, gpu_seconds = "filler", "Filler", Frame(edge=64), 7

    def _fill(self, image, hole, report):
        report("Filling", 0.5)
        raise UserError(json.dumps([os.getpid(), zerogpu.is_lent()]))

class Patcher(Filler):
    name, label, gpu_seconds = "patcher", "Patcher", 0

hole = np.zeros((40, 60), np.uint8)
hole[10:20, 10:20] = 255
photo = np.zeros((40, 60, 3), np.uint8)
asked = getattr(zerogpu.spaces, "asked", [])
told = {"own": os.getpid(), "before": [*asked], "given": zerogpu.lent(3, lambda: zerogpu.is_lent())}
for kind in (Filler, Patcher):
    try:
        kind().erase(photo, hole)
    except UserError as error:
        told[kind.name] = json.loads(str(error))
print(json.dumps(told | {"asked": asked, "after": zerogpu.is_lent()}))
"""


def told(**environment: str) -> dict:
    ran = subprocess.run(
        [sys.executable, "-c", WORK], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout.splitlines()[-1])


def test_an_engine_works_on_the_gpu_that_it_is_lent_for_the_seconds_that_it_asks_for(tmp_path):
    (tmp_path / "spaces.py").write_text(SPACES)
    here = told(PYTHONPATH=str(tmp_path))
    assert here["before"] == [1], "before the app starts something has said that it will need a GPU"
    assert here["asked"] == [1, 3, 7] and here["given"] is True and here["after"] is False
    process, is_lent = here["filler"]
    assert process != here["own"] and is_lent
    assert here["patcher"] == [here["own"], False]


def test_without_that_package_engines_work_as_ever():
    here = told()
    assert here["asked"] == [] and here["given"] is False
    assert here["filler"] == here["patcher"] == [here["own"], False]


@pytest.mark.skipif(zerogpu.spaces is not None, reason="this machine is such a Space")
def test_nothing_is_lent_elsewhere():
    assert zerogpu.lent(5, zerogpu.is_lent) is False


def test_every_engine_that_can_use_a_gpu_says_for_how_long():
    steps = chain.from_iterable(step.engines.values() for step in restore.STEPS.values())
    for each in (*select.ENGINES.values(), *inpaint.ERASE.values(), *inpaint.REPLACE.values(), *steps):
        sources = "".join(inspect.getsource(sys.modules[kind.__module__]) for kind in type(each).__mro__[:-2])
        uses = "torch_device()" in sources or "published.load" in sources
        uses &= each.name != "lanczos"  # beside one that does
        assert isinstance(each, engine.Engine) and uses == bool(each.gpu_seconds), each.name
        assert each.gpu_seconds <= 120, "a Space lends no longer"
