"""YOLO11 (Ultralytics, 2024) with the eighty kinds of objects of COCO (Lin et al., ECCV 2014, arXiv:1405.0312)."""

import functools
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from envo import photo, settings
from models import cache, weights
from models.tagging.base import Detector, Thing

if TYPE_CHECKING:
    from ultralytics import YOLO

EDGE = 640
"""Pixels of the long edge at which the network looks, as it was trained."""
LEAST_SURE = 0.25
"""Confidence from which on its word counts, as Ultralytics sets it."""
NAMES = {
    "tv": "television",
    "couch": "sofa",
    "cell phone": "mobile phone",
    "mouse": "computer mouse",
    "keyboard": "computer keyboard",
    "remote": "remote control",
    "hair drier": "hair dryer",
    "donut": "doughnut",
}
"""COCO's names that `words.txt` says otherwise."""
MEMORY_FACTOR = 8
"""Bytes that the network and its buffers take, for each byte of its file."""
MEMORY = 100 * 2**20
"""Bytes that they take besides."""


class Yolo(Detector):
    """Finds everyday objects, and where they are; the larger, the surer and slower."""

    def __init__(self, size: str, weights_name: str) -> None:
        self.name = f"YOLO11 {size}"
        self.requires = (weights_name,)

    def find(self, images: Sequence[np.ndarray]) -> list[list[Thing]]:
        path = weights.path(*self.requires)
        # Photos of one shape go together: what is shown then needs no more than a narrow border.
        shapes: dict[tuple[int, ...], list[int]] = defaultdict(list)
        shown = [photo.resize(image, EDGE) for image in images]
        for number, image in enumerate(shown):
            shapes[image.shape].append(number)
        found: list[list[Thing]] = [[] for _ in images]
        with cache.use(path, lambda: _load(path), MEMORY + MEMORY_FACTOR * self.bytes) as network:
            for numbers in shapes.values():
                # Ultralytics takes arrays in OpenCV's order of channels.
                batch = [np.ascontiguousarray(shown[number][..., ::-1]) for number in numbers]
                results = network.predict(
                    batch, imgsz=EDGE, conf=LEAST_SURE, device=cache.torch_device(), verbose=False, batch=len(batch)
                )
                for number, result in zip(numbers, results, strict=True):
                    found[number] = [
                        Thing(NAMES.get(result.names[int(kind)], result.names[int(kind)]), float(sure), tuple(box))
                        for kind, sure, box in zip(
                            result.boxes.cls.tolist(),
                            result.boxes.conf.tolist(),
                            result.boxes.xyxyn.clamp(0, 1).tolist(),
                            strict=True,
                        )
                    ]
        return found


def _load(path: Path) -> "YOLO":
    with _as_it_was():
        from ultralytics import YOLO
        from ultralytics import settings as theirs

        theirs.update({"sync": False})
        return YOLO(path, task="detect")


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Put back what Ultralytics changes for the whole process when it is loaded: OpenCV's threads, the environment.

    It keeps its settings in this app's folder, looks for no newer version, installs nothing and says nothing.
    """
    import torch  # would run on one thread if it was loaded by Ultralytics

    threads, environment, precision = cv2.getNumThreads(), dict(os.environ), np.get_printoptions()
    quiet = {"YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}
    os.environ.update({"YOLO_CONFIG_DIR": str(_folder()), **quiet})
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
        os.environ.clear()
        os.environ.update(environment)
        np.set_printoptions(**precision)
        torch.set_printoptions(profile="default")


@functools.cache
def _folder() -> Path:
    """Make the folder of Ultralytics' settings: in the cache, or for this run alone where that cannot be written to."""
    folder = settings.cache_dir() / "ultralytics"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="envo-"))
