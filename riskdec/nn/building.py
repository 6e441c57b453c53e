"""The network of a fit and everything that moves it, built and tried on one batch."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from riskdec._base.checks import refuse
from riskdec._base.codes import warn
from riskdec.errors import RiskdecWarning
from riskdec.nn.architectures import build_architecture
from riskdec.nn.devices import Place, takes_channels_last
from riskdec.nn.losses.saddle_point import ConstrainedLoss
from riskdec.nn.network import RiskNetwork
from riskdec.nn.training.average import MovingAverage
from riskdec.nn.training.optimizer import make_optimizer
from riskdec.nn.training.order import network_seed
from riskdec.nn.training.parallel import has_batch_statistics
from riskdec.nn.training.precision import choose_precision
from riskdec.nn.training.run import Run

if TYPE_CHECKING:
    from torch import Tensor, nn

    from riskdec._base.typing import FloatArray
    from riskdec.nn.losses.training_loss import TrainingLoss
    from riskdec.nn.opening import Parts
    from riskdec.nn.training.parallel import Processes
    from riskdec.nn.training.plan import Precision, TrainingPlan


def build_run(
    options: Any,
    plan: TrainingPlan,
    parts: Parts,
    loss: TrainingLoss,
    *,
    device: torch.device,
    processes: Processes,
    precision: Precision | None,
) -> Run:
    """Build a run that stands before its first batch.

    Parameters
    ----------
    options : CNNRiskModel
        Architecture, dropout and precision.
    plan : TrainingPlan
        The settings of the training.
    parts : Parts
        The data.
    loss : TrainingLoss
        What is minimised.
    device : torch.device
        Where.
    processes : Processes
        With whom.
    precision : {"float32", "bfloat16"} or None
        Of the checkpoint that is resumed; None lets the options choose.

    Raises
    ------
    InputError
        If the network does not give one logit per class, or the loss cannot be fitted by several processes.
    """
    source, n_outcomes = parts.training.source, len(parts.counts)
    # A generator's state is no part of a run: each batch sets its own.
    torch.manual_seed(network_seed(seed=plan.seed, epoch=0, batch=0, rank=0))
    body = _body(options, source.shape, _starting_odds(parts))
    network = RiskNetwork(body, parts.mean, parts.scale).to(device)
    images = source.take(parts.training.places[: plan.batch_size])
    standard = network.standardise(images.to(device))
    place = Place(device, takes_channels_last(network.eval().body, standard))
    place.put_network(network)
    _check_logits(network, place.put(standard), n_outcomes)
    processes.from_first([tensor.detach() for tensor in (*network.parameters(), *network.buffers())])
    check_processes(network, loss, processes)
    loss = loss.to(device)
    steps = plan.max_epochs * plan.n_batches(len(parts.training.places))
    return Run(
        network=network,
        loss=loss,
        optimizer=make_optimizer(network, plan),
        average=None if plan.average_decay is None else MovingAverage(network, plan.average_decay),
        place=place,
        precision=precision or choose_precision(options.precision, network, images, place=place, n_steps=steps),
        processes=processes,
        plan=plan,
        sums=torch.zeros(3, dtype=torch.float32 if device.type == "mps" else torch.float64, device=device),
    )


def _starting_odds(parts: Parts) -> FloatArray:
    """Give odds of the outcomes for the first step: their counts, less what offsets add to them on average."""
    offset = parts.training.offset
    return parts.counts if offset is None else parts.counts * np.exp([0.0, -float(offset.mean())])


def _body(options: Any, shape: tuple[int, int, int], counts: FloatArray) -> nn.Module:
    if isinstance(options.architecture, torch.nn.Module):
        if options.dropout:
            raise refuse("dropout", "be 0 with an architecture of your own", options.dropout, "Build it in there.")
        # What the caller passed stays as it was.
        return copy.deepcopy(options.architecture)
    body = build_architecture(
        options.architecture,
        in_channels=shape[0],
        image_size=shape[1:],
        n_outcomes=len(counts),
        dropout=options.dropout,
    )
    start_at_base_rates(body, counts)
    return body


def start_at_base_rates(body: nn.Module, counts: FloatArray) -> None:
    """Let the last layer begin with the log frequencies of the outcomes.

    Otherwise the first steps teach every feature that a rare outcome is rare, and features that answer to it alone may
    never come back: on one digit against nine, two of five seeds ended with risks of at most one half.
    """
    last = [layer for layer in body.modules() if isinstance(layer, (torch.nn.Linear, torch.nn.Conv2d))][-1]
    if last.bias is not None and len(last.bias) == len(counts):
        with torch.no_grad():
            last.bias.copy_(torch.from_numpy(np.log(counts / counts.sum())))


def _check_logits(network: RiskNetwork, images: Tensor, n_outcomes: int) -> None:
    with torch.no_grad():
        found = tuple(network.body(images).shape)
    if found != (len(images), n_outcomes):
        cure = "Two outcomes have two logits here." if n_outcomes == 2 else "Its last layer needs one output per class."
        raise refuse("architecture", f"give logits of shape {(len(images), n_outcomes)}", f"shape {found}", cure)


def check_processes(network: nn.Module, loss: TrainingLoss, processes: Processes) -> None:
    """Refuse what several processes cannot fit together, and warn of what they fit otherwise than one."""
    if processes.size == 1:
        return
    # Losses with constraints bring their own state together, batch by batch.
    if not isinstance(loss, ConstrainedLoss) and any(True for _ in loss.parameters()):
        cure = "Fit in one process."
        raise refuse("loss", "have no state of its own in several processes", type(loss).__name__, cure)
    if has_batch_statistics(network):
        message = (
            f"the network has BatchNorm and is fitted by {processes.size} processes: each normalises by its own share "
            "of a batch, so the weights are not those of one process. The fit is a valid one of another network; "
            "networks without BatchNorm agree within rounding."
        )
        warn("RD613", message, RiskdecWarning)
