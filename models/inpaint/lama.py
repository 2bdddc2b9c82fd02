"""LaMa (Suvorov et al., WACV 2022, arXiv:2109.07161): Fourier convolutions, which see the whole picture at once."""

from typing import TYPE_CHECKING

import numpy as np

from models import cache, engine, weights
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame

if TYPE_CHECKING:
    from spandrel import MaskedImageModelDescriptor

MEMORY = 700 * 2**20
"""Bytes that the network and its buffers take at `frame.edge` squared."""


class LaMa(EraseEngine):
    """The large network of the authors, "big-lama". It goes on with patterns and straight lines.

    It was trained at 256 pixels squared, and holds up well beyond that; not at the size of whole photos.
    """

    name = "lama"
    label = "LaMa"
    requires = ("big-lama",)
    frame = Frame(edge=512, multiple=8, smallest=64, context=1.0, least=256)

    def _fill(self, image: np.ndarray, hole: np.ndarray, report: Report) -> np.ndarray:
        import torch

        path = weights.path(*self.requires)
        report("Loading the network", None)
        with cache.fitting(self.label), cache.use(path, self._load, MEMORY) as model, torch.inference_mode():
            pixels = torch.from_numpy(image.transpose(2, 0, 1)[None]).to(model.device, torch.float32) / 255
            mask = torch.from_numpy(hole[None, None]).to(model.device, torch.float32)
            # Those of the network within spandrel's model that composes its answer and the photo.
            layers = [layer for layer in model.model.model.model if list(layer.parameters())]
            with engine.reported(layers, report, "Filling the hole"):
                answer = model(pixels, mask)
            return (answer[0].permute(1, 2, 0) * 255).round().to("cpu", torch.uint8).numpy()

    def _load(self) -> "MaskedImageModelDescriptor":
        import spandrel

        path = weights.path(*self.requires)
        try:
            model = spandrel.ModelLoader().load_from_file(path)
        except Exception as error:  # the library has no class of its own for a file that it cannot load
            if cache.is_shortage(error):
                raise
            raise weights.WeightsError(f"{path} cannot be loaded: {error}") from error
        if model.architecture.id != "LaMa":
            raise weights.WeightsError(f"{path} holds {model.architecture.name}, not LaMa.")
        return model.to(cache.torch_device()).eval()
