"""What is known of each face before its mattes are cut: where it is, and what the network says of it."""

from dataclasses import dataclass

import cv2
import numpy as np

from models.faces.align import Frame, View, moved
from models.faces.find import Found

FACE = ("skin", "nose", "glasses", "eyes", "brows", "mouth", "lips")
FEATURES = ("glasses", "eyes", "brows", "mouth", "lips")
SKIN = ("skin", "nose", "ears", "neck")
"""Classes of the network that make a face, what of it is no skin, and what is skin."""
LEAST_FACE = 0.4
"""Share of the pixels between eyes and mouth that the network must take for a face, unless it sees both eyes."""
LEAST_BY_EYE, BY_EYE = 0.8, 0.35
"""The same share about each of the eyes that it sees, as far as so much of their distance."""
LEAST_EYE, IN_EYE = 0.2, 0.15
"""Share of the pixels in an eye that it must take for one, or for glasses, as far as so much of their distance."""
RAMP = 0.04
"""Share of a view's side over which what the network says fades to the view's edge."""
LONG_HAIR = 0.03
"""Share of a view's edge that hair must cross to be followed."""


@dataclass(frozen=True)
class Answer:
    """What the network says about a view."""

    view: View
    parts: dict[str, np.ndarray]
    """Probability of each class, float32 SxS over the view."""

    @property
    def size(self) -> int:
        return next(iter(self.parts.values())).shape[0]

    def sum(self, *classes: str) -> np.ndarray:
        """Probability that it is any of these classes, float32 SxS."""
        return sum(self.parts[each] for each in classes)

    def ramp(self) -> np.ndarray:
        """1 in the middle, falling to 0 at the view's edge, float32 SxS."""
        ramp = np.minimum(np.arange(self.size), np.arange(self.size)[::-1]) / (RAMP * self.size)
        ramp = np.clip(ramp, 0, 1).astype(np.float32)
        return np.minimum(ramp[None], ramp[:, None])


@dataclass(frozen=True)
class Head:
    """One face, and what the network says about it near by and, if its hair is long, from farther away."""

    found: Found
    near: Answer
    far: Answer | None = None

    @property
    def eyes_apart(self) -> float:
        """Distance of the eyes in pixels of the photo."""
        return float(np.linalg.norm(self.found.landmarks[1] - self.found.landmarks[0]))

    def is_face(self) -> bool:
        """Whether the network agrees that there is a face between the eyes and the mouth.

        A hand or a mask may hide most of that: then, that there is one about both eyes.
        """
        face, eyes = self.near.sum(*FACE), self.near.sum("eyes", "glasses")
        points = moved(self.found.landmarks, self.near.view.matrix(self.near.size))
        inside = np.zeros(face.shape, np.uint8)
        cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
        if cv2.mean(face, inside)[0] >= LEAST_FACE:
            return True
        apart = np.linalg.norm(points[1] - points[0])
        return all(
            _mean_about(face, eye, BY_EYE * apart) >= LEAST_BY_EYE
            and _mean_about(eyes, eye, IN_EYE * apart) >= LEAST_EYE
            for eye in points[:2]
        )

    def has_long_hair(self, width: int, height: int) -> bool:
        """Whether hair leaves the view into more of a photo of this size."""
        last, edge = self.near.size - 1, round(RAMP * self.near.size)
        along = np.arange(edge, last - edge)
        low, high = np.full_like(along, edge), np.full_like(along, last - edge)
        sides = ((low, along), (high, along), (along, low), (along, high))
        at = np.concatenate([np.stack(side, axis=1) for side in sides])
        outwards = np.repeat([(-2 * edge, 0), (2 * edge, 0), (0, -2 * edge), (0, 2 * edge)], len(along), axis=0)
        x, y = moved(at + outwards, cv2.invertAffineTransform(self.near.view.matrix(self.near.size))).T
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        crossing = self.near.parts["hair"][at[:, 1], at[:, 0]] > 0.5
        return bool((crossing & inside).sum() >= LONG_HAIR * len(at))

    def lay(self, groups: list[tuple[str, ...]], frame: Frame, size: tuple[int, int], wide: bool) -> np.ndarray:
        """Lay out, over `frame` drawn with `size`, how likely each spot is of one of each group's classes.

        Gives float32 hxwxC, fading to 0 at the near view's edge; beyond it lies what was seen from farther, if `wide`.
        From there the network tells hair well, but takes clothes for skin.
        """
        near = np.stack([self.near.sum(*classes) for classes in groups] + [np.ones_like(self.near.ramp())], axis=-1)
        laid = self.near.view.uncut(near * self.near.ramp()[..., None], frame, size)
        laid, covered = laid[..., :-1], laid[..., -1:]
        if wide and self.far:
            far = np.stack([self.far.sum(*classes) for classes in groups], axis=-1) * self.far.ramp()[..., None]
            laid = laid + (1 - covered) * self.far.view.uncut(far, frame, size)
        return laid


def _mean_about(values: np.ndarray, point: np.ndarray, reach: float) -> float:
    """Mean of float32 HxW as far as `reach` pixels, or one, from a point."""
    inside = np.zeros(values.shape, np.uint8)
    cv2.circle(inside, np.rint(point).astype(int).tolist(), max(1, round(reach)), 1, cv2.FILLED)
    return cv2.mean(values, inside)[0]
