"""A column of numbers: as it is, or bent by a restricted cubic spline, with a mark where values are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec.likelihood.splines.basis import spline_basis
from riskdec.likelihood.splines.knots import place_knots
from riskdec.models.tables.columns import numbers_of
from riskdec.models.tables.splines import spline_names

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

    from riskdec._base.typing import BoolArray, FloatArray


@dataclass(frozen=True, kw_only=True)
class NumberColumn:
    """Numbers, or booleans as 0 and 1.

    Attributes
    ----------
    name : str
        Name of the column.
    mean : float
        Mean of the training rows, which stands in for missing values.
    n_missing : int
        Training rows without a value.
    indicated : bool
        Whether a last column marks rows without a value.
    knots : tuple of float
        Knots of the spline, at least 3, in units of the column; empty for a straight line.

    Notes
    -----
    A spline bends ``asinh((x - c) / s)``, c and s the middle and the spread of the inner knots: x itself around the
    middle, its logarithm far out. A straight line beyond the outer knots of x would carry a single slip of the pen,
    or a 0 that means "not measured", to any risk; here ten times the value adds a constant.
    """

    name: str
    mean: float
    n_missing: int
    indicated: bool = False
    knots: tuple[float, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        shape = spline_names(self.name, self.knots)
        return (*shape, f"{self.name}[missing]") if self.indicated else shape

    @property
    def scale(self) -> tuple[float, float]:
        """Middle and spread of the inner knots of a spline."""
        inner = self.knots[1:-1]
        spread = inner[-1] - inner[0] if len(inner) > 1 else (self.knots[-1] - self.knots[0]) / 2
        return (inner[0] + inner[-1]) / 2, spread

    @property
    def reference(self) -> str:
        """What stands in for a value that training did not have."""
        return f"the mean {self.mean:.4g}"

    def fill(self, values: nw.Series[Any], out: FloatArray) -> BoolArray:
        """Write the encoded rows to `out`; tell which rows training gave no rule for."""
        numbers = numbers_of(values)
        absent = np.isnan(numbers)
        basis = self._basis(np.where(absent, self.mean, numbers))
        out[:, : basis.shape[1]] = basis
        if self.indicated:
            out[:, -1] = absent
        return np.zeros_like(absent) if self.n_missing else absent

    def _basis(self, x: FloatArray) -> FloatArray:
        knots = np.array(self.knots)
        if not len(knots):
            return x[:, np.newaxis]
        middle, spread = self.scale
        return spline_basis(np.arcsinh((x - middle) / spread), np.arcsinh((knots - middle) / spread))

    def to_state(self) -> dict[str, Any]:
        """Give what was learned, ready for JSON."""
        return {
            "kind": "number",
            "name": self.name,
            "mean": self.mean,
            "n_missing": self.n_missing,
            "indicated": self.indicated,
            "knots": list(self.knots),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> NumberColumn:
        """Rebuild from `to_state`."""
        return cls(
            name=str(state["name"]),
            mean=float(state["mean"]),
            n_missing=int(state["n_missing"]),
            indicated=bool(state["indicated"]),
            knots=tuple(float(knot) for knot in state["knots"]),
        )


def learn_number(
    values: nw.Series[Any],
    *,
    weight: FloatArray | None,
    counts: FloatArray | None,
    n_knots: int,
    rare_below: float,
) -> NumberColumn:
    """Learn mean, knots and whether missing values are marked; see `TableEncoding.learn`."""
    numbers = numbers_of(values)
    present = ~np.isnan(numbers)
    mean = np.average(numbers[present], weights=None if weight is None else weight[present])
    if counts is None:
        counts = np.ones(len(numbers))
    knots = place_knots(numbers[present], n_knots, counts=counts[present]) if n_knots else np.empty(0)
    rows_missing = float(counts[~present].sum())
    return NumberColumn(
        name=str(values.name),
        mean=float(mean),
        n_missing=int(rows_missing),
        indicated=rows_missing >= max(rare_below, 1),
        knots=tuple(knots.tolist()),
    )
