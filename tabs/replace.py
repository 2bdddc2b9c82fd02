"""The *Replace* tab: select things in a photo, then cut them out, keep their mask, or make it a layer of *Edit*."""

import gradio as gr

from tabs.maskcanvas import MaskCanvas


def build() -> None:
    """Place the tab into the `gr.Tabs` that is open."""
    with gr.Tab("Replace", id="replace"):
        MaskCanvas("replace/replace.js", "replace")
