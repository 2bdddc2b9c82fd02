"""Writes RAW files, of a camera whose sensor is as a test wants it, from the light that it is to see."""

import io

import numpy as np
import tifffile

SRGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
NEUTRAL = (0.5, 1.0, 0.6)
"""What a usual sensor sees of grey: twice as much green as red."""
MIXED = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.05, 0.2, 0.75]])
"""How much of the light of each of sRGB's primaries (columns) a usual sensor's filters let through (rows)."""


def write(
    light: np.ndarray,
    neutral: tuple[float, float, float] = (1, 1, 1),
    filters: np.ndarray | None = None,
    black: int = 0,
    noise: float = 0,
    orientation: int = 1,
    preview: np.ndarray | None = None,
    opcodes: bytes = b"",
) -> bytes:
    """Write a DNG of a mosaic (RGGB, 14 bits).

    light: linear sRGB, float HxWx3; sides even. Grey of v becomes v times `neutral` in the sensor's channels, which
    end at 1. filters: rows as those of `MIXED`, each with the sum 1; None for those of sRGB. noise: of the sensor at 1,
    as a standard deviation; a hundredth of it is in the dark. preview: uint8 RGB; with one the file is laid out as
    cameras do: that first, the mosaic below it. opcodes: the list of operations for what was demosaiced.
    """
    filters = np.eye(3) if filters is None else filters
    seen = light @ filters.T * neutral
    if noise:
        chance = np.random.default_rng(0)
        seen += noise * (np.sqrt(np.maximum(seen, 0)) + 0.01) * chance.standard_normal(seen.shape)
    stored = np.rint(black + seen * (16383 - black)).clip(0, 16383).astype(np.uint16)
    mosaic = stored[:, :, 1].copy()
    mosaic[0::2, 0::2] = stored[0::2, 0::2, 0]
    mosaic[1::2, 1::2] = stored[1::2, 1::2, 2]
    to_camera = np.diag(neutral) @ filters @ np.linalg.inv(SRGB_TO_XYZ)
    of_camera = [
        (271, "s", 0, "Envo", True),
        (272, "s", 0, "Test Camera", True),
        (274, "H", 1, orientation, True),
        (306, "s", 0, "2024:05:06 07:08:09", True),
        (50706, "B", 4, bytes([1, 4, 0, 0]), True),
        (50707, "B", 4, bytes([1, 1, 0, 0]), True),
        (50708, "s", 0, "Envo Test Camera", True),
        (50721, "2i", 9, _fractions(to_camera.ravel()), True),
        (50728, "2I", 3, _fractions(neutral), True),
        (50778, "H", 1, 21, True),
    ]
    of_mosaic = [
        (33421, "H", 2, (2, 2), True),
        (33422, "B", 4, bytes([0, 1, 1, 2]), True),
        (50714, "I", 1, black, True),
        (50717, "I", 1, 16383, True),
        *([(51022, "B", len(opcodes), opcodes, True)] if opcodes else []),
    ]
    file = io.BytesIO()
    if preview is None:
        tifffile.imwrite(file, mosaic, photometric=32803, extratags=of_camera + of_mosaic, metadata=None)
        return file.getvalue()
    with tifffile.TiffWriter(file) as writer:
        writer.write(preview, photometric="rgb", subfiletype=1, subifds=1, extratags=of_camera, metadata=None)
        writer.write(mosaic, photometric=32803, subfiletype=0, extratags=of_mosaic, metadata=None)
    return file.getvalue()


def _fractions(values: np.ndarray) -> list[int]:
    """Write numbers as fractions, numerators and denominators in turn."""
    return [part for value in values for part in (round(10000 * value), 10000)]
