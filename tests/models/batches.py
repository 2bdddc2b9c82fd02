"""Batches for tests: works that need no models, and sources and engines that count."""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from envo.errors import UserError
from envo.file import PhotoFile
from models.batch import __main__ as batch
from models.batch import works
from models.batch.engines import Answer, Failed
from models.batch.works import Made, Work


class Backwards(Work):
    """Turns a photo's bytes around; what begins with a "!" is no photo."""

    name = "backwards"
    about = "a photo's bytes, backwards"

    def make(self, file: PhotoFile) -> Made:
        if file.data.startswith(b"!"):
            raise UserError("This is no photo.")
        return Made(file.data[::-1], ("txt",), ("It is turned around.",))


@dataclass(frozen=True)
class Held(Backwards):
    """The same, but of what begins with "wait" it says in a folder which process is at it, until it may go on."""

    name = "held"
    desk: Path = field(default_factory=lambda: Path(os.environ["DESK"]))

    def make(self, file: PhotoFile) -> Made:
        if file.data.startswith(b"wait"):
            (self.desk / f"at {os.getpid()}").touch()
            while not (self.desk / "go on").exists():
                time.sleep(0.01)
        return super().make(file)

    def at_work(self) -> list[int]:
        """Processes that are, or were, at it."""
        return [int(each.name[3:]) for each in self.desk.glob("at *")]


@dataclass
class Photos:
    """A source in memory."""

    files: dict[str, bytes]

    def names(self) -> Iterator[str]:
        return iter(self.files)

    def read(self, name: str) -> bytes:
        return self.files[name]


@dataclass
class Here:
    """An engine that works in the threads that ask."""

    work: Work = field(default_factory=Backwards)
    workers: int = 2
    asked: list[bytes] = field(default_factory=list)

    def make(self, data: bytes) -> Answer:
        self.asked.append(data)
        try:
            return self.work.make(PhotoFile(data))
        except UserError as error:
            return Failed(str(error), may_pass=False)

    def close(self) -> None:
        pass


if __name__ == "__main__":
    works.WORKS["held"] = Held
    sys.exit(batch.main())
