"""Another background behind what a photo shows: blurred as by a lens, a colour, a gradient, nothing, another photo.

    matte = 255 - person                  # what changes is the background
    apply(pixels, matte, parse({"kind": "blur", "amount": 40}))

At soft edges, such as hair, a pixel is a mixture of both. The photo is therefore taken apart first, into the colours
of the foreground (`cutout.foreground`) and those of its background, and put together again with the new background.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from envo import controls, cutout, oklab, passes, photo
from envo.colour import DECODED, linear_to_srgb, srgb_to_linear
from envo.controls import Control
from envo.errors import UserError
from envo.own import pulled
from envo.settings import WORKING_EDGE

Report = Callable[[str, float | None], None]
"""Called with what is being done, as a visitor reads it, and how far it is (0 to 1, None: cannot be told)."""

KINDS = {
    "blur": "Blur",
    "colour": "Colour",
    "gradient": "Gradient",
    "transparent": "Transparent",
    "photo": "Another photo",
}
"""Kinds of backgrounds and what a page calls them."""

CONTROLS: dict[str, tuple[Control, ...]] = {
    "blur": (
        Control("amount", "Blur", "How wide open the lens is.", 1, 100, 40, unit="%"),
        Control("highlights", "Highlights", "How much bright spots bloom into discs.", 0, 100, 40, unit="%"),
    ),
    "colour": (),
    "gradient": (
        Control("angle", "Angle", "Where the second colour lies: 90° is to the right.", 0, 360, 180, unit="°"),
    ),
    "transparent": (),
    "photo": (
        Control("x", "Across", "Which part of the photo is seen, from its left to its right.", -1.0, 1.0, 0.0, 0.01),
        Control("y", "Down", "Which part of the photo is seen, from its top to its bottom.", -1.0, 1.0, 0.0, 0.01),
        Control("scale", "Size", "1 just covers the picture; 2 is twice as large.", 1.0, 4.0, 1.0, 0.01),
        Control(
            "relight", "Match light", "How far its light and tint follow those of your photo.", 0.0, 1.0, 0.5, 0.01
        ),
    ),
}
"""What can be set of each kind; its colours are apart, in `COLOURS`."""

COLOURS: dict[str, tuple[str, ...]] = {"colour": ("#d9d6d0",), "gradient": ("#e9e4dc", "#8f9aa6")}
"""Default colours of the kinds that have some, as #rrggbb; the gradient runs from the first to the second."""

WIDEST = 0.05
"""Radius of the lens's disc at 100 percent, as a share of the photo's long edge."""
DISC = 8
"""A disc at least twice as wide as this, in pixels, is blurred at a reduced size, where its radius is 8 to 16."""
BLUR_EDGE = 6144
"""Long edge at which blurring works at most, in pixels."""
FILL_EDGE = 1024
"""Long edge at which the background behind the foreground is guessed, in pixels: what is guessed is smooth."""
GUESS = 0.05
"""How much a guessed pixel of the background counts in the blur, beside one that was seen."""
MARGIN = 2
"""The blur does without what lies so near to the foreground, in pixels of the working size: mattes are not exact."""
BLOOM = 0.95
"""At 100 percent of highlights, white is taken for 1 / (1 - BLOOM) times as bright as a file can say."""
MOST_SHIFT = (0.25, 0.04, 0.04)
MOST_SPREAD = (1.5, 1.3, 1.3)
"""So far relighting moves the means of OKLab's L, a, b at most, and widens or narrows their spread."""
Rows = Callable[[int, int], np.ndarray]
"""A new background: gives rows `top` to `bottom` of it, float32 (bottom - top) x W x 3 of 0 to 255."""


@dataclass(frozen=True)
class Backdrop:
    """A background that is wished for; `parse` makes one."""

    kind: str
    colours: tuple[str, ...] = ()
    """As many as `COLOURS` has for its kind, as #rrggbb."""
    values: Mapping[str, float] = field(default_factory=dict)
    """A number for each of its kind's `CONTROLS`."""

    def dump(self) -> dict[str, Any]:
        """Give the settings as JSON-able values; `parse` reads them back."""
        colours = {"colour": self.colours[0]} if self.kind == "colour" else {"colours": list(self.colours)}
        return {"kind": self.kind, **(colours if self.colours else {}), **self.values}


def parse(settings: Mapping[str, Any]) -> Backdrop:
    """Check the settings of a background: its "kind", its "colour" or "colours", and its numbers.

    What is not given has its default. Raises UserError for a kind or a setting that there is not, and for a value
    that cannot be.
    """
    kind = settings.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise UserError(f"A new background is one of {', '.join(KINDS)}.")
    numbers = [control.id for control in CONTROLS[kind]]
    name = {"colour": "colour", "gradient": "colours"}.get(kind)
    for given in settings:
        if given not in ("kind", name, *numbers):
            raise UserError(f"A background of the kind {kind} has no setting {str(given)[:40]!r}.")
    colours = COLOURS.get(kind, ())
    if name in settings:
        given = settings[name]
        colours = (given,) if kind == "colour" else tuple(given) if isinstance(given, list | tuple) else ()
        if len(colours) != len(COLOURS[kind]) or not all(map(_is_colour, colours)):
            wanted = "a colour such as #d9d6d0" if kind == "colour" else "two colours such as #e9e4dc"
            raise UserError(f"This background needs {wanted}.")
    return Backdrop(kind, colours, controls.checked(CONTROLS[kind], settings))


def for_page() -> list[dict[str, Any]]:
    """Kinds with their controls and default colours, as the browser gets them."""
    return [
        {"id": kind, "label": label, "controls": controls.for_page(CONTROLS[kind]), "colours": COLOURS.get(kind, ())}
        for kind, label in KINDS.items()
    ]


def apply(
    image: np.ndarray,
    background: np.ndarray,
    backdrop: Backdrop,
    other: np.ndarray | None = None,
    report: Report | None = None,
) -> np.ndarray:
    """Put another background behind what a photo shows: uint8 HxWx3, or HxWx4 for the kind "transparent".

    image: uint8 HxWx3. background: uint8 of any size, alpha of what changes; where it is 0, the photo stays as it is,
    to the byte. other: the photo of the kind "photo", uint8 of any size x3.

    Both are taken for mixed as they are encoded, as everywhere in matting. Raises UserError where the background is
    nowhere or everywhere, and where the other photo is missing.
    """
    report = report or (lambda step, fraction: None)
    height, width = image.shape[:2]
    check(background)
    if backdrop.kind == "photo" and other is None:
        raise UserError("Choose the photo that is to be the background.")
    report("Freeing the edges", None)
    alpha = cv2.resize(255 - background, (width, height), interpolation=cv2.INTER_LINEAR)
    front = cutout.foreground(image, alpha)
    if backdrop.kind == "transparent":
        return np.dstack([front, alpha])
    report("Making the background", None)
    if backdrop.kind == "blur":
        rows = _blurred(image, front, alpha, backdrop.values)
    elif backdrop.kind == "photo":
        rows = _placed(other, image, backdrop.values)
    elif backdrop.kind == "gradient":
        rows = _gradient((width, height), *map(_linear, backdrop.colours), backdrop.values["angle"])
    else:
        rows = _plain((width, height), backdrop.colours[0])
    report("Putting it together", None)
    return _composed(front, alpha, rows)


def check(background: np.ndarray) -> None:
    """Raise UserError where the background, uint8 HxW of any size, is nowhere or everywhere."""
    if not background.any():
        raise UserError("Nothing would change: the mask leaves no background. Select something, or invert the mask.")
    if background.min() == 255:
        raise UserError("Nothing would stay in front: the mask is everywhere. Select what stays, or invert the mask.")


def _is_colour(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def _encoded(colour: str) -> np.ndarray:
    """Red, green and blue of #rrggbb, float32 of 0 to 255."""
    return np.array(list(bytes.fromhex(colour[1:])), np.float32)


def _composed(front: np.ndarray, alpha: np.ndarray, back: Rows) -> np.ndarray:
    """Put uint8 HxWx3 before a background, by its alpha, uint8 HxW."""
    height, width = alpha.shape
    result = front.copy()

    def work(top: int, bottom: int) -> None:
        band = np.s_[top:bottom]
        changes = alpha[band] < 255
        if not changes.any():
            return
        share = (alpha[band].astype(np.float32) / 255)[..., None]
        mixed = share * front[band] + (1 - share) * back(top, bottom)
        # Rounded up or down at random, in the same way each time: smooth backgrounds would show steps. Whole
        # numbers stay what they are.
        mixed += 0.001 + 0.998 * np.random.default_rng(top).random(mixed.shape[:2], np.float32)[..., None]
        np.copyto(result[band], np.minimum(mixed, 255).astype(np.uint8), where=changes[..., None])

    passes.in_bands((width, height), work)
    return result


def _plain(size: tuple[int, int], colour: str) -> Rows:
    return lambda top, bottom: np.broadcast_to(_encoded(colour), (bottom - top, size[0], 3))


def _gradient(size: tuple[int, int], first: np.ndarray, second: np.ndarray, angle: float) -> Rows:
    """Give a linear gradient as `linear-gradient(in oklab, ...)` of CSS does, whose corners have the pure colours."""
    width, height = size
    x, y = math.sin(math.radians(angle)), -math.cos(math.radians(angle))
    length = abs(width * x) + abs(height * y)
    way = np.linspace(0, 1, 1024, dtype=np.float32)[:, None]
    between = (1 - way) * oklab.from_linear(first) + way * oklab.from_linear(second)
    table = 255 * linear_to_srgb(np.clip(oklab.to_linear(between), 0, 1))
    across = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) * (x / length)

    def rows(top: int, bottom: int) -> np.ndarray:
        down = (np.arange(top, bottom, dtype=np.float32) + 0.5 - height / 2) * (y / length)
        at = (across[None] + down[:, None] + 0.5) * (len(table) - 1)
        return cv2.remap(table[None], at, np.zeros_like(at), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    return rows


def _linear(colour: str) -> np.ndarray:
    return srgb_to_linear(_encoded(colour) / 255)


def _blurred(image: np.ndarray, front: np.ndarray, alpha: np.ndarray, values: Mapping[str, float]) -> Rows:
    """Blur the background of a photo: each point becomes a disc of equal light, as in a lens.

    The background's own colours are freed of the foreground's, and the disc averages only over what was seen of them
    (normalised convolution, Knutsson & Westin, CVPR 1993), with a guess where nothing was. It does so in linear
    light. A file says no more of bright spots than that they are white; `passes.bloomed` makes them brighter again.
    """
    height, width = alpha.shape
    radius = WIDEST * values["amount"] / 100 * max(height, width)
    step = max(1, int(radius // DISC), math.ceil(max(height, width) / BLUR_EDGE))
    bloom = BLOOM * values["highlights"] / 100
    seen, share = _background(image, front, alpha, step, bloom)
    guessed = GUESS * (1 - share)
    seen += guessed[..., None] * _guess(seen, share)
    weight = share + guessed
    kernel = passes.disc(radius / step)
    small = np.empty_like(seen)

    def work(top: int, bottom: int) -> None:
        margin = len(kernel) // 2
        first, last = max(0, top - margin), min(bottom + margin, len(seen))
        light, total = (
            cv2.filter2D(each[first:last], -1, kernel, borderType=cv2.BORDER_REFLECT)[top - first : bottom - first]
            for each in (seen, weight)
        )
        small[top:bottom] = 255 * linear_to_srgb(np.clip(passes.unbloomed(light / total[..., None], bloom), 0, 1))

    passes.in_bands(seen.shape[1::-1], work)
    return _enlarged(small, step, width)


def _background(
    image: np.ndarray, front: np.ndarray, alpha: np.ndarray, step: int, bloom: float
) -> tuple[np.ndarray, np.ndarray]:
    """Free the background of the foreground's colours, at 1/`step` of the size, rounded up.

    Gives linear light times the share of it that was seen, float32 hxwx3, and that share, float32 hxw in [0, 1].
    """
    height, width = alpha.shape
    size = (math.ceil(width / step), math.ceil(height / step))
    light, share = np.empty((size[1], size[0], 3), np.float32), np.empty(size[::-1], np.float32)
    reach = 2 * math.ceil(MARGIN * max(1, max(height, width) / WORKING_EDGE)) + 1
    around = cv2.dilate(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))

    def work(top: int, bottom: int) -> None:
        band = np.s_[top:bottom]
        a = (alpha[band].astype(np.float32) / 255)[..., None]
        back = (image[band] - a * front[band]) / np.maximum(1 - a, 1 / 255)
        back = passes.bloomed(DECODED[np.clip(back, 0, 255).astype(np.uint8)], bloom)
        weight = 1 - around[band].astype(np.float32) / 255
        back *= weight[..., None]
        small = np.s_[top // step : math.ceil(bottom / step)]
        light[small], share[small] = (_reduced(each, step) for each in (back, weight))

    passes.in_bands((width, height), work, step)
    return light, share


def _reduced(values: np.ndarray, step: int) -> np.ndarray:
    """Average float32 HxWx3 or HxW over squares of `step` pixels; those at the far edges are completed."""
    height, width = values.shape[:2]
    right, below = -width % step, -height % step
    values = cv2.copyMakeBorder(values, 0, below, 0, right, cv2.BORDER_REPLICATE)
    size = ((width + right) // step, (height + below) // step)
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)


def _enlarged(small: np.ndarray, step: int, width: int) -> Rows:
    """Enlarge hxwx3 by `step`."""
    across = (np.arange(width, dtype=np.float32) + 0.5) / step - 0.5

    def rows(top: int, bottom: int) -> np.ndarray:
        down = (np.arange(top, bottom, dtype=np.float32) + 0.5) / step - 0.5
        x, y = np.meshgrid(across, down)
        return cv2.remap(small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    return rows


def _guess(seen: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Guess colours where little or nothing of them was seen: float32 HxWx3.

    seen: colours times the share that was seen of them, float32 HxWx3. share: float32 HxW in [0, 1].
    """
    height, width = share.shape
    size = photo.fit(width, height, FILL_EDGE)
    small = [cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (seen, share)]
    return cv2.resize(pulled(*small), (width, height), interpolation=cv2.INTER_LINEAR)


def _placed(other: np.ndarray, image: np.ndarray, values: Mapping[str, float]) -> Rows:
    """Let another photo, uint8 hxwx3, cover the photo `image`, uint8 HxWx3, and match its light."""
    (height, width), (high, wide) = image.shape[:2], other.shape[:2]
    zoom = max(width / wide, height / high) * values["scale"]
    across, down = max(1, min(wide, round(width / zoom))), max(1, min(high, round(height / zoom)))
    left, top = round((wide - across) * (1 + values["x"]) / 2), round((high - down) * (1 + values["y"]) / 2)
    part = other[top : top + down, left : left + across]
    shrinks = across >= width and down >= height
    part = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    mean, spread = _light(part)
    wanted_mean, wanted_spread = _light(image)
    shift = values["relight"] * np.clip(wanted_mean - mean, -np.float32(MOST_SHIFT), MOST_SHIFT)
    factor = np.clip(wanted_spread / spread, 1 / np.float32(MOST_SPREAD), MOST_SPREAD) ** values["relight"]

    def rows(first: int, last: int) -> np.ndarray:
        lab = (oklab.from_linear(DECODED[part[first:last]]) - mean) * factor + mean + shift
        return 255 * linear_to_srgb(np.clip(oklab.to_linear(lab), 0, 1))

    return rows if values["relight"] else lambda first, last: part[first:last].astype(np.float32)


def _light(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread (standard deviation) of OKLab's L, a and b over uint8 HxWx3; two times float32 3.

    What is matched in Reinhard et al., "Color Transfer between Images" (2001).
    """
    lab = oklab.from_linear(DECODED[photo.resize(pixels, 256)]).reshape(-1, 3)
    return lab.mean(axis=0), lab.std(axis=0) + 1e-3
