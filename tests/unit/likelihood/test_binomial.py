"""The log-likelihood, its score and its information are derivatives of each other, in both tails and in any chunk."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import numpy as np
import pytest

from riskdec.likelihood import both_risks, risks
from riskdec.likelihood.binomial import Rows, evaluate, null_coefficient, risk_and_normaliser
from riskdec.likelihood.rows import design as design_module
from riskdec.likelihood.rows.rank import make_design

if TYPE_CHECKING:
    from riskdec.likelihood.rows.design import Design


def some_rows(rng: np.random.Generator, n: int = 40, p: int = 3) -> tuple[np.ndarray, Rows]:
    rows = Rows(rng.integers(0, 2, n).astype(float), rng.uniform(0.2, 3, n), rng.normal(size=n))
    return rng.normal(size=(n, p)), rows


def standardised(design: Design) -> np.ndarray:
    return np.concatenate([Z.copy() for _, Z in design.chunks()])


@pytest.mark.parametrize("eta", [-740.0, -300.0, -37.5, -1.0, -1e-9, 0.0, 1e-9, 1.0, 37.5, 300.0, 740.0])
def test_risk_and_normaliser_have_all_digits_in_both_tails(eta: float) -> None:
    with localcontext(prec=400):
        exact = Decimal(eta).exp()
        wanted_risk, wanted_normaliser = float(exact / (1 + exact)), float((1 + exact).ln())
    risk, normaliser = risk_and_normaliser(np.array([eta]))
    assert risk[0] == pytest.approx(wanted_risk, rel=4e-16, abs=1e-321)
    assert normaliser[0] == pytest.approx(wanted_normaliser, rel=4e-16, abs=1e-321)


def test_risks_never_overflow() -> None:
    assert risks(np.array([-1e308, 1e308])).tolist() == [0, 1]


def test_log_likelihood_equals_the_sum_of_the_logs(rng: np.random.Generator) -> None:
    X, rows = some_rows(rng)
    design = make_design(X, weight=rows.weight, intercept=True)
    coef = rng.normal(size=4)
    assert rows.weight is not None
    assert rows.offset is not None
    p = 1 / (1 + np.exp(-(standardised(design) @ coef + rows.offset)))
    expected = rows.weight @ (rows.y * np.log(p) + (1 - rows.y) * np.log(1 - p))
    assert evaluate(design, rows, coef).log_likelihood == pytest.approx(expected, rel=1e-13)


def test_score_is_the_gradient_of_the_log_likelihood(rng: np.random.Generator) -> None:
    X, rows = some_rows(rng)
    design = make_design(X, weight=rows.weight, intercept=True)
    coef, h = rng.normal(size=4), 1e-5

    def value(at: np.ndarray) -> float:
        return evaluate(design, rows, at).log_likelihood

    gradient = [(value(coef + h * e) - value(coef - h * e)) / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(evaluate(design, rows, coef).score, gradient, rtol=1e-8, atol=1e-7)


def test_information_is_minus_the_derivative_of_the_score(rng: np.random.Generator) -> None:
    X, rows = some_rows(rng)
    design = make_design(X, weight=rows.weight, intercept=True)
    coef, h = rng.normal(size=4), 1e-5

    def score(at: np.ndarray) -> np.ndarray:
        return evaluate(design, rows, at).score

    hessian = np.array([(score(coef + h * e) - score(coef - h * e)) / (2 * h) for e in np.eye(4)])
    here = evaluate(design, rows, coef)
    np.testing.assert_allclose(here.information, -hessian, rtol=1e-8, atol=1e-7)
    np.testing.assert_array_equal(here.information, here.information.T)


def test_evaluate_gives_the_same_in_many_chunks(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    X, rows = some_rows(rng, n=1500)
    coef = rng.normal(size=4)
    whole = evaluate(make_design(X, weight=rows.weight, intercept=True), rows, coef)
    # The smallest chunk has 256 rows; without a cache the rows are standardised again in each pass.
    monkeypatch.setattr(design_module, "_CHUNK_NUMBERS", 1)
    monkeypatch.setattr(design_module, "_KEEP_NUMBERS", 1)
    chunked = evaluate(make_design(X, weight=rows.weight, intercept=True), rows, coef)
    assert chunked.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(chunked.score, whole.score, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(chunked.information, whole.information, rtol=1e-11)
    np.testing.assert_allclose(chunked.eta, whole.eta, rtol=0, atol=1e-12)


def test_null_coefficient_is_finite_when_one_outcome_is_missing() -> None:
    rows = Rows(np.ones(9), None, None)
    assert null_coefficient(rows) == pytest.approx(np.log(9.5 / 0.5))
    assert rows.total == 9
    assert Rows(np.ones(3), np.array([1.0, 2.0, 4.0]), None).total == 7


def test_both_risks_are_the_risks_to_the_last_bit(rng: np.random.Generator) -> None:
    eta = np.concatenate([[0.0, -0.0, 800.0, -800.0, np.inf, -np.inf, np.nan], rng.normal(0, 20, 1000)])
    np.testing.assert_array_equal(both_risks(eta), np.column_stack([risks(-eta), risks(eta)]))
