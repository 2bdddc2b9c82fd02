"""ISNet (Qin et al., "Highly Accurate Dichotomous Image Segmentation", ECCV 2022)."""

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models import cache, weights
from models.layers.subject.base import Engine, fitted

if TYPE_CHECKING:
    import onnxruntime

NETWORK_SIZE = 1024
MEMORY = 1200 * 2**20
"""Bytes that the network and its buffers take."""


class ISNet(Engine):
    """Things, animals and people in the middle of attention."""

    name = "ISNet"
    requires = ("isnet",)

    def _alpha(self, image: np.ndarray) -> np.ndarray | None:
        path = weights.path(*self.requires)
        with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
            return fitted(alpha(session, image), image)


def alpha(session: "onnxruntime.InferenceSession", image: np.ndarray) -> np.ndarray:
    """Ask the network about uint8 HxWx3: float32 `NETWORK_SIZE` squared in [0, 1]."""
    shown = cv2.resize(image, (NETWORK_SIZE, NETWORK_SIZE), interpolation=cv2.INTER_LINEAR)
    planes = (np.moveaxis(shown, 2, 0)[None].astype(np.float32) - 128) / 256
    return session.run(["output"], {"input": planes})[0][0, 0]
