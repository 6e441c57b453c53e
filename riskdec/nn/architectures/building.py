"""Networks by name: what a network was built from, and the one function that builds it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_integer, check_number, check_option, refuse
from riskdec.nn.architectures.residual import ResidualNetwork
from riskdec.nn.architectures.small import SmallNetwork
from riskdec.nn.architectures.valid import ValidNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

_NETWORKS: dict[str, type[SmallNetwork] | type[ValidNetwork] | type[ResidualNetwork]] = {
    "small": SmallNetwork,
    "valid": ValidNetwork,
    "resnet": ResidualNetwork,
}


@dataclass(frozen=True, kw_only=True)
class ArchitectureArguments:
    """What a built-in network is made from; with the weights it is all that a file has to hold.

    Attributes
    ----------
    name : {"small", "valid", "resnet"}
        The architecture.
    in_channels : int
        Channels of an image: 1 for gray, 3 for colour.
    image_size : (int, int)
        Height and width of an image in pixels.
    n_outcomes : int
        Number of logits per image, at least 2.
    dropout : float
        Probability in [0, 1) with which a feature is left out in training.
    """

    name: str
    in_channels: int
    image_size: tuple[int, int]
    n_outcomes: int
    dropout: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Give the arguments as JSON-ready values.

        >>> arguments = ArchitectureArguments(name="small", in_channels=1, image_size=(28, 28), n_outcomes=2)
        >>> arguments.to_dict()["image_size"]
        [28, 28]
        """
        return {**asdict(self), "image_size": list(self.image_size)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ArchitectureArguments:
        """Read what `to_dict` gave; `build_from` checks the values."""
        return cls(**{**stored, "image_size": tuple(stored["image_size"])})


def build_architecture(
    name: str, *, in_channels: int, image_size: tuple[int, int], n_outcomes: int, dropout: float = 0.0
) -> nn.Module:
    """Build a network with fresh weights, drawn from torch's global generator.

    Parameters
    ----------
    name : {"small", "valid", "resnet"}
        ``"small"``: strided convolutions and a dense layer, without BatchNorm and pooling; the fastest on a CPU.
        ``"valid"``: convolutions without padding, whose receptive field is one image; it scans whole scenes.
        ``"resnet"``: residual blocks with BatchNorm and a global average.
    in_channels : int
        Channels of an image.
    image_size : (int, int)
        Height and width in pixels.
    n_outcomes : int
        K >= 2; a binary outcome has two logits.
    dropout : float
        Probability in [0, 1) with which a feature before the last layers is left out in training.

    Returns
    -------
    torch.nn.Module
        Maps images of shape (n, in_channels, height, width) to logits of shape (n, K). Its attribute `arguments`
        holds what it was built from.

    Raises
    ------
    InputError
        For unknown names, sizes below what the architecture can take, and dropout outside [0, 1).

    Examples
    --------
    >>> import torch
    >>> network = build_architecture("small", in_channels=1, image_size=(28, 28), n_outcomes=2)
    >>> tuple(network(torch.zeros(5, 1, 28, 28)).shape)
    (5, 2)
    """
    arguments = ArchitectureArguments(
        name=name, in_channels=in_channels, image_size=image_size, n_outcomes=n_outcomes, dropout=dropout
    )
    return build_from(arguments)


def build_from(arguments: ArchitectureArguments) -> nn.Module:
    """Build a network from its arguments, which may come from a file and are checked."""
    kind = _NETWORKS[check_option(arguments.name, _NETWORKS, name="architecture")]
    height, width = arguments.image_size
    checked = ArchitectureArguments(
        name=arguments.name,
        in_channels=check_integer(arguments.in_channels, name="in_channels", low=1),
        image_size=(check_integer(height, name="image height", low=1), check_integer(width, name="image width", low=1)),
        n_outcomes=check_integer(arguments.n_outcomes, name="n_outcomes", low=2),
        dropout=check_number(arguments.dropout, name="dropout", low=0, high=1),
    )
    if checked.dropout == 1:
        raise refuse("dropout", "be below 1", 1, "At 1 no feature is left to learn from.")
    kind.check_size(checked.image_size)
    network = kind(checked.in_channels, checked.image_size, checked.n_outcomes, checked.dropout)
    network.arguments = checked
    return network
