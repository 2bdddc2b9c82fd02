"""A small network that was trained here, `training/denoise.py`: quick enough for large photos on a CPU."""

from collections.abc import Callable

import numpy as np

from envo.colour import linear_to_srgb, srgb_to_linear
from models import cache, weights
from models.engine import Report
from models.noise.base import Denoiser
from models.tiles import tiled

TILE = 1536
"""Height and width of what the network gets at most, in pixels."""
HALO = 48
"""So far does what counts reach, in pixels; the network's least convolutions see farther."""
MULTIPLE = 16
MEMORY = 800 * 2**20
"""Bytes that the network and its buffers take at a tile."""
DOING = "Taking the noise out"

Network = Callable[[np.ndarray], np.ndarray]
"""Takes a tile, float32 HxWx3 sRGB from 0 to 255, and gives it without its noise."""


class EnvoNoise(Denoiser):
    name = "envo-noise"
    label = "Envo noise"
    requires = ("denoise",)

    def denoise(self, pixels: np.ndarray, report: Report) -> np.ndarray:
        path = weights.path(*self.requires)
        model = cache.use(path, lambda: cache.onnx_session(path), MEMORY)
        with self.at_work(), cache.fitting(self.label), model as session:

            def clear(encoded: np.ndarray) -> np.ndarray:
                return session.run(None, {"image": encoded[None]})[0][0]

            work = _eight_bits(clear) if pixels.dtype == np.uint8 else _linear(clear)
            return tiled(pixels, work, TILE, HALO, report, DOING, multiple=MULTIPLE)


def _eight_bits(clear: Network) -> Network:
    def work(tile: np.ndarray) -> np.ndarray:
        return np.rint(clear(tile.astype(np.float32))).astype(np.uint8)

    return work


def _linear(clear: Network) -> Network:
    def work(tile: np.ndarray) -> np.ndarray:
        encoded = linear_to_srgb(tile) * np.float32(255)
        within = np.clip(encoded, 0, 255)
        # Only what changes is added, so that what lies over white keeps its light, and outside of sRGB its colour.
        kept = np.max(encoded, axis=2, keepdims=True) > 255
        least = np.minimum(encoded, 0)
        changed = np.maximum(encoded + (clear(within) - within), least) / np.float32(255)
        return np.where(kept, tile, srgb_to_linear(changed))

    return work
