"""Segment Anything 2.1 (Ravi et al. 2024, arXiv:2408.00714), used on stills, through transformers."""

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from models.select.sam import SegmentAnything

if TYPE_CHECKING:
    import torch


class Sam2Tiny(SegmentAnything):
    """Hiera-Tiny looks at the photo, squeezed to a square of 1024 pixels, and keeps maps of three sizes."""

    name = "sam2.1-tiny"
    label = "Segment Anything 2.1 (Tiny)"
    folders = ("sam2.1-tiny",)
    memory = 1000 * 2**20

    def _classes(self) -> tuple[type, type]:
        from transformers import Sam2Model, Sam2Processor

        return Sam2Model, Sam2Processor

    def _layers(self, model: Any) -> list["torch.nn.Module"]:
        return list(model.vision_encoder.backbone.blocks)

    def _maps(self, model: Any, pixels: "torch.Tensor") -> list["torch.Tensor"]:
        return model.get_image_embeddings(pixels)

    def _given(self, maps: list["torch.Tensor"]) -> list["torch.Tensor"]:
        return maps

    def _enlarged(self, logits: np.ndarray, _frame: np.ndarray, _square: int, shape: tuple[int, int]) -> np.ndarray:
        return cv2.resize(logits, shape[::-1], interpolation=cv2.INTER_LINEAR)
