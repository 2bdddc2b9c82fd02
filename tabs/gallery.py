"""The *Gallery* tab: all photos on a wall, found by what is in them and who, and taken away.

The page does its work in `static/gallery/`.
"""

import gradio as gr

from envo import settings
from tabs import part


def build() -> None:
    """Place the tab into the `gr.Tabs` that is open."""
    with gr.Tab("Gallery", id="gallery"):
        options = {"maxBytes": settings.MAX_FILE_BYTES, "maxBatch": settings.MAX_BATCH}
        part.add("gallery/gallery.js", "gallery", "gallery", "All photos", options)
