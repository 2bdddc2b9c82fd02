"""The *Restore* tab: an old photo brought back, step by step; and many of them at once.

The page does its work in `static/restore/`; Python serves it through the routes of `tabs.restorations`.
"""

import gradio as gr

from envo import settings
from tabs import static

TEMPLATE = '<div class="restoring" role="application" aria-label="Restoring photos"></div>'

START = """
const restore = new URL('restore/restore.js', new URL(props.static, document.baseURI));
import(restore).then(({ mount }) => mount(element.querySelector('.restoring'), props.options));
"""


class Restorer(gr.HTML):
    """The steps of a restoration and what came of them, as one component. It has no value: photos go by ids."""

    def __init__(self):
        super().__init__(
            html_template=TEMPLATE,
            js_on_load=START,
            apply_default_css=False,
            elem_id="restore",
            static=static.prefix(),
            options={"maxBytes": settings.MAX_FILE_BYTES},
        )


def build() -> None:
    """Place the tab into the `gr.Tabs` that is open."""
    with gr.Tab("Restore", id="restore"):
        Restorer()
