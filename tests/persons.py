"""People whose faces are numbers alone, for tests of naming and grouping."""

import numpy as np

LENGTH = 128
"""Of dlib's descriptors."""


class Person:
    """Somebody whose faces are as alike, and as unlike others', as dlib's descriptors are."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.begin()

    def begin(self) -> None:
        """Show the same faces again, from the first, so that no test hangs on what another has seen."""
        self._random = np.random.default_rng(self._seed)
        centre = self._random.normal(size=LENGTH)
        self._centre = 0.56 * centre / np.linalg.norm(centre)

    def photos(self, count: int, vary: float = 0.03) -> np.ndarray:
        """Embeddings of some faces, float32 NxD, that vary by so much in each number."""
        return np.float32(self._centre + self._random.normal(0, vary, (count, self._centre.size)))


ADA, GRACE, MARY = KNOWN = [Person(seed) for seed in range(3)]


def strangers(count: int) -> np.ndarray:
    """Embeddings of faces of as many people, float32 NxD."""
    return np.concatenate([Person(1000 + seed).photos(1) for seed in range(count)])
