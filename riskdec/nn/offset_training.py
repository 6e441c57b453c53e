"""Training a binary network on rows that were kept at known rates, so that its logit is that of all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from riskdec._base.checks import check_integer, check_number, check_numbers, check_outcome, check_rng, refuse
from riskdec.nn.architectures import build_architecture
from riskdec.nn.network import RiskNetwork
from riskdec.nn.training.schedule import one_cycle

if TYPE_CHECKING:
    from torch import Tensor, nn

    from riskdec._base.typing import AnyArray, ArrayLike


def train_with_offset(
    images: AnyArray,
    y_true: ArrayLike,
    offset: ArrayLike,
    *,
    architecture: Any = "valid",
    max_epochs: int = 14,
    batch_size: int = 128,
    learning_rate: float = 2e-3,
    weight_decay: float = 0.01,
    dropout: float = 0.2,
    random_state: Any = None,
) -> nn.Module:
    r"""Minimise the log loss of ``f(x) + offset(x)``: f is then the log odds among all rows, not among those kept.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, c)
        Rows that were kept.
    y_true : array-like of shape (n,)
        0/1 or False/True.
    offset : array-like of shape (n,)
        Log of the rate at which an event that looks like the row is kept over that of a non-event: for events kept
        for sure, and others kept at the rate a0(x), ``-log a0(x)``, in the rows of events too.
    architecture : {"valid", "small", "resnet"} or torch.nn.Module
        The network, with two logits. A module is trained in place.
    max_epochs, batch_size, learning_rate, weight_decay, dropout
        As in `CNNRiskModel`; the optimiser is AdamW on a one-cycle schedule.
    random_state : int, Generator or None
        Seeds the first weights, the order and dropout.

    Returns
    -------
    torch.nn.Module
        In evaluation mode: images (n, c, h, w), as they come, to logits (n, 2) whose difference is f.

    Raises
    ------
    InputError
        For lengths that do not fit, rows of one outcome only, and a loss that is no longer finite.

    Notes
    -----
    If rows are kept with probability :math:`a_y(x)`, the log odds among the kept rows are
    :math:`f(x) + \log a_1(x) / a_0(x)` with f those among all rows (Bayes). So every rule of keeping is undone exactly
    by its own offset, whatever made it: chance, a pilot network, or both.

    References
    ----------
    W. Fithian and T. Hastie, Local case-control sampling: efficient subsampling in imbalanced data sets, Annals of
    Statistics 42 (2014), 1693-1724. doi:10.1214/14-AOS1220

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 64)
    >>> images = rng.normal(size=(64, 12, 12)) + y[:, None, None]
    >>> network = train_with_offset(images, y, np.zeros(64), max_epochs=1, random_state=0)
    >>> tuple(network(torch.zeros(1, 1, 12, 12)).shape)
    (1, 2)
    """
    pixels = _channels_first(images)
    event = check_outcome(y_true, n=len(pixels)).is_event
    shift = check_numbers(offset, name="offset", n=len(pixels))
    if event.all() or not event.any():
        raise refuse("y_true", "hold both outcomes", f"{int(event.sum())} events in {len(event)} rows")
    epochs = check_integer(max_epochs, name="max_epochs", low=1)
    size = check_integer(batch_size, name="batch_size", low=1)
    rate = check_number(learning_rate, name="learning_rate", low=0, open_low=True)
    seed = int(check_rng(random_state, name="random_state").integers(2**62))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = _network(architecture, pixels, dropout=check_number(dropout, name="dropout", low=0, high=1))
        _start(network, float(event.mean()), float(shift.mean()))
        rows = (torch.from_numpy(pixels), torch.tensor(event, dtype=torch.float32), torch.tensor(shift).float())
        optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=weight_decay)
        _train(network, optimiser, rows, epochs=epochs, size=size, rate=rate)
    return network.eval()


def _train(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    rows: tuple[Tensor, Tensor, Tensor],
    *,
    epochs: int,
    size: int,
    rate: float,
) -> None:
    images, event, shift = rows
    n_steps, step = epochs * -(-len(event) // size), 0
    network.train()
    for _ in range(epochs):
        for places in torch.randperm(len(event)).split(size):
            for group in optimiser.param_groups:
                group["lr"] = rate * one_cycle(step, n_steps)
            logits = network(images[places])
            loss = binary_cross_entropy_with_logits(logits[:, 1] - logits[:, 0] + shift[places], event[places])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
        if not torch.isfinite(loss):
            raise refuse("learning_rate", "be small enough for the loss to stay finite", rate, "Lower it.")


def _network(architecture: Any, pixels: AnyArray, *, dropout: float) -> RiskNetwork:
    if isinstance(architecture, torch.nn.Module):
        body = architecture
    else:
        body = build_architecture(
            architecture,
            in_channels=pixels.shape[1],
            image_size=(pixels.shape[2], pixels.shape[3]),
            n_outcomes=2,
            dropout=dropout,
        )
    mean = pixels.mean(axis=(0, 2, 3), dtype=np.float64)
    scale = pixels.std(axis=(0, 2, 3), dtype=np.float64)
    return RiskNetwork(body, mean, np.where(scale > 0, scale, 1.0))


def _start(network: RiskNetwork, event_rate: float, offset: float) -> None:
    """Let the last layer begin with the log odds of the rows kept, less the offset that will be added to them."""
    last = [layer for layer in network.modules() if isinstance(layer, (torch.nn.Linear, torch.nn.Conv2d))][-1]
    if last.bias is not None and len(last.bias) == 2:
        half = (np.log(event_rate / (1 - event_rate)) - offset) / 2
        with torch.no_grad():
            last.bias.copy_(torch.tensor([-half, half]))


def _channels_first(images: AnyArray) -> AnyArray:
    pixels = np.asarray(images)
    if pixels.ndim not in (3, 4) or not len(pixels):
        raise refuse("images", "have shape (n, h, w) or (n, h, w, c)", f"shape {pixels.shape}")
    stacked = pixels[:, None] if pixels.ndim == 3 else np.moveaxis(pixels, -1, 1)
    # A copy: torch wants rows that it might write to, and those of an answer are locked.
    return np.array(stacked, dtype=np.float32, order="C")
