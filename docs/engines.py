"""Write docs/engines.md: who does what, on which weights, from the manifest of these.

usage: python -m docs.engines
"""

from pathlib import Path

from models.weights import Entry, entries

ROOT = Path(__file__).parent.parent
TRAINED = "models/trained"
FILE = Path(__file__).with_suffix(".md")
HEAD = """\
# Engines and weights

Everything that looks at photos or changes them is an engine with a name; what one does, several can. Each works at once
with a small one whose weights come along, or out of a package of an ordinary package index; a larger one takes over
where its weights are here. The page says which one made a result, and *About this app*, in its corner, which are here,
which are not, and how to get them. `ENVO_CACHE` says where weights lie; each file is known by its SHA-256.

```sh
python -m models.weights list          # all, and which are here
python -m models.weights pull          # those without which something would not work
python -m models.weights pull big-lama # one that is optional
```

ISNet is fetched by itself, while the app is in use already, unless `HF_HUB_OFFLINE=1` forbids it.
What Segment Anything, Stable Diffusion and the like need is fetched from the Hugging Face hub by transformers and
diffusers, when somebody asks for it and after the page has told how large it is. Engines that can use a GPU do.

Those that come along were trained here, but for one that was converted. Of each a card tells on what it was trained,
how well it does on what no choice has seen, where it fails, and the command that makes it anew. They come from data for
research, and are not for commercial use. This file is made by `python -m docs.engines`.

| Name | What it does | Size | Licence | From | When |
|---|---|---|---|---|---|
"""
ORIGINS = {"hub": "Hugging Face hub", "url": "download", "wheel": "PyPI", "sdist": "PyPI", "npm": "npm"}
"""What kinds of sources are called."""


def text() -> str:
    """Give all of the file."""
    return HEAD + "".join(map(_row, entries()))


def _row(weights: Entry) -> str:
    origins = list(dict.fromkeys(ORIGINS[kind] for source in weights.sources for kind in source if kind in ORIGINS))
    origin = ", ".join(origins) or f"[card](../{_card(weights)})"
    when = "when asked for" if weights.optional else "at the first start" if origins else "comes along"
    about = weights.about[0].upper() + weights.about[1:]
    return f"| `{weights.name}` | {about} | {_size(weights.bytes)} | {weights.licence} | {origin} | {when} |\n"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"


def _card(weights: Entry) -> Path:
    """Find the card of weights that come along: some tells of several."""
    cards = {path: path.read_text() for path in sorted((ROOT / TRAINED).glob("*.md"))}
    return next(path for path, card in cards.items() if weights.file in card.splitlines()[0]).relative_to(ROOT)


if __name__ == "__main__":
    FILE.write_text(text())
