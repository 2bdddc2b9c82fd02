"""What engines that take noise away have in common."""

from abc import abstractmethod

import numpy as np

from models.engine import Engine, Report


class Denoiser(Engine):
    """Takes a camera's noise out of photos. It finds out by itself how much there is."""

    label: str
    """As a page calls it."""

    @abstractmethod
    def denoise(self, pixels: np.ndarray, report: Report) -> np.ndarray:
        """Give a photo without its noise, of the same dtype and size, from 1x1.

        pixels: those of a `photo.Image`: HxWx3, uint8 with the sRGB curve; or float32 linear sRGB, not clamped, whose
        highlights over white stay as they are. Raises `models.weights.WeightsError`.
        """
