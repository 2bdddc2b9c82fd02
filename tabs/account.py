"""The corner of the page's head: who is here, where one signs in and out, and all of one's own.

The page does its work in `static/account/`.
"""

import gradio as gr

from envo import settings
from tabs import part


def build(auth: str) -> None:
    """Place it where Gradio's blocks are just being placed. auth: see `settings.auth`."""
    options = {
        "accounts": auth == "accounts",
        "minPassword": settings.MIN_PASSWORD,
        "maxPassword": settings.MAX_PASSWORD,
        "maxName": settings.MAX_ACCOUNT_NAME,
        "space": settings.is_space(),
    }
    with gr.Row(elem_id="corner"):
        if auth == "huggingface":
            gr.LoginButton(elem_id="sign-in", size="sm")
        corner = '<section class="corner" aria-label="You"></section>'
        part.place("account/corner.js", "account", corner, options)
