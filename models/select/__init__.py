"""Select: masks from clicks and boxes.

    photo = select.auto().prepare(pixels)
    selection = select.auto().predict(photo, Prompt(points=((310, 200),), adds=(True,)))

Each engine is one module of this package, and one line here.
"""

from models.select.base import Candidate, Engine, Prepared, Prompt, Selection

__all__ = ["ENGINES", "Candidate", "Engine", "Prepared", "Prompt", "Selection", "auto"]

ENGINES: dict[str, Engine] = {}
"""By name, best first."""


def auto() -> Engine:
    """Pick the engine for this machine: the best one that can work at once, else the last one."""
    return next((engine for engine in ENGINES.values() if engine.available()), list(ENGINES.values())[-1])
