"""SCUNet (Zhang et al., Machine Intelligence Research 2023, arXiv:2203.13278): convolutions and shifted windows."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from models import cache, engine, published, tiles, weights
from models.restore.base import CleanEngine, Report

TILE = 512
HALO = 25
"""With what tiles fade over, it fills one `MULTIPLE`."""
MULTIPLE = 64
"""Pixels of a window where the network sees the photo an eighth as large: tiles keep to its grid."""
OPERATIONS = 2.4e6 * 1.3
"""Of the network for a pixel, as PyTorch counts them, and for what tiles have in common."""
MEMORY = 900 * 2**20
"""Bytes that the network and its buffers take at a tile."""


class SCUNet(CleanEngine):
    """Takes noise and JPEG blocks of all kinds away; trained on what was made as bad by chance, for fidelity."""

    name = "scunet"
    label = "SCUNet"
    requires = ("scunet",)
    gpu_seconds = 60

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return pixels * OPERATIONS / cache.speed()

    def clean(self, image: np.ndarray, report: Report) -> np.ndarray:
        import torch

        path = weights.path(*self.requires)
        report("Loading the network", None)
        load = partial(published.load, path, "SCUNet")
        with cache.fitting(self.label), cache.use(path, load, MEMORY) as model, torch.inference_mode():

            def work(piece: np.ndarray) -> np.ndarray:
                return published.to_image(model(published.to_tensor(piece)))

            parts = [
                getattr(model.model, f"m_{part}") for part in ("down1", "down2", "down3", "body", "up3", "up2", "up1")
            ]
            layers = [layer for part in parts for layer in part]
            pieces = tiles.count(image, TILE, HALO, MULTIPLE)
            with engine.reported(layers, engine.part(report, 0, pieces), "Cleaning"):
                return tiles.tiled(image, work, TILE, HALO, report, "Cleaning", multiple=MULTIPLE)
