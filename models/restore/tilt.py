"""By how much a photo hangs askew: the angle at which most of its lines would be level or plumb."""

import cv2
import numpy as np

EDGE = 640
"""Pixels of the long edge at which lines are looked for."""
MOST = 20
"""Degrees of the largest tilt that is looked for."""
STEP = 0.25
ANGLES = np.arange(-MOST, MOST + STEP / 2, STEP)
"""Tilts that are told apart, in degrees, clockwise above 0."""
SHORTEST = 0.03
"""Length of the shortest line that counts, in long edges of the photo."""
SIGMA = 0.5
"""Degrees by which a line may be off."""
LEANS = np.arange(-24, 25, 3)
"""Degrees by which plumb lines may converge from one side of a photo to the other, as where a camera looks up."""
FEW = 0.3
"""Long edges of lines below which they say little."""
SHARPNESS = 3
"""How much surer the angle of the most lines is than their length says."""
NEAR = 1.0
"""Degrees within which angles are taken for the same."""


def find(image: np.ndarray) -> tuple[float, float]:
    """Tell by how many degrees uint8 HxWx3 hangs askew, clockwise, and how probably that is right within a degree.

    Lines by LSD (Grompone von Gioi et al., PAMI 2010). Level ones and plumb ones have to agree.
    """
    scale = min(1, EDGE / max(image.shape))
    size = [max(8, round(length * scale)) for length in image.shape[1::-1]]
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    lines = cv2.createLineSegmentDetector().detect(grey)[0]
    if lines is None:
        return 0.0, 0.0
    level, plumb = (np.log(FEW + each) for each in _evidence(lines.reshape(-1, 4), *size))
    shares = np.exp(SHARPNESS * (level + plumb - (level + plumb).max()))
    near = np.abs(ANGLES - ANGLES[shares.argmax()]) <= NEAR
    return float(np.average(ANGLES[near], weights=shares[near])), float(shares[near].sum() / shares.sum())


def _evidence(lines: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Sum up the lengths of the level lines, and of the plumb ones, float32 Nx4, for each of `ANGLES`."""
    across, edge = lines[:, 2:] - lines[:, :2], max(width, height)
    pixels = np.hypot(*across.T)
    kept = pixels >= SHORTEST * edge
    across, pixels = across[kept], pixels[kept]
    places = ((lines[kept, 0] + lines[kept, 2]) - width) / 2 / edge
    angles = np.rad2deg(np.arctan2(across[:, 1], across[:, 0]))
    off = (angles + 45) % 90 - 45
    level = np.abs((angles + 90) % 180 - 90) < 45
    spread = SIGMA + 8 / pixels

    def summed(which: np.ndarray, lean: float = 0) -> np.ndarray:
        near = np.exp(-(((ANGLES[:, None] - off[which] + lean * places[which]) / spread[which]) ** 2) / 2)
        return near @ (pixels[which] / edge)

    return summed(level), np.max([summed(~level, lean) * np.exp(-abs(lean) / 20) for lean in LEANS], axis=0)
