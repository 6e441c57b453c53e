"""The valid network: no padding anywhere, so that one pass over a scene equals a pass over each of its windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from torch import Tensor

_STRIDE = 4
_SMALLEST = 12
# From here on one more 3x3 convolution keeps the last kernel, and with it the number of weights, small.
_DEEPER_FROM = 32
_WIDTH = 64


class ValidNetwork(nn.Module):
    """Valid 3x3 convolutions with two poolings, a convolution over all that remains, and a 1x1 head.

    The receptive field of a logit is exactly one window of `image_size`, and windows lie 4 pixels apart. With zero
    padding the logits of a window would depend on whether it was cut out or seen in its scene, and no conversion could
    repair that.

    Attributes
    ----------
    window : (int, int)
        Height and width of the receptive field in pixels.
    stride : int
        Distance of neighbouring windows in pixels: 4.
    """

    def __init__(self, in_channels: int, image_size: tuple[int, int], n_outcomes: int, dropout: float) -> None:
        super().__init__()
        self.window = image_size
        self.stride = _STRIDE
        deeper = [nn.Conv2d(32, 32, 3), nn.ReLU()] if min(image_size) >= _DEEPER_FROM else []
        kernel = tuple(_last_side(side) - (2 if deeper else 0) for side in image_size)
        self.features = nn.Sequential(
            *(nn.Conv2d(in_channels, 16, 3), nn.ReLU()),
            # Pooling before the ReLU gives the same numbers and leaves a quarter of them to cut off.
            *(nn.Conv2d(16, 16, 3), nn.MaxPool2d(2), nn.ReLU()),
            *(nn.Conv2d(16, 32, 3), nn.MaxPool2d(2), nn.ReLU()),
            *deeper,
            *(nn.Conv2d(32, _WIDTH, kernel), nn.ReLU()),
        )
        thinning = [nn.Dropout(dropout)] if dropout else []
        self.head = nn.Sequential(*thinning, nn.Conv2d(_WIDTH, n_outcomes, 1))

    @staticmethod
    def check_size(image_size: tuple[int, int]) -> None:
        """Refuse windows that the strides do not cover exactly."""
        if min(image_size) < _SMALLEST or any(side % _STRIDE for side in image_size):
            rule = f"have sides that are multiples of {_STRIDE} and at least {_SMALLEST} for architecture 'valid'"
            raise refuse("image_size", rule, image_size, "Cut or resize the images, or take architecture 'small'.")

    def dense(self, images: Tensor) -> Tensor:
        """Map whole images (n, C, H, W) to logit maps (n, K, (H - h) // 4 + 1, (W - w) // 4 + 1).

        The entry in row i and column j belongs to the window whose upper left corner is the pixel (4 i, 4 j).
        """
        return self.head(self.features(images))

    def forward(self, images: Tensor) -> Tensor:
        """Map images of one window (n, C, h, w) to logits (n, K)."""
        return self.dense(images)[:, :, 0, 0]


def _last_side(side: int) -> int:
    """Give the length of a side after the convolutions and poolings that every window passes."""
    return ((side - 4) // 2 - 2) // 2
