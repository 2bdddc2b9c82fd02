"""The U-Net of "Bringing Old Photos Back to Life" that finds scratches; its layers are called as in its file.

Wan et al., CVPR 2020, arXiv:2004.09484. Imports PyTorch, so import it when needed.
"""

import torch
from torch import nn

DEPTH = 4
"""Times that the network halves what it sees: heights and widths are multiples of 2 to the power of it."""


class UNet(nn.Module):
    """Tells for each pixel of a photo, 1x1xHxW from -1 to 1, the logit of its being scratched, 1x1xHxW."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(1, width, 7), nn.LeakyReLU(0.2))
        widths = [width * 2**level for level in range(DEPTH)]
        self.down_sample = nn.ModuleList(
            nn.Sequential(*_convolution(width, width), nn.BatchNorm2d(width), nn.LeakyReLU(0.2), Halve(width))
            for width in widths
        )
        self.down_path = nn.ModuleList(Twice(width, 2 * width) for width in widths)
        self.up_path = nn.ModuleList(Up(width) for width in reversed(widths))
        self.last = nn.Sequential(*_convolution(width, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        seen = []
        for down_sample, down in zip(self.down_sample, self.down_path, strict=True):
            seen.append(x)
            x = down(down_sample(x))
        for up in self.up_path:
            x = up(x, seen.pop())
        return self.last(x)


class Halve(nn.Module):
    """Blurs and takes every second pixel of every second row."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.pad = nn.ReflectionPad2d(1)
        self.register_buffer("filt", torch.empty(width, 1, 3, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.conv2d(self.pad(x), self.filt, stride=2, groups=x.shape[1])


class Twice(nn.Module):
    """Two convolutions."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        parts = [[*_convolution(width, after), nn.BatchNorm2d(after), nn.LeakyReLU(0.2)] for width in (before, after)]
        self.block = nn.Sequential(*parts[0], *parts[1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block(x)


class Up(nn.Module):
    """Twice as high and wide again, beside what was seen at that size on the way down."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.up = nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), *_convolution(2 * width, width))
        self.conv_block = Twice(2 * width, width)

    def forward(self, x: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        return self.conv_block(torch.cat([self.up(x), seen], 1))


def _convolution(before: int, after: int) -> tuple[nn.Module, nn.Module]:
    return nn.ReflectionPad2d(1), nn.Conv2d(before, after, 3)
