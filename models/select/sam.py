"""Segment Anything (Kirillov et al., ICCV 2023, arXiv:2304.02643) and its pruned form, through transformers.

The encoder looks at a photo once, for seconds; the decoder, a hundredth of it, answers prompts from what the
encoder kept. The two lie in the models' cache apart: a click on one photo does not wait while another is prepared.
"""

from abc import abstractmethod
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from models import cache, engine, hub, weights
from models.select.base import Candidate, Engine, Prepared, Prompt

if TYPE_CHECKING:
    import torch

FAINTEST = 1 / 1024
"""Alpha of a mask to go on from is taken to be this far from 0 and 1 at least, where logits are infinite."""
DECODER_MEMORY = 100 * 2**20


class Network(NamedTuple):
    """A model of transformers and its processor, as `from_pretrained` gives them, and the device it is on."""

    model: Any
    processor: Any
    device: "torch.device"


class SegmentAnything(Engine):
    """What all Segment Anything engines share. A subclass says which classes of transformers it uses.

    The answers are those of the library's documented use; masks are the sigmoid of its logits, enlarged as the
    library does it. They are not refined: that would cost as much as the decoder for each of three candidates.
    """

    gpu_seconds = 20
    memory: int
    """Bytes that the network and its buffers take while it looks at a photo."""

    def prepare(
        self,
        image: np.ndarray,
        size: tuple[int, int] | None = None,
        embedding: dict[str, np.ndarray] | None = None,
        report: engine.Report | None = None,
    ) -> Prepared:
        """See `Engine.prepare`; loads the decoder, too, lest the first click wait for it."""
        photo = super().prepare(image, size, embedding, report)
        with self._decoder():
            return photo

    def _embed(self, image: np.ndarray, report: engine.Report) -> dict[str, np.ndarray]:
        """Give the encoder's maps, float16, and the `frame`: height and width of the photo within its square."""
        import torch

        report("Loading the network", None)
        with self._encoder() as (model, processor, device), torch.inference_mode():
            # A copy, for the library wants to be able to write to it.
            inputs = processor.image_processor(image.copy(), return_tensors="pt", input_data_format="channels_last")
            half = torch.autocast(device.type, torch.float16, enabled=device.type == "cuda")
            with half, engine.reported(self._layers(model), report, "Preparing the photo"):
                maps = self._maps(model, inputs["pixel_values"].to(device))
        square = model.prompt_encoder.input_image_size
        frame = inputs.get("reshaped_input_sizes", torch.tensor([[square, square]]))[0]
        arrays = {f"map{i}": each.to("cpu", torch.float16).numpy() for i, each in enumerate(maps)}
        return arrays | {"frame": frame.numpy().astype(np.int32)}

    def _answer(self, photo: Prepared, prompt: Prompt) -> list[Candidate]:
        import torch

        shape = photo.image.shape[:2]
        start = prompt.mask if prompt.mask is not None and prompt.mask.any() else None
        if not any(prompt.adds) and prompt.box is None and start is None:
            return [Candidate(np.zeros(shape, np.uint8), 1.0)]
        frame = photo.embedding["frame"]
        maps = [photo.embedding[name] for name in sorted(photo.embedding) if name.startswith("map")]
        # From pixels of the original to those of the frame, x before y.
        scale = frame[::-1].astype(np.float64) / photo.size
        alone = prompt.adds == (True,) and prompt.box is None and start is None
        with self._decoder() as (model, _processor, device), torch.inference_mode():
            square = model.prompt_encoder.input_image_size

            def tensor(values: np.ndarray) -> "torch.Tensor":
                return torch.from_numpy(values.astype(np.float32)).to(device)

            inputs = {"image_embeddings": self._given([tensor(each) for each in maps])}
            if prompt.points:
                inputs["input_points"] = tensor(np.array(prompt.points) * scale)[None, None]
                inputs["input_labels"] = torch.tensor(prompt.adds, dtype=torch.int64, device=device)[None, None]
            if prompt.box:
                inputs["input_boxes"] = tensor(np.array(prompt.box) * np.tile(scale, 2))[None, None]
            if start is not None:
                low = 4 * model.prompt_encoder.image_embedding_size[0]
                inputs["input_masks"] = tensor(low_resolution_logits(start, frame, square, low))[None, None]
            output = model(**inputs, multimask_output=alone)
            logits = output.pred_masks[0, 0].float().cpu().numpy()
        scores = output.iou_scores[0, 0].float().cpu().numpy()
        masks = [_sigmoid(self._enlarged(each, frame, square, shape)) for each in logits]
        return [Candidate(masks[i], float(scores[i].clip(0, 1))) for i in np.argsort(-scores)]

    def _encoder(self) -> AbstractContextManager[Network]:
        return cache.use((*self._key, "encoder"), self._load, self.memory)

    def _decoder(self) -> AbstractContextManager[Network]:
        def load() -> Network:
            network = self._load()
            del network.model.vision_encoder
            # The same for all clicks, and a twentieth of the time that one takes.
            positions = network.model.get_image_wide_positional_embeddings().detach()
            network.model.get_image_wide_positional_embeddings = lambda: positions
            return network

        return cache.use((*self._key, "decoder"), load, DECODER_MEMORY)

    @property
    def _key(self) -> tuple[str, str, str]:
        return str(hub.folder(*self.folders)), self.version, self.name

    def _load(self) -> Network:
        import torch
        import transformers

        transformers.utils.logging.disable_progress_bar()
        folder = hub.path(*self.folders)
        device = cache.torch_device()
        options = {"local_files_only": True, "use_safetensors": True, "dtype": torch.float32}
        model_class, processor_class = self._classes()
        try:
            model, told = model_class.from_pretrained(folder, **options, output_loading_info=True)
            processor = processor_class.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # the library has no class of its own for a folder that it cannot load
            raise weights.WeightsError(f"The model in {folder} cannot be loaded: {error}") from error
        if missing := told["missing_keys"]:
            # The library would draw these by chance, and answer by chance.
            raise weights.WeightsError(f"{folder} does not hold {self.label}; {len(missing)} tensors are missing.")
        return Network(model.eval().to(device), processor, device)

    @abstractmethod
    def _classes(self) -> tuple[type, type]:
        """Model and processor of transformers."""

    @abstractmethod
    def _layers(self, model: Any) -> list["torch.nn.Module"]:
        """Layers of the encoder, each taking about as long."""

    @abstractmethod
    def _maps(self, model: Any, pixels: "torch.Tensor") -> list["torch.Tensor"]:
        """Look at a photo, 1x3xSxS as the processor makes it."""

    @abstractmethod
    def _given(self, maps: list["torch.Tensor"]) -> Any:
        """Feature maps as the model takes them for `image_embeddings`."""

    @abstractmethod
    def _enlarged(self, logits: np.ndarray, frame: np.ndarray, square: int, shape: tuple[int, int]) -> np.ndarray:
        """What the processor's `post_process_masks` does, in a fraction of its time: float32 of `shape`."""


class Sam(SegmentAnything):
    """Segment Anything of 2023: a vision transformer looks at the photo, 1024 pixels along its long edge."""

    def _classes(self) -> tuple[type, type]:
        from transformers import SamModel, SamProcessor

        return SamModel, SamProcessor

    def _layers(self, model: Any) -> list["torch.nn.Module"]:
        return list(model.vision_encoder.layers)

    def _maps(self, model: Any, pixels: "torch.Tensor") -> list["torch.Tensor"]:
        return [model.get_image_embeddings(pixels)]

    def _given(self, maps: list["torch.Tensor"]) -> "torch.Tensor":
        return maps[0]

    def _enlarged(self, logits: np.ndarray, frame: np.ndarray, square: int, shape: tuple[int, int]) -> np.ndarray:
        height, width = frame
        whole = cv2.resize(logits, (square, square), interpolation=cv2.INTER_LINEAR)
        return cv2.resize(whole[:height, :width], shape[::-1], interpolation=cv2.INTER_LINEAR)


class SamVitBase(Sam):
    """The smallest of the three published: 94 million numbers."""

    name = "sam-vit-base"
    label = "Segment Anything (ViT-Base)"
    folders = ("sam-vit-base",)
    memory = 2200 * 2**20


class SlimSam(Sam):
    """SlimSAM (Chen et al., NeurIPS 2024, arXiv:2312.05284): the same with 77 % of the encoder's channels pruned."""

    name = "slimsam"
    label = "SlimSAM"
    folders = ("slimsam",)
    memory = 1900 * 2**20


def low_resolution_logits(mask: np.ndarray, frame: np.ndarray, square: int, low: int) -> np.ndarray:
    """Make of a mask, uint8 HxW, what the decoder takes for one: logits, float32 low x low.

    The photo fills `frame` (height and width) of the encoder's input, whose edge is `square`; none of the rest is in.
    """
    alpha = np.zeros((square, square), np.float32)
    height, width = frame
    alpha[:height, :width] = cv2.resize(mask, (int(width), int(height)), interpolation=cv2.INTER_LINEAR)
    alpha = cv2.resize(alpha / 255, (low, low), interpolation=cv2.INTER_AREA).clip(FAINTEST, 1 - FAINTEST)
    return np.log(alpha / (1 - alpha))


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    """Alpha, uint8 HxW, of logits, float32 HxW; over a half exactly where they are over 0."""
    return cv2.LUT(cv2.addWeighted(logits, _STEPS, logits, 0, 127.5, dtype=cv2.CV_8U), _ALPHA)


_STEPS = 127.5 / 6
"""Steps of `_ALPHA` in a logit of one; they go from -6, where alpha is 0.0025, to 6."""
_ALPHA = np.rint(255 / (1 + np.exp((127.5 - np.arange(256)) / _STEPS))).astype(np.uint8)
_ALPHA[0], _ALPHA[255] = 0, 255
