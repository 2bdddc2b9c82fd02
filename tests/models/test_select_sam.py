"""The Segment Anything engines through their real loading code, with small networks drawn by chance.

What they answer is compared with what the library's own documented use answers.
"""

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file

from models import cache, hub, select, weights
from models.select import Prompt
from models.select.sam import low_resolution_logits
from tests.conftest import EXAMPLES, ROOT

EDGE = 256
"""Edge of the small encoders' input, in pixels."""
LOW = EDGE // 4

PARTS = {
    "prompt_encoder_config": {"hidden_size": 32, "image_size": EDGE, "mask_input_channels": 8},
    "mask_decoder_config": {"hidden_size": 32, "mlp_dim": 64, "num_attention_heads": 4, "iou_head_hidden_dim": 32},
}


def small_sam() -> transformers.SamConfig:
    vision = {"hidden_size": 32, "output_channels": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
    vision |= {"image_size": EDGE, "window_size": 7, "global_attn_indexes": [2], "num_pos_feats": 16}
    return transformers.SamConfig(vision_config=vision | {"initializer_range": 0.3}, **PARTS, initializer_range=0.3)


def small_sam2(config_class: type = transformers.Sam2Config) -> transformers.PreTrainedConfig:
    backbone = {"model_type": "sam2_hiera_det_model", "hidden_size": 8, "image_size": [EDGE, EDGE]}
    backbone |= {"embed_dim_per_stage": [8, 16, 32, 64], "blocks_per_stage": [1, 1, 2, 1], "initializer_range": 0.3}
    vision = {"model_type": "sam2_vision_model", "backbone_config": backbone, "fpn_hidden_size": 32}
    vision |= {"backbone_channel_list": [64, 32, 16, 8], "initializer_range": 0.3}
    vision |= {"backbone_feature_sizes": [[EDGE // 4] * 2, [EDGE // 8] * 2, [EDGE // 16] * 2]}
    return config_class(vision_config=vision, **PARTS, initializer_range=0.3)


def processor_of(name: str) -> transformers.ProcessorMixin:
    if name == "sam2.1-tiny":
        size = {"height": EDGE, "width": EDGE}
        return transformers.Sam2Processor(transformers.Sam2ImageProcessor(size=size))
    sizes = {"size": {"longest_edge": EDGE}, "pad_size": {"height": EDGE, "width": EDGE}}
    return transformers.SamProcessor(transformers.SamImageProcessor(**sizes))


def decided(model: transformers.PreTrainedModel) -> transformers.PreTrainedModel:
    """Make logits and scores as large as those of a trained network."""
    with torch.no_grad():
        for head in model.mask_decoder.output_hypernetworks_mlps:
            head.proj_out.weight *= 10 if isinstance(model, transformers.SamModel) else 0.5
        model.mask_decoder.iou_prediction_head.proj_out.weight *= 0.1
        model.mask_decoder.iou_prediction_head.proj_out.bias += 0.5
    return model


def save(name: str) -> None:
    """Put a small model where `hub` looks for it."""
    torch.manual_seed(5)
    model = transformers.Sam2Model(small_sam2()) if name == "sam2.1-tiny" else transformers.SamModel(small_sam())
    decided(model).save_pretrained(hub.folder(name))
    processor_of(name).save_pretrained(hub.folder(name))


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path))


@pytest.fixture(params=["sam-vit-base", "sam2.1-tiny"])
def engine(request) -> select.Engine:
    save(request.param)
    return select.ENGINES[request.param]


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.array(Image.open(EXAMPLES / "chelsea.jpg").convert("RGB"))


def documented(engine: select.Engine, image: np.ndarray, prompt: Prompt, **more) -> tuple[np.ndarray, np.ndarray]:
    """What the library's documentation has one do: logits, float32 NxHxW, and scores of all masks that it gives."""
    classes = (transformers.SamModel, transformers.SamProcessor)
    if engine.name == "sam2.1-tiny":
        classes = (transformers.Sam2Model, transformers.Sam2Processor)
    model, processor = (each.from_pretrained(hub.folder(engine.name)) for each in classes)
    given = {}
    if prompt.points:
        given["input_points"] = [[[list(map(float, point)) for point in prompt.points]]]
        given["input_labels"] = [[[int(adds) for adds in prompt.adds]]]
    if prompt.box:
        given["input_boxes"] = [[list(map(float, prompt.box))]]
    inputs = processor(images=image, **given, return_tensors="pt")
    sizes = {name: inputs.pop(name) for name in ("original_sizes", "reshaped_input_sizes") if name in inputs}
    with torch.no_grad():
        outputs = model.eval()(**inputs, **more)
    (logits,) = processor.post_process_masks(outputs.pred_masks, *sizes.values(), binarize=False)
    return logits[0].numpy(), outputs.iou_scores[0, 0].numpy()


def assert_same(selection: select.Selection, logits: np.ndarray, scores: np.ndarray) -> None:
    """Masks agree but for the rounding of what is kept of the photo to half precision."""
    assert len(selection.candidates) == len(scores)
    for candidate, i in zip(selection.candidates, np.argsort(-scores), strict=True):
        assert candidate.mask.dtype == np.uint8
        assert candidate.mask.shape == logits[i].shape
        assert candidate.score == pytest.approx(np.clip(scores[i], 0, 1), abs=0.01)
        sure = np.abs(logits[i]) > 0.05
        assert sure.mean() > 0.8
        assert np.array_equal(candidate.mask[sure] >= 128, logits[i][sure] > 0)
        assert np.abs(candidate.mask - 255 / (1 + np.exp(-logits[i]))).max() < 5
        assert 0.02 < (logits[i] > 0).mean() < 0.98


PROMPTS = {
    "a point": Prompt(points=((200, 120),), adds=(True,)),
    "several points": Prompt(points=((200, 120), (40.5, 260), (300, 30)), adds=(True, False, True)),
    "a box": Prompt(box=(120, 40, 330, 290)),
    "a box and a point": Prompt(box=(120, 40, 330, 290), points=((200, 120),), adds=(False,)),
}


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_the_masks_are_those_of_the_librarys_documented_use(engine, photo, prompt):
    alone = prompt is PROMPTS["a point"]
    selection = engine.predict(engine.prepare(photo), prompt)
    assert selection.engine == engine.name
    assert len(selection.candidates) == (3 if alone else 1)
    assert_same(selection, *documented(engine, photo, prompt, multimask_output=alone))


def test_a_mask_to_go_on_from_reaches_the_decoder(engine, photo):
    prepared = engine.prepare(photo)
    height, width = photo.shape[:2]
    start = cv2.ellipse(np.zeros((height, width), np.uint8), (230, 150), (90, 110), 0, 0, 360, 255, -1)
    points = {"points": ((200, 120), (300, 30)), "adds": (True, False)}
    frame = (EDGE, EDGE) if engine.name == "sam2.1-tiny" else (round(EDGE * height / width), EDGE)
    logits = low_resolution_logits(start, np.array(frame), EDGE, LOW)
    given = torch.from_numpy(logits)[None, None]
    for prompt in (Prompt(**points, mask=start), Prompt(mask=start)):
        selection = engine.predict(prepared, prompt)
        assert_same(selection, *documented(engine, photo, prompt, multimask_output=False, input_masks=given))
    without = engine.predict(prepared, Prompt(**points)).candidates[0].mask
    assert not np.array_equal(engine.predict(prepared, Prompt(**points, mask=start)).candidates[0].mask, without)


def test_low_resolution_logits_show_the_mask_where_the_photo_lies():
    mask = np.zeros((100, 400), np.uint8)
    mask[:, 100:200] = 255
    logits = low_resolution_logits(mask, np.array([EDGE // 4, EDGE]), EDGE, LOW)
    assert logits.shape == (LOW, LOW)
    assert logits.dtype == np.float32
    inside = np.zeros((LOW, LOW), bool)
    inside[: LOW // 4, LOW // 4 : LOW // 2] = True
    assert np.array_equal(logits > 0, inside)
    assert np.isfinite(logits).all()


def test_slimsam_is_loaded_and_answers_the_same_way(photo):
    save("slimsam")
    engine = select.ENGINES["slimsam"]
    selection = engine.predict(engine.prepare(photo), PROMPTS["a point"])
    assert_same(selection, *documented(engine, photo, PROMPTS["a point"]))


def test_prompts_are_in_pixels_of_the_original(engine, photo):
    half = cv2.resize(photo, (photo.shape[1] // 2, photo.shape[0] // 2), interpolation=cv2.INTER_AREA)
    once = engine.predict(engine.prepare(half), Prompt(points=((100, 60),), adds=(True,)))
    size = (half.shape[1] * 4, half.shape[0] * 4)
    again = engine.predict(engine.prepare(half, size), Prompt(points=((400, 240),), adds=(True,)))
    assert np.array_equal(once.candidates[0].mask, again.candidates[0].mask)


def test_candidates_come_best_first(engine, photo):
    scores = [candidate.score for candidate in engine.predict(engine.prepare(photo), PROMPTS["a point"]).candidates]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1


def test_where_nothing_was_added_nothing_is_selected(engine, photo):
    prepared = engine.prepare(photo)
    for mask in (None, np.zeros(photo.shape[:2], np.uint8)):
        (candidate,) = engine.predict(prepared, Prompt(points=((200, 120),), adds=(False,), mask=mask)).candidates
        assert candidate.mask.shape == photo.shape[:2]
        assert not candidate.mask.any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 2), (1, 3), (3000, 2000)])
def test_any_shape_of_photo_is_taken(engine, shape):
    photo = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    prepared = engine.prepare(photo)
    corner = (shape[1] - 0.5, shape[0] - 0.5)
    for prompt in (Prompt((corner,), (True,)), Prompt(box=(0, 0, *corner))):
        for candidate in engine.predict(prepared, prompt).candidates:
            assert candidate.mask.shape == prepared.image.shape[:2]


def test_preparing_tells_how_far_it_is(engine, photo):
    told = []
    engine.prepare(photo, report=lambda step, fraction: told.append((step, fraction)))
    fractions = [fraction for step, fraction in told if step == "Preparing the photo"]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1


def test_a_click_needs_the_embedding_alone(engine, photo, monkeypatch):
    prepared = engine.prepare(photo)
    assert {array.dtype.name for array in prepared.embedding.values()} == {"float16", "int32"}
    monkeypatch.setattr(engine, "_embed", None)
    again = engine.prepare(photo, embedding=prepared.embedding)
    one, other = (engine.predict(each, PROMPTS["a box"]).candidates[0].mask for each in (prepared, again))
    assert np.array_equal(one, other)


def test_a_click_does_not_wait_for_another_photo(engine, photo):
    prepared = engine.prepare(photo)
    with engine._encoder(), ThreadPoolExecutor(1) as threads:
        assert threads.submit(engine.predict, prepared, PROMPTS["a box"]).result(60).candidates


def test_loading_asks_no_hub():
    save("sam-vit-base")
    code = (
        "import numpy as np\nfrom models import select\nengine = select.ENGINES['sam-vit-base']\n"
        "photo = engine.prepare(np.zeros((9, 9, 3), np.uint8))\n"
        "engine.predict(photo, select.Prompt(points=((1, 1),), adds=(True,)))"
    )
    with socket.create_server(("127.0.0.1", 0)) as hub_that_hangs:
        address = {"HF_ENDPOINT": f"http://127.0.0.1:{hub_that_hangs.getsockname()[1]}", "HF_HUB_OFFLINE": "0"}
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | address, check=True)
        hub_that_hangs.setblocking(False)
        with pytest.raises(BlockingIOError):
            hub_that_hangs.accept()


def test_the_folder_of_the_video_model_serves_for_stills(photo):
    """The hub's SAM 2.1 is saved as its model for video, which has more parts."""
    torch.manual_seed(5)
    more = {"image_size": EDGE, "memory_attention_hidden_size": 32, "memory_encoder_hidden_size": 32}
    more |= {"memory_attention_feed_forward_hidden_size": 32, "memory_encoder_output_channels": 8}
    more |= {"mask_downsampler_embed_dim": 32, "memory_fuser_embed_dim": 32, "memory_fuser_intermediate_dim": 32}
    config = small_sam2(transformers.Sam2VideoConfig)
    for name, value in more.items():
        setattr(config, name, value)
    decided(transformers.Sam2VideoModel(config)).save_pretrained(hub.folder("sam2.1-tiny"))
    processor_of("sam2.1-tiny").save_pretrained(hub.folder("sam2.1-tiny"))
    engine = select.ENGINES["sam2.1-tiny"]
    selection = engine.predict(engine.prepare(photo), PROMPTS["a point"])
    assert_same(selection, *documented(engine, photo, PROMPTS["a point"]))


def test_a_folder_that_does_not_hold_the_model_is_refused(photo):
    save("sam-vit-base")
    file = hub.folder("sam-vit-base") / hub.NETWORK
    tensors = {name: tensor for name, tensor in load_file(file).items() if not name.startswith("mask_decoder")}
    save_file(tensors, file, {"format": "pt"})
    with pytest.raises(weights.WeightsError, match="does not hold Segment Anything"):
        select.ENGINES["sam-vit-base"].prepare(photo)
    (hub.folder("sam-vit-base") / "config.json").write_text("{")
    with pytest.raises(weights.WeightsError, match="cannot be loaded"):
        select.ENGINES["sam-vit-base"].prepare(photo)


def test_auto_picks_the_best_that_is_here(monkeypatch):
    for gpu, order in ((True, ["sam-vit-base", "slimsam"]), (False, ["slimsam", "sam-vit-base"])):
        monkeypatch.setattr(cache, "has_nvidia_gpu", lambda gpu=gpu: gpu)
        for here in (order, order[1:]):
            monkeypatch.setattr(hub, "available", here.__contains__)
            assert select.auto().name == here[0]


def test_nothing_heavy_is_loaded_to_list_the_engines():
    code = (
        "import sys\nfrom models import select\n"
        "told = [(e.label, e.available(), e.licence, e.bytes, e.how) for e in select.ENGINES.values()]\n"
        "select.auto()\nprint(sys.modules.keys() & {'torch', 'transformers', 'huggingface_hub'})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
