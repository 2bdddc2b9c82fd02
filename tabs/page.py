"""What is served before any script runs: the page's names and icons, its typeface, and what is seen while it loads.

Gradio's page says of itself that it is Gradio's, and asks for its manifest at the host's root, whatever path it is
below. What says so is left out of its template, and ours put in.
"""

import re
from functools import cache

from gradio import routes
from jinja2 import BaseLoader, ChoiceLoader, FunctionLoader

from tabs.theme import FONTS, TOKENS, WEIGHTS
from tabs.web import gradios, static

TITLE = "Envo"
DESCRIPTION = (
    "Edit photos layer by layer, erase and replace what is in them, restore old ones, and find any of them again: "
    "open source, in a browser tab. Your photos stay yours."
)
MARK = "env<i>o</i>"
"""The name as it is drawn."""
ICON = static.FOLDER / "face" / "icon-192.png"
_TEMPLATE = "frontend/index.html"
_GRADIOS = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>|\s*<link rel="manifest"[^>]*>')
"""Elements of Gradio's template that tell of Gradio."""
_ENTRY = re.compile(r'<script type="module" crossorigin src="([^"]+)"></script>')
"""Gradio's first script, which is to follow ours."""


def install() -> None:
    """Have Gradio serve its page with our face."""
    templates = routes.templates.env
    if isinstance(templates.loader, _Faced):
        return
    gradios: BaseLoader = templates.loader
    ours = FunctionLoader(lambda name: _faced(gradios.get_source(templates, name)[0]) if name == _TEMPLATE else None)
    templates.loader = _Faced([ours, gradios])


class _Faced(ChoiceLoader):
    """Templates of which one is ours."""


def _faced(source: str) -> str:
    """Gradio's template with what is ours in it."""
    source = _GRADIOS.sub("", source)
    source = _ENTRY.sub(lambda entry: static.script(entry[1]), source, count=1)
    source = source.replace("</head>", f"{_head()}</head>", 1)
    return source.replace("<gradio-app", f"{_body()}<gradio-app", 1)


@cache
def _head() -> str:
    face = f"{static.prefix()}face/"
    # Others fetch the card from elsewhere, so that its address has to be whole.
    card = "{{ config['root'].rstrip('/') }}/" + f"{face}card.jpg"
    names = {
        "og:type": "website",
        "og:site_name": TITLE,
        "og:title": TITLE,
        "og:description": DESCRIPTION,
        "og:url": "{{ config['root'].rstrip('/') }}/",
        "og:image": card,
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Envo's name, and a portrait before and after",
    }
    return "".join(
        (
            f"<title>{TITLE}</title>",
            f'<meta name="description" content="{DESCRIPTION}">',
            *(f'<meta property="{name}" content="{content}">' for name, content in names.items()),
            '<meta name="twitter:card" content="summary_large_image">',
            f'<meta name="theme-color" content="{TOKENS["bg"]}">',
            f'<link rel="icon" href="{face}icon.svg" type="image/svg+xml">',
            f'<link rel="icon" href="{face}icon-192.png" type="image/png" sizes="192x192">',
            f'<link rel="apple-touch-icon" href="{face}icon-180.png">',
            f'<link rel="manifest" href="{face}manifest.webmanifest">',
            f'<link rel="preload" href="{face}inter.woff2" as="font" type="font/woff2" crossorigin>',
            static.told_ahead(),
            f'<template id="{static.GRADIOS}">',
            *(f'<link rel="modulepreload" href="{each}">' for each in gradios.scripts()),
            "</template>",
            # After Gradio's, over which it has its way.
            static.style_sheet(),
            f"<style>{{% raw %}}{_style(face)}{{% endraw %}}</style>",
        )
    )


def _style(face: str) -> str:
    """The tokens for the style sheets in `static/`, the typeface, and what is seen while the page loads."""
    tokens = {**TOKENS, "font": ", ".join(FONTS)}
    return "".join(
        (
            f":root{{{''.join(f'--{name}:{value};' for name, value in tokens.items())}color-scheme:dark}}",
            f'@font-face{{font-family:{FONTS[0]};src:url("{face}inter.woff2") format("woff2");',
            f"font-weight:{WEIGHTS[0]} {WEIGHTS[1]};font-display:swap}}",
            # Gradio makes these of what it serves; until then the visitor's own scheme would show.
            "html,body{background:var(--bg)!important}",
            "#loading{position:fixed;z-index:1;inset:0;display:grid;place-content:center;justify-items:center;gap:18px;",
            "background:var(--bg);color:var(--text);font:650 34px/1 var(--font)}",
            "#loading i{color:var(--accent);font-style:normal}",
            "#loading p{margin:0;color:var(--dim);font:400 13px/1.45 var(--font)}",
            "#loading span{width:96px;height:2px;overflow:hidden;border-radius:1px;background:var(--line)}",
            "#loading span::before{content:'';display:block;width:40%;height:100%;background:var(--accent);",
            "animation:loading 1.2s ease-in-out infinite alternate}",
            "@keyframes loading{to{transform:translateX(150%)}}",
            "@media(prefers-reduced-motion:reduce){#loading span::before{width:100%;animation:none}}",
            "#skip{position:fixed;z-index:2000;top:-60px;left:8px;padding:8px 14px;border-radius:8px;",
            "background:var(--accent);color:var(--on-accent);font:600 13px/1.45 var(--font);text-decoration:none}",
            "#skip:focus{top:8px;outline:2px solid var(--text);outline-offset:2px}",
            "body:has(.ahead,#tabs,gradio-app :is(button,input)) #loading{display:none}",
        )
    )


@cache
def _body() -> str:
    """What stands before Gradio's element: a link past the head, and what is seen while the page loads."""
    return (
        '<a id="skip" href="#">Skip to the photo</a>'
        f'<script type="module" src="{static.prefix()}common/skip.js"></script>'
        f'<div id="loading" role="status" aria-label="Envo is loading"><div aria-hidden="true">{MARK}</div>'
        "<span></span><noscript><p>Envo needs JavaScript: please allow it for this page.</p></noscript></div>"
    )
