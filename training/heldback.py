"""How a data set is parted, by name: what is trained on, what rules are chosen by, and what benchmarks are left.

Whoever chooses a network's steps or a limit while looking at photos flatters it on these. Therefore a third part is
looked at while that is done, and what is held back is measured once, at the end.
"""

from collections.abc import Iterable
from pathlib import Path

THIRD = 5
"""Which tenth is the third part."""


def split(files: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Give the files of a data set that may be trained on, and the third part, by which may be chosen."""
    ordered = sorted(files)
    return [file for index, file in enumerate(ordered) if index % 10 not in (0, THIRD)], tenth(ordered, THIRD)


def held_back(files: Iterable[Path]) -> list[Path]:
    """Give the files of a data set that nothing has seen, by which is measured."""
    return tenth(files, 0)


def tenth(files: Iterable[Path], number: int) -> list[Path]:
    """Give every tenth file of a data set by name, from `number` on: 0 for what is held back, `THIRD`, or another."""
    return sorted(files)[number::10]
