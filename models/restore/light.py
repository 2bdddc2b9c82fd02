"""Low light: photos that got too little of it, brightened."""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from envo import colour, photo
from models.engine import quiet
from models.restore import network
from models.restore.base import Done, Engine, Look, Report, Step, mixed

EDGE = 256
"""Pixels of the long edge at which the network sees a photo."""
MULTIPLE = 8
"""Width and height that the network is shown are multiples of this."""
MEMORY = 50 * 2**20
"""Bytes that the network and its buffers take."""
GREY = 3
"""Levels between the colours of a pixel below which it is grey; a grey photo is to stay so."""
DARK = 0.12
"""Share of white below which half of a dark photo lies, in linear light."""
BRIGHTEST = 0.3
"""Share of white above which less than a fiftieth of a dark photo lies."""
FADED_BLACK = 0.004
"""Share of white that a hundredth of a photo that lacks light stays below: else its black has faded."""
LAMP = 0.6
"""Share of white above which something shines."""
LEAST_STOPS = 0.7
"""By how much the network has to brighten a photo for it to be suggested."""
NIGHT_STRENGTH = 50
"""What is suggested where something shines: a night should stay one."""


class ZeroDce(Engine):
    """Zero-DCE, trained by `training/low_light.py`."""

    name = "zero-dce"
    label = "Zero-DCE"
    requires = ("low-light",)

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return 0.05 + pixels * 2e-8

    def brighten(self, image: np.ndarray, report: Report) -> np.ndarray:
        """Brighten uint8 HxWx3 from 1x1 where it is dark: uint8 HxWx3."""
        from models.restore import curves

        report("Brightening", 0)
        for result, done in curves.apply(image, curves.tables(self._curves(image))):  # noqa: B007
            report("Brightening", done)
        return result

    def _curves(self, image: np.ndarray) -> np.ndarray:
        """Estimate the curves of uint8 HxWx3: float32 hxwx24, an eighth as large as what the network sees."""
        height, width = image.shape[:2]
        scale = min(1, EDGE / max(height, width))
        size = [max(1, round(length * scale / MULTIPLE)) * MULTIPLE for length in (width, height)]
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        found = network.answer(self.requires[0], small, MEMORY)
        if np.ptp(small, axis=-1).max() < GREY:
            found = found.reshape(*found.shape[:2], -1, 3).mean(-1).repeat(3, -1)
        return found


class LowLight(Step[ZeroDce]):
    id = "light"
    label = "Low light"
    about = "Brightens a photo that got too little light, dark places more than bright ones."

    def __init__(self) -> None:
        super().__init__([ZeroDce()])

    def look(self, image: np.ndarray) -> Look:
        small = photo.resize(image, EDGE)
        light = luminance(small)
        black, half, bright, brightest = np.percentile(light, (1, 50, 98, 99.8))
        if half >= DARK:
            return Look(False, "Bright enough.")
        if bright >= BRIGHTEST:
            return Look(False, "Much of it is dark, but some of it is bright.")
        if black >= FADED_BLACK:
            return Look(False, "Dark, but nothing in it is black any more: it has faded.")
        if not self.pick().available():
            return Look(False, "Most of it is very dark.")
        brightened = luminance(self.pick().brighten(small, quiet))
        stops = np.log2((brightened.mean() + 1e-4) / (light.mean() + 1e-4))
        if stops < LEAST_STOPS:
            return Look(False, "Dark, but it seems meant to be.")
        if brightest > LAMP:
            why = "Most of it is very dark. A light shines in it, so half the strength is enough."
            return Look(True, why, {"strength": NIGHT_STRENGTH})
        return Look(True, "Most of it is very dark.")

    def _apply(
        self, engine: ZeroDce, image: np.ndarray, values: Mapping[str, Any], report: Report, marks: np.ndarray | None
    ) -> Done:
        result = mixed(image, engine.brighten(image, report), values)
        before, after = (luminance(photo.resize(each, EDGE)).mean() for each in (image, result))
        return Done(
            result,
            f"Made {after / max(before, 1e-4):.1f} times as bright on average",
            bool((result != image).any()),
        )


def luminance(image: np.ndarray) -> np.ndarray:
    """Luminance of uint8 HxWx3, float32 HxW, linear, 1 for white."""
    return colour.srgb_to_linear(image / np.float32(255)) @ colour.LUMINANCE
