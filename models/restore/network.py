"""Networks that were trained here, run over photos of any size."""

import numpy as np

from models import cache, weights
from models.engine import Report
from models.tiles import tiled

TILE = 1024
"""Height and width of what a network gets at most, in pixels."""
HALO = 128
"""So far do those of `training/restore.py` see, in pixels: three blocks at 1/16 of the size, six at 1/8, and finer."""
MULTIPLE = 16
MEMORY = 500 * 2**20
"""Bytes that a network and its buffers take at most."""


def answer(name: str, image: np.ndarray, memory: int = MEMORY, **beside: np.ndarray) -> np.ndarray:
    """Ask the network whose weights are called `name` about uint8 HxWx3, of a size that it takes: float32.

    memory: bytes that it and its buffers take. beside: what else it takes, by name, float32.
    """
    path, more = weights.path(name), {each: values[None] for each, values in beside.items()}
    with cache.use(path, lambda: cache.onnx_session(path), memory) as session:
        return session.run(None, {"image": image[None].astype(np.float32), **more})[0][0]


def answer_tiled(name: str, image: np.ndarray, scale: float, report: Report, step: str) -> np.ndarray:
    """Ask about an image of any size, in tiles: uint8 HxWxD, the answer times `scale`, D left out where it is 1."""

    def work(tile: np.ndarray) -> np.ndarray:
        return np.rint(answer(name, tile) * scale).astype(np.uint8)

    found = tiled(image, work, TILE, HALO, report, step, multiple=MULTIPLE)
    return found[..., 0] if found.shape[2] == 1 else found
