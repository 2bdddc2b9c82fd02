"""The engines of the hub through their real loading code, on networks that are drawn by chance, and small if may be."""

import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
import spandrel
import spandrel_extra_arches
import torch
from PIL import Image
from skimage import color
from spandrel import architectures
from spandrel.architectures.SCUNet import SCUNet as SCUNetwork
from spandrel_extra_arches.architectures.CodeFormer import CodeFormer as CodeFormerNetwork
from spandrel_extra_arches.architectures.CodeFormer.__arch import codeformer
from spandrel_extra_arches.architectures.DDColor import DDColor as DDColorNetwork

from envo.errors import UserError
from models import cache, weights
from models.engine import quiet
from models.inpaint import Cancelled
from models.restore import scunet
from models.restore.ddcolor import DDColor
from models.restore.faces import Faces
from models.restore.gfpgan import FIDELITY, GFPGAN, CodeFormer
from models.restore.likeness import HELD
from models.restore.scunet import SCUNet
from models.restore.wan import UNet
from models.restore.zeroscratches import ZeroScratches
from tests.conftest import EXAMPLES, ROOT
from tests.models.lying import lying

ENGINES = [SCUNet(), DDColor(), GFPGAN(), CodeFormer(), ZeroScratches()]


pytestmark = pytest.mark.usefixtures("no_model_stays")


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A face with its surroundings, 512x512."""
    return np.array(Image.open(EXAMPLES / "astronaut.jpg").convert("RGB").resize((512, 512)))


@pytest.fixture
def clean(tmp_path):
    torch.manual_seed(1)
    with lying(SCUNet(), tmp_path, SCUNetwork(config=[2, 1, 1, 1, 1, 1, 1]).state_dict()) as here:
        yield here


@pytest.fixture
def colour(tmp_path, monkeypatch):
    monkeypatch.setattr(DDColor, "edge", 64)
    torch.manual_seed(2)
    parts = {"encoder_name": "convnext-t", "decoder_name": "SingleColorDecoder", "last_norm": "Spectral"}
    network = DDColorNetwork(**parts, nf=512, num_queries=5, num_output_channels=2, input_size=(64, 64))
    with torch.no_grad():
        for _ in range(5):  # in which its spectral norms settle
            network.train()(torch.rand(1, 3, 64, 64))
    with lying(DDColor(), tmp_path, {"params": network.state_dict()}) as here:
        yield here


class Narrow(architectures.GFPGAN.GFPGAN):
    """GFPGAN, of which spandrel reads no sizes from a file, with fewer channels."""

    def __init__(self, **options):
        super().__init__(**options | {"narrow": 1 / 16, "num_style_feat": 16})


@pytest.fixture
def face(tmp_path, monkeypatch):
    monkeypatch.setattr(architectures.GFPGAN, "GFPGAN", Narrow)
    torch.manual_seed(3)
    with lying(GFPGAN(), tmp_path, {"params_ema": Narrow().state_dict()}) as here:
        yield here


class NarrowCodeFormer(CodeFormerNetwork):
    """CodeFormer, of whose channels spandrel reads nothing from a file, with half as many of them."""

    def __init__(self, **options):
        super().__init__(**options)
        half = codeformer.VQAutoEncoder(512, self.nf // 2, self.ch_mult, codebook_size=self.codebook_size)
        self.encoder, self.generator = half.encoder, half.generator
        for size in self.connect_list:
            channels = self.channels[size] // 2
            self.fuse_convs_dict[size] = codeformer.Fuse_sft_block(channels, channels)


@pytest.fixture
def scratches(tmp_path):
    torch.manual_seed(4)
    network = UNet(4)
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if name == "filt":
                buffer[:] = torch.tensor([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
            if name == "running_var":
                buffer *= 1e-2
    state = {"model_state": network.state_dict(), "optimizer_state": {"state": {}}, "epoch": 7}
    with lying(ZeroScratches(), tmp_path, state) as here:
        yield here


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_engine_tells_how_to_get_its_weights(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))
    entry = next(entry for entry in weights.entries() if entry.name == engine.requires[0])
    assert entry.optional
    assert not engine.available()
    assert (engine.bytes, engine.licence) == (entry.bytes, entry.licence)
    for part in (entry.file, weights.size(entry.bytes), entry.licence, str(tmp_path / "weights")):
        assert part in engine.how
    with pytest.raises(UserError, match=r"is not on this machine yet\. Fetch "):
        engine.require()
    assert 0 < engine.seconds(10**6, {"strength": 100}) < 3600


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_file_that_is_no_network_is_refused(engine, monkeypatch, photo):
    monkeypatch.setattr(weights, "path", lambda name: EXAMPLES / "chelsea.jpg")
    verb = next(verb for verb in ("clean", "colour", "restore", "find") if hasattr(engine, verb))
    with pytest.raises(weights.WeightsError, match="cannot be loaded"):
        getattr(engine, verb)(photo, quiet)


def test_a_file_that_holds_another_network_is_refused(clean, photo, monkeypatch):
    monkeypatch.setattr(weights, "path", lambda name: clean.file)
    with pytest.raises(weights.WeightsError, match="holds SCUNet, not DDColor"):
        DDColor().colour(photo, quiet)
    with pytest.raises(weights.WeightsError, match="model_state"):
        ZeroScratches().find(photo, quiet)


def test_scunet_answers_as_the_librarys_documented_use(clean, photo):
    assert clean.engine.available()
    small = photo[100:228, 150:278]
    answer = clean.engine.clean(small, quiet)
    model = spandrel.ModelLoader().load_from_file(clean.file).eval()
    with torch.no_grad():
        expected = model(torch.from_numpy(small.transpose(2, 0, 1)[None] / np.float32(255)))
    expected = expected[0].permute(1, 2, 0).numpy() * 255
    assert answer.std() > 1
    assert np.abs(answer - expected).max() <= 1


def test_scunet_takes_photos_of_any_size_in_tiles(clean, photo, monkeypatch):
    monkeypatch.setattr(scunet, "TILE", 128)
    told = []
    answer = clean.engine.clean(photo[:150, :70], lambda step, fraction: told.append(fraction))
    assert (answer.shape, answer.dtype) == ((150, 70, 3), np.uint8)
    known = [fraction for fraction in told if fraction is not None]
    assert known == sorted(known)
    assert known[-1] == 1
    assert len(set(known)) > 10
    assert clean.engine.clean(photo[:1, :5], quiet).shape == (1, 5, 3)


def test_scunet_can_be_cancelled_within_a_tile_and_goes_on_afterwards(clean, photo):
    small = photo[:64, :64]
    once = clean.engine.clean(small, quiet)

    def cancel(_step, fraction):
        if fraction and fraction > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        clean.engine.clean(small, cancel)
    assert np.array_equal(clean.engine.clean(small, quiet), once)


def test_scunet_tells_when_memory_runs_out_and_goes_on_afterwards(clean, photo):
    small = photo[:64, :64]
    once = clean.engine.clean(small, quiet)
    with cache.use(clean.file, None, 0) as model:
        model.model.register_forward_pre_hook(lambda *_: torch.empty(2**60, dtype=torch.uint8))
    with pytest.raises(UserError, match="SCUNet needs more memory than is free"):
        clean.engine.clean(small, quiet)
    # The network that could not be used was put away, hook and all.
    assert np.array_equal(clean.engine.clean(small, quiet), once)


def test_ddcolor_lays_the_networks_colours_over_the_photos_lightness(colour, photo):
    image = cv2.resize(photo, (96, 80), interpolation=cv2.INTER_AREA)
    answer = colour.engine.colour(image, quiet)
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)
    lightness = color.rgb2lab(small)[..., :1]
    grey = color.lab2rgb(np.concatenate([lightness, np.zeros((64, 64, 2))], axis=2)).astype(np.float32)
    with cache.use(colour.file, None, 0) as model, torch.no_grad():
        ab = model.model(torch.from_numpy(grey.transpose(2, 0, 1)[None]))[0].permute(1, 2, 0).numpy()
    lab = np.dstack([color.rgb2lab(image)[..., 0], cv2.resize(ab, (96, 80))])
    expected = color.lab2rgb(lab) * 255
    assert 1 < np.ptp(ab) < 100
    assert np.abs(answer - expected).mean() < 0.6
    assert np.abs(answer - expected).max() < 4
    for shape in ((1, 1), (3, 200), (1100, 20)):
        image = np.resize(photo, (*shape, 3))
        assert colour.engine.colour(image, quiet).shape == image.shape


def test_gfpgan_restores_a_face_the_same_way_each_time(face, photo):
    told = []
    once = face.engine.restore(photo, lambda step, fraction: told.append(fraction))
    assert (once.shape, once.dtype) == ((512, 512, 3), np.uint8)
    assert once.std() > 1
    assert told[-1] == 1
    assert np.array_equal(face.engine.restore(photo, quiet), once)
    with cache.use(face.file, None, 0) as model, torch.no_grad():
        tensor = torch.from_numpy(np.ascontiguousarray(photo.transpose(2, 0, 1))[None] / np.float32(127.5)) - 1
        expected = model.model(tensor, randomize_noise=False)[0][0].clamp(-1, 1).permute(1, 2, 0).numpy()
    assert np.abs(once - (expected + 1) * 127.5).max() <= 1


def test_codeformer_restores_a_face(tmp_path, photo, monkeypatch):
    monkeypatch.setattr(spandrel_extra_arches.architectures.CodeFormer, "CodeFormer", NarrowCodeFormer)
    torch.manual_seed(5)
    with lying(CodeFormer(), tmp_path, {"params_ema": NarrowCodeFormer(n_layers=2).state_dict()}) as here:
        told = []
        answer = here.engine.restore(photo, lambda step, fraction: told.append(fraction))
        assert (answer.shape, answer.dtype) == ((512, 512, 3), np.uint8)
        assert told[-1] == 1
        with cache.use(here.file, None, 0) as model, torch.no_grad():
            tensor = torch.from_numpy(np.ascontiguousarray(photo.transpose(2, 0, 1))[None] / np.float32(127.5)) - 1
            expected = model.model(tensor, weight=FIDELITY)[0][0].clamp(-1, 1).permute(1, 2, 0).numpy()
    assert answer.std() > 1
    assert np.abs(answer - (expected + 1) * 127.5).max() <= 1


@pytest.mark.parametrize("engine", [GFPGAN(), CodeFormer()], ids=lambda engine: engine.name)
def test_who_is_made_somebody_else_by_a_network_keeps_their_face(engine, tmp_path, photo, monkeypatch):
    comparing = weights.path("dlib-face")
    monkeypatch.setattr(architectures.GFPGAN, "GFPGAN", Narrow)
    monkeypatch.setattr(spandrel_extra_arches.architectures.CodeFormer, "CodeFormer", NarrowCodeFormer)
    torch.manual_seed(3)
    network = Narrow() if engine.name == "gfpgan" else NarrowCodeFormer(n_layers=2)
    with lying(engine, tmp_path, {"params_ema": network.state_dict()}):
        (tmp_path / "weights" / comparing.name).symlink_to(comparing)
        step = Faces()
        step.engines = {engine.name: engine}
        result = step.apply(photo, step.checked({}), engine.name)
    assert result.likeness is None or result.likeness >= HELD
    assert re.match("Left the face as it was|Restored one face, kept 9. % alike by a lower strength", result.said)
    assert np.abs(result.pixels.astype(int) - photo).mean() < 6, "it draws noise, by chance"


def test_zeroscratches_sees_the_photo_as_its_authors_show_it(scratches, photo):
    """They scale the grey photo to a short edge of 256 without smoothing."""
    image = photo[:, :400]
    answer = scratches.engine.find(image, quiet)
    assert (answer.shape, answer.dtype) == ((512, 400), np.uint8)
    grey = torch.from_numpy(np.array(Image.fromarray(image).convert("L"), np.float32)) / 127.5 - 1
    seen = torch.nn.functional.interpolate(grey[None, None], (336, 256), mode="bilinear")
    with cache.use(scratches.file, None, 0) as network, torch.no_grad():
        expected = torch.sigmoid(torch.nn.functional.interpolate(network(seen), (512, 400), mode="bilinear"))
    assert answer.std() > 3
    assert np.abs(answer - expected[0, 0].numpy() * 255).mean() < 1


def test_zeroscratches_looks_at_photos_of_any_size(scratches, photo):
    for shape in ((1, 1), (7, 90), (40, 31)):
        assert scratches.engine.find(np.resize(photo, (*shape, 3)), quiet).shape == shape


def test_nothing_heavy_is_loaded_to_list_the_engines():
    code = (
        "import sys\nfrom models.restore import ddcolor, enlarge, gfpgan, scunet, zeroscratches\n"
        "engines = [scunet.SCUNet(), ddcolor.DDColor(), gfpgan.GFPGAN(), zeroscratches.ZeroScratches()]\n"
        "told = [(e.label, e.available(), e.licence, e.bytes, e.how, e.seconds(9, {})) for e in engines]\n"
        "print(sys.modules.keys() & {'torch', 'spandrel', 'huggingface_hub'})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
