from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import beta

from riskdec import reliability_curve
from riskdec.diagnostics.curves.bands import consistency_band, simultaneous_band
from riskdec.errors import InputError
from riskdec.scores.sums import sum_by_forecast


def test_consistency_band_holds_the_wanted_share_of_draws() -> None:
    levels = np.vstack([np.full(2, 9.0), np.column_stack([np.arange(99), np.arange(99)[::-1]]) / 100])
    band = consistency_band([levels], 0.9)
    # Places (99 + 1) * 0.05 and 0.95 of the sorted draws.
    assert band.low == pytest.approx([0.04, 0.04])
    assert band.high == pytest.approx([0.94, 0.94])


def test_consistency_band_of_two_sets_of_draws_is_the_outer_one() -> None:
    narrow, wide = np.array([[0.5], *[[0.5]] * 19]), np.array([[0.5], *[[v / 20] for v in range(19)]])
    assert consistency_band([narrow, wide], 0.9) == consistency_band([wide], 0.9)


def test_pointwise_band_is_wilsons_interval_on_the_block() -> None:
    # One block of 40 rows at the level 1/4.
    curve = reliability_curve([1, 0, 0, 0] * 10, [0.3] * 40, band="pointwise")
    z, n, c = 2.17, 40, 0.25
    centre, margin = (c + z * z / (2 * n)), z * np.sqrt(c * (1 - c) / n + (z / (2 * n)) ** 2)
    assert curve.low == pytest.approx([(centre - margin) / (1 + z * z / n)])
    assert curve.high == pytest.approx([(centre + margin) / (1 + z * z / n)])


def test_pointwise_band_counts_importance_weights_by_their_effective_number() -> None:
    y, risk = [1, 0, 0, 0] * 10, [0.3] * 40
    weight = np.tile([1.0, 1.0, 2.0, 4.0], 10)
    curve = reliability_curve(y, risk, band="pointwise", sample_weight=weight, weight_kind="importance")
    effective = weight.sum() ** 2 / (weight**2).sum()
    assert curve.high is not None
    # The upper Wilson limit of a level c = 1/8 solves z^2 C (1 - C) / m = (C - c)^2.
    high = curve.high[0]
    assert 2.17**2 * high * (1 - high) / effective == pytest.approx((high - 1 / 8) ** 2)


def test_pointwise_band_is_offered_at_tabulated_levels_only() -> None:
    with pytest.raises(InputError, match=r"confidence_level must be one of 0.9, 0.95, 0.99 for the pointwise band"):
        reliability_curve([0, 1], [0.2, 0.4], band="pointwise", confidence_level=0.8)


def test_simultaneous_band_equals_the_definition(rng: np.random.Generator) -> None:
    risk = rng.random(60).round(1)
    is_event = rng.random(60) < risk
    sums = sum_by_forecast(risk, is_event)
    m = len(sums.risk)
    d = 0.1 / (m * (m + 1))

    def rows_events(r: int, s: int) -> tuple[float, float]:
        return sums.weight[r : s + 1].sum(), sums.events[r : s + 1].sum()

    def upper(r: int, s: int) -> float:
        n, k = rows_events(r, s)
        return 1.0 if k == n else beta.ppf(1 - d, k + 1, n - k)

    def lower(r: int, s: int) -> float:
        n, k = rows_events(r, s)
        return 0.0 if k == 0 else beta.ppf(d, k, n - k + 1)

    high = [min(upper(r, s) for r in range(i, m) for s in range(r, m)) for i in range(m)]
    low = [max(lower(r, s) for s in range(i + 1) for r in range(s + 1)) for i in range(m)]
    band = simultaneous_band(sums, 0.9)
    assert band.high == pytest.approx(high)
    assert band.low == pytest.approx(low)


def test_a_band_without_room_for_a_rising_curve_is_a_finding(rng: np.random.Generator) -> None:
    risk = rng.random(3000)
    falling = reliability_curve(rng.random(3000) < 1 - risk, risk, band="simultaneous")
    (finding,) = falling.findings
    assert finding.code == "RD212"
    assert "the event rate falls as the risk rises" in finding.sentence
    assert "RD212" in str(falling.summary())
    assert falling.to_dict()["findings"][0]["code"] == "RD212"
    assert reliability_curve(rng.random(3000) < risk, risk, band="simultaneous").findings == ()


def test_intervals_wider_than_risk_and_rate_are_called_uninformative() -> None:
    risk = np.repeat([0.02, 0.5, 0.97], [30, 400, 30])
    y = np.concatenate([np.arange(30) < 1, np.arange(400) < 200, np.arange(30) < 29])
    curve = reliability_curve(y, risk, band="pointwise")
    assert curve.is_uninformative is not None
    assert curve.is_uninformative.tolist() == [True, False, True]
    assert "* Uninformative" in str(curve.summary())
    assert curve.rows is not None
    assert curve.rows.tolist() == [30, 400, 30]
    assert reliability_curve(y, risk, band="consistency", rng=0).is_uninformative is None


def test_simultaneous_band_of_many_forecasts_covers_the_whole_curve(rng: np.random.Generator) -> None:
    # Grouped above 256 forecasts; 40 runs at nominal 0.90 in which it covers always, as it is known to be wide.
    for _ in range(40):
        risk = np.sort(rng.random(1000))
        truth = risk**1.5
        curve = reliability_curve(rng.random(1000) < truth, risk, band="simultaneous", confidence_level=0.9)
        assert (curve.low <= truth).all()
        assert (truth <= curve.high).all()
        assert np.mean(curve.high - curve.low) < 0.4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"band": "simultaneous", "sample_weight": [1, 2], "weight_kind": "importance"}, "band must not be 'simul"),
        ({"band": "simultaneous", "groups": [0, 1]}, "band must be 'consistency' or None when rows come in groups"),
        ({"band": "pointwise", "groups": [0, 1]}, "band must be 'consistency' or None when rows come in groups"),
        ({"band": "pointwise", "method": "lowess"}, "band must be 'consistency' or None for method='lowess'"),
        ({"band": "wide"}, "band must be one of 'consistency', 'pointwise', 'simultaneous', None; got 'wide'"),
        ({"band": "simultaneous", "method": "spline"}, "band must be 'consistency', 'pointwise' or None for method='s"),
        ({"method": "loess"}, "method must be one of 'isotonic', 'lowess', 'spline', 'binned'; got 'loess'"),
    ],
)
def test_bands_without_meaning_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        reliability_curve([0, 1], [0.2, 0.4], **options)  # type: ignore[arg-type]


# Seeded slices of a coverage study; quantiles 5, 20, 50, 80 and 95 % of the score, 200 runs of 1,000 rows. The bound
# is the nominal 0.95 less three Monte Carlo standard errors, 3 * sqrt(0.95 * 0.05 / 200) = 0.046, and for the
# pointwise band (promised: at least 0.93) less that from 0.93.
SHARES = np.array([0.05, 0.2, 0.5, 0.8, 0.95])
R, N = 200, 1000


def test_consistency_band_covers_calibrated_curves(rng: np.random.Generator) -> None:
    inside = np.zeros(5)
    for _ in range(R):
        risk = expit(rng.normal(-1, 1, N))
        curve = reliability_curve(rng.random(N) < risk, risk, n_resamples=99, rng=rng)
        at = np.searchsorted(curve.risk, np.quantile(risk, SHARES, method="lower"))
        assert curve.low is not None
        assert curve.high is not None
        inside += (curve.low[at] - 1e-9 <= curve.event_rate[at]) & (curve.event_rate[at] <= curve.high[at] + 1e-9)
    assert (inside / R).min() >= 0.95 - 0.046


@pytest.mark.parametrize("slope", [1.0, 0.5, 0.0])
def test_pointwise_band_covers_the_true_curve(slope: float, rng: np.random.Generator) -> None:
    inside = np.zeros(5)
    for _ in range(R):
        linear = rng.normal(-1, 1, N)
        truth = expit(-1 + slope * (linear + 1))
        curve = reliability_curve(rng.random(N) < truth, expit(linear), band="pointwise")
        at = np.argsort(linear)[(SHARES * N).astype(int)]
        place = np.searchsorted(curve.risk, expit(linear[at]))
        assert curve.low is not None
        assert curve.high is not None
        inside += (curve.low[place] <= truth[at]) & (truth[at] <= curve.high[place])
    assert (inside / R).min() >= 0.93 - 3 * np.sqrt(0.93 * 0.07 / R)
