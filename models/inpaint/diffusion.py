"""Stable Diffusion that fills holes by a prompt, through diffusers: XL, XL in a few steps, and 1.5 for small machines.

Latent diffusion (Rombach et al., CVPR 2022, arXiv:2112.10752); XL: Podell et al., arXiv:2307.01952; in a few steps with
the LoRA of latent consistency (Luo et al., arXiv:2311.05556).
"""

import functools
import math
import time
from bisect import bisect
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PIL import Image

from envo.errors import UserError
from models import cache, hub, weights
from models.inpaint import base
from models.inpaint.base import Preview, ReplaceEngine, Report, Wish
from models.inpaint.frame import Frame

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline, SchedulerMixin

SCHEDULERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Euler": ("EulerDiscreteScheduler", {}),
    "Euler a": ("EulerAncestralDiscreteScheduler", {}),
    "DPM++ 2M": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "DDIM": ("DDIMScheduler", {}),
    "UniPC": ("UniPCMultistepScheduler", {}),
    "LCM": ("LCMScheduler", {}),
}
"""Classes of diffusers and their options, by what pages call them."""

READING = 3e8
"""Bytes a second at which weights are read, roughly."""
ROOM = 3 * 2**30
"""Bytes that the system, the app and what a CPU computes take beside the weights."""
UNTILED = 15 * 2**30
"""Bytes that a GPU must have to turn latents into pixels in one go."""
RIDGE = 1e-3
"""What keeps the map from latents to colours small where a photo has few colours."""


class Diffusion(ReplaceEngine):
    """What the engines share. A subclass says which pipeline it is, and what that takes."""

    pipeline: str
    """Its class in diffusers."""
    options: ClassVar[dict[str, Any]]
    """Of loading it."""
    operations: float
    """Of one look of the network at the latents of `frame.edge` squared; as PyTorch counts them."""
    coding: float
    """Operations that turn the photo into latents, with its hole and without, and latents into pixels."""
    working: int
    """Bytes that half of precision takes beside the weights on a GPU."""

    _speed: float | None = None
    """Operations a second that the last image was made at."""

    def seconds(self, wish: Wish) -> float:
        loading = 0 if self._speed else self.bytes / READING
        return loading + wish.count * self._work(wish) / (self._speed or cache.speed())

    def _work(self, wish: Wish) -> float:
        """Operations of one image: at each step the network looks twice where it is guided."""
        return wish.steps * (2 if wish.guidance > 1 else 1) * self.operations + self.coding

    def _paint(
        self, image: np.ndarray, hole: np.ndarray, wish: Wish, report: Report, preview: Preview
    ) -> tuple[np.ndarray, str]:
        report("Loading the network", None)
        with cache.fitting(self.label), cache.use(self._key, self._load, self._half_bytes()) as pipe:
            report("Reading the prompt", None)
            start = time.perf_counter()
            scheduler = pipe.scheduler
            try:
                answer = self._run(pipe, image, hole, wish, report, preview)
            except BaseException:
                pipe.maybe_free_model_hooks()  # which a run that ends well does itself
                raise
            finally:
                pipe.scheduler = scheduler  # lest the next one takes over settings of this one
            note = self._note(pipe, wish)
        self._speed = self._work(wish) / (time.perf_counter() - start)
        return answer, note

    def _run(
        self,
        pipe: "DiffusionPipeline",
        image: np.ndarray,
        hole: np.ndarray,
        wish: Wish,
        report: Report,
        preview: Preview,
    ) -> np.ndarray:
        import diffusers
        import torch

        name, options = SCHEDULERS[wish.scheduler]
        pipe.scheduler = getattr(diffusers, name).from_config(pipe.scheduler.config, **options)
        guess = _watch(pipe.scheduler)
        colours = None

        def told(_pipe: object, step: int, _time: object, tensors: dict[str, "torch.Tensor"]) -> dict:
            nonlocal colours
            if colours is None:
                colours = _colours(tensors["masked_image_latents"][0], np.where(hole[..., None] > 0, 127, image))
            preview(colours(guess()[0]))
            report(f"Painting, step {step + 1} of {wish.steps}", (step + 1) / wish.steps)
            return {}

        height, width = hole.shape
        output = pipe(
            prompt=wish.prompt,
            negative_prompt=wish.negative or None,
            image=Image.fromarray(image),
            mask_image=Image.fromarray(hole * np.uint8(255)),
            height=height,
            width=width,
            guidance_scale=wish.guidance,
            num_inference_steps=_schedule(wish.steps, wish.strength),
            strength=wish.strength,
            generator=torch.Generator("cpu").manual_seed(wish.seed),
            output_type="np",
            callback_on_step_end=told,
            callback_on_step_end_tensor_inputs=["latents", "masked_image_latents"],
        )
        return np.rint(output.images[0] * 255).astype(np.uint8)

    def _note(self, pipe: "DiffusionPipeline", wish: Wish) -> str:
        """Say what of the wish could not be heeded."""
        notes = []
        for name, text in (("prompt", wish.prompt), ("negative prompt", wish.negative)):
            words = text.split()
            read = _words_read(pipe.tokenizer, words)
            if read < len(words):
                notes.append(f"Only the first {read} words of the {name} were read.")
        if wish.negative and wish.guidance <= 1:
            notes.append("At a guidance of 1 the negative prompt is not heeded.")
        return " ".join(notes)

    @property
    def _key(self) -> tuple[str, ...]:
        return str(hub.folder(*self.folders)), hub.version(*self.folders), self.name

    def _half_bytes(self) -> int:
        """Bytes of the weights in half precision."""
        files = [file for part in hub.networks(*self.folders).values() for file in part]
        half = [file for file in files if _is_half(file.name)]
        return sum(file.stat().st_size for file in half) or sum(file.stat().st_size for file in files) // 2

    def _load(self) -> "DiffusionPipeline":
        import diffusers
        import transformers

        diffusers.utils.logging.disable_progress_bar()
        transformers.utils.logging.disable_progress_bar()
        folder = hub.path(*self.folders)
        half = any(_is_half(file.name) for part in hub.networks(*self.folders).values() for file in part)
        options = {"local_files_only": True, "use_safetensors": True, "variant": "fp16" if half else None}
        options |= {"dtype": self._precision()} | self.options
        try:
            pipe = getattr(diffusers, self.pipeline).from_pretrained(folder, **options)
        except Exception as error:  # the library has no class of its own for a folder that it cannot load
            if cache.is_shortage(error):
                raise
            raise weights.WeightsError(f"The model in {folder} cannot be loaded: {error}") from error
        pipe.set_progress_bar_config(disable=True)
        self._adapt(pipe)
        self._place(pipe)
        return pipe

    def _adapt(self, pipe: "DiffusionPipeline") -> None:
        """Change the networks after loading, if need be."""

    def _precision(self) -> "torch.dtype":
        """Half on a GPU; on a CPU single, or where that does not fit bfloat16, which is slower there."""
        import torch

        if cache.torch_device().type == "cuda":
            return torch.float16
        memory, half = cache.memory(), self._half_bytes()
        if memory < half + ROOM:
            raise UserError(
                f"{self.label} needs {weights.size(half + ROOM)} of memory, and this machine has "
                f"{weights.size(memory)}: choose a smaller engine."
            )
        return torch.float32 if memory >= 2 * half + ROOM else torch.bfloat16

    def _place(self, pipe: "DiffusionPipeline") -> None:
        """Put the networks on the GPU by the memory there is: all, one after the other, or layer by layer.

        That changes no result. Tiles do, so they go by what the GPU has, not by what is free today.
        """
        import torch

        device = cache.torch_device()
        if device.type != "cuda":
            return
        free, total = torch.cuda.mem_get_info()
        if total < UNTILED:
            pipe.vae.enable_tiling()
        needed = self._half_bytes() + self.working
        if free < needed:
            cache.make_room()
            free, _ = torch.cuda.mem_get_info()
        largest = 2 * sum(parameter.numel() for parameter in pipe.unet.parameters())
        if free >= needed:
            pipe.to(device)
        elif free >= largest + self.working:
            pipe.enable_model_cpu_offload()
        else:
            pipe.enable_sequential_cpu_offload()


class StableDiffusionXL(Diffusion):
    """Paints a megapixel. Its authors advise a strength below 1, at which it looks less sharp."""

    name = "sdxl-inpaint"
    label = "Stable Diffusion XL"
    folders = ("sdxl-inpaint",)
    gpu_seconds = 120
    frame = Frame(edge=1024, multiple=8, smallest=256, context=0.5, least=512, enlarges=True)
    schedulers = ("Euler", "Euler a", "DPM++ 2M", "DDIM", "UniPC")
    pipeline = "StableDiffusionXLInpaintPipeline"
    options: ClassVar = {"add_watermarker": False}
    operations = 6.8e12
    coding = 20e12
    working = 5 * 2**30


class StableDiffusionXLFast(StableDiffusionXL):
    """The same in four to eight steps. Its images are smoother, and less what the prompt says."""

    name = "sdxl-inpaint-fast"
    label = "Stable Diffusion XL, few steps"
    requires = ("lcm-lora-sdxl",)
    gpu_seconds = 40
    controls = (
        replace(base.GUIDANCE, maximum=2, default=1.0, step=0.1),
        replace(base.STEPS, minimum=2, maximum=12, default=6),
        base.STRENGTH,
        base.COUNT,
    )
    schedulers = ("LCM",)

    @property
    def _key(self) -> tuple[str, ...]:
        return *super()._key, str(weights.path(*self.requires))

    def _adapt(self, pipe: "DiffusionPipeline") -> None:
        """Add the LoRA to the weights, once and for all."""
        from safetensors.torch import load_file

        path = weights.path(*self.requires)
        try:
            pipe.load_lora_weights(load_file(path))
            pipe.fuse_lora()
            pipe.unload_lora_weights()
        except Exception as error:  # as above
            if cache.is_shortage(error):
                raise
            raise weights.WeightsError(f"{path} cannot be loaded: {error}") from error


class StableDiffusion15(Diffusion):
    """Paints a quarter of that, ten times as fast: for small GPUs, and for CPUs with patience."""

    name = "sd15-inpaint"
    label = "Stable Diffusion 1.5"
    folders = ("sd15-inpaint",)
    gpu_seconds = 60
    frame = Frame(edge=512, multiple=8, smallest=128, context=0.5, least=256, enlarges=True)
    schedulers = ("DPM++ 2M", "Euler", "Euler a", "DDIM", "UniPC")
    pipeline = "StableDiffusionInpaintPipeline"
    options: ClassVar = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    operations = 0.8e12
    coding = 4.7e12
    working = 2 * 2**30


def _is_half(file: str) -> bool:
    return ".fp16." in file


def _schedule(steps: int, strength: float) -> int:
    """Steps of a schedule of which diffusers runs so many at a strength: it skips the first ones."""
    planned = math.ceil(steps / strength)
    while int(planned * strength) < steps:  # by rounding
        planned += 1
    return planned


def _watch(scheduler: "SchedulerMixin") -> "Callable[[], torch.Tensor]":
    """Give what tells the latents, 1x4xhxw, that the last step of a scheduler expects to end with."""
    step = scheduler.step
    guess = None

    @functools.wraps(step)  # pipelines look at what parameters it has
    def watched(*given: Any, **named: Any) -> Any:
        nonlocal guess
        output = step(*given, **named)
        guess = output[1] if len(output) > 1 else scheduler.model_outputs[-1]
        return output

    scheduler.step = watched
    return lambda: guess


def _colours(latents: "torch.Tensor", image: np.ndarray) -> "Callable[[torch.Tensor], np.ndarray]":
    """Fit a linear map from latents to colours, from those of a photo: 4xhxw, and uint8 HxWx3, eight times as large.

    That is enough for a preview, and costs nothing; it gives uint8 hxwx3.
    """
    import cv2

    def table(values: "torch.Tensor") -> np.ndarray:
        rows = values.float().cpu().flatten(1).numpy().T
        return np.column_stack([rows, np.ones(len(rows), np.float32)])

    height, width = latents.shape[1:]
    known = table(latents)
    seen = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
    square = known.T @ known
    matrix = np.linalg.solve(square + RIDGE * len(known) * np.eye(len(square)), known.T @ seen)

    def show(values: "torch.Tensor") -> np.ndarray:
        return np.rint(table(values) @ matrix).clip(0, 255).astype(np.uint8).reshape(height, width, 3)

    return show


def _words_read(tokenizer: Any, words: list[str]) -> int:
    """Count the words, from the first on, that fit into what the text encoder reads."""

    def tokens(count: int) -> int:
        return len(tokenizer(" ".join(words[:count]), truncation=False).input_ids)

    return bisect(range(1, len(words) + 1), tokenizer.model_max_length, key=tokens)
