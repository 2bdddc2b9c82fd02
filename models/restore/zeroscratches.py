"""The scratch detector of "Bringing Old Photos Back to Life" (Wan et al., CVPR 2020, arXiv:2004.09484).

The package `zeroscratches` would run it, but fetches a gigabyte by itself, of whatever revision, and lets Pillow take
half files for whole ones from then on. So the network is built here, and its published weights are put in.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from models import cache, engine, published, weights
from models.restore.base import Report, ScratchEngine

if TYPE_CHECKING:
    import torch

EDGE = 256
"""Short edge in pixels of what the network sees, as its authors do it."""
OPERATIONS = 0.22e12
"""Of the network at that size and the usual proportions, as PyTorch counts them."""
MEMORY = 500 * 2**20
"""Bytes that the network and its buffers take."""


class ZeroScratches(ScratchEngine):
    """Finds the scratches, cracks and spots that stand out when the photo is seen small."""

    name = "zeroscratches"
    label = "Bringing Old Photos Back to Life"
    requires = ("zeroscratches",)
    gpu_seconds = 30

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return OPERATIONS / cache.speed()

    def find(self, image: np.ndarray, report: Report) -> np.ndarray:
        import torch

        path = weights.path(*self.requires)
        height, width = image.shape[:2]
        grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), _seen(width, height), interpolation=cv2.INTER_LINEAR)
        report("Loading the network", None)
        with cache.fitting(self.label), cache.use(path, lambda: _load(path), MEMORY) as network, torch.inference_mode():
            layers = [*network.down_sample, *network.down_path, *network.up_path]
            with engine.reported(layers, report, "Looking for scratches"):
                answer = network(published.to_tensor(grey[..., None]) * 2 - 1)
            found = published.to_image(torch.sigmoid(answer))
        return cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)


def _seen(width: int, height: int) -> tuple[int, int]:
    """Width and height of what the network sees of a photo."""
    from models.restore.wan import DEPTH

    scale, multiple = EDGE / min(width, height), 2**DEPTH
    return round(width * scale / multiple) * multiple, round(height * scale / multiple) * multiple


def _load(path: Path) -> "torch.nn.Module":
    """Build the network from its authors' file. Raises `WeightsError`."""
    import torch

    from models.restore.wan import UNet

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
        with torch.device("meta"):  # which draws no numbers that would be replaced at once
            network = UNet(len(state["first.1.weight"]))
        network.load_state_dict(state, assign=True)
    except Exception as error:  # PyTorch has no class of its own for a file that it cannot load
        if cache.is_shortage(error):
            raise
        raise weights.WeightsError(f"{path} cannot be loaded: {error}") from error
    return network.to(cache.torch_device()).eval()
