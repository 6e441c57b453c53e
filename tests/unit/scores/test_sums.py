from __future__ import annotations

import numpy as np
import pytest

from riskdec.scores.sums import sum_by_forecast


def test_sums_of_frequency_weights_equal_sums_of_repeated_rows_bit_for_bit(rng: np.random.Generator) -> None:
    risk, is_event = rng.random(50).round(1), rng.random(50) < 0.5
    weight = rng.integers(1, 4, 50).astype(float)
    weighted = sum_by_forecast(risk, is_event, weight)
    times = weight.astype(int)
    shuffled = rng.permutation(times.sum())
    repeated = sum_by_forecast(np.repeat(risk, times)[shuffled], np.repeat(is_event, times)[shuffled])
    for ours, theirs in zip(weighted, repeated, strict=True):
        assert np.array_equal(ours, theirs)
    assert weighted.n == times.sum()


def test_sums_of_importance_weights_are_weighted_sums_and_count_rows() -> None:
    risk, is_event = np.array([0.5, 0.2, 0.5, 0.5]), np.array([True, False, False, True])
    sums = sum_by_forecast(risk, is_event, np.array([2.0, 1.0, 0.5, 2.0]), kind="importance")
    assert sums.risk.tolist() == [0.2, 0.5]
    assert sums.weight.tolist() == [1, 4.5]
    assert sums.events.tolist() == [0, 4]
    assert sums.squared_weight.tolist() == [1, 8.25]
    assert sums.squared_events.tolist() == [0, 8]
    assert (sums.n, sums.n_events) == (4, 2)
    # The two rows of risk 0.5 and weight 2 are one cell.
    assert sums.cell_unit.tolist() == [1, 0.5, 2]
    assert sums.cell_count.tolist() == [1, 1, 2]
    assert sums.cell_start.tolist() == [0, 1]


def test_residuals_and_their_variance_equal_sums_over_rows(rng: np.random.Generator) -> None:
    risk, is_event, weight = rng.random(60).round(1), rng.random(60) < 0.5, rng.random(60)
    sums = sum_by_forecast(risk, is_event, weight, kind="importance")
    off = weight * (is_event - risk)
    wanted = [off[risk == value].sum() for value in sums.risk]
    assert sums.residual == pytest.approx(wanted)
    assert sums.residual_variance == pytest.approx([(off[risk == value] ** 2).sum() for value in sums.risk])
    assert sums.mean_risk == pytest.approx(np.average(risk, weights=weight))
    assert sums.prevalence == pytest.approx(np.average(is_event, weights=weight))
