"""The *Restore* tab: an old photo brought back, step by step; and many of them at once.

The page does its work in `static/restore/`; Python serves it through the routes of `tabs.routes.restorations`.
"""

import gradio as gr

from envo import settings
from tabs import part


def build() -> None:
    """Place the tab into the `gr.Tabs` that is open."""
    with gr.Tab("Restore", id="restore"):
        options = {"maxBytes": settings.MAX_FILE_BYTES}
        part.add("restore/restore.js", "restore", "restoring", "Restoring photos", options)
