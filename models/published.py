"""Networks as their authors published them, built by spandrel from the files of their weights."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models import cache, weights

if TYPE_CHECKING:
    import torch
    from spandrel import ModelDescriptor


def load(path: Path, architecture: str) -> "ModelDescriptor":
    """Load a network, ready to run on the device for it. Raises `WeightsError` for a file that holds another, or none.

    architecture: its id in spandrel.
    """
    import spandrel
    import spandrel_extra_arches

    spandrel_extra_arches.install(ignore_duplicates=True)
    try:
        model = spandrel.ModelLoader().load_from_file(path)
    except Exception as error:  # the library has no class of its own for a file that it cannot load
        if cache.is_shortage(error):
            raise
        raise weights.WeightsError(f"{path} cannot be loaded: {error}") from error
    if model.architecture.id != architecture:
        raise weights.WeightsError(f"{path} holds {model.architecture.name}, not {architecture}.")
    return model.to(cache.torch_device()).eval()


def to_tensor(image: np.ndarray) -> "torch.Tensor":
    """Bring an image, uint8 HxWxC, to the device of networks: float 1xCxHxW from 0 to 1."""
    import torch

    pixels = np.ascontiguousarray(image.transpose(2, 0, 1)[None])  # some networks insist on that order in memory
    return torch.from_numpy(pixels).to(cache.torch_device(), torch.float32) / 255


def to_image(tensor: "torch.Tensor") -> np.ndarray:
    """Bring an answer of a network back: float 1xCxHxW, from 0 to 1, to uint8 HxWxC."""
    import torch

    return (tensor[0].permute(1, 2, 0) * 255).round().clamp(0, 255).to("cpu", torch.uint8).numpy()
