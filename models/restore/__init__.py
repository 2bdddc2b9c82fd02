"""Old photos, restored: one step after the other, each with a strength and several engines.

    looks = restore.look(pixels)
    restored = restore.run(pixels, restore.suggested(looks))
    restored.pixels, restored.steps

A new step is one file with one class, and one line here.
"""

from models.restore.base import Look, Result, Step
from models.restore.negative import Frame, rolled
from models.restore.pipeline import (
    NEGATIVE,
    STEPS,
    Finished,
    Restored,
    Wish,
    checked,
    look,
    marks,
    moved,
    run,
    seconds,
    suggested,
)

__all__ = [
    "NEGATIVE",
    "STEPS",
    "Finished",
    "Frame",
    "Look",
    "Restored",
    "Result",
    "Step",
    "Wish",
    "checked",
    "look",
    "marks",
    "moved",
    "rolled",
    "run",
    "seconds",
    "suggested",
]
