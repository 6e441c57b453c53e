"""Calibration errors beside what chance alone would give: null mean, p-value, and an interval that may hold 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import jsonable
from riskdec._base.table import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray

# Draws that equal the observed value up to rounding count as at least as large.
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CalibrationError:
    """A distance from calibration; positive by chance alone, so it never stands without its null mean.

    Attributes
    ----------
    name : str
        Which error.
    estimate : float
        Its value on these rows, on the scale of risks.
    null_mean : float
        Its mean if every risk were right.
    null_high : float
        Its 95 % point if every risk were right.
    p_value : float
        Monte Carlo p-value of exact calibration, ``(1 + #) / (1 + n_resamples)``; nan with dependent rows.
    low, high : float or None
        Limits of the interval; None where no interval is known to cover.
    method : str
        How it was computed.
    where : tuple of two floats or None
        Risks between which it is attained, where that has a meaning.
    asymptotic_p_value : float or None
        The same from the limit law where one is known: for many rows, and for comparison only.
    """

    name: str
    estimate: float
    null_mean: float
    null_high: float
    p_value: float
    low: float | None = None
    high: float | None = None
    method: str
    where: tuple[float, float] | None = None
    asymptotic_p_value: float | None = None

    def __repr__(self) -> str:
        return f"<CalibrationError: {self.name} {number(self.estimate)}, by chance {number(self.null_mean)}>"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields but the name as plain numbers and text; what does not exist is None."""
        numbers = {
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
            "null_mean": self.null_mean,
            "null_high": self.null_high,
            "p_value": self.p_value,
            "asymptotic_p_value": self.asymptotic_p_value,
            "method": self.method,
            "where": self.where,
        }
        plain: dict[str, Any] = jsonable(numbers)
        return plain


def monte_carlo_p_value(values: FloatArray) -> float:
    """Give the share of values, the observed one at place 0 included, that are at least as large as it.

    >>> monte_carlo_p_value(np.array([2.0, 1.0, 3.0, 0.5]))
    0.5
    """
    slack = _ROUNDING * abs(values[0]) if np.isfinite(values[0]) else 0.0
    return float(np.mean(values >= values[0] - slack))


def upper_point(values: FloatArray, level: float) -> float:
    """Give the point below which a share `level` of the draws lies; place 0, the observed value, is left out."""
    return float(np.quantile(values[1:], level, method="weibull"))


def judge(
    name: str,
    null: FloatArray,
    *,
    method: str,
    is_valid_test: bool,
    estimate: float | None = None,
    spread: Sequence[FloatArray] = (),
    confidence_level: float = 0.95,
    where: tuple[float, float] | None = None,
) -> CalibrationError:
    """Set an error beside its values under calibration.

    Parameters
    ----------
    name, method : str
        What it is and how it was computed.
    null : ndarray of shape (1 + n_resamples,)
        The observed error, then its values under calibration.
    is_valid_test : bool
        Whether the draws support a p-value.
    estimate : float, optional
        The exact value where `null` holds a coarser one; ``null[0]`` by default.
    spread : sequence of ndarray of shape (1 + n_resamples,)
        From place 1 on the error of draws without bias, under calibration and of the multipliers; without them no
        interval is given.
    confidence_level : float
        Level of the interval.
    where : tuple of two floats, optional
        Risks between which the error is attained.

    Notes
    -----
    Interval. An error that is a seminorm T of an estimated function G obeys ``|T(G) - T(G*)| <= T(G - G*)``, so
    ``max(0, T - q)`` to ``T + q`` covers when q is the quantile of T of the estimation error: the larger of the
    quantiles under calibration and of the multiplier draws. A percentile bootstrap cannot contain 0 and covers in no
    sample when the risks are right.
    """
    value = float(null[0]) if estimate is None else estimate
    low = high = None
    if spread:
        margin = max(upper_point(draws, confidence_level) for draws in spread)
        low, high = max(0.0, value - margin), min(1.0, value + margin)
    return CalibrationError(
        name=name,
        estimate=value,
        null_mean=float(null[1:].mean()),
        null_high=upper_point(null, 0.95),
        p_value=monte_carlo_p_value(null) if is_valid_test else float("nan"),
        low=low,
        high=high,
        method=method,
        where=where,
    )
