"""Readings of all rows: block by block on several threads, summed in a fixed order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from riskdec._base.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.rows.row_form import Predictor, RowForm

# Below this size a reading takes a few milliseconds at most, and threads bring less than they cost.
_ONE_BLOCK = 1 << 20
_BLOCK_NUMBERS = 1 << 17
_MOST_BLOCKS = 32
# Sums of blocks that wait to be added up hold at most so many numbers (32 MiB).
_WAITING = 1 << 22

# Numbers and arrays that are added up over blocks.
Sums = tuple[Any, ...]


class Outcomes(Protocol):
    """What a reading of the binomial likelihood needs beside the columns."""

    @property
    def y(self) -> FloatArray:
        """1.0 for the event, 0.0 otherwise: shape (n,)."""

    @property
    def weight(self) -> FloatArray | None:
        """Positive weights; None means one each."""

    @property
    def offset(self) -> FloatArray | None:
        """A part of the linear predictor that is known."""


class Reader(ABC):
    """Rows of a design, and what is made of them in one go.

    Attributes
    ----------
    form : RowForm
        How products of the rows that are read give those of the standardised rows.
    n_rows, width : int
        Number of rows, and of numbers read in each.
    """

    form: RowForm
    n_rows: int
    width: int

    @abstractmethod
    def product(self, rows: slice, predictor: Predictor, eta: FloatArray) -> Sums:
        """Write the linear predictors of some rows into ``eta``; there is nothing to add up."""

    @abstractmethod
    def likelihood(self, rows: slice, outcomes: Outcomes, predictor: Predictor, eta: FloatArray) -> Sums:
        """Give log-likelihood, score and information of some rows; write their linear predictors into ``eta``."""

    @abstractmethod
    def score(self, rows: slice, outcomes: Outcomes, predictor: Predictor) -> Sums:
        """Give the score of some rows alone."""

    @abstractmethod
    def crossproduct(self, rows: slice, weight: FloatArray | None) -> Sums:
        """Give the sum of ``w z z'`` of some rows; weights are not negative."""

    def add_up(self, part: Callable[[slice], Sums]) -> Sums:
        """Call one of the above on every block of rows, and add up."""
        return add_up(part, self.n_rows, self.width)


def add_up(part: Callable[[slice], Sums], n_rows: int, n_columns: int) -> Sums:
    """Call a function on every block of rows, on several threads, and add up in the order of the blocks."""
    return sum_of(in_order(part, row_blocks(n_rows, n_columns)))


def sum_of(answers: Iterator[Sums]) -> Sums:
    """Add up what readings of several parts of the rows gave, in their order."""
    total = next(answers)
    for answer in answers:
        total = tuple(a + b for a, b in zip(total, answer, strict=True))
    return total


def row_blocks(n_rows: int, n_columns: int) -> list[slice]:
    """Cut rows into blocks: by their number and width alone, so that sums have one fixed order."""
    numbers = n_rows * n_columns
    if numbers <= _ONE_BLOCK:
        return [slice(0, n_rows)]
    blocks = min(_MOST_BLOCKS, numbers // _BLOCK_NUMBERS, 1 + _WAITING // (n_columns + 1) ** 2)
    return list(cut(slice(0, n_rows), -(-n_rows // blocks)))


def cut(rows: slice, size: int) -> Iterator[slice]:
    """Cut rows into slices of so many."""
    for start in range(rows.start, rows.stop, size):
        yield slice(start, min(start + size, rows.stop))
