"""What is known of each face before its mattes are cut: where it is, and what the network says of it."""

from dataclasses import dataclass

import cv2
import numpy as np

from models.portrait.align import View
from models.portrait.find import Found

FACE = ("skin", "nose", "glasses", "eyes", "brows", "mouth", "lips")
FEATURES = ("glasses", "eyes", "brows", "mouth", "lips")
SKIN = ("skin", "nose", "ears", "neck")
"""Classes of the network that make a face, what of it is no skin, and what is skin."""
LEAST_FACE = 0.4
"""Share of the pixels between eyes and mouth that the network must take for a face."""
RAMP = 0.06
"""Share of a view's side over which what the network says fades to the view's edge, which hair may cross."""


@dataclass(frozen=True)
class Head:
    """One face, how it was shown to the network, and the answer."""

    found: Found
    view: View
    parts: dict[str, np.ndarray]
    """Probability of each of the network's classes, float32 SxS over the view."""

    @property
    def eyes_apart(self) -> float:
        """Distance of the eyes in pixels of the photo."""
        return float(np.linalg.norm(self.found.landmarks[1] - self.found.landmarks[0]))

    def sum(self, *classes: str) -> np.ndarray:
        """Probability that it is any of these classes, float32 SxS; fading to 0 at the view's edge."""
        size = self.parts["skin"].shape[0]
        ramp = np.clip(np.minimum(np.arange(size), np.arange(size)[::-1]) / (RAMP * size), 0, 1).astype(np.float32)
        return sum(self.parts[each] for each in classes) * np.minimum(ramp[None], ramp[:, None])

    def is_face(self) -> bool:
        """Whether the network agrees that there is a face between the eyes and the mouth."""
        face = self.sum(*FACE)
        matrix = self.view.matrix(face.shape[0])
        points = self.found.landmarks @ matrix[:, :2].T + matrix[:, 2]
        inside = np.zeros(face.shape, np.uint8)
        cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
        return cv2.mean(face, inside)[0] >= LEAST_FACE
