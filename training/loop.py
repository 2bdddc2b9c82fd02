"""The training loop of all networks in Keras: averaged weights, resuming, and what was got wrong shown again."""

import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from training.plan import Pair, Plan, Sample, pairs

Reaction = Callable[[list[Pair], np.ndarray], list[Pair]]
"""Gives what the next step shall show, too, from the pairs of a step and the logits of the model about them."""


class Trainer:
    """Trains `model` and keeps `average`, the same network with its weights averaged over the last few hundred steps.

    Averaging: Polyak & Juditsky 1992; it stands for many epochs at a falling rate. Everything is saved to `folder`
    every few minutes, and a new Trainer goes on from there.
    """

    MEMORY = 0.995
    """What the average keeps at a step."""

    def __init__(
        self, build: Callable[[], keras.Model], loss: Callable, plan: Plan, folder: Path, **beside: tf.Module
    ) -> None:
        """Begin, or go on with what is saved in `folder`; `beside` is what else is to be saved."""
        self.model, self.average, self.plan = build(), build(), plan
        self._optimizer = keras.optimizers.AdamW(plan.rate, weight_decay=1e-4)
        self._optimizer.build(self.model.trainable_variables)
        self._loss = loss
        self._seconds = tf.Variable(0.0, dtype=tf.float64)
        self._steps = tf.Variable(0, dtype=tf.int64)
        state = tf.train.Checkpoint(
            model=self.model,
            average=self.average,
            optimizer=self._optimizer,
            seconds=self._seconds,
            steps=self._steps,
            **beside,
        )
        self._checkpoints = tf.train.CheckpointManager(state, str(folder), max_to_keep=1)
        self.resumed = self._checkpoints.restore_or_initialize() is not None
        self._step = tf.function(self._one_step)

    def mix(self, before: keras.Model, keep: float) -> None:
        """Make the average that of itself and, by the share `keep`, another of the same build.

        See `training.torch_loop.TorchTrainer.mix`.
        """
        pairs = zip(before.get_weights(), self.average.get_weights(), strict=True)
        self.average.set_weights([keep * old + (1 - keep) * new for old, new in pairs])

    @property
    def progress(self) -> float:
        return float(self._seconds) / (self.plan.minutes * 60)

    def run(
        self,
        sample: Sample,
        report: Callable[[str], None],
        watch: Callable[[], None],
        react: Reaction = lambda pairs, logits: [],
    ) -> None:
        """Train until the plan's minutes are used up; `watch` is called after each save, `react` after each step."""
        if not self.resumed:
            self.average.set_weights(self.model.get_weights())
        losses: list[float] = []
        saved = start = time.monotonic()
        new, kept = pairs(sample, lambda: self.plan.at(self.progress), seed=int(self._steps)), []
        while True:
            size, count = self.plan.at(self.progress)
            kept = [pair for pair in kept if pair[0].shape[0] == size][:count]
            shown = kept + [next(new) for _ in range(count - len(kept))]
            images, truths = (tf.constant(np.stack(part)) for part in zip(*shown, strict=True))
            self._optimizer.learning_rate = self.plan.learning_rate(min(1.0, self.progress), int(self._steps))
            memory = min(self.MEMORY, (1 + int(self._steps)) / (10 + int(self._steps)))
            loss, logits = self._step(images, truths, tf.constant(memory))
            losses.append(float(loss))
            kept = react(shown, logits.numpy())
            self._steps.assign_add(1)
            self._seconds.assign_add(time.monotonic() - start)
            start = time.monotonic()
            ended = self.progress >= 1
            if len(losses) == 20 or ended:
                spent = float(self._seconds) / 60
                report(f"step {int(self._steps)}, {spent:.1f} min, {size} px, loss {np.mean(losses):.4f}")
                losses.clear()
            if ended or start - saved > self.plan.save_minutes * 60:
                self._checkpoints.save()
                watch()
                saved = start = time.monotonic()
            if ended:
                return

    def _one_step(self, images: tf.Tensor, truths: tf.Tensor, memory: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            logits = self.model(tf.cast(images, tf.float32), training=True)
            loss = self._loss(truths, logits)
        self._learn(tape.gradient(loss, self.model.trainable_variables), memory)
        return loss, logits

    def _learn(self, gradients: list[tf.Tensor], memory: tf.Tensor) -> None:
        self._optimizer.apply(gradients, self.model.trainable_variables)
        for kept, new in zip(self.average.variables, self.model.variables, strict=True):
            kept.assign(memory * kept + (1 - memory) * new)
