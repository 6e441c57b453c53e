"""Laws of calibration errors that hold for every set of forecasts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from riskdec import CalibrationSums, decompose_score, diagnose
from riskdec.diagnostics.curves.lowess import lowess
from riskdec.diagnostics.distances.binned import bin_norms
from riskdec.diagnostics.distances.binning import bin_forecasts, find_bins
from riskdec.diagnostics.distances.cutoff import CutoffStatistic, cumulative_residual
from riskdec.diagnostics.distances.smooth import SmoothStatistic, fixed_points
from riskdec.diagnostics.money.regret import CostCuts, RegretStatistic, read_costs
from riskdec.scores.sums import ForecastSums, sum_by_forecast


class Rows(NamedTuple):
    y: np.ndarray
    risk: np.ndarray
    weight: np.ndarray

    @property
    def sums(self) -> ForecastSums:
        return sum_by_forecast(self.risk, self.y == 1, self.weight, kind="importance")


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    n = draw(st.integers(1, 25))
    # Coarse risks, so that most are tied.
    risk = draw(arrays.arrays(float, n, elements=st.integers(0, 20).map(lambda k: k / 20)))
    y = draw(arrays.arrays(int, n, elements=st.integers(0, 1)))
    weight = draw(arrays.arrays(float, n, elements=st.integers(1, 8).map(lambda k: k / 4)))
    return Rows(y, risk, weight)


def cutoff_error(data: Rows) -> float:
    return float(CutoffStatistic(data.sums).reduce(data.sums.events)[0])


def mean_cost(data: Rows, cuts: tuple[float, ...], cost: CostCuts) -> float:
    """Average the cost of acting at the given cuts."""
    action = np.searchsorted(np.array(cuts), data.risk, side="right")
    return float(np.average(cost.costs[data.y, action], weights=data.weight))


@given(rows())
def test_cutoff_error_is_the_supremum_over_intervals(data: Rows) -> None:
    off = data.weight * (data.y - data.risk) / data.weight.sum()
    values = np.unique(data.risk)
    largest = max(
        abs(off[(data.risk >= low) & (data.risk <= high)].sum()) for i, low in enumerate(values) for high in values[i:]
    )
    assert cutoff_error(data) == pytest.approx(largest, abs=1e-13)


@given(rows())
def test_brier_miscalibration_is_at_most_twice_the_cutoff_error(data: Rows) -> None:
    parts = decompose_score(data.y, data.risk, sample_weight=data.weight)
    assert parts.miscalibration <= 2 * cutoff_error(data) + 1e-13


@given(rows(), st.floats(0.1, 10), st.floats(0.1, 10))
def test_regret_of_two_actions_is_within_its_bounds(data: Rows, false_positive: float, false_negative: float) -> None:
    cost = read_costs({"false_positive": false_positive, "false_negative": false_negative})
    here = mean_cost(data, tuple(cost.cuts), cost)
    best = min(mean_cost(data, (cut,), cost) for cut in [*data.risk, 2.0])
    bound = RegretStatistic(data.sums, cuts=cost).reduce(data.sums.events)[-1]
    assert here - best <= bound + 1e-12
    assert bound <= (false_positive + false_negative) * cutoff_error(data) + 1e-12


@given(rows(), st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0.01, 0.99))
def test_regret_with_a_gray_zone_is_within_its_bound(
    data: Rows, false_positive: float, false_negative: float, share: float
) -> None:
    fee = share * false_positive * false_negative / (false_positive + false_negative)
    cost = read_costs({"false_positive": false_positive, "false_negative": false_negative, "defer": fee})
    here = mean_cost(data, tuple(cost.cuts), cost)
    places = np.unique([*data.risk, 2.0])
    best = min(mean_cost(data, (low, high), cost) for i, low in enumerate(places) for high in places[i:])
    bound = RegretStatistic(data.sums, cuts=cost).reduce(data.sums.events)[-1]
    assert here - best <= bound + 1e-12


@given(rows())
def test_errors_of_flipped_outcomes_and_risks_are_the_same(data: Rows) -> None:
    flipped = Rows(1 - data.y, 1 - data.risk, data.weight)
    assert cutoff_error(flipped) == pytest.approx(cutoff_error(data), abs=1e-13)
    first, second = (
        fixed_points(SmoothStatistic(d.sums).finish(SmoothStatistic(d.sums).reduce(d.sums.events)[None, :]))[0]
        for d in (data, flipped)
    )
    assert first == pytest.approx(second, abs=1e-9)


@given(rows())
def test_smooth_error_lies_between_the_overall_imbalance_and_the_mean_residual(data: Rows) -> None:
    statistic = SmoothStatistic(data.sums)
    error = fixed_points(statistic.finish(statistic.reduce(data.sums.events)[None, :]))[0]
    assert (
        error
        >= abs(cumulative_residual(data.sums.events, data.sums.weight * data.sums.risk, data.sums.total)[-1]) - 1e-9
    )
    assert error <= np.abs(data.sums.residual).sum() / data.sums.total + 1e-9


@given(rows(), st.integers(2, 5))
def test_lowess_takes_whole_weights_for_repeated_rows(data: Rows, times: int) -> None:
    counts = np.full(len(data.y), float(times))
    weighted = sum_by_forecast(data.risk, data.y == 1, counts)
    repeated = sum_by_forecast(np.repeat(data.risk, times), np.repeat(data.y == 1, times))
    first, second = (lowess(s.risk, s.weight, s.events[None, :]) for s in (weighted, repeated))
    assert first.tolist() == second.tolist()


@settings(max_examples=15)
@given(rows(), st.integers(0, 2**31))
def test_report_of_any_rows_prints_and_serialises(data: Rows, seed: int) -> None:
    report = diagnose(
        data.y,
        data.risk,
        sample_weight=data.weight,
        weight_kind="importance",
        n_resamples=5,
        rng=seed,
        costs={"false_positive": 1, "false_negative": 4, "defer": 0.5},
    )
    assert report.miscalibration.estimate - report.discrimination + report.uncertainty == pytest.approx(report.brier)
    assert 0 <= report.smooth_calibration_error.estimate <= 1
    assert 1 / 6 <= report.ici.p_value <= 1
    assert len(str(report.summary())) > 500
    assert report.to_dict()["n"] == len(data.y)


@given(rows(), st.integers(0, 25))
def test_sums_of_parts_add_up_to_the_sums_of_all_rows(data: Rows, cut: int) -> None:
    def summed(some: slice) -> CalibrationSums:
        return CalibrationSums.from_rows(
            data.y[some], data.risk[some], sample_weight=data.weight[some], weight_kind="importance"
        )

    cut = min(max(cut, 1), len(data.y))
    if cut == len(data.y):
        return
    merged = summed(slice(cut)) + summed(slice(cut, None))
    assert merged.to_dict() == summed(slice(None)).to_dict()


@given(rows())
def test_cutoff_error_is_at_most_the_mean_residual_in_bins_of_single_forecasts(data: Rows) -> None:
    finest = bin_forecasts(data.sums, np.arange(len(data.sums.risk)))
    assert cutoff_error(data) <= bin_norms(finest.residual[None, :], finest.weight, "l1")[0] + 1e-12


@given(rows(), st.integers(1, 8))
def test_mean_distance_in_bins_lies_between_the_overall_imbalance_and_the_largest_distance(
    data: Rows, n_bins: int
) -> None:
    sums = data.sums
    bins = bin_forecasts(sums, find_bins(sums, n_bins, "equal_mass"))
    l1, l2, largest = (bin_norms(bins.residual[None, :], bins.weight, norm)[0] for norm in ("l1", "l2", "max"))
    assert abs(sums.residual.sum()) / sums.total <= l1 + 1e-12
    assert l1 <= l2 + 1e-12
    assert l2 <= largest + 1e-12
