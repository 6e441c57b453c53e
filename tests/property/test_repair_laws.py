"""Laws of undoing, prevalence estimation and updating: inverses, order, symmetry, what may not matter."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from riskdec import (
    adjust_prevalence,
    choose_update,
    estimate_prevalence,
    undo_focal_loss,
    undo_label_smoothing,
    undo_logit_adjustment,
)
from riskdec.errors import RepairWarning

open_risks = arrays(np.float64, st.integers(1, 30), elements=st.floats(1e-6, 1 - 1e-6))
shares = st.floats(0.001, 0.999)
gammas = st.floats(0, 8)


def quietly_adjust(p: np.ndarray, train: float, target: float) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RepairWarning)
        return adjust_prevalence(p, train=train, target=target)


@given(p=open_risks, first=shares, second=shares)
def test_adjusting_there_and_back_changes_nothing(p: np.ndarray, first: float, second: float) -> None:
    there = quietly_adjust(p, first, second)
    np.testing.assert_allclose(quietly_adjust(there, second, first), p, rtol=1e-7, atol=1e-9)


@given(p=open_risks, first=shares, second=shares, third=shares)
def test_two_adjustments_are_one(p: np.ndarray, first: float, second: float, third: float) -> None:
    twice = quietly_adjust(quietly_adjust(p, first, second), second, third)
    np.testing.assert_allclose(twice, quietly_adjust(p, first, third), rtol=1e-7, atol=1e-9)


@given(p=open_risks, gamma=gammas)
def test_undoing_focal_loss_keeps_order_and_symmetry(p: np.ndarray, gamma: float) -> None:
    risk = undo_focal_loss(np.sort(p), gamma=gamma)
    assert ((risk >= 0) & (risk <= 1)).all()
    assert (np.diff(risk) >= -1e-15).all()
    np.testing.assert_allclose(undo_focal_loss(1 - np.sort(p), gamma=gamma), 1 - risk, atol=1e-9)


@given(seed=st.integers(0, 2**31), gamma=gammas, k=st.integers(2, 6))
def test_names_of_outcomes_do_not_matter_to_the_focal_inverse(seed: int, gamma: float, k: int) -> None:
    rng = np.random.default_rng(seed)
    v, alpha, order = rng.dirichlet(np.ones(k), 5), rng.uniform(0.1, 3, k), rng.permutation(k)
    p = undo_focal_loss(v, gamma=gamma, alpha=alpha)
    np.testing.assert_allclose(undo_focal_loss(v[:, order], gamma=gamma, alpha=alpha[order]), p[:, order], atol=1e-12)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(undo_focal_loss(v, gamma=gamma, alpha=7 * alpha), p, atol=1e-12)


@given(p=open_risks, eps=st.floats(0, 0.9))
def test_smoothing_is_inverted(p: np.ndarray, eps: float) -> None:
    np.testing.assert_allclose(undo_label_smoothing((1 - eps) * p + eps / 2, smoothing=eps), p, atol=1e-12 / (1 - eps))


@given(p=open_risks, share=shares, first=st.floats(0, 3), second=st.floats(0, 3))
def test_logit_adjustments_add_up(p: np.ndarray, share: float, first: float, second: float) -> None:
    twice = undo_logit_adjustment(undo_logit_adjustment(p, prevalence=share, tau=first), prevalence=share, tau=second)
    together = undo_logit_adjustment(p, prevalence=share, tau=first + second)
    np.testing.assert_allclose(twice, together, rtol=1e-6, atol=1e-9)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**31), k=st.integers(2, 4), n=st.integers(3, 60))
def test_prevalence_knows_neither_the_order_of_rows_nor_of_outcomes(seed: int, k: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    p, train = rng.dirichlet(np.ones(k), n), rng.dirichlet(5 * np.ones(k))
    rows, order = rng.permutation(n), rng.permutation(k)
    first = estimate_prevalence(p, train=train).shares
    second = estimate_prevalence(p[rows][:, order], train=train[order]).shares
    for place, share in zip(order, second, strict=True):
        numbers = [first[place].estimate, first[place].low, first[place].high]
        assert [share.estimate, share.low, share.high] == pytest.approx(numbers, abs=1e-5)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**31), k=st.integers(2, 4), n=st.integers(3, 60))
def test_intervals_hold_the_estimate_and_adjusted_probabilities_average_it(seed: int, k: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    p, train = rng.dirichlet(np.ones(k), n), rng.dirichlet(5 * np.ones(k))
    answer = estimate_prevalence(p, train=train)
    for share in answer.shares:
        assert 0 <= share.low <= share.estimate <= share.high <= 1
    estimate = [share.estimate for share in answer.shares]
    assert sum(estimate) == pytest.approx(1, abs=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RepairWarning)
        np.testing.assert_allclose(answer.adjust(p).mean(axis=0), estimate, atol=1e-6)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**31), shift=st.floats(-2, 2))
def test_ladder_sees_the_rows_and_not_their_order_nor_a_shift_made_before(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    old = rng.normal(-1, 1, 150)
    y = rng.random(150) < expit(0.3 + 0.8 * old)
    assume(5 < y.sum() < 145)
    ladder = choose_update(y, expit(old))
    rows = rng.permutation(150)
    again = choose_update(y[rows], expit(old[rows]))
    assert again.chosen == ladder.chosen
    for one, two in zip(ladder.rungs, again.rungs, strict=True):
        np.testing.assert_allclose(one.coef, two.coef, atol=1e-8)
    shifted = choose_update(y, expit(old + shift))
    for name in ("citl", "citl and slope"):
        moved = shifted.apply(expit(old + shift), rung=name)
        np.testing.assert_allclose(moved, ladder.apply(expit(old), rung=name), atol=1e-7)
