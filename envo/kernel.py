"""The steps of `envo/render.py`, compiled: each over some thousand pixels, which stay near the processor meanwhile.

Colours are planes, float32 3xN contiguous: of linear sRGB, of cone responses or of OKLab, as a step's name tells; steps
change them in place. Loops are so plain that vector instructions become of them, those that look into tables aside.
What strengths are called and where they come from is in `envo/adjustments.py`. They are arguments, the constants too:
compiled code is kept, and would not hear of it if they changed there.
"""

import threading
from collections.abc import Callable
from functools import wraps

import numpy as np

_F = np.float32
_TINY = np.float32(1e-30)
_steps: list[Callable] = []
_turn = threading.Lock()


def _compiled(step: Callable) -> Callable:
    """Have a function compiled, with all others here, as soon as any is called: the compiler takes long to load."""
    _steps.append(step)

    @wraps(step)
    def first(*arguments: object) -> object:
        _compile()
        return globals()[step.__name__](*arguments)

    return first


def _compile() -> None:
    import numba

    with _turn:
        while _steps:  # in their order, as later ones call earlier ones; each is compiled when it is called itself
            step = _steps.pop(0)
            # Nothing that would round pixels at the end of a row otherwise than before: each is as it is in the whole.
            done = numba.njit(nogil=True, cache=True, fastmath={"contract", "nsz"}, error_model="numpy")(step)
            globals()[step.__name__] = done


@_compiled
def _cube_root(x: np.float32) -> np.float32:
    """Take the cube root of x, which is not negative: a guess from its bits, and Halley's method twice."""
    x = max(x, _TINY)
    y = np.int32(np.int32(_F(_F(x).view(np.int32)) * _F(1 / 3)) + 709921077).view(np.float32)
    cube = y * y * y
    y = y * (cube + x + x) / (cube + cube + x)
    cube = y * y * y
    return y * (cube + x + x) / (cube + cube + x)


@_compiled
def _power(x: np.float32, exponent: np.float32) -> np.float32:
    """Raise x, which is not negative, to a positive power, by logarithm and exponential of base 2."""
    bits = _F(max(x, _TINY)).view(np.int32)
    whole = np.int32((bits - 0x3F3504F3) >> 23)
    share = np.int32(bits - (whole << 23)).view(np.float32)  # between the roots of 1/2 and 2
    s = (share - _F(1)) / (share + _F(1))
    square = s * s
    series = _F(1) + square * (_F(1 / 3) + square * (_F(1 / 5) + square * (_F(1 / 7) + square * _F(1 / 9))))
    log = exponent * (_F(whole) + _F(2.8853900817779268) * s * series)
    log = min(max(log, _F(-126)), _F(127))
    near = np.int32(np.floor(log + _F(0.5)))
    t = (log - _F(near)) * _F(0.6931471805599453)
    series = _F(1 / 24) + t * (_F(1 / 120) + t * (_F(1 / 720) + t * _F(1 / 5040)))
    series = _F(1) + t * (_F(1) + t * (_F(1 / 2) + t * (_F(1 / 6) + t * series)))
    return series * np.int32((near + 127) << 23).view(np.float32)


@_compiled
def _encoded(x: np.float32) -> np.float32:
    """Apply the sRGB curve to x, which is not negative: its power is the root's times its fourth root."""
    root = _cube_root(x)
    bent = _F(1.055) * root * np.sqrt(np.sqrt(root)) - _F(0.055)
    return _F(12.92) * x if x <= _F(0.0031308) else bent


@_compiled
def _decoded(x: np.float32) -> np.float32:
    bent = _power((x + _F(0.055)) * _F(1 / 1.055), _F(2.4))
    return x * _F(1 / 12.92) if x <= _F(0.04045) else bent


@_compiled
def _nine(m: np.ndarray) -> tuple[np.float32, ...]:
    return m[0, 0], m[0, 1], m[0, 2], m[1, 0], m[1, 1], m[1, 2], m[2, 0], m[2, 1], m[2, 2]


@_compiled
def from_bytes(pixels: np.ndarray, curve: np.ndarray, colour: np.ndarray) -> None:
    """Give the light, by `curve` (float32 256), of pixels, uint8 Nx3."""
    for k in range(3):
        plane = colour[k]
        for i in range(len(plane)):
            plane[i] = curve[pixels[i, k]]


@_compiled
def from_light(pixels: np.ndarray, colour: np.ndarray) -> None:
    """Take pixels, float32 Nx3, apart."""
    for k in range(3):
        plane = colour[k]
        for i in range(len(plane)):
            plane[i] = pixels[i, k]


@_compiled
def transform(colour: np.ndarray, matrix: np.ndarray) -> None:
    """Multiply colours by a matrix, float32 3x3."""
    a, b, c, d, e, f, g, h, j = _nine(matrix)
    for i in range(colour.shape[1]):
        x, y, z = colour[0, i], colour[1, i], colour[2, i]
        colour[0, i] = a * x + b * y + c * z
        colour[1, i] = d * x + e * y + f * z
        colour[2, i] = g * x + h * y + j * z


@_compiled
def to_lab(colour: np.ndarray, to_cone: np.ndarray, cone_to_lab: np.ndarray) -> None:
    """Turn colours into OKLab, with no lightness below 0. to_cone: from what they are to cone responses."""
    a, b, c, d, e, f, g, h, j = _nine(to_cone)
    p, q, r, s, t, u, v, w, z = _nine(cone_to_lab)
    for i in range(colour.shape[1]):
        red, green, blue = colour[0, i], colour[1, i], colour[2, i]
        long = _cube_root(a * red + b * green + c * blue)
        middle = _cube_root(d * red + e * green + f * blue)
        short = _cube_root(g * red + h * green + j * blue)
        colour[0, i] = max(p * long + q * middle + r * short, _F(0))
        colour[1, i] = s * long + t * middle + u * short
        colour[2, i] = v * long + w * middle + z * short


@_compiled
def to_lightness(colour: np.ndarray, to_cone: np.ndarray, cone_to_lab: np.ndarray, made: np.ndarray) -> None:
    """Give the lightness alone, float32 N, as `to_lab` does; the colours stay."""
    a, b, c, d, e, f, g, h, j = _nine(to_cone)
    p, q, r = cone_to_lab[0, 0], cone_to_lab[0, 1], cone_to_lab[0, 2]
    for i in range(colour.shape[1]):
        red, green, blue = colour[0, i], colour[1, i], colour[2, i]
        long = _cube_root(a * red + b * green + c * blue)
        middle = _cube_root(d * red + e * green + f * blue)
        short = _cube_root(g * red + h * green + j * blue)
        made[i] = max(p * long + q * middle + r * short, _F(0))


@_compiled
def from_lab(colour: np.ndarray, lab_to_cone: np.ndarray, cone_to_linear: np.ndarray) -> None:
    """Turn OKLab into linear sRGB."""
    a, b, c, d, e, f, g, h, j = _nine(lab_to_cone)
    p, q, r, s, t, u, v, w, z = _nine(cone_to_linear)
    for i in range(colour.shape[1]):
        x, y, n = colour[0, i], colour[1, i], colour[2, i]
        long, middle, short = a * x + b * y + c * n, d * x + e * y + f * n, g * x + h * y + j * n
        long, middle, short = long * long * long, middle * middle * middle, short * short * short
        colour[0, i] = p * long + q * middle + r * short
        colour[1, i] = s * long + t * middle + u * short
        colour[2, i] = v * long + w * middle + z * short


@_compiled
def scale(colour: np.ndarray, factor: np.ndarray) -> None:
    """Multiply linear sRGB by a factor of each pixel, float32 N."""
    for k in range(3):
        plane = colour[k]
        for i in range(len(plane)):
            plane[i] *= factor[i]


@_compiled
def add_mist(colour: np.ndarray, clear: np.ndarray, airlight: np.ndarray, amount: float, spared: float) -> None:
    """Move linear sRGB towards the airlight, float32 3. clear: transmission, float32 N; amount: below 0."""
    amount, spared = _F(amount), _F(spared)
    for k in range(3):
        plane, air = colour[k], airlight[k]
        for i in range(len(plane)):
            through = _F(1) + amount * (_F(1) - spared * clear[i])
            plane[i] = plane[i] * through + air * (_F(1) - through)


@_compiled
def take_haze(colour: np.ndarray, clear: np.ndarray, airlight: np.ndarray, amount: float, clearest: float) -> None:
    """Move linear sRGB away from the airlight, float32 3. clear: transmission, float32 N; amount: above 0."""
    amount, clearest = _F(amount), _F(clearest)
    for k in range(3):
        plane, air = colour[k], airlight[k]
        for i in range(len(plane)):
            through = _F(1) + amount * (max(clear[i], clearest) - _F(1))
            plane[i] = (plane[i] - air) / through + air


@_compiled
def raise_to_black(colour: np.ndarray) -> None:
    """Raise cone responses to 0 at least."""
    for k in range(3):
        plane = colour[k]
        for i in range(len(plane)):
            plane[i] = max(plane[i], _F(0))


@_compiled
def bases(
    lightness: np.ndarray,
    fine: np.ndarray,
    middle: np.ndarray,
    coarse: np.ndarray,
    haze: np.ndarray,
    least: float,
    detail: np.ndarray,
) -> None:
    """Give `Maps.detail`, float32 4xN, at pixels of a lightness, float32 N, by lines looked up there, Nx2 each."""
    least, n = _F(least), len(lightness)
    finest, second, third, clear = detail[0], detail[1], detail[2], detail[3]
    for i in range(n):
        finest[i] = fine[i, 0] * lightness[i] + fine[i, 1]
    for i in range(n):
        second[i] = middle[i, 0] * finest[i] + middle[i, 1] - lightness[i]
    for i in range(n):
        third[i] = coarse[i, 0] * finest[i] + coarse[i, 1] - lightness[i]
    for i in range(n):
        finest[i] -= lightness[i]
    for i in range(n):
        clear[i] = min(max(haze[i, 0] * lightness[i] + haze[i, 1], least), _F(1))


@_compiled
def carry(lightness: np.ndarray, original: np.ndarray, more: float, carried: np.ndarray) -> None:
    """Give how much more of the original's detail there is now than there was, float32 N each."""
    more = _F(more)
    for i in range(len(carried)):
        carried[i] = (lightness[i] + more) / (original[i] + more)


@_compiled
def take_noise(
    lab: np.ndarray, original: np.ndarray, clean: np.ndarray, carried: np.ndarray, luminance: float, colour: float
) -> None:
    """Bring OKLab nearer to what the photo has without its noise. original, clean: OKLab of both."""
    luminance, colour = _F(luminance), _F(colour)
    light, before, after = lab[0], original[0], clean[0]
    for i in range(len(light)):
        light[i] = max(light[i] + luminance * (carried[i] * (after[i] - before[i])), _F(0))
    for k in range(1, 3):
        plane, before, after = lab[k], original[k], clean[k]
        for i in range(len(plane)):
            plane[i] += colour * (carried[i] * (after[i] - before[i]))


@_compiled
def add_detail(
    light: np.ndarray,
    carried: np.ndarray,
    detail: np.ndarray,
    tones: tuple[float, float],
    most: float,
    strengths: tuple[float, float, float],
) -> None:
    """Move the edge-aware base of a lightness, float32 N, and what differs between the original's bases.

    detail: as `bases` gives it. tones: as `adjustments.local_tones` gives them, by the polynomials of
    `adjustments.tone_curve`, which go on beyond white as a straight line; most: the largest strength of the first.
    strengths: of clarity, texture and smoothing.
    """
    highlights, shadows = _F(tones[0]), _F(tones[1])
    clarity, texture, smoothing = _F(strengths[0]), _F(strengths[1]), _F(strengths[2])
    beyond = _F(1) - min(abs(highlights), _F(most))
    fine, middle, coarse = detail[0], detail[1], detail[2]
    for i in range(len(light)):
        base = max(light[i] + carried[i] * middle[i], _F(0))
        x = min(base, _F(1))
        x += highlights * x * x * x * (_F(1) - x)
        dark = _F(1) - x
        x += shadows * x * dark * dark * dark
        x += max(base - _F(1), _F(0)) * beyond
        local = clarity * (fine[i] - coarse[i]) - texture * fine[i] - smoothing * (fine[i] - middle[i])
        light[i] = max(light[i] + (x - base) + carried[i] * local, _F(0))


@_compiled
def sharpen(light: np.ndarray, carried: np.ndarray, fine: np.ndarray, amount: float) -> None:
    """Add fine detail, float32 N, to lightness."""
    amount = _F(amount)
    for i in range(len(light)):
        light[i] = max(light[i] + amount * carried[i] * fine[i], _F(0))


@_compiled
def tone(light: np.ndarray, table: np.ndarray, top: float) -> None:
    """Look lightness, float32 N, up in a tone table; see `adjustments.tone_table`."""
    size = len(table) - 1
    most, share = _F(size), _F(1) / _F(top)
    for i in range(len(light)):
        at = min(np.sqrt(max(light[i], _F(0)) * share) * most, most)
        first = min(int(at), size - 1)
        light[i] = table[first] + (at - _F(first)) * (table[first + 1] - table[first])


@_compiled
def follow(lab: np.ndarray, before: np.ndarray, floor: float) -> None:
    """Let chroma follow the lightness, which was `before`, float32 N."""
    floor = _F(floor)
    light, a, b = lab[0], lab[1], lab[2]
    for i in range(len(light)):
        factor = (light[i] + floor) / (before[i] + floor)
        a[i] *= factor
        b[i] *= factor


@_compiled
def vibrance(lab: np.ndarray, amount: float, x: float, y: float, spared: float, faint: float) -> None:
    """Strengthen faint colours most. x, y: direction of skin, from which `spared` is withheld; faint: a chroma.

    Skin is known by the eighth power of the cosine of the angle to its hue.
    """
    amount, x, y, spared, far = _F(amount), _F(x), _F(y), _F(spared), _F(1 / (faint * faint))
    for i in range(lab.shape[1]):
        a, b = lab[1, i], lab[2, i]
        square = a * a + b * b
        along = max(a * x + b * y, _F(0))
        skin = along * along / (square + _F(1e-12))
        skin *= skin
        skin *= skin
        factor = _F(1) + amount * (_F(1) - spared * skin) / (_F(1) + square * far)
        lab[1, i] = a * factor
        lab[2, i] = b * factor


@_compiled
def turn(lab: np.ndarray, x: float, y: float) -> None:
    """Multiply chroma by the complex number x + iy."""
    x, y = _F(x), _F(y)
    for i in range(lab.shape[1]):
        a, b = lab[1, i], lab[2, i]
        lab[1, i] = x * a - y * b
        lab[2, i] = y * a + x * b


@_compiled
def mix(lab: np.ndarray, table: np.ndarray, faint: float) -> None:
    """Apply the mixer's table, see `tables.mixer_table`; colours of less chroma than `faint` less."""
    size, least = len(table) - 1, _F(faint * faint)
    for i in range(lab.shape[1]):
        light, a, b = lab[0, i], lab[1, i], lab[2, i]
        side = a / (abs(a) + abs(b) + _F(1e-9))
        at = _F(0.25) * (_F(1) - side if b >= 0 else _F(3) + side) * _F(size)
        first = min(max(int(at), 0), size - 1)
        share = at - _F(first)
        low, high = table[first], table[first + 1]
        square = a * a + b * b
        gate = square / (square + least)
        x = _F(1) + gate * (low[0] + share * (high[0] - low[0]) - _F(1))
        y = gate * (low[1] + share * (high[1] - low[1]))
        lighter = gate * (low[2] + share * (high[2] - low[2])) * max(light * (_F(1) - light), _F(0))
        lab[0, i] = max(light + lighter, _F(0))
        lab[1, i] = x * a - y * b
        lab[2, i] = y * a + x * b


@_compiled
def even(lab: np.ndarray, amount: float, x: float, y: float) -> None:
    """Bring what is redder than skin, whose direction is (x, y), towards its hue; the less, the further it is away."""
    amount, x, y = _F(amount), _F(x), _F(y)
    for i in range(lab.shape[1]):
        a, b = lab[1, i], lab[2, i]
        along, across = max(a * x + b * y, _F(0)), max(a * y - b * x, _F(0))
        away = amount * along * along / (a * a + b * b + _F(1e-12)) * across
        lab[1, i] = a - away * y
        lab[2, i] = b + away * x


@_compiled
def grade(lab: np.ndarray, table: np.ndarray) -> None:
    """Add what `tables.grading_table` says to OKLab."""
    size = len(table) - 1
    for i in range(lab.shape[1]):
        at = min(lab[0, i], _F(1)) * _F(size)
        first = min(max(int(at), 0), size - 1)
        share = at - _F(first)
        low, high = table[first], table[first + 1]
        lab[0, i] = max(lab[0, i] + low[2] + share * (high[2] - low[2]), _F(0))
        lab[1, i] += low[0] + share * (high[0] - low[0])
        lab[2, i] += low[1] + share * (high[1] - low[1])


@_compiled
def tint(lab: np.ndarray, amount: float, a: float, b: float) -> None:
    """Move chroma towards (a, b), which is that of middle lightness."""
    amount, a, b = _F(amount), _F(a), _F(b)
    for i in range(lab.shape[1]):
        light = lab[0, i]
        middle = max(_F(4) * light * (_F(1) - light), _F(0))
        lab[1, i] += amount * (a * middle - lab[1, i])
        lab[2, i] += amount * (b * middle - lab[2, i])


@_compiled
def _random(column: np.uint32, row: np.uint32) -> np.float32:
    """Hash whole places to [-1, 1) (C. Wellons, "Prospecting for hash functions", 2018)."""
    hashed = np.uint32(np.uint32(column * 0x9E3779B1) ^ np.uint32(row * 0x85EBCA77))
    hashed = np.uint32(hashed ^ (hashed >> 16))
    hashed = np.uint32(hashed * 0x7FEB352D)
    hashed = np.uint32(hashed ^ (hashed >> 15))
    hashed = np.uint32(hashed * 0x846CA68B)
    hashed = np.uint32(hashed ^ (hashed >> 16))
    return _F(np.int32(hashed >> 8)) * _F(2**-23) - _F(1)


@_compiled
def _noise(x: np.float32, y: np.float32) -> np.float32:
    """Give value noise in [-1, 1]: random values at whole places, between them bilinearly."""
    left, top = np.floor(x), np.floor(y)
    u, v = x - left, y - top
    column, row = np.uint32(np.int32(left)), np.uint32(np.int32(top))
    upper = _random(column, row) * (_F(1) - u) + _random(column + 1, row) * u
    lower = _random(column, row + 1) * (_F(1) - u) + _random(column + 1, row + 1) * u
    return upper * (_F(1) - v) + lower * v


@_compiled
def add_grain(
    light: np.ndarray, x: np.ndarray, y: np.ndarray, size: float, coarse: float, uneven: float, amount: float
) -> None:
    """Add the grain at pixels (x, y) of the photo to lightness, all float32 N; see `envo/grain.py`."""
    fine, wide, uneven, amount = _F(1 / size), _F(1 / coarse), _F(uneven), _F(amount)
    for i in range(len(light)):
        small = _noise(x[i] * fine, y[i] * fine)
        noise = small + uneven * (_noise(x[i] * wide, y[i] * wide) - small)
        middle = max(_F(4) * light[i] * (_F(1) - light[i]), _F(0))
        light[i] = max(light[i] + amount * middle * noise, _F(0))


@_compiled
def encode(colour: np.ndarray, beyond: np.ndarray) -> None:
    """Apply the sRGB curve to linear sRGB between 0 and 1; what lies beyond that is put away, likewise 3xN."""
    for k in range(3):
        plane, rest = colour[k], beyond[k]
        for i in range(len(plane)):
            rest[i] = plane[i] - min(max(plane[i], _F(0)), _F(1))
        for i in range(len(plane)):
            plane[i] = _encoded(min(max(plane[i], _F(0)), _F(1)))


@_compiled
def decode(colour: np.ndarray, beyond: np.ndarray) -> None:
    """Undo `encode`."""
    for k in range(3):
        plane, rest = colour[k], beyond[k]
        for i in range(len(plane)):
            plane[i] = _decoded(plane[i]) + rest[i]


@_compiled
def curves(colour: np.ndarray, table: np.ndarray) -> None:
    """Look encoded colours, 0 to 1, up in the curves of their channels; see `tables.channel_table`."""
    size = len(table) - 1
    for k in range(3):
        plane = colour[k]
        for i in range(len(plane)):
            at = plane[i] * _F(size)
            first = min(int(at), size - 1)
            low, high = table[first, k], table[first + 1, k]
            plane[i] = low + (at - _F(first)) * (high - low)


@_compiled
def _place(value: np.float32, low: np.float32, high: np.float32, size: int) -> np.float32:
    """Give where among `size` entries a value lies; one that is no number is at the first."""
    share = (value - low) / (high - low)
    return min(share, _F(1)) * _F(size - 1) if share > 0 else _F(0)


@_compiled
def ramp(colour: np.ndarray, table: np.ndarray, domain: np.ndarray, strength: float) -> None:
    """Bring encoded colours to what a table of N entries, float32 Nx3, says of each channel; see `cube.Lut`."""
    size, strength = len(table), _F(strength)
    for k in range(3):
        plane = colour[k]
        for i in range(len(plane)):
            at = _place(plane[i], domain[0, k], domain[1, k], size)
            first = min(int(at), size - 2)
            found = table[first, k] + (at - _F(first)) * (table[first + 1, k] - table[first, k])
            plane[i] += strength * (found - plane[i])


@_compiled
def cube(colour: np.ndarray, table: np.ndarray, domain: np.ndarray, strength: float) -> None:
    """Bring encoded colours to what a table, float32 NxNxNx3 of blue, green and red, says; see `cube.Lut`.

    From one corner of a cell to the opposite one: first along the channel that is farthest, last along the one that is
    least far.
    """
    size, strength = len(table), _F(strength)
    for i in range(colour.shape[1]):
        red = _place(colour[0, i], domain[0, 0], domain[1, 0], size)
        green = _place(colour[1, i], domain[0, 1], domain[1, 1], size)
        blue = _place(colour[2, i], domain[0, 2], domain[1, 2], size)
        r, g, b = min(int(red), size - 2), min(int(green), size - 2), min(int(blue), size - 2)
        red, green, blue = red - _F(r), green - _F(g), blue - _F(b)
        most, least = max(red, green, blue), min(red, green, blue)
        middle = max(min(red, green), min(max(red, green), blue))
        # The corners on the way, as how far each is along blue, green and red.
        if red >= green:  # noqa: SIM108, as a table of cases
            first = (0, 0, 1) if red >= blue else (1, 0, 0)
        else:
            first = (0, 1, 0) if green >= blue else (1, 0, 0)
        if blue <= green:  # noqa: SIM108
            last = (1, 0, 0) if blue <= red else (0, 0, 1)
        else:
            last = (0, 1, 0) if green <= red else (0, 0, 1)
        start, end = table[b, g, r], table[b + 1, g + 1, r + 1]
        one = table[b + first[0], g + first[1], r + first[2]]
        two = table[b + 1 - last[0], g + 1 - last[1], r + 1 - last[2]]
        for k in range(3):
            found = start[k] * (_F(1) - most) + one[k] * (most - middle) + two[k] * (middle - least) + end[k] * least
            colour[k, i] += strength * (found - colour[k, i])


@_compiled
def put(colour: np.ndarray, made: np.ndarray, matte: np.ndarray, opacity: float) -> None:
    """Put what a layer made over colours, by its matte, float32 N; where that is 0 they stay to the bit."""
    opacity = _F(opacity)
    for k in range(3):
        plane, over = colour[k], made[k]
        for i in range(len(plane)):
            mixed = plane[i] + opacity * matte[i] * (over[i] - plane[i])
            plane[i] = mixed if matte[i] > 0 else plane[i]


@_compiled
def put_everywhere(colour: np.ndarray, made: np.ndarray, opacity: float) -> None:
    """Put what a layer without a mask made over colours."""
    opacity = _F(opacity)
    for k in range(3):
        plane, over = colour[k], made[k]
        for i in range(len(plane)):
            plane[i] += opacity * (over[i] - plane[i])


@_compiled
def put_blurred(colour: np.ndarray, passed: np.ndarray, made: np.ndarray, matte: np.ndarray, opacity: float) -> None:
    """Put what a layer made of blurred colours over those that were not; see `put`. Within they mind the matte."""
    opacity = _F(opacity)
    for k in range(3):
        plane, blurred, over = colour[k], passed[k], made[k]
        for i in range(len(plane)):
            mixed = plane[i] + opacity * (matte[i] * (over[i] - blurred[i]) + (blurred[i] - plane[i]))
            plane[i] = mixed if matte[i] > 0 else plane[i]


@_compiled
def view(colour: np.ndarray, inset: np.ndarray, outset: np.ndarray, contrast: float, toe: float) -> None:
    """Bring light beyond white to the screen by x^contrast / (x^contrast + toe), between two matrices, float32 3x3."""
    contrast, toe = _F(contrast), _F(toe)
    a, b, c, d, e, f, g, h, j = _nine(inset)
    p, q, r, s, t, u, v, w, z = _nine(outset)
    for i in range(colour.shape[1]):
        red, green, blue = colour[0, i], colour[1, i], colour[2, i]
        x = _power(a * red + b * green + c * blue, contrast)
        y = _power(d * red + e * green + f * blue, contrast)
        n = _power(g * red + h * green + j * blue, contrast)
        x, y, n = x / (x + toe), y / (y + toe), n / (n + toe)
        colour[0, i] = p * x + q * y + r * n
        colour[1, i] = s * x + t * y + u * n
        colour[2, i] = v * x + w * y + z * n


@_compiled
def draw_in(colour: np.ndarray, factors: np.ndarray, most: float) -> None:
    """Bring linear light above white below it, by the factors of a table that ends where it is `most`.

    See `shoulder.Shoulder`.
    """
    steps, most = _F(len(factors) - 1), _F(most)
    for i in range(colour.shape[1]):
        brightest = max(max(colour[0, i], colour[1, i], colour[2, i]), _F(1e-6))
        place = min(np.sqrt(brightest / most), _F(1)) * steps
        first = min(int(place), len(factors) - 2)
        factor = factors[first] + (place - _F(first)) * (factors[first + 1] - factors[first])
        factor *= min(_F(1), most / brightest)
        for channel in range(3):
            colour[channel, i] *= factor


@_compiled
def fit(colour: np.ndarray, luminance: np.ndarray) -> None:
    """Move linear light of a gamut towards the grey of its luminance until it fits it; see `output.displayed`.

    luminance: weights of the channels, float32 3.
    """
    of_red, of_green, of_blue = luminance[0], luminance[1], luminance[2]
    for i in range(colour.shape[1]):
        red, green, blue = colour[0, i], colour[1, i], colour[2, i]
        grey = min(max(of_red * red + of_green * green + of_blue * blue, _F(0)), _F(1))
        high, low = max(red, green, blue), min(red, green, blue)
        reach = min((_F(1) - grey) / max(high - grey, _F(1e-9)), grey / max(grey - low, _F(1e-9)))
        reach = min(reach, _F(1))
        is_inside = low >= _F(0) and high <= _F(1)
        colour[0, i] = red if is_inside else grey + (red - grey) * reach
        colour[1, i] = green if is_inside else grey + (green - grey) * reach
        colour[2, i] = blue if is_inside else grey + (blue - grey) * reach


@_compiled
def to_integers(colour: np.ndarray, top: float, made: np.ndarray) -> None:
    """Write linear light with the sRGB curve into pixels, uint8 or uint16 Nx3, whose white is `top`."""
    white = _F(top)
    for k in range(3):
        plane = colour[k]
        for i in range(len(plane)):
            plane[i] = white * _encoded(min(max(plane[i], _F(0)), _F(1))) + _F(0.5)
    for i in range(colour.shape[1]):
        made[i, 0] = np.int32(colour[0, i])
        made[i, 1] = np.int32(colour[1, i])
        made[i, 2] = np.int32(colour[2, i])
