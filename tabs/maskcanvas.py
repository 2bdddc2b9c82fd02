"""The mask canvas: a photo of the library in which a visitor selects by clicking, for every tab that needs a selection.

The page does its work in `static/mask/`; Python serves it through the routes of `tabs.routes.api`.
"""

from envo import settings
from tabs import part


def add(module: str, elem_id: str) -> None:
    """Place one into the tab that is open.

    Args:
        module: ES module below `static/` that exports `mount(root, options)`: it makes a `Selector` (see
            `static/mask/selector.js`) and gives it the tab's actions.
        elem_id: of the component in the page.

    """
    options = {
        "maxBytes": settings.MAX_FILE_BYTES,
        "maxClicks": settings.MAX_CLICKS,
        "maxStep": settings.MAX_MASK_STEP,
    }
    part.add(module, elem_id, "masking", "Selecting in a photo", options)
