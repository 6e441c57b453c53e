"""The fixed sequence: what it tests, where it stops, how often it is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from riskdec.decisions.certificates.exact import first_rank, upper_error
from riskdec.decisions.certificates.fixed_sequence import certified_range, find_prefixes


def slow_range(key: np.ndarray, error: np.ndarray, limit: float, delta: float) -> list[float]:
    """Name the certified cuts by a loop over the distinct values."""
    least = first_rank(limit, delta, key.size)
    cuts: list[float] = []
    started = False
    for cut in np.unique(key):
        inside = key <= cut
        if inside.sum() < least:
            continue
        tests = [inside]
        if not started and (key == cut).sum() == 1:
            tests.append(key < cut)
        started = True
        if any(binom.cdf(error[rows].sum(), rows.sum(), limit) > delta for rows in tests):
            break
        cuts.append(float(cut))
    return cuts


@pytest.mark.parametrize("digits", [1, 2, 12])
@pytest.mark.parametrize("seed", range(8))
def test_certified_cuts_are_those_of_a_loop(seed: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    key = np.round(rng.random(200), digits)
    error = rng.random(200) < 0.3 * key
    prefixes = find_prefixes(key, error, np.ones(200), np.ones(200))
    passed = certified_range(prefixes, 0.1, 0.1)
    assert [float(prefixes.key[i]) for i in passed] == slow_range(key, error, 0.1, 0.1)


def test_prefixes_count_ties_as_one_unit() -> None:
    key = np.array([0.2, 0.1, 0.2, 0.4])
    prefixes = find_prefixes(key, np.array([True, False, True, False]), np.array([1.0, 2.0, 1.0, 1.0]), np.ones(4))
    assert prefixes.key.tolist() == [0.1, 0.2, 0.4]
    assert prefixes.size.tolist() == [2, 4, 5]
    assert prefixes.errors.tolist() == [0, 2, 2]
    assert prefixes.gain.tolist() == [2, 4, 5]


def test_weights_equal_repetition() -> None:
    rng = np.random.default_rng(3)
    key, error, weight = rng.random(80), rng.random(80) < 0.05, rng.integers(0, 4, 80)
    kept = weight > 0
    weighted = find_prefixes(key[kept], error[kept], weight[kept].astype(float), np.ones(kept.sum()))
    repeated = find_prefixes(
        np.repeat(key, weight), np.repeat(error, weight), np.ones(weight.sum()), np.ones(weight.sum())
    )
    for a, b in zip(weighted, repeated, strict=True):
        assert np.array_equal(a, b)


def test_too_few_cases_certify_nothing() -> None:
    few = find_prefixes(np.arange(45.0), np.zeros(45, dtype=bool), np.ones(45), np.ones(45))
    assert not certified_range(few, 0.05, 0.1)
    enough = find_prefixes(np.arange(46.0), np.zeros(46, dtype=bool), np.ones(46), np.ones(46))
    assert list(certified_range(enough, 0.05, 0.1)) == [45]


def test_first_cut_is_tested_with_its_own_case_and_without() -> None:
    """An error at the cut itself, or one before it, each ends the sequence where none is allowed."""
    key = np.arange(46.0)
    for wrong in (0, 45):
        prefixes = find_prefixes(key, key == wrong, np.ones(46), np.ones(46))
        assert not certified_range(prefixes, 0.05, 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_every_certified_cut_has_a_limit_of_its_own_below_the_promise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    key = rng.random(400)
    prefixes = find_prefixes(key, rng.random(400) < 0.1 * key, np.ones(400), np.ones(400))
    for place in certified_range(prefixes, 0.2, 0.1):
        assert upper_error(prefixes.errors[place], prefixes.size[place], 0.1) <= 0.2


def test_single_case_at_a_value_that_others_share_opens_no_hole() -> None:
    """A bad value that holds one of eight cases: without the test that includes it, 0.15 of these would pass at 0.0625.

    Four cases before it err at the rate 0.376, the value itself always does; together they are just above one half.
    """
    rng = np.random.default_rng(1)
    for _ in range(300):
        error = np.append(rng.random(4) < 0.376, [True, False, True, False])
        key = np.append(np.sort(rng.random(4)) / 2, [0.6, 0.9, 0.9, 0.9])
        passed = certified_range(find_prefixes(key, error, np.ones(8), np.ones(8)), 0.5, 0.0626)
        assert not passed


def test_no_cases_certify_nothing() -> None:
    none = find_prefixes(np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0), np.zeros(0))
    assert not certified_range(none, 0.05, 0.1)


LOCAL = {
    "just above": lambda u: np.full_like(u, 0.0501),
    "rising": lambda u: 0.2 * u,
    "pocket at the start": lambda u: np.select([u < 0.2, u < 0.5], [0.09, 0.0], 0.3),
    "falling head": lambda u: np.clip(0.12 - 0.3 * u, 0.03, None),
    "zig-zag": lambda u: np.where((u * 20).astype(int) % 2, 0.0, 0.105),
}


@pytest.mark.parametrize("shape", LOCAL)
def test_violations_keep_to_delta_whatever_the_local_error(shape: str) -> None:
    """A slice of the simulation: 2,000 calibrations of 300 cases each."""
    rng = np.random.default_rng([20261121, list(LOCAL).index(shape)])
    grid = (np.arange(2000) + 0.5) / 2000
    truth = np.cumsum(LOCAL[shape](grid)) / np.arange(1, 2001)
    failures = 0
    for _ in range(2000):
        u = rng.random(300)
        prefixes = find_prefixes(u, rng.random(300) < LOCAL[shape](u), np.ones(300), np.ones(300))
        passed = certified_range(prefixes, 0.05, 0.1)
        failures += bool(passed) and np.interp(prefixes.key[passed.stop - 1], grid, truth) > 0.05
    assert failures / 2000 <= 0.1 + 3 * np.sqrt(0.09 / 2000)
