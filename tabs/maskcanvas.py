"""The mask canvas: a photo of the library in which a visitor selects by clicking, for every tab that needs a selection.

The page does its work in `static/mask/`; Python serves it through the routes of `tabs.api`.
"""

import gradio as gr

from envo import settings
from tabs import static

TEMPLATE = '<div class="masking" role="application" aria-label="Selecting in a photo"></div>'

START = """
const base = new URL(props.static, document.baseURI);
import(new URL(props.module, base)).then(({ mount }) => mount(element.querySelector('.masking'), props.options));
"""


class MaskCanvas(gr.HTML):
    """A selection and what can be done with it, as one component. It has no value: photos and masks go by ids."""

    def __init__(self, module: str, elem_id: str):
        """Make one for a tab.

        Args:
            module: ES module below `static/` that exports `mount(root, options)`: it makes a `Selector` (see
                `static/mask/selector.js`) and gives it the tab's actions.
            elem_id: of the component in the page.

        """
        super().__init__(
            html_template=TEMPLATE,
            js_on_load=START,
            apply_default_css=False,
            elem_id=elem_id,
            static=static.prefix(),
            module=module,
            options={
                "maxBytes": settings.MAX_FILE_BYTES,
                "maxClicks": settings.MAX_CLICKS,
                "maxStep": settings.MAX_MASK_STEP,
            },
        )
