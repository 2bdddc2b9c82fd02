"""Writing a network of PyTorch as ONNX, as `training.export` does those of Keras."""

import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from torch import nn

from training import onnx_file


def write(
    network: nn.Module,
    output: str,
    size: int,
    path: Path,
    sides: Sequence[str] = ("N", "H", "W"),
    beside: Mapping[str, int] | None = None,
) -> None:
    """Write `network` as one ONNX file with half-precision weights.

    Input `image`: float32 NxHxWx3 from 0 to 255; what lies `beside` it are so many numbers each, float32 NxF. Output
    `output`: what the network gives, of `sides` that depend on the input, and others behind them. It is run once on a
    picture of `size` pixels squared.
    """
    file = io.BytesIO()
    beside = beside or {}
    many = {"image": dict(enumerate("NHW")), **{name: {0: "N"} for name in beside}, output: dict(enumerate(sides))}
    with warnings.catch_warnings():
        # The exporter that comes after this one needs a further library, and its files cannot be of any size.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, size, size, 3), *(torch.zeros(1, count) for count in beside.values())),
            file,
            input_names=["image", *beside],
            output_names=[output],
            dynamic_axes=many,
            opset_version=onnx_file.OPSET,
            dynamo=False,
        )
    onnx_file.save(onnx.load_model_from_string(file.getvalue()), path, {}, sides)
