"""Tests of calibration in the large and slope: likelihood ratios, by their limit law or by draws, and Wald tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.diagnostics.distances.errors import monte_carlo_p_value
from riskdec.diagnostics.draws import neighbour_groups, pool_neighbours
from riskdec.diagnostics.hypothesis_tests import FEW_EVENTS, CalibrationTest, fewest_expected
from riskdec.diagnostics.slopes.certain_risks import can_be_recalibrated
from riskdec.diagnostics.slopes.many_fits import OneDesign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray
    from riskdec.diagnostics.draws import Resamples
    from riskdec.scores.sums import ForecastSums

CITL_TEST = "calibration in the large = 0"
SLOPE_TEST = "slope = 1, whatever the intercept"
BOTH_TEST = "intercept = 0 and slope = 1"
# Maximum likelihood puts calibration in the large at 0 and the slope at 1 on the rows it was fitted on, so closely.
BY_CONSTRUCTION = 1e-6
_NAMES = (CITL_TEST, SLOPE_TEST, BOTH_TEST)
_DF = (1, 1, 2)

# Likelihood ratios of drawn outcomes are compared with each other only, on so many points.
_POINTS = 1024
_CALIBRATED = np.array([0.0, 1.0])


class HierarchyStatistic:
    """The three likelihood ratios of a set of outcomes, from two numbers: events, and sum of logits over events.

    With importance weights they are ratios of the weighted likelihood, which follow no chi-square law; draws give them
    the law that they have. Where the outcomes are separated a ratio is its least upper bound. Risks of exactly 0 or 1
    never prove wrong in a draw, and say nothing.
    """

    __slots__ = ("_design", "_kept", "_start")

    def __init__(self, sums: ForecastSums) -> None:
        from scipy.special import logit

        self._start = neighbour_groups(sums.weight, _POINTS)
        pooled = pool_neighbours(sums, _POINTS)
        first, after = np.searchsorted(pooled.risk, 0, side="right"), np.searchsorted(pooled.risk, 1)
        self._kept = slice(int(first), int(after))
        line = np.column_stack([np.ones(after - first), logit(pooled.risk[self._kept])])
        # Importance weights count for nothing but their ratios.
        self._design = OneDesign(line, pooled.weight[self._kept])

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the number of events and the sum of their logits."""
        return self._design.moments(np.add.reduceat(events, self._start)[self._kept])

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give the likelihood ratios of calibration in the large, of the slope, and of both, one line per draw."""
        as_given = self._design.value(_CALIBRATED, reduced)
        shifted = self._design.maximise(reduced, _CALIBRATED, (0,))
        stretched = self._design.maximise(reduced, shifted.coef, (0, 1)).log_likelihood
        gains = [shifted.log_likelihood - as_given, stretched - shifted.log_likelihood, stretched - as_given]
        return 2 * np.maximum(np.column_stack(gains), 0)


def draws_tests(sums: ForecastSums) -> bool:
    """Say whether p-values come from draws by default: few events or non-events are expected."""
    return can_be_recalibrated(sums) and fewest_expected(sums) < FEW_EVENTS


class LogLikelihoods(NamedTuple):
    """Log-likelihood of the risks as given, shifted, and shifted and stretched (None where there is no slope)."""

    as_given: float
    shifted: float
    stretched: float | None


def likelihood_ratio_tests(found: LogLikelihoods) -> tuple[CalibrationTest, ...]:
    """Test by the limit law of the likelihood ratio; only where the likelihood is one."""
    from scipy.special import chdtrc

    return tuple(
        CalibrationTest(
            name=f"{name} (likelihood ratio)",
            statistic=statistic,
            df=df,
            p_value=float(chdtrc(df, statistic)),
            method="asymptotic",
        )
        for name, statistic, df in zip(_NAMES, _statistics(found), _DF, strict=False)
    )


def drawn_tests(found: LogLikelihoods, draws: Resamples, *, is_weighted: bool) -> tuple[CalibrationTest, ...]:
    """Test by draws under calibration: exact for every number of events, ties and weights."""
    values = draws.null[HierarchyStatistic]
    what = "weighted likelihood ratio" if is_weighted else "likelihood ratio"
    return tuple(
        CalibrationTest(
            name=f"{name} ({what})",
            statistic=statistic,
            df=None if is_weighted else df,
            p_value=monte_carlo_p_value(values[:, j]),
            method="Monte Carlo",
        )
        for j, (name, statistic, df) in enumerate(zip(_NAMES, _statistics(found), _DF, strict=False))
    )


def wald_tests(
    offset: tuple[FloatArray, FloatArray], line: tuple[FloatArray, FloatArray] | None, n_groups: int | None
) -> tuple[CalibrationTest, ...]:
    """Test by robust covariances, given as pairs of coefficients and covariance: for dependent or weighted rows."""
    tests = [_wald(CITL_TEST, *offset, n_groups)]
    if line is not None:
        off, covariance = line[0] - _CALIBRATED, line[1]
        tests.append(_wald(SLOPE_TEST, off[1:], covariance[1:, 1:], n_groups))
        tests.append(_wald(BOTH_TEST, off, covariance, n_groups))
    return tuple(tests)


def _statistics(found: LogLikelihoods) -> Sequence[float]:
    gains = [found.shifted - found.as_given]
    if found.stretched is not None:
        gains += [found.stretched - found.shifted, found.stretched - found.as_given]
    return [max(0.0, 2 * gain) for gain in gains]


def _wald(name: str, off: FloatArray, covariance: FloatArray, n_groups: int | None) -> CalibrationTest:
    from scipy.special import chdtrc, fdtrc

    df = len(off)
    statistic = float(off @ np.linalg.solve(covariance, off))
    # With G groups the variance is estimated from G - 1 deviations: F instead of chi-square.
    tail = chdtrc(df, statistic) if n_groups is None else fdtrc(df, n_groups - 1, statistic / df)
    return CalibrationTest(name=f"{name} (Wald)", statistic=statistic, df=df, p_value=float(tail), method="asymptotic")
