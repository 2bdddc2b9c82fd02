"""What every training goes by: a plan by the clock, and batches made by threads ahead of their use."""

import itertools
import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

Pair = tuple[np.ndarray, np.ndarray]
"""An image, uint8 SxSxC, and its truth."""
Sample = Callable[[np.random.Generator, int], Pair]
"""Gives a pair for a draw of chance and a size S."""


@dataclass(frozen=True)
class Plan:
    """How long to train, and with what.

    Progress is the share of `minutes` that training has taken so far, over all runs together; the learning rate and
    the size follow it, so a slow or busy machine makes fewer steps of the same course.
    """

    minutes: float
    sizes: tuple[tuple[float, int, int], ...] = ((0.0, 256, 16), (0.6, 384, 8))
    """From which progress on to train with which size in pixels and how many images a step."""
    rate: float = 1e-3
    warm_up: int = 100
    """Steps until the learning rate is reached, from which it falls to zero along a cosine."""
    save_minutes: float = 5.0

    def at(self, progress: float) -> tuple[int, int]:
        """Size and images a step."""
        return next((size, count) for start, size, count in reversed(self.sizes) if progress >= start)

    def learning_rate(self, progress: float, step: int) -> float:
        return self.rate * min(1.0, (step + 1) / self.warm_up) * 0.5 * (1 + math.cos(math.pi * progress))


def pairs(sample: Sample, ask: Callable[[], tuple[int, int]], seed: int) -> Iterator[Pair]:
    """Give pairs for ever, two steps ahead of their use; `ask` tells their size, and how many a step takes."""

    def draw(number: int, size: int) -> Pair:
        return sample(np.random.default_rng([seed, number]), size)

    waiting: deque[tuple[int, Future[Pair]]] = deque()
    with ThreadPoolExecutor(2) as pool:
        for number in itertools.count():
            size, count = ask()
            waiting.append((size, pool.submit(draw, number, size)))
            while len(waiting) >= 2 * count:
                made, future = waiting.popleft()
                pair = future.result()
                if made == ask()[0]:
                    yield pair
