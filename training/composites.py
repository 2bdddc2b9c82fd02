"""Heads that something lies over: hats, hoods, scarves, hands and things, laid there so that the truth is exact.

Of portraits with labels there are few in which a head is covered, and a network that saw no others takes a hood for
hair. Each cover is cut out of another photo or drawn, filled with what is found in other photos, lit like the portrait
and laid over it; its edge is as soft as the photo's own, so that it is not the edge by which it is known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from training import augment, heldback, mattes
from training.parts import CLASSES, FACE, OTHER, SIZE, Pair, shows

HAT, BACKGROUND = CLASSES.index("hat"), CLASSES.index("background")
LEAST_HAT = 0.02
"""Share of a portrait that a hat must cover to be cut out of it."""
LEAST_FACE = 0.04
"""Share of a portrait that the face must cover for anything to be laid over it."""
EDGE = 448
"""Pixels of the long edge at which photos are kept."""
Y, X = np.mgrid[:SIZE, :SIZE].astype(np.float32)


@dataclass(frozen=True)
class Stuff:
    """What covers are made of."""

    portraits: list[Pair]
    photos: list[np.ndarray]
    """uint8 HxWx3 each."""
    things: list[Pair]
    """Photos with the matte of a thing that stands out, uint8 HxWx3 and HxW."""

    @property
    def hats(self) -> list[Pair]:
        return [pair for pair in self.portraits if shows(pair[1], "hat").mean() > LEAST_HAT]


def read(folder: Path, portraits: list[Pair]) -> Stuff:
    """Gather what covers are made of: `portraits`, and those of `photos/` with `photo-mattes/` that teach."""
    photos, things = [], []
    for path in heldback.split((folder / "photos").iterdir())[0]:
        photo, matte = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), mattes.read(folder, path)
        scale = min(1, EDGE / max(matte.shape))
        size = (max(1, round(matte.shape[1] * scale)), max(1, round(matte.shape[0] * scale)))
        photo, matte = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (photo, matte))
        photos.append(photo)
        if mattes.is_sure(matte) and mattes.stands_out(matte):
            things.append((photo, matte))
    return Stuff(portraits, photos, things)


@dataclass
class Head:
    """A portrait that something is laid over. What is laid is kept in its image and labels."""

    image: np.ndarray
    labels: np.ndarray

    def __post_init__(self) -> None:
        self.face = shows(self.labels, *FACE)
        self.hair = shows(self.labels, "hair")
        self.left, self.top, self.width, self.height = cv2.boundingRect(self.face.astype(np.uint8))

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def chin(self) -> float:
        return self.top + self.height

    @property
    def brows(self) -> float:
        rows = np.nonzero(shows(self.labels, "brows", "eyes", "glasses").any(1))[0]
        return float(rows[0]) if len(rows) else self.top + 0.25 * self.height

    def lay(self, front: np.ndarray, alpha: np.ndarray, label: int) -> None:
        """Lay uint8 HxWx3 over it where `alpha`, float32 HxW, says so; it is `label` there."""
        here = _where(alpha)
        alpha, image = alpha[here][..., None], self.image[here].astype(np.float32)
        self.image = self.image.copy()
        self.image[here] = np.rint(np.clip(image + alpha * (front[here] - image), 0, 255))
        self.labels = self.labels.copy()
        self.labels[here][alpha[..., 0] > 0.5] = label

    def shade(self, random: Generator, alpha: np.ndarray) -> None:
        """Let what will be laid over it throw a shadow."""
        few = SIZE // 4
        move = np.float32([[0.25, 0, random.normal(0, 1.5)], [0, 0.25, random.uniform(0, 3.5)]])
        shadow = cv2.GaussianBlur(cv2.warpAffine(alpha, move, (few, few)), (0, 0), random.uniform(0.5, 3.5))
        self.darken(1 - random.uniform(0, 0.75) * cv2.resize(shadow, (SIZE, SIZE)))

    def darken(self, light: np.ndarray) -> None:
        """Multiply it by float32 HxW, at most 1."""
        here = _where(1 - light)
        self.image = self.image.copy()
        self.image[here] = self.image[here] * light[here][..., None]


def cover(random: Generator, pair: Pair, stuff: Stuff) -> Pair:
    """Lay something over the head of a portrait, or two things; a portrait without a clear face stays as it is."""
    head = Head(*pair)
    if head.face.mean() < LEAST_FACE:
        return pair
    kinds: dict[Callable, float] = {hood: 0.28, hat: 0.16, cap: 0.12, scarf: 0.1, hand: 0.2, thing: 0.14}
    for make in random.choice(list(kinds), 1 if random.random() < 0.8 else 2, p=list(kinds.values()), replace=False):
        make(random, head, stuff)
    return head.image, head.labels


def hood(random: Generator, head: Head, stuff: Stuff) -> None:
    """Put it into a hood or a headscarf, which goes on over the shoulders, mostly before something else."""
    wide, fit = head.width / 2, random.uniform(0.98, 1.3)
    opening = _egg(
        random,
        (head.middle + random.normal(0, 0.05) * wide, head.top + random.normal(0, 0.04) * head.height),
        (wide * fit, head.height * random.uniform(0.98, 1.4)),
        rise=head.height * random.uniform(-0.15, 0.25),
    )
    reach = wide * random.uniform(0.2, 0.8)
    rise = head.height * random.uniform(0.15, 0.5)
    outer = _egg(
        random,
        (head.middle, head.top),
        (wide * max(fit, 1.1) + reach, head.height * 1.2 + reach),
        rise=rise + reach / 2,
    )
    outer |= _shoulders(random, head, wide + reach)
    if random.random() < 0.7:
        head.lay(background(random, stuff), 1 - _soft(random, outer | opening), BACKGROUND)
    else:
        # What sticks out of the hood stays as it is, and is hair.
        outer |= cv2.dilate(head.hair.astype(np.uint8), np.ones((15, 15))).astype(bool) & (head.chin > Y)
    cloth = texture(random, stuff)
    lining = _scaled(cloth if random.random() < 0.7 else texture(random, stuff), random.uniform(0.2, 0.9))
    # In the opening, what is neither head nor neck is the hood's inside.
    head.lay(lining, _soft(random, opening & shows(head.labels, "background", "clothes", "hat")), OTHER)
    inside = cv2.distanceTransform(opening.astype(np.uint8), cv2.DIST_L2, 5)
    dark = 1 - random.uniform(0, 0.8) * np.exp(-inside / random.uniform(5, 40)) * opening
    head.darken(dark)
    ring = outer & ~opening
    beside = cv2.distanceTransform((~opening).astype(np.uint8), cv2.DIST_L2, 5)
    seam = random.uniform(5, 25)
    light = 1 + random.uniform(-0.4, 0.3) * np.exp(-(((beside - seam) / (0.4 * seam)) ** 2))
    cloth = np.clip(cloth * light[..., None], 0, 255)
    head.lay(cloth, _soft(random, ring), OTHER)
    if random.random() < 0.3:
        rim = (beside < random.uniform(15, 60)) & (beside > 0) & (head.chin + 0.3 * head.height > Y)
        head.lay(fur(random, stuff), _rough(random, rim, random.uniform(4, 14)), OTHER)


def hat(random: Generator, head: Head, stuff: Stuff) -> None:
    """Put another portrait's hat on; hair that rises above it goes."""
    hats = stuff.hats
    if not hats:
        return cap(random, head, stuff)
    donor = Head(*hats[random.integers(len(hats))])
    if not donor.width:
        return None
    side = random.choice([-1, 1])
    scale = np.clip(head.width / donor.width, 0.75, 1.3) * random.uniform(0.96, 1.12)
    from_x, to_x = (each.middle for each in (donor, head))
    matrix = np.float32(
        [
            [scale * side, 0, to_x - scale * side * from_x],
            [0, scale, head.brows - scale * donor.brows + random.normal(0, 0.03) * head.height],
        ]
    )
    worn = shows(donor.labels, "hat").astype(np.uint8)
    if worn[0].any():  # cut off by the frame's upper edge, and so it stays
        matrix[1, 2] = min(matrix[1, 2], 0)
    worn = cv2.warpAffine(worn, matrix, (SIZE, SIZE)).astype(bool)
    image = augment.light(random, donor.image)
    front = cv2.warpAffine(image, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)
    if not worn.any():
        return None
    columns = np.nonzero(worn.any(0))[0]
    lower = np.full(SIZE, np.float32(np.median(SIZE - worn[::-1].argmax(0)[columns])))
    lower[columns] = SIZE - worn[::-1].argmax(0)[columns]
    above = (head.hair | shows(head.labels, "hat")) & (lower > Y) & ~worn
    free = cv2.warpAffine(shows(donor.labels, "background").astype(np.uint8), matrix, (SIZE, SIZE)).astype(bool)
    ground = front if np.count_nonzero(free & above) > 0.9 * np.count_nonzero(above) else background(random, stuff)
    head.lay(ground, _soft(random, cv2.dilate(above.astype(np.uint8), np.ones((5, 5)))), BACKGROUND)
    alpha = _soft(random, worn)
    head.shade(random, alpha)
    return head.lay(front, alpha, HAT)


def cap(random: Generator, head: Head, stuff: Stuff) -> None:
    """Put on a cap, a bandage or a cloth that is drawn close to the head."""
    brim = head.brows - random.uniform(-0.02, 0.2) * head.height
    brim = brim + random.uniform(-0.1, 0.25) * head.height * ((X - head.middle) / head.width) ** 2
    crown = (head.face | head.hair | shows(head.labels, "hat", "ears")) & (head.brows + 0.1 * head.height > Y)
    crown &= np.abs(X - head.middle) < 0.85 * head.width
    outline = _hull(cv2.dilate(crown.astype(np.uint8), np.ones((random.integers(3, 22),) * 2)))
    worn = outline & (brim > Y)
    # Hair that rises beside or above it goes.
    over = head.hair & (brim - 0.1 * head.height > Y) & ~worn
    head.lay(background(random, stuff), _soft(random, over), BACKGROUND)
    alpha = _soft(random, worn) if random.random() < 0.7 else _rough(random, worn, random.uniform(2, 8))
    head.shade(random, alpha)
    cloth = texture(random, stuff)
    if random.random() < 0.5:
        below = brim - Y
        light = 1 + random.uniform(-0.3, 0.3) * np.exp(-(((below - 20) / 5) ** 2))
        cloth = np.clip(cloth * light[..., None], 0, 255)
    depth = cv2.distanceTransform(worn.astype(np.uint8), cv2.DIST_L2, 5)
    head.lay(_scaled(cloth, 1 - random.uniform(0, 0.6) * np.exp(-depth / 25)[..., None]), alpha, HAT)


def scarf(random: Generator, head: Head, stuff: Stuff) -> None:
    """Wrap a scarf or a collar about the neck, up to the nose or below the chin."""
    upper = head.chin + random.uniform(-0.35, 0.12) * head.height
    edge = upper + random.normal(0, 0.2) * head.height * ((X - head.middle) / head.width)
    edge = edge - random.uniform(-0.3, 0.5) * head.height * ((X - head.middle) / head.width) ** 2
    wide = head.width * random.uniform(0.5, 0.9) + np.maximum(head.chin - Y, 0) * -0.2 + np.maximum(Y - head.chin, 0)
    high = head.height * random.uniform(0.3, 1.2)
    worn = (edge + 6 * _noise(random, 8) < Y) & (edge + high > Y) & (np.abs(X - head.middle) < wide)
    furry = random.random() < 0.4
    alpha = _rough(random, worn, random.uniform(4, 16)) if furry else _soft(random, worn)
    head.shade(random, alpha)
    head.lay(fur(random, stuff) if furry else texture(random, stuff), alpha, OTHER)


def hand(random: Generator, head: Head, stuff: Stuff) -> None:
    """Hold a hand to the head: a palm with fingers, of another's skin or its own."""
    skin = _skin(random, head, stuff)
    reach = head.width * random.uniform(0.075, 0.12)
    at = np.array([head.middle, head.top]) + random.uniform([-0.65, 0.05], [0.65, 1.05]) * (head.width, head.height)
    away = random.uniform(0.1, 0.9) * np.pi  # downwards, for arms come from there
    along = np.array([np.cos(away), np.sin(away)])
    across = np.array([-along[1], along[0]])
    palm = at + along * reach * random.uniform(4, 6)
    count = random.integers(1, 6)
    limbs = [([palm, palm + along * SIZE], reach * random.uniform(1.8, 2.6))]
    limbs.append(([palm, palm + along * reach * 2], reach * random.uniform(2.2, 2.9)))
    bend = random.normal(0, 1, 2) * reach
    for number in range(count):
        side = (number - (count - 1) / 2) * reach * random.uniform(1.7, 2.2)
        root = palm + across * side * 0.9 - along * reach
        tip = at + across * side * random.uniform(0.7, 1.4) + random.normal(0, 0.7, 2) * reach
        limbs.append(([root, (root + tip) / 2 + bend, tip], reach * random.uniform(0.8, 1.05)))
    for points, thick in limbs:
        drawn = np.zeros((SIZE, SIZE), np.uint8)
        cv2.polylines(drawn, [np.rint(_curve(points)).astype(np.int32)], False, 1, max(2, round(2 * thick)), cv2.LINE_8)
        depth = cv2.distanceTransform(drawn, cv2.DIST_L2, 5) / max(thick, 1)
        light = random.uniform(0.45, 0.8) + 0.5 * np.sqrt(np.clip(depth, 0, 1))
        alpha = _soft(random, drawn.astype(bool))
        head.shade(random, alpha * 0.7)
        head.lay(_scaled(skin, light[..., None]), alpha, OTHER)


def thing(random: Generator, head: Head, stuff: Stuff) -> None:
    """Hold something before the head, or beside it."""
    photo, matte = stuff.things[random.integers(len(stuff.things))]
    left, top, width, height = cv2.boundingRect((matte > 127).astype(np.uint8))
    scale = head.width * random.uniform(0.3, 1.1) / np.sqrt(width * height)
    matrix = cv2.getRotationMatrix2D((left + width / 2, top + height / 2), random.normal(0, 30), scale)
    to = np.array([head.middle, head.top]) + random.uniform([-0.9, -0.4], [0.9, 1.3]) * (head.width, head.height)
    matrix[:, 2] += to - (left + width / 2, top + height / 2)
    front = cv2.warpAffine(photo, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)
    alpha = cv2.warpAffine(matte, matrix, (SIZE, SIZE)).astype(np.float32) / 255
    head.shade(random, alpha)
    head.lay(augment.light(random, mattes.solid(front, alpha)), alpha, OTHER)


def texture(random: Generator, stuff: Stuff) -> np.ndarray:
    """Find or make cloth, uint8 512x512x3, with folds."""
    if random.random() < 0.45:
        grey, tint = random.uniform(8, 230) ** random.uniform(0.8, 1), random.normal(0, 1, 3)
        cloth = np.full((SIZE, SIZE, 3), grey + tint * grey * random.uniform(0, 0.5), np.float32)
        cloth += (random.uniform(0, 8) * random.standard_normal((SIZE, SIZE, 1))).astype(np.float32)
    elif random.random() < 0.4:
        cloth = _worn(random, stuff.portraits[random.integers(len(stuff.portraits))])
    else:
        cloth = patch(random, stuff.photos[random.integers(len(stuff.photos))])
    folds = _noise(random, *random.integers(2, 9, 2))
    light = np.exp(random.uniform(0, 0.4) * folds)
    if random.random() < 0.6:  # creases
        creases = np.exp(
            -np.abs(_noise(random, random.integers(2, 7), random.integers(2, 7))) / random.uniform(0.05, 0.3)
        )
        light *= 1 - random.uniform(0, 0.5) * creases
    return augment.light(random, _scaled(cloth, light[..., None]))


def fur(random: Generator, stuff: Stuff) -> np.ndarray:
    """Find or make fur, uint8 512x512x3: strands that lie along each other."""
    if random.random() < 0.4 and stuff.things:
        photo, matte = stuff.things[random.integers(len(stuff.things))]
        return texture_of(random, photo, matte > 200)
    strands = random.standard_normal((SIZE, SIZE)).astype(np.float32)
    length = int(random.integers(9, 31))
    kernel = np.zeros((length, length), np.float32)
    way = random.uniform(0, np.pi)
    reach = np.array([np.cos(way), np.sin(way)]) * (length // 2)
    middle = np.array([length // 2] * 2)
    cv2.line(kernel, np.rint(middle - reach).astype(int).tolist(), np.rint(middle + reach).astype(int).tolist(), 1)
    strands = cv2.filter2D(strands, -1, kernel / np.sqrt(kernel.sum()))
    bend = 12 * _noise(random, 5)
    strands = cv2.remap(strands, X + bend, Y - bend, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    grey = random.uniform(30, 220)
    colour = grey * (1 + random.uniform(0, 0.25) * np.array([1, 0.3, -0.5]))
    return _scaled(
        np.broadcast_to(np.float32(colour), (SIZE, SIZE, 3)),
        np.exp(0.25 * strands + 0.2 * _noise(random, 6))[..., None],
    )


def background(random: Generator, stuff: Stuff) -> np.ndarray:
    """Find something to stand before, uint8 512x512x3."""
    if random.random() < 0.2:
        grey = random.uniform(5, 250) + 20 * _noise(random, 2)[..., None] + random.normal(0, 10, 3)
        return np.clip(grey, 0, 255).astype(np.uint8)
    ground = patch(random, stuff.photos[random.integers(len(stuff.photos))], (0.5, 1))
    return cv2.blur(ground, (random.integers(2, 40),) * 2) if random.random() < 0.6 else ground


def patch(random: Generator, photo: np.ndarray, share: tuple[float, float] = (0.12, 0.7)) -> np.ndarray:
    """Cut a square out of uint8 HxWx3 and enlarge it, uint8 512x512x3."""
    edge = max(8, int(min(photo.shape[:2]) * random.uniform(*share)))
    top, left = (random.integers(max(1, length - edge)) for length in photo.shape[:2])
    part = photo[top : top + edge, left : left + edge]
    return cv2.resize(part, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


def texture_of(random: Generator, photo: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Spread what uint8 HxWx3 shows `inside`, bool HxW, over uint8 512x512x3: mirrored on and on."""
    depth = cv2.distanceTransform(np.pad(inside.astype(np.uint8), 1), cv2.DIST_C, 3)[1:-1, 1:-1]
    rows, columns = np.nonzero(depth >= max(1.0, 0.7 * float(depth.max())))
    at = random.integers(len(rows)) if len(rows) else None
    if at is None:
        return patch(random, photo)
    y, x, reach = rows[at], columns[at], max(1, int(depth[rows[at], columns[at]]) - 1)
    part = photo[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
    scale = random.uniform(0.8, 2.0) * 512 / max(photo.shape[:2])
    matrix = cv2.getRotationMatrix2D((part.shape[1] / 2, part.shape[0] / 2), random.uniform(0, 360), scale)
    matrix[:, 2] += SIZE / 2 - np.array(part.shape[1::-1]) / 2
    return cv2.warpAffine(part, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT)


def _worn(random: Generator, pair: Pair) -> np.ndarray:
    return texture_of(random, pair[0], shows(pair[1], "clothes", "hat"))


def _skin(random: Generator, head: Head, stuff: Stuff) -> np.ndarray:
    """Skin of the head itself or of another, uint8 512x512x3."""
    image, labels = head.image, head.labels
    if random.random() < 0.5:
        image, labels = stuff.portraits[random.integers(len(stuff.portraits))]
    skin = texture_of(random, image, shows(labels, "skin"))
    smooth = np.median(skin[:: SIZE // 64, :: SIZE // 64].reshape(-1, 3), axis=0)
    mixed = cv2.addWeighted(skin, 0.6, np.broadcast_to(smooth, skin.shape).astype(np.uint8), 0.4, 0)
    return _scaled(mixed, np.exp(random.normal(0, 0.12) + 0.06 * _noise(random, 8))[..., None])


def _where(alpha: np.ndarray) -> tuple[slice, slice]:
    """Tell the rows and columns in which float32 HxW is not 0."""
    left, top, width, height = cv2.boundingRect((alpha > 0).astype(np.uint8))
    return slice(top, top + height), slice(left, left + width)


def _soft(random: Generator, mask: np.ndarray) -> np.ndarray:
    """Soften the edge of a mask, bool HxW, a little: float32 HxW."""
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), random.uniform(0.5, 2.0))


def _rough(random: Generator, mask: np.ndarray, reach: float) -> np.ndarray:
    """Fray the edge of a mask, bool HxW, by about `reach` pixels: float32 HxW."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), reach)
    fine = cv2.GaussianBlur(random.standard_normal((SIZE, SIZE)).astype(np.float32), (0, 0), random.uniform(0.8, 2.5))
    frayed = soft + soft * (1 - soft) * fine / fine.std()
    return cv2.GaussianBlur(np.clip(4 * (frayed - 0.5) + 0.5, 0, 1), (0, 0), 0.7)


def _noise(random: Generator, *cells: int) -> np.ndarray:
    """Draw smooth noise of so many cells (down and across), float32 512x512, most of it from -2 to 2."""
    down, across = cells if len(cells) == 2 else cells * 2
    coarse = random.standard_normal((down + 2, across + 2)).astype(np.float32)
    return cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


def _egg(random: Generator, top: tuple[float, float], half: tuple[float, float], rise: float) -> np.ndarray:
    """Fill something between an ellipse and a rectangle, a bit uneven, bool HxW.

    It is as wide as twice `half[0]` about `top[0]`, and reaches from `rise` above `top[1]` to `half[1]` below it.
    """
    high = (half[1] + rise) / 2
    x, y = (X - top[0]) / half[0], (Y - (top[1] - rise + high)) / high
    lean = random.normal(0, 0.06)
    x, y = x + lean * y, y - lean * x
    power = random.uniform(1.8, 3)
    return np.abs(x) ** power + np.abs(y) ** power < 1 + 0.06 * _noise(random, 6)


def _shoulders(random: Generator, head: Head, half: float) -> np.ndarray:
    """Fill what falls from a head of half the width `half` to the frame's lower edge, bool HxW."""
    neck = head.chin - random.uniform(0, 0.4) * head.height
    flare = half * random.uniform(0.75, 1.0) + np.maximum(Y - head.chin, 0) * random.uniform(0.5, 2.5)
    return (neck < Y) & (np.abs(X - head.middle) < flare)


def _hull(mask: np.ndarray) -> np.ndarray:
    """Fill the convex hull of a mask, uint8 HxW: bool HxW."""
    filled = np.zeros_like(mask)
    points = cv2.findNonZero(mask)
    if points is not None:
        cv2.fillConvexPoly(filled, cv2.convexHull(points), 1)
    return filled.astype(bool)


def _curve(points: list[np.ndarray]) -> np.ndarray:
    """Bend a line through two or three points, float Nx2."""
    if len(points) == 2:
        return np.array(points)
    share = np.linspace(0, 1, 12)[:, None]
    start, middle, end = points
    return (1 - share) ** 2 * start + 2 * share * (1 - share) * middle + share**2 * end


def _scaled(image: np.ndarray, light: float | np.ndarray) -> np.ndarray:
    """Light HxWx3 more or less, uint8 HxWx3."""
    return np.clip(image * light, 0, 255).astype(np.uint8)
