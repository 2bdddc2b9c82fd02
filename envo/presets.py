"""One-click settings: what people most often want of a face, hair or background, and looks for a whole photo."""

from dataclasses import dataclass, field

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Preset:
    """What a click makes of the layer whose matte is of this kind; `image` is the whole photo.

    group: that pages show it in. adjustments, curves: see `envo/edits.py`'s `Layer`.
    """

    id: str
    label: str
    group: str
    kind: str
    adjustments: dict[str, float]
    curves: dict[str, Points] = field(default_factory=dict)


def _look(group: str, label: str, curves: dict[str, Points] | None = None, **adjustments: float) -> Preset:
    return Preset(label.lower().replace(" ", "-"), label, group, "image", adjustments, curves or {})


_SOFT_S: Points = ((0, 0), (0.25, 0.22), (0.75, 0.79), (1, 1))
_STRONG_S: Points = ((0, 0), (0.2, 0.13), (0.5, 0.5), (0.8, 0.88), (1, 1))
_NEGATIVE: Points = ((0, 0.035), (0.25, 0.25), (0.7, 0.76), (1, 0.98))
"""Film that is printed: open shadows, and highlights that roll off."""
_SLIDE: Points = ((0, 0), (0.22, 0.15), (0.6, 0.66), (0.85, 0.93), (1, 1))
"""Film that is projected: deep, and bright above the middle."""

PRESETS = (
    # Stained teeth are yellow rather than dark: colour goes first, and a little light comes after.
    Preset("whiten-teeth", "Whiten teeth", "Parts", "teeth", {"saturation": -60, "temperature": -10, "brightness": 25}),
    Preset("brighten-eyes", "Brighten eyes", "Parts", "eyes", {"exposure": 0.35, "contrast": 20, "vibrance": 30}),
    # By light as well as by colour, so that grey and black hair, which have no hue to turn, change too.
    Preset("recolour-hair", "Recolour hair", "Parts", "hair", {"temperature": 40, "tint": 30, "saturation": 40}),
    Preset("deepen-lips", "Deepen lips", "Parts", "lips", {"saturation": 35, "tint": 12, "brightness": -10}),
    # Blotches and redness go; the fine band, pores, stays.
    Preset("smooth-skin", "Smooth skin", "Parts", "skin", {"skin_smoothing": 60, "skin_redness": 30}),
    Preset("blur-background", "Blur background", "Parts", "background", {"lens_blur": 40}),
    Preset("dim-background", "Dim background", "Parts", "background", {"exposure": -1.2, "saturation": -20}),
    # Skin lies between red and orange: lighter orange is fairer skin, less red are calmer cheeks.
    _look(
        "People", "Soft portrait",
        contrast=-8, highlights=-20, shadows=18, clarity=-14, skin_smoothing=30, skin_redness=20, vibrance=10,
        orange_lightness=8,
    ),
    _look(
        "People", "Golden skin", {"rgb": _SOFT_S},
        temperature=12, highlights=-15, shadows=12, orange_saturation=6, orange_hue=4, highlights_hue=72,
        highlights_strength=14, vibrance=8,
    ),
    _look(
        "People", "Fresh",
        exposure=0.15, shadows=18, whites=8, vibrance=18, temperature=-6, skin_redness=30, orange_lightness=10,
        red_saturation=-10,
    ),
    _look(
        "People", "Studio", {"rgb": _SOFT_S},
        clarity=12, texture=10, blacks=-10, whites=8, saturation=-6, vignette=-22, skin_smoothing=15,
    ),
    _look(
        "People", "Tender",
        exposure=0.2, contrast=-18, fade=12, clarity=-20, skin_smoothing=40, skin_redness=45, temperature=6,
        saturation=-14, orange_lightness=10, highlights_hue=60, highlights_strength=8,
    ),
    _look(
        "People", "Candid", {"rgb": _NEGATIVE},
        contrast=10, shadows=14, clarity=10, vibrance=12, green_saturation=-20, grain=14, grain_size=20,
    ),
    _look(
        "People", "Evening light",
        exposure=-0.1, temperature=22, tint=4, highlights=-20, shadows=10, highlights_hue=70, highlights_strength=20,
        shadows_hue=300, shadows_strength=14, vibrance=8, vignette=-14,
    ),
    _look("Colour", "Punchy", {"rgb": _SOFT_S}, contrast=10, vibrance=35, clarity=16, dehaze=8, blacks=-8),
    _look(
        "Colour", "Golden hour",
        temperature=30, tint=4, highlights=-18, shadows=14, vibrance=14, highlights_hue=78, highlights_strength=26,
        shadows_hue=45, shadows_strength=12, orange_saturation=10,
    ),
    _look(
        "Colour", "Blue hour",
        exposure=-0.25, temperature=-34, tint=8, contrast=10, vibrance=16, shadows_hue=268, shadows_strength=26,
        highlights_hue=60, highlights_strength=10, blue_lightness=-8,
    ),
    _look(
        "Colour", "Teal and orange", {"rgb": _SOFT_S},
        shadows_hue=205, shadows_strength=28, highlights_hue=62, highlights_strength=20, orange_saturation=14,
        blue_hue=-45, aqua_hue=10, green_saturation=-30, blue_saturation=-10,
    ),
    _look(
        "Colour", "Autumn",
        temperature=12, green_hue=-90, yellow_hue=-55, green_saturation=-8, yellow_saturation=8, orange_saturation=16,
        red_saturation=8, contrast=8, shadows_hue=40, shadows_strength=8,
    ),
    _look(
        "Colour", "Forest",
        green_hue=28, green_lightness=-22, green_saturation=-8, yellow_hue=50, yellow_saturation=-18,
        yellow_lightness=-10, contrast=10, shadows=10, shadows_hue=170, shadows_strength=12, temperature=-6,
    ),
    _look(
        "Colour", "Clear sky",
        dehaze=24, clarity=10, vibrance=14, blue_lightness=-26, blue_saturation=18, aqua_hue=25, aqua_lightness=-12,
        highlights=-18,
    ),
    _look(
        "Colour", "Pastel",
        exposure=0.3, contrast=-26, fade=14, saturation=-18, vibrance=22, clarity=-8, shadows_hue=320,
        shadows_strength=12, highlights_hue=95, highlights_strength=8,
    ),
    _look(
        "Film", "Portrait film", {"rgb": _NEGATIVE},
        temperature=6, contrast=-4, shadows=10, saturation=-8, green_saturation=-22, green_hue=12, blue_saturation=-14,
        orange_lightness=6, highlights_hue=72, highlights_strength=10, grain=14, grain_size=15,
    ),
    _look(
        "Film", "Everyday film",
        {"rgb": _NEGATIVE, "red": ((0, 0), (0.5, 0.52), (1, 1)), "blue": ((0, 0.03), (0.5, 0.49), (1, 0.95))},
        contrast=8, vibrance=12, yellow_saturation=12, red_saturation=10, green_hue=20, grain=22, grain_size=30,
    ),
    _look(
        "Film", "Slide film", {"rgb": _SLIDE},
        vibrance=18, saturation=8, blue_lightness=-18, blue_hue=8, green_lightness=-8, red_saturation=8, grain=8,
        grain_size=10,
    ),
    _look(
        "Film", "Cool film",
        {"rgb": _NEGATIVE, "red": ((0, 0), (0.5, 0.47), (1, 0.98)), "green": ((0, 0), (0.5, 0.52), (1, 1))},
        saturation=-8, green_hue=35, green_saturation=-10, shadows_hue=190, shadows_strength=16, orange_hue=-8,
        grain=16, grain_size=20,
    ),
    _look(
        "Film", "Faded print",
        {
            "red": ((0, 0.12), (0.5, 0.54), (1, 0.97)),
            "green": ((0, 0.07), (0.5, 0.49), (1, 0.93)),
            "blue": ((0, 0.09), (0.5, 0.46), (1, 0.82)),
        },
        contrast=-6, saturation=-22, grain=14, grain_size=30,
    ),
    _look(
        "Film", "Instant",
        {
            "rgb": ((0, 0.06), (0.25, 0.24), (0.7, 0.77), (1, 0.96)),
            "red": ((0, 0.02), (0.5, 0.51), (1, 1)),
            "blue": ((0, 0.12), (0.5, 0.5), (1, 0.86)),
        },
        saturation=-10, exposure=0.1, shadows_hue=200, shadows_strength=16, vignette=-26, clarity=-8, grain=10,
    ),
    _look(
        "Film", "Cross process",
        {
            "red": ((0, 0), (0.25, 0.17), (0.75, 0.86), (1, 1)),
            "green": ((0, 0), (0.25, 0.21), (0.75, 0.82), (1, 1)),
            "blue": ((0, 0.16), (0.5, 0.49), (1, 0.8)),
        },
        contrast=6, saturation=6, grain=14,
    ),
    _look(
        "Film", "Cinema",
        {"rgb": ((0, 0.03), (0.2, 0.15), (0.6, 0.62), (1, 0.96))},
        saturation=-18, shadows_hue=215, shadows_strength=22, highlights_hue=65, highlights_strength=14, green_hue=30,
        green_saturation=-30, blue_hue=-35, highlights=-14, grain=10, grain_size=15,
    ),
    _look(
        "Film", "Home movie",
        {"rgb": ((0, 0.07), (0.3, 0.28), (0.75, 0.8), (1, 0.97)), "blue": ((0, 0.04), (0.5, 0.44), (1, 0.84))},
        temperature=16, saturation=-4, red_saturation=14, contrast=8, vignette=-38, grain=42, grain_size=55,
        grain_roughness=70, glow=14,
    ),
    _look("Black and white", "Classic", {"rgb": _SOFT_S}, monochrome=100, contrast=8, clarity=10, grain=12),
    _look(
        "Black and white", "Red filter", {"rgb": _SOFT_S},
        monochrome=100, red_lightness=35, orange_lightness=25, yellow_lightness=12, green_lightness=-12,
        aqua_lightness=-45, blue_lightness=-60, clarity=12, grain=12,
    ),
    _look(
        "Black and white", "Silk",
        monochrome=100, exposure=0.25, contrast=-10, highlights=-12, shadows=18, clarity=-12, orange_lightness=16,
        red_lightness=8, skin_smoothing=20, fade=6,
    ),
    _look(
        "Black and white", "High key",
        monochrome=100, exposure=0.65, contrast=-6, shadows=30, blacks=14, whites=12, orange_lightness=14,
    ),
    _look(
        "Black and white", "Noir", {"rgb": _STRONG_S},
        monochrome=100, exposure=-0.3, contrast=14, clarity=18, blacks=-14, vignette=-36, grain=26, grain_size=30,
    ),
    _look(
        "Black and white", "Selenium", {"rgb": _NEGATIVE},
        monochrome=100, contrast=12, clarity=8, shadows_hue=310, shadows_strength=24, highlights_hue=70,
        highlights_strength=8, grain=10,
    ),
)  # fmt: skip
