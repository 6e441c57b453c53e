"""What each epoch of a training run showed, and which one was kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from riskdec._base.result import Framed, jsonable
from riskdec._base.table import Table, count, number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochRow:
    """One pass over the training part.

    Attributes
    ----------
    epoch : int
        From 1.
    train_loss, train_accuracy : float
        Mean loss and share of right classes while the network changed, dropout and augmentation included.
    log_loss : float
        Mean negative log-likelihood of the held-out part, in nats, as the network gives it.
    refinement : float
        The same after a temperature has been fitted to it: what calibration afterwards cannot repair.
    accuracy : float
        Share of right classes in the held-out part.
    learning_rate : float
        At the last step of the epoch.
    seconds : float
        Wall time, validation included.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    log_loss: float
    refinement: float
    accuracy: float
    learning_rate: float
    seconds: float


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class TrainingHistory(Framed):
    """The epochs of a training run.

    `frame` gives one line per epoch, with the attributes of `EpochRow`.

    Attributes
    ----------
    rows : tuple of EpochRow
        One for each epoch finished.
    best_epoch : int
        The epoch whose weights were kept: that of the least refinement (Berta, Holzmüller, Jordan, Bach 2025, arXiv
        2501.19195). Choosing by the raw log loss would reward early epochs for being calibrated, which is repaired
        afterwards anyway.
    ended : {"all epochs", "no improvement", "interrupted", "stopped by a callback"}
        Why training ended.
    n_train, n_held_out : int
        Images that the weights were fitted to, and images that chose the epoch and the calibration layer.
    precision : {"float32", "bfloat16"}
        Of the arithmetic in training.
    device : str
        Where it ran.
    n_processes, n_threads : int
        Processes that shared the work, and threads of each.
    by_class : tuple of float or None
        Class weights in the loss, in the order of the classes.
    seed : int
        Of everything random; the same seed, data and versions give the same weights.
    """

    rows: tuple[EpochRow, ...]
    best_epoch: int
    ended: str
    n_train: int
    n_held_out: int
    precision: str
    device: str
    n_processes: int
    n_threads: int
    by_class: tuple[float, ...] | None
    seed: int

    @property
    def best(self) -> EpochRow:
        """The row of the epoch that was kept."""
        return self.rows[self.best_epoch - 1]

    def _headline(self) -> str:
        return f"{len(self.rows)} epochs, refinement {number(self.best.refinement)} in epoch {self.best_epoch}"

    def summary(self) -> Table:
        """Give one line per epoch; a star marks the one kept."""
        header = ("epoch", "loss", "accuracy", "held-out log loss", "after temperature", "accuracy", "seconds")
        kept = f"* kept: the least held-out log loss after a temperature. Training ended by: {self.ended}."
        parts = f"{count(self.n_train)} images to fit the weights, {count(self.n_held_out)} held out."
        where = f"{self.precision} on {self.device}, {self.n_processes} process(es) of {self.n_threads} thread(s)."
        return Table(
            title="Training history", header=header, rows=tuple(map(self._line, self.rows)), notes=(kept, parts, where)
        )

    def _line(self, row: EpochRow) -> tuple[str, ...]:
        return (
            f"{row.epoch}{' *' if row.epoch == self.best_epoch else ''}",
            number(row.train_loss),
            percent(row.train_accuracy),
            number(row.log_loss),
            number(row.refinement),
            percent(row.accuracy),
            f"{row.seconds:.1f}",
        )

    def _columns(self) -> dict[str, Any]:
        names = EpochRow.__slots__
        return {name: [getattr(row, name) for row in self.rows] for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Give rows and settings as plain numbers and text."""
        return {"rows": [jsonable(asdict(row)) for row in self.rows], **self._plain_fields("rows")}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> TrainingHistory:
        """Build the answer from what `to_dict` gave."""
        by_class = stored["by_class"]
        return cls(
            **{
                **stored,
                "rows": tuple(EpochRow(**row) for row in stored["rows"]),
                "by_class": None if by_class is None else tuple(by_class),
            }
        )
