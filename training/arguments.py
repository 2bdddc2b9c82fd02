"""What all trainings are asked alike."""

import argparse
from pathlib import Path

from envo import settings
from models import weights


def parser(about: str, name: str, data: str, minutes: float | None = None) -> argparse.ArgumentParser:
    """Begin the arguments of a training.

    about: its docstring. name: of the network, as its file has it. data: what the folder of `--data` holds. minutes:
    how long it takes; None where the clock does not end it.
    """
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, required=True, help=f"folder with {data}")
    if minutes is not None:
        made.add_argument("--minutes", type=float, default=minutes, help="training time, over all runs together")
    work = settings.cache_dir() / "training" / name
    made.add_argument("--work", type=Path, default=work, help="where a run is saved; delete it to start anew")
    made.add_argument("--out", type=Path, default=weights.TRAINED / f"{name}.onnx")
    return made
