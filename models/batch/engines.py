"""What does the work: many workers, each a process with its models loaded once; and what each of them does."""

import os
from dataclasses import dataclass
from typing import Protocol

from envo import memory
from envo.errors import NoMemory, UserError
from envo.file import PhotoFile
from models.batch.works import Made, Work

TRIES = 3
"""A photo at which a worker ended is tried again by another one, so often in all."""
LOST = f"{TRIES} workers ended while they were at this photo; it may take more memory than there is."
WORKER_BYTES = 2 * 2**30
"""A worker has at least so much memory, of which models take a quarter and photos a half."""


@dataclass(frozen=True)
class Failed:
    """A photo of which nothing came."""

    why: str
    """A whole sentence."""
    may_pass: bool
    """Whether it is no fault of the photo's bytes: it is worth another try."""


Answer = Made | Failed


class Engine(Protocol):
    """Workers. `make` may be called from any thread; of those that call at once so many work as there are workers."""

    workers: int

    def make(self, data: bytes) -> Answer:
        """Have a worker make what the work makes of a photo's bytes; a worker that ends meanwhile is replaced."""

    def close(self) -> None:
        """End the workers, at once."""


def workers_here() -> int:
    """Give how many workers fit this machine: one a core, as far as there is memory for each."""
    return max(1, min(os.cpu_count() or 1, memory.memory() // WORKER_BYTES))


def environment(workers: int, threads: int) -> dict[str, str]:
    """Give the variables of the environment by which workers share the cores and memory of one machine."""
    share = memory.memory() // workers >> 20
    told = {
        # OpenMP's, which PyTorch and, by `models.cache`, onnxruntime go by; Numba's.
        "OMP_NUM_THREADS": str(threads),
        "NUMBA_NUM_THREADS": str(threads),
        "ENVO_PHOTO_MEMORY": str(share // 2),
        "ENVO_MODEL_MEMORY": str(share // 4),
    }
    return {name: os.environ.get(name, value) for name, value in told.items()}


class Worker:
    """Does the work in a process of its own."""

    def __init__(self, work: Work, threads: int):
        """Settle how many threads are worth it. The models are loaded when the first photo needs them."""
        self._work = work
        # All that asks for the cores of the machine hears of those of this worker, as by Python 3.13's -X cpu_count.
        os.cpu_count = lambda: threads
        import cv2

        cv2.setNumThreads(threads)

    def make(self, data: bytes) -> Answer:
        """Make what the work makes; what is wrong with a photo, or with the work, is an answer, too."""
        try:
            return self._work.make(PhotoFile(data))
        except UserError as error:
            return Failed(str(error), isinstance(error, NoMemory))
        except Exception as error:  # it is told, and does not end the others
            return Failed(f"It could not be done ({type(error).__name__}: {error}).", True)
