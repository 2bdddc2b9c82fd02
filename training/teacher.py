"""Cut the subject out of every photo at hand with ISNet, and keep the mattes, for `training.subject` to learn from.

ISNet (Qin et al., ECCV 2022) takes seconds a photo: a run that was cut short goes on where it was.

usage: python -m training.teacher --data DIR [--work DIR]
"""

from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from models import cache, weights
from models.layers.subject import isnet
from training import arguments

EDGE = 448
"""Pixels of the long edge of the mattes that are kept."""
FOLDERS = ("regions/images", "people/*")
"""Folders of photos that come without mattes; of portraits the label maps tell more."""


def files(data: Path) -> list[Path]:
    """Name the photos that are looked at."""
    return [file for pattern in FOLDERS for folder in sorted(data.glob(pattern)) for file in sorted(folder.iterdir())]


def kept(work: Path, data: Path, photo: Path) -> Path:
    """Where the matte of a photo lies, uint8 HxW at a long edge of at most `EDGE`."""
    return work / photo.relative_to(data).with_suffix(".png")


def main(given: list[str] | None = None) -> None:
    wish = arguments.parser(__doc__, "teacher", "regions/ and people/").parse_args(given)
    path = weights.path("isnet")
    with cache.use(path, lambda: cache.onnx_session(path), isnet.MEMORY) as session:
        for file in tqdm([each for each in files(wish.data) if not kept(wish.work, wish.data, each).exists()]):
            image = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
            alpha = isnet.alpha(session, image)
            scale = min(1, EDGE / max(image.shape[:2]))
            size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
            matte = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
            target = kept(wish.work, wish.data, file)
            target.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(target), np.rint(np.clip(matte, 0, 1) * 255).astype(np.uint8))


if __name__ == "__main__":
    main()
