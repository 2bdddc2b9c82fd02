"""Event loops for tests: in threads of their own, for the thread of the tests may have the loop of a browser."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


def in_thread(work: Callable[[], T]) -> T:
    """Have something done where no loop runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def own(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Decorate a test that is a coroutine."""

    @wraps(test)
    def run(**fixtures: Any) -> None:
        in_thread(partial(anyio.run, partial(test, **fixtures)))

    return run
