"""Fit how sure a thing is that the detector found, and print the constants of `models/tagging/sureness.py`.

The data is a folder with `photos/`. Of the two tenths that were looked through by eye (`training/also_seen.txt`), every
thing that the detector gives with a confidence from 0.5 on is right or wrong; logistic regression on
`models.tagging.sureness.features`. The tenth that is held back is left to `bench.tagging`.

usage: python -m training.sureness --data DIR
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from envo import photo
from envo.file import PhotoFile
from models.tagging import CLASSIFIERS, DETECTORS, run, sureness
from training import also_seen, heldback

LEAST = 0.5
"""Confidence from which on things were looked through."""


def things(files: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    """Features of the surest thing of each word in photos, float64 Nx5, and whether it is right, bool N."""
    detector, classifier = next(iter(DETECTORS.values())), next(iter(CLASSIFIERS.values()))
    told, right = [], []
    for file in files:
        image = photo.as_uint8(PhotoFile(file.read_bytes()).decode(run.EDGE).pixels)
        surest = {thing.word: thing for thing in detector.find([image])[0][::-1] if thing.confidence >= LEAST}
        told.append(sureness.features(list(surest.values()), classifier.look([image])[0]))
        right += [word in also_seen.right(file) for word in surest]
    return np.concatenate(told), np.array(right)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/")
    folder = parser.parse_args().data / "photos"
    told, right = things([file for number in also_seen.TENTHS for file in heldback.tenth(folder.iterdir(), number)])
    fitted = LogisticRegression(C=10, max_iter=2000).fit(told, right)
    values = [*fitted.intercept_, *fitted.coef_[0]]
    print(f"{len(right)} things, {right.mean():.0%} of them right")
    print("BIAS, ODDS, FILLED, SEEN, BOTH, IS_PERSON =", ", ".join(f"{value:.2f}" for value in values))


if __name__ == "__main__":
    main()
