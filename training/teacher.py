"""Cut the subject out of every photo at hand with ISNet, and keep the mattes, for `training.subject` to learn from.

Of parts of photos it says anew what stands out: so few photos teach more. ISNet (Qin et al., ECCV 2022) takes seconds a
look: a run that was cut short goes on where it was.

usage: python -m training.teacher --data DIR [--work DIR]
"""

import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from models import cache, weights
from models.layers.subject import isnet
from training import arguments, heldback, mattes

EDGE = 448
"""Pixels of the long edge of the mattes that are kept."""
WHOLE = ("regions/images", "people/*")
"""Folders of photos that come without mattes; of portraits the label maps tell more."""
IN_PARTS = ("photos", *WHOLE)
"""Folders of photos of which a part is looked at, too."""
PART = (0.45, 0.8)
"""A part has between so much of a photo's width and height."""


@dataclass(frozen=True)
class Look:
    """A photo, or a part of it that chance has chosen."""

    file: Path
    is_part: bool

    def image(self) -> np.ndarray:
        """Read what is looked at, uint8 HxWx3."""
        image = cv2.imread(str(self.file), cv2.IMREAD_COLOR_RGB)
        if not self.is_part:
            return image
        random = np.random.default_rng(zlib.crc32(self.file.stem.encode()))
        height, width = (max(1, round(length * random.uniform(*PART))) for length in image.shape[:2])
        top, left = (
            random.integers(whole - part + 1) for whole, part in zip(image.shape, (height, width), strict=False)
        )
        return image[top : top + height, left : left + width]

    def matte(self, work: Path, data: Path) -> Path:
        """Where its matte lies, uint8 HxW at a long edge of at most `EDGE`."""
        kept = work / self.file.relative_to(data).with_suffix(".png")
        return kept.with_stem(f"{kept.stem}.part") if self.is_part else kept


def looks(data: Path) -> list[Look]:
    """Name what is looked at of the photos that may be trained on."""
    return [
        Look(file, is_part)
        for is_part, patterns in ((False, WHOLE), (True, IN_PARTS))
        for pattern in patterns
        for folder in sorted(data.glob(pattern))
        for file in heldback.split(folder.iterdir())[0]
    ]


def main(given: list[str] | None = None) -> None:
    wish = arguments.parser(__doc__, "teacher", "photos/, regions/ and people/").parse_args(given)
    path = weights.path("isnet")
    with cache.use(path, lambda: cache.onnx_session(path), isnet.MEMORY) as session:
        for look in tqdm([each for each in looks(wish.data) if not each.matte(wish.work, wish.data).exists()]):
            image = look.image()
            alpha = isnet.alpha(session, image)
            matte = cv2.resize(alpha, mattes.reduced_size(image.shape, EDGE), interpolation=cv2.INTER_AREA)
            target = look.matte(wish.work, wish.data)
            target.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(target), np.rint(np.clip(matte, 0, 1) * 255).astype(np.uint8))


if __name__ == "__main__":
    main()
