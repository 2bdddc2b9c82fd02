"""EfficientNet-Lite0 (Tan & Le, ICML 2019, arXiv:1905.11946) as ImageNet taught it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models import cache, weights
from models.tagging.base import Classifier, Impression

if TYPE_CHECKING:
    import torch

SIZE = 224
"""Height and width of what the network is shown: the whole photo, squeezed, so that nothing at its sides is lost."""
MEMORY = 150 * 2**20
"""Bytes that the network and its buffers take."""


class EfficientNet(Classifier):
    """A thousand things and places, and embeddings to compare photos by."""

    name = "EfficientNet-Lite0"
    requires = ("efficientnet-lite0",)

    def look(self, images: Sequence[np.ndarray]) -> list[Impression]:
        import torch

        if not images:
            return []
        small = np.stack([cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for image in images])
        path, device = weights.path(*self.requires), cache.torch_device()
        with cache.use(path, lambda: _load(path, device), MEMORY) as network, torch.inference_mode():
            shown = torch.from_numpy(small).to(device).permute(0, 3, 1, 2).float().sub(127).div(128)
            seen = network.forward_head(network.forward_features(shown), pre_logits=True)
            shares = network.classifier(seen).softmax(-1).cpu().numpy()
            embeddings = torch.nn.functional.normalize(seen).cpu().numpy()
        return [Impression(*each) for each in zip(shares, embeddings, strict=True)]


def _load(path: Path, device: "torch.device") -> "torch.nn.Module":
    import timm
    import torch

    network = timm.create_model("tf_efficientnet_lite0")
    state = torch.load(path, map_location="cpu", weights_only=True)
    # The file names its layers otherwise, but has them in the same order.
    ours, theirs = (
        [name for name in names if not name.endswith("num_batches_tracked")] for names in (network.state_dict(), state)
    )
    named = {our: state[their] for our, their in zip(ours, theirs, strict=True)}
    network.load_state_dict(named, strict=False)
    return network.eval().to(device, memory_format=torch.channels_last)
