"""What the engines of all capabilities have in common: a name, weights, and photos at the working size."""

import threading
import time
from abc import ABC
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from envo import photo, settings
from envo.errors import UserError
from models import hub, weights, zerogpu

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
Report = Callable[[str, float | None], None]
"""Called with what is being done, as a visitor reads it, and how far it is (0 to 1, None: cannot be told)."""


@dataclass(frozen=True)
class Work:
    """What engines have done since the app was started."""

    count: int = 0
    seconds: float = 0.0


_worked: dict[tuple[str, str], Work] = {}
_counting = threading.Lock()


def worked() -> dict[tuple[str, str], Work]:
    """Tell what engines have done, by capability and name, and by how it ended: `done`, or the exception's kind."""
    with _counting:
        return dict(_worked)


def quiet(step: str, fraction: float | None) -> None:
    """Report to nobody."""


def part(report: Report, index: int, count: int) -> Report:
    """Tell of one of several parts as of a share of the whole."""

    def told(step: str, fraction: float | None) -> None:
        report(step, None if fraction is None else (index + fraction) / count)

    return told


class Engine(ABC):
    """One way to do what a capability is for. A subclass says who it is."""

    name: str
    requires: tuple[str, ...] = ()
    """Names of its weight files."""
    folders: tuple[str, ...] = ()
    """Names of its models of the hub."""
    gpu_seconds: int = 0
    """How long it works at most, where a Space lends it a GPU (`models.zerogpu`); 0: it asks for none."""

    @property
    def licence(self) -> str:
        """Licence of its weights."""
        return ", ".join(sorted({entry.licence for entry in self._entries()}))

    @property
    def bytes(self) -> int:
        """Size of its weights."""
        return sum(entry.bytes for entry in self._entries())

    @property
    def how(self) -> str:
        """How to get what it needs and has to be asked for, as a visitor reads it; "" when all is here."""
        return " ".join(filter(None, [*map(weights.how, self.requires), *map(hub.how, self.folders)]))

    def available(self) -> bool:
        """Whether it can work at once, with nothing to fetch."""
        return all(map(weights.available, self.requires)) and all(map(hub.available, self.folders))

    def fetch(self, report: Report) -> None:
        """Fetch the weights that are missing. Raises `models.weights.WeightsError`."""

        def progress(done: int, total: int) -> None:
            report("Fetching the weights", done / total)

        for name in self.requires:
            weights.path(name, progress)
        for name in self.folders:
            hub.path(name, progress)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count what is done in the block as this engine's work."""
        start, ended = time.perf_counter(), "done"
        try:
            yield
        except BaseException as error:
            ended = type(error).__name__
            raise
        finally:
            # Of an engine from elsewhere: what it is derived from tells what it is for.
            homes = [kind.__module__.split(".") for kind in type(self).__mro__]
            capability = next(home[1] for home in homes if home[0] == __package__)
            key, seconds = (f"{capability}/{self.name}", ended), time.perf_counter() - start
            with _counting:
                before = _worked.get(key, Work())
                _worked[key] = Work(before.count + 1, before.seconds + seconds)

    def do(self, work: Callable[[], T]) -> T:
        """Do this engine's work, counted, on a GPU that is lent where there is such and it asks for one."""
        with self.at_work():
            return zerogpu.lent(self.gpu_seconds, work)

    def _entries(self) -> list[weights.Entry | hub.Entry]:
        needed = {*self.requires, *self.folders}
        return [entry for entry in [*weights.entries(), *hub.entries()] if entry.name in needed]


AnyEngine = TypeVar("AnyEngine", bound=Engine)


def best(engines: Iterable[AnyEngine], otherwise: AnyEngine | None = None) -> AnyEngine:
    """Pick the first of some engines, best first, that can work at once.

    Where none can: `otherwise`, or the best of all, which fetches its weights first, or says how to get them.
    """
    engines = list(engines)
    return next((engine for engine in engines if engine.available()), otherwise or engines[0])


def named(engines: Mapping[str, AnyEngine], name: str) -> AnyEngine:
    """Give the engine of a name. Raises UserError for a name that there is not."""
    if name not in engines:
        raise UserError(f"There is no engine {str(name)[:40]!r} here; there are {', '.join(engines)}.")
    return engines[name]


def pick(engines: Mapping[str, AnyEngine], name: str = "auto") -> AnyEngine:
    """Give the engine of a name; "auto", unless one is called so: the best. Raises UserError as `named` does."""
    return best(engines.values()) if name == "auto" and name not in engines else named(engines, name)


def to_working_size(image: np.ndarray) -> np.ndarray:
    """Scale uint8 HxWx3 down to the working size, averaging; smaller images stay as they are."""
    return photo.resize(image, settings.WORKING_EDGE)


@contextmanager
def reported(layers: "Sequence[torch.nn.Module]", report: Report, step: str) -> Iterator[None]:
    """Tell, after each of the layers that a network runs in the block, how far it is.

    The layers should take about as long as each other. What `report` raises ends the run.
    """
    done = 0

    def told(*_given: object) -> None:
        nonlocal done
        done += 1
        report(step, done / len(layers))

    report(step, 0)
    hooks = [layer.register_forward_hook(told) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
