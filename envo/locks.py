"""Locks by name: what is done for one thing does not wait for what is done for another."""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager


class Locks:
    """A lock for each key, while somebody has it or waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: weakref.WeakValueDictionary[str, threading.Lock] = weakref.WeakValueDictionary()

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        """Hold the lock of a key. It is no reentrant one."""
        with self._lock:
            lock = self._locks.get(key)
            if lock is None:
                lock = self._locks[key] = threading.Lock()
        with lock:
            yield
