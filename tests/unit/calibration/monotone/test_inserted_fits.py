"""Isotonic fits with one more row: every place and both outcomes, against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from riskdec.calibration.monotone import inserted_fits
from riskdec.calibration.monotone.inserted_fits import fit_inserted
from riskdec.scores.isotonic import _pool_compiled, pool_violators


def value_with(score: list[float], events: list[int], weight: list[int], at: float, outcome: int) -> float:
    """Fit with the row in it by the definition: the highest of the lowest means, in fractions."""
    score, events, weight = list(score), list(events), list(weight)
    place = sum(s < at for s in score)
    if place == len(score) or score[place] != at:
        for values, value in ((score, at), (events, 0), (weight, 0)):
            values.insert(place, value)
    events[place] += outcome
    weight[place] += 1
    return float(
        max(
            min(Fraction(sum(events[a : b + 1]), sum(weight[a : b + 1])) for b in range(place, len(score)))
            for a in range(place + 1)
        )
    )


@pytest.mark.parametrize("seed", range(60))
def test_inserted_fits_are_the_fits_to_the_bit_when_weights_are_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 25))
    score = np.arange(m) / 4
    weight = rng.integers(1, 1 + rng.integers(1, 6), m)
    events = rng.binomial(weight, rng.random())
    fits = fit_inserted(score, events.astype(float), weight.astype(float))
    new = np.concatenate([[-1.0], score, score + 1 / 8])
    low, high = fits.at(new)
    given = (score.tolist(), events.tolist(), weight.tolist())
    assert low.tolist() == [value_with(*given, at, 0) for at in new]
    assert high.tolist() == [value_with(*given, at, 1) for at in new]


def test_new_row_beyond_all_scores_is_certain_of_one_side() -> None:
    fits = fit_inserted(np.array([0.2, 0.6]), np.array([1.0, 1.0]), np.array([3.0, 2.0]))
    low, high = fits.at(np.array([-np.inf, 0.1, 0.7, np.inf]))
    assert low[:2].tolist() == [0, 0]
    assert high[2:].tolist() == [1, 1]


def test_one_score_gives_the_two_rates_with_one_more_row() -> None:
    low, high = fit_inserted(np.array([0.5]), np.array([3.0]), np.array([9.0])).at(np.array([0.4, 0.5, 0.6]))
    assert low.tolist() == [0, 0.3, 0.3]
    assert high.tolist() == [0.4, 0.4, 1]


def test_steps_are_as_few_as_the_values() -> None:
    rng = np.random.default_rng(0)
    score = np.sort(rng.random(5000))
    fits = fit_inserted(score, (rng.random(5000) < score).astype(float), np.ones(5000))
    for values in (fits.low, fits.high):
        assert (np.diff(values) > 0).all()
        assert len(values) < 400


def test_weights_that_are_no_counts_give_the_fit_of_floating_point() -> None:
    rng = np.random.default_rng(3)
    score = np.arange(200.0)
    weight = rng.gamma(2, 1, 200)
    events = weight * rng.random(200)
    new = np.array([-1.0, 0.0, 17.0, 17.5, 100.0, 199.0, 200.0])
    for outcome, found in enumerate(fit_inserted(score, events, weight).at(new)):
        for at, value in zip(new, found, strict=True):
            place = int(np.searchsorted(score, at))
            there = at in score
            w = weight.copy() if there else np.insert(weight, place, 0.0)
            e = events.copy() if there else np.insert(events, place, 0.0)
            w[place] += 1
            e[place] += outcome
            assert value == pytest.approx(pool_violators(e, w)[0][place], abs=1e-13)


def test_compiled_pooling_leads_to_the_same_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    score, weight = np.arange(3000.0), rng.integers(1, 4, 3000).astype(float)
    events = rng.binomial(weight.astype(int), score / 3000).astype(float)
    by_scipy = fit_inserted(score, events, weight)
    monkeypatch.setattr(inserted_fits, "pool_blocks", _pool_compiled)
    for ours, theirs in zip(fit_inserted(score, events, weight), by_scipy, strict=True):
        np.testing.assert_array_equal(ours, theirs)
