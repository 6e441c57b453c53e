"""A dense network is used only after it was seen to give the logits of the windows it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riskdec.nn.dense.arithmetic import multiply_adds
from riskdec.nn.dense.conversion import convert_to_dense
from riskdec.nn.dense.precision import exact_inference

if TYPE_CHECKING:
    from torch import Tensor, nn

# Of the largest logit, and at least of one: rounding in float32, summed in another order.
TOLERANCE = 1e-5
# Windows more than this many pixels apart are faster one by one.
_LARGEST_STRIDE = 256
# Cells of a patch on which the two ways are compared, along each side.
_CELLS = 3


class DenseForm(NamedTuple):
    """A dense network that was compared with its crops, or the reason why there is none.

    Attributes
    ----------
    network : torch.nn.Module or None
        Maps images to maps of logits.
    stride : int
        Pixels between neighbouring entries of the map; 0 without a network.
    difference : float
        Largest difference of logits that was seen, as a share of the largest logit where that is above 1.
    reason : str
        Why crops have to be used; empty otherwise.
    """

    network: nn.Module | None
    stride: int
    difference: float
    reason: str


def prove_dense(network: nn.Module, window: tuple[int, int], patches: list[Tensor]) -> DenseForm:
    """Convert a network and compare it with crops on patches.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode; maps windows (n, c, h, w) to logits.
    window : (int, int)
        Height and width in pixels.
    patches : list of Tensor
        Images (1, c, H, W) at least as large as a window; those of 3 x 3 windows show most. One of random pixels sees
        what a flat image hides, one real patch the range of values that is met.

    Returns
    -------
    DenseForm
        With a network only if all logits agree within 1e-5, relative to the largest where that is above 1.
    """
    converted = convert_to_dense(network, window, in_channels=patches[0].shape[1])
    if converted.network is None:
        return DenseForm(None, 0, float("nan"), converted.reason)
    try:
        stride = _stride(converted.network, window, patches[0])
        difference = max(_difference(network, converted.network, window, stride, patch) for patch in patches)
    except (RuntimeError, IndexError, ValueError) as err:
        return DenseForm(None, 0, float("nan"), f"the converted network fails on larger images ({err!s:.80})")
    if stride == 0:
        return DenseForm(None, 0, float("nan"), "the converted network gives no map of windows")
    if not difference <= TOLERANCE:
        reason = f"the converted network differs from crops by {difference:.1g}, and {TOLERANCE:g} is allowed"
        return DenseForm(None, 0, difference, reason)
    return DenseForm(converted.network, stride, difference, "")


def patch_side(side: int, stride: int) -> int:
    """Give the length of a side that holds three windows."""
    return side + (_CELLS - 1) * stride


def arithmetic_ratio(network: nn.Module, form: DenseForm, window: tuple[int, int], *, in_channels: int) -> float:
    """Give the multiply-adds of a crop over those of the window's share in a large image at the network's stride."""
    if form.network is None:
        return 1.0
    # Two images of different size: their difference leaves out what the borders cost.
    sides = [[patch_side(side, form.stride) + cells * form.stride for side in window] for cells in (0, 16)]
    small, large = (multiply_adds(form.network, (in_channels, h, w)) for h, w in sides)
    n_windows = (_CELLS + 16) ** 2 - _CELLS**2
    return multiply_adds(network, (in_channels, *window)) * n_windows / max(large - small, 1)


def as_map(logits: Tensor) -> Tensor:
    """Give maps of logits (n, K, rows, columns), of networks with one logit too."""
    return logits[:, None] if logits.ndim == 3 else logits


def _stride(dense: nn.Module, window: tuple[int, int], like: Tensor) -> int:
    """Find after how many pixels the map gets its next row: the same in both directions, or 0."""
    found = []
    for axis in (0, 1):
        steps: list[int] = []
        for more in range(1, 2 * _LARGEST_STRIDE):
            size = list(window)
            size[axis] += more
            n_cells = as_map(_run(dense, like.new_zeros(1, like.shape[1], *size))).shape[2 + axis]
            if n_cells > len(steps) + 1:
                steps.append(more)
            if len(steps) == 2:
                break
        # The first step is short where the receptive field ends inside the window.
        found.append(steps[1] - steps[0] if len(steps) == 2 else 0)
    return found[0] if found[0] == found[1] else 0


def _difference(network: nn.Module, dense: nn.Module, window: tuple[int, int], stride: int, patch: Tensor) -> float:
    if stride == 0:
        return float("nan")
    rows = patch.unfold(2, window[0], stride).unfold(3, window[1], stride)
    n_rows, n_columns = rows.shape[2:4]
    crops = rows.permute(0, 2, 3, 1, 4, 5).reshape(-1, patch.shape[1], *window)
    single = _run(network, crops)
    single = single.reshape(n_rows, n_columns, -1).permute(2, 0, 1)
    together = as_map(_run(dense, patch))[0, :, :n_rows, :n_columns]
    if together.shape != single.shape:
        return float("nan")
    scale = max(1.0, float(single.abs().max()))
    return float((together - single).abs().max()) / scale


def _run(network: nn.Module, images: Tensor) -> Tensor:
    with exact_inference():
        return network(images)
