"""A hole filled as calmly as can be: the colours of the network, with the grain of what is around."""

import cv2
import numpy as np

from models.inpaint import context_encoder
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame

FINE = 2.0
"""Pixels; what is finer is grain."""
AROUND = (3, 48)
"""Pixels from and to which what lies beside a hole tells its grain."""
MEDIAN = 0.6745
"""The median distance from the mean, in standard deviations, of what is spread normally."""
SEED = 1


class Calm(EraseEngine):
    """Nothing of the photo is copied: where patches bring in what does not belong, this is a plain ground."""

    name = "envo-calm"
    label = "Envo fill, calm"
    requires = ("context-encoder",)
    frame = Frame(edge=2048)

    def _fill(self, image: np.ndarray, hole: np.ndarray, report: Report) -> np.ndarray:
        filled = context_encoder.fill(image, hole)
        report("Filling the hole", 0.7)
        return np.rint(np.clip(filled + grain(filled, hole) * hole[..., None], 0, 255)).astype(np.uint8)


def grain(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Draw grain as that around a hole is, uint8 hxw of 0 and 1, in strength, size and colour: float32 hxwx3.

    image: float32 or uint8 hxwx3, with its hole filled smoothly. Edges and marks are no grain: the median tells.
    """
    beside = cv2.distanceTransform(1 - hole, cv2.DIST_L2, 5)
    around = (beside > AROUND[0]) & (beside <= AROUND[1])
    pixels = image.astype(np.float32)
    fine = pixels - cv2.GaussianBlur(pixels, (0, 0), FINE)
    # Pairs of neighbours, of which the left one is around.
    here, right = fine[:, :-1][around[:, :-1]], fine[:, 1:][around[:, :-1]]
    if not len(here):
        return np.zeros_like(fine)
    deviation = np.median(np.abs(here), 0) / MEDIAN
    plain = (np.abs(here) <= 3 * deviation).all(1) & (np.abs(right) <= 3 * deviation).all(1)
    here, right = here[plain], right[plain]
    if len(here) < 9 or deviation.max() == 0:
        return np.zeros_like(fine)
    alike = np.clip((here * right).mean() / (here**2).mean(), 0.01, 0.9)
    noise = np.random.default_rng(SEED).standard_normal(fine.shape, np.float32)
    # A Gaussian makes neighbours of white noise as alike as this of its width.
    noise = cv2.GaussianBlur(noise, (0, 0), float(np.sqrt(-1 / (4 * np.log(alike)))))
    noise /= noise.std()
    values, vectors = np.linalg.eigh(np.cov(here.T))
    return noise @ ((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T).astype(np.float32)
