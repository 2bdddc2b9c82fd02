"""The engines that erase: PatchMatch, and LaMa through its real loading code, with weights drawn by chance."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest
import spandrel
import torch
from PIL import Image
from spandrel.architectures.LaMa import LaMa as Network

from envo.errors import UserError
from models import cache, inpaint, weights
from models.inpaint import Cancelled
from tests.conftest import EXAMPLES, ROOT


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A photo of 1023x777."""
    image = np.array(Image.open(EXAMPLES / "chelsea.jpg").convert("RGB"))
    return cv2.resize(image, (1023, 777), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def mask(photo) -> np.ndarray:
    """Two soft spots, one of them at the edge."""
    spots = np.zeros(photo.shape[:2], np.uint8)
    cv2.circle(spots, (400, 300), 30, 255, -1)
    cv2.circle(spots, (1022, 770), 25, 255, -1)
    return cv2.GaussianBlur(spots, (0, 0), 3)


class Shell(torch.nn.Module):
    """Holds what the published file holds, under the same names."""

    def __init__(self, network: Network):
        super().__init__()
        self.model = network.model

    def forward(self, image, mask):
        return image


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A machine on which big-lama lies: of its real size and form, as TorchScript, its weights drawn by chance."""
    folder = tmp_path_factory.mktemp("lama")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVO_CACHE", str(folder))
        torch.manual_seed(3)
        shell = Shell(Network(in_nc=4, out_nc=3))
        file = folder / "weights/big-lama.pt"
        file.parent.mkdir()
        torch.jit.trace(shell, (torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 8, 8))).save(str(file))
        published = next(entry for entry in weights.entries() if entry.name == "big-lama")
        told = weights.MANIFEST.read_text(encoding="utf-8")
        told = told.replace(str(published.bytes), str(file.stat().st_size))
        told = told.replace(published.sha256, hashlib.sha256(file.read_bytes()).hexdigest())
        manifest = folder / "weights.toml"
        manifest.write_text(told, encoding="utf-8")
        patch.setattr(weights, "MANIFEST", manifest)
        yield file
    cache.make_room()


@pytest.fixture(scope="module")
def lama(drawn, no_model_stays):
    """The engine, made to look at little, for speed."""
    engine = inpaint.ERASE["lama"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(engine), "frame", replace(engine.frame, edge=32, least=32, smallest=32))
        yield engine


@pytest.fixture(scope="module")
def spot(photo) -> np.ndarray:
    return cv2.GaussianBlur(cv2.circle(np.zeros(photo.shape[:2], np.uint8), (400, 300), 30, 255, -1), (0, 0), 3)


@pytest.fixture(scope="module")
def erased(lama, photo, spot) -> np.ndarray:
    return lama.erase(photo, spot).pixels


def test_patchmatch_goes_on_with_a_pattern():
    stripes = np.where(np.arange(200) // 6 % 2, np.uint8(200), np.uint8(60))
    image = np.repeat(np.tile(stripes, (160, 1))[..., None], 3, axis=2)
    image = cv2.GaussianBlur(image, (0, 0), 1)
    hole = cv2.circle(np.zeros(image.shape[:2], np.uint8), (100, 80), 25, 255, -1)
    hidden = np.where(hole[..., None] > 0, np.uint8(255), image)
    result = inpaint.ERASE["patchmatch"].erase(hidden, hole)
    assert (result.engine, result.label) == ("patchmatch", "PatchMatch")
    assert result.seconds > 0
    assert np.abs(result.pixels.astype(int) - image)[hole > 0].mean() < 12


def test_patchmatch_gives_the_same_bytes_again_and_in_threads(photo, mask):
    engine = inpaint.ERASE["patchmatch"]
    assert engine.available()
    assert engine.how == ""
    once = engine.erase(photo, mask).pixels
    assert np.array_equal(once[mask == 0], photo[mask == 0])
    assert (once[mask > 200] != photo[mask > 200]).any(axis=1).mean() > 0.8
    with ThreadPoolExecutor(2) as threads:
        for again in threads.map(lambda _: engine.erase(photo, mask).pixels, range(2)):
            assert np.array_equal(once, again)


def test_lama_is_told_of_where_it_is_missing(tmp_path, monkeypatch, photo, mask):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))
    monkeypatch.setattr(weights, "MANIFEST", ROOT / "models/weights.toml")
    engine = inpaint.ERASE["lama"]
    assert not engine.available()
    assert engine.licence == "Apache-2.0"
    assert engine.bytes == 205669692
    for part in ("206 MB", "Apache-2.0", "big-lama.pt", str(tmp_path / "weights")):
        assert part in engine.how
    with pytest.raises(UserError, match=r"LaMa is not on this machine yet\. Fetch "):
        engine.erase(photo, mask)


def test_lama_answers_as_the_librarys_documented_use(lama, drawn, photo):
    """A hole in a photo of the network's size, so that nothing is scaled."""
    small = photo[300:332, 400:432]
    hole = cv2.circle(np.zeros((32, 32), np.uint8), (15, 17), 6, 255, -1)
    result = lama.erase(small, hole)
    assert result.engine == "lama"
    model = spandrel.ModelLoader().load_from_file(drawn).eval()
    image = torch.from_numpy(small.transpose(2, 0, 1)[None] / np.float32(255))
    with torch.no_grad():
        expected = model(image, torch.from_numpy(hole[None, None] / np.float32(255)))
    expected = expected[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(result.pixels - expected).max() <= 1


def test_lama_leaves_the_rest_as_it_is_and_gives_the_same_bytes_again(lama, photo, spot, erased):
    told = []
    again = lama.erase(photo, spot, lambda step, fraction: told.append(fraction)).pixels
    assert np.array_equal(again, erased)
    assert np.array_equal(erased[spot == 0], photo[spot == 0])
    assert not np.array_equal(erased, photo)
    known = [fraction for fraction in told if fraction is not None]
    assert known == sorted(known)
    assert known[-1] == 1
    assert len(set(known)) > 20


def test_lama_can_be_cancelled_within_the_network_and_goes_on_afterwards(lama, photo, spot, erased):
    def cancel(step, fraction):
        if fraction and fraction > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        lama.erase(photo, spot, cancel)
    assert np.array_equal(lama.erase(photo, spot).pixels, erased)


def test_lama_tells_when_memory_runs_out_and_goes_on_afterwards(lama, drawn, photo, spot, erased):
    with cache.use(drawn, None, 0) as model:
        model.model.register_forward_pre_hook(lambda *_: torch.empty(2**60, dtype=torch.uint8))
    with pytest.raises(UserError, match="LaMa needs more memory than is free"):
        lama.erase(photo, spot)
    # The network that could not be used was put away, hook and all.
    assert np.array_equal(lama.erase(photo, spot).pixels, erased)


def test_a_file_that_is_no_lama_is_refused(lama, photo, spot, monkeypatch):
    monkeypatch.setattr(weights, "path", lambda name: EXAMPLES / "chelsea.jpg")
    with pytest.raises(weights.WeightsError, match="cannot be loaded"):
        lama.erase(photo, spot)


def test_engines_are_picked_by_name_or_by_what_is_here(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))
    assert inpaint.erase("lama").name == "lama"
    assert inpaint.erase("auto").available()
    with pytest.raises(UserError, match="no engine 'magic'"):
        inpaint.erase("magic")


def test_nothing_heavy_is_loaded_to_list_the_engines():
    code = (
        "import sys\nfrom models import inpaint\n"
        "told = [(e.label, e.available(), e.licence, e.bytes, e.how) for e in inpaint.ERASE.values()]\n"
        "inpaint.erase()\nprint(sys.modules.keys() & {'torch', 'spandrel', 'diffusers', 'huggingface_hub'})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
