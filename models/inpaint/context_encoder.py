"""The network of `training/context_encoder.py`: it continues what leads into a hole."""

import cv2
import numpy as np

from models import cache, weights
from models.inpaint import membrane
from models.inpaint.base import EraseEngine, Report
from models.inpaint.frame import Frame, resized

EDGE = 256
"""Pixels squared at which the network sees most: what it was trained at."""
MULTIPLE = 32
"""Width and height that the network is shown are multiples of this."""
MEMORY = 200 * 2**20
"""Bytes that the network and its buffers take."""


class ContextEncoder(EraseEngine):
    """Colours and large shapes fit; what it fills is smooth."""

    name = "context-encoder"
    label = "Context encoder"
    requires = ("context-encoder",)
    frame = Frame(edge=2 * EDGE)

    def _fill(self, image: np.ndarray, hole: np.ndarray, report: Report) -> np.ndarray:
        return np.rint(fill(image, hole)).astype(np.uint8)


def fill(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Fill the hole, uint8 hxw of 0 and 1, of uint8 hxwx3: float32 hxwx3, 0 to 255.

    The network looks at a reduced image; what it changes of the smooth filling is enlarged, and so is smooth itself.
    """
    height, width = hole.shape
    scale = min(1, EDGE / (height * width) ** 0.5)
    size = [max(1, round(length * scale / MULTIPLE)) * MULTIPLE for length in (width, height)]
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    gap = resized(hole, size)
    smooth = membrane.fill(small, gap)
    shown = np.dstack([smooth, gap * np.uint8(255)])[None].astype(np.float32)
    path = weights.path("context-encoder")
    with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
        filled = session.run(["filled"], {"image": shown})[0][0]
    change = cv2.resize(filled - smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(membrane.fill(image, hole) + change * hole[..., None], 0, 255)
