"""Which photos of a data set no network in `models/trained/` has seen: training leaves them to the benchmarks."""

from collections.abc import Iterable
from pathlib import Path


def split(files: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Part the files of a data set into those to train on and every tenth by name, which is held back."""
    ordered = sorted(files)
    return [file for index, file in enumerate(ordered) if index % 10], ordered[::10]


def tenth(files: Iterable[Path], number: int) -> list[Path]:
    """Give every tenth file of a data set by name, from `number` on: 0 for what is held back, 1 to 9 for the others."""
    return sorted(files)[number::10]
