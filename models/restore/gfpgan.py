"""Networks that know faces and restore them: GFPGAN and CodeFormer."""

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from models import cache, engine, published, weights
from models.restore.base import FaceEngine, Report

if TYPE_CHECKING:
    import torch

FIDELITY = 0.7
"""How much CodeFormer heeds the face before it, 0 to 1; at 0.5, its authors' choice, some become somebody else."""
FACES = 2
"""Faces that a photo is taken to have, before they are found."""


class _FaceNetwork(FaceEngine):
    """What the two have in common. A subclass says who it is and runs its network."""

    size = 512
    gpu_seconds = 40
    architecture: str
    """Its id in spandrel."""
    operations: float
    """Of the network for a face, as PyTorch counts them."""
    memory: int
    """Bytes that the network and its buffers take."""

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return FACES * self.operations / cache.speed()

    def restore(self, face: np.ndarray, report: Report) -> np.ndarray:
        import torch

        path = weights.path(*self.requires)
        report("Loading the network", None)
        load = partial(published.load, path, self.architecture)
        with cache.fitting(self.label), cache.use(path, load, self.memory) as model, torch.inference_mode():
            with engine.reported(self._layers(model.model), report, "Restoring a face"):
                answer = self._run(model.model, published.to_tensor(face) * 2 - 1)
            return published.to_image((answer + 1) / 2)

    @abstractmethod
    def _layers(self, network: "torch.nn.Module") -> "list[torch.nn.Module]":
        """Layers that are run one after the other."""

    @abstractmethod
    def _run(self, network: "torch.nn.Module", face: "torch.Tensor") -> "torch.Tensor":
        """Restore a face, 1x3xHxW from -1 to 1."""


class GFPGAN(_FaceNetwork):
    """GFPGAN 1.4 (Wang et al., CVPR 2021, arXiv:2101.04061): close to the face that is there, and smooth."""

    name = "gfpgan"
    label = "GFPGAN"
    requires = ("gfpgan",)
    architecture = "GFPGAN"
    operations = 0.4e12
    memory = 900 * 2**20

    def _layers(self, network: "torch.nn.Module") -> "list[torch.nn.Module]":
        return [*network.conv_body_down, *network.conv_body_up, *network.stylegan_decoder.style_convs]

    def _run(self, network: "torch.nn.Module", face: "torch.Tensor") -> "torch.Tensor":
        # With the noise that lies in the file, so that a face comes out the same each time.
        return network(face, return_rgb=False, randomize_noise=False)[0]


class CodeFormer(_FaceNetwork):
    """CodeFormer (Zhou et al., NeurIPS 2022, arXiv:2206.11253): makes sense of faces that are hardly there."""

    name = "codeformer"
    label = "CodeFormer"
    requires = ("codeformer",)
    architecture = "CodeFormer"
    operations = 0.8e12
    memory = 1200 * 2**20

    def _layers(self, network: "torch.nn.Module") -> "list[torch.nn.Module]":
        return [*network.encoder.blocks, *network.ft_layers, *network.generator.blocks]

    def _run(self, network: "torch.nn.Module", face: "torch.Tensor") -> "torch.Tensor":
        return network(face, weight=FIDELITY)[0]
