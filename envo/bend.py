"""Where a lens put what a straight picture shows, compiled: NumPy would take ten times as long."""

import numba
import numpy as np

Pair = tuple[float, float]


@numba.njit(nogil=True, cache=True)
def bend(places: np.ndarray, table: np.ndarray, reach: float, centre: Pair, sides: Pair, bent: np.ndarray) -> None:
    """Move photo coordinates, float64 Nx2, away from the centre by what a table says, into `bent`.

    table: float64, over distances from the centre, up to `reach`; beyond, the last value holds. sides: what photo
    coordinates come times, to be distances.
    """
    last = len(table) - 1
    for i in range(len(places)):
        x, y = places[i, 0] - centre[0], places[i, 1] - centre[1]
        across, down = x * sides[0], y * sides[1]
        at = min(np.sqrt(across * across + down * down) / reach, 1.0) * last
        first = min(int(at), last - 1)
        value = table[first] + (at - first) * (table[first + 1] - table[first])
        bent[i, 0] = centre[0] + x * value
        bent[i, 1] = centre[1] + y * value
