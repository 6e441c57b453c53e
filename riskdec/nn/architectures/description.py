"""What a network consists of: one row per layer that holds numbers, for summaries and for files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec._base.table import Table, count

if TYPE_CHECKING:
    from torch import nn


def layer_rows(module: nn.Module) -> list[dict[str, Any]]:
    """List the layers of a network that hold no further layers, as JSON-ready values.

    Networks whose rows agree in ``name``, ``kind`` and ``shapes`` take each other's weights; a file keeps the rows to
    tell a reader who brings a network of their own where it differs.

    Returns
    -------
    list of dict
        ``name`` (dotted place), ``kind`` (class), ``shapes`` (of each parameter and buffer), ``n_parameters``, and
        ``options`` as this release of torch prints them: for reading, not for comparing.

    Examples
    --------
    >>> from torch import nn
    >>> layer_rows(nn.Sequential(nn.Linear(3, 2), nn.ReLU()))[0]["n_parameters"]
    8
    """
    leaves = [(name, layer) for name, layer in module.named_modules() if not any(True for _ in layer.children())]
    return [
        {
            "name": name,
            "kind": type(layer).__name__,
            "shapes": {key: list(values.shape) for key, values in layer.state_dict().items()},
            "options": layer.extra_repr(),
            "n_parameters": sum(values.numel() for values in layer.parameters()),
        }
        for name, layer in leaves
    ]


def describe(module: nn.Module) -> Table:
    """Give the layers of a network as a table, with the number of parameters of each.

    Parameters
    ----------
    module : torch.nn.Module
        Any network.

    Returns
    -------
    Table
        One line per layer in the order of registration, and the total.

    Examples
    --------
    >>> from torch import nn
    >>> print(describe(nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())))
    Sequential: 80 parameters
           layer                               options  parameters
    0     Conv2d  1, 8, kernel_size=(3, 3), stride=(1, 1)          80
    1       ReLU                                                    0
    """
    rows = layer_rows(module)
    total = sum(values.numel() for values in module.parameters())
    return Table(
        title=f"{type(module).__name__}: {count(total)} parameters",
        header=("", "layer", "options", "parameters"),
        rows=tuple((row["name"], row["kind"], row["options"], count(row["n_parameters"])) for row in rows),
    )
