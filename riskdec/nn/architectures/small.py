"""The small network: strided convolutions and one dense layer, without BatchNorm and without pooling.

On a CPU the time of a usual network goes into BatchNorm, pooling and ReLU, not into the convolutions; strides do the
work of pooling in fewer passes over memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from torch import Tensor

_SMALLEST = 5
# A dense layer on a larger map would hold more weights than the rest of the network.
_LARGEST_MAP = 8
_HIDDEN = 128


class SmallNetwork(nn.Module):
    """Convolutions 5x5 to 32, 3x3 to 64 and 3x3 to 128 features, stride 2 each; dense layer of 128; K logits.

    Images above 64 pixels pass through further 3x3 convolutions of 128 features until the map is at most 8x8.
    """

    def __init__(self, in_channels: int, image_size: tuple[int, int], n_outcomes: int, dropout: float) -> None:
        super().__init__()
        layers = [*_halve(in_channels, 32, 5), *_halve(32, 64, 3), *_halve(64, 128, 3)]
        height, width = (_halved(side, 3) for side in image_size)
        while max(height, width) > _LARGEST_MAP:
            layers += _halve(128, 128, 3)
            height, width = _halved(height, 1), _halved(width, 1)
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(
            *([nn.Dropout(dropout)] if dropout else []),
            *(nn.Flatten(), nn.Linear(128 * height * width, _HIDDEN), nn.ReLU()),
            *([nn.Dropout(dropout)] if dropout else []),
            nn.Linear(_HIDDEN, n_outcomes),
        )

    @staticmethod
    def check_size(image_size: tuple[int, int]) -> None:
        """Refuse images smaller than the first kernel."""
        if min(image_size) < _SMALLEST:
            raise refuse("image_size", f"be at least {_SMALLEST}x{_SMALLEST} for architecture 'small'", image_size)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (n, C, h, w) to logits (n, K)."""
        return self.head(self.features(images))


def _halve(before: int, after: int, kernel: int) -> list[nn.Module]:
    return [nn.Conv2d(before, after, kernel, stride=2, padding=kernel // 2), nn.ReLU()]


def _halved(side: int, times: int) -> int:
    """Give the length of a side after so many strides of 2, odd lengths rounded up."""
    for _ in range(times):
        side = (side + 1) // 2
    return side
