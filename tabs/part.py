"""A part of the page that a module of `static/` draws, and Gradio only places."""

import json
from typing import Any

import gradio as gr

from tabs.web import static

START = """
const first = new URL(props.first, document.baseURI);
import(first).then(({ modules }) => modules['common/mounting.js'].start(element.querySelector('section'), props));
"""


def add(module: str, elem_id: str, style: str, label: str, options: dict[str, Any]) -> None:
    """Place a part where Gradio's blocks are just being placed. It has no value: what it shows and stores goes by ids.

    A component of a class of its own would do, but for each of these Gradio writes a file beside its source.

    Args:
        module: an entry of one of `static.BUNDLES`; exports `mount(root, options)`.
        elem_id: of the component in the page.
        style: class of the element that the module fills.
        label: what people hear who do not see it.
        options: what the module is told; goes as JSON.

    """
    heading = f'<h1 class="unseen">{label}</h1>'
    place(module, elem_id, f'{heading}<section class="{style}" aria-label="{label}"></section>', options)


def place(module: str, elem_id: str, template: str, options: dict[str, Any]) -> None:
    """Place a module as `add` does, in the section of a template of HTML."""
    gr.HTML(
        html_template=template,
        js_on_load=START,
        apply_default_css=False,
        elem_id=elem_id,
        first=static.prefix() + static.FIRST,
        script=static.prefix() + static.bundle_of(module),
        module=module,
        options=json.dumps(options),  # an object would be watched by Gradio, value by value
    )
