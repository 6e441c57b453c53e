"""What the held-out part says after an epoch: the log loss as it is, and what calibration cannot repair of it."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from riskdec.errors import RiskdecWarning
from riskdec.nn.calibration_layers import fit_calibration_layer
from riskdec.nn.images.ahead import ahead
from riskdec.nn.offsets import fit_offset_layer, shift_log_odds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.nn.devices import Place
    from riskdec.nn.images.source import ImageSource
    from riskdec.nn.losses.training_loss import TrainingLoss
    from riskdec.nn.network import RiskNetwork
    from riskdec.nn.training.run import Rows, Run

_BATCH = 256


class HeldOut(NamedTuple):
    """Figures of the held-out part.

    Attributes
    ----------
    log_loss, refinement, accuracy : float
        As in `EpochRow`.
    """

    log_loss: float
    refinement: float
    accuracy: float


def validate(run: Run, held_out: Rows) -> HeldOut:
    """Judge the network, or the average of its weights, on the held-out part."""
    raw = run_logits(run, held_out.source, held_out.places)
    # Not every device knows float64, so the way back from the loss is taken on the CPU.
    loss = run.loss if run.place.device.type == "cpu" else copy.deepcopy(run.loss).cpu()
    return judge(log_odds_of_classes(loss, raw), held_out)


def run_logits(run: Run, source: ImageSource, places: IntArray) -> Tensor:
    """Give the logits (n, K) of some images by the network as it stands, or by the average of its weights."""
    if run.average is not None:
        run.average.swap(run.network)
    try:
        return network_logits(run.network, source, places, run.place)
    finally:
        if run.average is not None:
            run.average.swap(run.network)


def judge(logits: Tensor, held_out: Rows) -> HeldOut:
    """Give the figures of logits (n, K) that stand for probabilities, with the offsets of the rows added."""
    weight = None if held_out.weight is None else held_out.weight.cpu().numpy().astype(np.float64)
    codes = held_out.codes.cpu().numpy()
    offset = None if held_out.offset is None else held_out.offset.cpu().double()
    with warnings.catch_warnings(), torch.no_grad():
        # What a temperature of an epoch in passing has to say is no news; that of the epoch kept is told.
        warnings.simplefilter("ignore", RiskdecWarning)
        if offset is None:
            layer = fit_calibration_layer("temperature", logits.numpy(), codes, weight, weight_kind="importance")
            tempered = layer(logits)
        else:
            layer = fit_offset_layer("temperature", logits.numpy(), codes, weight, offset.numpy())
            tempered, logits = (shift_log_odds(found, offset) for found in (layer(logits), logits))
    right = (logits.argmax(dim=1).numpy() == codes).astype(np.float64)
    return HeldOut(
        log_loss=_mean_log_loss(logits, codes, weight),
        refinement=_mean_log_loss(tempered, codes, weight),
        accuracy=float(np.average(right, weights=weight)),
    )


def network_logits(network: RiskNetwork, source: ImageSource, places: IntArray, put: Place) -> Tensor:
    """Give the logits of some images, float64 on the CPU: shape (n, K).

    Whatever the precision of training, this is float32 arithmetic: bfloat16 moves logits by about 1e-3.
    """
    network.eval()
    with torch.inference_mode():
        batches = ahead(_batches(source, places), in_background=source.decodes)
        parts = [network(put.put(images)).float().cpu() for images in batches]
    # Past inference mode, so that a calibration layer can be fitted to them.
    return torch.cat(parts).double().clone()


def log_odds_of_classes(loss: TrainingLoss, logits: Tensor) -> Tensor:
    """Give logits whose softmax is a probability: what the loss did to its minimiser is undone where that is known.

    The loss has to be on the CPU, as the logits are.
    """
    with torch.no_grad():
        proper = loss.to_logits(logits)
    return logits if proper is None else proper


def _batches(source: ImageSource, places: IntArray) -> Iterator[Tensor]:
    for start in range(0, len(places), _BATCH):
        yield source.take(places[start : start + _BATCH])


def _mean_log_loss(logits: Tensor, codes: IntArray, weight: FloatArray | None) -> float:
    chosen = logits.log_softmax(dim=1).numpy()[np.arange(len(codes)), codes]
    return float(np.average(-chosen, weights=weight))
