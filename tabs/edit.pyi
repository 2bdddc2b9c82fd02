"""The *Edit* tab: the library's strip, the photo on its WebGL canvas, layers and sliders.

The page does its work in `static/editor/`; Python serves it through the routes of `tabs.api`.
"""

import gradio as gr

from envo import adjustments, settings
from tabs import static

TEMPLATE = '<div class="editor" role="application" aria-label="Photo editor"></div>'

START = """
const base = new URL(props.static, document.baseURI);
import(new URL('editor/editor.js', base)).then(({ mount }) => mount(element.querySelector('.editor'), props.editor));
"""

from gradio.events import Dependency

class Editor(gr.HTML):
    """The photo editor as one component. It has no value: what it shows and stores goes by photo ids."""

    def __init__(self):
        super().__init__(
            html_template=TEMPLATE,
            js_on_load=START,
            apply_default_css=False,
            elem_id="editor",
            static=static.prefix(),
            editor={
                "schema": adjustments.schema(),
                "presets": [asdict(preset) for preset in presets.PRESETS],
                "saveDelay": settings.SAVE_DELAY_MS,
                "maxBytes": settings.MAX_FILE_BYTES,
            },
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


def build() -> None:
    """Place the tab into the `gr.Tabs` that is open."""
    with gr.Tab("Edit", id="edit"):
        Editor()