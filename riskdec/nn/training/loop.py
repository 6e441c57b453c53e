"""The loop: epochs until the plan is done, nothing improves, or somebody presses Ctrl-C."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from riskdec._base.checks import refuse
from riskdec.models.callbacks import subtask
from riskdec.nn.training.epoch import train_epoch
from riskdec.nn.training.history import EpochRow
from riskdec.nn.training.schedule import one_cycle
from riskdec.nn.training.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from riskdec.nn.training.run import Rows, Run


def train(run: Run, training: Rows, held_out: Rows, *, after_batch: Callable[[], None]) -> str:
    """Train from where the run stands, and leave the network as it was in the best epoch.

    Parameters
    ----------
    run : Run
        Is changed.
    training, held_out : Rows
        What the weights are fitted to, and what chooses the epoch.
    after_batch : callable
        Called after each step; writes checkpoints.

    Returns
    -------
    {"all epochs", "no improvement", "interrupted", "stopped by a callback"}
        Why training ended.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C comes before the first epoch is finished: there is nothing to keep yet.
    InputError
        If the loss is no longer a number.
    """
    ended = "all epochs"
    try:
        while run.epoch < run.plan.max_epochs:
            if run.has_stalled:
                ended = "no improvement"
                break
            with subtask("epoch") as task:
                one_epoch(run, training, held_out, after_batch)
            # Processes that fit together have to end together.
            if task is not None and task.is_to_stop and run.processes.size == 1:
                ended = "stopped by a callback"
                break
    except KeyboardInterrupt:
        if not run.rows or run.processes.size > 1:
            raise
        ended = "interrupted"
    keep_best(run)
    return ended


def one_epoch(run: Run, training: Rows, held_out: Rows, after_batch: Callable[[], None]) -> None:
    """Finish the epoch that the run stands in, judge it, and remember its weights if they are the best."""
    start = time.perf_counter()
    train_epoch(run, training, after_batch)
    run.processes.sum([run.sums])
    loss, right, mass = run.sums.tolist()
    _check_finite(run, loss)
    run.loss.after_epoch()
    found = validate(run, held_out)
    step = (run.epoch + 1) * run.plan.n_batches(len(training.places)) - 1
    n_steps = run.plan.max_epochs * run.plan.n_batches(len(training.places))
    row = EpochRow(
        epoch=run.epoch + 1,
        train_loss=loss / mass,
        train_accuracy=right / mass,
        **found._asdict(),
        learning_rate=run.plan.learning_rate * one_cycle(step, n_steps),
        seconds=time.perf_counter() - start,
    )
    # The row counts once the weights are remembered, and then the run stands before the next epoch: Ctrl-C
    # between two of these lines leaves a run that can be used.
    if not run.rows or row.refinement < min(earlier.refinement for earlier in run.rows):
        run.best = _snapshot(run)
    run.rows.append(row)
    run.epoch, run.batch = run.epoch + 1, 0
    run.sums.zero_()


def keep_best(run: Run) -> None:
    """Give the network and the loss the state of the best epoch."""
    parts: dict[str, dict[str, torch.Tensor]] = {"network": {}, "loss": {}}
    for name, tensor in run.best.items():
        group, key = name.split("|", 1)
        parts[group][key] = tensor
    run.network.load_state_dict(parts["network"])
    run.loss.load_state_dict(parts["loss"])
    run.network.eval()


def _snapshot(run: Run) -> dict[str, torch.Tensor]:
    if run.average is not None:
        run.average.swap(run.network)
    states = {"network": run.network.state_dict(), "loss": run.loss.state_dict()}
    kept = {f"{group}|{name}": tensor.clone() for group, state in states.items() for name, tensor in state.items()}
    if run.average is not None:
        run.average.swap(run.network)
    return kept


def _check_finite(run: Run, loss: float) -> None:
    if not math.isfinite(loss):
        got = f"{run.plan.learning_rate} and a loss of {loss} in epoch {run.epoch + 1}"
        cure = "Lower it, or set gradient_clip=1.0."
        raise refuse("learning_rate", "be small enough for the loss to stay finite", got, cure)
