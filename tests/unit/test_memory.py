"""Memory for photos is shared out by what each costs."""

import io
import subprocess
import sys
import threading

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from envo import memory
from envo.errors import UserError
from envo.file import PhotoFile
from envo.memory import Budget
from tests.conftest import ROOT


def begun(budget: Budget, cost: int, order: list[str], name: str) -> tuple[threading.Thread, threading.Event]:
    """Start a thread that draws, notes its name, and holds until it is told to end."""
    end = threading.Event()

    def work() -> None:
        with budget:
            budget.draw(cost)
            order.append(name)
            end.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, end


def until(true) -> None:
    """Wait until something is true, ten seconds at most."""
    tick = threading.Event()
    for _ in range(1000):
        if true():
            return
        tick.wait(0.01)
    raise AssertionError("it did not come true")


def test_who_comes_first_draws_first_and_nothing_is_drawn_twice():
    budget, order = Budget(100), []
    first, end_first = begun(budget, 60, order, "first")
    until(lambda: order == ["first"])
    large, end_large = begun(budget, 90, order, "large")
    until(lambda: budget._waiting)
    small, end_small = begun(budget, 10, order, "small")
    until(lambda: len(budget._waiting) == 2)
    assert order == ["first"] and budget.drawn == 60  # the small one would fit, but the large one is before it
    end_first.set()
    until(lambda: order == ["first", "large", "small"])
    end_large.set(), end_small.set()
    for thread in (first, large, small):
        thread.join()
    assert budget.drawn == 0


def test_a_thread_holds_all_that_it_drew_until_its_outermost_work_is_done():
    budget = Budget(100)
    with budget:
        with budget:
            budget.draw(60)
        assert budget.drawn == 60
        budget.draw(90)  # waiting for itself would last for ever
        assert budget.drawn == 150
    assert budget.drawn == 0


def test_what_is_worked_on_is_held_and_the_rest_is_anothers():
    budget, order = Budget(100), []
    with budget:
        budget.draw(90)
        budget.keep(40)
        second, end = begun(budget, 60, order, "second")
        until(lambda: order == ["second"])
        third, end_third = begun(budget, 10, order, "third")
        until(lambda: budget._waiting)
        assert order == ["second"] and budget.drawn == 100
    until(lambda: order == ["second", "third"])
    end.set(), end_third.set()
    for thread in (second, third):
        thread.join()
    assert budget.drawn == 0


def test_what_fails_gives_back_what_it_held():
    budget = Budget(100)
    with pytest.raises(ZeroDivisionError), budget:
        budget.draw(100)
        raise ZeroDivisionError
    assert budget.drawn == 0


def test_more_than_there_is_is_refused_in_a_sentence():
    with (
        pytest.raises(UserError, match=r"needs 3\.0 GB of memory, and photos have 512 MB here; .*\.$"),
        Budget(512 * 2**20) as budget,
    ):
        budget.draw(3 * 2**30)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_photo_that_costs_too_much_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(memory, "PHOTOS", Budget(2**20))
    assert PhotoFile(png(np.zeros((1000, 1000, 3), np.uint8))).header.width == 1000
    with pytest.raises(UserError, match="memory"):
        PhotoFile(png(np.zeros((1000, 1000, 3), np.uint8))).decode()
    assert PhotoFile(png(np.zeros((300, 300, 3), np.uint8))).decode().pixels.shape == (300, 300, 3)
    assert memory.PHOTOS.drawn == 0


PEAK = """
import re, sys
from envo import memory
from envo.file import PhotoFile

def resident(what):
    return int(re.search(what + r":\\s+([0-9]+) kB", open("/proc/self/status").read())[1]) * 1024

PhotoFile(open(sys.argv[2], "rb").read()).decode()
drawn, draw = [], memory.Budget.draw
memory.Budget.draw = lambda self, cost: (drawn.append(cost), draw(self, cost))
data = open(sys.argv[1], "rb").read()
open("/proc/self/clear_refs", "w").write("5")
before = resident("VmRSS")
PhotoFile(data).decode()
print(resident("VmHWM") - before, drawn[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")
@pytest.mark.parametrize("kind", ["png8", "rgba8", "png16", "rgba16", "jpeg", "float"])
def test_what_is_drawn_is_what_decoding_takes(tmp_path, kind):
    def written(name: str, side: int) -> str:
        path = str(tmp_path / name)
        ramp = np.linspace(0, 1, side * side * 4, dtype=np.float32).reshape(side, side, 4)
        eight, sixteen = np.uint8(ramp * 255), np.uint16(ramp * 65535)
        if kind == "png8":
            Pillow.fromarray(eight[:, :, :3]).save(path, "PNG")
        elif kind == "rgba8":
            Pillow.fromarray(eight).save(path, "PNG")
        elif kind == "jpeg":
            Pillow.fromarray(eight[:, :, :3]).save(path, "JPEG")
        elif kind == "float":
            tifffile.imwrite(path, ramp[:, :, :3], photometric="rgb")
        else:
            import cv2

            (tmp_path / name).write_bytes(cv2.imencode(".png", sixteen[:, :, : 4 if kind == "rgba16" else 3])[1])
        return path

    arguments = [sys.executable, "-c", PEAK, written("large", 2300), written("small", 16)]
    told = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    peak, drawn = map(int, told.stdout.split())
    assert 0.5 * peak < drawn < 3 * peak
