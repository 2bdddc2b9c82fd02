"""Models in memory: loaded once, shared, put away when memory runs short; and the device that they run on.

    with cache.use(path, lambda: cache.onnx_session(path), bytes=400 * 2**20) as session:
        session.run(...)

Whether there is a GPU, and what happens when it fails, is decided here and nowhere else.
"""

import functools
import gc
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
import timeit
import traceback
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from envo.errors import UserError
from envo.memory import KEEPERS, memory, trim
from models import zerogpu

if TYPE_CHECKING:
    import onnxruntime
    import torch

MIDDLING_GPU = 30e12
"""Operations a second that networks get out of a GPU of the middle class, in half precision."""
CPU_SHARE = 0.5
"""Share of a CPU's speed at multiplying matrices that networks get out of it."""

SHORT_SECONDS = 60
"""Memory that ran out is told of for so long."""

log = logging.getLogger(__name__)
_shortage = -float("inf")
"""When memory last ran out, by `time.monotonic`."""


class _Slot:
    """One model: its lock serialises loading and use; `users` counts those who hold or wait for it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.users = 0
        self.used = time.monotonic()
        """When its last user was done."""
        self.model: Any = None
        self.failure: Exception | None = None
        self.lock = threading.Lock()


class ModelCache:
    """Models by key, at most `budget` bytes of them; the least recently used go first, never one in use.

    The one used last stays even if it alone is over the budget: loading it each time anew would help nobody.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._guard = threading.Lock()
        self._slots: dict[Hashable, _Slot] = {}
        """Least recently used first."""
        KEEPERS.add(self)

    @contextmanager
    def use(self, key: Hashable, load: Callable[[], Any], bytes: int) -> Iterator[Any]:
        """Give the model of `key` to this thread alone until the block ends; at first, `load()` makes it.

        `bytes` is what the model takes in memory, roughly. Threads that ask together wait for one load; an
        exception in it reaches all of them and is not kept: the next to ask loads again. The same thread must
        not nest two uses of one key.
        """
        with self._guard:
            slot = self._slots.pop(key, None) or _Slot(bytes)
            self._slots[key] = slot
            slot.users += 1
            self._make_room()
        try:
            with slot.lock:
                if slot.failure:
                    raise slot.failure
                if slot.model is None:
                    slot.model = self._load(key, slot, load)
                yield slot.model
        finally:
            with self._guard:
                slot.users -= 1
                slot.used = time.monotonic()
                self._make_room()

    def let_go(self, seconds: float = 0) -> bool:
        """Put away all models that nobody has used for so long; whether there were some."""
        long_ago = time.monotonic() - seconds
        with self._guard:
            before = len(self._slots)
            self._slots = {key: slot for key, slot in self._slots.items() if slot.users or slot.used > long_ago}
            return len(self._slots) < before

    def kept(self) -> dict[str, int]:
        """Tell what is in memory, by name: bytes, roughly."""
        with self._guard:
            return {_name(key): slot.size for key, slot in self._slots.items() if slot.model is not None}

    def _load(self, key: Hashable, slot: _Slot, load: Callable[[], Any]) -> Any:
        try:
            return load()
        except Exception as error:
            slot.failure = error
            with self._guard:
                self._slots.pop(key, None)
            raise

    def _make_room(self) -> None:
        total = sum(slot.size for slot in self._slots.values())
        for key, slot in list(self._slots.items())[:-1]:
            if total <= self._budget:
                break
            if slot.users == 0:
                del self._slots[key]
                total -= slot.size


def _name(key: Hashable) -> str:
    """Name a model by its key: its file's name, or what it is put together of."""
    parts = key if isinstance(key, tuple) else (key,)
    return " ".join(each.name if isinstance(each, Path) else str(each) for each in parts)


def memory_budget() -> int:
    """Bytes that models may take together: `ENVO_MODEL_MEMORY` (in MB), else a quarter of the memory."""
    if named := os.environ.get("ENVO_MODEL_MEMORY"):
        return int(named) * 2**20
    return memory() // 4


_models = ModelCache(memory_budget())
use = _models.use
"""The cache that all models share; see `ModelCache.use`."""
loaded = _models.kept
"""What is in it; see `ModelCache.kept`."""


def make_room() -> None:
    """Put away all models that nobody uses, and give their memory back."""
    _models.let_go()
    give_back()


def give_back() -> None:
    """Give back the memory of what was put away, on the GPU, too."""
    gc.collect()  # networks hold themselves in circles
    trim()
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


@contextmanager
def fitting(what: str) -> Iterator[None]:
    """Run a block; when memory runs out in it, free what can be freed and raise a UserError that says so.

    Wraps the use of a model, so that the model can be put away, too. `what` is its name as a page says it.
    """
    try:
        yield
    except Exception as error:
        if not ran_short(error):
            raise
        log.warning("Out of memory: %s", error)
        where = "the GPU" if has_nvidia_gpu() else "this machine"
        raise UserError(
            f"{what} needs more memory than is free on {where}: close other programs that use it, or choose a smaller "
            "engine, and try again."
        ) from None


def ran_short(error: BaseException, is_over: bool = True) -> bool:
    """Tell whether an exception means that memory ran out; if so, free what can be freed, and remember it a while.

    is_over: whether all has ended that it came through, so that what filled the memory there can go, too.
    """
    global _shortage
    if not is_shortage(error):
        return False
    _shortage = time.monotonic()
    if is_over:
        traceback.clear_frames(error.__traceback__)
    make_room()
    return True


def is_short() -> bool:
    """Tell whether memory ran out within the last `SHORT_SECONDS`."""
    return time.monotonic() - _shortage < SHORT_SECONDS


def is_shortage(error: BaseException) -> bool:
    """Whether an exception of Python or PyTorch means that memory ran out; on a CPU PyTorch has no class for it."""
    torch = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch and isinstance(error, torch.OutOfMemoryError)):
        return True
    told = str(error)
    return isinstance(error, RuntimeError) and any(
        sign in told for sign in ("DefaultCPUAllocator", "CUBLAS_STATUS_ALLOC_FAILED", "out of memory")
    )


@functools.cache
def speed() -> float:
    """Operations a second at which networks run on this machine, roughly.

    A CPU is tried for a moment. A GPU is not, for that would start it: a middling one is assumed.
    """
    if has_nvidia_gpu():
        return MIDDLING_GPU
    matrix = np.ones((1024, 1024), np.float32)
    seconds = min(timeit.repeat(lambda: matrix @ matrix, number=1, repeat=3))
    return CPU_SHARE * 2 * 1024**3 / seconds


CPU = "CPUExecutionProvider"
DEVICES = {
    "CUDAExecutionProvider": "NVIDIA GPU",
    "CoreMLExecutionProvider": "Apple GPU",
    CPU: "this machine's CPU",
}
"""onnxruntime's execution providers, best first, and what a page calls them."""


def device() -> str:
    """Name the device that models run on, as a page says it."""
    return DEVICES[_provider()]


def onnx_session(path: Path) -> "onnxruntime.InferenceSession":
    """Open an ONNX model on the best device of this machine; one that fails to start leaves it to the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _threads()
    provider = _provider()
    if provider != CPU:
        try:
            session = onnxruntime.InferenceSession(path, options, providers=[provider, CPU])
            if session.get_providers()[0] == provider:
                return session
            log.warning("%s did not start; this model runs on the CPU.", DEVICES[provider])
        except Exception as error:  # a driver's failure has no class of its own
            log.warning("%s did not start; this model runs on the CPU: %s", DEVICES[provider], error)
    return onnxruntime.InferenceSession(path, options, providers=[CPU])


def _threads() -> int:
    """Threads for a network, as whoever starts the app tells PyTorch and others; 0: onnxruntime's own choice."""
    told = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return int(told) if told.isdecimal() else 0


def torch_device() -> "torch.device":
    """Pick the device that networks of PyTorch run on."""
    import torch

    return torch.device("cuda" if zerogpu.is_lent() or (has_nvidia_gpu() and torch.cuda.is_available()) else "cpu")


def torch_device_name() -> str:
    """Name the device that networks of PyTorch run on, as a page says it."""
    # Without a GPU there is no need to wait for PyTorch to load.
    return DEVICES["CUDAExecutionProvider" if has_nvidia_gpu() and torch_device().type == "cuda" else CPU]


@functools.cache
def has_nvidia_gpu() -> bool:
    """Whether this machine shows an NVIDIA GPU. Loads no library."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    listing = subprocess.run([tool, "--list-gpus"], capture_output=True, text=True, timeout=10)
    return listing.returncode == 0 and "GPU" in listing.stdout


@functools.cache
def _provider() -> str:
    import onnxruntime

    offered = set(onnxruntime.get_available_providers())
    if "CUDAExecutionProvider" in offered:
        if has_nvidia_gpu():
            onnxruntime.preload_dlls()  # the CUDA libraries that lie in this environment
        else:
            offered.remove("CUDAExecutionProvider")
    return next(provider for provider in DEVICES if provider in offered)
