"""Models are loaded once, shared, and put away when memory runs short."""

import threading
from concurrent.futures import ThreadPoolExecutor

import onnxruntime
import pytest

from models import cache, weights
from models.cache import ModelCache


def holding(models: ModelCache, key: str, size: int = 1) -> object:
    with models.use(key, object, size) as model:
        return model


def test_many_threads_load_a_model_once_and_use_it_one_at_a_time():
    models = ModelCache(budget=10)
    together, loads, inside = threading.Barrier(8), [], []

    def load() -> object:
        loads.append(1)
        return object()

    def work() -> object:
        together.wait()
        with models.use("model", load, 1) as model:
            inside.append(1)
            assert len(inside) == 1
            inside.pop()
            return model

    with ThreadPoolExecutor(8) as pool:
        got = {future.result() for future in [pool.submit(work) for _ in range(8)]}
    assert len(loads) == len(got) == 1


def test_a_failed_load_reaches_all_who_wait_and_is_tried_anew_later():
    models = ModelCache(budget=10)
    loading, go_on, loads = threading.Event(), threading.Event(), []

    def fail() -> None:
        loads.append(1)
        loading.set()
        go_on.wait()
        raise OSError("broken file")

    def work() -> None:
        with models.use("model", fail, 1):
            raise AssertionError("there is no model")

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(work)]
        loading.wait()
        futures += [pool.submit(work) for _ in range(3)]
        while models._slots["model"].users < 4:
            threading.Event().wait(0.001)
        go_on.set()
        for future in futures:
            with pytest.raises(OSError, match="broken file"):
                future.result()
    assert len(loads) == 1
    assert holding(models, "model")


def test_the_least_recently_used_goes_first_when_memory_runs_short():
    models = ModelCache(budget=2)
    first, second = holding(models, "first"), holding(models, "second")
    holding(models, "first")
    holding(models, "third")
    assert holding(models, "first") is first
    assert holding(models, "second") is not second


def test_a_model_in_use_stays_whatever_the_budget():
    models = ModelCache(budget=1)
    with models.use("first", object, 1) as first:
        holding(models, "second", 5)
        with models.use("third", object, 5):
            pass
        assert models._slots["first"].model is first
    assert holding(models, "third")


def test_models_go_when_nobody_has_used_them_for_so_long_but_none_in_use():
    models = ModelCache(budget=10)
    first = holding(models, "first")
    assert not models.let_go(3600)
    assert holding(models, "first") is first
    with models.use("second", object, 1) as second:
        assert models.let_go(0)
    assert holding(models, "second") is second
    assert holding(models, "first") is not first


def test_a_model_over_the_budget_is_not_loaded_each_time_anew():
    models = ModelCache(budget=1)
    assert holding(models, "huge", 100) is holding(models, "huge", 100)


def test_the_budget_can_be_set(monkeypatch):
    monkeypatch.setenv("ENVO_MODEL_MEMORY", "12")
    assert cache.memory_budget() == 12 * 2**20
    monkeypatch.delenv("ENVO_MODEL_MEMORY")
    assert cache.memory_budget() > 2**28


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_gpu_that_does_not_start_leaves_the_model_to_the_cpu(monkeypatch, caplog):
    monkeypatch.setattr(cache, "_provider", lambda: "CUDAExecutionProvider")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine's onnxruntime can start CUDA")
    session = cache.onnx_session(weights.path("rvm-mobilenetv3"))
    assert session.get_providers() == [cache.CPU]
    assert "runs on the CPU" in caplog.text


@pytest.mark.parametrize(("told", "threads"), [("3", 3), ("2,4", 2), ("many", 0)])
def test_onnxruntime_has_as_many_threads_as_the_environment_says(monkeypatch, told, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    session = cache.onnx_session(weights.path("rvm-mobilenetv3"))
    assert session.get_session_options().intra_op_num_threads == threads


def test_the_device_has_a_name_that_people_understand():
    assert cache.device() in cache.DEVICES.values()
