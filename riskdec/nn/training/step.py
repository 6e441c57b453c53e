"""One step: a batch goes through the network, and the weights move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from riskdec.nn.offsets import shift_log_odds
from riskdec.nn.training.augmentation import augment
from riskdec.nn.training.order import augmentation_draws, network_seed
from riskdec.nn.training.schedule import one_cycle

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import IntArray
    from riskdec.nn.training.run import Rows, Run


def train_batch(run: Run, rows: Rows, batch: IntArray, own: IntArray, images: Tensor) -> None:
    """Take one step.

    Parameters
    ----------
    run : Run
        Is changed.
    rows : Rows
        The training part.
    batch, own : ndarray of int
        Numbers of the training rows in this batch, and of those that this process works through.
    images : Tensor of shape (m, c, h, w)
        The images of `own`.
    """
    plan, place = run.plan, {"seed": run.plan.seed, "epoch": run.epoch, "batch": run.batch}
    torch.manual_seed(network_seed(**place, rank=run.processes.rank))
    images = run.network.standardise(run.place.put(images))
    if plan.augment:
        images = augment(images, plan.augment, augmentation_draws(**place))
    numbers = torch.from_numpy(own).to(run.place.device)
    targets = rows.codes[numbers]
    weight, offset = (None if part is None else part[numbers] for part in (rows.weight, rows.offset))
    run.optimizer.zero_grad(set_to_none=run.processes.size == 1)
    logits = _backward(run, images, targets, weight, offset, total=_total_weight(rows, batch))
    _move(run, n_steps=plan.max_epochs * plan.n_batches(len(rows.places)))
    run.loss.after_batch(logits, targets, weight)


def _backward(
    run: Run,
    images: Tensor,
    targets: Tensor,
    weight: Tensor | None,
    offset: Tensor | None,
    *,
    total: float | Tensor,
) -> Tensor:
    """Add up the gradient of the batch's mean loss, piece by piece, and give the logits."""
    if not len(targets):
        # More processes than rows are left in the last batch.
        return torch.empty(0)
    parts = []
    for piece in torch.arange(len(targets), device=targets.device).chunk(run.plan.gradient_accumulation):
        # One piece is the whole batch, and slicing it would only copy it.
        whole = len(piece) == len(targets)
        own = images if whole else images[piece]
        labels = targets if whole else targets[piece]
        weights = weight if whole or weight is None else weight[piece]
        with torch.autocast(run.place.device.type, torch.bfloat16, enabled=run.precision == "bfloat16"):
            logits = run.network.body(own)
        logits = logits.float()
        if offset is not None:
            logits = shift_log_odds(logits, offset if whole else offset[piece])
        mass = len(labels) if weights is None else weights.sum()
        loss = run.loss(logits, labels, weights)
        (loss * (mass / total)).backward()
        parts.append(logits.detach())
        _count(run, loss.detach(), parts[-1], labels, weights)
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _count(run: Run, loss: Tensor, logits: Tensor, labels: Tensor, weights: Tensor | None) -> None:
    """Add to the sums of the epoch; they stay tensors, so that nobody waits for the device."""
    right = logits.argmax(dim=1) == labels
    mass = torch.ones_like(right, dtype=run.sums.dtype) if weights is None else weights.to(run.sums.dtype)
    run.sums += torch.stack([loss.to(run.sums.dtype) * mass.sum(), (right * mass).sum(), mass.sum()])


def _total_weight(rows: Rows, batch: IntArray) -> float | Tensor:
    if rows.weight is None:
        return float(len(batch))
    return rows.weight[torch.from_numpy(batch).to(rows.weight.device)].sum()


def _move(run: Run, *, n_steps: int) -> None:
    plan = run.plan
    step = run.epoch * (n_steps // plan.max_epochs) + run.batch
    parameters = [p for p in run.network.parameters() if p.requires_grad]
    if run.processes.size > 1:
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        run.processes.sum([parameter.grad for parameter in parameters])
    if plan.gradient_clip is not None:
        torch.nn.utils.clip_grad_norm_(parameters, plan.gradient_clip)
    for group in run.optimizer.param_groups:
        group["lr"] = plan.learning_rate * one_cycle(step, n_steps)
    run.optimizer.step()
    if run.average is not None:
        run.average.update(run.network, step)
