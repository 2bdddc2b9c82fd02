"""Tags: what a photo shows, where it was taken and what kind of photo it is, in plain words with a confidence.

    for result in run.run(photos, DETECTORS["YOLO11 nano"], CLASSIFIERS["EfficientNet-Lite0"]):
        result.tagged.tags  # (Tag("animals", 0.97, "category", ...), Tag("beagle", 0.83, "subject", ...), ...)

A new engine is one file with one class, and one line here.
"""

from models.tagging.base import ORIGINS, Box, Classifier, Detector, Impression, Thing, nearest
from models.tagging.categories import CATEGORIES
from models.tagging.efficientnet import EfficientNet
from models.tagging.yolo import Yolo

__all__ = [
    "CATEGORIES",
    "CLASSIFIERS",
    "DETECTORS",
    "ORIGINS",
    "Box",
    "Classifier",
    "Detector",
    "Impression",
    "Thing",
    "nearest",
]

DETECTORS: dict[str, Detector] = {
    engine.name: engine for engine in [Yolo("nano", "yolo11n"), Yolo("small", "yolo11s"), Yolo("medium", "yolo11m")]
}
"""What finds objects, by name: the first is what comes along, the others are a visitor's choice."""
CLASSIFIERS: dict[str, Classifier] = {engine.name: engine for engine in [EfficientNet()]}
"""What sees what a photo as a whole is of, by name, best first."""
