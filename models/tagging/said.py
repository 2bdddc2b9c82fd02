"""What is seen in a photo, as programs read it."""

from dataclasses import asdict
from typing import Any

import numpy as np

from models.tagging.run import Tagged


def said(tagged: Tagged) -> dict[str, list[dict[str, Any]]]:
    """Give a photo's "tags", the surest first, and its "faces", the largest first, as JSON-able values.

    Boxes are left, top, right and bottom in shares of the upright photo.
    """
    size = np.array([*tagged.image.shape[1::-1]] * 2)
    faces = [{"box": (face.box / size).tolist(), "sure": face.sure} for face in tagged.faces]
    # Nobody has judged these yet: their state says nothing.
    tags = [{key: value for key, value in asdict(each).items() if key != "state"} for each in tagged.tags]
    return {"tags": tags, "faces": faces}
