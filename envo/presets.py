"""One-click settings for a layer: what people most often want of a face, hair or background."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """Adjustments (see `envo/adjustments.py`) for the layer whose matte is of this kind."""

    id: str
    label: str
    kind: str
    adjustments: dict[str, float]


PRESETS = (
    # Stained teeth are yellow rather than dark: colour goes first, and a little light comes after.
    Preset("whiten-teeth", "Whiten teeth", "teeth", {"saturation": -60, "temperature": -10, "brightness": 25}),
    Preset("brighten-eyes", "Brighten eyes", "eyes", {"exposure": 0.35, "contrast": 20, "vibrance": 30}),
    # By light as well as by colour, so that grey and black hair, which have no hue to turn, change too.
    Preset("recolour-hair", "Recolour hair", "hair", {"temperature": 40, "tint": 30, "saturation": 40}),
    Preset("deepen-lips", "Deepen lips", "lips", {"saturation": 35, "tint": 12, "brightness": -10}),
    # Blotches and redness go; the fine band, pores, stays.
    Preset("smooth-skin", "Smooth skin", "skin", {"skin_smoothing": 60, "skin_redness": 30}),
    Preset("blur-background", "Blur background", "background", {"lens_blur": 40}),
    Preset("dim-background", "Dim background", "background", {"exposure": -1.2, "saturation": -20}),
)
