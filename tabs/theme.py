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
    "line": "#2a2c31",
    "text": "#e6e7e9",
    "dim": "#9a9da4",
    "faint": "#73777f",
    "accent": "#f0a43c",
    "on-accent": "#1a1205",
    "danger": "#ff4d42",
    "good": "#58b368",
}
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
        "button_secondary_border_color": TOKENS["line"],
        "input_background_fill": TOKENS["raised"],
        "input_border_color": TOKENS["line"],
        "error_text_color": TOKENS["danger"],
    }
    dark = {f"{name}_dark": value for name, value in tokens.items() if hasattr(look, f"{name}_dark")}
    flat = {"block_border_width": "0px", "block_padding": "0px", "layout_gap": "0px"}
    return look.set(**tokens, **dark, **flat)
