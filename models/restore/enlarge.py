"""Enlarge: more pixels, with detail that a network makes up, or without."""

import time
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from envo.controls import Control
from envo.errors import UserError
from envo.settings import MAX_PIXELS
from models import cache, engine, published, tiles, weights
from models.restore.base import Done, Engine, Look, Report, Step

if TYPE_CHECKING:
    import torch

FACTORS = (2, 4)
SCALE = 4
"""Times that the network enlarges."""

TILE = 256
"""Height and width of what the network sees at a time."""
HALO = 16
"""Pixels around it. The network sees farther, and makes texture up as it likes: tiles fade into each other."""
OPERATIONS = 36e6 * 1.3
"""Of the network for a pixel, as PyTorch counts them, and for what tiles have in common."""
MEMORY = 1000 * 2**20
"""Bytes that the network and its buffers take at a tile: at its end, 64 channels of 16 times the pixels."""
HALF = 0x01306B47
"""What ncnn writes before weights in half precision."""

SMALL = 800
"""Long edge in pixels, below which a photo is small on today's screens."""
TINY = 400
"""Long edge in pixels, below which two times as many are few, still."""
PATIENCE = 60.0
"""Seconds for which a visitor waits unasked."""


class EnlargeEngine(Engine):
    """Gives a photo more pixels."""

    @abstractmethod
    def enlarge(self, image: np.ndarray, factor: int, report: Report) -> np.ndarray:
        """Give an image, uint8 HxWx3, `factor` times as high and as wide, uint8; one of `FACTORS`."""


class RealESRGAN(EnlargeEngine):
    """Real-ESRGAN x4plus (Wang et al., ICCVW 2021, arXiv:2107.10833): sharp, with plausible texture.

    It enlarges four times. Two times is that, averaged down: as slow, and sharper than what it would make of two.
    """

    name = "realesrgan-x4plus"
    label = "Real-ESRGAN"
    requires = ("realesrgan-x4plus",)
    gpu_seconds = 60

    _speed: float | None = None
    """Operations a second that the last photo was enlarged at."""

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return pixels * OPERATIONS / (self._speed or cache.speed())

    def enlarge(self, image: np.ndarray, factor: int, report: Report) -> np.ndarray:
        import torch

        path = weights.path(*self.requires)
        pixels = image.shape[0] * image.shape[1]
        report("Loading the network", None)
        with cache.fitting(self.label), cache.use(path, lambda: _load(path), MEMORY) as network, torch.inference_mode():
            start = time.perf_counter()

            def work(piece: np.ndarray) -> np.ndarray:
                # The same numbers, an eighth faster on a CPU, where the channels of a pixel lie side by side.
                tensor = published.to_tensor(piece).to(memory_format=torch.channels_last)
                answer = published.to_image(network(tensor))
                height, width = piece.shape[:2]
                if factor == SCALE:
                    return answer
                return cv2.resize(answer, (width * factor, height * factor), interpolation=cv2.INTER_AREA)

            # A tile may take half a minute; of that, each of these takes about the same.
            head, body, *tail = network.model
            layers = [head, *body.sub, *(layer for layer in tail if list(layer.parameters()))]
            pieces = tiles.count(image, TILE, HALO)
            with engine.reported(layers, engine.part(report, 0, pieces), "Enlarging"):
                result = tiles.tiled(image, work, TILE, HALO, report, "Enlarging", factor)
        if pixels >= TILE**2:  # less says little
            self._speed = pixels * OPERATIONS / (time.perf_counter() - start)
        return result


class Lanczos(EnlargeEngine):
    """Lanczos's filter: no detail is added, and none made up."""

    name = "lanczos"
    label = "Lanczos"

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return pixels * values["factor"] ** 2 * 1e-7

    def enlarge(self, image: np.ndarray, factor: int, report: Report) -> np.ndarray:
        report("Enlarging", None)
        height, width = image.shape[:2]
        size = width * factor, height * factor
        return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


class Enlarge(Step[EnlargeEngine]):
    """Gives small photos more pixels."""

    id = "enlarge"
    label = "Enlarge"
    about = "Makes a small photo larger, with detail that suits it. Takes minutes."
    controls = (Control("factor", "Factor", "How many times as wide and as high: two or four.", *FACTORS, 2, 2, "×"),)

    def __init__(self) -> None:
        super().__init__([RealESRGAN(), Lanczos()])

    def checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        values = super().checked(values)
        if values["factor"] not in FACTORS:
            raise UserError("Photos are enlarged two or four times.")
        return values

    def check_size(self, pixels: int, values: Mapping[str, Any]) -> None:
        factor = values["factor"]
        if pixels * factor**2 > MAX_PIXELS:
            raise UserError(
                f"Enlarged {factor} times, the photo would have {pixels * factor**2 / 1e6:.0f} megapixels, and Envo "
                f"takes {MAX_PIXELS // 1_000_000}: choose a smaller factor, or leave it at its size."
            )

    def look(self, image: np.ndarray) -> Look:
        height, width = image.shape[:2]
        if max(height, width) >= SMALL:
            return Look(False, "The photo is large enough.")
        values = {"factor": 4 if max(height, width) < TINY else 2}
        small = f"The photo has only {width} × {height} pixels"
        best = self.pick()
        seconds = best.seconds(height * width, values)
        if best.name == Lanczos.name:
            return Look(False, f"{small}, but no engine here can add detail.", values)
        if seconds > PATIENCE:
            return Look(False, f"{small}, but enlarging it takes about {_spoken(seconds)}.", values)
        return Look(True, f"{small}.", values)

    def _apply(
        self,
        engine: EnlargeEngine,
        image: np.ndarray,
        values: Mapping[str, Any],
        report: Report,
        marks: np.ndarray | None,
    ) -> Done:
        factor = values["factor"]
        height, width = (length * factor for length in image.shape[:2])
        self.check_size(image.shape[0] * image.shape[1], values)
        return Done(engine.enlarge(image, factor, report), f"Enlarged {factor} times, to {width} × {height} pixels.")


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"


def _load(path: Path) -> "torch.nn.Module":
    """Build the network from weights as ncnn keeps them. Raises `WeightsError`."""
    import torch
    from spandrel.architectures.ESRGAN import ESRGAN

    with torch.device("meta"):  # which draws no numbers that would be replaced at once
        network = ESRGAN()
    layers = {name: layer for name, layer in network.named_modules() if isinstance(layer, torch.nn.Conv2d)}
    try:
        network.load_state_dict(_read(path.read_bytes(), layers), assign=True)
    except ValueError as error:
        raise weights.WeightsError(f"{path} cannot be loaded: {error}") from error
    return network.to(cache.torch_device(), memory_format=torch.channels_last).eval()


def _read(data: bytes, layers: "Mapping[str, torch.nn.Conv2d]") -> "dict[str, torch.Tensor]":
    """Read weights of ncnn: those of one layer after the other, in the order in which they run.

    Of each: a word that says how its weights are kept, these, filled up to four bytes, and its bias in single
    precision. Raises ValueError where the data does not fit the layers.
    """
    import torch

    state, at = {}, 0

    def take(kind: str, like: "torch.Tensor") -> "torch.Tensor":
        nonlocal at
        numbers = np.frombuffer(data, kind, like.numel(), at)  # raises ValueError beyond the end
        at += -(-numbers.nbytes // 4) * 4
        return torch.from_numpy(numbers.astype(np.float32)).view(like.shape)

    for name, layer in layers.items():
        if int.from_bytes(data[at : at + 4], "little") != HALF:
            raise ValueError(f"no weights in half precision begin at byte {at}")
        at += 4
        state[f"{name}.weight"] = take("<f2", layer.weight)
        state[f"{name}.bias"] = take("<f4", layer.bias)
    if at != len(data):
        raise ValueError(f"it has {len(data) - at} bytes too many")
    return state
