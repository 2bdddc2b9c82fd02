"""Teach when cleaning a photo is worth it: how many dB it is expected to gain, by what it took away.

Photos are shown as they came, reduced and compressed finely as pages have them, and aged in all ways of
`training.ageing` but the dots of print, which have a step of their own. Of pieces of each it is measured what `clean`
takes away (`models.restore.residue`), and what that gains; `training.judges` learns the one from the other.

usage: python -m training.clean_worth --data DIR [--most 1000] [--out FILE]
"""

import numpy as np
from numpy.random import Generator

from models import restore
from models.engine import quiet
from models.restore import clean
from models.restore.residue import FEW
from training import ageing, judges
from training.judges import error, gain

KINDS = (("sound",), ("grain",), ("jpeg", "blur"), ("stains", "scratches", "fading", "mixed", "reduced"))
OF_PORTRAITS = (("sound",), ("worn",))
PIECES = 3
"""Of each photo, which are enough to learn from."""


def measured(random: Generator, image: np.ndarray, kind: str) -> tuple[np.ndarray, float]:
    """Draw a view of uint8 HxWx3, and clean pieces of it. Gives their signs and how many dB that gains."""
    old, truth = shown(random, image, kind)
    engine = restore.STEPS["clean"].engines["envo-clean"]
    pieces = clean.pieces(old)[:PIECES]
    cleaned = [engine.clean(piece, quiet) for piece in pieces]
    truths = clean.pieces(truth)[:PIECES]
    errors = [np.mean([error(*pair) for pair in zip(each, truths, strict=True)]) for each in (pieces, cleaned)]
    return clean.signs(old, pieces, cleaned), gain(*errors)


def shown(random: Generator, image: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Make of uint8 HxWx3 what is shown, and what cleaning should make of that."""
    if kind in ("sound", "reduced"):
        return judges.sound(random, image, kind)
    return ageing.aged(random, image, kind)[0], image


LESSON = judges.Lesson("clean-worth", 77, KINDS, OF_PORTRAITS, measured, 1000, np.log(clean.LEAST + FEW))

if __name__ == "__main__":
    judges.main(__doc__, LESSON)
