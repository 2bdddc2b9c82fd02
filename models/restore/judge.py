"""Judges: small networks that tell whether a step is worth it, by what was measured of a photo."""

from collections.abc import Mapping

import numpy as np


def expected(measured: np.ndarray, judge: Mapping[str, np.ndarray]) -> float:
    """Tell how many dB a step is expected to gain; less than none, where it is expected to do harm.

    measured: float32 F. judge: arrays by name, of `training.judges`: a layer of neurons and its sum.
    """
    inside = (measured - judge["mean"]) / judge["scale"] @ judge["inner"] + judge["bias"]
    return float(np.maximum(inside, 0) @ judge["outer"] + judge["last"])
