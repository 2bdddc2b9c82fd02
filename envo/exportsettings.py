"""What a photo is exported as: format, size, colours, and what the file tells.

The same for one photo and for many, from the dialog, from presets and from programs.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from envo.gamut import GAMUTS

Format = Literal["JPEG", "PNG", "TIFF", "WebP", "AVIF", "JPEG XL"]
DEPTHS: dict[str, tuple[int, ...]] = {
    "JPEG": (8,),
    "PNG": (8, 16),
    "TIFF": (8, 16),
    "WebP": (8,),
    "AVIF": (8, 10),
    "JPEG XL": (8, 16),
}
"""Bits of a channel that each format is written with."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Size(_Part):
    """How large: as it is; with a long edge of `value` pixels at most; `value` percent of each side; or as many
    megapixels at most. Never enlarged.
    """

    by: Literal["full", "edge", "percent", "megapixels"] = "full"
    value: Annotated[float, Field(gt=0, le=100_000, strict=False)] = 2048


class Watermark(_Part):
    """A text, or a picture of the owner's, laid over the picture.

    picture: its id; "" for the text. size: of its longer side (a text: its height) in shares of the picture's long
    edge. margin: from the picture's edges, likewise.
    """

    text: Annotated[str, Field(max_length=200)] = ""
    picture: Annotated[str, Field(max_length=64)] = ""
    place: Literal[
        "top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right"
    ] = "bottom right"
    size: Annotated[float, Field(ge=0.005, le=1, strict=False)] = 0.03
    opacity: Annotated[float, Field(ge=0, le=1, strict=False)] = 0.6
    margin: Annotated[float, Field(ge=0, le=0.5, strict=False)] = 0.02


class ExportSettings(_Part):
    """All that an export can be told.

    quality: 1..100, for JPEG, WebP, AVIF and JPEG XL (100: lossless there). subsampling: of a JPEG's colour.
    limit_kb: kB (1000 bytes) that the file takes at most, by lower quality; for the same formats.
    depth: bits a channel, see `DEPTHS`. gamut: "source" is the photo's own.
    sharpen: for the size, after scaling.
    metadata: "all"; "no place": all but where it was taken; "copyright": rights and creator alone; "none".
    name: pattern of the file's name, with {name}, {date}, {number} and {person} in it.
    hdr: stops above white that a JPEG's gain map reaches to; None: a plain file.
    """

    format: Format = "JPEG"
    quality: Annotated[int, Field(ge=1, le=100)] = 92
    subsampling: Literal["4:4:4", "4:2:2", "4:2:0"] = "4:4:4"
    limit_kb: Annotated[int, Field(ge=10, le=1_000_000)] | None = None
    depth: Literal[8, 10, 16] = 8
    gamut: Literal["source", *GAMUTS] = "source"
    size: Size = Size()
    sharpen: Literal["none", "low", "standard", "high"] = "none"
    metadata: Literal["all", "no place", "copyright", "none"] = "all"
    watermark: Watermark | None = None
    name: Annotated[str, Field(min_length=1, max_length=200)] = "{name}"
    hdr: Annotated[float, Field(ge=0.5, le=4, strict=False)] | None = None
