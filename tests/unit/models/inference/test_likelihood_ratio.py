"""The likelihood-ratio test of nested fits: its size with and without weights, and the pairs that it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2, kstest

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import lr_test

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


def test_order_of_the_fits_does_not_matter(rows: Rows) -> None:
    large = LogisticRiskModel().fit(rows.X, rows.y).fit_result_
    small = LogisticRiskModel().fit(rows.X[["age"]], rows.y).fit_result_
    one, other = lr_test(small, large), lr_test(large, small)
    assert one.to_dict() == other.to_dict()
    assert one.dropped == ("site1", "site2", "noise")
    assert one.df == 3
    assert one.statistic == pytest.approx(2 * (large.log_likelihood - small.log_likelihood))
    assert one.p_value == pytest.approx(chi2.sf(one.statistic, 3), rel=1e-12)


@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
def test_degrees_of_freedom_are_the_difference_of_the_ranks(rows: Rows) -> None:
    # months is an alias in the larger fit, age an alias nowhere: two columns more, one rank more.
    wider = rows.X.assign(months=12 * rows.X["age"])
    large = LogisticRiskModel().fit(wider, rows.y).fit_result_
    small = LogisticRiskModel().fit(rows.X.drop(columns=["age", "noise"]).assign(months=wider["months"]), rows.y)
    found = lr_test(small.fit_result_, large)
    assert found.dropped == ("age", "noise")
    assert found.df == 1
    with pytest.raises(InputError, match="^the larger fit must have more estimated terms; got none"):
        lr_test(LogisticRiskModel().fit(rows.X, rows.y).fit_result_, large)


def test_more_outcomes_count_each_term_once_for_each(rows: Rows, rng: np.random.Generator) -> None:
    labels = rng.integers(0, 3, len(rows.y))
    large = LogisticRiskModel().fit(rows.X, labels).fit_result_
    small = LogisticRiskModel().fit(rows.X[["age", "noise"]], labels).fit_result_
    assert lr_test(small, large).df == 4
    assert lr_test(small, large, scaled=True).p_value == pytest.approx(lr_test(small, large).p_value, abs=0.05)


def test_scaled_test_of_one_term_divides_by_the_ratio_of_the_variances(rows: Rows) -> None:
    options = {"class_weight": "natural"}
    large = LogisticRiskModel(**options).fit(rows.X, rows.y).fit_result_
    small = LogisticRiskModel(**options).fit(rows.X.drop(columns="noise"), rows.y).fit_result_
    found = lr_test(small, large, scaled=True)
    ratio = large.robust_covariance[4, 4] / large.model_covariance[4, 4]
    np.testing.assert_allclose(found.eigenvalues, [ratio], rtol=1e-10)
    assert found.p_value == pytest.approx(chi2.sf(found.statistic / ratio, 1), rel=1e-9)
    assert "Ruben" in str(found.summary())


def simulate_p_values(rng: np.random.Generator, repetitions: int, **options: object) -> tuple[list[float], list[float]]:
    """p-values of two columns without effect, plain and scaled; about 120 events in 1,500 rows."""
    plain, scaled = [], []
    for _ in range(repetitions):
        X = rng.normal(size=(1500, 3))
        y = rng.random(1500) < 1 / (1 + np.exp(3 - X[:, 0]))
        large = LogisticRiskModel(**options).fit(X, y).fit_result_  # type: ignore[arg-type]
        small = LogisticRiskModel(**options).fit(X[:, :1], y).fit_result_  # type: ignore[arg-type]
        # The weighted test that riskdec refuses, made by hand.
        plain.append(float(chi2.sf(2 * (large.log_likelihood - small.log_likelihood), 2)))
        scaled.append(lr_test(small, large, scaled=True).p_value)
    return plain, scaled


def test_columns_without_effect_have_uniform_p_values(rng: np.random.Generator) -> None:
    # 300 repetitions: the Monte Carlo error of a share of 0.05 is 0.0126.
    plain, scaled = simulate_p_values(rng, 300)
    assert kstest(plain, "uniform").pvalue > 0.01
    assert np.mean(np.array(plain) < 0.05) == pytest.approx(0.05, abs=3 * 0.0126)
    assert np.mean(np.array(scaled) < 0.05) == pytest.approx(0.05, abs=3 * 0.0126)


def test_class_weights_need_the_scaled_test(rng: np.random.Generator) -> None:
    # Natural weights at 7 % events: unscaled, the test of size 0.05 rejects in about half of the samples.
    plain, scaled = simulate_p_values(rng, 300, class_weight="natural")
    assert np.mean(np.array(plain) < 0.05) > 0.3
    assert np.mean(np.array(scaled) < 0.05) == pytest.approx(0.05, abs=0.02 + 3 * 0.0126)


def test_fits_that_cannot_be_compared_are_refused(rows: Rows, rng: np.random.Generator) -> None:
    def fit(X: object = rows.X, y: object = rows.y, **options: object) -> object:
        return LogisticRiskModel(**options).fit(X, y).fit_result_  # type: ignore[arg-type]

    large, age = fit(), rows.X[["age"]]
    with pytest.raises(InputError, match=r"^the fits must be of the same rows.*; got n 399\.0 and 400\.0"):
        lr_test(fit(age[:-1], rows.y[:-1]), large)
    with pytest.raises(InputError, match="^the fits must be of the same rows.*; got method 'firth' and 'maximum"):
        lr_test(fit(age, penalty="firth"), large)
    with pytest.raises(InputError, match="^the fits must be of the same rows.*; got n_by_outcome"):
        lr_test(fit(age, rng.permutation(np.arange(400) < 90)), large)
    with pytest.raises(InputError, match=r"^the terms of the smaller fit must all be in the larger one; got 'extra'"):
        lr_test(fit(rows.X[["age"]].assign(extra=rng.normal(size=400))), large)
    with pytest.raises(InputError, match="^the fits must be of the same rows; got a smaller fit with the larger log"):
        lr_test(fit(age), fit(rows.X.assign(age=rng.permutation(rows.X["age"]))))
    weights = {"class_weight": {0: 1, 1: 2}}
    with pytest.raises(InputError, match="^the fits must weigh the same outcomes alike; got different weights"):
        lr_test(fit(age, class_weight={0: 1, 1: 3}), fit(**weights), scaled=True)
    message = (
        r"^the fit must weigh independent rows by counts, or not at all, for a likelihood-ratio test; got class "
        r"weights 0\.\d+, 1\.\d+\. Pass scaled=True, or use the robust Wald test of the same terms\.$"
    )
    with pytest.raises(InputError, match=message):
        lr_test(fit(age, **weights), fit(**weights))
    flac = {"penalty": "flac"}
    with pytest.raises(InputError, match="^the fit must be a maximum .*; got estimates by flac. Use the Wald test"):
        lr_test(fit(age, **flac), fit(**flac))
    firth = {"penalty": "firth"}
    with pytest.raises(InputError, match=r"^X and y must be given for fits by firth; got none.*lr_test\(other, X, y\)"):
        lr_test(fit(age, **firth), fit(**firth))
    with pytest.raises(InputError, match="^the fit must be a maximum .* for scaled likelihood-ratio tests"):
        lr_test(fit(age, **firth), fit(**firth), scaled=True)


def penalised(X: np.ndarray, y: np.ndarray, coef: np.ndarray) -> float:
    """Firth's penalised log-likelihood, written out."""
    Z = np.column_stack([np.ones(len(X)), X])
    eta = Z @ coef
    risk = 1 / (1 + np.exp(-eta))
    log_det = np.linalg.slogdet((Z.T * (risk * (1 - risk))) @ Z)[1]
    return float(y @ eta - np.logaddexp(0, eta).sum() + log_det / 2)


@pytest.mark.parametrize("penalty", ["firth", "flic"])
def test_firth_pairs_are_tested_in_the_larger_penalised_likelihood(rows: Rows, penalty: str) -> None:
    # By hand: the maximum over intercept and age, the other coefficients zero, of the penalty of all columns.
    X, y = rows.X.to_numpy()[:120] / [10, 1, 1, 1], rows.y[:120]
    large, small = (LogisticRiskModel(penalty=penalty).fit(part, y) for part in (X, X[:, :1]))
    full = minimize(lambda b: -penalised(X, y, b), np.zeros(5), tol=1e-12)
    held = minimize(lambda b: -penalised(X, y, np.r_[b, 0, 0, 0]), np.zeros(2), tol=1e-12)
    found = large.lr_test(small, X, y)
    assert found.statistic == pytest.approx(2 * (held.fun - full.fun), rel=1e-6)
    assert found.df == 3
    assert found.p_value == pytest.approx(chi2.sf(found.statistic, 3), rel=1e-9)
    assert found.statistic == pytest.approx(found.large_log_likelihood * 2 - found.small_log_likelihood * 2, rel=1e-9)
    by_term = large.anova(X, y, terms={"others": found.dropped}, test="likelihood ratio").rows[0]
    assert found.statistic == pytest.approx(by_term.statistic, rel=1e-9)
    # The order of the models does not matter, and the units of the columns do not.
    assert small.lr_test(large, X, y).to_dict() == found.to_dict()
    units = X * [1, 1000, 1, 1]
    other = LogisticRiskModel(penalty=penalty).fit(units, y).lr_test(small, units, y)
    assert other.statistic == pytest.approx(found.statistic, rel=1e-7)
    assert "held at zero (Heinze and Schemper 2002)" in str(found.summary())


def test_firth_pairs_have_a_test_where_the_outcomes_are_separated(separated: Rows) -> None:
    X, y = separated.X.to_numpy(), separated.y
    large, small = (LogisticRiskModel(penalty="firth").fit(part, y) for part in (X, X[:, 1:]))
    # Its columns are named by position.
    small = LogisticRiskModel(penalty="firth").fit(separated.X[["dose"]], y)
    large = LogisticRiskModel(penalty="firth").fit(separated.X, y)
    full = minimize(lambda b: -penalised(X, y, b), np.zeros(3), tol=1e-12)
    held = minimize(lambda b: -penalised(X, y, np.r_[b[0], 0, b[1]]), np.zeros(2), tol=1e-12)
    assert large.lr_test(small, separated.X, y).statistic == pytest.approx(2 * (held.fun - full.fun), rel=1e-6)


def test_firth_with_many_outcomes_has_a_test_too(rows: Rows, rng: np.random.Generator) -> None:
    labels = rng.integers(0, 3, len(rows.y))
    large, small = (LogisticRiskModel(penalty="firth").fit(X, labels) for X in (rows.X, rows.X[["age", "noise"]]))
    plain = LogisticRiskModel().fit(rows.X, labels).lr_test(LogisticRiskModel().fit(rows.X[["age", "noise"]], labels))
    found = large.lr_test(small, rows.X, labels)
    assert found.df == plain.df == 4
    assert found.statistic == pytest.approx(plain.statistic, rel=0.05)


def test_firth_keeps_its_size_in_small_samples(rng: np.random.Generator) -> None:
    # 50 rows, about 12 events, 400 repetitions: the Monte Carlo error of a share of 0.05 is 0.011.
    p_values = []
    for _ in range(400):
        X = rng.normal(size=(50, 2))
        y = rng.random(50) < 1 / (1 + np.exp(1.2 - 0.5 * X[:, 0]))
        if 2 < y.sum() < 48:
            large, small = (LogisticRiskModel(penalty="firth").fit(part, y) for part in (X, X[:, :1]))
            p_values.append(large.lr_test(small, X, y).p_value)
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=3 * 0.011)


@pytest.mark.parametrize("penalties", [(None, "firth"), ("firth", "flic")])
def test_mixed_methods_are_refused(rows: Rows, penalties: tuple[str | None, str]) -> None:
    small, large = (
        LogisticRiskModel(penalty=p).fit(X, rows.y) for p, X in zip(penalties, (rows.X[["age"]], rows.X), strict=True)
    )
    with pytest.raises(InputError, match="^the fits must be of the same rows, by the same method; got method"):
        large.lr_test(small, rows.X, rows.y)


def test_answer_is_told_in_every_form(rows: Rows) -> None:
    large = LogisticRiskModel().fit(rows.X, rows.y).fit_result_
    found = lr_test(LogisticRiskModel().fit(rows.X[["age"]], rows.y).fit_result_, large)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["df"] == 3
    assert list(found.frame().columns) == ["test", "statistic", "df", "p_value"]
    assert repr(found).startswith("<LikelihoodRatioTest: likelihood ratio ")
    assert "without site1, site2, noise" in str(found.summary())
