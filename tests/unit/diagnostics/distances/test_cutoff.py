from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm
from statsmodels.api import GLM, add_constant, families

from riskdec import cutoff_calibration_error, diagnose
from riskdec.diagnostics.distances.cutoff import brownian_range_tail
from riskdec.errors import InputError


def brute_force(y: np.ndarray, risk: np.ndarray, weight: np.ndarray) -> float:
    """Try every interval of forecasts."""
    values = np.unique(risk)
    off = weight * (y - risk) / weight.sum()
    return max(abs(off[(risk >= low) & (risk <= high)].sum()) for i, low in enumerate(values) for high in values[i:])


@pytest.mark.parametrize("weight_kind", ["frequency", "importance"])
def test_cutoff_error_equals_the_supremum_over_intervals(weight_kind: str, rng: np.random.Generator) -> None:
    for _ in range(20):
        risk, y = rng.random(30).round(1), rng.integers(0, 2, 30)
        weight = rng.integers(1, 5, 30) / (1 if weight_kind == "frequency" else 3)
        error = cutoff_calibration_error(
            y,
            risk,
            sample_weight=weight,
            weight_kind=weight_kind,
            n_resamples=1,
            rng=rng,  # type: ignore[arg-type]
        )
        assert error.estimate == pytest.approx(brute_force(y, risk, weight), abs=1e-14)
        assert error.where is not None
        low, high = error.where
        inside = (risk >= low) & (risk <= high)
        attained = abs((weight * (y - risk))[inside].sum()) / weight.sum()
        assert attained == pytest.approx(error.estimate, abs=1e-14)


def test_cutoff_error_is_zero_when_each_forecast_is_met_exactly() -> None:
    error = cutoff_calibration_error([0, 1, 0, 0, 0, 1], [0.5, 0.5, 0.25, 0.25, 0.25, 0.25], n_resamples=19, rng=0)
    assert error.estimate == 0
    assert error.low == 0
    assert error.p_value == 1


def test_cutoff_error_agrees_with_the_limit_law_on_many_rows(rng: np.random.Generator) -> None:
    # K / s tends to the range of Brownian motion, of mean sqrt(8 / pi) = 1.596 and 95 % point 2.498 (Feller 1951);
    # the discrete walk has a range that is smaller by about 1.165 / sqrt(n).
    risk = rng.random(4000)
    y = rng.random(4000) < risk
    error = cutoff_calibration_error(y, risk, n_resamples=999, rng=1)
    s = np.sqrt((risk * (1 - risk)).sum()) / 4000
    # Three Monte Carlo standard errors: sd of the range 0.476, density 0.13 at its 95 % point.
    assert error.null_mean / s == pytest.approx(np.sqrt(8 / np.pi), abs=3 * 0.476 / np.sqrt(999) + 0.03)
    assert error.null_high / s == pytest.approx(2.498, abs=3 * 0.22 / (0.13 * np.sqrt(999)) + 0.03)


@pytest.mark.parametrize("slope", [1.0, 0.8, 0.4])
def test_interval_covers_the_true_error(slope: float, rng: np.random.Generator) -> None:
    # A seeded slice: 200 runs of 400 rows at nominal 0.95, less three Monte Carlo standard errors (0.046). The true
    # error is computed on a million rows.
    linear = rng.normal(-1, 1, 1_000_000)
    off = np.cumsum((expit(-1 + slope * (linear + 1)) - expit(linear))[np.argsort(linear)]) / 1_000_000
    truth = max(off.max(), 0) - min(off.min(), 0)
    covered = 0
    for _ in range(200):
        linear = rng.normal(-1, 1, 400)
        y = (rng.random(400) < expit(-1 + slope * (linear + 1))).astype(int)
        error = cutoff_calibration_error(y, expit(linear), n_resamples=99, rng=rng)
        assert error.low is not None
        assert error.high is not None
        covered += error.low <= truth <= error.high
    assert covered / 200 >= 0.95 - 0.046


def test_dependent_rows_widen_the_interval_and_withhold_the_p_value(rng: np.random.Generator) -> None:
    risk, y = np.repeat(rng.random(100), 10), np.repeat(rng.integers(0, 2, 100), 10)
    alone = cutoff_calibration_error(y, risk, rng=0)
    together = cutoff_calibration_error(y, risk, groups=np.arange(1000) // 10, rng=0)
    assert together.estimate == alone.estimate
    assert np.isnan(together.p_value)
    assert alone.high is not None
    assert together.high is not None
    # Ten identical rows carry the information of one: the margin grows about sqrt(10) times.
    assert 2 < (together.high - together.estimate) / (alone.high - alone.estimate) < 4.5


def test_same_seed_gives_the_same_answer(rng: np.random.Generator) -> None:
    risk, y = rng.random(50), rng.integers(0, 2, 50)
    first, second = (cutoff_calibration_error(y, risk, n_resamples=50, rng=4).to_dict() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_resamples": 0}, "n_resamples must be a whole number of at least 1; got 0"),
        ({"confidence_level": 95}, "confidence_level must lie strictly between 0 and 1; got 95"),
        ({"rng": "seed"}, "rng must be a seed"),
    ],
)
def test_cutoff_error_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        cutoff_calibration_error([0, 1], [0.2, 0.4], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("r", [0.5, 1.0, 1.5958, 2.5, 4.0])
def test_brownian_range_tail_is_the_integral_of_fellers_density(r: float) -> None:
    k = np.arange(1, 200)
    signs = np.where(k % 2 == 1, 8.0, -8.0) * k**2
    assert brownian_range_tail(r) == pytest.approx(quad(lambda x: float(signs @ norm.pdf(k * x)), r, 12)[0], abs=1e-9)


def test_asymptotic_p_value_is_near_that_of_the_draws_and_labelled_apart(rng: np.random.Generator) -> None:
    risk = expit(rng.normal(0, 1, 4_000))
    y = rng.random(4_000) < expit(np.log(risk / (1 - risk)) + 0.05)
    error = cutoff_calibration_error(y, risk, n_resamples=2_000, rng=0)
    assert error.asymptotic_p_value == pytest.approx(error.p_value, abs=0.04)
    assert error.to_dict()["asymptotic_p_value"] == error.asymptotic_p_value
    tripled = cutoff_calibration_error(y, risk, sample_weight=np.full(4_000, 0.3), weight_kind="importance", rng=0)
    assert tripled.asymptotic_p_value == pytest.approx(error.asymptotic_p_value)


def test_no_asymptotic_p_value_without_events_enough_independent_rows_or_spread(rng: np.random.Generator) -> None:
    risk, y = np.full(100, 0.05), np.arange(100) < 5
    assert cutoff_calibration_error(y, risk, n_resamples=9, rng=0).asymptotic_p_value is None
    grouped = cutoff_calibration_error(y, np.full(100, 0.5), groups=np.arange(100) // 4, n_resamples=9, rng=0)
    assert grouped.asymptotic_p_value is None
    certain = cutoff_calibration_error([0, 1] * 20, [0.0, 1.0] * 20, n_resamples=9, rng=0)
    assert certain.asymptotic_p_value is None
    # On training rows no p-value is valid.
    x = add_constant(rng.normal(size=(500, 2)))
    y = rng.random(500) < 0.4
    fitted = GLM(y, x, family=families.Binomial()).fit(tol=1e-12).fittedvalues
    assert diagnose(y, fitted, n_resamples=9, rng=0).cutoff_calibration_error.asymptotic_p_value is None
