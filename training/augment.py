"""Photos made to look like others: turned, cut, relit, darkened, worn. Each function leaves its arguments alone."""

import cv2
import numpy as np
from numpy.random import Generator

from envo import colour


def geometry(
    random: Generator, source: tuple[int, int], size: int, zoom: tuple[float, float], shift: float
) -> np.ndarray:
    """Draw a way to look at a photo of `source` (width, height): its 2x3 matrix into a square of `size` pixels.

    Mostly about as it was framed; every third is far from it: `zoom` from and to, up to 40 degrees, and moved by up to
    `shift` of the frame. Half of them are mirrored. Photos that are not square are squeezed.
    """
    if random.random() < 0.35:
        scale, angle = np.exp(random.uniform(*np.log(zoom))), random.uniform(-40, 40)
        move = random.uniform(-shift, shift, 2)
    else:
        scale, angle, move = np.exp(random.normal(0, 0.12)), random.normal(0, 6), random.normal(0, 0.05, 2)
    stretch = np.exp(random.normal(0, 0.06) * np.array([0.5, -0.5]))
    turn = np.deg2rad(angle)
    mirror = random.choice([-1, 1])
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * scale * size
    matrix = matrix * stretch * np.array([mirror, 1]) / source
    middle = (np.array(source) - 1) / 2
    return np.column_stack([matrix, (size - 1) / 2 + move * size - matrix @ middle])


def light(random: Generator, image: np.ndarray) -> np.ndarray:
    """Change exposure, contrast, colour of light and saturation of uint8 HxWx3; some come out grey or faded."""
    ramp = np.linspace(0, 1, 256)[:, None]
    curve = ramp ** np.exp(random.normal(0, 0.3)) * np.exp(random.normal(0, 0.15, 3) * random.random())
    low, high = 0.0, np.exp(random.normal(0, 0.15))
    if random.random() < 0.15:  # faded
        low, high = random.uniform(0, 0.3), random.uniform(0.5, 1)
    table = np.rint(np.clip(low + (high - low) * curve, 0, 1) * 255).astype(np.uint8)
    image = cv2.LUT(image, table[None])
    if random.random() < 0.5:
        grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        kept = 0.0 if random.random() < 0.25 else random.uniform(0.3, 1.5)
        image = cv2.addWeighted(image, kept, grey, 1 - kept, 0)
        if kept == 0 and random.random() < 0.5:  # an old print
            image = cv2.LUT(image, np.rint(ramp * random.uniform([230, 200, 150], 255)).astype(np.uint8)[None])
    return image


def wear(random: Generator, image: np.ndarray) -> np.ndarray:
    """Lose some quality of uint8 HxWx3: blur, few pixels, noise, JPEG; each by chance."""
    height, width = image.shape[:2]
    if random.random() < 0.12:
        image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.4, 2.0) * height / 256)
    if random.random() < 0.12:
        share = random.uniform(0.25, 0.8)
        few = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        image = cv2.resize(few, (width, height), interpolation=cv2.INTER_CUBIC)
    if random.random() < 0.2:
        shape = image.shape if random.random() < 0.6 else (height, width, 1)
        noise = random.standard_normal(shape, np.float32) * np.float32(random.uniform(3, 22))
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if random.random() < 0.2:
        image = compressed(random, image, 15, 80)
    return image


def compressed(random: Generator, image: np.ndarray, least: int, most: int) -> np.ndarray:
    """Leave of uint8 HxWx3 what JPEG does, of a quality from `least` to below `most`."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(least, most))])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def darken(random: Generator, image: np.ndarray, stops: float | np.ndarray) -> np.ndarray:
    """Underexpose uint8 HxWx3 by `stops`, a number or float32 HxW: less light, a camera's noise, 8 bits.

    The noise is that of the light itself and of reading it out (Foi et al., IEEE TIP 2008), in linear light.
    """
    light = colour.srgb_to_linear(image / np.float32(255)) * np.exp2(-np.float32(stops))[..., None]
    shot, read = np.exp(random.uniform(*np.log([[5e-5, 2e-4], [6e-4, 2e-3]]))).astype(np.float32)
    light += np.sqrt(light * shot + read**2) * random.standard_normal(image.shape, np.float32)
    return np.rint(np.clip(colour.linear_to_srgb(light), 0, 1) * 255).astype(np.uint8)


def camera_noise(random: Generator, image: np.ndarray, sigma: float) -> np.ndarray:
    """Give uint8 HxWx3 a camera's noise, of `sigma` of 255 over all of it before it is clipped: 8 bits again.

    That of the light itself and of reading it out (Foi et al., IEEE TIP 2008), in linear light, not the same in each
    channel; in some from pixel to pixel, in some as demosaicing or a blur leave it.
    """
    light = colour.srgb_to_linear(image / np.float32(255)).astype(np.float32)
    gains = np.exp(random.normal(0, 0.25, 3)).astype(np.float32)
    spread = np.sqrt(light + np.float32(np.exp(random.uniform(*np.log([2e-3, 0.1]))))) * gains
    # How much brighter what is shown gets where there is a little more light.
    steep = np.where(light > 0.0031308, 1.055 / 2.4 * np.maximum(light, 0.0031308) ** (1 / 2.4 - 1), 12.92)
    spread *= sigma / 255 / np.sqrt(np.mean((spread * steep) ** 2))
    noise = random.standard_normal(image.shape, np.float32)
    kind = random.random()
    if kind < 0.3:
        noise = _demosaiced(noise)
    elif kind < 0.6:
        noise = cv2.GaussianBlur(noise, (0, 0), random.uniform(0.35, 0.8))
    noise /= noise.std()
    return np.rint(np.clip(colour.linear_to_srgb(light + spread * noise), 0, 1) * 255).astype(np.uint8)


def _demosaiced(noise: np.ndarray) -> np.ndarray:
    """Keep of each channel what a Bayer mosaic has of it, and fill it in between, of float32 HxWx3."""
    mosaic = np.zeros_like(noise)
    mosaic[::2, ::2, 0], mosaic[1::2, 1::2, 2] = noise[::2, ::2, 0], noise[1::2, 1::2, 2]
    mosaic[::2, 1::2, 1], mosaic[1::2, ::2, 1] = noise[::2, 1::2, 1], noise[1::2, ::2, 1]
    sparse = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float32) / 4
    dense = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32) / 4
    return np.dstack([cv2.filter2D(mosaic[..., index], -1, each) for index, each in enumerate((sparse, dense, sparse))])


def shape(random: Generator, size: int) -> np.ndarray:
    """Draw something that gets in the way: a mask, uint8 `size` x `size`, 1 inside a blob, bar or polygon."""
    mask = np.zeros((size, size), np.uint8)
    at = random.uniform(0, size, 2)
    reach = size * random.uniform(0.05, 0.25)
    around = np.sort(random.uniform(0, 2 * np.pi, random.integers(3, 9)))
    corners = at + reach * random.uniform(0.4, [1.5, 1.0], (len(around), 2)) * np.stack(
        [np.cos(around), np.sin(around)], 1
    )
    cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 1)
    return mask
