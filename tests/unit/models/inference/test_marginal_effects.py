"""Average marginal effects against statsmodels, small moves of the columns, and the laws of probabilities."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import statsmodels.api as sm

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import marginal_effects
from riskdec.models.inference.average_effects import AverageEffects

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


@pytest.mark.parametrize("discrete", [True, False])
def test_effects_and_errors_are_those_of_statsmodels(rows: Rows, *, discrete: bool) -> None:
    fit, given = rows.fit()
    found = marginal_effects(fit, given.X, discrete=discrete)
    other = sm.Logit(rows.y, sm.add_constant(rows.X)).fit(disp=0, tol=1e-14)
    wanted = other.get_margeff(at="overall", dummy=discrete)
    np.testing.assert_allclose(found.effect, wanted.margeff, rtol=1e-8)
    np.testing.assert_allclose(found.std_err, wanted.margeff_se, rtol=1e-8)
    np.testing.assert_allclose(np.c_[found.low, found.high], wanted.conf_int(), rtol=1e-7)
    np.testing.assert_allclose(found.p_value, wanted.pvalues, rtol=1e-7)
    assert found.kinds == ("slope", "0 to 1", "0 to 1", "slope") if discrete else ("slope",) * 4


@pytest.mark.parametrize("outcome", [0, 1, 2])
def test_effects_of_more_outcomes_are_those_of_statsmodels(rows: Rows, rng: np.random.Generator, outcome: int) -> None:
    # Of derivatives only: its errors of 0 to 1 changes fail for MNLogit (0.15.0).
    codes = rng.integers(0, 3, 400) * (rows.X["age"] > 40).to_numpy()
    model = LogisticRiskModel().fit(rows.X, codes)
    found = marginal_effects(model.fit_result_, rows.X.to_numpy(), outcome=outcome, discrete=False)
    other = sm.MNLogit(codes, sm.add_constant(rows.X)).fit(disp=0, method="newton", tol=1e-14)
    wanted = other.get_margeff(at="overall")
    np.testing.assert_allclose(found.effect, wanted.margeff[:, outcome], rtol=1e-7)
    np.testing.assert_allclose(found.std_err, np.asarray(wanted.margeff_se)[:, outcome], rtol=1e-7)


@pytest.mark.parametrize("outcome", [0, 1, 2])
def test_gradients_of_more_outcomes_are_those_of_small_moves(
    rows: Rows, rng: np.random.Generator, outcome: int
) -> None:
    codes = rng.integers(0, 3, 400) * (rows.X["age"] > 40).to_numpy()
    fit = LogisticRiskModel().fit(rows.X, codes).fit_result_
    X, weight = rows.X.to_numpy(), rng.uniform(0.5, 2, 400)

    def effects(coef: np.ndarray) -> AverageEffects:
        return AverageEffects(dataclasses.replace(fit, coef=coef), X, None, weight, outcome)

    slopes, jump = effects(fit.coef).slopes(), effects(fit.coef).jump(1)
    for place in np.ndindex(fit.coef.shape):
        step = np.zeros(fit.coef.shape)
        step[place] = 1e-5 * fit.standard_errors()[place]
        up, down = effects(fit.coef + step), effects(fit.coef - step)
        flat = np.ravel_multi_index(place, fit.coef.shape)
        moved = (up.slopes()[0] - down.slopes()[0]) / (2 * step[place])
        np.testing.assert_allclose(slopes[1][:, flat], moved, rtol=1e-5, atol=1e-7)
        assert jump[1][flat] == pytest.approx((up.jump(1)[0] - down.jump(1)[0]) / (2 * step[place]), rel=1e-5, abs=1e-7)


def test_effects_over_all_outcomes_sum_to_zero(rows: Rows, rng: np.random.Generator) -> None:
    model = LogisticRiskModel().fit(rows.X, rng.integers(0, 4, 400))
    each = [marginal_effects(model.fit_result_, rows.X.to_numpy(), outcome=k).effect for k in range(4)]
    np.testing.assert_allclose(np.sum(each, axis=0), 0, atol=1e-14)


def test_effect_is_what_a_small_move_of_the_column_does(rows: Rows, rng: np.random.Generator) -> None:
    weight, offset = rng.uniform(0.2, 2, 400), rng.normal(size=400)
    model = LogisticRiskModel().fit(rows.X, rows.y, offset=offset)
    found = marginal_effects(model.fit_result_, rows.X.to_numpy(), offset=offset, weight=weight)

    def average(**moved: Any) -> float:
        return float(np.average(model.predict_proba(rows.X.assign(**moved), offset=offset)[:, 1], weights=weight))

    step = 1e-4
    slope = (average(age=rows.X["age"] + step) - average(age=rows.X["age"] - step)) / (2 * step)
    assert found.effect[0] == pytest.approx(slope, rel=1e-6)
    assert found.effect[1] == pytest.approx(average(site1=1.0) - average(site1=0.0), rel=1e-10)


def test_error_is_that_of_small_moves_of_the_coefficients(rows: Rows) -> None:
    fit, given = rows.fit(class_weight={0: 1, 1: 3})
    found = marginal_effects(fit, given.X)
    assert found.covariance_kind == "robust"
    full = np.column_stack([np.ones(400), given.X])

    def effects(coef: np.ndarray) -> np.ndarray:
        def average(columns: np.ndarray) -> np.ndarray:
            return 1 / (1 + np.exp(-columns @ coef))

        risk = average(full)
        slopes = (risk * (1 - risk)).mean() * coef[1:]
        for j in (2, 3):
            high, low = full.copy(), full.copy()
            high[:, j], low[:, j] = 1, 0
            slopes[j - 1] = (average(high) - average(low)).mean()
        return slopes

    step = 1e-5 * fit.standard_errors()
    gradient = np.column_stack([(effects(fit.coef + d) - effects(fit.coef - d)) / (2 * d.sum()) for d in np.diag(step)])
    wanted = np.sqrt(np.diag(gradient @ fit.robust_covariance @ gradient.T))
    np.testing.assert_allclose(found.effect, effects(fit.coef), rtol=1e-12)
    np.testing.assert_allclose(found.std_err, wanted, rtol=1e-6)


def test_first_outcome_moves_against_the_second(rows: Rows) -> None:
    fit, given = rows.fit()
    one, other = (marginal_effects(fit, given.X, outcome=k) for k in (1, 0))
    np.testing.assert_allclose(other.effect, -one.effect, rtol=1e-12)
    np.testing.assert_allclose(other.std_err, one.std_err, rtol=1e-12)
    assert (one.outcome, other.outcome) == ("1", "0")


def test_counts_equal_repeated_rows(rows: Rows, rng: np.random.Generator) -> None:
    fit, given = rows.fit()
    counts = rng.integers(1, 4, 400)
    one = marginal_effects(fit, given.X, weight=counts.astype(float))
    other = marginal_effects(fit, np.repeat(given.X, counts, axis=0))
    np.testing.assert_allclose(one.effect, other.effect, rtol=1e-12)
    np.testing.assert_allclose(one.std_err, other.std_err, rtol=1e-12)
    assert one.n == other.n


def test_fit_without_intercept_and_many_rows(rng: np.random.Generator) -> None:
    X = rng.normal(size=(30_000, 3))
    y = rng.random(30_000) < 1 / (1 + np.exp(-X[:, 0]))
    fit = LogisticRiskModel(fit_intercept=False).fit(X, y).fit_result_
    found = marginal_effects(fit, X)
    wanted = sm.Logit(y.astype(int), X).fit(disp=0, tol=1e-14).get_margeff(at="overall")
    np.testing.assert_allclose(found.effect, wanted.margeff, rtol=1e-8)
    np.testing.assert_allclose(found.std_err, wanted.margeff_se, rtol=1e-8)


@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
def test_aliased_columns_have_no_error(rows: Rows) -> None:
    twice = rows._replace(X=rows.X.assign(months=12 * rows.X["age"]))
    fit, given = twice.fit()
    found = marginal_effects(fit, given.X)
    assert found.effect[-1] == 0
    assert np.isnan(found.std_err[-1])
    assert "nan" not in str(found.summary())


def test_no_rows_are_refused(rows: Rows) -> None:
    with pytest.raises(InputError, match="^X must have at least one row to average over; got 0 rows"):
        marginal_effects(rows.fit()[0], np.empty((0, 4)))


def test_answer_is_told_in_every_form(rows: Rows) -> None:
    fit, given = rows.fit()
    found = marginal_effects(fit, given.X)
    assert [line["kind"] for line in json.loads(json.dumps(found.to_dict()))["effects"]][:2] == ["slope", "0 to 1"]
    assert list(found.frame()["column"]) == list(rows.X.columns)
    assert repr(found) == "<MarginalEffects: 4 average effects on the probability of 1, n=400>"
