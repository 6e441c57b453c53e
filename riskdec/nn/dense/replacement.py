"""What takes the place of a layer that depends on the size of a window, and which layers nothing can replace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import fx

_PADS = (nn.ZeroPad2d, nn.ConstantPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d, nn.CircularPad2d)
_OWN_STATISTICS = (nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d, nn.LocalResponseNorm)
_POOLS = (nn.MaxPool2d, nn.AvgPool2d)
_GLOBAL_POOLS = (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


class NoDenseFormError(Exception):
    """A layer has no dense form; the message names it."""


def replace_layer(
    node: fx.Node,
    layer: nn.Module | None,
    *,
    before: tuple[int, ...],
    after: tuple[int, ...],
    features: tuple[int, int, int] | None,
) -> nn.Module | None:
    """Give the layer that does to a whole image what this one does to a window; None if it may stay.

    Parameters
    ----------
    node : torch.fx.Node
        The call in the graph.
    layer : torch.nn.Module or None
        What is called, where it is a layer.
    before, after : tuple of int
        Shape of its input and output for one window.
    features : (int, int, int) or None
        Channels, height and width of the map that was laid in a row before, if one was.

    Raises
    ------
    NoDenseFormError
        For layers that treat a window otherwise than the same window in its scene.
    """
    if layer is None:
        return _replace_call(node, before, after)
    _refuse_borders(node, layer)
    if isinstance(layer, _GLOBAL_POOLS) and len(before) == 4:
        if after[2:] != (1, 1):
            raise NoDenseFormError(f"{_name(node, layer)} pools every image to one size")
        return _pool_all(before, largest=isinstance(layer, nn.AdaptiveMaxPool2d))
    if isinstance(layer, nn.Linear):
        if features is None or len(before) != 2:
            raise NoDenseFormError(f"{_name(node, layer)} works along the rows of a map")
        return _as_convolution(layer, features)
    if isinstance(layer, nn.BatchNorm1d):
        if features is None or features[1:] != (1, 1):
            raise NoDenseFormError(f"{_name(node, layer)} normalises pixel by pixel")
        return _as_map_norm(layer)
    return None


def _refuse_borders(node: fx.Node, layer: nn.Module) -> None:
    if isinstance(layer, _PADS) or (isinstance(layer, (nn.Conv2d, *_POOLS)) and _pads(layer)):
        rule = "pads with zeros: a window cut out of an image has other borders than in it"
        raise NoDenseFormError(f"{_name(node, layer)} {rule}")
    if isinstance(layer, _POOLS) and layer.ceil_mode:
        raise NoDenseFormError(f"{_name(node, layer)} rounds up at the border of a window (ceil_mode)")
    if isinstance(layer, _OWN_STATISTICS):
        raise NoDenseFormError(f"{_name(node, layer)} normalises by the statistics of one window")


def _pads(layer: Any) -> bool:
    padding = layer.padding
    if isinstance(padding, str):
        return bool(padding == "same" and max(layer.kernel_size) > 1)
    return bool(max(padding) > 0 if isinstance(padding, tuple) else padding > 0)


def _replace_call(node: fx.Node, before: tuple[int, ...], after: tuple[int, ...]) -> nn.Module | None:
    """Replace the calls of global pooling that networks write without a layer."""
    called = node.target if isinstance(node.target, str) else node.target.__name__
    pools_all = len(before) == 4 and (after[2:] == (1, 1) or after == before[:2]) and before[2:] != (1, 1)
    if pools_all and called in ("mean", "adaptive_avg_pool2d"):
        return _pool_all(before, largest=False)
    if pools_all and called in ("amax", "adaptive_max_pool2d"):
        return _pool_all(before, largest=True)
    return None


def _pool_all(before: tuple[int, ...], *, largest: bool) -> nn.Module:
    return (nn.MaxPool2d if largest else nn.AvgPool2d)(before[2:], stride=1)


def _as_convolution(layer: nn.Linear, features: tuple[int, int, int]) -> nn.Conv2d:
    weight = layer.weight.detach()
    made = nn.Conv2d(features[0], layer.out_features, features[1:], bias=layer.bias is not None)
    made = made.to(weight)
    with torch.no_grad():
        made.weight.copy_(weight.reshape(layer.out_features, *features))
        if layer.bias is not None and made.bias is not None:
            made.bias.copy_(layer.bias)
    return made.eval()


def _as_map_norm(layer: nn.BatchNorm1d) -> nn.BatchNorm2d:
    made = nn.BatchNorm2d(
        layer.num_features, eps=layer.eps, affine=layer.affine, track_running_stats=layer.track_running_stats
    )
    made.load_state_dict(layer.state_dict())
    reference = next(iter(layer.state_dict().values()), torch.zeros(1))
    return made.to(reference.device).eval()


def _name(node: fx.Node, layer: nn.Module) -> str:
    return f'{type(layer).__name__} "{node.target}"'
