"""The training loop of all networks in PyTorch: averaged weights, and resuming."""

import copy
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.plan import Plan, Sample, pairs

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""Gives how wrong answers are, from the images, uint8 NxCxHxW, the truths, uint8 NxDxHxW, and the answers."""

FILE = "state.pt"
"""What a run is saved as, in its folder."""


class TorchTrainer:
    """Trains `model` and keeps `average`, as `training.loop.Trainer` does for networks in Keras.

    A network takes float32 NxCxHxW from 0 to 255. On a CPU that computes in bfloat16, most of its operations do.
    """

    MEMORY = 0.995
    """What the average keeps at a step."""

    def __init__(self, model: nn.Module, loss: Loss, plan: Plan, folder: Path, start: Path | None = None) -> None:
        """Begin, with the network of the run saved in `start` if that is named; or go on with what is in `folder`."""
        self.model = model.to(memory_format=torch.channels_last)
        if start:
            self.model.load_state_dict(_average(start))
        self.average = copy.deepcopy(self.model)
        self.plan, self._loss, self._file = plan, loss, folder / FILE
        self._optimizer = torch.optim.AdamW(self.model.parameters(), plan.rate, betas=(0.9, 0.95), weight_decay=1e-4)
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

    def run(self, sample: Sample, report: Callable[[str], None], watch: Callable[[], None]) -> None:
        """Train until the plan's minutes are used up; `watch` is called after each save."""
        losses: list[float] = []
        saved = start = time.monotonic()
        new = pairs(sample, lambda: self.plan.at(self.progress), seed=self._steps)
        while True:
            size, count = self.plan.at(self.progress)
            shown = [next(new) for _ in range(count)]
            losses.append(self._step(*(_batch(part) for part in zip(*shown, strict=True))))
            self._steps += 1
            self._seconds += time.monotonic() - start
            start = time.monotonic()
            ended = self.progress >= 1
            if len(losses) == 50 or ended:
                minutes = self._seconds / 60
                report(f"step {self._steps}, {minutes:.1f} min, {size} px, loss {np.mean(losses):.4f}")
                losses.clear()
            if ended or start - saved > self.plan.save_minutes * 60:
                self._save()
                watch()
                saved = start = time.monotonic()
            if ended:
                return

    def _step(self, images: torch.Tensor, truths: torch.Tensor) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self.plan.learning_rate(min(1.0, self.progress), self._steps)
        with torch.autocast("cpu", torch.bfloat16):
            answers = self.model(images.float())
        loss = self._loss(images, truths, answers.float())
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        memory = min(self.MEMORY, (1 + self._steps) / (10 + self._steps))
        with torch.no_grad():
            for kept, value in zip(self.average.parameters(), self.model.parameters(), strict=True):
                kept.lerp_(value, 1 - memory)
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


def _batch(pictures: tuple[np.ndarray, ...]) -> torch.Tensor:
    """Stack uint8 HxWxC: uint8 NxCxHxW."""
    return torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2)).contiguous(memory_format=torch.channels_last)
