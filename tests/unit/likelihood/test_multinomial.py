"""The multinomial likelihood and its maximum: closed forms, finite differences, and the laws it has to keep."""

from __future__ import annotations

from decimal import Decimal, getcontext
from typing import NamedTuple

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial, fit_multinomial, multinomial_residuals, probabilities, sample_start
from riskdec.likelihood.binomial import Rows
from riskdec.likelihood.multinomial import MultinomialRows
from riskdec.likelihood.rows import design as design_module
from riskdec.likelihood.rows.rank import make_design


class Data(NamedTuple):
    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    offset: np.ndarray


def draw(rng: np.random.Generator, n: int = 400, p: int = 3, K: int = 4) -> Data:
    """Give outcomes of a multinomial logit model, drawn by Gumbel's maxima."""
    X = rng.normal(size=(n, p))
    eta = X @ rng.normal(size=(p, K)) / 2 + rng.normal(size=K) / 2
    y = (eta - np.log(-np.log(rng.random((n, K))))).argmax(axis=1)
    return Data(X, y, rng.uniform(0.2, 3, n), rng.normal(size=(n, K - 1)) / 2)


def value(X: np.ndarray, y: np.ndarray, coef: np.ndarray, weight: np.ndarray, offset: np.ndarray) -> float:
    """Write the log-likelihood out in numpy, in the units of the columns."""
    eta = np.c_[np.zeros(len(y)), np.c_[np.ones(len(y)), X] @ coef.T + offset]
    return float(weight @ (eta[np.arange(len(y)), y] - np.log(np.exp(eta).sum(axis=1))))


def test_probabilities_are_exact_in_the_tails() -> None:
    getcontext().prec = 60
    eta = np.array([[0.0, 0.0], [800.0, -3.0], [-700.0, -50.0], [-1e-3, 40.0], [30.0, 30.0], [1e4, -1e4]])
    proba, log_proba = probabilities(eta)
    for i, row in enumerate(eta.tolist()):
        terms = [Decimal(0).exp(), *(Decimal(v).exp() for v in row)]
        for k, term in enumerate(terms):
            exact = term / sum(terms)
            assert proba[k, i] == pytest.approx(float(exact), rel=1e-13, abs=5e-324)
            assert log_proba[k, i] == pytest.approx(float(exact.ln()), rel=1e-13)


def test_score_and_information_are_derivatives(rng: np.random.Generator) -> None:
    data = draw(rng, n=60)
    design = make_design(data.X, weight=None, intercept=True)
    rows = MultinomialRows(data.y, 4, data.weight, data.offset)
    coef = rng.normal(size=12)
    here = rows.evaluate(design, coef)
    units = np.eye(12) * 1e-5
    values = [
        rows.evaluate(design, coef + u).log_likelihood - rows.evaluate(design, coef - u).log_likelihood for u in units
    ]
    np.testing.assert_allclose(here.score, np.array(values) / 2e-5, rtol=1e-6, atol=1e-6)
    slopes = [rows.evaluate(design, coef - u).score - rows.evaluate(design, coef + u).score for u in units]
    np.testing.assert_allclose(here.information, np.array(slopes) / 2e-5, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(here.information, here.information.T)
    in_units = (design.to_columns(3) @ coef).reshape(3, -1)
    assert here.log_likelihood == pytest.approx(value(data.X, data.y, in_units, data.weight, data.offset), rel=1e-12)


def test_evaluate_gives_the_same_in_many_chunks(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    data = draw(rng, n=700)
    rows, coef = MultinomialRows(data.y, 4, data.weight, data.offset), rng.normal(size=12)
    once = rows.evaluate(make_design(data.X, weight=None, intercept=True), coef)
    monkeypatch.setattr(design_module, "_CHUNK_NUMBERS", 1)
    monkeypatch.setattr(design_module, "_KEEP_NUMBERS", 1)
    often = rows.evaluate(make_design(data.X, weight=None, intercept=True), coef)
    assert often.log_likelihood == pytest.approx(once.log_likelihood, rel=1e-13)
    np.testing.assert_allclose(often.score, once.score, atol=1e-10)
    np.testing.assert_allclose(often.information, once.information, rtol=1e-11, atol=1e-11)
    change = rows.evaluate(make_design(data.X, weight=None, intercept=True), coef + 0.1)
    assert rows.largest_multiplier(once, change) == pytest.approx(rows.largest_multiplier(often, change), rel=1e-12)


def test_intercepts_alone_are_log_ratios_of_counts() -> None:
    y = np.repeat([0, 1, 2], [20, 50, 30])
    fit = fit_multinomial(np.empty((100, 0)), y, 3)
    np.testing.assert_allclose(fit.coef[:, 0], np.log([50 / 20, 30 / 20]), rtol=1e-12)
    # Variance of a log ratio of two multinomial counts, and the covariance through the common denominator.
    wanted = [[1 / 20 + 1 / 50, 1 / 20], [1 / 20, 1 / 20 + 1 / 30]]
    np.testing.assert_allclose(fit.covariance, wanted, rtol=1e-10)
    assert fit.log_likelihood == pytest.approx(20 * np.log(0.2) + 50 * np.log(0.5) + 30 * np.log(0.3), rel=1e-12)


@pytest.mark.parametrize("intercept", [True, False])
def test_two_outcomes_are_the_binomial_fit(rng: np.random.Generator, *, intercept: bool) -> None:
    data = draw(rng, K=2)
    weight, offset = data.weight, data.offset[:, 0]
    one = fit_binomial(data.X, data.y, weight=weight, offset=offset, intercept=intercept)
    other = fit_multinomial(data.X, data.y, 2, weight=weight, offset=offset[:, None], intercept=intercept)
    np.testing.assert_allclose(other.coef[0], one.coef, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(other.covariance, one.covariance, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(other.linear_predictor[:, 0], one.linear_predictor, rtol=1e-12, atol=1e-12)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)
    assert (other.status, other.n_iter) == (one.status, one.n_iter) == ("certified", one.n_iter)


def test_two_outcomes_have_the_binomial_pass(rng: np.random.Generator) -> None:
    data = draw(rng, K=2)
    design, coef = make_design(data.X, weight=None, intercept=True), rng.normal(size=4)
    one = Rows(data.y.astype(float), data.weight, data.offset[:, 0])
    other = MultinomialRows(data.y, 2, data.weight, data.offset)
    a, b = one.evaluate(design, coef), other.evaluate(design, coef)
    np.testing.assert_allclose(b.score, a.score, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(b.information, a.information, rtol=1e-12)
    c, d = one.evaluate(design, coef + 0.3), other.evaluate(design, coef + 0.3)
    assert other.largest_multiplier(b, d) == pytest.approx(one.largest_multiplier(a, c), rel=1e-12)
    inverse = np.linalg.inv(a.information)
    np.testing.assert_allclose(
        other.jeffreys_score(design, b, inverse), one.jeffreys_score(design, a, inverse), rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(other.null_coefficients(), one.null_coefficients(), rtol=1e-12)


def test_score_equations_hold_at_the_maximum(rng: np.random.Generator) -> None:
    data = draw(rng)
    fit = fit_multinomial(data.X, data.y, 4, weight=data.weight, offset=data.offset)
    residual = multinomial_residuals(data.y, fit.linear_predictor)
    left = (data.weight[:, None] * residual).T @ np.c_[np.ones(400), data.X]
    assert np.abs(left).max() < 1e-10 * data.weight.sum()
    proba = probabilities(fit.linear_predictor)[0]
    observed = np.bincount(data.y, data.weight) / data.weight.sum()
    np.testing.assert_allclose(np.average(proba, axis=1, weights=data.weight), observed, rtol=1e-10)
    assert fit.status == "certified"
    assert fit.gradient < 1e-12


def test_no_nearby_coefficients_are_more_likely(rng: np.random.Generator) -> None:
    data = draw(rng)
    fit = fit_multinomial(data.X, data.y, 4, weight=data.weight, offset=data.offset)
    top = value(data.X, data.y, fit.coef, data.weight, data.offset)
    assert top == pytest.approx(fit.log_likelihood, rel=1e-12)
    for _ in range(50):
        move = rng.normal(size=fit.coef.shape) / 100
        assert value(data.X, data.y, fit.coef + move, data.weight, data.offset) < top


def test_order_of_outcomes_changes_no_probability(rng: np.random.Generator) -> None:
    data = draw(rng)
    fit = fit_multinomial(data.X, data.y, 4, weight=data.weight)
    place = np.array([2, 3, 0, 1])
    other = fit_multinomial(data.X, place[data.y], 4, weight=data.weight)
    found, wanted = probabilities(other.linear_predictor)[0][place], probabilities(fit.linear_predictor)[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)
    full = np.vstack([np.zeros(4), fit.coef])
    order = np.argsort(place)
    np.testing.assert_allclose(other.coef, (full[order] - full[order[0]])[1:], rtol=1e-8, atol=1e-10)
    # Coefficients against another reference are differences, and so is their covariance.
    L = np.kron((np.eye(4)[order] - np.eye(4)[order[0]])[1:, 1:], np.eye(4))
    np.testing.assert_allclose(other.covariance, L @ fit.covariance @ L.T, rtol=1e-7, atol=1e-10)


def test_order_and_repetition_of_rows_change_nothing(rng: np.random.Generator) -> None:
    data = draw(rng)
    counts = rng.integers(1, 5, 400)
    fit = fit_multinomial(data.X, data.y, 4, weight=counts.astype(float), offset=data.offset)
    for rows in (np.repeat(np.arange(400), counts), rng.permutation(np.repeat(np.arange(400), counts))):
        again = fit_multinomial(data.X[rows], data.y[rows], 4, offset=data.offset[rows])
        np.testing.assert_allclose(again.coef, fit.coef, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(again.covariance, fit.covariance, rtol=1e-9, atol=1e-13)
        assert again.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-12)
        assert again.n_iter == fit.n_iter


def test_units_of_the_columns_change_no_probability(rng: np.random.Generator) -> None:
    data = draw(rng)
    scale, centre = np.array([1e-8, 1e6, 3.0]), np.array([5.0, -20.0, 300.0])
    fit, other = fit_multinomial(data.X, data.y, 4), fit_multinomial((data.X + centre) * scale, data.y, 4)
    np.testing.assert_allclose(other.linear_predictor, fit.linear_predictor, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(other.coef[:, 1:] * scale, fit.coef[:, 1:], rtol=1e-8)
    errors = [np.sqrt(np.diag(f.covariance)).reshape(3, 4)[:, 1:] for f in (fit, other)]
    np.testing.assert_allclose(errors[1] * scale, errors[0], rtol=1e-8)


def test_dependent_columns_are_left_out_of_every_block(rng: np.random.Generator) -> None:
    data = draw(rng)
    wider = np.c_[data.X[:, 0], np.ones(400), data.X, data.X @ [1, 2, 3]]
    fit, wide = fit_multinomial(data.X, data.y, 4), fit_multinomial(wider, data.y, 4)
    assert [alias.column for alias in wide.aliases] == [1, 2, 5]
    np.testing.assert_allclose(wide.linear_predictor, fit.linear_predictor, rtol=1e-9, atol=1e-10)
    assert not wide.coef[:, [2, 3, 6]].any()
    missing = np.isnan(np.diag(wide.covariance)).reshape(3, 7)
    np.testing.assert_array_equal(missing, np.tile(np.isin(np.arange(7), [2, 3, 6]), (3, 1)))
    kept = ~missing.ravel()
    np.testing.assert_allclose(wide.covariance[np.ix_(kept, kept)], fit.covariance, rtol=1e-7, atol=1e-10)


def test_start_on_a_sample_changes_nothing(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    data = draw(rng, n=4000)
    fit = fit_multinomial(data.X, data.y, 4, weight=data.weight, offset=np.tile(data.offset[:1], (4000, 1)))
    monkeypatch.setattr(sample_start, "_SAMPLE_ROWS", 400)
    monkeypatch.setattr(sample_start, "_ROWS_PER_COEFFICIENT", 1)
    again = fit_multinomial(data.X, data.y, 4, weight=data.weight, offset=np.tile(data.offset[:1], (4000, 1)))
    assert again.status == "certified"
    assert again.n_iter < fit.n_iter
    np.testing.assert_allclose(again.coef, fit.coef, rtol=1e-9, atol=1e-11)


def test_single_precision_and_memory_order_change_nothing(rng: np.random.Generator) -> None:
    data = draw(rng)
    X = data.X.astype(np.float32)
    fit = fit_multinomial(X.astype(np.float64), data.y, 4)
    for other in (X, np.asfortranarray(X), np.asfortranarray(X.astype(np.float64))):
        np.testing.assert_allclose(fit_multinomial(other, data.y, 4).coef, fit.coef, rtol=1e-10)


def test_steps_used_up_are_told(rng: np.random.Generator) -> None:
    data = draw(rng)
    fit = fit_multinomial(data.X, data.y, 4, max_iter=1)
    assert (fit.status, fit.converged, fit.n_iter) == ("not converged", False, 1)
    assert fit.gradient > 1e-8
