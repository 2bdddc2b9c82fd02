"""The step that makes tones of the dots in which newspapers and postcards are printed."""

import cv2
import numpy as np

from models.engine import quiet
from models.restore.base import NOT_JUDGED, Look, difference
from models.restore.clean import Cleaning, EnvoClean, pieces

PATCH = 128
"""Pixels squared of the pieces in which dots are looked for."""
PIECES = 6
"""So many pieces at most lie side by side, and so many in a column."""
PERIODS = (2.3, 5.6)
"""Pixels from dot to dot, finest and coarsest, that the network knows."""
FLOOR = 1e2
"""Power of a spectrum that is as good as none: of noise of a 15th of a level."""
BACKGROUND = 17
"""Frequencies squared over which the spectrum around a peak is judged."""
BLOCK = 8
"""Pixels of JPEG's blocks, whose edges repeat, too."""
LEAST = 4.2
"""So far a peak and the one across must stand out, in nepers of power. 94 everyday photos come to 2.7 at most, cloth
and gratings among them, but of 180 others a refrigerator's grille comes to 4.0; each comes to 4.3 at least when printed
in dots, with grain on top to 3.0."""
LEAST_CHANGE = 7.0
"""And by so much, of 255, must the network change some piece. A lattice, a tub and the grille, which repeat nearly as
dots do, come to 1 at most, and the raster of a screen that was photographed to 6.4; of 30 photos printed in dots 29
come to more."""


class EnvoDots(EnvoClean):
    """The same network, trained here on photos printed in dots by a program."""

    name = "envo-dots"
    label = "Envo dots"
    requires = ("dots",)
    doing = "Making tones of dots"


class Dots(Cleaning):
    """Apart from cleaning, for a network that knows dots takes cloth and gratings for them, too."""

    id = "dots"
    label = "Printing dots"
    about = "Makes smooth tones of the dots in which newspapers, books and postcards are printed."
    looked_past = True
    said = "Made smooth tones of the dots"

    def __init__(self) -> None:
        super().__init__([EnvoDots()])

    def look(self, image: np.ndarray) -> Look:
        engine = self.engines["envo-dots"]
        if not engine.available():
            return NOT_JUDGED
        if min(image.shape[:2]) < PATCH:
            return Look(False, "Too small to tell printing dots.")
        standing_out, period = screen(image)
        if standing_out < LEAST:
            return Look(False, "It is not printed in dots.")
        if max(difference(piece, engine.clean(piece, quiet)) for piece in pieces(image)) < LEAST_CHANGE:
            return Look(False, "Something repeats all over it, but it is hardly printing dots.")
        return Look(True, f"It is printed in dots, {period:.1f} pixels from one to the next.")


def screen(image: np.ndarray) -> tuple[float, float]:
    """Look for a printer's screen in uint8 HxWx3 from 128x128: how far it stands out, in nepers, and its period.

    The period is in pixels. A screen repeats in two directions at right angles (Ulichney, Digital Halftoning, 1987),
    and all over the photo: each frequency counts by its median over pieces of it, above what lies around it.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    window = np.outer(*[np.hanning(PATCH).astype(np.float32)] * 2)
    spectra = []
    for top in _starts(grey.shape[0]):
        for left in _starts(grey.shape[1]):
            piece = grey[top : top + PATCH, left : left + PATCH]
            power = np.abs(np.fft.fft2((piece - piece.mean()) * window)) ** 2
            spectra.append(np.log(np.fft.fftshift(power) + FLOOR))
    spectrum = np.median(spectra, 0).astype(np.float32)
    # OpenCV's wide median is for 8 bits.
    low, span = spectrum.min(), max(float(np.ptp(spectrum)), 1e-6)
    around = cv2.medianBlur(np.rint((spectrum - low) / span * 255).astype(np.uint8), BACKGROUND)
    above = np.where(_possible(), spectrum - low - around.astype(np.float32) / 255 * span, 0)
    across = cv2.dilate(np.roll(np.rot90(above), 1, 0), np.ones((3, 3)))
    both = np.minimum(above, across)
    y, x = np.unravel_index(both.argmax(), both.shape)
    return float(both[y, x]), PATCH / max(1.0, float(np.hypot(y - PATCH // 2, x - PATCH // 2)))


def _starts(length: int) -> np.ndarray:
    return np.linspace(0, length - PATCH, min(PIECES, 1 + (length - PATCH) * 2 // PATCH)).astype(int)


def _possible() -> np.ndarray:
    """Which frequencies may be those of a screen: bool PATCHxPATCH, the constant in the middle."""
    y, x = np.abs(np.mgrid[-PATCH // 2 : PATCH // 2, -PATCH // 2 : PATCH // 2])
    radius, larger = np.hypot(x, y), np.maximum(x, y)
    each = PATCH // BLOCK
    blocks = (np.minimum(x, y) <= 1) & (np.minimum(larger % each, -larger % each) <= 1)
    return (radius > PATCH / PERIODS[1]) & (radius < PATCH / PERIODS[0]) & ~blocks
