"""The words that photos are tagged with, their parents, and what they tell of a photo: `words.txt`, read."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("words.txt")
CLASSES = 1000
"""Classes of ImageNet, ILSVRC 2012."""


@dataclass(frozen=True)
class Word:
    """One word of the tree."""

    name: str
    parents: tuple[str, ...]
    """From the widest to the closest: ("animals", "mammal") of "dog"."""
    shares: Mapping[str, float]
    """How probably a photo that shows it is of a category, from 0 to 1."""


@functools.cache
def _tree() -> tuple[dict[str, Word], tuple[str, ...]]:
    """All words by name, parents first, and the word of each class."""
    found: dict[str, Word] = {}
    classes = [""] * CLASSES
    above: list[Word] = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        above = above[: (len(line) - len(line.lstrip())) // 2]
        parents, shares = tuple(word.name for word in above), above[-1].shares if above else {}
        if text.startswith("- "):
            for each in text[2:].split(", "):
                number, name = each.split(" ", 1)
                classes[int(number)] = name
                found.setdefault(name, Word(name, parents, shares))
        else:
            name, _, told = text.partition(" > ")
            own = {category: float(share) for category, share in re.findall(r"([a-z ]+?) ([\d.]+)(?:, |$)", told)}
            above.append(Word(name, parents, {**shares, **own}))
            found[name] = above[-1]
    return found, tuple(classes)


def all_words() -> dict[str, Word]:
    """Give every word by its name, parents before their kinds."""
    return _tree()[0]


def of_classes() -> tuple[str, ...]:
    """Give the word of each of the `CLASSES`."""
    return _tree()[1]


def lineage(name: str) -> tuple[str, ...]:
    """Give the parents of a word, from the widest to the closest; none of one that is not in the tree."""
    word = all_words().get(name)
    return word.parents if word else ()


@functools.cache
def members() -> np.ndarray:
    """Tell which classes each of `all_words` takes in, itself or as kinds of it: float32 words x `CLASSES`, 0 or 1."""
    places = {name: place for place, name in enumerate(all_words())}
    table = np.zeros((len(places), CLASSES), np.float32)
    for number, name in enumerate(of_classes()):
        for each in (*lineage(name), name):
            table[places[each], number] = 1
    return table


@functools.cache
def _rows() -> dict[str, np.ndarray]:
    return dict(zip(all_words(), members(), strict=True))


def share(name: str, shares: np.ndarray) -> float:
    """Sum those of the classes' probabilities, float32 `CLASSES`, that a word takes in."""
    return float(_rows()[name] @ shares)


@functools.cache
def class_shares(category: str) -> np.ndarray:
    """Tell how probably a photo of each of the `CLASSES` is of a category: float32 `CLASSES`."""
    known = all_words()
    return np.float32([known[name].shares.get(category, 0) for name in of_classes()])
