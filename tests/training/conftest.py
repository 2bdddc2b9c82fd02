"""TensorFlow and torchvision share a process only in this order: the other way round, torchvision's start crashes."""

import torchvision  # noqa: F401
