"""The *Gallery* tab: all photos on a wall, found by what is in them and who, and taken away.

The page does its work in `static/gallery/`.
"""

import gradio as gr

from envo import settings
from tabs import static

TEMPLATE = '<div class="gallery" role="application" aria-label="All photos"></div>'

START = """
const gallery = new URL('gallery/gallery.js', new URL(props.static, document.baseURI));
import(gallery).then(({ mount }) => mount(element.querySelector('.gallery'), props.options));
"""


class Gallery(gr.HTML):
    """The wall of photos and what is known about them, as one component. It has no value: photos go by ids."""

    def __init__(self):
        super().__init__(
            html_template=TEMPLATE,
            js_on_load=START,
            apply_default_css=False,
            elem_id="gallery",
            static=static.prefix(),
            options={"maxBytes": settings.MAX_FILE_BYTES, "maxBatch": settings.MAX_BATCH},
        )


def build() -> None:
    """Place the tab into the `gr.Tabs` that is open."""
    with gr.Tab("Gallery", id="gallery"):
        Gallery()
