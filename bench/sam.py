"""A Segment Anything of its real size to measure with, also where its weights are not: the time is the same.

with sam.engine() as (engine, real):
    photo = engine.prepare(pixels)
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from models import hub, select


@contextmanager
def engine() -> Iterator[tuple[select.Engine, bool]]:
    """Give the engine `sam-vit-base`, and whether its weights are the real ones; else they are drawn."""
    found = select.ENGINES["sam-vit-base"]
    if found.available():
        yield found, True
        return
    with tempfile.TemporaryDirectory() as cache, mock.patch.dict(os.environ, ENVO_CACHE=cache):
        draw(hub.folder(found.name))
        yield found, False


def draw(folder: Path) -> None:
    """Write a SAM ViT-Base with weights drawn from its configuration, as `from_pretrained` reads it; 375 MB."""
    import torch
    import transformers

    torch.manual_seed(0)
    # The configuration's 1e-10 would make an encoder that takes all photos for the same.
    config = transformers.SamConfig(vision_config={"initializer_range": 0.02})
    transformers.SamModel(config).save_pretrained(folder)
    transformers.SamProcessor(transformers.SamImageProcessor()).save_pretrained(folder)
