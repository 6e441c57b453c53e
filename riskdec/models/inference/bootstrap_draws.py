"""Which rows a resample holds, and how often: single rows, rows of frequency weight, or whole groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray

# So many draws are held at a time.
_DRAWS = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Resamples:
    """The bootstrap resamples of one set of rows; each is drawn from a seed of its own when it is asked for.

    So it does not matter which worker draws which resample, or in what order.

    Attributes
    ----------
    n_rows : int
        Number of rows.
    counts : ndarray of shape (n,) or None
        Frequency weights, whole numbers: a row of weight 3 is drawn as three rows are. None means one each.
    groups : ndarray of int, shape (n,), or None
        Group numbers 0, 1, ...: whole groups are drawn, as many as there are.
    seeds : tuple of SeedSequence
        One for each resample.
    """

    n_rows: int
    counts: FloatArray | None
    groups: IntArray | None
    seeds: tuple[np.random.SeedSequence, ...]

    def __len__(self) -> int:
        return len(self.seeds)

    def stream(self, number: int) -> np.random.Generator:
        """Give the random numbers of one resample, from their beginning: first come those that draw its rows."""
        return np.random.default_rng(self.seeds[number])

    def multiplicity(self, number: int, stream: np.random.Generator | None = None) -> FloatArray:
        """Give how often one resample holds each row: shape (n,).

        Without groups it sums to the number of rows, or of their frequency weights.
        """
        stream = self.stream(number) if stream is None else stream
        if self.groups is not None:
            n_groups = int(self.groups.max()) + 1
            drawn = np.bincount(stream.integers(0, n_groups, n_groups), minlength=n_groups)
            times: FloatArray = drawn[self.groups].astype(np.float64)
            return times if self.counts is None else times * self.counts
        if self.counts is None:
            return np.bincount(stream.integers(0, self.n_rows, self.n_rows), minlength=self.n_rows).astype(np.float64)
        return _draw_counted(self.counts, stream)


def make_resamples(
    n_rows: int,
    n_resamples: int,
    *,
    counts: FloatArray | None = None,
    groups: IntArray | None = None,
    rng: np.random.Generator,
) -> Resamples:
    """Plan resamples; nothing is drawn yet but their seeds."""
    root = np.random.SeedSequence([int(word) for word in rng.integers(0, 2**32, 4, dtype=np.uint64)])
    return Resamples(n_rows=n_rows, counts=counts, groups=groups, seeds=tuple(root.spawn(n_resamples)))


def _draw_counted(counts: FloatArray, stream: np.random.Generator) -> FloatArray:
    """Draw as if each row stood there as often as its weight says, one row after the other."""
    ends = np.cumsum(counts)
    left = int(ends[-1])
    drawn = np.zeros(len(counts))
    while left:
        some = min(left, _DRAWS)
        owners = np.searchsorted(ends, stream.integers(0, int(ends[-1]), some), side="right")
        drawn += np.bincount(owners, minlength=len(counts))
        left -= some
    return drawn
