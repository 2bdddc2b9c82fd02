"""How long it takes to find, in a library of many photos, those that look the same: on upload, and as a filter.

usage: python -m bench.finding [--photos 10000] [--json]
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from bench import common
from envo import database as db
from envo.finding import Finder, Wish
from envo.library import Library

ROUNDS = 21
OWNER = "someone"


def main() -> None:
    parser = common.Arguments(__doc__, "no difference: photos are made up here", parted=False)
    parser.add_argument("--photos", type=int, default=10_000, help="how many photos the library has")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), f"sqlite:///{folder}/library.sqlite")
        ids = _fill(library, wish.photos)
        finder = Finder(library)
        found = {
            "first": _milliseconds(lambda: finder.looks_like(OWNER, ids[0]), 1),
            "looks_like": _milliseconds(lambda: finder.looks_like(OWNER, ids[0])),
            "ids": _milliseconds(lambda: finder.ids(OWNER, Wish())),
            "twins": _milliseconds(lambda: finder.ids(OWNER, Wish(twins=True))),
        }
        found["twins less ids"] = found["twins"] - found["ids"]
        library.close()
    for name, value in found.items():
        print(f"{name:16}{value:8.1f} ms")
    if wish.json:
        print(json.dumps(found))


def _fill(library: Library, count: int) -> list[str]:
    """Put rows of photos into the library, every tenth like another one; gives their ids."""
    rng = np.random.default_rng(1)
    likenesses = rng.integers(-(2**63), 2**63 - 1, count, dtype=np.int64)
    likenesses[::10] = likenesses[5::10][: len(likenesses[::10])] ^ 0b101
    content = {"bytes": 1, "format": "JPEG", "width": 4, "height": 3, "bit_depth": 8, "browser_ready": True}
    content |= {"linear": False}
    about = {"owner": OWNER, "original_name": "", "rating": 0, "created_at": datetime.now(UTC)}
    hashes = [f"{number:064x}" for number in range(count)]
    blobs = [
        {**content, "sha256": sha256, "likeness": int(each)} for sha256, each in zip(hashes, likenesses, strict=True)
    ]
    photos = [
        {**about, "id": f"{number}", "name": f"{number}.jpg", "sha256": hashes[number]} for number in range(count)
    ]
    with library.database.write() as connection:
        connection.execute(sa.insert(db.blob), blobs)
        connection.execute(sa.insert(db.photo), photos)
    return [photo["id"] for photo in photos]


def _milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median time that something takes."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
