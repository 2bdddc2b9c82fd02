"""A warm start: on a Space, which sleeps when nobody comes, what visitors ask for first is loaded before they do."""

from pathlib import Path

from envo import settings
from envo.file import PhotoFile
from models import layers, select
from tabs.work import threads

PHOTO = Path(__file__).parents[2] / "examples" / "astronaut.jpg"
"""What the networks look at meanwhile: somebody, so that those for faces are loaded, too."""


def begin() -> None:
    """Begin to load it in the background, on a Space."""
    if settings.is_space():
        threads.after(0, "warming", load)


def load() -> None:
    """Take a photo apart, and prepare it for clicks. Raises `models.weights.WeightsError`."""
    pixels = PhotoFile(PHOTO.read_bytes()).decode().shown()
    layers.find(pixels)
    select.auto().prepare(pixels)
