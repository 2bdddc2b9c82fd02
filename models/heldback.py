"""Which photos of a data set no network in `models/trained/` has seen: training leaves them to the benchmarks."""

from collections.abc import Iterable
from pathlib import Path


def split(files: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Part the files of a data set into those to train on and every tenth by name, which is held back."""
    ordered = sorted(files)
    return [file for index, file in enumerate(ordered) if index % 10], ordered[::10]
