"""Photos that look the same, among many: their hashes are compared by parts, for few pairs have a part in common.

A photo's hash is `envo.photo.likeness`, of 64 bits.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

ALIKE_BITS = 6
"""Photos whose hashes differ in no more of their 64 bits look the same: of 440,000 pairs of photos none did by
accident; half the size and strong compression change 2 bits, a third more light 6."""
_CUTS = np.linspace(0, 64, ALIKE_BITS + 2).astype(int)
"""Where hashes are cut. Of one part more than there are bits that may differ, one at least is the same in both
(multi-index hashing; Norouzi, Punjani and Fleet 2012)."""


MANY = 100
"""From so many new photos on, all are compared anew, by parts; fewer are compared with all that there are."""


class Likenesses:
    """The hashes of photos, and which of them look the same; grows. To be used by one thread at a time."""

    def __init__(self) -> None:
        self._kinds: dict[str, int] = {}
        """Of each photo the number of its hash: those of one hash are compared once."""
        self._numbers: dict[int, int] = {}
        self._photos: list[list[str]] = []
        """Of each hash the photos."""
        self._hashes = np.empty(0, np.uint64)
        self._pairs = np.empty((0, 2), int)

    def __contains__(self, id: str) -> bool:
        return id in self._kinds

    def add(self, hashes: Mapping[str, int]) -> None:
        """Add photos, by their ids, that are not there yet."""
        before = len(self._photos)
        for id, value in hashes.items():
            kind = self._numbers.setdefault(value, len(self._photos))
            if kind == len(self._photos):
                self._photos.append([])
            self._photos[kind].append(id)
            self._kinds[id] = kind
        new = list(self._numbers)[before:]
        # Without a sign, whose bit would not be counted.
        self._hashes = np.concatenate([self._hashes, np.array(new, np.int64).view(np.uint64)])
        if len(new) >= MANY:
            self._pairs = pairs(self._hashes)
            return
        for kind in range(before, len(self._photos)):
            others = like(self._hashes[:kind], self._hashes[kind])
            self._pairs = np.concatenate([self._pairs, np.stack([others, np.full_like(others, kind)], 1)])

    def like(self, id: str) -> list[str]:
        """List the other photos that look the same as one, the most alike first."""
        kinds = like(self._hashes, self._hashes[self._kinds[id]])
        return [other for kind in kinds for other in self._photos[kind] if other != id]

    def twins(self, ids: Sequence[str]) -> list[str]:
        """List those of some photos that look the same as others of them, these together, else in this order."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        ids = [id for id in ids if id in self._kinds]
        if not ids:
            return []
        kinds = np.array([self._kinds[id] for id in ids])
        is_there = np.zeros(len(self._photos), bool)
        is_there[kinds] = True
        rows, columns = self._pairs[is_there[self._pairs].all(1)].T
        graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(len(is_there),) * 2)
        groups = connected_components(graph, directed=False)[1][kinds]
        firsts, groups, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)[1:]
        places = np.flatnonzero(sizes[groups] > 1)
        return [ids[place] for place in places[np.argsort(firsts[groups[places]], kind="stable")]]


def like(hashes: np.ndarray, one: np.uint64) -> np.ndarray:
    """Find the places of those hashes, uint64 N, that look the same as `one`, the most alike first: int N."""
    apart = np.bitwise_count(hashes ^ one)
    places = np.flatnonzero(apart <= ALIKE_BITS)
    return places[np.argsort(apart[places], kind="stable")]


def pairs(hashes: np.ndarray) -> np.ndarray:
    """Find the pairs of different hashes, uint64 N, that look the same: places, int Mx2; some are there repeatedly."""
    found = [np.empty((0, 2), int)]
    for start, end in pairwise(_CUTS):
        parts = (hashes >> np.uint64(start)) & np.uint64((1 << int(end - start)) - 1)
        order = np.argsort(parts, kind="stable")
        parts, in_order = parts[order], hashes[order]
        # Each with the next one of the same part, then with the next but one, as long as there are any.
        first, step = np.flatnonzero(parts[1:] == parts[:-1]), 1
        while len(first):
            alike = first[np.bitwise_count(in_order[first] ^ in_order[first + step]) <= ALIKE_BITS]
            found.append(np.stack([order[alike], order[alike + step]], 1))
            step += 1
            first = first[first + step < len(parts)]
            first = first[parts[first] == parts[first + step]]
    return np.concatenate(found)
