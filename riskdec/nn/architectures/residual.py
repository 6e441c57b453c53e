"""The residual network: three blocks with BatchNorm, and a global average before the logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from torch import Tensor

_SMALLEST = 8
_WIDTHS = (32, 64, 128)


class ResidualNetwork(nn.Module):
    """A 3x3 convolution to 32 features and one residual block of 32, 64 and 128 features each (He et al. 2016).

    BatchNorm sees the other rows of the batch while it trains: results depend on the batch size, and on several
    processes each normalises by its own share.
    """

    def __init__(self, in_channels: int, image_size: tuple[int, int], n_outcomes: int, dropout: float) -> None:
        super().__init__()
        del image_size  # the global average takes maps of every size
        blocks = [ResidualBlock(before, after) for before, after in zip((32, *_WIDTHS), _WIDTHS, strict=False)]
        self.features = nn.Sequential(*_normalised(in_channels, 32, 1), nn.ReLU(), *blocks)
        thinning = [nn.Dropout(dropout)] if dropout else []
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), *thinning, nn.Linear(_WIDTHS[-1], n_outcomes))

    @staticmethod
    def check_size(image_size: tuple[int, int]) -> None:
        """Refuse images of which two halvings leave next to nothing."""
        if min(image_size) < _SMALLEST:
            raise refuse("image_size", f"be at least {_SMALLEST}x{_SMALLEST} for architecture 'resnet'", image_size)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (n, C, h, w) to logits (n, K)."""
        return self.head(self.features(images))


class ResidualBlock(nn.Module):
    """Two normalised 3x3 convolutions beside a shortcut; halves the map where the number of features changes."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        stride = 1 if before == after else 2
        self.branch = nn.Sequential(*_normalised(before, after, stride), nn.ReLU(), *_normalised(after, after, 1))
        if before == after:
            self.shortcut = nn.Identity()
        else:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride=2, bias=False), nn.BatchNorm2d(after))
        self.last = nn.ReLU()

    def forward(self, features: Tensor) -> Tensor:
        """Map features (n, before, h, w) to features (n, after, h', w')."""
        return self.last(self.branch(features) + self.shortcut(features))


def _normalised(before: int, after: int, stride: int) -> list[nn.Module]:
    # BatchNorm subtracts the mean, and with it any bias.
    return [nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after)]
