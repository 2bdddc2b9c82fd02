"""Photos that look faded and are not: light, weather and looks that were meant, for a network that is to leave them.

Each takes uint8 HxWx3 RGB and gives another of the same size. In none has a dye changed: under coloured light black
stays black, in fog and high key white stays white, a low key has both ends or is dark as a whole.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

Look = Callable[[Generator, np.ndarray], np.ndarray]


def meant(random: Generator, image: np.ndarray) -> np.ndarray:
    """Give a photo, uint8 HxWx3, one of `LOOKS` by chance."""
    return LOOKS[random.integers(len(LOOKS))](random, image)


def _light(random: Generator, image: np.ndarray) -> np.ndarray:
    """Sunset, candles and tungsten, or shade, dusk and snow: all lit by a warm or a cold light."""
    green, far = random.uniform(0.55, 1.0), random.uniform(0.2, 0.9)
    gains = np.array([1, green, min(far, green)] if random.random() < 0.6 else [min(far, green), green, 1])
    return _lit(image, gains * random.uniform(0.7, 1.3))


def _coloured(random: Generator, image: np.ndarray) -> np.ndarray:
    """Neon, stage light and deep water: any colours, one going over into the other across the photo."""
    one, other = (random.uniform(0.1, 1, 3) / random.uniform(0.6, 1.0) for _ in range(2))
    share = _across(random, image.shape[:2])[..., None]
    return _lit(image, one * share + other * (1 - share))


def _keyed(random: Generator, image: np.ndarray) -> np.ndarray:
    """High and low key, and what was exposed too much or too little."""
    return _lit(image, np.full(3, np.exp2(random.uniform(-3, 1.8))))


def _fog(random: Generator, image: np.ndarray) -> np.ndarray:
    """Fog, haze and steam: a veil of nearly white light, thicker on one side; what is near lies hardly in it."""
    veil = random.uniform(0.6, 1.0) * random.uniform(0.93, 1.0, 3)
    least, most = random.uniform(0.0, 0.2), random.uniform(0.2, 0.9)
    share = (least + (most - least) * _across(random, image.shape[:2]))[..., None]
    return _bytes(image / 255 * (1 - share) + veil * share)


def _graded(random: Generator, image: np.ndarray) -> np.ndarray:
    """Colours made stronger or weaker by whoever edited it, and the contrast by an S, its ends where they are."""
    grey = image @ np.array([0.299, 0.587, 0.114])[:, None] / 255
    image = np.clip(grey + (image / 255 - grey) * random.uniform(0.6, 1.8), 0, 1)
    curve = image * image * (3 - 2 * image)
    share = random.uniform(-0.6, 1.0)
    return _bytes(image + share * (curve - image))


LOOKS: tuple[Look, ...] = (_light, _coloured, _keyed, _fog, _graded)


def _lit(image: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Give it another light: gains of linear light, 3 or HxWx3."""
    return _bytes(np.clip((image / 255) ** 2.2 * gains, 0, 1) ** (1 / 2.2))


def _across(random: Generator, shape: tuple[int, int]) -> np.ndarray:
    """Go from 0 to 1 in a direction drawn by chance, float HxW."""
    angle = random.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-1, 1, shape[1]), np.linspace(-1, 1, shape[0]))
    return 1 / (1 + np.exp(-random.uniform(1, 5) * (x * np.cos(angle) + y * np.sin(angle))))


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
