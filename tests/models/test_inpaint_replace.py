"""The engines that replace, through their real loading code, with small pipelines drawn by chance.

What they paint is compared with what the library's own documented use paints.
"""

import hashlib
import json
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import diffusers
import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file

from envo import settings
from envo.errors import UserError
from models import cache, hub, inpaint, weights
from models.inpaint import Cancelled, Wish
from tests.conftest import EXAMPLES, ROOT

EDGE = 64
"""Edge of the squares that the small pipelines paint, in pixels."""
SMALL = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
SMALL |= {"projection_dim": 16, "vocab_size": 600}
NETWORK = {"sample_size": EDGE // 8, "in_channels": 9, "out_channels": 4, "norm_num_groups": 4, "layers_per_block": 1}
NETWORK |= {"block_out_channels": (8, 16), "attention_head_dim": 4}
NETWORK |= {"down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D")}
NETWORK |= {"up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D")}
CODER = {"block_out_channels": (4, 4, 8, 8), "latent_channels": 4, "norm_num_groups": 4, "layers_per_block": 1}
CODER |= {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}


def save_tokenizer(folder: Path) -> transformers.CLIPTokenizer:
    """Write a tokenizer of single characters, in the files that the hub has."""
    characters = [chr(code) for code in range(33, 127)]
    tokens = [*characters, *(f"{each}</w>" for each in characters), "<|startoftext|>", "<|endoftext|>"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    special = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    special |= {"pad_token": "<|endoftext|>"}
    config = special | {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True}
    (folder / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return transformers.CLIPTokenizer.from_pretrained(folder)


def save_xl(folder: Path) -> None:
    """Put a small Stable Diffusion XL there, in half precision, as the hub has it."""
    torch.manual_seed(7)
    tokenizer = save_tokenizer(folder / "tokenizer")
    text = transformers.CLIPTextConfig(**SMALL, eos_token_id=tokenizer.eos_token_id)
    unet = NETWORK | {"cross_attention_dim": 16, "transformer_layers_per_block": (1, 1), "use_linear_projection": True}
    unet |= {"addition_embed_type": "text_time", "addition_time_embed_dim": 8}
    unet |= {"projection_class_embeddings_input_dim": 6 * 8 + SMALL["projection_dim"]}
    diffusers.StableDiffusionXLInpaintPipeline(
        vae=diffusers.AutoencoderKL(**CODER, scaling_factor=0.13),
        text_encoder=transformers.CLIPTextModel(text),
        text_encoder_2=transformers.CLIPTextModelWithProjection(text),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=diffusers.UNet2DConditionModel(**unet),
        scheduler=diffusers.EulerDiscreteScheduler(beta_schedule="scaled_linear", steps_offset=1),
        add_watermarker=False,
    ).to(dtype=torch.float16).save_pretrained(folder, variant="fp16")
    save_tokenizer(folder / "tokenizer")
    save_tokenizer(folder / "tokenizer_2")


def save_15(folder: Path) -> None:
    """Put a small Stable Diffusion 1.5 there, in full precision, as somebody may by hand."""
    torch.manual_seed(8)
    tokenizer = save_tokenizer(folder / "tokenizer")
    diffusers.StableDiffusionInpaintPipeline(
        vae=diffusers.AutoencoderKL(**CODER),
        text_encoder=transformers.CLIPTextModel(
            transformers.CLIPTextConfig(**SMALL, eos_token_id=tokenizer.eos_token_id)
        ),
        tokenizer=tokenizer,
        unet=diffusers.UNet2DConditionModel(**NETWORK, cross_attention_dim=8),
        scheduler=diffusers.DDIMScheduler(beta_schedule="scaled_linear", steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    save_tokenizer(folder / "tokenizer")


def save_lora(folder: Path) -> None:
    """Put a small LoRA there, under the names that the published one has, and a manifest that knows it."""
    torch.manual_seed(9)
    name = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
    file = folder / "weights/lcm-lora-sdxl.safetensors"
    file.parent.mkdir()
    tensors = {f"{name}.lora_down.weight": torch.randn(4, 16), f"{name}.lora_up.weight": torch.randn(16, 4)}
    save_file(tensors | {f"{name}.alpha": torch.tensor(4.0)}, file)
    (folder / "weights.toml").write_text(
        f'[lcm-lora-sdxl]\nfile = "{file.name}"\nbytes = {file.stat().st_size}\n'
        f'sha256 = "{hashlib.sha256(file.read_bytes()).hexdigest()}"\n'
        'licence = "CC0-1.0"\nabout = "a test"\nsources = []\noptional = true\n'
    )


@pytest.fixture(scope="module")
def machine(tmp_path_factory, no_model_stays):
    """A machine on which all models lie; the engines look at little, for speed."""
    folder = tmp_path_factory.mktemp("diffusion")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENVO_CACHE", str(folder))
        save_xl(hub.folder("sdxl-inpaint"))
        save_15(hub.folder("sd15-inpaint"))
        save_lora(folder)
        patch.setattr(weights, "MANIFEST", folder / "weights.toml")
        for engine in inpaint.REPLACE.values():
            patch.setattr(engine, "frame", replace(engine.frame, edge=EDGE, smallest=EDGE // 2), raising=False)
        yield folder


@pytest.fixture(params=["sdxl-inpaint", "sd15-inpaint"])
def engine(machine, request) -> inpaint.ReplaceEngine:
    return inpaint.REPLACE[request.param]


@pytest.fixture
def xl(machine) -> inpaint.ReplaceEngine:
    return inpaint.REPLACE["sdxl-inpaint"]


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A photo of 1023x777."""
    image = np.array(Image.open(EXAMPLES / "chelsea.jpg").convert("RGB"))
    return cv2.resize(image, (1023, 777), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def mask(photo) -> np.ndarray:
    spot = cv2.circle(np.zeros(photo.shape[:2], np.uint8), (400, 300), 120, 255, -1)
    return cv2.GaussianBlur(spot, (0, 0), 6)


@pytest.fixture(scope="module")
def square(photo) -> np.ndarray:
    """A photo of the size at which the small pipelines work."""
    return cv2.resize(photo[100:700, 100:700], (EDGE, EDGE), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def hole() -> np.ndarray:
    return cv2.circle(np.zeros((EDGE, EDGE), np.uint8), (30, 34), 20, 1, -1)


def wish(engine: inpaint.ReplaceEngine, **values) -> Wish:
    return Wish.parse(engine, {"prompt": "a red fox", "seed": 5, "steps": 2} | values)


def paint(engine: inpaint.ReplaceEngine, image: np.ndarray, hole: np.ndarray, **values) -> np.ndarray:
    """What the pipeline itself gives, before it is matched and pasted."""
    given = wish(engine, **values)
    return engine._paint(image, hole, given, lambda step, fraction: None, lambda pixels: None)[0]


def documented(engine: inpaint.ReplaceEngine, image: np.ndarray, hole: np.ndarray, scheduler=None, **more):
    """What the library's documentation has one do."""
    half = {"variant": "fp16"} if engine.name == "sdxl-inpaint" else {}
    pipe = diffusers.AutoPipelineForInpainting.from_pretrained(hub.folder(engine.name), dtype=torch.float32, **half)
    pipe.set_progress_bar_config(disable=True)
    if scheduler:
        pipe.scheduler = scheduler(pipe)
    given = {"prompt": "a red fox", "image": Image.fromarray(image), "mask_image": Image.fromarray(hole * 255)}
    generator = torch.Generator("cpu").manual_seed(5)
    return np.array(pipe(**given, width=EDGE, height=EDGE, generator=generator, **more).images[0])


def test_the_image_is_that_of_the_librarys_documented_use(engine, square, hole):
    settings = {"guidance": 6.0, "steps": 3, "strength": 0.7, "negative": "grass", "scheduler": "Euler"}
    ours = paint(engine, square, hole, **settings)
    theirs = documented(
        engine,
        square,
        hole,
        lambda pipe: diffusers.EulerDiscreteScheduler.from_config(pipe.scheduler.config),
        guidance_scale=6.0,
        num_inference_steps=5,
        strength=0.7,
        negative_prompt="grass",
    )
    assert ours.std() > 5
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_each_setting_reaches_the_pipeline(engine, square, hole):
    usual = {"guidance": 6.0, "steps": 3, "strength": 0.7, "negative": "grass", "scheduler": "Euler"}
    once = paint(engine, square, hole, **usual)
    assert np.array_equal(once, paint(engine, square, hole, **usual))
    others = {"guidance": 3.0, "steps": 2, "strength": 0.9, "negative": "snow", "prompt": "a dog", "seed": 6}
    others |= {"scheduler": "DPM++ 2M"}  # DDIM is the method of Euler, and may give the same picture to the bit
    for key, value in others.items():
        assert not np.array_equal(once, paint(engine, square, hole, **usual | {key: value})), key


def test_without_guidance_the_negative_prompt_is_not_heeded_and_that_is_said(engine, photo, mask):
    plain = engine.replace(photo, mask, wish(engine, guidance=1))[0]
    told = engine.replace(photo, mask, wish(engine, guidance=1, negative="grass"))[0]
    assert np.array_equal(plain.pixels, told.pixels)
    assert plain.note == ""
    assert "negative prompt is not heeded" in told.note


def test_every_scheduler_works_and_leaves_no_trace(engine, square, hole):
    images = {name: paint(engine, square, hole, scheduler=name) for name in engine.schedulers}
    assert len({image.tobytes() for image in images.values()}) > 3  # Euler's method and DDIM are of one kind
    for name in reversed(engine.schedulers):
        assert np.array_equal(images[name], paint(engine, square, hole, scheduler=name)), name


@pytest.mark.parametrize("strength", [0.3, 0.37, 0.99, 1.0])
@pytest.mark.parametrize("steps", [1, 3])
def test_so_many_steps_are_run_as_were_wished(engine, photo, mask, steps, strength):
    told = []
    engine.replace(photo, mask, wish(engine, steps=steps, strength=strength), lambda *each: told.append(each))
    assert [step for step, _ in told if step.startswith("Painting")] == [
        f"Painting, step {step + 1} of {steps}" for step in range(steps)
    ]
    fractions = [fraction for _, fraction in told if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


@pytest.mark.parametrize("inverted", [False, True])
def test_where_the_mask_is_0_the_photo_stays_to_the_byte(engine, photo, mask, inverted):
    marked = 255 - mask if inverted else mask
    (result,) = engine.replace(photo, marked, wish(engine))
    assert result.pixels.shape == photo.shape
    assert np.array_equal(result.pixels[marked == 0], photo[marked == 0])
    changed = (result.pixels != photo).any(axis=2)
    assert changed[marked == 255].mean() > 0.9
    assert (result.engine, result.label) == (engine.name, engine.label)
    assert result.seconds > 0


def test_the_same_seed_gives_the_same_bytes_and_each_of_several_images_can_be_made_again(engine, photo, mask):
    several = engine.replace(photo, mask, wish(engine, count=3))
    assert [result.settings["seed"] for result in several] == [5, 6, 7]
    assert len({result.pixels.tobytes() for result in several}) == 3
    for result in several[::2]:
        json.dumps(result.settings)
        (again,) = engine.replace(photo, mask, Wish.parse(engine, result.settings))
        assert np.array_equal(again.pixels, result.pixels)
        assert again.settings == result.settings


def test_a_seed_that_is_left_out_is_drawn_and_told(xl, photo, mask):
    one, other = (xl.replace(photo, mask, wish(xl, seed=None))[0] for _ in range(2))
    assert one.settings["seed"] != other.settings["seed"]
    (again,) = xl.replace(photo, mask, wish(xl, seed=one.settings["seed"]))
    assert np.array_equal(again.pixels, one.pixels)


def test_it_can_be_cancelled_between_steps_and_goes_on_afterwards(engine, photo, mask):
    (before,) = engine.replace(photo, mask, wish(engine, steps=4))
    steps = []

    def cancel(step, fraction):
        steps.append(step)
        if step == "Painting, step 2 of 4":
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.replace(photo, mask, wish(engine, steps=4, count=3), cancel)
    assert steps[-1] == "Painting, step 2 of 4"
    (after,) = engine.replace(photo, mask, wish(engine, steps=4))
    assert np.array_equal(before.pixels, after.pixels)


def test_a_preview_grows_in_its_place_in_the_photo(engine, photo, mask):
    shown = []
    for scheduler in engine.schedulers:
        engine.replace(photo, mask, wish(engine, steps=2, scheduler=scheduler), preview=shown.append)
    assert len(shown) == 2 * len(engine.schedulers)
    small = cv2.resize(photo, (512, 389), interpolation=cv2.INTER_AREA)
    outside = cv2.resize(mask, (512, 389), interpolation=cv2.INTER_AREA) == 0
    for preview in shown:
        assert preview.shape == small.shape
        assert preview.dtype == np.uint8
        assert np.abs(preview.astype(int) - small)[outside].max() <= 1
        assert np.abs(preview.astype(int) - small)[~outside].mean() > 1


def test_running_out_of_memory_is_told_and_the_next_try_works(engine, photo, mask):
    (before,) = engine.replace(photo, mask, wish(engine))
    with cache.use(engine._key, None, 0) as pipe:
        pipe.unet.register_forward_pre_hook(lambda *_: torch.empty(2**60, dtype=torch.uint8))
    with pytest.raises(UserError, match=f"{engine.label} needs more memory than is free"):
        engine.replace(photo, mask, wish(engine))
    # The pipeline that could not run was put away, hook and all.
    (after,) = engine.replace(photo, mask, wish(engine))
    assert np.array_equal(before.pixels, after.pixels)


def test_a_machine_too_small_for_the_weights_says_so_before_it_loads_them(engine, photo, mask, monkeypatch):
    cache.make_room()
    monkeypatch.setattr(cache, "memory", lambda: 2**30)
    with pytest.raises(UserError, match=r"needs 3\.\d GB of memory, and this machine has 1\.1 GB"):
        engine.replace(photo, mask, wish(engine))


def test_a_machine_with_room_for_half_of_the_weights_computes_in_half_precision(xl, photo, mask, monkeypatch):
    cache.make_room()
    half = sum(file.stat().st_size for files in hub.networks("sdxl-inpaint").values() for file in files)
    monkeypatch.setattr(cache, "memory", lambda: 3 * 2**30 + half)
    (result,) = xl.replace(photo, mask, wish(xl))
    with cache.use(xl._key, None, 0) as pipe:
        assert pipe.unet.dtype == torch.bfloat16
    assert np.array_equal(result.pixels[mask == 0], photo[mask == 0])
    cache.make_room()


def test_a_few_steps_suffice_with_the_lora(machine, xl, square, hole):
    fast = inpaint.REPLACE["sdxl-inpaint-fast"]
    assert fast.available()
    ours = paint(fast, square, hole, steps=3, strength=0.9)

    def scheduler(pipe):
        pipe.load_lora_weights(machine / "weights/lcm-lora-sdxl.safetensors")
        return diffusers.LCMScheduler.from_config(pipe.scheduler.config)

    options = {"guidance_scale": 1.0, "num_inference_steps": 4, "strength": 0.9}
    assert np.abs(ours.astype(int) - documented(xl, square, hole, scheduler, **options)).max() <= 1
    alone = documented(
        xl, square, hole, lambda pipe: diffusers.LCMScheduler.from_config(pipe.scheduler.config), **options
    )
    assert np.abs(ours.astype(int) - alone).max() > 1
    for strength in (0.3, 1.0):
        paint(fast, square, hole, steps=12, strength=strength)


def test_a_long_prompt_is_read_as_far_as_it_goes_and_that_is_said(xl, photo, mask):
    words = ["fox"] * 30
    (result,) = xl.replace(photo, mask, wish(xl, prompt=" ".join(words), negative=" ".join(["mud"] * 40)))
    assert result.note == (
        "Only the first 25 words of the prompt were read. Only the first 25 words of the negative prompt were read."
    )
    assert xl.replace(photo, mask, wish(xl, prompt=" ".join(words[:25])))[0].note == ""


def test_a_wish_that_cannot_be_is_told_before_anything_runs(xl):
    for values, sentence in {
        ("prompt", "x" * 5000): "has 5000 characters",
        ("negative", "x" * 5000): "negative prompt has 5000 characters",
        ("prompt", "  "): "prompt is empty",
        ("prompt", 3): "must be text",
        ("seed", -1): "seed must be a whole number",
        ("seed", 2**32): "seed must be a whole number",
        ("seed", 1.5): "seed must be a whole number",
        ("count", 0): "Images goes from 1 to 4",
        ("count", 5): "Images goes from 1 to 4",
        ("steps", 0): "Steps goes from 1 to 100",
        ("guidance", "high"): "Guidance must be a number",
        ("strength", 2): "Strength goes from 0.3 to 1",
        ("scheduler", "Magic"): "no such scheduler",
    }.items():
        with pytest.raises(UserError, match=sentence):
            wish(xl, **dict([values]))
    assert len(Wish.parse(xl, {"prompt": " " + "x" * settings.MAX_PROMPT}).prompt) == settings.MAX_PROMPT


def test_what_is_left_out_of_a_wish_has_its_default(xl):
    given = Wish.parse(xl, {"prompt": "a fox"})
    assert given == Wish("a fox", "", 7.5, 30, 0.99, None, 1, "Euler")


def test_an_empty_mask_and_a_full_one_are_told(engine, photo):
    for value, sentence in ((0, "Nothing is selected"), (255, "whole photo")):
        with pytest.raises(UserError, match=sentence):
            engine.replace(photo, np.full(photo.shape[:2], value, np.uint8), wish(engine))


@pytest.mark.parametrize("shape", [(1, 2), (1, 300), (300, 1), (33, 1000)])
def test_any_shape_of_photo_is_taken(engine, shape):
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    marked = np.zeros(shape, np.uint8)
    marked[-1, -1] = 255
    (result,) = engine.replace(image, marked, wish(engine, steps=1))
    assert np.array_equal(result.pixels[marked == 0], image[marked == 0])


def test_an_engine_without_weights_says_what_to_do_and_how_long_it_would_take(tmp_path, monkeypatch, photo, mask):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))
    monkeypatch.setattr(weights, "MANIFEST", ROOT / "models/weights.toml")
    seconds = {}
    for engine in [type(each)() for each in inpaint.REPLACE.values()]:  # anew, for they learn how fast they are
        assert not engine.available()
        assert "OpenRAIL" in engine.licence
        for name in engine.folders:
            assert str(tmp_path / "hub" / name) in engine.how
        with pytest.raises(UserError, match=r"is not on this machine yet\. Fetch "):
            engine.replace(photo, mask, wish(engine))
        seconds[engine.name] = engine.seconds(wish(engine, steps=8, count=2, guidance=1))
        assert engine.seconds(wish(engine, steps=8, count=4, guidance=1)) > seconds[engine.name]
        assert engine.seconds(wish(engine, steps=8, count=2, guidance=1.5)) > seconds[engine.name]
    assert seconds["sd15-inpaint"] < seconds["sdxl-inpaint"] / 2
    assert inpaint.REPLACE["sdxl-inpaint"].bytes == 6941218469
    assert "6.9 GB" in inpaint.REPLACE["sdxl-inpaint"].how
    assert "394 MB" in inpaint.REPLACE["sdxl-inpaint-fast"].how


def test_the_estimate_learns_from_what_was_made(engine, photo, mask):
    (result,) = engine.replace(photo, mask, wish(engine, steps=4))
    told = engine.seconds(wish(engine, steps=4))
    assert 0 < told <= result.seconds  # which has the loading and the pasting, too
    assert engine.seconds(wish(engine, steps=4, count=3)) == pytest.approx(3 * told)


def test_a_folder_that_lacks_a_network_or_holds_another_is_not_taken(machine, tmp_path, monkeypatch, photo, mask):
    shutil.copytree(machine / "hub/sdxl-inpaint", tmp_path / "hub/sdxl-inpaint")
    shutil.copytree(machine / "hub/sd15-inpaint", tmp_path / "hub/sd15-inpaint")
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))
    xl, small = inpaint.REPLACE["sdxl-inpaint"], inpaint.REPLACE["sd15-inpaint"]
    assert xl.available()
    network = hub.folder("sdxl-inpaint") / "unet/diffusion_pytorch_model.fp16.safetensors"
    network.write_bytes(network.read_bytes()[:-1])
    assert not xl.available()
    network.unlink()
    assert not xl.available()
    (hub.folder("sd15-inpaint") / "unet/config.json").write_text("{")
    with pytest.raises(weights.WeightsError, match="cannot be loaded"):
        small.replace(photo, mask, wish(small))


def test_loading_asks_no_hub(machine):
    code = (
        "import numpy as np\nfrom models import inpaint\n"
        "from dataclasses import replace\nengine = inpaint.REPLACE['sd15-inpaint']\n"
        f"engine.frame = replace(engine.frame, edge={EDGE})\n"
        "mask = np.zeros((64, 64), np.uint8)\nmask[20:40, 20:40] = 255\n"
        "wish = inpaint.Wish.parse(engine, {'prompt': 'a', 'steps': 1})\n"
        "engine.replace(np.zeros((64, 64, 3), np.uint8), mask, wish)"
    )
    with socket.create_server(("127.0.0.1", 0)) as hub_that_hangs:
        address = {"HF_ENDPOINT": f"http://127.0.0.1:{hub_that_hangs.getsockname()[1]}", "HF_HUB_OFFLINE": "0"}
        address |= {"ENVO_CACHE": str(machine), "OMP_NUM_THREADS": "1", "PATH": ""}
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=address, check=True)
        hub_that_hangs.setblocking(False)
        with pytest.raises(BlockingIOError):
            hub_that_hangs.accept()


def test_engines_are_picked_by_name_or_by_what_is_here(machine, monkeypatch):
    assert inpaint.replace("sd15-inpaint").name == "sd15-inpaint"
    for engine in inpaint.REPLACE.values():  # what an engine has shown before counts more than what is guessed
        monkeypatch.setattr(engine, "_speed", None)
    monkeypatch.setattr(cache, "speed", lambda: cache.MIDDLING_GPU)
    assert inpaint.replace().name == "sdxl-inpaint"
    monkeypatch.setattr(hub, "available", lambda name: name == "sd15-inpaint")
    assert inpaint.replace().name == "sd15-inpaint"
    monkeypatch.setattr(hub, "available", lambda name: False)
    assert inpaint.replace().name == "sdxl-inpaint"
    monkeypatch.setattr(cache, "speed", lambda: cache.MIDDLING_GPU / 500)  # a few cores of a CPU
    assert inpaint.replace().name == "sd15-inpaint", "no engine that takes hours is chosen by itself"
    monkeypatch.setattr(hub, "available", lambda name: True)
    assert inpaint.replace().name == "sd15-inpaint"
    with pytest.raises(UserError, match="no engine 'magic'"):
        inpaint.replace("magic")


def test_nothing_heavy_is_loaded_to_list_the_engines():
    code = (
        "import sys\nfrom models import inpaint\n"
        "told = [(e.label, e.available(), e.licence, e.bytes, e.how) for e in inpaint.REPLACE.values()]\n"
        "engine = inpaint.replace()\nengine.seconds(inpaint.Wish.parse(engine, {'prompt': 'a fox'}))\n"
        "print(sys.modules.keys() & {'torch', 'diffusers', 'transformers', 'huggingface_hub'})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
