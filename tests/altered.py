"""Altered files by the thousand, each decoded within limits: `python -m tests.altered COUNT SEED KIND...`.

A process of its own, for what breaks it must not break the tests: it may take 2 GB, and each file 20 seconds. It says
which file it is at, so that the one that ended it is known.
"""

import os
import random
import resource
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path

from envo.errors import UserError
from envo.file import PhotoFile

_ROOT = Path(__file__).parents[1]
MEMORY = 2 * 2**30
SECONDS = 20
GROWTH = 2**30
"""Memory that no file may take over what the process has when it is idle."""
_NUMBERS = (0, 1, 2, 3, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 10_000, 65_535, 100_000, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000000)


def altered(data: bytes, chance: random.Random) -> bytes:
    """Change a file as damage or malice would: bytes, numbers, pieces gone, doubled, or from elsewhere."""
    changed = bytearray(data)
    # Every other time the headers, where the traps are.
    reach = min(len(changed), 700) if chance.random() < 0.6 else len(changed)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 12))):
        at, kind = chance.randrange(reach), chance.randrange(7)
        if kind < 2:
            changed[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 2:
            changed[at : at + 1] = bytes([changed[at] ^ 1 << chance.randrange(8)]) if at < len(changed) else b""
        elif kind < 5:
            size, order = chance.choice((2, 4)), chance.choice(("big", "little"))
            changed[at : at + size] = (chance.choice(_NUMBERS) % 256**size).to_bytes(size, order)
        elif kind == 5:
            piece = changed[at : at + chance.randrange(1, 200)]
            place = chance.randrange(len(changed))
            changed[place:place] = piece * chance.choice((1, 1, 2, 50))
        else:
            del changed[at : at + chance.choice((1, 2, 4, 50, 1000))]
        reach = min(reach, len(changed))
        if not reach:
            break
    if chance.random() < 0.15:
        del changed[chance.randrange(len(changed) + 1) :]
    # Checksums would keep most of it from being looked at.
    return _mended(bytes(changed)) if chance.random() < 0.8 else bytes(changed)


def _mended(data: bytes) -> bytes:
    """Make the checksums of a PNG right again."""
    if not data.startswith(b"\x89PNG"):
        return data
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        length = struct.unpack_from(">I", out, at)[0]
        if at + 12 + length > len(out):
            break
        struct.pack_into(">I", out, at + 8 + length, zlib.crc32(out[at + 4 : at + 8 + length]))
        at += 12 + length
    return bytes(out)


def answer(data: bytes) -> None:
    """Ask all that is asked of a photo's file; whatever else than UserError comes of it is a fault."""
    for ask in (
        lambda file: file.header,
        PhotoFile.decode,
        lambda file: file.decode(edge=40),
        PhotoFile.values,
        lambda file: file.traits,
    ):
        try:
            ask(PhotoFile(data))
        except UserError as error:
            assert str(error).endswith("."), error


def decode(files: list[bytes]) -> None:
    """Decode files within the limits, telling which one it is at; the memory that it took is told last."""
    for data in files[:1] * 3:
        answer(data)
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for number, data in enumerate(files):
        print(number, flush=True)
        signal.alarm(SECONDS)
        answer(data)
        signal.alarm(0)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) * 1024
        assert grown < GROWTH, f"{grown >> 20} MB"
    print("done", flush=True)


def made(kind: str, count: int, seed: int) -> list[bytes]:
    """Alter a file of a kind so often; the file first. Of a path, that file as it is."""
    if os.path.sep in kind:
        return [Path(kind).read_bytes()]
    import numpy as np

    from tests.kinds import KINDS

    y, x = np.mgrid[:48, :64]
    whole = KINDS[kind](np.stack([x * 4, y * 5, (x * y) % 256], axis=2).astype(np.uint8))
    chance = random.Random(f"{kind} {seed}")
    return [whole, *(altered(whole, chance) for _ in range(count))]


def trial(kinds: list[str], count: int, seed: int = 0) -> str:
    """Try so many altered files of each kind in a process of its own; gives what was wrong, "" for nothing."""
    command = [sys.executable, "-m", "tests.altered", str(count), str(seed), *kinds]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=_ROOT)
    last = ran.stdout.splitlines()[-1:]
    return "" if last == ["done"] else f"file {last} of {command[2:]}: {ran.returncode} {ran.stderr[-1500:]}"


if __name__ == "__main__":
    decode([file for kind in sys.argv[3:] for file in made(kind, int(sys.argv[1]), int(sys.argv[2]))])
