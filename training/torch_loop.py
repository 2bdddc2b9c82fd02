"""The training loop of all networks in PyTorch: averaged weights, and resuming."""

import copy
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.plan import Plan, Sample, pairs

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""Gives how wrong answers are, from images, uint8 NxCxHxW, truths, uint8 NxDxHxW where pictures, and the answers."""
Batch = tuple[torch.Tensor, torch.Tensor]
"""Images and truths, as a `Loss` takes them."""

FILE = "state.pt"
"""What a run is saved as, in its folder."""


class TorchTrainer:
    """Trains `model` and keeps `average`, as `training.loop.Trainer` does for networks in Keras.

    A network takes float32 NxCxHxW from 0 to 255.
    """

    MEMORY = 0.995
    """What the average keeps at a step."""
    STEEPEST = 1.0
    """Longest gradient that is followed as it is."""
    HALF = True
    """Whether most operations are in bfloat16, on a CPU that computes in it."""

    def __init__(self, model: nn.Module, loss: Loss, plan: Plan, folder: Path, start: Path | None = None) -> None:
        """Begin, with the network of the run saved in `start` if that is named; or go on with what is in `folder`."""
        self.model = model.to(memory_format=torch.channels_last)
        if start:
            self.model.load_state_dict(_average(start))
        self.average = copy.deepcopy(self.model)
        self.plan, self._loss, self._file = plan, loss, folder / FILE
        self._optimizer = self._optimized()
        self._seconds, self._steps = 0.0, 0
        if self._file.exists():
            state = torch.load(self._file, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._seconds, self._steps = state["seconds"], state["steps"]

    def mix(self, start: Path, keep: float) -> None:
        """Make the average that of itself and, by the share `keep`, the network of the run saved in `start`.

        What was trained on harder examples then still knows the easier ones (Wortsman et al., CVPR 2022,
        arXiv:2109.01903).
        """
        before, now = _average(start), self.average.state_dict()
        self.average.load_state_dict({name: torch.lerp(value, before[name], keep) for name, value in now.items()})

    @property
    def progress(self) -> float:
        return self._seconds / (self.plan.minutes * 60)

    @property
    def steps(self) -> int:
        """How many were done, over all runs together."""
        return self._steps

    def run(self, sample: Sample, report: Callable[[str], None], watch: Callable[[], None]) -> None:
        """Train until the plan's minutes are used up; `watch` is called after each save."""
        new = pairs(sample, lambda: self.plan.at(self.progress), seed=self._steps)

        def batches() -> Iterator[Batch]:
            while True:
                shown = [next(new) for _ in range(self.plan.at(self.progress)[1])]
                yield tuple(stacked(np.stack(part)) for part in zip(*shown, strict=True))

        self.run_on(batches(), report, watch)

    def run_on(self, batches: Iterator[Batch], report: Callable[[str], None], watch: Callable[[], None]) -> None:
        """Train as `run` does, on batches that are made in another way and never end."""
        losses: list[float] = []
        saved = start = time.monotonic()
        for images, truths in batches:
            losses.append(self._step(images, truths))
            self._steps += 1
            self._seconds += time.monotonic() - start
            start = time.monotonic()
            ended = self.progress >= 1
            if len(losses) == 50 or ended:
                minutes = self._seconds / 60
                report(f"step {self._steps}, {minutes:.1f} min, {images.shape[-1]} px, loss {np.mean(losses):.4f}")
                losses.clear()
            if ended or start - saved > self.plan.save_minutes * 60:
                self._save()
                watch()
                saved = start = time.monotonic()
            if ended:
                return

    def _optimized(self) -> torch.optim.Optimizer:
        """Make what changes the weights; `share` of its groups is that of the plan's learning rate."""
        groups = [{"params": self.model.parameters(), "share": 1.0}]
        return torch.optim.AdamW(groups, self.plan.rate, betas=(0.9, 0.95), weight_decay=1e-4)

    def _step(self, images: torch.Tensor, truths: torch.Tensor) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self.plan.learning_rate(min(1.0, self.progress), self._steps) * group["share"]
        with torch.autocast("cpu", torch.bfloat16, self.HALF):
            answers = self.model(images.float())
        loss = self._loss(images, truths, answers.float())
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.STEEPEST)
        self._optimizer.step()
        memory = min(self.MEMORY, (1 + self._steps) / (10 + self._steps))
        with torch.no_grad():
            states = self.average.state_dict().values(), self.model.state_dict().values()
            for kept, value in zip(*states, strict=True):
                kept.lerp_(value, 1 - memory) if kept.is_floating_point() else kept.copy_(value)
        return loss.item()

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".part")
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "seconds": self._seconds,
            "steps": self._steps,
        }
        torch.save(state, partial)
        os.replace(partial, self._file)


def _average(folder: Path) -> dict[str, torch.Tensor]:
    """Read the network of the run saved in a folder."""
    return torch.load(folder / FILE, weights_only=True)["average"]


def stacked(pictures: np.ndarray) -> torch.Tensor:
    """Turn uint8 NxHxWxC into NxCxHxW."""
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2)).contiguous(memory_format=torch.channels_last)
