"""DDColor (Kang et al., ICCV 2023, arXiv:2212.11613): gives colours to photos that have none."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import cv2
import numpy as np

from models import cache, engine, published, weights
from models.restore.base import ColourEngine, Report

BAND = 512
"""Rows handled at a time, for at full size a photo in floats would take much memory."""
OPERATIONS = 0.5e12
"""Of the network at `edge` squared."""
MEMORY = 2000 * 2**20
"""Bytes that the network and its buffers take at `edge` squared."""


class DDColor(ColourEngine):
    """The authors' large network. It sees the photo small; its colours are laid over the lightness at full size."""

    name = "ddcolor"
    label = "DDColor"
    requires = ("ddcolor",)
    gpu_seconds = 20
    edge = 512
    """Height and width in pixels of what the network sees, as its authors do it; whatever the photo's shape."""

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return OPERATIONS / cache.speed() + pixels * 2e-7

    def colour(self, image: np.ndarray, report: Report) -> np.ndarray:
        import torch

        path = weights.path(*self.requires)
        report("Loading the network", None)
        load = partial(published.load, path, "DDColor")
        with cache.fitting(self.label), cache.use(path, load, MEMORY) as model, torch.inference_mode():
            network = model.model
            layers = [block for stage in network.encoder.arch.stages for block in stage]
            with engine.reported([*layers, *network.decoder.layers], report, "Colouring"):
                answer = network(published.to_tensor(_grey(image, self.edge)))
            colours = answer[0].permute(1, 2, 0).cpu().numpy()
        return _laid_over(image, colours)


def _grey(image: np.ndarray, edge: int) -> np.ndarray:
    """Scale to `edge` squared, the lightness alone: uint8 `edge`x`edge`x3."""
    method = cv2.INTER_AREA if min(image.shape[:2]) > edge else cv2.INTER_LINEAR
    lab = cv2.cvtColor(_floats(cv2.resize(image, (edge, edge), interpolation=method)), cv2.COLOR_RGB2Lab)
    lab[..., 1:] = 0
    return _bytes(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB))


def _laid_over(image: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Give an image, uint8 HxWx3, other colours, hxwx2 in CIELAB, at its own lightness."""
    height, width = image.shape[:2]
    colours = cv2.resize(colours, (width, height), interpolation=cv2.INTER_LINEAR)
    result = np.empty_like(image)
    for top in range(0, height, BAND):
        rows = slice(top, top + BAND)
        lab = cv2.cvtColor(_floats(image[rows]), cv2.COLOR_RGB2Lab)
        lab[..., 1:] = colours[rows]
        result[rows] = _bytes(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB))
    return result


def _floats(image: np.ndarray) -> np.ndarray:
    return image.astype(np.float32) / 255


def _bytes(image: np.ndarray) -> np.ndarray:
    return np.rint(image.clip(0, 1) * 255).astype(np.uint8)
