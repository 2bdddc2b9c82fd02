"""Highlights of a RAW, of which the sensor lost some channels and kept others: rebuilt before colours are made of them.

Each channel of a sensor ends at a light of its own; balanced for white, that is at `ends`, the lowest of which is 1.
What a channel lost is judged by those that are left, and by how they were related nearby, as darktable's "inpaint
opposed" does over the whole photo: where nothing is known of a place's colour, it is taken for grey. Where all channels
are lost it is grey.
"""

from dataclasses import dataclass

import numpy as np

STEP = 8
"""Pixels along each side of a cell for which it is known how the channels are related."""
_SURE, _LOST = 0.93, 0.985
"""Shares of a channel's end below which it is told as it is, and above which it is taken for lost."""
_BRIGHT = 0.5
"""Share of its end above which the brightest channel of a place tells of what is clipped nearby: leaves before a sky
are not what it is like."""
_APART = 3
"""So many pixels away from what is clipped, nothing of it is left in the colours of others."""
_FADES = 0.97
"""What is left of a relation each time that it comes twice as far."""
_ALIKE = 0.25
"""How much, as a natural logarithm, a place may differ in colour from its neighbourhood to be taken for alike."""


@dataclass(frozen=True, eq=False)
class Highlights:
    """What is known of a photo to rebuild its highlights.

    ends: float32 3. relations: float32 hxwx3 on a grid of cells of `STEP` pixels, the natural logarithms of red and
    blue over green in bright light around, and 0 to 1 how near that is; None where nothing is clipped.
    """

    ends: np.ndarray
    relations: np.ndarray | None

    @classmethod
    def of(cls, pixels: np.ndarray, ends: np.ndarray) -> "Highlights":
        """Look at a sensor's channels, uint16 HxWx3, balanced so that they end at `ends`, whose highest is 65535."""
        import cv2

        ends = np.asarray(ends, np.float32)
        if not (pixels >= (65535 * _SURE * ends / ends.max()).astype(np.uint16)).any():
            return cls(ends, None)
        height, width = pixels.shape[:2]
        small = (max(1, -(-width // STEP)), max(1, -(-height // STEP)))
        # What is clipped must tell nothing, however small: it is left out before cells are made.
        sums = np.zeros((small[1], small[0], 4), np.float32)
        for top in range(0, height, 64 * STEP):
            above = min(top, _APART)
            band = pixels[top - above : top + 64 * STEP + _APART].astype(np.float32) * (ends.max() / np.float32(65535))
            shares = (band / ends).max(axis=2)
            # Beside what is clipped, the demosaicing has mixed its colour in.
            most = cv2.dilate(shares, np.ones((2 * _APART + 1, 2 * _APART + 1), np.uint8))
            tells = np.clip((_SURE - most) / 0.05, 0, 1) * np.clip((shares - _BRIGHT) / 0.2, 0, 1) * shares**4
            both = np.dstack([band * tells[:, :, None], tells])[above : above + min(64 * STEP, height - top)]
            rows = -(-len(both) // STEP)
            sums[top // STEP : top // STEP + rows] = cv2.resize(both, (small[0], rows), interpolation=cv2.INTER_AREA)
        light = sums[..., :3] / np.maximum(sums[..., 3:], 1e-6)
        relations = np.log(np.maximum(light[..., (0, 2)], 1e-6) / np.maximum(light[..., 1:2], 1e-6))
        heard = np.minimum(sums[..., 3:] * 20, 1)  # a few pixels of a cell are enough
        filled = _filled(np.dstack([relations * heard, heard]))
        return cls(ends, np.dstack([filled[..., :2] / np.maximum(filled[..., 2:], 1e-6), filled[..., 2:]]))

    def rebuild(self, band: np.ndarray, top: int, height: int) -> None:
        """Rebuild some rows in place: float32 NxWx3, balanced, from row `top` on of a photo of `height` rows."""
        if self.relations is None:
            return
        import cv2

        lost = np.clip((band / self.ends - np.float32(_SURE)) / np.float32(_LOST - _SURE), 0, 1)
        if not lost.any():
            return
        # Beside what is lost, the demosaicing has mixed it in: magenta, where that was green.
        beside = cv2.dilate(lost, np.ones((5, 5), np.uint8))
        rows, columns = np.nonzero(beside.any(axis=2))
        lost, beside, seen = lost[rows, columns], beside[rows, columns], band[rows, columns]
        # Where all is lost there, or here, nothing is left that would tell.
        tells = (beside.min(axis=1, keepdims=True) < 1) & (lost.min(axis=1, keepdims=True) == 0)
        beside = np.where(tells, beside, lost)
        around = _looked_up(self.relations, rows + top, columns, (height, band.shape[1]))
        band[rows, columns] = _rebuilt(seen, beside * beside * (3 - 2 * beside), self.ends, around)


def _filled(told: np.ndarray) -> np.ndarray:
    """Spread what cells tell into those that tell nothing: float32 hxwx3, the last being 0 to 1 how much each tells.

    The others are multiplied by that. The farther it comes, the less is left of it.
    """
    import cv2

    height, width = told.shape[:2]
    if max(height, width) == 1:
        return told
    mean = cv2.resize(told, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)
    coarse = _filled(mean * (np.minimum(4 * mean[..., 2:], 1) / np.maximum(mean[..., 2:], 1e-6)))
    spread = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return told + (1 - told[..., 2:]) * spread * np.float32(_FADES)


def _looked_up(relations: np.ndarray, rows: np.ndarray, columns: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Sample the grid bilinearly at pixels of a photo: float32 Nx3."""
    import cv2

    (height, width), (down, across) = size, relations.shape[:2]
    x = ((columns + 0.5) * (across / width) - 0.5).astype(np.float32)
    y = ((rows + 0.5) * (down / height) - 0.5).astype(np.float32)
    # OpenCV takes maps of fewer than 32767 columns and rows.
    wide = 4096
    count = -(-len(x) // wide) * wide
    x, y = (np.resize(each, count).reshape(-1, wide) for each in (x, y))
    parts = [
        cv2.remap(relations, x[at : at + wide], y[at : at + wide], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for at in range(0, len(x), wide)
    ]
    return np.concatenate(parts).reshape(-1, 3)[: len(rows)]


def _rebuilt(seen: np.ndarray, lost: np.ndarray, ends: np.ndarray, around: np.ndarray) -> np.ndarray:
    """Judge what channels would be: float32 Nx3. lost: 0 to 1 for each channel. around: what `relations` tell there."""
    known, kept = np.log(np.maximum(seen, 1e-6)), 1 - lost
    left = kept.sum(axis=1, keepdims=True)
    # Two channels say whether they are of that colour; one alone has to believe it.
    trust = np.maximum(np.clip(left - 1, 0, 1), around[:, 2:])
    red, blue = (around[:, :2] * trust).T
    nearby = np.stack([red, np.zeros_like(red), blue], axis=1)
    weight = kept + np.float32(1e-4)
    weight /= weight.sum(axis=1, keepdims=True)
    # How bright it is by what is left, if it has the colour of what is around; and if it is grey.
    level = ((known - nearby) * weight).sum(axis=1, keepdims=True)
    grey = (known * weight).sum(axis=1, keepdims=True)
    apart = (np.abs(known - nearby - level) * weight).sum(axis=1, keepdims=True)
    alike = np.exp(-((apart / np.float32(_ALIKE / 2)) ** 2))
    # A lost channel was at its end at least.
    guess = np.maximum(np.exp(grey + alike * (level + nearby - grey)), seen)
    out = seen + lost * (guess - seen)
    # With the last channel goes the colour: what is left is as bright as the brightest end.
    gone = lost.min(axis=1, keepdims=True)
    return out + gone * (np.maximum(out.max(axis=1, keepdims=True), ends.max()) - out)
