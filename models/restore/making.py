"""One photo restored as a file, whoever wants it: a page, a program, or a whole archive."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from envo import export, memory
from envo.description import Description
from envo.file import PhotoFile
from envo.own import Own
from envo.restorations import Did
from models import restore
from models.engine import Report


@dataclass(frozen=True)
class Size:
    """A size at which repairs are computed."""

    id: str
    label: str
    pixels: float | None
    """None: all that the photo has."""

    @property
    def edge(self) -> float | None:
        """In megapixels."""
        return self.pixels and self.pixels / 1e6


SIZES = {
    size.id: size
    for size in (Size("quick", "1 megapixel", 1e6), Size("fine", "4 megapixels", 4e6), Size("full", "Full size", None))
}
"""By id."""
SOUND = "Nothing needed to be done."
"""Said of a photo of many in which a look finds nothing to restore."""


@dataclass(frozen=True)
class Made:
    """A photo restored, as a file."""

    file: export.Exported
    steps: list[Did]
    before: np.ndarray | None
    """What lies under the restored photo, uint8 HxWx3, where the photo itself does not, or no page can show it."""
    moved: bool
    """Whether its parts are elsewhere than in the photo."""
    invented: np.ndarray | None
    """How much of it was made up, uint8 hxw, 255 for all of it; None: nothing."""


def make(
    file: PhotoFile,
    todo: Sequence[restore.Wish] | None,
    size: Size,
    report: Report,
    marks: np.ndarray | None = None,
    show: Callable[[Did, np.ndarray], None] = lambda did, pixels: None,
    among: Collection[str] | None = None,
    said: Description | None = None,
    edited: Own | None = None,
) -> Made | None:
    """Restore a photo; None where a look suggests nothing.

    todo: steps that were checked; None: what a look suggests `among` some steps, by id, or all. marks: uint8 HxW of the
    photo's proportions. show: is called after each step with what was done and the photo so far, uint8 HxWx3. said:
    as for `export.finish`. edited: the photo as its edit shows it, to begin with. Raises UserError for no photo.
    """
    with memory.PHOTOS:
        image, alpha = _opened(file) if edited is None else _shown(edited)
        memory.PHOTOS.keep(memory.WORKED_ON * image.nbytes)
        if todo is None:
            todo = restore.suggested(restore.look(image, report, among), among or ())
        if not todo:
            return None
        if file.header.linear and any(wish.id == restore.NEGATIVE for wish in todo):
            # What is white lies in the darkest of a negative, where 8 bits have few steps.
            image = (Own.of(file) if edited is None else edited).deep()
        wishes = {wish.id: wish for wish in todo}
        restored = restore.run(
            image,
            todo,
            size.edge,
            marks,
            report,
            lambda id, result, pixels: show(_did(wishes[id], result), pixels),
        )
        report("Saving", None)
        is_moved = restored.is_moved
        pixels = restored.pixels
        if alpha is not None:
            alpha = restore.moved(alpha, todo, pixels.shape[1::-1])
            pixels = np.dstack([pixels, alpha if pixels.dtype == alpha.dtype else alpha.astype(np.uint16) * 257])
        made = export.remake(file, pixels, is_moved, said)
    before = restored.before if is_moved or edited or file.header.linear else None
    did = [_did(wish, result) for wish, result in restored.steps]
    return Made(made, did, before, is_moved, restored.invented)


def _opened(file: PhotoFile) -> tuple[np.ndarray, np.ndarray | None]:
    """Decode a photo at 8 bits: its colours, uint8 HxWx3 sRGB, and its alpha, uint8 HxW, if it has any."""
    if file.decode_alpha() is None:
        return file.decode().shown(), None
    return _shown(Own.of(file))


def _shown(own: Own) -> tuple[np.ndarray, np.ndarray | None]:
    """Give 8 bits of a photo's own pixels, in the same way."""
    own = own.narrow()
    return own.view(exact=True).pixels, own.alpha


def _did(wish: restore.Wish, result: restore.Result) -> Did:
    return Did(
        id=wish.id,
        engine=result.engine,
        label=result.label,
        settings=dict(wish.values),
        said=result.said,
        seconds=result.seconds,
        changed=result.changed,
        likeness=result.likeness,
    )
