"""Noise: what a camera adds to a photo where there is little light, taken out of it.

    clear = noise.denoise(pixels, report)  # of the same size and dtype

A new engine is one file with one class, and one line here.
"""

import numpy as np

from models.engine import Report, best, quiet
from models.noise.base import Denoiser
from models.noise.embedded import EnvoNoise

__all__ = ["ENGINES", "Denoiser", "denoise"]

ENGINES: dict[str, Denoiser] = {engine.name: engine for engine in [EnvoNoise()]}
"""By name, best first."""


def denoise(pixels: np.ndarray, report: Report = quiet) -> np.ndarray:
    """Take the noise out of a photo's pixels, as `Denoiser.denoise` does, by the best engine that is here.

    Weights that are missing are fetched first. Raises `models.weights.WeightsError`.
    """
    return best(ENGINES.values()).denoise(pixels, report)
