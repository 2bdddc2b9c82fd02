"""The GPU that Spaces of Hugging Face share, ZeroGPU: an engine says for how long it needs one, and is lent it.

It is had by the package `spaces`, which such a Space brings along. Without it nothing here changes anything.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

try:
    import spaces  # before PyTorch, which it tells of the GPU
except ImportError:
    spaces = None

T = TypeVar("T")
_here = threading.local()


def is_lent() -> bool:
    """Tell whether this thread works on a GPU that was lent."""
    return getattr(_here, "is_lent", False)


def lent(seconds: int, work: Callable[[], T]) -> T:
    """Do work on a GPU that is lent for some seconds; for none of them, and where none is lent, as it is.

    It is done in a process that begins as a copy of this one: what it gives comes back pickled, what it raises, too;
    what it reports is heard by nobody, and it cannot be cancelled.
    """
    if spaces is None or not seconds:
        return work()

    def task() -> T:
        _here.is_lent = True
        try:
            return work()
        finally:
            _here.is_lent = False

    return spaces.GPU(duration=seconds)(task)()


if spaces:
    # A Space does not start unless something has said by then that it will need the GPU.
    spaces.GPU(duration=1)(lambda: None)
