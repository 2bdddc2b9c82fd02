"""FaceNet (Schroff et al., CVPR 2015, arXiv:1503.03832), as facenet-pytorch has it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models import cache, weights
from models.faces.base import Engine
from models.faces.find import Found

if TYPE_CHECKING:
    import torch

BATCH = 16
"""Faces that the network is shown at a time."""
MEMORY = 300 * 2**20
"""Bytes that the network and its buffers take."""


class FaceNet(Engine):
    """An Inception-ResNet trained on VGGFace2 (Cao et al., FG 2018); 0.9965 on LFW, as its authors measured."""

    name = "facenet"
    label = "FaceNet"
    requires = ("facenet",)
    length = 512
    # From published examples, for its weights cannot be had everywhere; bench/people.py tells how well they do.
    same = (0.65, 0.17)
    other = (1.25, 0.13)

    def _embed(self, image: np.ndarray, found: Sequence[Found]) -> np.ndarray:
        import torch
        from facenet_pytorch import extract_face, fixed_image_standardization

        pixels = np.ascontiguousarray(image)
        faces = torch.stack([fixed_image_standardization(extract_face(pixels, face.box)) for face in found])
        path = weights.path(*self.requires)
        with cache.use(path, lambda: _load(path), MEMORY) as network, torch.inference_mode():
            return torch.cat([network(batch.to(network.device)) for batch in faces.split(BATCH)]).cpu().numpy()


def _load(path: Path) -> "torch.nn.Module":
    import torch
    from facenet_pytorch import InceptionResnetV1

    network = InceptionResnetV1(device=cache.torch_device())
    try:
        state = torch.load(path, map_location=network.device, weights_only=True)
        # The layer behind the embedding tells the people of its training apart, which nobody asks here.
        network.load_state_dict({name: part for name, part in state.items() if not name.startswith("logits.")})
    except Exception as error:  # torch has no class of its own for a file that it cannot load
        raise weights.WeightsError(f"{path} holds no weights of FaceNet: {error}") from error
    return network.eval()
