"""The network of `training/select.py`: a U-Net on EfficientNet-Lite0 that sees the clicks beside the photo."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from envo import masks
from models import cache, engine, weights
from models.select import clicks
from models.select.base import APART, CANDIDATES, REDUCED_EDGE, Candidate, Engine, Prepared, Prompt, differ

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
AROUND = (0.2, 0.5)
"""Edges of the squares about a click that are looked at for a part, as shares of the photo's mean edge; the second one
only if nothing in the first one ends there."""
CUT = 0.15
"""Share of a view's border in the photo that an answer may reach and still end within the view."""
ALIKE = 0.85
"""Of two answers that need not both be fitted to the photo the smaller one has more than this share of the other."""
FITS = {"first": 1.0, "part": 0.6, "more": 0.9}
"""What answers promise is true by so much less than of the first one, on photos to learn from."""
LEAST_SCORE = 0.15
"""What promises less than this is not offered beside the first answer."""
MEMORY = 150 * 2**20
"""Bytes that the network and its buffers take."""

View = tuple[slice, slice]
"""Rows and columns of a part of the photo at its working size."""
Point = tuple[float, float, bool]
"""(x, y) in pixels of the working size, and whether the click adds."""


@dataclass(frozen=True)
class Answer:
    """What the network says that is selected in a view."""

    alpha: np.ndarray
    """float32 SxS in [0, 1]."""
    view: View

    @property
    def area(self) -> float:
        """Pixels of the working size that are selected for sure."""
        rows, columns = self.view
        return float((self.alpha > 0.5).mean()) * (rows.stop - rows.start) * (columns.stop - columns.start)

    @property
    def score(self) -> float:
        """The IoU that alpha promises."""
        sure = self.alpha > 0.5
        return float(self.alpha[sure].sum() / max(np.count_nonzero(sure) + self.alpha[~sure].sum(), 1e-6))

    def is_cut(self, size: tuple[int, int]) -> bool:
        """Tell whether it goes on beyond its view, of a photo of `size`: height and width."""
        rows, columns = self.view
        sure = self.alpha > 0.5
        sides = [sure[0]] * (rows.start > 0) + [sure[-1]] * (rows.stop < size[0])
        sides += [sure[:, 0]] * (columns.start > 0) + [sure[:, -1]] * (columns.stop < size[1])
        return bool(sides) and float(np.mean(sides)) > CUT


class Quick(Engine):
    """Selects things, regions and parts of faces, as RITM does (Sofiiuk et al. 2021, arXiv:2102.06583).

    What takes up little of the photo is looked at twice: in the whole, then closely. What else a single click may mean
    is looked for close about it, too, and offered where its size is another one.
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
        likely = Answer(answers[0], view)
        found = [_candidate(likely, photo, "first")]
        if first is not None and len(points) == 1:
            others = [Answer(alpha, view) for alpha in answers[1:]] + [Answer(alpha, everything) for alpha in first]
            others += self._parts(photo, points, likely.area)
            found += _others(likely, others, photo, found)
        return found

    def _parts(self, photo: Prepared, points: list[Point], area: float) -> list[Answer]:
        """Look close about a click for what is smaller than an area, whole, and not just a piece of a surface."""
        height, width = photo.image.shape[:2]
        x, y, _ = points[0]
        for share in AROUND:
            reach = max(share * np.sqrt(height * width), LEAST_VIEW) / 2
            middle = ((y, height), (x, width))
            view = tuple(slice(max(0, int(at - reach)), min(edge, int(at + reach) + 1)) for at, edge in middle)
            answers = [Answer(alpha, view) for alpha in self._look(photo, view, points, None, FIRST_SIZE)[:2]]
            parts = [each for each in answers if not each.is_cut((height, width)) and 0 < each.area <= APART * area]
            if parts:
                return parts
        return []

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


def _are_alike(one: Answer, other: Answer) -> bool:
    """Tell whether two answers are of one size, so that one of them is enough: fitted edges change it little."""
    return min(one.area, other.area) > ALIKE * max(one.area, other.area)


def _others(first: Answer, others: list[Answer], photo: Prepared, offered: list[Candidate]) -> list[Candidate]:
    """Pick what else a click may mean: a part, and more; or two of one kind, where there is none of the other.

    offered: the first answer as a candidate. Areas are told by the masks themselves, for fitted edges change them.
    """
    others = sorted((each for each in others if each.score >= LEAST_SCORE), key=lambda answer: -answer.score)
    sides = (lambda each: each.area < first.area, lambda each: each.area > first.area, lambda each: True)
    tried = [first]
    for is_there in sides:
        for answer in filter(is_there, others):
            if len(offered) == CANDIDATES or any(_are_alike(answer, each) for each in tried):
                continue
            tried.append(answer)
            what = "part" if answer.area < first.area else "more"
            candidate = _candidate(answer, photo, what, cv2.pyrDown)
            if candidate.mask.any() and all(differ(candidate.mask, each.mask) for each in offered):
                offered = [*offered, candidate]
                break
    return sorted(offered[1:], key=lambda candidate: -candidate.score)


def _candidate(answer: Answer, photo: Prepared, what: str, blunt: Callable | None = None) -> Candidate:
    """Lay an answer about a view into the photo, its edges refined.

    what: which of `FITS` it is. blunt: makes its alpha smaller, where time counts for more than its last detail.
    """
    rows, columns = view = answer.view
    alpha = blunt(answer.alpha) if blunt else answer.alpha
    refined = np.rint(masks.refine(alpha, _seen(photo, view)) * 255).astype(np.uint8)
    mask = np.zeros(photo.image.shape[:2], np.uint8)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    mask[view] = cv2.resize(refined, size, interpolation=cv2.INTER_LINEAR)
    return Candidate(mask, FITS[what] * answer.score)
