"""Envo's colours and sizes, as a Gradio theme: neutral greys around the photo, one amber accent.

The tokens stand here alone: Gradio's own parts get them through the theme, the style sheets in `static/` as CSS
variables (`tabs.page`).
"""

from gradio.themes import Base
from gradio.themes.utils import colors, sizes

TOKENS = {
    "bg": "#0f1012",
    "panel": "#16171a",
    "raised": "#1e2024",
    "hover": "#1a1b1f",
    "chosen": "#24211b",
    "line": "#2a2c31",
    "edge": "#72767e",
    "text": "#e6e7e9",
    "dim": "#a8abb2",
    "faint": "#90949c",
    "accent": "#f0a43c",
    "on-accent": "#1a1205",
    "danger": "#ff6257",
    "good": "#58b368",
}
SURFACES = ("bg", "panel", "raised", "hover", "chosen", "line")
"""What texts stand on. `line` parts things, too; what frames a control, so that it is seen to be one, is `edge`."""
INKS = ("text", "dim", "faint", "accent", "danger", "good")
"""What is written in on any of them."""
FONTS = ("Inter", "system-ui", "sans-serif")
"""The first comes with the app (`static/face/`), and looks alike everywhere; what it has no sign for is the others'."""
WEIGHTS = (400, 700)
"""Between these the typeface has any."""


def theme() -> Base:
    """The theme; light and dark are the same, since a photo is judged against dark grey."""
    look = Base(
        primary_hue=colors.amber,
        neutral_hue=colors.zinc,
        text_size=sizes.text_sm,
        radius_size=sizes.radius_md,
        font=FONTS,
        font_mono=("ui-monospace", "monospace"),
    )
    tokens = {
        "body_background_fill": TOKENS["bg"],
        "body_text_color": TOKENS["text"],
        "body_text_color_subdued": TOKENS["dim"],
        "background_fill_primary": TOKENS["panel"],
        "background_fill_secondary": TOKENS["raised"],
        "block_background_fill": "transparent",
        "block_border_color": TOKENS["line"],
        "border_color_primary": TOKENS["line"],
        "border_color_accent": TOKENS["accent"],
        "color_accent": TOKENS["accent"],
        "button_primary_background_fill": TOKENS["accent"],
        "button_primary_background_fill_hover": TOKENS["accent"],
        "button_primary_text_color": TOKENS["on-accent"],
        "button_primary_border_color": TOKENS["accent"],
        "button_secondary_background_fill": TOKENS["raised"],
        "button_secondary_background_fill_hover": TOKENS["line"],
        "button_secondary_text_color": TOKENS["text"],
        "button_secondary_border_color": TOKENS["edge"],
        "input_background_fill": TOKENS["raised"],
        "input_border_color": TOKENS["edge"],
        "checkbox_background_color_selected": TOKENS["accent"],
        "checkbox_border_color": TOKENS["edge"],
        "checkbox_border_color_hover": TOKENS["dim"],
        "checkbox_border_color_focus": TOKENS["accent"],
        "checkbox_border_color_selected": TOKENS["accent"],
        "error_text_color": TOKENS["danger"],
    }
    dark = {f"{name}_dark": value for name, value in tokens.items() if hasattr(look, f"{name}_dark")}
    flat = {"block_border_width": "0px", "block_padding": "0px", "layout_gap": "0px"}
    # Gradio's check is white, which is hardly seen on the accent.
    check = look.checkbox_check.replace("fill='white'", f"fill='%23{TOKENS['on-accent'][1:]}'")
    return look.set(**tokens, **dark, **flat, checkbox_check=check)
