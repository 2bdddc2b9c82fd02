"""EnvoMask in thirty lines: select a thing in a photo, and take it away as a PNG. `python -m docs.envomask_example`."""

import gradio as gr

from envomask import EnvoMask, Masked


def tell(masked: Masked | None) -> str:
    if masked is None or not masked.masks:
        return "Click on something in the photo."
    height, width = masked.mask.shape
    return f"{len(masked.masks)} of {width} x {height} pixels, {(masked.mask > 127).mean():.1%} selected"


def cut_out(masked: Masked | None):
    return masked and masked.cut_out()


def build() -> gr.Blocks:
    with gr.Blocks(title="Cut it out") as demo:
        gr.Markdown("# Cut it out\nClick on a thing, drag a box around it, or paint it.")
        photo = EnvoMask(elem_id="photo")
        photo.change(tell, photo, gr.Textbox(label="Selected", elem_id="told"), show_progress="hidden")
        with gr.Row():
            anew, cut = gr.Button("Begin anew"), gr.Button("Cut it out", variant="primary")
        anew.click(lambda: None, None, photo)
        cut.click(cut_out, photo, gr.Image(format="png", interactive=False, label="Cut out"))
    return demo


if __name__ == "__main__":
    build().launch()
