"""EnvoMask: a Gradio component for any app, in which a visitor selects in a photo by clicks, boxes and a brush.

    import gradio as gr
    from envomask import EnvoMask

    with gr.Blocks() as demo:
        photo, cut = EnvoMask(), gr.Image()
        photo.change(lambda masked: masked and masked.cut_out(), photo, cut)
    demo.launch()

A photo goes to the server as the file that it is, and the browser gets a picture of it that any phone can hold: what is
selected is drawn at `WORKING_EDGE` and fitted to the photo in Python.
"""

import base64
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import cv2
import gradio as gr
import numpy as np
from gradio.processing_utils import save_bytes_to_cache, save_file_to_cache
from gradio.utils import get_upload_folder
from PIL import Image
from pydantic import ValidationError

from envo import masks as mattes
from envo import photo as photos
from envo import settings
from envo.errors import UserError
from envo.file import PhotoFile
from models import select
from models.select import Prepared
from tabs.routes.selections import SelectWish, told
from tabs.web import gradios
from tabs.work import selections
from tabs.work.recent import Recent

STATIC = Path(__file__).parent.parent / "static"
PREVIEW_EDGE = 2048
"""Long edge of the picture that the browser gets, in pixels."""
PREVIEW_QUALITY = 88
PREPARED = 8
"""Photos that stay prepared for clicks."""
START = """
const given = { element, props, trigger, watch, server, upload };
import(new URL(props.script, document.baseURI)).then(({ mount }) => mount(given));
"""
EVENTS = "'change' 'upload' 'clear'"


@dataclass(frozen=True)
class Masked:
    """A photo, and what is selected in it."""

    photo: np.ndarray
    """uint8 HxWx3, sRGB, upright."""
    masks: list[np.ndarray] = field(default_factory=list)
    """uint8 HxW, each of the photo's size; 255 is selected."""

    @cached_property
    def mask(self) -> np.ndarray:
        """All that is selected: uint8 HxW."""
        return reduce(np.maximum, self.masks, np.zeros(self.photo.shape[:2], np.uint8))

    def cut_out(self) -> Image.Image:
        """Give what is selected, transparent around it: RGBA, of the photo's size."""
        return Image.fromarray(np.dstack([self.photo, self.mask]))


class EnvoMask(gr.HTML):
    """A photo in which a visitor selects.

    Functions get a `Masked`, or None where there is no photo; they give a `Masked`, or a photo: a path, an array
    (uint8 HxWx3), or a picture of Pillow's; None clears it.

    Events: change (the photo, or what is selected), upload, clear.
    """

    def __init__(self, value: Any = None, **kwargs: Any):
        """Place it where Gradio's blocks are being placed. kwargs: go to `gr.HTML`, such as `label` and `elem_id`."""
        gr.set_static_paths(STATIC)
        self._prepared: Recent[tuple[Prepared, tuple[int, int]]] = Recent(PREPARED)
        """Photos by their paths, each with its width and height."""
        self._preparing = threading.Lock()

        def envomask_look(path: str) -> dict[str, Any]:
            return _answered(lambda: _look(_sent(path)))

        def envomask_select(question: dict[str, Any]) -> dict[str, Any]:
            return _answered(lambda: self._select(question))

        super().__init__(
            value,
            html_template='<div class="envo-mask-place"></div>',
            css_template=(STATIC / "envomask" / "envomask.css").read_text(),
            js_on_load=f"// {EVENTS}\n{START}",
            apply_default_css=False,
            server_functions=[envomask_look, envomask_select],
            script=f"gradio_api/file={STATIC / 'envomask' / 'envomask.js'}",
            **kwargs,
        )

    def preprocess(self, payload: dict[str, Any] | None) -> Masked | None:
        """Give functions the photo, and what is selected in it. Raises gradio.Error for what is none."""
        if not isinstance(payload, dict):  # Gradio's page has "" for no value
            return None
        try:
            pixels = PhotoFile(_sent(payload.get("path")).read_bytes()).decode().shown()
            drawn = [base64.b64decode(png, validate=True) for png in payload.get("masks", ())]
            size = _working(*pixels.shape[1::-1])
            return Masked(pixels, [_fitted(mattes.read_matte(png, size), pixels.shape[:2]) for png in drawn])
        except (UserError, ValueError, TypeError) as error:
            raise gr.Error(str(error), print_exception=False) from error

    def postprocess(self, value: Any) -> dict[str, Any] | None:
        """Give the page a photo, and masks of it."""
        if value is None:
            return None
        masked = value if isinstance(value, Masked) else None
        photo = masked.photo if masked else value
        path = photo if isinstance(photo, str | Path) else _as_png(photo)
        looked = _look(Path(save_file_to_cache(path, get_upload_folder())))
        width, height = looked["working"]
        drawn = masked.masks if masked else ()
        masks = [mattes.encode_matte(_fitted(mask, (height, width))) for mask in drawn]
        return looked | {"masks": [base64.b64encode(png).decode() for png in masks]}

    def api_info(self) -> dict[str, Any]:
        """Describe the value to programs."""
        masks = {"type": "array", "items": {"type": "string", "description": "A grey PNG in base64."}}
        path = {"type": "string", "description": "Of the photo, which was uploaded."}
        return {"type": "object", "properties": {"path": path, "masks": masks}}

    def example_value(self) -> None:
        """Give none: a photo would have to be there."""

    def example_payload(self) -> None:
        """Give none, likewise."""

    def _select(self, question: dict[str, Any]) -> dict[str, Any]:
        prepared, size = self._ready(_sent(question.get("path")))
        wish = SelectWish.model_validate({name: value for name, value in question.items() if name != "path"})
        gestures = selections.Gestures(wish.points, wish.box, wish.start, wish.choice)
        return told(selections.answered(select.auto(), prepared, selections.checked(size, gestures)))

    def _ready(self, path: Path) -> tuple[Prepared, tuple[int, int]]:
        """Prepare a photo for clicks, unless it is: of what is, a click reads nothing."""
        with self._preparing:
            if (ready := self._prepared.get(path)) is None:
                file = PhotoFile(path.read_bytes())
                size = file.header.width, file.header.height
                ready = select.auto().prepare(file.decode(edge=settings.WORKING_EDGE).shown(), size), size
                self._prepared.put(path, ready)
        return ready


def _answered(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Give what a script asks for, or a sentence on why not."""
    try:
        return work()
    except (UserError, ValidationError) as error:
        return {"error": str(error) if isinstance(error, UserError) else "Envo does not understand this selection."}


def _sent(path: Any) -> Path:
    """Find a file that was uploaded, and no other of this machine. Raises UserError."""
    found = gradios.uploaded(path)
    if found is None:
        raise UserError("This photo is not here any more; please bring it again.")
    return found


def _look(path: Path) -> dict[str, Any]:
    """Tell what the page needs of a photo."""
    file = PhotoFile(path.read_bytes())
    width, height = file.header.width, file.header.height
    preview = photos.encode(file.decode(edge=PREVIEW_EDGE).shown(), "JPEG", PREVIEW_QUALITY)
    return {
        "path": str(path),
        "width": width,
        "height": height,
        "working": _working(width, height),
        "preview": f"data:image/jpeg;base64,{base64.b64encode(preview).decode()}",
        "masks": [],
    }


def _working(width: int, height: int) -> tuple[int, int]:
    return photos.fit(width, height, settings.WORKING_EDGE)


def _fitted(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Bring a mask to another size: uint8 HxW."""
    return mask if mask.shape == shape else cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_AREA)


def _as_png(picture: np.ndarray | Image.Image) -> str:
    """Write a picture into a file, and give its path."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return save_bytes_to_cache(file.getvalue(), "photo.png", get_upload_folder())
