"""The page comes up fast, because what is heavy loads when first needed."""

import subprocess
import sys

from tests.conftest import ROOT


def test_building_the_page_loads_no_model_library():
    script = "import sys, app; app.build(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"onnxruntime", "torch", "tensorflow"} & set(loaded.stdout.split())
