"""What is worked out of a photo once, for all that edits do with it: a slider only mixes it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from envo import photo
from envo.cube import Lut
from envo.guide import Guide
from envo.lens import Profile
from envo.maps import Maps


@dataclass(frozen=True, eq=False)
class Material:
    """What `render.render` takes beside a photo and an edit document; `Library.material` collects it.

    mattes: by `edits.Matte.key` a uint8 HxW matte of any size; None for one that the photo is known not to have.
    maps: of the photo's structure and haze; None where nothing looks at them.
    denoised: the photo without its noise, of the rendered picture's size and dtype; None where nothing looks at it.
    luts: those of the owner's that layers name, by their ids.
    guide: by which masks keep to the photo's edges and colours; None where none does.
    lens: what the photo's lens did to it; None where that is not known, or is to stay.
    """

    mattes: Mapping[str, np.ndarray | None] = field(default_factory=dict)
    maps: Maps | None = None
    denoised: np.ndarray | None = None
    luts: Mapping[str, Lut] = field(default_factory=dict)
    guide: Guide | None = None
    lens: Profile | None = None

    def sized(self, size: tuple[int, int]) -> "Material":
        """Give the same for a picture of a width and height, from which it differs by a rounding at most."""
        return self if self.denoised is None else replace(self, denoised=photo.sized(self.denoised, size))
