"""The shape of all subject engines."""

from models.layers.cut import Cutter


class Engine(Cutter):
    """One way to find what a photo is of."""

    kind = "subject"
    step = "Finding what the photo is of"
