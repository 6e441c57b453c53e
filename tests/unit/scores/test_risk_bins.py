"""Bins of risk: nothing is lost, limits do not depend on the data, and no bin need tell of one row."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.scores.risk_bins import RiskBins, bin_risks
from riskdec.scores.sums import sum_by_forecast


def bins_of(risk: np.ndarray, is_event: np.ndarray) -> RiskBins:
    return bin_risks(sum_by_forecast(risk, is_event))


def test_sums_are_kept_and_bins_are_narrow(rng: np.random.Generator) -> None:
    risk = np.concatenate([rng.beta(0.3, 3, 5000), [0.0, 1.0, 1e-12]])
    is_event = rng.random(len(risk)) < risk
    bins = bins_of(risk, is_event)
    assert bins.total == len(risk)
    assert bins.events.sum() == is_event.sum()
    assert bins.weight @ bins.risk == pytest.approx(risk.sum())
    assert (np.diff(bins.risk) > 0).all()
    assert len(bins.risk) <= 602
    inner = np.sort(risk[(risk > 1e-5) & (risk < 1 - 1e-5)])
    logit = np.log(inner / (1 - inner))
    nearest = bins.risk[
        np.abs(np.log(bins.risk[None, 1:-1] / (1 - bins.risk[None, 1:-1])) - logit[:, None]).argmin(1) + 1
    ]
    assert np.abs(np.log(nearest / (1 - nearest)) - logit).max() < 0.05


def test_parts_of_the_rows_fall_into_the_same_bins(rng: np.random.Generator) -> None:
    risk = rng.random(400)
    is_event = rng.random(400) < 0.5
    whole, parts = bins_of(risk, is_event), [bins_of(risk[i::2], is_event[i::2]) for i in range(2)]
    place = lambda bins: np.floor(20 * np.log(bins.risk / (1 - bins.risk))).astype(int)  # noqa: E731
    added: dict[int, float] = {}
    for part in parts:
        for k, weight in zip(place(part).tolist(), part.weight.tolist(), strict=True):
            added[k] = added.get(k, 0.0) + weight
    assert added == dict(zip(place(whole).tolist(), whole.weight.tolist(), strict=True))


def test_small_bins_are_joined_until_none_tells_of_a_few_rows(rng: np.random.Generator) -> None:
    bins = bins_of(rng.beta(1, 9, 3000), rng.random(3000) < 0.1)
    joined = bins.without_small(5)
    assert bins.weight.min() == 1
    assert joined.weight.min() >= 5
    for name in ("weight", "events"):
        assert getattr(joined, name).sum() == getattr(bins, name).sum()
    assert joined.weight @ joined.risk == pytest.approx(bins.weight @ bins.risk)
    few = bins_of(np.array([0.1, 0.9]), np.array([False, True])).without_small(5)
    assert few.weight.tolist() == [2]
    assert "2 rows in 1 bins" in repr(few)


def test_bins_part_at_cuts_so_that_they_are_decided_like_rows(rng: np.random.Generator) -> None:
    risk, cuts = rng.beta(1, 9, 3000), np.array([0.04, 0.0625, 0.4])
    risk[:50] = 0.04
    is_event = rng.random(3000) < risk
    bins = bin_risks(sum_by_forecast(risk, is_event), cuts=cuts)
    region, wanted = np.searchsorted(cuts, bins.risk, side="right"), np.searchsorted(cuts, risk, side="right")
    joined = bins.without_small(5, cuts=cuts)
    kept = np.searchsorted(cuts, joined.risk, side="right")
    for one, place in ((bins, region), (joined, kept)):
        np.testing.assert_array_equal(np.bincount(place, one.weight, 4), np.bincount(wanted, minlength=4))
        np.testing.assert_array_equal(np.bincount(place, one.events, 4), np.bincount(wanted, is_event, 4))
    assert joined.weight.min() >= 5
    assert len(bins.risk) <= len(bins_of(risk, is_event).risk) + 3


@pytest.mark.parametrize("cuts", [[0.05], [0.95], [0.05, 0.0501, 0.95, 0.951]])
def test_fewer_rows_beyond_a_cut_go_with_their_neighbours(cuts: list[float], rng: np.random.Generator) -> None:
    risk = np.concatenate([[0.01, 0.02, 0.05005], rng.uniform(0.2, 0.8, 500), [0.9505, 0.99]])
    bins = bin_risks(sum_by_forecast(risk, rng.random(505) < risk), cuts=cuts).without_small(5, cuts=cuts)
    assert bins.weight.min() >= 5
    assert bins.total == 505
    assert bins.weight @ bins.risk == pytest.approx(risk.sum())


@pytest.mark.parametrize("unit", [0.01, 1.0, 1000.0])
def test_rows_are_counted_and_not_their_importance_when_small_bins_are_joined(unit: float) -> None:
    rng = np.random.default_rng(7)
    risk = rng.uniform(0.1, 0.9, 60)
    is_event = rng.random(60) < risk
    weighted = sum_by_forecast(risk, is_event, np.full(60, unit), kind="importance")
    joined, counted = bin_risks(weighted).without_small(5), bins_of(risk, is_event).without_small(5)
    assert joined.weight == pytest.approx(unit * counted.weight)
    assert counted.weight.min() >= 5
