"""The command line of batches; see `docs/batch.md`."""

import argparse
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from envo import names, settings
from envo.errors import UserError
from models.batch import journal, running, sources, targets, works
from models.batch.engines import Engine, workers_here
from models.batch.local import Local
from models.restore.making import SIZES
from models.weights import WeightsError

if TYPE_CHECKING:
    from tqdm import tqdm

ABOUT = """Make something of every photo of an archive, on all cores of this machine or on a cluster.

{works}

SOURCE is a folder, a zip, or an address of fsspec's, such as s3://bucket/photos; TARGET a folder or such an address.
Stopped or killed, the same command goes on where it was, and tries what failed again. --engine ray spreads the work
over a cluster; it needs "pip install ray==2.60.0"."""
GROUPS = "people.json"


def parser() -> argparse.ArgumentParser:
    """Say what can be asked."""
    told = "\n".join(f"  {work.name:8} {work.about}" for work in works.WORKS.values())
    asked = argparse.ArgumentParser(
        "python -m models.batch",
        description=ABOUT.format(works=told),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("work", choices=works.WORKS)
    asked.add_argument("source", metavar="SOURCE")
    asked.add_argument("target", metavar="TARGET")
    asked.add_argument("--engine", choices=("local", "ray"), default="local", help="who works (default: local)")
    asked.add_argument("--workers", type=_count, metavar="N", help="processes, or actors (default: one a core or GPU)")
    asked.add_argument("--address", help="of the Ray cluster to join, such as auto or ray://head:10001")
    asked.add_argument("--preset", type=Path, metavar="FILE", help="for render: a preset, or an edit document")
    asked.add_argument("--size", choices=SIZES, help="for restore: at which size repairs are computed (default: quick)")
    asked.add_argument("--dry-run", action="store_true", help="tell what there is to do, and do nothing")
    return asked


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0: all photos are done, 1: not all could be, 2: wrong usage, 130: Ctrl+C."""
    asked = parser()
    wish = asked.parse_args(arguments)
    for option, work in (("preset", works.Render), ("size", works.Restore)):
        if getattr(wish, option) and wish.work != work.name:
            asked.error(f"--{option} is for {work.name}")
    if wish.work == works.Render.name and not wish.preset:
        asked.error("render needs --preset FILE")
    if wish.address and wish.engine != "ray":
        asked.error("--address is for --engine ray")
    try:
        return _done(wish)
    except (UserError, WeightsError) as error:
        print(f"{asked.prog}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return 130


def _done(wish: argparse.Namespace) -> int:
    work = _work(wish)
    _check_apart(wish.source, wish.target)
    source = sources.opened(wish.source)
    target = targets.opened(wish.target, wish.dry_run)
    try:
        noted = journal.Journal(target, {"source": _absolute(wish.source)} | work.wish)
        if wish.dry_run:
            return _told(source, noted, wish)
        work.fetch()
        with _engine(wish, work) as engine:
            _run(source, target, noted, engine)
        if isinstance(work, works.People):
            target.write(GROUPS, works.grouped((photo, target.read(result)) for photo, result in noted.results()))
    finally:
        target.close()
    print(f"{noted.done} done, {noted.failed} failed.")
    return 1 if noted.failed else 0


def _work(wish: argparse.Namespace) -> works.Work:
    """Say what is to be done. Raises UserError for a preset that is none."""
    if wish.work == works.Render.name:
        copy, missed = works.preset(wish.preset.name, _read(wish.preset))
        if missed:
            print(missed, file=sys.stderr)
        return works.Render(copy)
    if wish.work == works.Restore.name:
        return works.Restore(wish.size or next(iter(SIZES)))
    return works.WORKS[wish.work]()


def _read(preset: Path) -> bytes:
    """Read a file; nothing of what is too large. Raises UserError."""
    try:
        return preset.read_bytes() if preset.stat().st_size <= settings.MAX_PRESET_FILE else b""
    except OSError as error:
        raise UserError(f"The preset {preset} cannot be read: {error.strerror}.") from error


def _check_apart(source: str, target: str) -> None:
    """Raise UserError where results would lie among the photos, and be taken for some."""
    one, other = _absolute(source), _absolute(target)
    if f"{other}/".startswith(f"{one.rstrip('/')}/"):
        raise UserError("The target lies within the source, where results would be taken for photos; choose another.")


def _absolute(address: str) -> str:
    path = sources.local(address)
    return address if path is None else str(path.resolve())


@contextmanager
def _engine(wish: argparse.Namespace, work: works.Work) -> Iterator[Engine]:
    if wish.engine == "ray":
        from models.batch.cluster import Cluster

        engine: Engine = Cluster(work, wish.workers, wish.address)
    else:
        engine = Local(work, wish.workers or workers_here())
    try:
        yield engine
    finally:
        engine.close()


def _run(source: sources.Source, target: targets.Target, noted: journal.Journal, engine: Engine) -> None:
    """Do it, and show how far it is; what fails is told as it happens."""
    from tqdm import tqdm

    # Where nobody watches, a line now and then will do.
    seldom = {} if sys.stderr.isatty() else {"mininterval": 30.0}
    with tqdm(total=noted.total, initial=noted.done, unit=" photos", **seldom) as bar:

        def told(name: str, why: str) -> None:
            with bar.get_lock():
                bar.update()
                if why:
                    bar.write(f"{names.printable(name)}: {why}", file=sys.stderr)

        is_over = threading.Event()
        with ThreadPoolExecutor(1) as counting:
            if noted.total is None:
                counting.submit(_count_all, source, noted, bar, is_over)
            try:
                running.Run(source, target, noted, engine, told).do()
            finally:
                is_over.set()
                noted.keep()


def _count_all(source: sources.Source, noted: journal.Journal, bar: "tqdm", is_over: threading.Event) -> None:
    """Count the photos while some are made already: only then can it be told how long it takes."""
    total = 0
    with suppress(UserError):  # whoever lists them to be made says so
        for _ in source.names():
            total += 1
            if is_over.is_set():
                return
        noted.all_listed(total)
        bar.total = total
        bar.refresh()


def _told(source: sources.Source, noted: journal.Journal, wish: argparse.Namespace) -> int:
    """Tell what would be done."""
    total = sum(1 for _ in source.names())
    print(f"{total} photos in {wish.source}: {noted.done} are done, {total - noted.done} would be done, "
          f"{noted.failed} of them failed before. Results go to {wish.target}.")  # fmt: skip
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a number from 1 to 10000")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
