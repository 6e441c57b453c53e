from __future__ import annotations

import numpy as np
import pytest

from riskdec import binned_calibration_error
from riskdec.errors import InputError


def by_hand(y: np.ndarray, risk: np.ndarray, weight: np.ndarray, place: np.ndarray, norm: str) -> float:
    """Average rows bin by bin."""
    inside = [place == k for k in np.unique(place)]
    share = np.array([weight[rows].sum() for rows in inside]) / weight.sum()
    apart = np.array([abs(np.average((y - risk)[rows], weights=weight[rows])) for rows in inside])
    return float({"l1": share @ apart, "l2": np.sqrt(share @ apart**2), "max": apart.max()}[norm])


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_errors_in_bins_of_equal_width_equal_averages_of_rows(norm: str, rng: np.random.Generator) -> None:
    # Multiples of 1/40 include the edges, which belong to the bin above, and 1, which belongs to the last.
    risk, y, weight = rng.integers(0, 41, 200) / 40, rng.integers(0, 2, 200), rng.random(200) + 0.1
    error = binned_calibration_error(
        y,
        risk,
        n_bins=10,
        binning="equal_width",
        norm=norm,  # type: ignore[arg-type]
        sample_weight=weight,
        weight_kind="importance",
        n_resamples=1,
        rng=0,
    )
    place = np.minimum(np.round(risk * 40).astype(int) // 4, 9)
    assert error.estimate == pytest.approx(by_hand(y, risk, weight, place, norm), abs=1e-14)


def test_bins_of_equal_mass_hold_equally_many_rows(rng: np.random.Generator) -> None:
    risk, y = rng.random(300), rng.integers(0, 2, 300)
    place = np.argsort(np.argsort(risk)) // 20
    error = binned_calibration_error(y, risk, n_bins=15, n_resamples=1, rng=0)
    assert error.estimate == pytest.approx(by_hand(y, risk, np.ones(300), place, "l1"), abs=1e-14)
    assert error.method.startswith("15 bins of equal mass")


def test_tied_risks_share_a_bin_whatever_the_order_of_the_rows(rng: np.random.Generator) -> None:
    risk = np.where(np.arange(100) < 90, 0.0, rng.random(100))
    y = (rng.random(100) < 0.3).astype(int)
    order = rng.permutation(100)
    first, second = (
        binned_calibration_error(y[rows], risk[rows], n_bins=10, n_resamples=50, rng=1) for rows in (slice(None), order)
    )
    assert first.to_dict() == second.to_dict()
    assert first.method.startswith("2 bins")


def test_whole_weights_equal_repeated_rows_bit_for_bit(rng: np.random.Generator) -> None:
    risk, y, times = rng.random(40).round(1), rng.integers(0, 2, 40), rng.integers(1, 4, 40)
    weighted = binned_calibration_error(y, risk, sample_weight=times, n_resamples=60, rng=2)
    repeated = binned_calibration_error(np.repeat(y, times), np.repeat(risk, times), n_resamples=60, rng=2)
    assert weighted.to_dict() == repeated.to_dict()


def test_mean_by_chance_is_that_of_half_normal_residuals(rng: np.random.Generator) -> None:
    # ECE under calibration is about (1/n) sum over bins of sqrt((2/pi) sum p (1 - p)).
    for n in (1000, 60_000):
        risk = rng.random(n)
        error = binned_calibration_error(rng.random(n) < risk, risk, n_resamples=999, rng=3)
        spread = [np.sqrt((p * (1 - p)).sum()) for p in np.array_split(np.sort(risk), 15)]
        wanted = np.sqrt(2 / np.pi) * sum(spread) / n
        assert error.null_mean == pytest.approx(wanted, rel=0.02)


def test_drawn_and_normal_residuals_give_the_same_chance_level(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    risk = rng.random(3000) * 0.8 + 0.1
    y = rng.random(3000) < risk
    normal = binned_calibration_error(y, risk, n_resamples=1999, rng=4)
    monkeypatch.setattr("riskdec.diagnostics.distances.binned.ENOUGH_IN_A_BIN", 1e9)
    drawn = binned_calibration_error(y, risk, n_resamples=1999, rng=4)
    assert drawn.estimate == normal.estimate
    assert drawn.null_mean == pytest.approx(normal.null_mean, rel=0.02)
    assert drawn.null_high == pytest.approx(normal.null_high, rel=0.03)


def test_rare_events_of_many_rows_are_drawn_in_groups_that_keep_the_bins(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Groups so coarse that they would straddle the bins unless kept apart.
    monkeypatch.setattr("riskdec.diagnostics.draws.MAX_DRAWN_POINTS", 64)
    monkeypatch.setattr("riskdec.diagnostics.draws.MAX_POINTS", 16)
    risk = rng.random(6000) / 200
    y = rng.random(6000) < risk
    pooled = binned_calibration_error(y, risk, n_bins=7, n_resamples=1999, rng=4)
    monkeypatch.setattr("riskdec.diagnostics.draws.MAX_DRAWN_POINTS", 10_000)
    apart = binned_calibration_error(y, risk, n_bins=7, n_resamples=1999, rng=5)
    assert pooled.estimate == apart.estimate
    assert pooled.null_mean == pytest.approx(apart.null_mean, rel=0.05)


def test_interval_covers_zero_and_the_error_when_there_is_one(rng: np.random.Generator) -> None:
    covered = 0
    for _ in range(100):
        risk = rng.choice([0.1, 0.3, 0.6], 500)
        y = rng.random(500) < risk + 0.1
        error = binned_calibration_error(y, risk, n_resamples=199, rng=rng)
        assert error.low is not None
        assert error.high is not None
        covered += error.low <= 0.1 <= error.high
    assert covered >= 95 - 3 * 2.2


def test_dependent_rows_widen_the_interval_and_withhold_the_p_value(rng: np.random.Generator) -> None:
    risk, y = np.repeat(rng.random(100), 10), np.repeat(rng.integers(0, 2, 100), 10)
    alone = binned_calibration_error(y, risk, n_bins=5, rng=0)
    together = binned_calibration_error(y, risk, n_bins=5, groups=np.arange(1000) // 10, rng=0)
    assert np.isnan(together.p_value)
    assert alone.high is not None
    assert together.high is not None
    assert together.high - together.estimate > 1.5 * (alone.high - alone.estimate)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bins": 0}, "n_bins must be a whole number of at least 1; got 0"),
        ({"binning": "quantile"}, "binning must be one of 'equal_mass', 'equal_width'; got 'quantile'"),
        ({"norm": "l3"}, "norm must be one of 'l1', 'l2', 'max'; got 'l3'"),
    ],
)
def test_binned_error_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        binned_calibration_error([0, 1], [0.2, 0.4], **options)  # type: ignore[arg-type]
