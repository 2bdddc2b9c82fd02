"""LaMa (Suvorov et al., WACV 2022, arXiv:2109.07161): Fourier convolutions, which see the whole picture at once."""

from functools import partial

import numpy as np

from models import cache, engine, published, weights
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame

MEMORY = 700 * 2**20
"""Bytes that the network and its buffers take at `frame.edge` squared."""


class LaMa(EraseEngine):
    """The large network of the authors, "big-lama". It goes on with patterns and straight lines.

    It was trained at 256 pixels squared, and holds up well beyond that; not at the size of whole photos.
    """

    name = "lama"
    label = "LaMa"
    requires = ("big-lama",)
    gpu_seconds = 20
    frame = Frame(edge=512, multiple=8, smallest=64, context=1.0, least=256)

    def _fill(self, image: np.ndarray, hole: np.ndarray, report: Report) -> np.ndarray:
        import torch

        path = weights.path(*self.requires)
        report("Loading the network", None)
        load = partial(published.load, path, "LaMa")
        with cache.fitting(self.label), cache.use(path, load, MEMORY) as model, torch.inference_mode():
            mask = torch.from_numpy(hole[None, None]).to(model.device, torch.float32)
            # Those of the network within spandrel's model that composes its answer and the photo.
            layers = [layer for layer in model.model.model.model if list(layer.parameters())]
            with engine.reported(layers, report, "Filling the hole"):
                answer = model(published.to_tensor(image), mask)
            return published.to_image(answer)
