"""The *Edit* tab: the library's strip, the photo on its WebGL canvas, layers and sliders.

The page does its work in `static/editor/`; Python serves it through the routes of `tabs.routes.api`.
"""

from dataclasses import asdict

import gradio as gr

from envo import adjustments, edits, maps, presets, settings
from tabs import part


def build() -> None:
    """Place the tab into the `gr.Tabs` that is open."""
    options = {
        "schema": adjustments.schema(),
        "parts": edits.PARTS,
        "mapsVersion": maps.VERSION,
        "presets": [asdict(preset) for preset in presets.PRESETS],
        "saveDelay": settings.SAVE_DELAY_MS,
        "maxBytes": settings.MAX_FILE_BYTES,
    }
    with gr.Tab("Edit", id="edit"):
        part.add("editor/editor.js", "editor", "editor", "Photo editor", options)
