"""dlib's face descriptor (King 2017, http://blog.dlib.net/2017/02/high-quality-face-recognition-with-deep.html).

The network is built here from the file of its weights: dlib's own lets no other thread run while it computes, on one
core and without a GPU.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models import cache, weights
from models.faces.align import View
from models.faces.base import Engine
from models.faces.find import Found

if TYPE_CHECKING:
    import torch

SIZE = 150
"""Pixels squared of a face that the network is shown."""
PLACES = np.array([[0.32, 0.304], [0.68, 0.304], [0.5, 0.527], [0.342, 0.685], [0.658, 0.685]])
"""Where eyes, nose and mouth's corners lie in it: MTCNN's landmarks in faces that dlib has framed, on average."""
BATCH = 16
"""Faces that the network is shown at a time."""
MEMORY = 150 * 2**20
"""Bytes that the network and its buffers take."""

CHANNELS = (32,) * 3 + (64,) * 4 + (128,) * 3 + (256,) * 4
"""Of the residual blocks."""
HALVING = (3, 7, 10, 13)
"""Numbers of the blocks that halve height and width."""
MEAN = (122.782, 117.001, 104.298)
"""What is taken off red, green and blue, 0 to 255, before they are divided by 256."""
TENSOR = re.compile(rb"(?:con_4|affine_|fc_2\x01\x80\x02\x00\x01)\x01\x02")
"""What the file has before each tensor of weights: the kind of its layer, the version of its own format."""


class Dlib(Engine):
    """A ResNet with 29 layers whose weights a package index has; 0.9938 on LFW, as its author measured."""

    name = "dlib"
    label = "dlib"
    requires = ("dlib-face",)
    length = 128
    same = (0.42, 0.08)
    other = (0.78, 0.08)

    def _embed(self, image: np.ndarray, found: Sequence[Found]) -> np.ndarray:
        return described(framed(image, found))


def framed(image: np.ndarray, found: Sequence[Found]) -> np.ndarray:
    """Cut faces out of uint8 HxWx3 as the network wants them: uint8 NxSIZExSIZEx3."""
    return np.stack([View.fitting(face.landmarks, PLACES).cut(image, SIZE) for face in found])


def described(faces: np.ndarray) -> np.ndarray:
    """Embed faces as `framed` gives them: float32 NxD. The weights are here already."""
    import torch

    path = weights.path(*Dlib.requires)
    with cache.use(path, lambda: _Network(path), MEMORY) as network, torch.inference_mode():
        return torch.cat([network(batch) for batch in torch.from_numpy(faces).split(BATCH)]).cpu().numpy()


class _Network:
    """The network of dlib's `examples/dnn_face_recognition_ex.cpp`, each affine layer folded into its convolution."""

    def __init__(self, path: Path) -> None:
        """Read the file of its weights. Raises `WeightsError` for one that holds none."""
        self._device = cache.torch_device()
        try:
            tensors = _tensors(path.read_bytes())
            self._first = self._convolution(tensors, 3, CHANNELS[0], 7)
            self._blocks = [
                [self._convolution(tensors, inputs, outputs, 3), self._convolution(tensors, outputs, outputs, 3)]
                for inputs, outputs in zip((CHANNELS[0], *CHANNELS), CHANNELS, strict=False)
            ]
            self._last = self._on_device(next(tensors).reshape(CHANNELS[-1], Dlib.length))
        except (StopIteration, ValueError, IndexError) as error:
            raise weights.WeightsError(f"{path} holds no weights of dlib's face descriptor.") from error

    def __call__(self, faces: "torch.Tensor") -> "torch.Tensor":
        """Embed faces, uint8 NxSIZExSIZEx3: float32 NxD."""
        from torch.nn.functional import avg_pool2d, conv2d, max_pool2d, relu

        pixels = faces.to(self._device).float()
        x = (pixels - pixels.new_tensor(MEAN)).permute(0, 3, 1, 2) / 256
        x = max_pool2d(relu(conv2d(x, *self._first, stride=2)), 3, stride=2)
        for number, (one, two) in enumerate(self._blocks):
            halving = number in HALVING
            y = relu(conv2d(x, *one, stride=2 if halving else 1, padding=0 if halving else 1))
            y = conv2d(y, *two, padding=1)
            x = relu(_sum(avg_pool2d(x, 2) if halving else x, y))
        return x.mean(dim=(2, 3)) @ self._last

    def _convolution(
        self, tensors: Iterator[np.ndarray], inputs: int, outputs: int, size: int
    ) -> tuple["torch.Tensor", "torch.Tensor"]:
        """Read a convolution and the affine layer behind it: weights and biases of both in one."""
        kernel, bias = np.split(next(tensors), [-outputs])
        gain, shift = np.split(next(tensors), 2)
        kernel = kernel.reshape(outputs, inputs, size, size) * gain[:, None, None, None]
        return self._on_device(kernel), self._on_device(bias * gain + shift)

    def _on_device(self, array: np.ndarray) -> "torch.Tensor":
        import torch

        return torch.tensor(array, device=self._device)


def _sum(x: "torch.Tensor", y: "torch.Tensor") -> "torch.Tensor":
    """Sum of NxCxHxW and NxCxHxW, where the smaller is filled up with zeros."""
    from torch.nn.functional import pad

    size = [max(each) for each in zip(x.shape, y.shape, strict=True)]
    filled = [
        pad(each, (0, size[3] - each.shape[3], 0, size[2] - each.shape[2], 0, size[1] - each.shape[1]))
        for each in (x, y)
    ]
    return filled[0] + filled[1]


def _tensors(file: bytes) -> Iterator[np.ndarray]:
    """Tensors of the layers in the order in which they compute, float32 N. Raises ValueError and IndexError."""
    end = 0
    while found := TENSOR.search(file, end):
        start, count = found.end(), 1
        for _ in range(4):
            # An integer is a byte that says how many follow, then these, the lowest first.
            length = file[start] & 0xF
            count *= int.from_bytes(file[start + 1 : start + 1 + length], "little")
            start += 1 + length
        end = start + 4 * count
        yield np.frombuffer(file[start:end], "<f4")
