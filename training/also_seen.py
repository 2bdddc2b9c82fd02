"""What photos of the data set show besides their class, as far as that was looked through by eye: `also_seen.txt`."""

from pathlib import Path

from models.tagging import words

FILE = Path(__file__).with_name("also_seen.txt")
TENTHS = (1, 2)
"""Tenths of the photos that were looked through besides the one that is held back; see `training.heldback.tenth`."""


def own_class(photo: Path) -> int:
    """ImageNet class that a photo is named after."""
    from timm.data import ImageNetInfo

    return ImageNetInfo("imagenet-1k").label_names().index(photo.stem.split("_")[0])


def chain(number: int) -> set[str]:
    """A class's word and its parents."""
    word = words.of_classes()[number]
    return {word, *words.lineage(word)}


def right(photo: Path) -> set[str]:
    """Words that are right for a photo: those of its class, and what else was seen in it."""
    return chain(own_class(photo)) | _seen().get(photo.stem, set())


def _seen() -> dict[str, set[str]]:
    lines = [line.partition(": ") for line in FILE.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return {name: set(told.split(", ")) for name, _, told in lines}
