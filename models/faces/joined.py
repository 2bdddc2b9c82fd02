"""Two networks that see faces differently, dlib's and MobileFaceNet, joined.

Whom the one takes for another, the other one may tell apart.
"""

from collections.abc import Sequence

import numpy as np

from models.faces import dlib, mobilefacenet
from models.faces.base import Engine
from models.faces.dlib import Dlib
from models.faces.find import Found

WEIGHT = 0.5
"""How far apart MobileFaceNet's embeddings of two faces count, beside dlib's."""


class Joined(Engine):
    """dlib's descriptor of a face and of its mirror image, on average, beside MobileFaceNet's embedding.

    How well people are named with it, and whose faces `same` and `other` are of, is in
    `models/trained/mobilefacenet.md`.
    """

    name = "dlib+mobilefacenet"
    label = "dlib and MobileFaceNet"
    requires = (*Dlib.requires, mobilefacenet.WEIGHTS)
    length = Dlib.length + mobilefacenet.LENGTH
    same = (0.53, 0.1)
    other = (1.05, 0.09)

    def _embed(self, image: np.ndarray, found: Sequence[Found]) -> np.ndarray:
        faces = dlib.framed(image, found)
        both = dlib.described(np.concatenate([faces, faces[:, :, ::-1]]))
        described = both.reshape(2, len(found), -1).mean(axis=0)
        return np.concatenate([described, WEIGHT * mobilefacenet.embed(image, found)], axis=1)
