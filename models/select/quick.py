"""The network of `training/select.py`: a U-Net on EfficientNet-Lite0 that sees the clicks beside the photo."""

import cv2
import numpy as np

from envo import masks
from envo import photo as photos
from models import cache, engine, weights
from models.select import clicks
from models.select.base import Candidate, Engine, Prepared, Prompt

FIRST_SIZE = 256
"""Pixels squared that the network is shown of a whole photo, which tells where to look closely."""
CLOSE_SIZE = 320
"""Pixels squared of a close look. Views of any shape are squeezed: the network was trained on squeezed photos, too."""
ROOM = 1.5
"""A close look is so much wider and higher than what was found."""
MOST_OF_IT = 0.6
"""Share of the photo from which on a closer look would show nothing new."""
LEAST_VIEW = 48
"""Pixels across and down that a close look covers at least."""
GUIDE_EDGE = 1024
"""Long edge, in pixels, at which a view guides the edges of an answer; a larger one would take longer than a click
may."""
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
        image = photo.image
        across, down = photo.scale
        points = [(x * across, y * down, adds) for (x, y), adds in zip(prompt.points, prompt.adds, strict=True)]
        everything = np.s_[0 : image.shape[0], 0 : image.shape[1]]
        start = prompt.mask
        if start is None and prompt.box:
            start = _filled(prompt.box, photo)
        first = None if start is not None else self._look(image, everything, points, None, FIRST_SIZE)
        if first is not None:
            start = cv2.resize(first[0], image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            start = np.rint(start * 255).astype(np.uint8)
        view = _around(start, points)
        answers = self._look(image, view, points, start, CLOSE_SIZE)
        found = [_candidate(answers[0], image, view)]
        if first is not None and len(points) == 1:
            # What else the click may mean: a part of it, and more than it, which may reach beyond the view.
            others = [(answers[1], view), (first[2], everything)]
            found += [_candidate(cv2.pyrDown(alpha), image, there) for alpha, there in others]
        return found

    def _look(
        self, image: np.ndarray, view: View, points: list[Point], start: np.ndarray | None, size: int
    ) -> np.ndarray:
        """Ask the network about a view: alpha of `likely`, `part` and `whole`, float32 3x`size`x`size`."""
        part = image[view]
        height, width = part.shape[:2]
        shown = np.zeros((size, size, 3 + clicks.CHANNELS), np.uint8)
        shown[..., :3] = cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA)
        hints = shown[..., 3:]
        if start is not None:
            hints[..., clicks.MASK] = cv2.resize(start[view], (size, size), interpolation=cv2.INTER_AREA)
        rows, columns = view
        for x, y, adds in points:
            across, down = (x - columns.start) / width, (y - rows.start) / height
            if 0 <= across <= 1 and 0 <= down <= 1:
                clicks.draw(hints, across * size - 0.5, down * size - 0.5, adds)
        path = weights.path(*self.requires)
        with cache.use(path, lambda: cache.onnx_session(path), MEMORY) as session:
            answer = session.run(["masks"], {"image": shown[None].astype(np.float32)})[0][0]
        return np.ascontiguousarray(answer.transpose(2, 0, 1))


def _filled(box: tuple[float, float, float, float], photo: Prepared) -> np.ndarray:
    """Draw the filled box as a mask, uint8 HxW."""
    across, down = photo.scale
    left, top, right, bottom = (round(at * scale) for at, scale in zip(box, (across, down) * 2, strict=True))
    mask = np.zeros(photo.image.shape[:2], np.uint8)
    mask[max(top, 0) : max(bottom, top + 1), max(left, 0) : max(right, left + 1)] = 255
    return mask


def _around(mask: np.ndarray, points: list[Point]) -> View:
    """Find the view of what is in a mask, and of the clicks, with some room; all of the photo if that is most of it."""
    height, width = mask.shape
    everything = np.s_[0:height, 0:width]
    left, top, wide, high = cv2.boundingRect((mask > 127).astype(np.uint8))
    xs = [left, left + wide] * bool(wide) + [x for x, _, _ in points]
    ys = [top, top + high] * bool(wide) + [y for _, y, _ in points]
    if not xs:
        return everything
    view = []
    for places, length in ((ys, height), (xs, width)):
        reach = max((max(places) - min(places)) * ROOM, LEAST_VIEW) / 2
        middle = (max(places) + min(places)) / 2
        view.append(slice(max(0, round(middle - reach)), min(length, round(middle + reach) + 1)))
    area = np.prod([part.stop - part.start for part in view])
    return tuple(view) if area < MOST_OF_IT * height * width else everything


def _candidate(alpha: np.ndarray, image: np.ndarray, view: View) -> Candidate:
    """Lay the answer about a view into the photo, its edges refined; its score is the IoU that alpha promises."""
    sure = alpha > 0.5
    inside, other = float(alpha[sure].sum()), float(alpha[~sure].sum())
    score = inside / max(np.count_nonzero(sure) + other, 1e-6)
    guide = image[view]
    height, width = guide.shape[:2]
    if max(height, width) > GUIDE_EDGE:
        guide = cv2.resize(guide, photos.fit(width, height, GUIDE_EDGE), interpolation=cv2.INTER_AREA)
    refined = np.rint(masks.refine(alpha, guide) * 255).astype(np.uint8)
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[view] = cv2.resize(refined, (width, height), interpolation=cv2.INTER_LINEAR)
    return Candidate(mask, score)
