"""Resamples hold as many rows as there are, whole groups, and repeated rows as frequency weights say."""

from __future__ import annotations

import numpy as np

from riskdec.models.inference.bootstrap_draws import Resamples, make_resamples


def plan(n: int, *, counts: np.ndarray | None = None, groups: np.ndarray | None = None, seed: int = 0) -> Resamples:
    return make_resamples(n, 40, counts=counts, groups=groups, rng=np.random.default_rng(seed))


def test_rows_are_drawn_with_replacement() -> None:
    resamples = plan(500)
    times = np.stack([resamples.multiplicity(b) for b in range(len(resamples))])
    assert (times.sum(axis=1) == 500).all()
    # A row is absent with probability (1 - 1/n)^n.
    assert abs((times == 0).mean() - np.exp(-1)) < 0.01


def test_same_seed_gives_same_draws_in_any_order() -> None:
    one, other = plan(50), plan(50)
    backwards = [other.multiplicity(b) for b in reversed(range(40))][::-1]
    assert all((one.multiplicity(b) == backwards[b]).all() for b in range(40))
    assert any((one.multiplicity(b) != plan(50, seed=1).multiplicity(b)).any() for b in range(40))


def test_groups_are_drawn_whole() -> None:
    groups = np.repeat(np.arange(10), np.arange(1, 11))
    times = plan(len(groups), groups=groups).multiplicity(3)
    by_group = [set(times[groups == g]) for g in range(10)]
    assert all(len(values) == 1 for values in by_group)
    assert sum(values.pop() for values in by_group) == 10


def test_frequency_weights_are_repeated_rows_draw_for_draw() -> None:
    counts = np.array([3.0, 1.0, 0.0, 2.0, 5.0])
    owner = np.repeat(np.arange(5), counts.astype(int))
    weighted, repeated = plan(5, counts=counts), plan(11)
    for b in range(10):
        expected = np.bincount(owner, weights=repeated.multiplicity(b), minlength=5)
        assert (weighted.multiplicity(b) == expected).all()


def test_frequency_weights_go_with_their_groups() -> None:
    groups, counts = np.array([0, 0, 1]), np.array([2.0, 1.0, 4.0])
    times = plan(3, groups=groups, counts=counts).multiplicity(0)
    assert times[0] == 2 * times[1]
    assert times[1] + times[2] / 4 == 2
