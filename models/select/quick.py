"""The network of `training/select.py`: a U-Net on EfficientNet-Lite0 that sees the clicks beside the photo."""

import cv2
import numpy as np

from envo import masks
from models import cache, engine, weights
from models.select import clicks
from models.select.base import REDUCED_EDGE, Candidate, Engine, Prepared, Prompt

FIRST_SIZE = 192
"""Pixels squared that the network is shown of a whole photo, which tells where to look closely."""
CLOSE_SIZE = 256
"""Pixels squared of a close look. Views of any shape are squeezed: the network was trained on squeezed photos, too."""
ROOM = 1.5
"""A close look is so much wider and higher than what was found."""
MOST_OF_IT = 0.6
"""Share of the photo from which on a closer look would show nothing new."""
LEAST_VIEW = 48
"""Pixels across and down that a close look covers at least."""
MEMORY = 150 * 2**20
"""Bytes that the network and its buffers take."""

View = tuple[slice, slice]
"""Rows and columns of a part of the photo at its working size."""
Point = tuple[float, float, bool]
"""(x, y) in pixels of the working size, and whether the click adds."""


class Quick(Engine):
    """Selects things, regions and parts of faces, as RITM does (Sofiiuk et al. 2021, arXiv:2102.06583).

    What takes up little of the photo is looked at twice: in the whole, then closely.
    """

    name = "quick"
    label = "Envo quick"
    requires = ("select",)

    def _embed(self, image: np.ndarray, report: engine.Report) -> dict[str, np.ndarray]:
        return {}  # the clicks are seen together with the photo from the first layer on

    def _answer(self, photo: Prepared, prompt: Prompt) -> list[Candidate]:
        height, width = photo.image.shape[:2]
        across, down = photo.scale
        points = [(x * across, y * down, adds) for (x, y), adds in zip(prompt.points, prompt.adds, strict=True)]
        everything = np.s_[0:height, 0:width]
        start, first = prompt.mask, None
        if start is None and prompt.box:
            start = _filled(prompt.box, photo)
        elif start is None:
            first = self._look(photo, everything, points, None, FIRST_SIZE)
            start = np.rint(cv2.resize(first[0], photo.reduced.shape[1::-1]) * 255).astype(np.uint8)
        view = _around(start, points, (height, width))
        answers = self._look(photo, view, points, start, CLOSE_SIZE)
        found = [_candidate(answers[0], photo, view)]
        if first is not None and len(points) == 1:
            # What else the click may mean: a part of it, and more than it, which may reach beyond the view.
            others = [(answers[1], view), (first[2], everything)]
            found += [_candidate(cv2.pyrDown(alpha), photo, there) for alpha, there in others]
        return found

    def _look(
        self, photo: Prepared, view: View, points: list[Point], start: np.ndarray | None, size: int
    ) -> np.ndarray:
        """Ask the network about a view: alpha of `likely`, `part` and `whole`, float32 3x`size`x`size`.

        start: the mask so far, uint8 hxw of the whole photo at any size.
        """
        shown = np.zeros((size, size, 3 + clicks.CHANNELS), np.uint8)
        shown[..., :3] = cv2.resize(_seen(photo, view), (size, size), interpolation=cv2.INTER_AREA)
        hints = shown[..., 3:]
        if start is not None:
            part = start[_scaled(view, photo.image.shape, start.shape)]
            hints[..., clicks.MASK] = cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA)
        rows, columns = view
        for x, y, adds in points:
            across = (x - columns.start) / (columns.stop - columns.start)
            down = (y - rows.start) / (rows.stop - rows.start)
            if 0 <= across <= 1 and 0 <= down <= 1:
                clicks.draw(hints, across * size - 0.5, down * size - 0.5, adds)
        path = weights.path(*self.requires)
        with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
            answer = session.run(["masks"], {"image": shown[None].astype(np.float32)})[0][0]
        alphas = np.ascontiguousarray(answer.transpose(2, 0, 1))
        wanted = np.maximum(hints[..., clicks.ADDED], hints[..., clicks.MASK]) > 127
        return np.stack([_connected(alpha, wanted) for alpha in alphas]) if wanted.any() else alphas


def _filled(box: tuple[float, float, float, float], photo: Prepared) -> np.ndarray:
    """Draw the filled box as a mask, uint8 HxW at the working size."""
    across, down = photo.scale
    left, top, right, bottom = (round(at * scale) for at, scale in zip(box, (across, down) * 2, strict=True))
    mask = np.zeros(photo.image.shape[:2], np.uint8)
    mask[max(top, 0) : max(bottom, top + 1), max(left, 0) : max(right, left + 1)] = 255
    return mask


def _around(mask: np.ndarray, points: list[Point], size: tuple[int, int]) -> View:
    """Find the view of what is in a mask, and of the clicks, with some room; all of the photo if that is most of it.

    mask: uint8 hxw of the whole photo at any size. size: height and width of the photo at its working size.
    """
    height, width = size
    down, across = height / mask.shape[0], width / mask.shape[1]
    left, top, wide, high = cv2.boundingRect((mask > 127).astype(np.uint8))
    xs = [left * across, (left + wide) * across] * bool(wide) + [x for x, _, _ in points]
    ys = [top * down, (top + high) * down] * bool(wide) + [y for _, y, _ in points]
    if not xs:
        return np.s_[0:height, 0:width]
    view = []
    for places, length in ((ys, height), (xs, width)):
        reach = max((max(places) - min(places)) * ROOM, LEAST_VIEW) / 2
        middle = (max(places) + min(places)) / 2
        view.append(slice(max(0, round(middle - reach)), min(length, round(middle + reach) + 1)))
    area = np.prod([part.stop - part.start for part in view])
    return tuple(view) if area < MOST_OF_IT * height * width else np.s_[0:height, 0:width]


def _seen(photo: Prepared, view: View) -> np.ndarray:
    """Cut a view out of the photo, uint8 hxwx3: in all its pixels, or, where those are many, of the reduced photo."""
    whole = photo.image if max(part.stop - part.start for part in view) <= REDUCED_EDGE else photo.reduced
    return whole[_scaled(view, photo.image.shape, whole.shape)]


def _scaled(view: View, size: tuple[int, ...], other: tuple[int, ...]) -> View:
    """Find a view of a picture of `size` (height, width) in one of another size; never empty."""
    parts = []
    for part, length, wanted in zip(view, size, other, strict=False):
        start = min(round(part.start * wanted / length), wanted - 1)
        parts.append(slice(start, max(start + 1, round(part.stop * wanted / length))))
    return tuple(parts)


def _connected(alpha: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Keep the pieces of an answer, float32 SxS, that hold something that is wanted for sure, bool SxS.

    Sofiiuk et al. leave it at the network's answer; but what looks alike elsewhere in a photo is hardly ever meant.
    """
    count, pieces = cv2.connectedComponents((alpha > 0.5).astype(np.uint8))
    kept = np.zeros(count, bool)
    kept[np.unique(pieces[wanted])] = True
    kept[0] = True
    lost = (~kept)[pieces].astype(np.uint8)
    if not lost.any():
        return alpha
    # Their soft rims go with them, as far as no piece that stays is nearer.
    reach = np.ones((9, 9), np.uint8)
    stays = cv2.dilate((kept[pieces] & (pieces > 0)).astype(np.uint8), reach)
    rim = cv2.dilate(lost, reach) & ~stays | lost
    return np.where(rim > 0, 0, alpha).astype(np.float32)


def _candidate(alpha: np.ndarray, photo: Prepared, view: View) -> Candidate:
    """Lay the answer about a view into the photo, its edges refined; its score is the IoU that alpha promises."""
    sure = alpha > 0.5
    inside, other = float(alpha[sure].sum()), float(alpha[~sure].sum())
    score = inside / max(np.count_nonzero(sure) + other, 1e-6)
    refined = np.rint(masks.refine(alpha, _seen(photo, view)) * 255).astype(np.uint8)
    mask = np.zeros(photo.image.shape[:2], np.uint8)
    rows, columns = view
    size = (columns.stop - columns.start, rows.stop - rows.start)
    mask[view] = cv2.resize(refined, size, interpolation=cv2.INTER_LINEAR)
    return Candidate(mask, score)
