"""The app in a notebook: the cell that starts it ends, and what the notebook shows works."""

import json
import os
import subprocess
import sys

import gradio as gr
import pytest

import app
from tests.conftest import ROOT, free_port


def test_the_notebook_runs(tmp_path):
    here = {"ENVO_HOME": str(tmp_path / "home"), "GRADIO_SERVER_PORT": str(free_port()), "HF_HUB_OFFLINE": "1"}
    # A copy, which starts where the notebook lies: what its cells show is written into it.
    notebook = json.loads((ROOT / "envo_demo.ipynb").read_text())
    notebook["cells"][1]["source"].insert(0, f"import os; os.chdir({str(ROOT)!r})\n")
    copy = tmp_path / "envo_demo.ipynb"
    copy.write_text(json.dumps(notebook))
    command = [sys.executable, "-m", "pytest", "--nbmake", "--overwrite", "--nbmake-timeout=150", "-q", str(copy)]
    ran = subprocess.run(command, cwd=tmp_path, env=os.environ | here, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-4000:]
    cells = json.loads(copy.read_text())["cells"]
    told = json.dumps([cell["outputs"] for cell in cells if cell["cell_type"] == "code"])
    assert f"http://127.0.0.1:{here['GRADIO_SERVER_PORT']}/" in told
    assert "person background" in told and told.count("image/png") == 2


@pytest.mark.parametrize(
    "share, environment, is_shared",
    [
        (None, {}, False),
        (True, {}, True),
        (None, {"GRADIO_SHARE": "True"}, True),
        (False, {"GRADIO_SHARE": "True"}, False),
        (None, {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, True),
        (False, {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, False),
    ],
)
def test_what_gradio_makes_a_link_for_is_open_to_strangers(monkeypatch, share, environment, is_shared):
    for name in ("GRADIO_SHARE", "KAGGLE_KERNEL_RUN_TYPE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert app._is_shared(share) is is_shared


def test_colab_makes_a_link_and_no_cell_waits(monkeypatch):
    monkeypatch.setattr(gr.utils, "colab_check", lambda: True)
    assert app._is_shared(None) and not app._is_shared(False) and app._in_notebook()
