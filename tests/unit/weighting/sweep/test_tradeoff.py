"""Equal precision: the threshold that is found is the nearest one, and its standard error that of the bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskdec.weighting.sweep.tradeoff import find_crossing, flag_columns, match_precision


def match(
    log_odds: np.ndarray, none: np.ndarray, event: np.ndarray, groups: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Give the recall of one column of weights, that of the threshold, and the standard error of the difference."""
    weighted, flags = flag_columns(log_odds[:, None], np.zeros(1), event)
    found = match_precision(flags, weighted, none, event, groups)
    return float(weighted.hits[0] / event.sum()), float(found.recall[0]), float(found.standard_error[0])


@given(seed=st.integers(0, 10**6), n=st.integers(4, 60), digits=st.integers(0, 2))
def test_nearest_threshold_of_equal_precision_by_brute_force(seed: int, n: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    none, weights = rng.normal(size=n).round(digits), rng.normal(size=n).round(digits)
    event = rng.random(n) < 0.4
    if not event.any() or not (weights >= 0).any():
        return
    _, ours, _ = match(weights, none, event)
    flagged, hits = float((weights >= 0).sum()), float((event & (weights >= 0)).sum())
    cuts = np.sort(np.unique(none))[::-1]
    rows = np.array([(none >= cut).sum() for cut in cuts], dtype=float)
    events = np.array([event[none >= cut].sum() for cut in cuts], dtype=float)
    best, nearest = np.nan, np.inf
    for k, h in zip(rows, events, strict=True):
        if h * flagged == hits * k and abs(k - flagged) < nearest:
            best, nearest = h / event.sum(), abs(k - flagged)
    for k0, k1, h0, h1 in zip(rows[:-1], rows[1:], events[:-1], events[1:], strict=True):
        low, high = h0 * flagged - hits * k0, h1 * flagged - hits * k1
        if low * high < 0:
            share = low / (low - high)
            k = k0 + share * (k1 - k0)
            if abs(k - flagged) < nearest - 1e-9:
                best, nearest = (h0 + share * (h1 - h0)) / event.sum(), abs(k - flagged)
            elif abs(abs(k - flagged) - nearest) <= 1e-9 and not np.isclose(ours, best):
                best = (h0 + share * (h1 - h0)) / event.sum()
    assert ours == pytest.approx(best, nan_ok=True)


def test_the_same_flags_differ_by_nothing() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(-1, 1, 500)
    event = rng.random(500) < 1 / (1 + np.exp(-x))
    ours, theirs, error = match(x + 0.7, x, event)
    assert ours == theirs
    assert error == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("size", [1, 4], ids=["rows", "groups of four"])
def test_standard_error_is_that_of_the_bootstrap(size: int) -> None:
    rng = np.random.default_rng(2)
    n = 6000
    shared = np.repeat(rng.normal(size=n // size), size)
    x = -2 + shared + 0.3 * rng.normal(size=n)
    event = rng.random(n) < 1 / (1 + np.exp(-x))
    # The risks without weights see less of what matters than those with them.
    weights, none = x + 1.5 + 0.3 * rng.normal(size=n), x + 0.5 * rng.normal(size=n)
    groups = None if size == 1 else np.repeat(np.arange(n // size), size)
    ours, theirs, error = match(weights, none, event, groups)
    differences = []
    for _ in range(300):
        drawn = rng.integers(0, n // size, n // size)
        rows = (drawn[:, None] * size + np.arange(size)).ravel()
        one, other, _ = match(weights[rows], none[rows], event[rows])
        differences.append(one - other)
    assert ours - theirs == pytest.approx(np.mean(differences), abs=3 * error)
    assert error == pytest.approx(np.std(differences), rel=0.2)


def test_crossing_is_interpolated_on_the_log_axis() -> None:
    log_ratio = np.log([1.0, 4.0, 16.0])
    ratio, value = find_crossing(log_ratio, np.array([np.nan, 0.6, 0.2]), np.array([0.0, 0.2, 0.6]))
    assert ratio == pytest.approx(8.0)
    assert value == pytest.approx(0.4)


def test_lines_that_do_not_cross_have_no_crossing() -> None:
    ratio, value = find_crossing(np.log([1.0, 2.0]), np.array([0.9, 0.8]), np.array([0.1, 0.2]))
    assert np.isnan(ratio)
    assert np.isnan(value)
