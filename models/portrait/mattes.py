"""From what the network says about each face to soft mattes that follow the photo."""

from dataclasses import dataclass

import cv2
import numpy as np

from envo.masks import refine
from models.portrait.align import Frame, View
from models.portrait.base import Piece
from models.portrait.find import Found

FACE = ("skin", "nose", "glasses", "eyes", "brows", "mouth", "lips")
SKIN = ("skin", "nose", "ears", "neck")
"""Classes of the network that the mattes `face` and `skin` are made of."""
LEAST_FACE = 0.4
"""Share of the pixels between eyes and mouth that the network must take for a face."""
RAMP = 0.06
"""Share of a view's side over which what it says fades to its edge, which hair and shoulders cross."""
BODY_EDGE = 384
"""Long edge in pixels of the photo in which skin is looked for all over the person."""
BODY_DISTANCE = 2.0
"""How unlike the face's skin other skin may be in colour, in standard deviations."""
BODY_SPREAD = (12.0, 3.0, 3.0)
"""Standard deviations of skin colour, in CIE Lab, that are taken for granted."""
LEAST_SKIN = 30
"""Pixels of a face's skin, in the photo so reduced, from which its colour is known."""
LEAST_BODY = 0.05
"""Share of the face's skin that a patch of skin on the body must have."""
LEAST_TEETH = 0.004
"""Share of the square between the eyes that teeth must cover; less is a glint."""


@dataclass(frozen=True)
class Head:
    """One face and what the network says of it."""

    found: Found
    view: View
    parts: dict[str, np.ndarray]
    """Probability of each of the network's classes, float32 SxS over the view."""

    @property
    def size(self) -> int:
        return self.parts["skin"].shape[0]

    def sum(self, classes: tuple[str, ...]) -> np.ndarray:
        return np.sum([self.parts[each] for each in classes], axis=0)

    @property
    def eyes_apart(self) -> float:
        return float(np.linalg.norm(self.found.landmarks[1] - self.found.landmarks[0]))


def is_face(head: Head) -> bool:
    """Whether the network agrees that there is a face between the eyes and the mouth."""
    matrix = head.view.matrix(head.size)
    points = head.found.landmarks @ matrix[:, :2].T + matrix[:, 2]
    hull = np.zeros((head.size, head.size), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    return float(head.sum(FACE)[hull > 0].mean()) >= LEAST_FACE


def cut_out(image: np.ndarray, person: np.ndarray | None, heads: list[Head]) -> list[dict[str, Piece]]:
    """Make the mattes of each head, by kind.

    `image` is uint8 HxWx3; `person`, uint8 HxW or None, bounds hair and skin where it covers the face.
    """
    if not heads:
        return []
    size = _reduced(image, BODY_EDGE)
    owners = _owners(image, heads, size)
    cuts = [_cut(image, person, head, owner) for head, owner in zip(heads, owners, strict=True)]
    skins = _skin(image, person, heads, cuts, owners, size)
    pieces = [{kind: _piece(cut.frame, alpha) for kind, alpha in cut.mattes.items()} for cut in cuts]
    for own, skin in zip(pieces, skins, strict=True):
        own["skin"] = skin
    return [{kind: piece for kind, piece in own.items() if piece} for own in pieces]


def _reduced(image: np.ndarray, edge: int) -> tuple[int, int]:
    """Width and height of HxWx3 brought down to a long edge."""
    scale = min(1.0, edge / max(image.shape[:2]))
    return max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))


def _owners(image: np.ndarray, heads: list[Head], size: tuple[int, int]) -> list[np.ndarray]:
    """Whose head or body each spot of the photo belongs to: the nearest face's. Float32 hxw for each head."""
    x = np.linspace(0, image.shape[1], size[0], dtype=np.float32)[None]
    y = np.linspace(0, image.shape[0], size[1], dtype=np.float32)[:, None]
    least = np.full(size[::-1], np.inf, np.float32)
    nearest = np.zeros(size[::-1], np.int32)
    for number, head in enumerate(heads):
        middle = head.found.landmarks.mean(axis=0)
        down = y - middle[1]
        # Counted in faces; hair and bodies hang down, so the way down is shorter.
        distance = np.hypot(x - middle[0], np.where(down > 0, 0.5 * down, down)) / head.view.side
        nearest[distance < least] = number
        np.minimum(least, distance, out=least)
    return [cv2.blur((nearest == number).astype(np.float32), (3, 3)) for number in range(len(heads))]


@dataclass(frozen=True)
class _Cut:
    """A head over its frame of the photo; all arrays float32 hxw."""

    frame: Frame
    mattes: dict[str, np.ndarray]
    features: np.ndarray
    """What is no skin in a face, or hair."""
    in_person: bool
    """Whether the matte of the person covers the face."""


def _cut(image: np.ndarray, person: np.ndarray | None, head: Head, owner: np.ndarray) -> _Cut:
    frame = head.view.frame(image.shape[1], image.shape[0])
    photo = frame.of(image)
    scale = min(1.0, head.size / head.view.side)
    size = (max(1, round(photo.shape[1] * scale)), max(1, round(photo.shape[0] * scale)))
    planes = [head.parts["hair"], head.sum(FACE), *(head.parts[part] for part in ("eyes", "lips", "mouth"))]
    planes += [head.sum(("eyes", "lips", "mouth", "brows", "glasses")), head.parts["skin"]]
    laid = head.view.uncut(np.stack(planes, axis=-1) * _fading(head.size), frame, size)
    laid *= _over(owner, image, frame, size)[..., None]
    hair, face, eyes, lips, mouth, features, skin = (np.ascontiguousarray(laid[..., i]) for i in range(len(planes)))
    lab = _lab(cv2.resize(photo, size, interpolation=cv2.INTER_AREA))
    skin_colour, lip_colour = _colour(lab, skin), _colour(lab, lips)
    hair, face = _refined(hair, photo), _refined(face, photo)
    if (inside := _person(person, frame, face)) is not None:
        hair, face = np.minimum(hair, inside), np.minimum(face, inside)
    mouth = _refined(mouth, photo)
    mattes = {
        "hair": hair,
        "face": np.minimum(face, 1 - hair),
        "eyes": _refined(eyes, photo),
        "lips": _refined(lips, photo),
        "mouth": mouth,
        "teeth": _teeth(mouth, photo, skin_colour, lip_colour, head.eyes_apart),
    }
    return _Cut(frame, mattes, np.maximum(_large(features, photo), hair), inside is not None)


def _fading(size: int) -> np.ndarray:
    """1 in a view's middle, 0 at its edge, which hair and shoulders cross; float32 `size` x `size` x 1."""
    to_edge = np.minimum(np.arange(size), np.arange(size)[::-1]) / (RAMP * size)
    ramp = np.clip(to_edge, 0, 1).astype(np.float32)
    return np.minimum(ramp[None], ramp[:, None])[..., None]


def _over(plane: np.ndarray, image: np.ndarray, frame: Frame, size: tuple[int, int]) -> np.ndarray:
    """The part over `frame` of float32 hxw that lies over the whole photo, drawn with `size`."""
    scale = np.array(plane.shape[::-1]) / image.shape[1::-1]
    step = np.array(frame.size) / size
    start = (np.array(frame[:2]) + 0.5 * step) * scale - 0.5
    matrix = np.array([[step[0] * scale[0], 0, start[0]], [0, step[1] * scale[1], start[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _large(plane: np.ndarray, photo: np.ndarray) -> np.ndarray:
    return cv2.resize(plane, photo.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _refined(plane: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """Refine float32 hxw to the size of `photo`, uint8 HxWx3, working only about where it is not 0."""
    left, top, width, height = cv2.boundingRect((plane > 0.02).astype(np.uint8))
    whole = np.zeros(photo.shape[:2], np.float32)
    if not width:
        return whole
    scale = np.array(photo.shape[1::-1]) / plane.shape[::-1]
    first = np.maximum(np.array([left, top]) - 4, 0)
    last = np.minimum(np.array([left + width, top + height]) + 4, plane.shape[::-1])
    (x0, y0), (x1, y1) = np.rint(first * scale).astype(int), np.rint(last * scale).astype(int)
    whole[y0:y1, x0:x1] = refine(plane[first[1] : last[1], first[0] : last[0]], photo[y0:y1, x0:x1])
    return whole


def _colour(lab: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """The colour of a part, float32 CIE Lab: the mean where float32 hxw is surest."""
    weight = plane**2 + 1e-6
    return (lab * weight[..., None]).sum(axis=(0, 1)) / weight.sum()


def _person(person: np.ndarray | None, frame: Frame, face: np.ndarray) -> np.ndarray | None:
    """The person's matte in a frame, float32 hxw; None where it has missed the owner of the face."""
    if person is None:
        return None
    inside = frame.of(person).astype(np.float32) / 255
    return inside if (inside * face).sum() > 0.7 * face.sum() else None


def _piece(frame: Frame, alpha: np.ndarray) -> Piece | None:
    """The part of float32 hxw over `frame` that is not 0; None if nothing is left of it."""
    levels = np.rint(alpha * 255).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(levels)
    if not width:
        return None
    return Piece(frame.left + left, frame.top + top, levels[top : top + height, left : left + width].copy())


def _teeth(mouth: np.ndarray, photo: np.ndarray, skin: np.ndarray, lips: np.ndarray, eyes_apart: float) -> np.ndarray:
    """Teeth in the inner mouth: brighter than the gap, less red than tongue and lips, by the face's own colours.

    `mouth` is float32 HxW over `photo`, uint8 HxWx3; `skin` and `lips` are their colours in CIE Lab. All 0 if less
    than a glint shows.
    """
    teeth = np.zeros_like(mouth)
    left, top, width, height = cv2.boundingRect((mouth > 0.02).astype(np.uint8))
    if not width:
        return teeth
    inside = Frame(left, top, left + width, top + height)
    lab = cv2.GaussianBlur(_lab(inside.of(photo)), (0, 0), max(0.3, 0.005 * eyes_apart))
    bright = (lab[..., 0] / max(skin[0], 1) - 0.55) / 0.25
    # From skin (0) to lips (1); in grey photos there is no red to go by, and brightness decides.
    red = (lab[..., 1] - skin[1]) / max(lips[1] - skin[1], 3)
    inside.of(teeth)[:] = inside.of(mouth) * np.clip(bright, 0, 1) * np.clip(1 - 2 * red, 0, 1)
    return teeth if teeth.sum() >= LEAST_TEETH * eyes_apart**2 else np.zeros_like(mouth)


def _skin(
    image: np.ndarray,
    person: np.ndarray | None,
    heads: list[Head],
    cuts: list[_Cut],
    owners: list[np.ndarray],
    size: tuple[int, int],
) -> list[Piece | None]:
    """Skin of each head and its body: what the network sees, and what has the same colour on the same person."""
    whole = Frame(0, 0, image.shape[1], image.shape[0])
    lab = _lab(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    people = None if person is None else cv2.resize(person, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    skins = []
    for head, cut, owner in zip(heads, cuts, owners, strict=True):
        planes = np.stack([head.sum(SKIN), 1 - head.parts["background"]], axis=-1)
        skin, known = np.moveaxis(head.view.uncut(planes * _fading(head.size), whole, size), 2, 0)
        if people is not None and cut.in_person:
            skin = np.minimum(skin, people)
            skin = np.maximum(skin, _body(lab, skin, people * (1 - known)))
        skins.append(skin * owner)
    refined = _refined(np.max(skins, axis=0), image)
    pieces = []
    for skin, cut, owner in zip(skins, cuts, owners, strict=True):
        left, top, width, height = cv2.boundingRect((skin > 0.02).astype(np.uint8))
        scale = np.array(image.shape[1::-1]) / size
        corners = np.array([[left - 2, top - 2], [left + width + 2, top + height + 2]]) * scale
        frame = Frame(*np.clip(np.rint(corners), 0, image.shape[1::-1]).astype(int).ravel().tolist())
        alpha = frame.of(refined) * _over(owner, image, frame, frame.size)
        both = frame & cut.frame
        if min(both.size) > 0:
            seen = both.within(frame).of(alpha)
            np.minimum(seen, 1 - both.within(cut.frame).of(cut.features), out=seen)
        pieces.append(_piece(frame, alpha))
    return pieces


def _body(lab: np.ndarray, skin: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Skin in float32 hxw `people` that has the colours of the face's `skin`; `lab` is float32 hxwx3 CIE Lab."""
    face = lab[skin > 0.8]
    if len(face) < LEAST_SKIN:
        return np.zeros_like(skin)
    spread = np.maximum(face.std(axis=0), BODY_SPREAD)
    distance = np.linalg.norm((lab - np.median(face, axis=0)) / spread, axis=2)
    like = np.clip(1.5 * (BODY_DISTANCE - distance), 0, 1) * people
    like = cv2.medianBlur(np.rint(like * 255).astype(np.uint8), 5).astype(np.float32) / 255
    # Spots are chance; arms are large.
    _, labels, stats, _ = cv2.connectedComponentsWithStats((like > 0.5).astype(np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] >= LEAST_BODY * len(face)
    large[0] = False
    return like * cv2.dilate(large[labels].astype(np.uint8), np.ones((3, 3), np.uint8))


def _lab(image: np.ndarray) -> np.ndarray:
    """CIE Lab, float32 HxWx3 with L from 0 to 100, of uint8 HxWx3 sRGB."""
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
