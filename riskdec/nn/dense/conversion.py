"""A network for one window becomes a network for whole images, layer by layer, or says which layer forbids it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from riskdec.nn.dense.replacement import NoDenseFormError, replace_layer

if TYPE_CHECKING:
    from torch import Tensor


class Conversion(NamedTuple):
    """What became of a network.

    Attributes
    ----------
    network : torch.nn.Module or None
        Maps images (n, c, H, W) to maps of logits (n, K, rows, columns); None if there is no such form.
    reason : str
        Why there is none, with the layer that forbids it; empty otherwise.
    """

    network: nn.Module | None
    reason: str


def convert_to_dense(network: nn.Module, window: tuple[int, int], *, in_channels: int) -> Conversion:
    """Rewrite a network of one window so that one pass over an image gives the logits of all its windows.

    Flattening and a linear layer become a convolution over the map of features that one window has; global pooling
    becomes pooling over that map; what works pixel by pixel stays as it is. Zero padding and normalisation by the
    statistics of an image have no dense form: a window cut out differs there from the same window in its scene.

    Parameters
    ----------
    network : torch.nn.Module
        Maps windows (n, c, h, w) to logits (n, K) or (n,). It is left as it is.
    window : (int, int)
        Height and width of a window in pixels.
    in_channels : int
        Channels of an image.

    Returns
    -------
    Conversion
        The dense network in evaluation mode. Operations that are not known here are kept: whether the result is right
        is for `prove_dense` to measure.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 3 * 3, 2))
    >>> dense = convert_to_dense(network, (8, 8), in_channels=1).network
    >>> tuple(dense(torch.zeros(1, 1, 20, 12)).shape)
    (1, 2, 7, 3)
    >>> convert_to_dense(nn.Sequential(nn.Conv2d(1, 2, 3, padding=1)), (8, 8), in_channels=1).reason
    'Conv2d "0" pads with zeros: a window cut out of an image has other borders than in it'
    """
    copied = copy.deepcopy(network).eval()
    try:
        traced = fx.symbolic_trace(copied)
    except (fx.proxy.TraceError, TypeError, RuntimeError, NotImplementedError) as err:
        return Conversion(None, f"the forward pass of {type(network).__name__} cannot be traced ({err!s:.80})")
    example = torch.zeros(1, in_channels, *window, device=_device(copied))
    try:
        with torch.no_grad():
            ShapeProp(traced).propagate(example)
        _rewrite(traced)
    except NoDenseFormError as err:
        return Conversion(None, str(err))
    except RuntimeError as err:
        return Conversion(None, f"the network does not take one window ({err!s:.80})")
    return Conversion(traced, "")


def _rewrite(traced: fx.GraphModule) -> None:
    """Replace every node of the graph that depends on the size of the image."""
    flat: dict[fx.Node, tuple[int, int, int]] = {}
    for node in list(traced.graph.nodes):
        if node.op not in ("call_module", "call_function", "call_method"):
            continue
        layer = traced.get_submodule(node.target) if node.op == "call_module" else None
        source = next((arg for arg in node.args if isinstance(arg, fx.Node)), None)
        before, after = _shape(source), _shape(node)
        if before is None or after is None or source is None:
            continue
        if _flattens(before, after):
            _replace(traced, node, source, nn.Identity())
            flat[node] = before[1:] if len(before) == 4 else flat[source]
            continue
        new = replace_layer(node, layer, before=before, after=after, features=flat.get(source))
        if new is not None:
            _replace(traced, node, source, new)
        if len(after) == 2 and source in flat:
            # A layer that keeps the number of features works on each of them; any other gives new ones.
            flat[node] = flat[source] if new is None and after == before else (after[1], 1, 1)
        elif len(after) == 2 and len(before) == 4:
            flat[node] = (after[1], 1, 1)
    traced.graph.eliminate_dead_code()
    traced.graph.lint()
    traced.recompile()


def _flattens(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Tell whether a node only lays the features of a window in a row; global pooling changes their number."""
    return len(before) == 4 and len(after) == 2 and before[1] * before[2] * before[3] == after[1]


def _replace(traced: fx.GraphModule, node: fx.Node, source: fx.Node, layer: nn.Module) -> None:
    name = f"dense_{node.name}"
    traced.add_submodule(name, layer)
    node.op, node.target, node.args, node.kwargs = "call_module", name, (source,), {}


def _shape(node: fx.Node | None) -> tuple[int, ...] | None:
    found: Any = None if node is None else node.meta.get("tensor_meta")
    return tuple(found.shape) if isinstance(found, fx.passes.shape_prop.TensorMetadata) else None


def _device(network: nn.Module) -> torch.device:
    first: Tensor | None = next(iter((*network.parameters(), *network.buffers())), None)
    return torch.device("cpu") if first is None else first.device
