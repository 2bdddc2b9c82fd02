"""What was worked out lately, within a budget."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by their keys; when together they are larger than the budget, the least recently used go first.

    Methods may be called from any thread.
    """

    def __init__(self, budget: int, size: Callable[[Value], int] = lambda value: 1):
        """Begin with none. size: of a value, in the budget's unit."""
        self._budget = budget
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._total = 0

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        with self._lock:
            if key in self._kept:
                self._total -= self._size(self._kept.pop(key))
            self._kept[key] = value
            self._total += self._size(value)
            while self._total > self._budget and len(self._kept) > 1:
                self._total -= self._size(self._kept.popitem(last=False)[1])
