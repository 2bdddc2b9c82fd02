"""Tests run side by side, a process for each core, and so whatever they load or start works with one thread.

It is said here, for libraries read it as they are loaded, and what tests start has it from them.
"""

import os

os.environ |= dict.fromkeys(
    (
        "OMP_NUM_THREADS",  # PyTorch, onnxruntime
        "OPENBLAS_NUM_THREADS",  # NumPy
        "OPENCV_FOR_THREADS_NUM",
        "TF_NUM_INTEROP_THREADS",
        "TF_NUM_INTRAOP_THREADS",
    ),
    "1",
)
