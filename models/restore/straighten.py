"""Straighten: photos that lie on their side or hang askew, turned upright."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from envo import photo
from envo.controls import Control
from models import cache, weights
from models.faces import find
from models.restore import tilt
from models.restore.base import Done, Engine, Look, Report, Step

TURN = Control("turn", "Turn", "Quarter turns, clockwise.", 0, 3, 0)
ANGLE = Control(
    "angle", "Angle", "Turns the photo, clockwise above 0; empty corners are cut off.", -45, 45, 0.0, 0.1, "°"
)

LOOK_EDGE = 720
"""Pixels of the long edge at which a photo is looked at."""
SIZE = 192
"""Height and width to which a photo is squeezed where the network sees it as a whole."""
MEMORY = 60 * 2**20
"""Bytes that the network and its buffers take."""
TURNS = 4
SMALLEST_FACE = 1 / 16
"""Share of the long edge from which on a face tells how a photo lies."""
FACE_WEIGHT = 4.0
"""What a sure face counts, beside the score of the scene."""
SKY_WEIGHT = 2.0
"""What it counts that the top looks like sky. Of 424 photos 67 sides do, and 51 of them are the top."""
TILE = 8192
"""Pixels squared that are turned at a time: OpenCV takes no more than 32766."""
REACH = 5
"""Pixels around it that a pixel is interpolated from, and a little more."""
LEAST_SURE_TURN = 0.95
"""Probability from which on a photo is turned by quarters. Of 352 sound photos one in a hundred is told to lie on its
side at 0.8, and none at 0.9."""
LIKELY_TURN = 0.8
"""Probability from which on that is told, and done if asked for."""
HEAD = 2
"""Quarter turns of a photo that stands on its head. That is told but never done unasked: hardly anybody takes or scans
a photo so, and what is seen from above may look so."""
LEAST_TILT = 2.0
"""Degrees below which a tilt is not worth cutting a photo: it is told no better than to a degree or so."""
LEAST_GAIN = 1.0
"""Degrees by which a photo must be expected to hang straighter, for that costs its corners."""
LEAST_SURE_TILT = 0.5
"""Probability, within a degree, from which on a tilt is told: from 0.2 on, one sound photo in twenty was tilted, of 352
each; from here on none was."""
LIKELY_TILT = 0.2
"""Probability from which on it is told, and done if asked for."""


@dataclass(frozen=True)
class Lie:
    """How a photo lies."""

    turn: int
    """Quarter turns, clockwise, that make it upright."""
    turn_sure: float
    """Probability from 0 to 1."""
    faces: int
    """Faces that say so, too."""
    angle: float
    """Degrees, clockwise, from -20 to 20, that make it level, after that turn if it is sure."""
    gain: float
    """Degrees by which it is to be expected to hang straighter then."""
    angle_sure: float
    """Probability that the angle is right within a degree."""


class EnvoStraighten(Engine):
    """Sees how a photo lies: by faces, sky, the scene (`training/upright.py`), and what hangs askew in it."""

    name = "envo-straighten"
    label = "Envo straighten"
    requires = ("upright", *tilt.NETWORKS)

    def seconds(self, pixels: int, values: Mapping[str, Any]) -> float:
        return 0.01 + pixels * 3e-8

    def lie(self, image: np.ndarray) -> Lie:
        """Tell how uint8 HxWx3 from 1x1 lies."""
        image = photo.resize(image, LOOK_EDGE)
        views = [np.ascontiguousarray(np.rot90(image, -turn)) for turn in range(TURNS)]
        faces = [find.upright(view, max(image.shape) * SMALLEST_FACE) for view in views]
        told = np.array([max(map(_told, found), default=0.0) for found in faces])
        scores = _scene(image) + FACE_WEIGHT * told + SKY_WEIGHT * np.array([has_sky(view) for view in views])
        shares = np.exp(scores - scores.max())
        turn, sure = int(scores.argmax()), float(1 / shares.sum())
        hung = turn if sure >= LEAST_SURE_TURN else 0
        found = tilt.find(views[hung])
        return Lie(turn, sure, len(faces[turn]), -found.angle, found.gain, found.sure)


def _told(face: find.Found) -> float:
    """How much a face tells of how a photo lies, from 0 to 1."""
    return (face.sure - find.LEAST_SURE) / (1 - find.LEAST_SURE)


def has_sky(image: np.ndarray) -> bool:
    """Whether the top of uint8 HxWx3 looks like sky: smooth, brighter than the bottom, neither warm nor white."""
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    top, bottom = small[:16], small[48:]
    rough = np.abs(np.diff(top.mean(-1), axis=1)).mean()
    cold = top[..., 2].mean() - top[..., 0].mean()
    return bool(bottom.mean() + 20 < top.mean() < 250 and rough < 7.5 and cold > -5)


def _scene(image: np.ndarray) -> np.ndarray:
    """Score how upright uint8 HxWx3 is when turned clockwise by no, one, two and three quarters: float32 4."""
    small = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    views = [np.rot90(each, -turn) for each in (small, small[:, ::-1]) for turn in range(TURNS)]
    path = weights.path("upright")
    with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
        scores = session.run(["score"], {"image": np.stack(views).astype(np.float32)})[0]
    scores, mirrored = scores.reshape(2, TURNS)
    # What is turned clockwise, its mirror image turns the other way.
    return (scores + mirrored[[0, 3, 2, 1]]) / 2


def _put_right(lie: Lie, turn_sure: float, tilt_sure: float) -> tuple[int, float]:
    """Give quarter turns and degrees by which a photo is to be turned, as far as it is so sure that it is."""
    turn = lie.turn if lie.turn_sure >= turn_sure else 0
    is_tilted = lie.angle_sure >= tilt_sure and abs(lie.angle) >= LEAST_TILT and lie.gain >= LEAST_GAIN
    return turn, round(lie.angle, 1) if is_tilted else 0.0


def _said(lie: Lie, turn: int, angle: float, is_sure: bool) -> str:
    said = []
    if turn:
        how = "stand on its head" if turn == HEAD else "lie on its side"
        how = f"It {'lies on its side' if is_sure else f'may {how}'}"
        shown = f"{lie.faces} faces show" if lie.faces > 1 else "a face shows" if lie.faces else "the scene shows"
        said.append(f"{how}: {shown} it ({lie.turn_sure:.0%} sure).")
    if angle:
        hangs = "hangs" if is_sure else "may hang"
        said.append(f"It {hangs} askew by {abs(angle)}° to the {'left' if angle > 0 else 'right'}.")
    return " ".join(said)


class Straighten(Step[EnvoStraighten]):
    """Changes the photo's size."""

    id = "straighten"
    label = "Straighten"
    about = "Turns a photo upright and its lines level; corners that would be empty are cut off."
    controls = (TURN, ANGLE)
    looked_past = True

    def __init__(self) -> None:
        super().__init__([EnvoStraighten()])

    def look(self, image: np.ndarray) -> Look:
        engine = self.pick()
        if not engine.available():
            return Look(False, f"Cannot tell how it lies: {engine.how}")
        lie = engine.lie(image)
        for turn_sure, tilt_sure in ((LEAST_SURE_TURN, LEAST_SURE_TILT), (LIKELY_TURN, LIKELY_TILT)):
            turn, angle = _put_right(lie, turn_sure, tilt_sure)
            if not turn and not angle:
                continue
            is_sure = turn_sure == LEAST_SURE_TURN and turn != HEAD
            return Look(is_sure, _said(lie, turn, angle, is_sure), {"turn": turn, "angle": angle}, turn != HEAD)
        if turn == lie.turn and lie.angle_sure >= LIKELY_TILT and abs(lie.angle) < LEAST_TILT:
            return Look(False, f"It looks upright, and level within {max(0.1, abs(lie.angle)):.1f}°.")
        return Look(False, "Nothing in it shows for sure that it hangs askew.")

    def _apply(
        self,
        engine: EnvoStraighten,
        image: np.ndarray,
        values: Mapping[str, Any],
        report: Report,
        marks: np.ndarray | None,
    ) -> Done:
        turn, angle = values["turn"], values["angle"]
        report("Turning", 0)
        result = turned(image, turn, angle)
        report("Turning", 1)
        said = [f"{90 * turn}° clockwise"] * bool(turn) + [f"{angle:+.1f}°"] * bool(angle)
        if not said:
            return Done(image, "Left as it lies", False)
        height, width = result.shape[:2]
        return Done(result, f"Turned by {' and '.join(said)}, now {width} x {height} pixels")


def turned(image: np.ndarray, turn: int, angle: float) -> np.ndarray:
    """Turn uint8 or uint16 HxWx3 clockwise by quarters, then by -45 to 45 degrees, cut to what has no empty corner."""
    image = np.rot90(image, -turn)
    if angle == 0:
        return np.ascontiguousarray(image)
    height, width = image.shape[:2]
    wide, high = inside(width, height, angle)
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    matrix = np.array([[cosine, sine], [-sine, cosine]])
    corner = (np.array([width, height]) - 1) / 2 - matrix @ ((np.array([wide, high]) - 1) / 2)
    result = np.empty((high, wide, 3), image.dtype)
    for top in range(0, high, TILE):
        for left in range(0, wide, TILE):
            part = result[top : top + TILE, left : left + TILE]
            ends = np.array([left, top]) + [[x, y] for x in (0, part.shape[1]) for y in (0, part.shape[0])]
            seen = ends @ matrix.T + corner
            x0, y0 = np.maximum(0, np.floor(seen.min(0)).astype(int) - REACH)
            x1, y1 = np.ceil(seen.max(0)).astype(int) + REACH
            back = np.column_stack([matrix, matrix @ [left, top] + corner - [x0, y0]])
            flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
            part[:] = cv2.warpAffine(
                image[y0:y1, x0:x1], back, part.shape[1::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE
            )
    return result


def inside(width: int, height: int, angle: float) -> tuple[int, int]:
    """Width and height of the largest upright rectangle in one that is turned by an angle from -45 to 45 degrees."""
    cosine, sine = math.cos(math.radians(angle)), abs(math.sin(math.radians(angle)))
    long, short = max(width, height), min(width, height)
    if short <= 2 * sine * cosine * long:  # two of its corners lie at the middles of the long sides
        wide, narrow = short / 2 / sine, short / 2 / cosine
    else:
        wide, narrow = (
            (one * cosine - other * sine) / (cosine**2 - sine**2) for one, other in ((long, short), (short, long))
        )
    wide, narrow = max(1, int(wide)), max(1, int(narrow))
    return (wide, narrow) if width >= height else (narrow, wide)
