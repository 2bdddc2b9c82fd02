"""The network of `training/subject.py`: a U-Net on EfficientNet-Lite0."""

import cv2
import numpy as np

from models import cache, weights
from models.layers.subject.base import Engine, fitted

NETWORK_SIZE = 320
"""Pixels squared that the network is shown, whatever the photo's shape: it was trained on squeezed photos, too."""
MEMORY = 150 * 2**20
"""Bytes that the network and its buffers take."""


class SubjectUNet(Engine):
    """Things, animals and people in the middle of attention, as ISNet (Qin et al., ECCV 2022) would cut them out."""

    name = "Envo subject"
    requires = ("subject",)

    def _alpha(self, image: np.ndarray) -> np.ndarray | None:
        path = weights.path(*self.requires)
        small = cv2.resize(image, (NETWORK_SIZE, NETWORK_SIZE), interpolation=cv2.INTER_AREA)
        # Shown as it is and mirrored: where the two answers differ, the network is guessing.
        shown = np.stack([small, small[:, ::-1]]).astype(np.float32)
        with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
            straight, mirrored = session.run(["subject"], {"image": shown})[0]
        return fitted((straight + mirrored[:, ::-1]) / 2, image)
