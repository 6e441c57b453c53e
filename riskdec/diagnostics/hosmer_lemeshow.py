"""The Hosmer-Lemeshow test: known to every referee, and not recommended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_integer, check_rng, refuse
from riskdec.diagnostics.distances.errors import monte_carlo_p_value
from riskdec.diagnostics.draws import neighbour_groups, resample
from riskdec.diagnostics.hypothesis_tests import N_DRAWS, CalibrationTest
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.scores.sums import ForecastSums


class HosmerLemeshowStatistic:
    """Sum over groups of forecasts of the squared difference of events and expected events, standardised."""

    __slots__ = ("_expected", "_start", "_variance")

    def __init__(self, sums: ForecastSums, n_groups: int) -> None:
        self._start = neighbour_groups(sums.weight, n_groups)
        self._expected = np.add.reduceat(sums.weight * sums.risk, self._start)
        self._variance = np.add.reduceat(sums.squared_weight * sums.risk * (1 - sums.risk), self._start)

    @property
    def n_groups(self) -> int:
        """Number of groups; ties may leave fewer than were asked for."""
        return len(self._start)

    @property
    def exists(self) -> bool:
        """Whether the number of events varies in every group."""
        return bool((self._variance > 0).all())

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the statistic as an array of one number."""
        off = np.add.reduceat(events, self._start) - self._expected
        return np.array([(off * off / self._variance).sum()])

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give the statistics as they are."""
        return reduced


def hosmer_lemeshow_test(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    n_groups: int = 10,
    in_sample: bool = False,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    event: object = None,
    n_resamples: int = N_DRAWS,
    rng: RngLike = None,
) -> CalibrationTest:
    """Compare events with expected events in groups of neighbouring risks; not recommended, for it is often asked for.

    Its answer depends on the number of groups, it does not say what is wrong, and its limit law rejects far too often
    where events are few. Look at `diagnose`.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most; rows independent of each other.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event.
    n_groups : int
        Number of groups of about equal size, g; equal risks stay together, so ties may leave fewer.
    in_sample : bool
        Whether the risks come from a logistic model that was fitted on these rows: g - 2 degrees of freedom instead of
        g, and the p-value of the limit law, because outcomes drawn from the risks would not be fitted to them.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    n_resamples : int
        Number of draws under calibration.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    CalibrationTest
        With the p-value of the draws, except in sample.

    Raises
    ------
    InputError
        For invalid outcomes, risks or weights, fewer than two groups (three in sample), a group whose risks are all 0
        or 1, and in-sample importance weights.

    Notes
    -----
    ``sum over groups (sum w (y - p))^2 / sum v p (1 - p)`` with v = w for frequency weights and v = w^2 for importance
    weights. The usual form divides by ``n q (1 - q)``, q the mean risk of the group, which is a little larger; under
    calibration the form given here has mean g exactly.

    References
    ----------
    Hosmer DW, Lemeshow S (1980). Goodness of fit tests for the multiple logistic regression model. Communications in
    Statistics - Theory and Methods 9:1043-1069. doi:10.1080/03610928008827941

    Examples
    --------
    >>> hosmer_lemeshow_test([0, 0, 1, 1] * 60, [0.1, 0.4, 0.6, 0.7] * 60, n_groups=4, rng=0).df
    4.0
    """
    n_groups = check_integer(n_groups, name="n_groups", low=3 if in_sample else 2)
    n_resamples = check_integer(n_resamples, name="n_resamples", low=1)
    generator = check_rng(rng)
    given = check_forecasts(y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, event=event)
    if in_sample and given.weight_kind == "importance":
        raise refuse("weight_kind", "be 'frequency' in sample", repr(weight_kind), "Weighted fits have another law.")
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    statistic = HosmerLemeshowStatistic(sums, n_groups)
    if not statistic.exists or statistic.n_groups < (3 if in_sample else 1):
        rule = "leave risks between 0 and 1 in each of at least three groups in sample, of one elsewhere"
        raise refuse("y_proba", rule, f"{statistic.n_groups} groups of distinct risks", "Ask for other n_groups.")

    def make(drawn: ForecastSums) -> HosmerLemeshowStatistic:
        return HosmerLemeshowStatistic(drawn, n_groups)

    value = float(statistic.reduce(sums.events)[0])
    if in_sample:
        return _judge(value, statistic.n_groups - 2, None)
    null = resample(sums, (make,), clusters=None, n_resamples=n_resamples, rng=generator).null[make]
    return _judge(value, statistic.n_groups, monte_carlo_p_value(null[:, 0]))


def _judge(value: float, df: int, drawn_p_value: float | None) -> CalibrationTest:
    from scipy.special import chdtrc

    return CalibrationTest(
        name="Hosmer-Lemeshow (not recommended)",
        statistic=value,
        df=float(df),
        p_value=float(chdtrc(df, value)) if drawn_p_value is None else drawn_p_value,
        method="asymptotic" if drawn_p_value is None else "Monte Carlo",
    )
