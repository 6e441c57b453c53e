from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec import reliability_curve
from riskdec.diagnostics.curves.isotonic_curve import IsotonicStatistic
from riskdec.diagnostics.curves.lowess import LowessStatistic, lowess
from riskdec.diagnostics.draws import MAX_POINTS
from riskdec.scores.isotonic import pool_violators
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec.diagnostics.curves.curves import BandName, Method


def test_isotonic_statistic_equals_the_fit_it_does_not_spell_out(rng: np.random.Generator) -> None:
    risk, weight = rng.random(200).round(2), rng.integers(1, 4, 200).astype(float)
    sums = sum_by_forecast(risk, rng.random(200) < risk, weight)
    reduced = IsotonicStatistic(sums).reduce(sums.events)
    level, _ = pool_violators(sums.events, sums.weight)
    rate = sums.events / sums.weight
    gain = (sums.weight * ((sums.risk - rate) ** 2 - (level - rate) ** 2)).sum() / sums.total
    assert reduced[0] == pytest.approx(gain, abs=1e-14)
    assert reduced[1:] == pytest.approx(level, abs=1e-12)


def test_curve_of_many_forecasts_is_pooled_without_losing_events(rng: np.random.Generator) -> None:
    n = 3 * MAX_POINTS
    risk = rng.random(n)
    curve = reliability_curve(rng.random(n) < risk, risk, n_resamples=5, rng=rng)
    assert len(curve.risk) <= MAX_POINTS
    assert curve.weight.sum() == n
    assert curve.events.sum() == curve.n_events
    assert (curve.weight * curve.event_rate).sum() == pytest.approx(curve.n_events)
    assert (np.diff(curve.event_rate) >= -1e-12).all()
    # Levels inside a block are equal to the bit, so that drawings can tell blocks apart.
    assert len(np.unique(curve.event_rate)) < 300


def test_lowess_curve_is_the_smoother(rng: np.random.Generator) -> None:
    risk = rng.random(100)
    y = rng.random(100) < risk
    curve = reliability_curve(y, risk, method="lowess", n_resamples=9, rng=rng)
    sums = sum_by_forecast(risk, y)
    assert curve.event_rate == pytest.approx(lowess(sums.risk, sums.weight, sums.events[None, :])[0])
    assert curve.low is not None
    assert LowessStatistic(sums).reduce(sums.events).tolist() == sums.events.tolist()


@pytest.mark.parametrize(("prevalence", "scale"), [(0.5, "probability"), (0.05, "logit"), (0.95, "logit")])
def test_histogram_counts_every_row_on_the_scale_of_the_prevalence(
    prevalence: float, scale: str, rng: np.random.Generator
) -> None:
    risk = np.concatenate([[0.0, 1.0], rng.beta(2 * prevalence, 2 * (1 - prevalence), 500)])
    y = np.arange(502) < 502 * prevalence
    curve = reliability_curve(y, risk, band=None)
    assert curve.scale == scale
    assert curve.bin_events.sum() == y.sum()
    assert curve.bin_nonevents.sum() == 502 - y.sum()
    assert (np.diff(curve.bin_edges) > 0).all()
    assert len(curve.bin_edges) == len(curve.bin_events) + 1


@pytest.mark.parametrize("risk", [0.01, 0.0, 1.0])
def test_histogram_exists_for_a_single_risk(risk: float) -> None:
    curve = reliability_curve([0] * 30 + [1], [risk] * 31, band=None)
    assert curve.bin_events.sum() == 1
    assert curve.bin_nonevents.sum() == 30


def test_curve_prints_serialises_and_gives_the_callers_frame() -> None:
    y, risk = [0, 1, 0, 1], [0.1, 0.3, 0.4, 0.9]
    curve = reliability_curve(pd.Series(y), pd.Series(risk), rng=0)
    frame = curve.frame()
    assert isinstance(frame, pd.DataFrame)
    assert frame["event_rate"].tolist() == [0, 0.5, 0.5, 1]
    assert isinstance(reliability_curve(pl.Series(y), pl.Series(risk), rng=0).frame(), pl.DataFrame)
    assert json.loads(json.dumps(curve.to_dict()))["n_events"] == 2
    assert "95 % consistency band" in str(curve.summary())
    assert repr(curve) == "<ReliabilityCurve: isotonic, consistency band, 4 points, n=4>"
    bare = reliability_curve(y, risk, band=None)
    assert bare.low is None
    assert "band" not in str(bare.summary())
    assert np.isnan(bare.frame()["low"]).all()


def test_arrays_of_a_curve_are_locked() -> None:
    curve = reliability_curve([0, 1], [0.2, 0.6], rng=0)
    with pytest.raises(ValueError, match="read-only"):
        curve.event_rate[0] = 0.5


@pytest.mark.parametrize(
    ("method", "band"),
    [
        ("isotonic", "simultaneous"),
        ("lowess", "consistency"),
        ("spline", "consistency"),
        ("spline", "pointwise"),
        ("binned", "consistency"),
        ("binned", "pointwise"),
    ],
)
def test_frequency_weights_and_order_change_no_curve(method: Method, band: BandName, rng: np.random.Generator) -> None:
    risk = rng.random(80).round(2) * 0.9 + 0.05
    y, weight = (rng.random(80) < risk).astype(int), rng.integers(0, 4, 80)
    order = rng.permutation(weight.sum())
    options: dict[str, Any] = {"method": method, "band": band, "n_resamples": 30, "rng": 7}
    weighted = reliability_curve(y, risk, sample_weight=weight, **options)
    repeated = reliability_curve(np.repeat(y, weight)[order], np.repeat(risk, weight)[order], **options)
    assert weighted.to_dict() == repeated.to_dict()


@pytest.mark.parametrize("method", ["isotonic", "lowess", "spline", "binned"])
def test_every_method_has_a_consistency_band_with_groups_and_importance_weights(
    method: Method, rng: np.random.Generator
) -> None:
    risk = rng.random(200) * 0.9 + 0.05
    y, weight = (rng.random(200) < risk).astype(int), rng.gamma(1, 1, 200)
    curve = reliability_curve(
        y,
        risk,
        method=method,
        sample_weight=weight,
        weight_kind="importance",
        groups=np.arange(200) // 4,
        n_resamples=30,
        rng=0,
    )
    assert curve.low is not None
    assert curve.high is not None
    assert (curve.low <= curve.high).all()
    assert len(str(curve.summary())) > 200
    assert len(curve.frame()) == len(curve.risk)
