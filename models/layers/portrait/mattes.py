"""From what the network says about each face to soft mattes that follow the photo."""

from dataclasses import dataclass

import cv2
import numpy as np

from envo.masks import refine
from models.faces.align import Frame, over
from models.layers.portrait.base import Piece
from models.layers.portrait.colour import to_lab, typical
from models.layers.portrait.heads import FACE, FEATURES, Answer, Head
from models.layers.portrait.skin import find_skin
from models.layers.portrait.teeth import find_teeth

SMALL_EDGE = 384
"""Long edge in pixels of the reduced photo, in which it is told whose is what, and where skin is."""
COVERED = 0.7
"""Share of a face that the person's matte must cover to be believed about its hair and skin."""
STRANDS = 0.04
"""How far beyond the network's hair the person's matte may show strands, as a share of the face's view."""
DOUBT = 0.1
"""Probability of hair that is taken for none, as what is left of 1 is taken for all."""
MARGIN = 4
"""Pixels of a network's answer that are refined around what is in it."""


def cut_out(image: np.ndarray, person: np.ndarray | None, heads: list[Head]) -> list[dict[str, Piece]]:
    """Make the mattes of each head, by kind.

    `image` is uint8 HxWx3; `person`, uint8 HxW or None, bounds hair and skin where it covers the face.
    """
    if not heads:
        return []
    small = _reduced(image, SMALL_EDGE)
    people = None if person is None else _reduced(person, SMALL_EDGE).astype(np.float32) / 255
    whole = Frame(0, 0, image.shape[1], image.shape[0])
    owners = _owners(small.shape[:2], whole, heads)
    cuts = [_cut(image, person, head, owner) for head, owner in zip(heads, owners, strict=True)]
    skins = [
        find_skin(small, people if cut.in_person else None, head, whole) * owner
        for head, cut, owner in zip(heads, cuts, owners, strict=True)
    ]
    skin = _refined(np.max(skins, axis=0), image)
    made = []
    for cut, reduced, owner in zip(cuts, skins, owners, strict=True):
        pieces = {kind: _piece(frame, matte) for kind, (frame, matte) in cut.mattes.items()}
        pieces["skin"] = _skin_piece(skin, whole, cut, reduced, owner)
        made.append({kind: piece for kind, piece in pieces.items() if piece})
    return made


def _reduced(image: np.ndarray, edge: int) -> np.ndarray:
    """Scale uint8 HxW(x3) down to a long edge, averaging."""
    scale = min(1.0, edge / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _owners(shape: tuple[int, int], whole: Frame, heads: list[Head]) -> list[np.ndarray]:
    """Whose head or body each spot of the photo belongs to: the nearest face's. Float32 hxw for each head."""
    height, width = shape
    x = np.linspace(0, whole.right, width, dtype=np.float32)[None]
    y = np.linspace(0, whole.bottom, height, dtype=np.float32)[:, None]
    least = np.full(shape, np.inf, np.float32)
    nearest = np.zeros(shape, np.int32)
    for number, head in enumerate(heads):
        middle = head.found.landmarks.mean(axis=0)
        down = y - middle[1]
        # Counted in faces; hair and bodies hang down, so the way down is shorter.
        distance = np.hypot(x - middle[0], np.where(down > 0, 0.5 * down, down)) / head.near.view.side
        nearest[distance < least] = number
        np.minimum(least, distance, out=least)
    return [cv2.blur((nearest == number).astype(np.float32), (3, 3)) for number in range(len(heads))]


@dataclass(frozen=True)
class _Cut:
    """A head over the photo; mattes are uint8 hxw, each over a frame."""

    mattes: dict[str, tuple[Frame, np.ndarray]]
    features: tuple[Frame, np.ndarray]
    """What in a face is no skin."""
    in_person: bool
    """Whether the person's matte covers the face."""


def _cut(image: np.ndarray, person: np.ndarray | None, head: Head, owner: np.ndarray) -> _Cut:
    frame = head.near.view.frame(image.shape[1], image.shape[0])
    photo = frame.of(image)
    size = _shown(frame, head.near)
    groups = [FACE, ("eyes",), ("lips",), ("mouth",), FEATURES, ("skin",), ("hair",)]
    planes = cv2.split(head.lay(groups, frame, size, wide=False) * over(owner, image.shape, frame, size)[..., None])
    # These have no strands: the network's outline, enlarged, is as good as a refined one.
    face, eyes, lips, mouth, features = (_enlarged(plane, frame) for plane in planes[:5])
    lab = to_lab(cv2.resize(photo, size, interpolation=cv2.INTER_AREA))
    lip_colour, skin_colour, hair_colour = (typical(lab, planes[each]) for each in (2, 5, 6))
    if person is not None and cv2.mean(frame.of(person), (face > 127).astype(np.uint8))[0] < COVERED * 255:
        person = None
    hair_frame, hair = _hair(image, person, head, owner, skin_colour, hair_colour)
    face = cv2.min(face, 255 - frame.within(hair_frame).of(hair))
    if person is not None:
        face = cv2.min(face, frame.of(person))
    teeth = find_teeth(mouth, photo, skin_colour, lip_colour, head.eyes_apart)
    mattes = {"face": face, "eyes": eyes, "lips": lips, "mouth": mouth, "teeth": teeth}
    cut = {kind: (frame, matte) for kind, matte in mattes.items()} | {"hair": (hair_frame, hair)}
    return _Cut(cut, (frame, features), person is not None)


def _shown(frame: Frame, answer: Answer) -> tuple[int, int]:
    """Width and height of a frame in pixels of the network's answer, or of the photo if these are fewer."""
    scale = min(1.0, answer.size / answer.view.side)
    return max(1, round(frame.size[0] * scale)), max(1, round(frame.size[1] * scale))


def _enlarged(plane: np.ndarray, frame: Frame) -> np.ndarray:
    return cv2.resize(cv2.convertScaleAbs(plane, alpha=255), frame.size, interpolation=cv2.INTER_LINEAR)


def _hair(
    image: np.ndarray,
    person: np.ndarray | None,
    head: Head,
    owner: np.ndarray,
    skin_colour: np.ndarray,
    hair_colour: np.ndarray,
) -> tuple[Frame, np.ndarray]:
    """The hair of a head, uint8 hxw over a frame: the network's, refined, and strands that the person's matte shows."""
    answer = head.far or head.near
    frame = answer.view.frame(image.shape[1], image.shape[0])
    photo = frame.of(image)
    size = _shown(frame, answer)
    if head.far:
        size = (min(2 * size[0], frame.size[0]), min(2 * size[1], frame.size[1]))
    own = over(owner, image.shape, frame, size)
    hair, behind = cv2.split(head.lay([("hair",), ("background",)], frame, size, wide=True) * own[..., None])
    hair = _together(np.clip((hair - DOUBT) / (1 - 2 * DOUBT), 0, 1), head, frame, size)
    refined = _refined(hair, photo)
    if person is None:
        return frame, refined
    lab = to_lab(cv2.resize(photo, size, interpolation=cv2.INTER_AREA))
    reach = round(STRANDS * head.near.view.side * size[0] / frame.size[0])
    strands = _strands(hair, behind, reach) * (1 - _nearer(lab, skin_colour, hair_colour))
    return frame, cv2.min(cv2.max(refined, _enlarged(strands, frame)), frame.of(person))


def _together(hair: np.ndarray, head: Head, frame: Frame, size: tuple[int, int]) -> np.ndarray:
    """What of float32 hxw over `frame` hangs together with the hair seen near by; from farther, all heads show."""
    if head.far is None:
        return hair
    _, labels = cv2.connectedComponents((hair > 0.2).astype(np.uint8))
    near = head.near.view.uncut(np.ones((head.near.size, head.near.size, 1), np.float32), frame, size)[..., 0] > 0.5
    mine = np.zeros(labels.max() + 1, np.uint8)
    mine[labels[near]] = 1
    mine[0] = 0
    return hair * cv2.dilate(mine[labels], np.ones((9, 9), np.uint8))


def _strands(hair: np.ndarray, behind: np.ndarray, reach: int) -> np.ndarray:
    """Where strands may fly that the network takes for background: `reach` pixels about its hair. All float32 hxw."""
    near = cv2.dilate(hair, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    # Where the network wavers between background and neck or clothes, there are no strands.
    return np.minimum(cv2.blur(near, (reach + 1, reach + 1)), np.maximum(2 * (hair + behind) - 1, 0))


def _nearer(lab: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether each colour of float32 hxwx3 is nearer to `one`: 1, or to `other` or half-way: 0, float32 hxw."""
    to_one, to_other, apart = (np.linalg.norm(each, axis=-1) for each in (lab - one, lab - other, one - other))
    return np.clip(4 * (to_other - to_one) / max(float(apart), 1.0), 0, 1).astype(np.float32)


def _refined(plane: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """Refine float32 hxw to uint8 at the size of `photo`, uint8 HxWx3, working only about where it is not 0."""
    whole = np.zeros(photo.shape[:2], np.uint8)
    left, top, width, height = cv2.boundingRect((plane > 0.02).astype(np.uint8))
    if not width:
        return whole
    first = np.maximum([left - MARGIN, top - MARGIN], 0)
    last = np.minimum([left + width + MARGIN, top + height + MARGIN], plane.shape[::-1])
    scale = np.array(photo.shape[1::-1]) / plane.shape[::-1]
    here = Frame(*first.tolist(), *last.tolist())
    there = Frame(*np.rint(first * scale).astype(int).tolist(), *np.rint(last * scale).astype(int).tolist())
    there.of(whole)[:] = cv2.convertScaleAbs(refine(here.of(plane), there.of(photo)), alpha=255)
    return whole


def _piece(frame: Frame, matte: np.ndarray) -> Piece | None:
    """The part of uint8 hxw over `frame` that is not 0; None if nothing is left of it."""
    left, top, width, height = cv2.boundingRect(matte)
    if not width:
        return None
    return Piece(frame.left + left, frame.top + top, matte[top : top + height, left : left + width].copy())


def _skin_piece(skin: np.ndarray, whole: Frame, cut: _Cut, reduced: np.ndarray, owner: np.ndarray) -> Piece | None:
    """One head's and its body's part of all skin, uint8 HxW: about where `reduced`, float32 hxw, is not 0."""
    left, top, width, height = cv2.boundingRect((reduced > 0.02).astype(np.uint8))
    scale = np.array(whole.size) / reduced.shape[::-1]
    corners = np.rint([[left - 2, top - 2], [left + width + 2, top + height + 2]] * scale).astype(int)
    frame = Frame(*np.clip(corners, 0, whole.size).ravel().tolist())
    matte = np.rint(frame.of(skin) * over(owner, skin.shape, frame, frame.size)).astype(np.uint8)
    for other_frame, other in (cut.features, cut.mattes["hair"]):
        both = frame & other_frame
        if min(both.size) > 0:
            seen = both.within(frame).of(matte)
            cv2.min(seen, 255 - both.within(other_frame).of(other), dst=seen)
    return _piece(frame, matte)
