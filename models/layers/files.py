"""A photo's file taken apart, and its mattes as files."""

from envo import masks, settings
from envo.file import PhotoFile
from models import layers
from models.engine import Report


def find(file: PhotoFile, report: Report | None = None) -> layers.Layers:
    """Take a photo apart at the working size, as `layers.find` does. Raises UserError for what is no photo, too."""
    return layers.find(file.decode(edge=settings.WORKING_EDGE).shown(), report)


def files(found: layers.Layers) -> dict[str, bytes]:
    """Write mattes as PNG, by kind."""
    return {kind: masks.encode_matte(alpha) for kind, alpha in found.mattes.items()}
