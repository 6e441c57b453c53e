"""One epoch: every training row once, in an order of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.progress import progress
from riskdec.nn.images.ahead import ahead
from riskdec.nn.training.order import epoch_order
from riskdec.nn.training.step import train_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from riskdec._base.typing import IntArray
    from riskdec.nn.training.run import Rows, Run


def train_epoch(run: Run, rows: Rows, after_batch: Callable[[], None]) -> None:
    """Work through the rest of the epoch that the run stands in.

    Parameters
    ----------
    run : Run
        Is changed; at the end it stands behind the last batch.
    rows : Rows
        The training part.
    after_batch : callable
        Called when the run stands before the next batch.
    """
    run.network.train()
    n_batches = run.plan.n_batches(len(rows.places))
    label = f"epoch {run.epoch + 1} of {run.plan.max_epochs}"
    batches = ahead(_batches(run, rows), in_background=rows.source.decodes)
    if run.processes.is_first:
        batches = progress(batches, label=label, total=n_batches - run.batch)
    for batch, own, images in batches:
        train_batch(run, rows, batch, own, images)
        run.batch += 1
        after_batch()


def _batches(run: Run, rows: Rows) -> Iterator[tuple[IntArray, IntArray, Tensor]]:
    """Yield rows of each batch to come, those of this process, and their images."""
    order = epoch_order(len(rows.places), seed=run.plan.seed, epoch=run.epoch)
    size = run.plan.batch_size
    for start in range(run.batch * size, len(order), size):
        batch = order[start : start + size]
        own = run.processes.share(batch)
        yield batch, own, rows.source.take(rows.places[own])
