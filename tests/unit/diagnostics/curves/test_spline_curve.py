from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from riskdec import reliability_curve
from riskdec.diagnostics.curves.spline_curve import SplineStatistic, place_knots
from riskdec.errors import InputError
from riskdec.likelihood.splines.basis import spline_basis
from riskdec.scores.sums import sum_by_forecast


@pytest.fixture
def rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    risk = expit(rng.normal(-0.5, 1, 600)).round(3)
    return (rng.random(600) < expit(0.2 + 0.8 * logit(risk))).astype(int), risk


def columns(risk: np.ndarray, knots: np.ndarray) -> np.ndarray:
    return sm.add_constant(spline_basis(logit(risk), knots))


def test_curve_and_band_equal_a_spline_model_of_statsmodels(
    rows: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> None:
    y, risk = rows
    weight = rng.integers(1, 4, 600)
    knots = place_knots(sum_by_forecast(risk, y == 1, weight.astype(float)))
    assert len(knots) == 4
    fit = sm.GLM(y, columns(risk, knots), family=sm.families.Binomial(), freq_weights=weight).fit(tol=1e-12)
    curve = reliability_curve(y, risk, method="spline", band="pointwise", sample_weight=weight)
    at = columns(curve.risk, knots)
    assert curve.event_rate == pytest.approx(fit.predict(at), rel=1e-7)
    spread = 1.959963984540054 * np.sqrt(np.einsum("ij,jk,ik->i", at, fit.cov_params(), at))
    assert curve.low == pytest.approx(expit(at @ fit.params - spread), rel=1e-6)
    assert curve.high == pytest.approx(expit(at @ fit.params + spread), rel=1e-6)
    assert curve.description == "restricted cubic spline of the logit, 4 knots"


def test_groups_widen_the_band_by_the_cluster_covariance(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    # Ten copies of each row in a group say no more than the row.
    alone = reliability_curve(y, risk, method="spline", band="pointwise")
    groups = np.repeat(np.arange(600), 10)
    copied = reliability_curve(np.repeat(y, 10), np.repeat(risk, 10), method="spline", band="pointwise", groups=groups)
    assert copied.event_rate == pytest.approx(alone.event_rate, rel=1e-9)
    ratio = (copied.high - copied.low) / (alone.high - alone.low)
    assert np.median(ratio) == pytest.approx(1, abs=0.15)


def test_importance_weights_bring_the_sandwich(rows: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> None:
    y, risk = rows
    weight = rng.gamma(1, 1, 600)
    options = {"method": "spline", "band": "pointwise", "weight_kind": "importance"}
    one, other = (reliability_curve(y, risk, sample_weight=c * weight, **options) for c in (1, 1000))  # type: ignore[arg-type]
    assert one.low == pytest.approx(other.low, rel=1e-9)
    plain = reliability_curve(y, risk, method="spline", band="pointwise")
    # Unequal weights cost about half of the rows.
    assert 1.1 < np.median((one.high - one.low) / (plain.high - plain.low)) < 1.9


def test_drawn_curves_are_fits_to_drawn_outcomes(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    sums = sum_by_forecast(risk, y == 1)
    statistic = SplineStatistic(sums, knots=place_knots(sums))
    (drawn,) = statistic.finish(statistic.reduce(sums.events)[None, :])
    assert drawn == pytest.approx(reliability_curve(y, risk, method="spline", band=None).event_rate, abs=1e-7)


def test_ties_take_knots_away(rng: np.random.Generator) -> None:
    risk = np.where(rng.random(500) < 0.9, 0.2, rng.random(500).round(2).clip(0.01, 0.99))
    curve = reliability_curve(rng.random(500) < risk, risk, method="spline", band=None)
    assert curve.description == "logistic regression on the logit, no knots"
    fit = logit(curve.event_rate)
    slopes = np.diff(fit) / np.diff(logit(curve.risk))
    assert slopes == pytest.approx(np.full(len(slopes), slopes[0]), rel=1e-6)


@pytest.mark.parametrize(
    ("y", "risk", "band", "message"),
    [
        ([0, 1, 0, 1], [0, 0.2, 0.4, 0.6], None, "method must be 'isotonic', 'lowess' or 'binned' for these rows; got"),
        ([0, 1, 0, 1], [0.3] * 4, None, "All risks are the same"),
        ([0, 0, 1, 1], [0.1, 0.2, 0.4, 0.6], None, "The likelihood of the spline has no maximum here"),
        ([0, 1] * 8, np.repeat([0.3, 0.6], 8), "pointwise", "band must be 'consistency' or None below 10 events"),
    ],
)
def test_curves_that_do_not_exist_are_refused(y: object, risk: object, band: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        reliability_curve(y, risk, method="spline", band=band)  # type: ignore[arg-type]


def test_pointwise_band_covers_a_truth_inside_the_spline_space(rng: np.random.Generator) -> None:
    # 200 runs of 1,000 rows; 0.95 less three Monte Carlo standard errors, 0.046.
    inside = np.zeros(5)
    for _ in range(200):
        linear = rng.normal(-1, 1, 1000)
        truth = expit(-1 + 0.5 * (linear + 1))
        curve = reliability_curve(rng.random(1000) < truth, expit(linear), method="spline", band="pointwise")
        at = np.argsort(linear)[[50, 200, 500, 800, 950]]
        place = np.searchsorted(curve.risk, expit(linear[at]))
        inside += (curve.low[place] <= truth[at]) & (truth[at] <= curve.high[place])
    assert (inside / 200).min() >= 0.95 - 0.046
