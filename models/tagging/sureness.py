"""How sure a word is to be, by how sure the networks are of it.

A detector knows eighty kinds of things and takes others for one of them: a koala for a bear, a fish for a banana. What
fills a photo the classifier sees, too, and knows a thousand kinds; where it does not see the thing at all, the detector
is hardly right. How much that counts was fitted (`training/sureness.py`) to things in photos that were looked through
by eye.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.tagging import words
from models.tagging.base import Impression, Thing

PERSON = "person"
"""A word that the classifier hardly has a class for."""
BIAS, ODDS, FILLED, SEEN, BOTH, IS_PERSON = -0.81, 1.81, 2.04, 0.33, 1.59, 3.79
"""What `features` count for, in log-odds of being right."""
UNSEEN = 1e-4
"""Share of the classifier's from which on it counts."""
DOUBT = 7 / 3
"""By what the odds of each word are divided. Without, 0.95 of what is given with a confidence from 0.5 on is right on
everyday photos like those that the classifier was taught with, and 0.96 to 0.98 with it; those of visitors are less
like them."""


def features(things: Sequence[Thing], impression: Impression) -> np.ndarray:
    """Tell by what things are judged, float64 Nx5.

    Log-odds of the detector, the root of the share of the photo that the thing fills, the log of the classifier's share
    for its word, the product of these two, and whether it is a person.
    """
    told = np.empty((len(things), 5))
    for row, thing in enumerate(things):
        left, top, right, bottom = thing.box
        filled = ((right - left) * (bottom - top)) ** 0.5
        seen = np.log10(words.share(thing.word, impression.shares) + UNSEEN)
        sure = np.clip(thing.confidence, 0.01, 0.99)
        told[row] = np.log(sure / (1 - sure)), filled, seen, filled * seen, thing.word == PERSON
    return told


def weighed(things: Sequence[Thing], impression: Impression) -> list[Thing]:
    """Give things with how probably each is what the detector says, by what the photo as a whole looks like."""
    odds = BIAS + features(things, impression) @ (ODDS, FILLED, SEEN, BOTH, IS_PERSON)
    return [replace(thing, confidence=float(sure)) for thing, sure in zip(things, 1 / (1 + np.exp(-odds)), strict=True)]


def doubted(confidence: float) -> float:
    """Give the confidence that a word is told with, from 0 to 1, for what the networks come to."""
    return confidence / (confidence + DOUBT * (1 - confidence))
