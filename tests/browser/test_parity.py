"""The browser draws what Python renders: the photo one edits is the photo one gets."""

import base64
import mimetypes
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from envo import cube, expressions, guide, maps, oklab
from envo.adjustments import ADJUSTMENTS, VIEWS, schema
from envo.colour import DECODED, linear_to_srgb, srgb_to_linear
from envo.cube import Lut
from envo.edits import parse
from envo.gainmap import GainMap, Numbers
from envo.gamut import GAMUTS
from envo.geometry import framing
from envo.guide import Guide
from envo.lens import DISTANCES, Profile, correction
from envo.masks import encode_matte
from envo.material import Material
from envo.output import Output
from envo.photo import Image
from envo.render import render
from models.restore import straighten
from tests.picture import picture
from tests.unit.test_luts import bent, identity, written

STATIC = Path(__file__).parents[2] / "static"

PAGE = """
<!doctype html><link rel="icon" href="data:,"><canvas width="300" height="200"></canvas>
<script type="module">
  import { Renderer } from '/webgl/renderer.js';
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const text = (bytes) => {
    let all = '';
    for (let i = 0; i < bytes.length; i += 8192) all += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(all);
  };
  window.shown = ({ left, top, width, height }) => {
    const { renderer } = window;
    const gl = document.querySelector('canvas').getContext('webgl2');
    const pixels = new Uint8Array(4 * width * height);
    renderer.draw();
    gl.readPixels(left, gl.drawingBufferHeight - top - height, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    return text(pixels);
  };
  window.lose = () => new Promise((done) => {
    const canvas = document.querySelector('canvas');
    const extension = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
    canvas.addEventListener('rendererlost', () => setTimeout(() => extension.restoreContext()), { once: true });
    canvas.addEventListener('rendererrestored', () => done(), { once: true });
    extension.loseContext();
  });
  window.upright = async (boxes) => {
    const { upright } = await import('/restore/straighten.js');
    return boxes.map(([width, height, angle]) => upright(width, height, (angle * Math.PI) / 180));
  };
  window.straightened = async (png, how) => {
    const { straightened } = await import('/restore/straighten.js');
    const drawn = straightened(await createImageBitmap(new Blob([bytes(png)])), how, Infinity, false);
    const context = new OffscreenCanvas(drawn.width, drawn.height).getContext('2d');
    context.drawImage(drawn, 0, 0);
    const { data } = context.getImageData(0, 0, drawn.width, drawn.height);
    return { width: drawn.width, height: drawn.height, pixels: text(data) };
  };
  window.onPhoto = async (places) => {
    const { atPhoto, atPicture } = await import('/webgl/geometry.js');
    const { framing } = window.renderer;
    const photo = places.map((place) => atPhoto(framing, place));
    return { photo, back: photo.map((place) => atPicture(framing, place)), size: framing.size };
  };
  window.start = (schema) => { window.renderer = new Renderer(document.querySelector('canvas'), schema); };
  window.setMatte = (kind, png) => window.renderer.setMatte(kind, png && new Blob([bytes(png)]));
  window.setGuide = (png) => window.renderer.setGuide(new Blob([bytes(png)]));
  window.setLut = (id, lut) => window.renderer.setLut(id, bytes(lut).buffer);
  window.setMaps = (maps) => window.renderer.setMaps(bytes(maps).buffer);
  window.setPhoto = (png, width, height, gamut, gain) =>
    window.renderer.setPhoto({ blob: new Blob([bytes(png)]), gamut, gain: gain && bytes(gain).buffer }, width, height);
  window.setHalf = (half, width, height, headroom) =>
    window.renderer.setPhoto({ half: bytes(half).buffer, width, height, headroom }, width, height);
  window.setDenoised = (png, gamut, gain) =>
    window.renderer.setDenoised({ blob: new Blob([bytes(png)]), gamut, gain: gain && bytes(gain).buffer });
  window.setHalfDenoised = (half, width, height) =>
    window.renderer.setDenoised({ half: bytes(half).buffer, width, height });
  window.read = async (document, width, height) => {
    if (document) window.renderer.setDocument(document);
    return text(await window.renderer.read(width, height));
  };
</script>"""


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def png(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()


class Browser:
    """The renderer on a page of its own, and what Python makes of the same photo and mattes."""

    def __init__(self, page):
        self.page = page
        self.complaints = []
        self.pixels = self.mattes = self.maps = self.denoised = self.guide = self.lens = None
        self.gamut, self.headroom, self.gain = "srgb", 0, None
        self.luts = {}
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("http://envo.test/**", self._serve)
        page.goto("http://envo.test/")
        page.wait_for_function("() => Boolean(window.start)")
        page.evaluate("schema => start(schema)", schema())

    def _hear(self, message) -> None:
        # A matte is read once to be fitted to the photo's edges, for which the page waits.
        if "GPU stall due to ReadPixels" not in message.text:
            self.complaints.append(message.text)

    @staticmethod
    def _serve(route):
        path = route.request.url.removeprefix("http://envo.test/")
        if path:
            route.fulfill(path=STATIC / path, content_type=mimetypes.guess_type(path)[0])
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    def show(
        self,
        pixels: np.ndarray,
        mattes: dict[str, np.ndarray],
        gamut: str = "srgb",
        headroom: float = 0,
        gain: GainMap | None = None,
    ) -> None:
        self.mattes, self.gamut, self.headroom, self.lens = mattes, gamut, headroom, None
        self.gain = gain and gain.of_base(pixels, gamut)
        height, width = pixels.shape[:2]
        if pixels.dtype == np.uint8:
            self.pixels = pixels
            self.page.evaluate("a => setPhoto(...a)", [text(png(pixels)), width, height, gamut, self.dump])
        else:
            half = pixels.astype("<f2")
            self.pixels = half.astype(np.float32)
            self.page.evaluate("a => setHalf(...a)", [text(half.tobytes()), width, height, headroom])
        self.show_denoised(cv2.medianBlur(self.pixels, 5))
        made = maps.make(gain.light(self.pixels, gamut) if gain else self.pixels).dump()
        self.maps = maps.Maps.load(made)
        self.page.evaluate("made => setMaps(made)", text(made))
        made = guide.make(self.pixels)
        self.guide = Guide.load(made)
        self.page.evaluate("made => setGuide(made)", text(made))
        for kind, matte in mattes.items():
            self.page.evaluate("a => setMatte(...a)", [kind, None if matte is None else text(encode_matte(matte))])

    def show_denoised(self, pixels: np.ndarray) -> None:
        height, width = pixels.shape[:2]
        if pixels.dtype == np.uint8:
            self.denoised = pixels
            self.page.evaluate("a => setDenoised(...a)", [text(png(pixels)), self.gamut, self.dump])
        else:
            half = pixels.astype("<f2")
            self.denoised = half.astype(np.float32)
            self.page.evaluate("a => setHalfDenoised(...a)", [text(half.tobytes()), width, height])

    def compare_parts(self, *layers: dict, most: int = 2, mean: float = 0.3) -> None:
        """Hold the picture with layers of the present schema against Python's."""
        document = parse({"schema": 3, "layers": [image(contrast=10), *layers]})
        expected = render(picture(self.pixels), document, self.material)
        difference = np.abs(self.draw(document.dump()).astype(int) - expected)
        assert difference.max() <= most, f"differs by {difference.max()} at {np.argmax(difference)}"
        assert difference.mean() <= mean
        assert self.complaints == []

    @property
    def image(self) -> Image:
        plain = picture(self.pixels)
        return replace(plain, header=replace(plain.header, headroom=self.headroom), gamut=self.gamut, gain=self.gain)

    @property
    def dump(self) -> str | None:
        """The gain map as the page gets it."""
        return self.gain and text(self.gain.dump())

    @property
    def material(self) -> Material:
        return Material(self.mattes, self.maps, self.denoised, self.luts, self.guide, self.lens)

    def compare_mask(
        self,
        *parts: dict,
        invert: bool = False,
        geometry: dict | None = None,
        lens: dict | None = None,
        most: int = 2,
    ) -> np.ndarray:
        """Hold a mask that the canvas shows in white on black against Python's; gives it, uint8 200x300."""
        mask = {"parts": list(parts), "invert": invert}
        layer = {"id": "layer-00000000", "mask": mask, "adjustments": {"exposure": 1.0}}
        document = parse({"schema": 3, "geometry": geometry or {}, "lens": lens or {}, "layers": [image(), layer]})
        size = self.pixels.shape[1::-1]
        frame = framing(document.geometry, size, correction(self.lens, document.lens, size))
        cut = frame.picture(self.pixels, DECODED)
        linear = DECODED[cut] if cut.dtype == np.uint8 else cut
        lab = oklab.from_linear(linear)
        made = expressions.mask(
            document.layers[1].mask, self.material, frame, size, lambda _, top, bottom: lab[top:bottom]
        )
        expected = np.rint(255 * made.rows(frame.size, 0, frame.size[1]))[120:320, 100:400].astype(int)
        self.draw(document.dump())
        self.tell("setView", {"scale": 1, "x": -100, "y": -120})
        self.page.evaluate("() => renderer.setOverlay('layer-00000000', 'white')")
        shown = self.shown(0, 0, 300, 200)[..., 0]
        self.tell("setOverlay", None)
        difference = np.abs(shown.astype(int) - expected)
        assert difference.max() <= most, (
            f"differs by {difference.max()} at {np.unravel_index(np.argmax(difference), (200, 300))}"
        )
        assert self.complaints == []
        return shown

    def bring(self, lut: Lut) -> dict[str, str]:
        """Give the page a LUT; gives what names it in a layer."""
        self.luts[lut.id] = lut
        self.page.evaluate("a => setLut(...a)", [lut.id, text(lut.dump())])
        return {"id": lut.id, "name": "LUT"}

    def draw(self, document: dict, size: tuple[int, int] | None = None) -> np.ndarray:
        """uint8 HxWx3 of the whole photo, as the browser draws it: at its own or another `size` (width, height)."""
        width, height = size or self.pixels.shape[1::-1]
        rows = self.page.evaluate("a => read(...a)", [document, width, height])
        return np.frombuffer(base64.b64decode(rows), np.uint8).reshape(height, width, 4)[..., :3]

    def shown(self, left: int, top: int, width: int, height: int) -> np.ndarray:
        """uint8 HxWx4 of a part of the canvas; rows from the top."""
        box = {"left": left, "top": top, "width": width, "height": height}
        rows = self.page.evaluate("box => shown(box)", box)
        return np.frombuffer(base64.b64decode(rows), np.uint8).reshape(height, width, 4)[::-1]

    def tell(self, method: str, argument) -> None:
        self.page.evaluate("([method, argument]) => renderer[method](argument)", [method, argument])

    def compare(
        self,
        *layers: dict,
        view: str = "none",
        geometry: dict | None = None,
        lens: dict | None = None,
        most: int = 2,
        mean: float = 0.3,
    ) -> None:
        plain = parse({"schema": 2, "view": view, "layers": list(layers)}).dump()
        document = parse(plain | {"geometry": geometry or {}, "lens": lens or {}})
        expected = render(self.image, document, self.material)
        drawn = self.draw(document.dump(), expected.shape[1::-1])
        difference = np.abs(drawn.astype(int) - expected)
        assert difference.max() <= most, f"differs by {difference.max()} at {np.argmax(difference)}"
        assert difference.mean() <= mean
        assert self.complaints == []


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def mattes(photo) -> dict[str, np.ndarray]:
    """A soft matte that follows the woman's outline and hair."""
    labels = np.zeros(photo.shape[:2], np.uint8)
    cv2.setRNGSeed(1)
    cv2.grabCut(photo, labels, (40, 5, 420, 505), np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_RECT)
    person = cv2.GaussianBlur(np.where(labels & 1, 255, 0).astype(np.uint8), (0, 0), 1.5)
    return {"person": person, "background": 255 - person}


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    yield Browser(page)
    page.close()


@pytest.fixture
def astronaut(page, photo, mattes):
    if page.pixels is not photo or page.mattes is not mattes:
        page.show(photo, mattes)
    return page


@pytest.fixture(scope="module")
def head(photo) -> np.ndarray:
    """A quarter of the photo, for what is drawn hundreds of times: without a GPU each pixel takes its time."""
    return photo[:256, 96:352].copy()


@pytest.fixture
def small(page, head):
    if page.pixels is not head:
        page.show(head, {})
    return page


MANY = {
    "exposure": 0.4, "brightness": -15, "contrast": 30, "highlights": -45, "shadows": 50, "whites": 15, "blacks": -20,
    "gamma": 1.15, "temperature": 25, "tint": -12, "saturation": -20, "vibrance": 45, "hue": 12, "sepia": 25,
    "vignette": -40,
}  # fmt: skip


def image(**adjustments) -> dict:
    return {"id": "image", "adjustments": adjustments}


def masked(kind: str, adjustments: dict, opacity: float = 1.0, **mask) -> dict:
    return {"id": kind, "mask": {"kind": kind, **mask}, "opacity": opacity, "adjustments": adjustments}


def test_an_untouched_photo_is_shown_as_it_came(astronaut, photo):
    assert np.array_equal(astronaut.draw(whole(image())), photo)


def moved(name: str, share: float) -> dict[str, float]:
    """An adjustment so far from its default, -1 to 1, and what it shapes halfway."""
    known = ADJUSTMENTS[name]
    end = known.maximum if share > 0 else known.minimum
    value = {name: known.default + abs(share) * (end - known.default)}
    return value | (moved(known.of, 0.5) if known.of else {})


AROUND = {each.id for each in ADJUSTMENTS.values() if each.group == "Blur" or each.section in ("Sharpening", "Grain")}
"""What looks around a pixel, and grain: both renderers may be a little further apart."""


@pytest.mark.parametrize("name", ADJUSTMENTS)
def test_each_adjustment_is_the_same_in_both(small, name):
    allowed = {"most": 4, "mean": 0.5} if name in AROUND else {}
    for share in (-1.0, -0.4, 0.15, 0.5, 1.0):
        small.compare(image(**moved(name, share)), **allowed)


@pytest.mark.parametrize("feather", [0.0, 3.0, 40.0, 100.0])
@pytest.mark.parametrize("invert", [False, True])
def test_masks_are_the_same_in_both(astronaut, feather, invert):
    astronaut.compare(image(), masked("person", {"exposure": -2.5}, 0.7, feather=feather, invert=invert))


def test_a_stack_of_layers_is_the_same_in_both(astronaut):
    astronaut.compare(
        image(**MANY),
        masked("background", {"exposure": -1.4, "saturation": -60, "contrast": 20, "vignette": 30}, feather=20.0),
        masked("person", MANY | {"exposure": 0.8, "sepia": 0, "hue": -8}, 0.9, invert=False),
    )


CURVES = {"rgb": [[0, 0.05], [0.3, 0.2], [0.7, 0.85], [1, 1]], "red": [[0, 0], [0.5, 0.62], [1, 0.95]],
          "blue": [[0.1, 0.2], [0.8, 0.7]]}  # fmt: skip


def test_curves_are_the_same_in_both(astronaut):
    for name in CURVES:
        astronaut.compare(image() | {"curves": {name: CURVES[name]}})
    both = masked("person", {"exposure": 0.5}, 0.8) | {"curves": CURVES}
    astronaut.compare(image(contrast=20) | {"curves": CURVES}, both)


def test_luts_are_the_same_in_both(astronaut):
    cubes = [cube.parse(written(table)) for table in (bent(9), bent(33) ** 0.5, 1 - identity(2))]
    ramp = cube.parse(written(np.linspace([0.1, 0, 0], [0.6, 1, 1.2], 5000) ** [0.5, 1, 2], "DOMAIN_MAX 0.8 1 1.5"))
    wide = cube.parse(written(bent(17), "DOMAIN_MIN -0.2 0.1 0", "DOMAIN_MAX 1.1 2 0.7"))
    for lut in (*cubes, ramp, wide):
        astronaut.compare(image() | {"lut": astronaut.bring(lut)})
    first, second, *_ = cubes
    astronaut.compare(
        image(contrast=30, lut_strength=60) | {"lut": astronaut.bring(second), "curves": CURVES},
        masked("background", {"lut_strength": 0}) | {"lut": astronaut.bring(ramp)},
        masked("person", {"saturation": 60}, 0.8) | {"lut": astronaut.bring(first)},
    )


def test_blurs_of_stacked_layers_are_the_same_in_both(page, photo, mattes):
    page.show(photo, mattes)
    allowed = {"most": 4, "mean": 0.5}
    behind = {"lens_blur": 45, "lens_blades": 6, "exposure": -0.5, "saturation": -30}
    page.compare(image(contrast=20, sharpening=60), masked("background", behind, feather=4.0), **allowed)
    page.compare(
        image(shadows=30),
        masked("background", {"motion_blur": 30, "motion_angle": 40, "glow": 50}, 0.7, feather=10.0),
        masked("person", {"glow": 70, "sharpening": 80, "sharpening_radius": 2, "sharpening_masking": 40}, 0.8),
        masked("person", {"gaussian_blur": 10, "brightness": 20}, 0.6, invert=True) | {"id": "again"},
        **allowed,
    )
    linear = 2.5 * (photo / 255) ** 2.2
    page.show(linear.astype(np.float32), mattes)
    page.compare(image(exposure=-1), masked("background", {"lens_blur": 60, "glow": 40}), view="sigmoid", **allowed)


def test_a_smaller_view_is_blurred_and_sharpened_as_a_smaller_file_is(page, photo, mattes):
    page.show(photo, mattes)
    decoded = srgb_to_linear(photo / 255).reshape(256, 2, 256, 2, 3).mean(axis=(1, 3))
    halved = (255 * linear_to_srgb(decoded) + 0.5).astype(np.uint8)
    layers = [image(sharpening=50, sharpening_radius=3), masked("background", {"lens_blur": 40, "glow": 30})]
    document = parse({"schema": 2, "layers": layers})
    small = picture(halved)
    small = replace(small, header=replace(small.header, width=512, height=512))
    expected = render(small, document, Material(mattes, page.maps))
    difference = np.abs(page.draw(document.dump(), (256, 256)).astype(int) - expected)
    assert difference.max() <= 4 and difference.mean() <= 0.5


def test_a_red_subject_leaves_no_red_in_the_blurred_grey_behind_it(page):
    y, x = np.mgrid[:300, :400] + 0.5
    away = np.hypot(x - 200, y - 150) - 80
    subject = np.clip(0.5 - away / 3, 0, 1)[..., None]
    photo = np.rint(150 + subject * (np.array([220, 20, 20]) - 150)).astype(np.uint8)
    person = np.rint(255 * subject[..., 0]).astype(np.uint8)
    page.show(photo, {"person": person, "background": 255 - person})
    for blur in ({"lens_blur": 60}, {"gaussian_blur": 50}, {"motion_blur": 60}):
        drawn = page.draw(whole(image(), masked("background", blur))).astype(int)
        assert np.array_equal(drawn[person == 255], photo[person == 255])
        assert np.abs(drawn[person == 0] - 150).max() <= 3
        assert np.abs(drawn - photo).max() <= 12


def test_plain_tones_of_older_documents_are_the_same_in_both(astronaut):
    astronaut.compare(image(highlights=-70, shadows=80) | {"process": 1}, masked("person", {"shadows": -40}))


def test_more_masks_than_fit_one_texture_are_the_same_in_both(astronaut):
    softer = [masked("person", {"exposure": -0.5}, feather=7.0 * i) | {"id": f"layer-{i}"} for i in range(6)]
    astronaut.compare(image(), *softer)


def test_a_mask_that_is_smaller_than_the_photo_is_the_same_in_both(page, photo, mattes):
    small = {kind: cv2.resize(matte, (300, 211), interpolation=cv2.INTER_AREA) for kind, matte in mattes.items()}
    page.show(photo[:360], small)
    page.compare(image(contrast=20), masked("person", {"exposure": 1.2}), masked("background", {"exposure": -1.5}))


def test_a_linear_photo_is_the_same_in_both(page, photo, mattes):
    linear = 2.5 * (photo / 255) ** 2.2
    page.show(linear.astype(np.float32), mattes)
    page.compare(image())
    page.compare(image(exposure=-1.0, highlights=-60, whites=-50))
    page.compare(image(**MANY), masked("person", MANY, feather=5.0))
    page.compare(image(noise_luminance=100, noise_colour=70, exposure=-1))
    for view in VIEWS:
        page.compare(image(exposure=0.5), view=view)
    for name in ("skin and luminance", "colour", "refined"):
        page.compare_mask(*MASKS[name])


def vivid(photo: np.ndarray) -> np.ndarray:
    """The photo in colours up to the ends of a gamut: uint8."""
    grey = photo.mean(axis=2, keepdims=True)
    return np.rint(np.clip(grey + 2.5 * (photo - grey), 0, 255)).astype(np.uint8)


@pytest.mark.parametrize("gamut", ["display-p3", "adobe-rgb"])
def test_a_photo_of_a_wide_gamut_is_the_same_in_both(page, photo, mattes, gamut):
    pixels = vivid(photo)
    page.show(pixels, mattes, gamut)
    page.compare(image())
    page.compare(image(**MANY), masked("person", MANY | {"clarity": 40, "dehaze": 20}, feather=5.0), most=3)
    page.compare(image(noise_luminance=100, noise_colour=70, sharpening=50), geometry=TURNED, most=3)
    page.compare(image(exposure=0.5), masked("background", {"gaussian_blur": 30, "glow": 40}), most=4)
    page.compare(image(saturation=40) | {"curves": CURVES}, view="agx")
    # On a screen of the photo's gamut it is shown as its file has it.
    page.tell("setGamut", "display-p3")
    page.tell("setDocument", whole(image()))
    page.tell("setView", {"scale": 1, "x": -100, "y": -120})
    shown = page.shown(0, 0, 300, 200)[..., :3].astype(int)
    page.tell("setGamut", "srgb")
    into = Output(GAMUTS["display-p3"])
    expected = render(page.image, parse(whole(image())), page.material, into)[120:320, 100:400]
    assert np.abs(shown - expected).max() <= 2
    if gamut == "display-p3":
        assert np.array_equal(expected, pixels[120:320, 100:400])
        assert (shown != expected).mean() < 0.002, "half floats round what is far outside of sRGB"
    assert page.complaints == []


@pytest.mark.parametrize("channels", [1, 3])
def test_a_photo_with_a_gain_map_is_the_same_in_both(page, photo, mattes, channels):
    bright = cv2.GaussianBlur(photo, (0, 0), 3)
    values = cv2.resize(bright if channels == 3 else bright.max(axis=2), (171, 171), interpolation=cv2.INTER_AREA)
    numbers = Numbers((-0.2, 0, 0), (2.1, 2.0, 2.2), (1, 1.4, 0.8), (0.01,) * 3, (0.02,) * 3, 0, 2.2)
    page.show(photo, mattes, "display-p3", gain=GainMap(values, numbers))
    page.compare(image())
    page.compare(image(exposure=-2.0, highlights=-60), geometry={"angle": 7.3}, most=3)
    page.compare(image(**MANY), masked("person", MANY | {"clarity": 40, "dehaze": 20}, feather=5.0), most=3)
    page.compare(image(noise_luminance=100, noise_colour=70, sharpening=50), geometry=TURNED, most=3)
    page.compare(image(exposure=-0.5), view="sigmoid")
    page.show(photo, mattes)


def test_light_outside_of_srgb_and_above_white_is_the_same_in_both(page, photo, mattes):
    light = (3 * srgb_to_linear(vivid(photo) / 255)) @ GAMUTS["display-p3"].to_srgb.T
    assert light.min() < -0.05
    page.show(light, mattes, headroom=np.log2(3))
    page.compare(image())
    page.compare(image(exposure=-1.0, highlights=-60, whites=-50), geometry={"angle": 7.3}, most=3)
    page.compare(image(**MANY), masked("person", MANY, feather=5.0), most=3)
    page.compare(image(exposure=0.5), view="sigmoid")
    page.show(photo, mattes)


def whole(*layers: dict) -> dict:
    return parse({"schema": 2, "layers": list(layers)}).dump()


def test_noise_is_taken_away_where_the_photo_is_there_without_it(astronaut, photo):
    without = whole(image(noise_luminance=80, noise_colour=100))
    cleared = astronaut.draw(without)
    assert np.abs(cleared.astype(int) - photo).mean() > 1
    astronaut.compare(image(exposure=0.5), masked("person", {"noise_luminance": 100, "shadows": 40}, 0.8))
    # As long as it has fewer pixels than the photo, it would blur that.
    clear = astronaut.denoised
    astronaut.show_denoised(cv2.resize(clear, (256, 256)))
    assert np.array_equal(astronaut.draw(without), photo)
    astronaut.page.evaluate("() => renderer.setDenoised(null)")
    assert np.array_equal(astronaut.draw(without), photo)
    astronaut.show_denoised(clear)
    assert np.array_equal(astronaut.draw(without), cleared)


def test_what_looks_at_maps_shows_once_they_are_there(astronaut, photo):
    edit = whole(image(clarity=70), masked("person", {"texture": 40}))
    shown = astronaut.draw(edit)
    assert np.abs(shown.astype(int) - photo).mean() > 1
    astronaut.tell("setMaps", None)
    assert np.array_equal(astronaut.draw(edit), photo)
    astronaut.page.evaluate("made => setMaps(made)", text(astronaut.maps.dump()))
    assert np.array_equal(astronaut.draw(edit), shown)


def part(shape: str, **more) -> dict:
    return {"shape": shape, **more}


PERSON = part("matte", kind="person")
FACE = part("radial", centre=[0.43, 0.25], radii=[0.14, 0.2], angle=20.0, feather=60.0)
SLANTED = part("linear", start=[0.3, 0.2], end=[0.75, 0.7], feather=80.0)
PAINTED = part("brush", strokes=[
    {"points": [[0.25, 0.3], [0.5, 0.55], [0.7, 0.5], [0.45, 0.35]], "size": 0.12, "hardness": 20.0, "flow": 70.0},
    {"points": [[0.4, 0.3], [0.5, 0.3]], "size": 0.2, "hardness": 0.0, "aware": True},
    {"points": [[0.45, 0.25], [0.45, 0.6]], "size": 0.06, "hardness": 100.0, "flow": 80.0, "erase": True},
    {"points": [[0.6, 0.4]], "size": 0.1},
])  # fmt: skip
MASKS = {
    "person minus radial": [PERSON, FACE | {"how": "subtract"}],
    "skin and luminance": [
        PERSON | {"feather": 4.0}, part("luminance", how="intersect", low=0.45, high=0.8, feather=15.0)],
    "brush on gradient": [SLANTED, PAINTED | {"how": "intersect", "feather": 3.0}],
    "painted": [PAINTED],
    "colour": [part("colour", colour=[0.8, 0.35, 0.15], tolerance=25.0, feather=30.0)],
    "refined": [PERSON | {"refine": 100.0, "feather": 2.0}, PAINTED | {"refine": 60.0, "how": "add"}],
    "inverted": [PERSON | {"invert": True}, FACE | {"invert": True, "how": "intersect", "feather": 0.0},
                 part("luminance", invert=True, high=0.5, how="subtract", feather=0.0), SLANTED | {"feather": 0.0}],
    "five rasters": [PERSON | {"feather": 5.0 * i, "how": how} for i, how in enumerate(
        ("intersect", "subtract", "add", "intersect", "add"))],
}  # fmt: skip


@pytest.mark.parametrize("name", MASKS)
def test_masks_of_parts_are_the_same_in_both(astronaut, name):
    for invert in (False, True):
        mask = astronaut.compare_mask(*MASKS[name], invert=invert)
        assert np.ptp(mask) > 100
    astronaut.compare_mask(*MASKS[name], geometry=TURNED | {"crop": [0.05, 0.05, 0.95, 0.95]}, most=4)
    layer = {"id": "own", "mask": {"parts": MASKS[name]}, "adjustments": {"exposure": 1.0, "saturation": -60}}
    astronaut.compare_parts(layer)


def test_what_is_painted_shows_as_it_is_painted_and_goes_as_it_is_undone(astronaut):
    """Stroke after stroke, point after point: what is made piece by piece is what is made at once."""
    strokes = PAINTED["strokes"]
    for count in (1, 2, 3, 4):
        *before, last = strokes[:count]
        for points in range(1, len(last["points"]) + 1):
            astronaut.compare_mask(PAINTED | {"strokes": [*before, last | {"points": last["points"][:points]}]})
    for count in (3, 2, 4, 1):
        astronaut.compare_mask(PAINTED | {"strokes": strokes[:count], "refine": 50.0})
    moved = [strokes[0] | {"size": 0.2}, *strokes[1:]]
    astronaut.compare_mask(PAINTED | {"strokes": moved})


def test_blurs_behind_a_mask_of_parts_are_the_same_in_both(astronaut):
    behind = [PERSON | {"invert": True}, FACE | {"how": "subtract"}, part("luminance", how="intersect", low=0.2)]
    layer = {"id": "behind", "mask": {"parts": behind}, "adjustments": {"lens_blur": 40, "glow": 30}}
    astronaut.compare_parts(layer, most=4, mean=0.5)
    painted = {"id": "painted", "mask": {"parts": [PAINTED]}, "adjustments": {"gaussian_blur": 30}}
    darker = {"id": "darker", "mask": {"parts": behind}, "adjustments": {"exposure": -1.0}}
    astronaut.compare_parts(darker, painted, most=4, mean=0.5)


def test_a_matte_that_the_photo_has_not_is_nothing_in_both(page, photo, mattes):
    page.show(photo, mattes | {"hair": None})
    hair = part("matte", kind="hair", invert=True)
    page.compare_mask(PERSON, hair)
    page.compare_mask(PERSON, hair | {"how": "subtract"}, invert=True)
    layer = {"id": "hair", "mask": {"parts": [hair, FACE]}, "adjustments": {"exposure": 2.0}}
    page.compare_parts(layer)
    assert np.array_equal(page.draw(parse({"schema": 3, "layers": [image(), layer]}).dump()), photo)


def test_a_mask_can_be_looked_at_in_red_in_white_and_as_its_outline(astronaut, photo, mattes):
    astronaut.draw(whole(image(), masked("person", {})))
    astronaut.tell("setView", {"scale": 1, "x": 0, "y": 0})
    seen = {}
    for view in ("red", "white", "outline"):
        astronaut.page.evaluate("view => renderer.setOverlay('person', view)", view)
        seen[view] = astronaut.shown(0, 0, 300, 200)[..., :3].astype(int)
    astronaut.tell("setOverlay", None)
    matte = mattes["person"][:200, :300].astype(int)
    assert np.abs(seen["white"] - matte[..., None]).max() <= 1
    line = np.abs(seen["outline"] - photo[:200, :300]).max(axis=-1) > 0
    edge = cv2.dilate((matte >= 128).astype(np.uint8), np.ones((3, 3))) > cv2.erode(
        (matte >= 128).astype(np.uint8), np.ones((3, 3))
    )
    assert line.any() and not line[~edge].any()
    assert {0, 255} == {int(seen["outline"][line][:, 0].min()), int(seen["outline"][line][:, 0].max())}


def test_dragging_a_gradient_compiles_nothing(astronaut):
    def draw(**more) -> None:
        mask = {"parts": [PERSON, FACE | {"how": "subtract"} | more]}
        layer = {"id": "own", "mask": mask, "adjustments": {"exposure": 1.0}}
        astronaut.draw(parse({"schema": 3, "layers": [image(), layer]}).dump())

    draw()
    astronaut.page.evaluate("""() => {
      const gl = document.querySelector('canvas').getContext('webgl2');
      const link = gl.linkProgram.bind(gl);
      window.linked = 0;
      gl.linkProgram = (program) => { window.linked += 1; link(program); };
    }""")
    draw(centre=[0.6, 0.4], radii=[0.3, 0.1], angle=80.0, feather=10.0)
    draw(invert=True)
    linked = astronaut.page.evaluate("() => window.linked")
    astronaut.page.evaluate("() => { delete document.querySelector('canvas').getContext('webgl2').linkProgram; }")
    assert linked == 0


CROPPED = {"crop": [0.1, 0.05, 0.85, 0.9]}
TURNED = {"turns": 1, "flip": True, "angle": -7.3, "vertical": 35.0, "horizontal": -20.0}
STACK = (
    image(**MANY, clarity=40, noise_luminance=60),
    masked("background", {"exposure": -1.2, "saturation": 40}, feather=20),
    masked("person", {"exposure": 0.8, "dehaze": 30, "grain": 40, "sharpening": 60}, opacity=0.8),
)


@pytest.mark.parametrize("geometry", [
    CROPPED, {"turns": 3}, {"turns": 1, "flip": True, **CROPPED}, {"angle": 7.3},
    {"vertical": 60.0, "horizontal": 40.0}, TURNED, TURNED | {"crop": [0.3, 0.25, 0.7, 0.6]},
], ids=["cropped", "turned", "moved", "straightened", "tilted", "all", "all cropped"])  # fmt: skip
def test_a_picture_of_any_geometry_is_the_same_in_both(astronaut, geometry):
    astronaut.compare(*STACK, geometry=geometry, most=3, mean=0.5)


@pytest.mark.parametrize("geometry", [
    {}, CROPPED, {"turns": 1, "flip": True, "angle": 4.0}, TURNED | {"crop": [0.2, 0.25, 0.8, 0.7]},
], ids=["as it came", "cropped", "turned and straightened", "all"])  # fmt: skip
def test_a_corrected_lens_is_the_same_in_both(page, photo, mattes, geometry):
    """Distortion, lateral colour and vignetting, about a centre that is not the middle; masks go with them."""
    page.show(photo, mattes)
    away = DISTANCES**2
    page.lens = Profile(
        "file", "", "", (0.53, 0.46), 1 - 0.16 * away, 1 + 0.012 * away, 1 - 0.009 * away, 1 + 0.9 * away
    )
    page.tell("setLens", page.lens.schema())
    wish = {"on": True, "distortion": 130.0}
    page.compare(*STACK, geometry=geometry, lens=wish, most=3, mean=0.5)
    page.compare(image(), geometry=geometry, lens=wish | {"distortion": 0.0, "vignetting": 60.0}, most=3, mean=0.5)
    page.compare(image(clarity=50.0, grain=30.0, sharpening=40.0), geometry=geometry, lens=wish, most=4, mean=0.5)
    if not geometry:
        page.compare_mask(PERSON, FACE | {"how": "subtract"}, geometry=geometry, lens=wish, most=3)
    # Places that the page finds both ways, and where Python has them.
    document = parse({"schema": 3, "geometry": geometry, "lens": wish, "layers": [image()]})
    size = photo.shape[1::-1]
    frame = framing(document.geometry, size, correction(page.lens, document.lens, size))
    page.tell("setDocument", document.dump())
    places = np.random.default_rng(0).uniform(0, 1, (40, 2))
    there = page.page.evaluate("places => onPhoto(places)", (places * frame.size).tolist())
    assert np.allclose(there["photo"], frame.to_photo(places) * size, atol=0.01)
    assert np.allclose(there["back"], places * frame.size, atol=0.001)
    assert there["size"] == list(frame.size)
    page.show(photo, mattes)


@pytest.mark.parametrize(
    "adjustments", [{"gaussian_blur": 40}, {"lens_blur": 30, "glow": 60}], ids=["gaussian", "lens and glow"]
)
def test_blurs_of_a_cropped_and_straightened_photo_are_the_same_in_both(astronaut, adjustments):
    """And as wide as they were: they are shares of the photo, not of what is left of it."""
    geometry = TURNED | {"crop": [0.2, 0.2, 0.8, 0.7]}
    astronaut.compare(image(), masked("background", adjustments), geometry=geometry, most=4, mean=0.5)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_turns_flips_and_crops_are_exact(astronaut, photo, turns, flip):
    """Pixels move and none changes, also on the canvas at 100 %."""
    geometry = {"turns": turns, "flip": flip, "crop": [0.125, 0.25, 0.75, 1.0]}
    document = parse({"schema": 3, "geometry": geometry, "layers": [{"id": "image"}]}).dump()
    expected = np.rot90(photo[:, ::-1] if flip else photo, -turns)[128:, 64:384]
    assert np.array_equal(astronaut.draw(document, (320, 384)), expected)
    astronaut.tell("setView", {"scale": 1, "x": 10, "y": 20})
    assert np.array_equal(astronaut.shown(10, 20, 290, 180)[..., :3], expected[:180, :290])


def test_what_the_crop_leaves_out_shows_while_it_is_cropped(astronaut, photo):
    document = parse({"schema": 3, "geometry": {"angle": 20.0}, "layers": [{"id": "image"}]}).dump()
    astronaut.draw(document)
    astronaut.tell("setUncropped", True)
    try:
        astronaut.tell("setView", {"scale": 0.5, "x": 0, "y": 0})
        whole = astronaut.shown(0, 0, 256, 200)
        assert not whole[:8, :8].any() and (whole[100:150, 100:150, 3] == 255).all()  # clear beside the photo
        assert 0.02 < np.mean(whole[..., 3] == 0) < 0.25
    finally:
        astronaut.tell("setUncropped", False)


def test_a_lost_context_comes_back_with_photo_masks_and_edit(page, photo, mattes):
    page.show(photo, mattes)
    lut = page.bring(cube.parse(written(bent())))
    person = masked("person", {"exposure": 1.0, "clarity": 50}, feather=10.0)
    edit = whole(image(contrast=40, noise_colour=100, dehaze=-30) | {"lut": lut}, person)
    before = page.draw(edit)
    page.page.evaluate("() => lose()")
    height, width = photo.shape[:2]
    rows = page.page.evaluate("([width, height]) => read(null, width, height)", [width, height])
    after = np.frombuffer(base64.b64decode(rows), np.uint8).reshape(height, width, 4)[..., :3]
    assert np.array_equal(before, after)
    page.complaints = [each for each in page.complaints if "CONTEXT_LOST" not in each]


def test_the_canvas_shows_true_pixels_at_its_place_and_nothing_around(astronaut, photo):
    astronaut.draw(whole(image()))
    astronaut.tell("setView", {"scale": 1, "x": -100, "y": 20})
    assert np.array_equal(astronaut.shown(0, 20, 300, 180)[..., :3], photo[:180, 100:400])
    assert not astronaut.shown(0, 0, 300, 20).any()
    astronaut.tell("setView", {"scale": 4, "x": -800, "y": -400})
    enlarged = photo[100:150, 200:275].repeat(4, axis=0).repeat(4, axis=1)
    assert np.array_equal(astronaut.shown(0, 0, 300, 200)[..., :3], enlarged)


def test_left_of_the_split_and_while_comparing_the_original_shows(astronaut, photo):
    edited = astronaut.draw(whole(image(exposure=-2)))
    astronaut.tell("setView", {"scale": 1, "x": 0, "y": 0})
    astronaut.tell("setSplit", 100 / 512)
    halves = astronaut.shown(0, 0, 300, 200)[..., :3]
    astronaut.tell("setSplit", None)
    astronaut.tell("setBefore", True)
    original = astronaut.shown(0, 0, 300, 200)[..., :3]
    astronaut.tell("setBefore", False)
    assert np.array_equal(halves, np.hstack([photo[:200, :100], edited[:200, 100:300]]))
    assert np.array_equal(original, photo[:200, :300])


def test_a_layers_mask_shows_in_red_where_it_applies(astronaut, photo, mattes):
    astronaut.draw(whole(image(), masked("person", {})))
    astronaut.tell("setView", {"scale": 1, "x": 0, "y": 0})
    astronaut.tell("setOverlay", "person")
    overlaid = astronaut.shown(0, 0, 300, 200)[..., :3].astype(int)
    astronaut.tell("setOverlay", None)
    part, matte = photo[:200, :300], mattes["person"][:200, :300]
    assert np.array_equal(overlaid[matte == 0], part[matte == 0])
    inside = matte == 255
    assert inside.any()
    assert (overlaid[inside] - part[inside])[:, 1].mean() < 0
    assert overlaid[inside][:, 0].mean() > overlaid[inside][:, 1].mean() + 60


def test_a_part_of_a_blurred_photo_is_shown_as_it_is_in_the_whole(astronaut):
    layers = image(sharpening=70, sharpening_masking=30), masked("background", {"lens_blur": 30, "motion_blur": 20})
    drawn = astronaut.draw(whole(*layers)).astype(int)
    astronaut.tell("setView", {"scale": 1, "x": -100, "y": -140})
    shown = astronaut.shown(0, 0, 300, 200)[..., :3]
    assert np.abs(shown - drawn[140:340, 100:400]).max() <= 1
    astronaut.tell("setView", {"scale": 4, "x": -800, "y": -400})
    near = astronaut.shown(0, 0, 300, 200)[..., :3].reshape(50, 4, 75, 4, 3)[:, 1:3, :, 1:3].mean(axis=(1, 3))
    assert np.abs(near - drawn[100:150, 200:275]).max() <= 3


def test_masking_shows_in_white_where_is_sharpened(page):
    photo = np.full((200, 300, 3), 120, np.uint8)
    photo[:, 150:] = 200
    page.show(photo, {})
    page.draw(whole(image(sharpening=50, sharpening_masking=60)))
    page.tell("setView", {"scale": 1, "x": 0, "y": 0})
    page.tell("setMaskingShown", "image")
    shown = page.shown(0, 0, 300, 200)[..., :3]
    page.tell("setMaskingShown", None)
    assert shown[:, 148:152].min() > 200 and shown[:, :140].max() < 20 and shown[:, 160:].max() < 20
    assert np.abs(page.shown(0, 0, 300, 200)[..., :3].astype(int) - photo).max() < 60


def test_a_straightened_photo_is_cut_alike_in_both(page):
    sizes = [(600, 400), (400, 600), (512, 512), (6000, 501), (333, 7000), (3, 2)]
    boxes = [[*size, angle] for size in sizes for angle in (-45, -44.9, -30.3, -7, -0.1, 0.1, 2.5, 12, 44.9, 45)]
    seen = np.array(page.page.evaluate("boxes => upright(boxes)", boxes))
    made = np.array([straighten.inside(*box) for box in boxes])
    # What is made has whole pixels, and one at least.
    assert np.abs(seen - made - 0.5).max() <= 0.5 + 1e-6


@pytest.mark.parametrize(("turn", "angle"), [(0, 7.5), (0, -33), (1, 0), (2, 4), (3, -12.3)])
def test_a_photo_is_seen_straightened_as_it_will_be(page, photo, turn, angle):
    photo = cv2.GaussianBlur(photo[:360], (0, 0), 2)  # so that it does not hang on how pixels are interpolated
    how = {"turn": turn, "angle": angle}
    drawn = page.page.evaluate("a => straightened(...a)", [text(png(photo)), how])
    pixels = np.frombuffer(base64.b64decode(drawn["pixels"]), np.uint8)
    seen = pixels.reshape(drawn["height"], drawn["width"], 4)[..., :3].astype(int)
    made = straighten.turned(photo, turn, angle)
    assert seen.shape == made.shape
    difference = np.abs(seen - made)[2:-2, 2:-2]
    assert difference.mean() < 1 and difference.max() < 12
