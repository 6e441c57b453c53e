"""Laws of resampling: multiplicity is repetition, workers change nothing, and indices keep their order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from riskdec import LogisticRiskModel, decision_stability, validate_by_bootstrap
from riskdec.likelihood import fit_binomial
from riskdec.likelihood.refits import refit_binomial
from riskdec.resampling.performance import INDICES, RankedRisks

SEEDS = st.integers(0, 2**32 - 1)


def problem(seed: int, n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * rng.choice([1e-3, 1.0, 1e4], p) + rng.normal(size=p)
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    y = rng.random(n) < 1 / (1 + np.exp(1 - z @ rng.normal(size=p) / p))
    return X, y


@given(seed=SEEDS, n=st.integers(60, 400), p=st.integers(1, 6))
@settings(max_examples=40)
def test_multiplicity_refit_is_the_fit_on_repeated_rows(seed: int, n: int, p: int) -> None:
    X, y = problem(seed, n, p)
    fit = fit_binomial(X, y)
    if not fit.converged:
        return
    rng = np.random.default_rng(seed)
    weights = np.stack([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(4)]).astype(float)
    refits = refit_binomial(fit, y, weights)
    for weight, coef, certified in zip(weights, refits.coef, refits.certified, strict=True):
        rows = np.repeat(np.arange(n), weight.astype(int))
        single = fit_binomial(X[rows], y[rows], tol=1e-11)
        if certified:
            assert single.converged
            size = np.r_[1, X.std(axis=0)]
            center = np.r_[1, X.mean(axis=0)]
            # The risk at the middle of the data, and slopes in standard deviations.
            ours, theirs = (np.r_[c @ center, (c * size)[1:]] for c in (coef, single.coef))
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
        else:
            # What is left to single fits is separated, or has a column that the resample makes constant.
            assert not single.converged or single.aliases


@given(seed=SEEDS)
@settings(max_examples=8)
def test_workers_change_no_bit(seed: int) -> None:
    X, y = problem(seed, 120, 3)
    if y.sum() < 10 or (~y).sum() < 10:
        return
    one, two = (validate_by_bootstrap(LogisticRiskModel(), X, y, n_resamples=70, rng=seed, n_jobs=j) for j in (1, 2))
    assert [i.to_dict() for i in one.indices] == [i.to_dict() for i in two.indices]
    assert (one.curve_corrected == two.curve_corrected).all()
    stable, again = (decision_stability(LogisticRiskModel(), X, y, n_resamples=70, rng=seed, n_jobs=j) for j in (1, 2))
    assert (stable.low == again.low).all()


@given(seed=SEEDS, digits=st.integers(1, 6))
@settings(max_examples=40)
def test_indices_stay_in_their_ranges_and_names_of_classes_mirror_them(seed: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    risk = np.round(rng.beta(1, 3, 200), digits)
    y = rng.random(200) < risk
    if not 0 < y.sum() < 200:
        return
    weight = rng.integers(0, 3, 200).astype(float)
    if not 0 < weight @ y < weight.sum():
        return
    here = dict(zip(INDICES, RankedRisks(risk, y).measure(weight).indices, strict=True))
    there = dict(zip(INDICES, RankedRisks(1 - risk, ~y).measure(weight).indices, strict=True))
    assert 0 <= here["auc"] <= 1
    assert 0 <= here["brier"] <= 1
    assert here["log_score"] >= 0
    assert 0 <= here["e50"] <= here["e90"] <= here["emax"]
    for name in ("auc", "dxy", "brier", "r2", "slope", "g", "gp"):
        np.testing.assert_allclose(here[name], there[name], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose([here["intercept"], here["citl"]], [-there["intercept"], -there["citl"]], atol=1e-7)
