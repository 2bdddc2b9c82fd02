"""How a RAW is developed, before any adjustment: highlights, how the mosaic becomes colours, and coloured noise."""

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

HIGHLIGHTS = {"recover": "Recover", "clip": "Clip"}
"""What becomes of light of which the sensor lost a part, and what a page calls each way."""
DEMOSAICS = {
    "auto": "Automatic",
    "ahd": "AHD",
    "dht": "DHT",
    "aahd": "AAHD",
    "dcb": "DCB",
    "vng": "VNG",
    "ppg": "PPG",
    "linear": "Bilinear",
}
"""Ways to work out the colours that a sensor does not see at each place: LibRaw's, and what a page calls them."""

NOISES = {"reduce": "Reduce", "some": "Some", "keep": "Keep"}
"""How much of the coloured noise is taken out, and what a page calls it."""


class Development(BaseModel):
    """How a RAW is developed; of other photos it changes nothing.

    highlights: "recover" rebuilds what is clipped in some channels from the others, and lets light go beyond white;
        "clip" ends all channels where the first one does, and cuts off what lies outside of sRGB.
    demosaic: one of `DEMOSAICS`; "auto" is AHD for a Bayer mosaic, Markesteijn's way for Fujifilm's X-Trans.
    noise: one of `NOISES`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    highlights: Literal[tuple(HIGHLIGHTS)] = "recover"
    demosaic: Literal[tuple(DEMOSAICS)] = "auto"
    noise: Literal[tuple(NOISES)] = "reduce"

    @property
    def shows(self) -> bool:
        """Whether something is chosen."""
        return self != DEVELOPED

    @property
    def key(self) -> str:
        """Name it in few letters, in addresses and names of files; `of_key` reads it."""
        return f"{self.highlights}-{self.demosaic}-{self.noise}"


DEVELOPED = Development()
"""As a RAW is developed until somebody chooses otherwise."""

KEY = rf"^(?:{'|'.join(HIGHLIGHTS)})-(?:{'|'.join(DEMOSAICS)})-(?:{'|'.join(NOISES)})$"
"""What a key is like, as a regular expression."""


def of_key(key: str) -> Development:
    """Give the development of a key, which is like `KEY`."""
    highlights, demosaic, noise = key.split("-")
    return Development(highlights=highlights, demosaic=demosaic, noise=noise)


@cache
def schema() -> dict:
    """Give the browser, as JSON, what there is to choose, and what is until then."""
    choices = {"highlights": HIGHLIGHTS, "demosaic": DEMOSAICS, "noise": NOISES}
    return {**choices, "default": DEVELOPED.model_dump(mode="json")}
