"""The network that all repairs share: a U-Net of NAFNet's blocks.

Chen et al., "Simple Baselines for Image Restoration" (ECCV 2022, arXiv:2204.04676): no activation but a product of two
halves. Left out is the attention to the mean of the whole picture, for large photos are worked on in tiles. Its first
scale is half the photo's, after Shi et al.'s pixel shuffle (CVPR 2016, arXiv:1609.05158).
"""

import torch
from torch import nn
from torch.nn import functional


class UNet(nn.Module):
    """Takes RGB, float32 NxCxHxW from 0 to 255, H and W multiples of 16, and gives NxOUTPUTSxHxW, 0 before training."""

    def __init__(self, inputs: int, outputs: int, widths: tuple[int, ...], blocks: tuple[int, ...]) -> None:
        """`widths` are the channels at 1/2, 1/4, ... of the size, `blocks` how many blocks there are at each."""
        super().__init__()
        self.first = nn.Conv2d(inputs * 4, widths[0], 3, padding=1)
        self.down, self.encoders, self.up, self.decoders = (nn.ModuleList() for _ in range(4))
        for width, count in zip(widths, blocks, strict=True):
            self.encoders.append(nn.Sequential(*(Block(width) for _ in range(count))))
        for width, wider, count in zip(widths, widths[1:], blocks, strict=False):
            self.down.append(nn.Conv2d(width, wider, 2, 2))
            self.up.append(nn.Sequential(nn.Conv2d(wider, width * 4, 1, bias=False), nn.PixelShuffle(2)))
            self.decoders.append(nn.Sequential(*(Block(width) for _ in range(count))))
        self.last = nn.Conv2d(widths[0], outputs * 4, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.first(functional.pixel_unshuffle(image / 127.5 - 1, 2))
        skips = []
        for encoder, down in zip(self.encoders, self.down, strict=False):
            x = encoder(x)
            skips.append(x)
            x = down(x)
        x = self.encoders[-1](x)
        for skip, up, decoder in zip(reversed(skips), reversed(self.up), reversed(self.decoders), strict=True):
            x = decoder(up(x) + skip)
        return functional.pixel_shuffle(self.last(x), 2)


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.widen = nn.Conv2d(width, 2 * width, 1)
        self.around = nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2 * width)
        self.narrow = nn.Conv2d(width, width, 1)
        self.mix = nn.Conv2d(width, 2 * width, 1)
        self.unmix = nn.Conv2d(width, width, 1)
        self.share = nn.Parameter(torch.full((2, width, 1, 1), 0.1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.share[0] * self.narrow(_gate(self.around(self.widen(_normal(self.first, x)))))
        return x + self.share[1] * self.unmix(_gate(self.mix(_normal(self.second, x))))


def _normal(layer: nn.LayerNorm, x: torch.Tensor) -> torch.Tensor:
    """Normalise the channels of each place."""
    return layer(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def _gate(x: torch.Tensor) -> torch.Tensor:
    one, other = x.chunk(2, 1)
    return one * other
