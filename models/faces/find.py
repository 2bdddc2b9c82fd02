"""Finding faces: MTCNN (Zhang et al. 2016, arXiv:1604.02878), as facenet-pytorch has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models import cache
from models.faces.align import moved

if TYPE_CHECKING:
    from facenet_pytorch import MTCNN

SMALLEST = 24
"""Width in pixels of the smallest face that is looked for."""
FIRST_LOOK = 1 / 32
"""Share of the photo's long edge that a face must have to be found at the first, fast look."""
QUICK_LOOK = 1 / 40
"""The same where one fast look has to do."""
BYSTANDER = 1 / 4
"""A face smaller than this share of the largest one is not looked for."""
LEAST_SURE = 0.9
"""Probability from which on MTCNN's word counts."""
LEAST_SURE_AGAIN = 0.97
"""The same where the photo had to be changed first: each further look is a further chance to be wrong."""
MOST = 200
"""Faces of one photo, the largest ones."""
NETWORK_SMALLEST = 20
"""Pixels of the smallest face in the photo that MTCNN is shown."""
QUICK_EDGE = round(NETWORK_SMALLEST / QUICK_LOOK)
"""Pixels of the long edge to which a photo is reduced for a quick look."""
MEMORY = 300 * 2**20
"""Bytes that PyTorch and the three small networks take."""


@dataclass(frozen=True)
class Found:
    """One face that was found, in pixels of the image."""

    box: np.ndarray
    """x0, y0, x1, y1, float32; may reach beyond the image."""
    landmarks: np.ndarray
    """float32 5x2 (x, y): eye, eye, nose, mouth's corner, mouth's corner; left before right in an upright photo."""
    sure: float
    """Probability from 0 to 1."""

    @property
    def width(self) -> float:
        return float(self.box[2] - self.box[0])


def find(image: np.ndarray) -> list[Found]:
    """Find the faces in uint8 HxWx3 sRGB, largest first.

    A fast look at the reduced photo finds large faces; small ones are looked for unless they would be bystanders
    of those. Where nobody is found, the photo is brightened, framed and turned, and looked at again.
    """
    edge = max(image.shape[:2])
    smallest = max(SMALLEST, edge * FIRST_LOOK)
    faces = upright(image, smallest)
    wanted = max(SMALLEST, faces[0].width * BYSTANDER) if faces else SMALLEST
    if wanted < smallest:
        faces = _merge(faces + upright(image, wanted))
    return (faces or _look_again(image, smallest))[:MOST]


def quickly(image: np.ndarray) -> list[Found]:
    """Find the faces in uint8 HxWx3 sRGB in one look, largest first: for many photos.

    They are about upright and at least `QUICK_LOOK` of the photo's long edge wide; a photo with a long edge of
    `QUICK_EDGE` pixels shows as many of them as a larger one.
    """
    return upright(image, max(image.shape[:2]) * QUICK_LOOK)[:MOST]


def upright(image: np.ndarray, smallest: float, least_sure: float = LEAST_SURE) -> list[Found]:
    """Find the faces that are about upright in uint8 HxWx3, from a width of `smallest` pixels on, largest first.

    least_sure: the probability from which on MTCNN's word counts.
    """
    scale = min(1.0, NETWORK_SMALLEST / smallest)
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    if min(size) < NETWORK_SMALLEST:
        return []
    with cache.use("mtcnn", _load, MEMORY) as mtcnn, _one_thread():
        boxes, sure, landmarks = mtcnn.detect(cv2.resize(image, size, interpolation=cv2.INTER_AREA), landmarks=True)
    if boxes is None:
        return []
    faces = [
        Found(np.float32(box) / scale, np.float32(points) / scale, float(probability))
        for box, points, probability in zip(boxes, landmarks, sure, strict=True)
        if probability >= least_sure
    ]
    return sorted(faces, key=lambda face: -face.width)


def _load() -> "MTCNN":
    from facenet_pytorch import MTCNN

    return MTCNN(keep_all=True, min_face_size=NETWORK_SMALLEST)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep PyTorch to this thread: layers this small gain little from more, and on a busy machine lose tenfold."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _merge(faces: list[Found]) -> list[Found]:
    """Drop those whose middle lies in a face named before; largest first."""
    kept: list[Found] = []
    for face in faces:
        x, y = face.landmarks.mean(axis=0)
        if not any(o.box[0] <= x <= o.box[2] and o.box[1] <= y <= o.box[3] for o in kept):
            kept.append(face)
    return sorted(kept, key=lambda face: -face.width)


def _look_again(image: np.ndarray, smallest: float) -> list[Found]:
    """Find faces that are dark or faded, that fill the frame, or that lie on their side, in this order."""
    height, width = image.shape[:2]
    middle = (width / 2, height / 2)
    for changed, angle, room in (
        (_brightened(image), 0, 1.0),
        (image, 0, 1.6),
        (image, 35, 1.0),
        (image, -35, 1.0),
        (image, 90, 1.0),
        (image, -90, 1.0),
        (image, 180, 1.0),
    ):
        # Turned about its middle into a frame that holds all of it.
        matrix = cv2.getRotationMatrix2D(middle, angle, 1)
        cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
        size = (round((width * cosine + height * sine) * room), round((width * sine + height * cosine) * room))
        matrix[:, 2] += np.array(size) / 2 - middle
        turned = cv2.warpAffine(changed, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        back = cv2.invertAffineTransform(matrix)
        if faces := upright(turned, smallest, LEAST_SURE_AGAIN):
            return [Found(_box(moved(_corners(f.box), back)), moved(f.landmarks, back), f.sure) for f in faces]
    return []


def _brightened(image: np.ndarray) -> np.ndarray:
    """Lift the shadows and stretch the contrast of each neighbourhood (CLAHE) of uint8 HxWx3."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clipLimit=4, tileGridSize=(4, 4)).apply(np.ascontiguousarray(lab[..., 0]))
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


def _corners(box: np.ndarray) -> np.ndarray:
    x0, y0, x1, y1 = box
    return np.float32([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _box(points: np.ndarray) -> np.ndarray:
    """The square about the middle of the turned corners that is as large as the unturned one."""
    middle, side = points.mean(axis=0), np.linalg.norm(points[0] - points[1])
    half = np.float32([side, np.linalg.norm(points[1] - points[2])]) / 2
    return np.concatenate([middle - half, middle + half])
