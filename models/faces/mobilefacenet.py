"""MobileFaceNet (Chen et al., CCBR 2018, arXiv:1804.07573): a network of 2.7 MB that tells faces apart."""

from collections.abc import Sequence

import numpy as np

from models import cache, weights
from models.faces.align import View
from models.faces.find import Found

WEIGHTS = "mobilefacenet"
LENGTH = 192
"""Numbers of an embedding."""
SIZE = 112
"""Pixels squared of a face that the network is shown."""
PLACES = np.array([
    [38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]
]) / SIZE  # fmt: skip
"""Where eyes, nose and mouth's corners lie in it, as in faces for ArcFace (Deng et al., CVPR 2019)."""
BATCH = 16
"""Faces that the network is shown at a time."""
MEMORY = 60 * 2**20
"""Bytes that the network and its buffers take."""


def embed(image: np.ndarray, found: Sequence[Found]) -> np.ndarray:
    """Embed at least one face that was found in `image`, uint8 HxWx3 sRGB: float32 NxLENGTH, each of length 1."""
    faces = np.stack([View.fitting(face.landmarks, PLACES).cut(image, SIZE) for face in found])
    path = weights.path(WEIGHTS)
    with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
        parts = np.split(np.float32(faces), range(BATCH, len(faces), BATCH))
        embeddings = np.concatenate([session.run(None, {"image": part})[0] for part in parts])
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
