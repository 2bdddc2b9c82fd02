"""The shape of all matting engines."""

from models.layers.cut import Cutter


class Engine(Cutter):
    """One way to find the person: all people together."""

    kind = "person"
    step = "Finding the person"
