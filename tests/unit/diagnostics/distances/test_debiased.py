from __future__ import annotations

import numpy as np
import pytest

from riskdec import debiased_calibration_error
from riskdec.diagnostics.distances.binning import bin_forecasts, find_bins, merge_lonely_bins
from riskdec.diagnostics.distances.debiased import debiased_square
from riskdec.errors import InputError
from riskdec.scores.sums import sum_by_forecast


def estimate(y: np.ndarray, risk: np.ndarray, n_bins: int) -> tuple[float, float]:
    sums = sum_by_forecast(risk, y)
    return debiased_square(bin_forecasts(sums, merge_lonely_bins(sums, find_bins(sums, n_bins, "equal_mass"))))


def test_estimate_equals_the_formula_row_by_row(rng: np.random.Generator) -> None:
    risk, y = rng.random(120), rng.integers(0, 2, 120)
    wanted = 0.0
    for rows in np.array_split(np.argsort(risk), 6):
        off = (y - risk)[rows]
        wanted += len(rows) / 120 * (off.mean() ** 2 - off.var(ddof=1) / len(rows))
    error = debiased_calibration_error(y, risk, n_bins=6, n_resamples=9, rng=0)
    assert error.estimate == pytest.approx(wanted, abs=1e-15)


def test_estimate_has_no_bias_under_calibration(rng: np.random.Generator) -> None:
    # The correction by the variance of y gives -1.3e-4 here (2 bins, 300 rows, uniform risks).
    values = np.empty(4000)
    for i in range(len(values)):
        risk = rng.random(300)
        values[i] = estimate(rng.random(300) < risk, risk, 2)[0]
    assert abs(values.mean()) <= 3 * values.std() / np.sqrt(len(values))
    assert values.std() / np.sqrt(len(values)) < 2e-5


def test_equal_importance_weights_change_nothing(rng: np.random.Generator) -> None:
    risk, y = rng.random(90).round(1), rng.integers(0, 2, 90)
    plain = debiased_calibration_error(y, risk, n_bins=4, n_resamples=9, rng=0)
    weighted = debiased_calibration_error(
        y, risk, n_bins=4, sample_weight=np.full(90, 0.3), weight_kind="importance", n_resamples=9, rng=0
    )
    for name in ("estimate", "low", "high"):
        assert getattr(weighted, name) == pytest.approx(getattr(plain, name), abs=1e-13)


def test_whole_weights_equal_repeated_rows_bit_for_bit(rng: np.random.Generator) -> None:
    risk, y, times = rng.random(40).round(1), rng.integers(0, 2, 40), rng.integers(1, 4, 40)
    weighted = debiased_calibration_error(y, risk, sample_weight=times, n_resamples=60, rng=2)
    repeated = debiased_calibration_error(np.repeat(y, times), np.repeat(risk, times), n_resamples=60, rng=2)
    assert weighted.to_dict() == repeated.to_dict()


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.2])
def test_interval_covers_the_mean_squared_distance(shift: float, rng: np.random.Generator) -> None:
    covered = 0
    for _ in range(400):
        risk = rng.random(400) * 0.8
        value, error = estimate(rng.random(400) < risk + shift, risk, 10)
        covered += abs(value - shift**2) <= 1.96 * error
    assert covered / 400 >= 0.95 - 3 * 0.011


def test_p_value_is_small_for_wrong_risks_and_estimate_may_be_negative(rng: np.random.Generator) -> None:
    risk = rng.random(500) * 0.5
    error = debiased_calibration_error(rng.random(500) < risk + 0.3, risk, rng=0)
    assert error.p_value == pytest.approx(1 / 1000)
    exact = debiased_calibration_error([0, 1] * 50, [0.5] * 100, rng=0)
    assert exact.estimate < 0
    assert exact.p_value == 1


def test_bins_of_one_row_are_merged() -> None:
    error = debiased_calibration_error([0, 1, 1], [0.1, 0.5, 0.9], n_bins=3, n_resamples=9, rng=0)
    assert error.method.startswith("1 bin of")


def test_one_row_is_refused() -> None:
    with pytest.raises(InputError, match="at least two rows of like weight"):
        debiased_calibration_error([1], [0.5])


def test_groups_are_refused_with_the_reason_and_what_to_use() -> None:
    message = "groups must be left out.*known for independent rows; use smooth_calibration_error"
    with pytest.raises(InputError, match=message):
        debiased_calibration_error([0, 1] * 10, [0.2, 0.6] * 10, groups=[1, 2] * 10)
