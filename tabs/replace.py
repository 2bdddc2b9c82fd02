"""The *Replace* tab: select things in a photo, then replace them, erase them, or give them another background.

What is selected can be cut out, kept as a mask, or made a layer of *Edit*, too.
"""

import gradio as gr

from tabs import maskcanvas


def build() -> None:
    """Place the tab into the `gr.Tabs` that is open."""
    with gr.Tab("Replace", id="replace"):
        maskcanvas.add("replace/replace.js", "replace")
