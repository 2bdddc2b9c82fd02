"""Lightroom's presets and develop settings, read as a copy of an edit: .xmp files, and what photos tell in XMP.

The fields are those of Adobe's Camera Raw schema (XMP specification, part 2, "Camera Raw schema"; newer ones as Camera
Raw writes them). What both have is taken over as it is: most sliders go from -100 to 100 in either. What differs:

- *Light.* Where settings are of a process before 2012, recovery lowers highlights, fill light lifts shadows, and what
  is at its default for RAW files (brightness 50, contrast 25, blacks 5, a medium curve) is at rest.
- *White balance.* Kelvin are told apart by their mireds from those at which the photo was taken, else from 5500; tint
  is 3000 times the distance in CIE 1960 uv, as in Adobe's DNG SDK.
- *Curves.* The four ranges of the parametric curve bend a curve by up to `_BEND` at the middle of each; it comes before
  the point curve, and both become one.
- *Black and white.* The grey mixer becomes the mixer's lightness; what else the mixer is set to, does nothing there.
- *Grading.* Hues are those of HSL; here they are OKLab's of the same colour. Split toning blends as far as it goes.
- *Sharpening* goes to 150; here to 100.
- *Vignette.* Midpoint and feather 50, at which it is without being asked, are 0 and 100 here: it covers the picture.
- *Crop.* The two corners lie in the photo as its sensor sees it, and the rectangle between is turned by an angle; here
  it is the photo that is turned beneath the rectangle, the other way.

What nothing here corresponds to is told by name, as far as it is off its default.
"""

import colorsys
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from envo import description, geometry, names, oklab, raw, xmp
from envo.adjustments import ADJUSTMENTS, BANDS, CONSTANTS, changes
from envo.colour import srgb_to_linear
from envo.copies import Copy
from envo.curves import Points, curve_at
from envo.edits import EditDocument, Geometry, Layer
from envo.errors import UserError
from envo.file import PhotoFile
from envo.geometry import Size
from envo.settings import MAX_CURVE_POINTS, MAX_NAME
from envo.xmp import Value

_SAME = {
    "Exposure2012": "exposure",
    "Contrast2012": "contrast",
    "Highlights2012": "highlights",
    "Shadows2012": "shadows",
    "Whites2012": "whites",
    "Blacks2012": "blacks",
    "Texture": "texture",
    "Clarity2012": "clarity",
    "Dehaze": "dehaze",
    "Vibrance": "vibrance",
    "Saturation": "saturation",
    "IncrementalTemperature": "temperature",
    "IncrementalTint": "tint",
    "SharpenRadius": "sharpening_radius",
    "SharpenEdgeMasking": "sharpening_masking",
    "LuminanceSmoothing": "noise_luminance",
    "ColorNoiseReduction": "noise_colour",
    "PostCropVignetteAmount": "vignette",
    "PostCropVignetteRoundness": "vignette_roundness",
    "GrainAmount": "grain",
    "GrainSize": "grain_size",
    "GrainFrequency": "grain_roughness",
    "ColorGradeShadowLum": "shadows_lightness",
    "ColorGradeMidtoneSat": "midtones_strength",
    "ColorGradeMidtoneLum": "midtones_lightness",
    "ColorGradeHighlightLum": "highlights_lightness",
    "ColorGradeGlobalSat": "all_strength",
    "ColorGradeGlobalLum": "all_lightness",
    "ColorGradeBlending": "grading_blending",
    "SplitToningShadowSaturation": "shadows_strength",
    "SplitToningHighlightSaturation": "highlights_strength",
    "SplitToningBalance": "grading_balance",
    **{f"HueAdjustment{band.title()}": f"{band}_hue" for band in BANDS},
    **{f"SaturationAdjustment{band.title()}": f"{band}_saturation" for band in BANDS},
    **{f"LuminanceAdjustment{band.title()}": f"{band}_lightness" for band in BANDS},
}
"""Sliders that go from where to where they go here, and mean about the same."""

_SCALED: dict[str, tuple[str, Callable[[float], float]]] = {
    "Sharpness": ("sharpening", lambda value: value / 1.5),
    "PostCropVignetteMidpoint": ("vignette_midpoint", lambda value: 2 * (value - 50)),
    "PostCropVignetteFeather": ("vignette_feather", lambda value: 2 * value),
    "SplitToningShadowHue": ("shadows_hue", lambda value: _hue(value)),
    "SplitToningHighlightHue": ("highlights_hue", lambda value: _hue(value)),
    "ColorGradeMidtoneHue": ("midtones_hue", lambda value: _hue(value)),
    "ColorGradeGlobalHue": ("all_hue", lambda value: _hue(value)),
}
_BEFORE_2012: dict[str, tuple[str, Callable[[float], float]]] = {
    "Exposure": ("exposure", lambda value: value),
    "HighlightRecovery": ("highlights", lambda value: -value),
    "FillLight": ("shadows", lambda value: value),
    "Clarity": ("clarity", lambda value: value),
}
_RAW_REST = {"Brightness": ("brightness", 50, 1), "Contrast": ("contrast", 25, 1), "Shadows": ("blacks", 5, -1)}
"""Of the same: at what they rest for RAW files (0 for others), and which way they go."""
_PROCESS_2012 = 6.7
"""Process version from which on the sliders of 2012 count."""

_CURVES = {"rgb": "", "red": "Red", "green": "Green", "blue": "Blue"}
_NAMED = {
    "Linear": (),
    "Medium Contrast": ((0, 0), (32, 22), (64, 56), (128, 128), (192, 196), (255, 255)),
    "Strong Contrast": ((0, 0), (32, 16), (64, 50), (128, 128), (192, 202), (255, 255)),
}
"""Curves that a file may only name."""
_RANGES = ("Shadows", "Darks", "Lights", "Highlights")
_SPLITS = {"ParametricShadowSplit": 25, "ParametricMidtoneSplit": 50, "ParametricHighlightSplit": 75}
_BEND = 0.4
"""Share of the way to where a range ends by which the parametric curve bends it at its full way."""
_STEPS = 17
"""Points of a curve that was made of two."""

_DAYLIGHT = 5500.0
_TINT = 3000.0
"""Steps of Adobe's tint for a distance of 1 in CIE 1960 uv."""

_MISSED = (
    ("masks", r"(MaskGroup|Gradient|CircularGradient|Paint)BasedCorrections"),
    ("retouching", r"Retouch\w*"),
    ("red-eye correction", r"RedEye\w*"),
    ("lens correction", r"Lens(Profile|Manual)\w*|AutoLateralCA|ChromaticAberration\w*|VignetteAmount"),
    ("defringing", r"Defringe\w*"),
    ("perspective", r"Perspective\w*"),
    ("camera calibration", r"(Red|Green|Blue)(Hue|Saturation)|ShadowTint"),
    ("point colour", r"PointColors|ColorVariance"),
    ("lens blur", r"LensBlur"),
    ("HDR", r"HDR\w+"),
    ("automatic tone", r"Auto(Tone|Exposure|Contrast|Shadows|Brightness|Highlights|Whites\w*|Blacks\w*)"),
    ("automatic black and white", r"AutoGrayscaleMix"),
    ("enhanced details", r"Enhance\w*"),
    ("a colour table", r"(RGB|Look|Hue)Table\w*|Table_\w+"),
)
"""What nothing here corresponds to, by what a visitor calls it."""
_FINER = {
    "SharpenDetail": ("Sharpness", 25, "detail of sharpening"),
    "LuminanceNoiseReductionDetail": ("LuminanceSmoothing", 50, "detail of noise reduction"),
    "LuminanceNoiseReductionContrast": ("LuminanceSmoothing", 0, "contrast of noise reduction"),
    "ColorNoiseReductionDetail": ("ColorNoiseReduction", 50, "detail of colour noise reduction"),
    "ColorNoiseReductionSmoothness": ("ColorNoiseReduction", 50, "smoothness of colour noise reduction"),
    "PostCropVignetteHighlightContrast": ("PostCropVignetteAmount", 0, "highlights of the vignette"),
}
"""What shapes another one: that, its default, and what a visitor calls it."""
_SILENT = re.compile(
    r"Version|ProcessVersion|CompatibleVersion|PresetType|Cluster|UUID|Supports\w+|RequiresRGBTables|ShowIn\w+|Name|Group"
    r"|\w*SortName|ShortName|Description|Copyright|ContactInfo|Camera(Model|Serial)\w*|CameraProfileDigest|RawFileName"
    r"|Has(Settings|Crop)|AlreadyApplied|Crop\w+|WhiteBalance|Temperature|Tint|ToneCurve\w*|Parametric\w+"
    r"|ConvertToGrayscale|Treatment|GrayMixer\w+|OverrideLookVignette|LookName|VignetteMidpoint|PostCropVignetteStyle"
    r"|LensProfile(Setup|Name|Filename|Digest|IsEmbedded|\w+Scale)|Defringe\w+Hue\w+|Upright\w+|HDRMaxValue|SDR\w+"
    r"|DepthMapInfo|DefaultsSpecific\w*|GrainSeed"
)
"""What says nothing of the picture, or shapes what is looked at by itself."""
_OTHER_RESTS = {"PerspectiveScale": 100}
_PLAIN_PROFILES = ("", "Embedded", "Camera Default", "Default Color", "Adobe Color", "Adobe Standard")
"""Profiles that make a photo look as it was, about."""
_RAW_DEFAULTS = {"sharpening": (17, 27), "sharpening_radius": (1,), "noise_colour": (25,)}
"""What Lightroom sets of each RAW file by itself, in adjustments."""
_TOLD = 12
"""So many things are told that nothing here corresponds to."""
_NAMESPACE = xmp.NAMESPACES["crs"].encode()
_RESTS = ("", "0", "+0", "-0", "0.0", "0.00", "false", "none", "off", "linear", "default")


@dataclass(frozen=True)
class Source:
    """The photo that settings are of.

    size: width and height, upright. orientation: EXIF's number, by its file. white: kelvin and tint by which the camera
    took it; None where the pixels are balanced already, or it does not tell.
    """

    size: Size = (3, 2)
    orientation: int = 1
    white: tuple[float, float] | None = None


@dataclass(frozen=True)
class Settings:
    """What Lightroom says, as far as it can be done here.

    sets: ids of adjustments, and "rgb", "red", "green", "blue" for curves, that are set, to their defaults, too.
    is_applied: whether the pixels of the file that tells of it are what it made of them.
    missed: what is left out, by names to be read in a sentence.
    """

    name: str
    group: str
    document: EditDocument
    sets: frozenset[str]
    is_cropped: bool
    is_turned: bool
    is_applied: bool
    missed: tuple[str, ...]

    @property
    def copy(self) -> Copy:
        """What of it is pasted."""
        groups = {ADJUSTMENTS[each].group for each in self.sets & ADJUSTMENTS.keys()}
        groups |= {"Light"} if self.sets - ADJUSTMENTS.keys() else set()
        return Copy(
            groups=tuple(sorted(groups)),
            sets=tuple(sorted(self.sets)),
            geometry=self.is_cropped,
            turns=self.is_turned,
            document=self.document.dump(),
        )


def read(data: bytes, source: Source | None = None) -> Settings:
    """Read a preset, or the settings of a photo, the `source`: an .xmp file, or a packet.

    Raises UserError, with a sentence, for what is none, and where nothing of it can be done here.
    """
    if data.lstrip()[:3] == b"s =":
        raise UserError("Envo does not read .lrtemplate files; Lightroom 7.3 and later turn them into .xmp files.")
    try:
        packet = xmp.Packet(data)
        properties = packet.properties()
    except ValueError:
        raise UserError("This is no preset of Lightroom's: it is damaged, or no XMP.") from None
    if source is None and not packet.is_whole:
        raise UserError("This preset is damaged: a part of its file is missing.")
    fields = {name.removeprefix("crs:"): value for name, value in properties.items() if name.startswith("crs:")}
    if not fields:
        raise UserError("This .xmp file holds no settings of Lightroom's.")
    orientation = _number(properties.get("tiff:Orientation"))
    made = _Reading(fields, source, int(orientation) if orientation in range(1, 9) else None).settings()
    if not made.sets and not made.is_cropped and not made.is_turned:
        what = f": it is made of {_listed(made.missed)}" if made.missed else ""
        raise UserError(f"Nothing of this preset can be done in Envo{what}.")
    return made


def of_photo(file: PhotoFile) -> Settings | None:
    """Read the settings that a photo comes with: those of the .xmp file beside it, else those in its own file.

    None where there are none, or only those that Lightroom sets by itself, and where the pixels have them already.
    """
    for data in (file.sidecar or b"", description.packet_in(file)):
        if _NAMESPACE in data:
            return _of_packet(data, file)
    return None


def _of_packet(data: bytes, file: PhotoFile) -> Settings | None:
    try:
        made = read(data, _source(file))
    except UserError:
        return None
    image = made.document.layers[0]
    by_hand = {name for name, value in image.adjustments.items() if value not in _RAW_DEFAULTS.get(name, ())}
    shows = made.document.geometry.shows or image.curves or any(changes(image.adjustments, name) for name in by_hand)
    return made if shows and not made.is_applied else None


def _source(file: PhotoFile) -> Source:
    """Say what settings of a photo need to know of it. Raises UserError for what is no photo."""
    if file.kind != "RAW":
        return Source((file.facts.width, file.facts.height), file.facts.orientation)
    try:
        with raw.opened(file.data) as opened:  # its facts would take the sensor's values
            return Source(raw.size(opened), raw.orientation(opened), raw.white(opened))
    except Exception:  # what is damaged fails in many ways
        raise UserError("This RAW cannot be opened.") from None


def told(missed: tuple[str, ...], name: str = "") -> str:
    """Say in a sentence what was left out, of a preset by its name; "" for nothing."""
    source = f" from “{name}”" if name else ""
    return f"Not taken over{source}: {_listed(missed)}." if missed else ""


def _listed(missed: tuple[str, ...]) -> str:
    """Say a list as a sentence does; of a long one only how it begins."""
    rest = len(missed) - _TOLD
    words = [*missed[:_TOLD], f"{rest} more"] if rest > 0 else list(missed)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


class _Reading:
    """One file being read."""

    def __init__(self, fields: Mapping[str, Value], source: Source | None, orientation: int | None):
        self.fields = fields
        # Without a photo nobody knows which way up it is to be turned from.
        self.source = source or Source(orientation=orientation or 1)
        self.orientation = orientation or self.source.orientation
        self.is_photos = source is not None
        process, is_of_2012 = self.number("ProcessVersion") or 0, any(name.endswith("2012") for name in fields)
        self.is_older = process < _PROCESS_2012 and not is_of_2012
        self.values: dict[str, float] = {}
        self.curves: dict[str, Points] = {}
        self.missed: dict[str, None] = {}

    def settings(self) -> Settings:
        self._sliders()
        self._older()
        self._white_balance()
        self._colour()
        self._tone_curves()
        shape, is_cropped, is_turned = self._geometry()
        self._miss()
        layer = Layer(id="image", adjustments=self.values, curves=self.curves)
        return Settings(
            _title(self.fields.get("Name")),
            _title(self.fields.get("Group")),
            EditDocument(geometry=shape, layers=(layer,)),
            frozenset([*self.values, *self.curves]),
            is_cropped,
            is_turned,
            self.is_on("AlreadyApplied"),
            tuple(self.missed),
        )

    def number(self, name: str) -> float | None:
        return _number(self.fields.get(name))

    def is_on(self, name: str) -> bool:
        return xmp.text(self.fields.get(name)).lower() in ("true", "1")

    def put(self, name: str, value: float) -> None:
        """Set an adjustment, as near as its slider goes."""
        known = ADJUSTMENTS[name]
        steps = round(value / known.step)
        self.values[name] = min(max(round(steps * known.step, 4), known.minimum), known.maximum)

    def _sliders(self) -> None:
        for name, (to, scaled) in (*((name, (to, _as_is)) for name, to in _SAME.items()), *_SCALED.items()):
            if (value := self.number(name)) is not None:
                self.put(to, scaled(value))

    def _older(self) -> None:
        """Sliders of processes before 2012."""
        if not self.is_older:
            return
        for name, (to, scaled) in _BEFORE_2012.items():
            if (value := self.number(name)) is not None:
                self.put(to, scaled(value))
        is_raw = not any(name.startswith("Incremental") for name in self.fields)
        for name, (to, rest, way) in _RAW_REST.items():
            if (value := self.number(name)) is not None:
                self.put(to, way * (value - (rest if is_raw else 0)))

    def _white_balance(self) -> None:
        told = xmp.text(self.fields.get("WhiteBalance")).lower()
        if told == "auto":
            self.missed["automatic white balance"] = None
        if told in ("auto", "as shot"):
            for name in ("temperature", "tint"):
                self.values.pop(name, None)
            return
        kelvin, tint = self.number("Temperature"), self.number("Tint")
        if kelvin is None or not 1000 <= kelvin <= 100_000 or self.number("IncrementalTemperature") is not None:
            return
        if self.is_photos and self.source.white is None:
            self.missed["white balance in kelvin"] = None  # the pixels are balanced, nobody knows how
            return
        before, tint_before = self.source.white or (_DAYLIGHT, 0.0)
        if not self.is_photos:
            self.missed["the light that a white balance in kelvin is for (daylight is assumed)"] = None
        self.put("temperature", (1e6 / before - 1e6 / kelvin) / CONSTANTS["mired"])
        self.put("tint", ((tint or 0.0) - tint_before) / _TINT / CONSTANTS["duv"])

    def _colour(self) -> None:
        if "SplitToningShadowSaturation" in self.fields and "ColorGradeBlending" not in self.fields:
            self.put("grading_blending", 100)
        if "ConvertToGrayscale" not in self.fields and xmp.text(self.fields.get("Treatment")) != "Black & White":
            return
        is_grey = self.is_on("ConvertToGrayscale") or xmp.text(self.fields.get("Treatment")) == "Black & White"
        self.put("monochrome", 100 if is_grey else 0)
        for band in BANDS if is_grey else ():
            for part in ("hue", "saturation", "lightness"):
                self.values.pop(f"{band}_{part}", None)
            if (value := self.number(f"GrayMixer{band.title()}")) is not None:
                self.put(f"{band}_lightness", value)

    def _tone_curves(self) -> None:
        for name, suffix in _CURVES.items():
            found = self._points(suffix)
            if name == "rgb":
                found = _joined(self._parametric(), found)
            if found is not None:
                self.curves[name] = found or ((0.0, 0.0), (1.0, 1.0))

    def _points(self, suffix: str) -> Points | None:
        """Read a point curve; () for one that changes nothing, None where there is none."""
        for name in ("ToneCurvePV2012", "ToneCurve"):
            told = self.fields.get(name + suffix)
            if isinstance(told, list):
                return _ascending([pair for each in xmp.texts(told) if (pair := _pair(each))])
        # What older processes begin with for RAW files is at rest, as are their sliders.
        for name in () if suffix or self.is_older else ("ToneCurveName2012",):
            if (named := xmp.text(self.fields.get(name))) in _NAMED:
                return _ascending(_NAMED[named])
        return None

    def _parametric(self) -> Points | None:
        """Give the curve of the four ranges; see `_points`."""
        amounts = [self.number(f"Parametric{each}") for each in _RANGES]
        if amounts == [None] * 4:
            return None
        splits = [self.number(name) for name in _SPLITS]
        told = [default if split is None else split for split, default in zip(splits, _SPLITS.values(), strict=True)]
        borders = np.array([0.0, *np.clip(told, 1, 99), 100.0]) / 100
        if not any(amounts) or np.any(np.diff(borders) < 0.01):
            return ()
        middles = (borders[:-1] + borders[1:]) / 2
        reach = np.diff(borders) / 2
        bent = [
            middle + _BEND * far * np.clip((amount or 0) / 100, -1, 1)
            for middle, far, amount in zip(middles, reach, amounts, strict=True)
        ]
        return ((0.0, 0.0), *((float(x), round(float(y), 4)) for x, y in zip(middles, bent, strict=True)), (1.0, 1.0))

    def _geometry(self) -> tuple[Geometry, bool, bool]:
        """Give turns, angle and crop, and whether there is a crop, and a turn."""
        size = self.source.size
        shape = _turned(self.source.orientation, self.orientation, size)
        is_turned = bool(shape.turns or shape.flip)
        corners = [self.number(f"Crop{side}") for side in ("Left", "Top", "Right", "Bottom")]
        angle = self.number("CropAngle") or 0.0
        if not self.is_on("HasCrop") or None in corners or not abs(angle) <= 45:
            return shape, False, is_turned
        if not (0 <= corners[0] < corners[2] <= 1 and 0 <= corners[1] < corners[3] <= 1):
            return shape, False, is_turned
        angle = -angle if self.orientation in (1, 3, 6, 8) else angle
        shape = _changed(shape, angle=round(angle, 4))
        if corners == [0, 0, 1, 1]:
            return shape, True, is_turned
        # Across the middle of the frame, in pixels, where the photo is turned by the angle.
        frame = np.array(geometry.frame_size(shape, size), float)
        ends = np.array([_upright(self.orientation, x, y) for x, y in (corners[:2], corners[2:])])
        turn = np.deg2rad(angle)
        matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        ends = ((ends - 0.5) * frame @ matrix.T) / frame + 0.5
        low, high = np.clip(ends.min(axis=0), 0, 1), np.clip(ends.max(axis=0), 0, 1)
        if np.any(low >= high):
            return shape, bool(angle), is_turned
        return _changed(shape, crop=tuple(round(float(each), 6) for each in (*low, *high))), True, is_turned

    def _miss(self) -> None:
        """Note what nothing here corresponds to."""
        if self.number("PostCropVignetteStyle") == 3 and self.number("PostCropVignetteAmount"):
            self.missed["paint overlay of the vignette"] = None
        profile = xmp.text(self.fields.get("CameraProfile"))
        look = self.fields.get("Look")
        look = xmp.text(look.get("crs:Name")) if isinstance(look, dict) else ""
        for name in (profile, look):
            if name not in _PLAIN_PROFILES:
                self.missed[f"the profile “{names.printable(name)[:MAX_NAME]}”"] = None
        for name, value in self.fields.items():
            if name in _FINER:
                of, rest, called = _FINER[name]
                if self.number(of) and self.number(name) not in (None, rest):
                    self.missed[called] = None
                continue
            is_read = name in _SAME or name in _SCALED or name in _KNOWN or _SILENT.fullmatch(name)
            is_at_rest = _is_rest(value) or self.number(name) == _OTHER_RESTS.get(name, 0)
            if not is_read and not is_at_rest:
                self.missed[_called(name)] = None


_KNOWN = {*_BEFORE_2012, *_RAW_REST, "CameraProfile", "Look"}
"""Fields that are looked at by themselves."""


def _as_is(value: float) -> float:
    return value


def _number(value: Value | None) -> float | None:
    told = re.fullmatch(r"[+-]?\d{1,9}(\.\d{0,12})?", xmp.text(value))
    return float(told[0]) if told else None


def _pair(told: str) -> tuple[float, float] | None:
    """Read a point of a curve: "64, 72"."""
    pair = [_number(each) for each in told.split(",")]
    return (pair[0], pair[1]) if len(pair) == 2 and None not in pair else None


def _title(value: Value | None) -> str:
    """Give a text of one language or several."""
    told = next(iter(xmp.texts(value)), "")
    return names.printable(told)[:MAX_NAME].strip()


def _ascending(points: Iterable[tuple[float, float]]) -> Points:
    """Give points on 0 to 255 as a curve; () for one that changes nothing, or is none."""
    there = {min(max(x, 0), 255) / 255: min(max(y, 0), 255) / 255 for x, y in points}
    curve = tuple((round(x, 4), round(there[x], 4)) for x in sorted(there))
    if len(curve) > MAX_CURVE_POINTS:
        curve = _drawn(lambda x: curve_at(curve, x))
    return curve if len(curve) > 1 and any(x != y for x, y in curve) else ()


def _joined(first: Points | None, then: Points | None) -> Points | None:
    """Make one curve of two, of which either may be none; see `_points`."""
    if first and then:
        return _drawn(lambda x: curve_at(then, curve_at(first, x)))
    return first or then or (() if first is not None or then is not None else None)


def _drawn(curve: Callable[[np.ndarray], np.ndarray]) -> Points:
    x = np.linspace(0, 1, _STEPS)
    return tuple((float(at), round(float(to), 4)) for at, to in zip(x, np.clip(curve(x), 0, 1), strict=True))


def _hue(hue: float) -> float:
    """Turn a hue of HSL, in degrees, into OKLab's: that of a colour of half its strength, for tints are faint."""
    red, green, blue = colorsys.hls_to_rgb(hue % 360 / 360, 0.5, 0.5)
    _, a, b = oklab.from_linear(srgb_to_linear(np.array([red, green, blue], np.float32)))
    return float(np.rad2deg(np.arctan2(b, a)) % 360)


def _upright(orientation: int, x: float, y: float) -> tuple[float, float]:
    """Turn a place of the stored picture, 0 to 1, into one of the upright picture, by EXIF's number."""
    across, down = (y, x) if orientation >= 5 else (x, y)
    return (
        1 - across if orientation in (2, 3, 6, 7) else across,
        1 - down if orientation in (3, 4, 7, 8) else down,
    )


def _turned(before: int, after: int, size: Size) -> Geometry:
    """Give the turns and the flip that lead from one way up to another, both by EXIF's number."""
    places = [(0.2, 0.3), (0.9, 0.4)]
    for flip, turns in product((False, True), range(4)):
        shape = Geometry(turns=turns, flip=flip)
        back = geometry.to_photo(shape, size)
        if all(
            np.allclose((back @ (*_upright(after, *place), 1))[:2], _upright(before, *place), atol=1e-6)
            for place in places
        ):
            return shape
    raise AssertionError("every way up is led to by turns and a flip")


def _changed(shape: Geometry, **changed: Any) -> Geometry:
    """Give a geometry, checked, with something else in it."""
    return Geometry(**shape.model_dump() | changed)


def _is_rest(value: Value) -> bool:
    """Tell whether a field says that nothing is done."""
    if isinstance(value, dict) and "rdf:value" not in value:
        return not value or xmp.text(value.get("crs:Active")).lower() == "false"
    if isinstance(value, list):
        return not value
    return xmp.text(value).lower() in _RESTS


def _called(name: str) -> str:
    """Name a field as a sentence does."""
    for called, pattern in _MISSED:
        if re.fullmatch(pattern, name):
            return called
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"\W|_", " ", name.rpartition("}")[2]))
    return f"“{names.printable(words)[:60].strip().lower()}”"
