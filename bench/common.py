"""What all benchmarks are asked alike: where photos lie, which of them count as held back, and how to answer."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from training import heldback


class Arguments(argparse.ArgumentParser):
    """The arguments of a benchmark; each adds what it alone is asked."""

    def __init__(self, about: str, data: str, parted: bool = True) -> None:
        """Begin with those of all.

        Args:
            about: what is measured, the benchmark's docstring.
            data: what `--data` names, as "folder with photos/".
            parted: whether networks are measured that were trained on a part of such a folder.

        """
        super().__init__(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
        self._folder = data
        self.add_argument("--data", type=Path, metavar="DIR", help=data)
        third = "measure on the third part, by which rules are chosen, in place of what is held back"
        self.add_argument("--third", action="store_true", help=third if parted else "no difference: all count here")
        every = "count every photo as held back, not only every tenth by name: for what nothing was trained on"
        self.add_argument("--all", action="store_true", help=every if parted else "no difference: all count here")
        self.add_argument("--json", action="store_true", help="print one JSON object last")

    def parse_with_data(self) -> argparse.Namespace:
        """Read the arguments; without a folder of photos, tell that nothing can be measured and end, as no failure."""
        wish = self.parse_args()
        if wish.data is None:
            print(f"Without --data DIR (a {self._folder}) there is nothing to measure.")
            self.exit()
        return wish


def kind(folder: Path, name: str) -> Path:
    """Find the folder of one kind of photo: by its name within a folder of several kinds, else it is the folder."""
    return folder / name if (folder / name).is_dir() else folder


def asked(files: Iterable[Path], wish: argparse.Namespace, count: int | None = None) -> list[Path]:
    """Give those of a folder's files that a wish, of `Arguments`, is about; of them so many from all over, or all."""
    if wish.all:
        return spread(sorted(files), count)
    return spread(heldback.split(files)[1] if wish.third else heldback.held_back(files), count)


def spread(files: list[Path], count: int | None) -> list[Path]:
    """Give so many files from all over a list, or all."""
    return files if count is None else files[:: max(1, len(files) // max(1, count))][:count]
