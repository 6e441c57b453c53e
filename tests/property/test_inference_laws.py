"""Laws of every inferential answer: counts are repeated rows, order and names do not matter, weights are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models import RestrictedCubicSpline

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec.models import LogisticFit


class Rows(NamedTuple):
    """Columns, outcome and counts."""

    X: pd.DataFrame
    y: np.ndarray
    counts: np.ndarray

    def repeated(self) -> Rows:
        again = np.repeat(np.arange(len(self.y)), self.counts)
        return Rows(self.X.iloc[again].reset_index(drop=True), self.y[again], np.ones(len(again), dtype=int))


@pytest.fixture(params=[2, 3])
def rows(request: pytest.FixtureRequest, rng: np.random.Generator) -> Rows:
    X = pd.DataFrame(
        {"age": rng.normal(50, 10, 150), "dose": rng.exponential(size=150), "sex": rng.integers(0, 2, 150)}
    )
    eta = 0.08 * (X["age"].to_numpy() - 50)[:, None] * [0, 1, -1][: request.param] + rng.gumbel(
        size=(150, request.param)
    )
    return Rows(X, eta.argmax(axis=1), rng.integers(1, 5, 150))


def answers(rows: Rows, *, weighted: bool, **options: Any) -> dict[str, Any]:
    """Everything that inference says of one data set."""
    weight = rows.counts if weighted else None
    model = LogisticRiskModel(**options).fit(rows.X, rows.y, weight)
    small = LogisticRiskModel(**options).fit(rows.X[["age"]], rows.y, weight)
    event = {"event": 1}
    here = rows.X.drop_duplicates().head(5)
    found: dict[str, Any] = {
        "params": model.params.to_numpy(),
        "cov_params": model.cov_params().to_numpy(),
        "robust": model.cov_params("robust").to_numpy(),
        "conf_int": model.conf_int().to_numpy(),
        "anova": [row.statistic for row in model.anova().rows],
        "wald": model.wald_test(np.eye(model.fit_result_.coef.size)[1:3]).statistic,
        "lr_test": model.lr_test(small, rows.X, rows.y, weight).statistic,
        "risk_interval": model.risk_interval(here, event=1),
        "effects": model.marginal_effects(rows.X, weight, **event).effect,
        "profile": model.profile_intervals(rows.X, rows.y, weight, terms=["age"]).low,
        "ratios": [row.statistic for row in model.anova(rows.X, rows.y, weight, test="likelihood ratio").rows],
        "HC3": model.robust_errors(rows.X, rows.y, weight).covariance,
    }
    if not options:
        figures = model.fit_statistics()
        found |= {"whole": [figures.lr_chi2, figures.aic, figures.bic, figures.tic, figures.shrinkage]}
        found |= {"size": str(model.summary()).splitlines()[-1]}
    return found


def assert_same(one: dict[str, Any], other: dict[str, Any], *, rtol: float) -> None:
    for name, wanted in one.items():
        if isinstance(wanted, str):
            assert other[name] == wanted, name
        else:
            np.testing.assert_allclose(other[name], wanted, rtol=rtol, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("options", [{}, {"penalty": "firth"}])
def test_counts_equal_repeated_rows_in_every_answer(rows: Rows, options: dict[str, Any]) -> None:
    # Firth's iteration ends where the score is small, not at rounding.
    rtol = 1e-5 if options else 1e-7
    assert_same(answers(rows, weighted=True, **options), answers(rows.repeated(), weighted=False, **options), rtol=rtol)


def test_order_of_the_rows_does_not_matter(rows: Rows, rng: np.random.Generator) -> None:
    order = rng.permutation(len(rows.y))
    shuffled = Rows(rows.X.iloc[order], rows.y[order], rows.counts[order])
    one, other = (answers(r, weighted=True) for r in (rows, shuffled))
    for by_row in ("risk_interval", "size"):
        one.pop(by_row), other.pop(by_row)
    assert_same(one, other, rtol=1e-7)


def test_units_of_a_column_scale_its_own_numbers_alone(rows: Rows) -> None:
    other = rows._replace(X=rows.X.assign(dose=1000 * rows.X["dose"]))
    one, two = (answers(r, weighted=False) for r in (rows, other))
    for name in ("anova", "lr_test", "profile", "ratios", "risk_interval", "whole", "size"):
        assert_same({name: one[name]}, two, rtol=1e-7)


REFUSED: dict[str, Callable[[LogisticRiskModel, LogisticRiskModel, Rows], object]] = {
    "lr_test": lambda model, small, rows: model.lr_test(small),
    "anova": lambda model, small, rows: model.anova(rows.X, rows.y, rows.counts, test="likelihood ratio"),
    "profile": lambda model, small, rows: model.profile_intervals(rows.X, rows.y, rows.counts),
    "conf_int": lambda model, small, rows: model.conf_int(
        method="profile", X=rows.X, y=rows.y, sample_weight=rows.counts
    ),
    "aic": lambda model, small, rows: model.aic,
    "bic": lambda model, small, rows: model.bic,
}


@pytest.mark.parametrize("question", REFUSED)
@pytest.mark.parametrize("options", [{"weight_kind": "importance"}, {"class_weight": "balanced"}])
def test_weights_that_are_no_counts_refuse_what_does_not_hold_with_the_reason(
    rows: Rows, options: dict[str, Any], question: str
) -> None:
    model, small = (LogisticRiskModel(**options).fit(X, rows.y, rows.counts) for X in (rows.X, rows.X[["age"]]))
    reason = "importance weights" if "weight_kind" in options else "class weights"
    with pytest.raises(InputError, match=f"weigh independent rows by counts.*got {reason}"):
        REFUSED[question](model, small, rows)


@pytest.mark.parametrize("options", [{"weight_kind": "importance"}, {"class_weight": "balanced"}])
def test_weights_that_are_no_counts_have_what_holds_instead(rows: Rows, options: dict[str, Any]) -> None:
    model, small = (LogisticRiskModel(**options).fit(X, rows.y, rows.counts) for X in (rows.X, rows.X[["age"]]))
    fit: LogisticFit = model.fit_result_
    assert fit.covariance_kind == "robust"
    np.testing.assert_array_equal(model.cov_params(), model.cov_params("robust"))
    np.testing.assert_array_equal(fit.intervals(), fit.intervals(kind="robust"))
    by_term = {row.name: row.statistic for row in model.anova().rows}
    places = [j for j, name in enumerate(fit.coefficient_names) if name.endswith("age")]
    block, coef = fit.robust_covariance[np.ix_(places, places)], fit.coef.ravel()[places]
    assert by_term["age"] == pytest.approx(coef @ np.linalg.solve(block, coef), rel=1e-9)
    scaled = model.lr_test(small, scaled=True)
    assert scaled.test == "scaled likelihood ratio"
    assert 0 <= scaled.p_value <= 1
    assert np.isfinite(model.tic)
    assert np.isfinite(model.profile_intervals(rows.X, rows.y, rows.counts, scaled=True).low).all()
    # Only the ratios of such weights count.
    doubled = LogisticRiskModel(**options).fit(rows.X, rows.y, 2 * rows.counts)
    np.testing.assert_allclose(doubled.params, model.params, rtol=1e-7)
    if "weight_kind" in options:
        np.testing.assert_allclose(doubled.cov_params(), model.cov_params(), rtol=1e-6)


def test_both_kinds_of_splines_stand_before_the_model(rng: np.random.Generator) -> None:
    x = rng.uniform(-3, 3, size=(2000, 1))
    y = (rng.random(2000) < 1 / (1 + np.exp(-2 * np.sin(x[:, 0])))).astype(int)
    truth = 1 / (1 + np.exp(-2 * np.sin(x[:, 0])))
    steps = {
        "line": None,
        "rcs": RestrictedCubicSpline(n_knots=6),
        "bs": SplineTransformer(n_knots=5, degree=3, include_bias=False),
    }
    error = {}
    for name, step in steps.items():
        model = make_pipeline(*([step] if step else []), LogisticRiskModel()).fit(x, y)
        risk = model.predict_proba(x)[:, 1]
        assert risk.mean() == pytest.approx(y.mean(), rel=1e-9)
        error[name] = np.abs(risk - truth).mean()
    assert error["rcs"] < 0.05
    assert error["bs"] < 0.05
    assert error["line"] > 2 * max(error["rcs"], error["bs"])
