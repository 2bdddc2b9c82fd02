"""How well and how fast the subject of a photo is found, beside OpenCV's GrabCut.

Measured on the photos that the network has not seen, where the matte that stands for the truth is sure, each at a long
edge of 2048 pixels: IoU at 0.5 and mean absolute error, averaged over the photos, and the seconds that one takes warm.
`quick` answers at once; `close` looks closer, and its weights are fetched first: the mattes that stand for the truth
were made by the same network. GrabCut (Rother et al., SIGGRAPH 2004) gets a rectangle 5% inside the frame, five rounds
and the photo at a long edge of 512 pixels; they take turns.

usage: python -m bench.subject --data DIR [--all | --third] [--photos N] [--json]
"""

import json
import time
from argparse import Namespace
from pathlib import Path

import cv2
import numpy as np

from bench import common
from envo import settings
from models.layers import subject
from models.layers.subject import base
from training import mattes


def read(folder: Path, wish: Namespace) -> list[tuple[np.ndarray, np.ndarray]]:
    """Photos that are asked for, uint8 HxWx3, with mattes that are sure, float32 HxW in [0, 1]."""
    pairs = []
    for path in common.asked((folder / "photos").iterdir(), wish, wish.photos):
        matte = mattes.read(folder, path)
        if mattes.is_sure(matte):
            pairs.append((cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), matte / np.float32(255)))
    return pairs


def scaled(image: np.ndarray, edge: int) -> np.ndarray:
    scale = edge / max(image.shape[:2])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def found(engine: subject.Engine, image: np.ndarray) -> np.ndarray:
    matte = engine.matte(image).alpha
    return np.zeros(image.shape[:2], np.float32) if matte is None else matte / np.float32(255)


def quick(image: np.ndarray) -> np.ndarray:
    return found(subject.quick(), image)


def close(image: np.ndarray) -> np.ndarray:
    return found(subject.close(), image)


def grabcut(image: np.ndarray) -> np.ndarray:
    image = scaled(image, 512)
    height, width = image.shape[:2]
    frame = (round(width * 0.05), round(height * 0.05), round(width * 0.9), round(height * 0.9))
    labels = np.zeros((height, width), np.uint8)
    cv2.setRNGSeed(0)
    cv2.grabCut(image, labels, frame, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


def score(alpha: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """IoU at 0.5, 1 where both are empty, and mean absolute error; a truth of a few pixels counts as empty."""
    alpha = cv2.resize(alpha, truth.shape[::-1], interpolation=cv2.INTER_AREA)
    found, there = alpha > 0.5, truth > 0.5
    there &= there.mean() >= base.LEAST_COVER
    either = (found | there).sum()
    return (found & there).sum() / either if either else 1.0, float(np.abs(alpha - truth).mean())


def main() -> None:
    parser = common.Arguments(__doc__, "folder with photos/ and photo-mattes/")
    parser.add_argument("--photos", type=int, help="how many photos are looked at; all if it is not said")
    wish = parser.parse_with_data()

    pairs = read(wish.data, wish)
    for engine in (quick, close):
        engine(scaled(pairs[0][0], settings.WORKING_EDGE))
    scores = {quick: [], close: [], grabcut: []}
    seconds = {engine: [] for engine in scores}
    for photo, truth in pairs:
        image = scaled(photo, settings.WORKING_EDGE)
        for engine in scores:
            start = time.perf_counter()
            alpha = engine(image)
            seconds[engine].append(time.perf_counter() - start)
            scores[engine].append(score(alpha, truth))

    print(f"{len(pairs)} photos{'IoU':>16}{'error':>8}{'seconds':>9}")
    for engine in scores:
        iou, mae = np.mean(scores[engine], 0)
        print(f"{engine.__name__:16}{iou:10.3f}{mae:8.3f}{np.median(seconds[engine]):9.2f}")
    if wish.json:
        (iou, mae), (close_iou, _), (grabcut_iou, _) = (np.mean(each, 0) for each in scores.values())
        result = {"iou": iou, "mae": mae, "seconds": np.median(seconds[quick]), "grabcut_iou": grabcut_iou}
        result |= {"close_iou": close_iou, "close_seconds": np.median(seconds[close])}
        print(json.dumps({name: round(float(value), 4) for name, value in result.items()}))


if __name__ == "__main__":
    main()
