"""Photos that look the same are found among many, however they are looked for."""

import numpy as np
import pytest

from envo.likeness import ALIKE_BITS, MANY, Likenesses


def hashes(count: int, seed: int = 0) -> dict[str, int]:
    """Hashes by chance, of which every third is another one's but for up to eight bits."""
    rng = np.random.default_rng(seed)
    found = rng.integers(-(2**63), 2**63 - 1, count, dtype=np.int64)
    for place in range(2, count, 3):
        found[place] = found[rng.integers(place)]
        for bit in rng.choice(64, rng.integers(0, 9), replace=False):
            found[place] ^= np.int64(-(2**63) if bit == 63 else 1 << int(bit))
    return {f"{place}": int(value) for place, value in enumerate(found)}


def alike(one: int, other: int) -> bool:
    return ((one ^ other) & (2**64 - 1)).bit_count() <= ALIKE_BITS


def twins(known: dict[str, int], ids: list[str]) -> list[str]:
    """The same by comparing each with each."""
    found, left = [], list(ids)
    while left:
        group = [left.pop(0)]
        for one in group:
            group += [id for id in left if alike(known[one], known[id])]
            left = [id for id in left if id not in group]
        found += sorted(group, key=ids.index) if len(group) > 1 else []
    return found


@pytest.mark.parametrize("at_once", [1, 7, MANY, 400])
def test_each_is_found_whether_they_came_one_by_one_or_together(at_once):
    known, likenesses = hashes(400), Likenesses()
    for start in range(0, 400, at_once):
        likenesses.add(dict(list(known.items())[start : start + at_once]))
    for id in ("2", "5", "398"):
        assert set(likenesses.like(id)) == {each for each in known if each != id and alike(known[id], known[each])}
    ids = list(known)[::-1]
    assert likenesses.twins(ids) == twins(known, ids)
    some = ids[::2]
    assert likenesses.twins(some) == twins(known, some), "one that is not asked for holds no two together"


def test_the_most_alike_comes_first_and_of_none_nothing_is_told():
    likenesses = Likenesses()
    assert likenesses.twins([]) == [] and "a" not in likenesses
    likenesses.add({"a": 0, "b": 0b111, "c": 0b1, "d": 0, "e": -1})
    assert likenesses.like("a") == ["d", "c", "b"] and likenesses.like("e") == []
    assert likenesses.twins(["e", "b", "gone", "a"]) == ["b", "a"]
