"""Rubin's rules against the arithmetic by hand, and a pooled model in all its uses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.stats import norm, t
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.imputation.mice import MICE

import riskdec as rd
from riskdec.errors import InputError
from riskdec.models.imputations.rubin import pool, pool_covariances

if TYPE_CHECKING:
    from pathlib import Path

M = 6
COSTS = {"false_positive": 1, "false_negative": 4, "defer": 0.3}


@pytest.fixture
def frame(rng: np.random.Generator) -> pd.DataFrame:
    X = rng.normal(size=(400, 2))
    X[:, 1] += 0.7 * X[:, 0]
    y = (rng.random(400) < 1 / (1 + np.exp(1 - X[:, 0] - 0.5 * X[:, 1]))).astype(int)
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": y})


@pytest.fixture
def completed(frame: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    gap = rng.random(400) < 0.4
    return [
        frame.assign(b=np.where(gap, 0.6 * frame["a"] + 0.4 * frame["y"] + rng.normal(0, 0.8, 400), frame["b"]))
        for _ in range(M)
    ]


def models_of(completed: list[pd.DataFrame], **options: Any) -> list[rd.LogisticRiskModel]:
    return [rd.LogisticRiskModel(**options).fit(part[["a", "b"]], part["y"]) for part in completed]


def test_rules_are_those_of_rubin_and_of_barnard_and_rubin() -> None:
    # Three imputations, estimates 1, 2, 4, variances 0.5, 1, 1.5, 20 degrees of freedom in complete data.
    # Mean 7/3; W = 1; B = ((4/3)^2 + (1/3)^2 + (5/3)^2) / 2 = 7/3; T = 1 + 4/3 * 7/3 = 37/9.
    # lambda = (28/9) / (37/9) = 28/37; df_m = 2 / lambda^2; df_obs = 21/23 * 20 * 9/37;
    # df = df_m df_obs / (df_m + df_obs); r = 28/9; missing = (r + 2 / (df + 3)) / (r + 1).
    found = pool(np.array([1.0, 2.0, 4.0]), np.array([0.5, 1.0, 1.5]), 20)
    df_m, df_obs = 2 * (37 / 28) ** 2, 21 / 23 * 20 * 9 / 37
    df = df_m * df_obs / (df_m + df_obs)
    wanted = (7 / 3, 1, 7 / 3, 37 / 9, df, (28 / 9 + 2 / (df + 3)) / (37 / 9))
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
    covariance = pool_covariances(np.array([[1.0], [2.0], [4.0]]), np.array([[[0.5]], [[1.0]], [[1.5]]]))
    np.testing.assert_allclose(covariance, [[37 / 9]], rtol=1e-14)


def test_without_missing_values_nothing_changes_but_the_degrees_of_freedom(frame: pd.DataFrame) -> None:
    single = rd.LogisticRiskModel().fit(frame[["a", "b"]], frame["y"])
    pooled = rd.pool_imputations([single, single, single])
    pd.testing.assert_series_equal(pooled.params, single.params, rtol=1e-14)
    pd.testing.assert_series_equal(pooled.bse, single.bse, rtol=1e-12)
    assert (pooled.fit_result_.missing_information == 0).all()
    # 400 rows, 3 coefficients; Barnard and Rubin's (v + 1) / (v + 3) v.
    np.testing.assert_allclose(pooled.fit_result_.df, 398 / 400 * 397, rtol=1e-12)
    np.testing.assert_allclose(pooled.predict_risk(frame[["a", "b"]]), single.predict_risk(frame[["a", "b"]]))
    assert pooled.fit_result_.findings == ()


def test_pooled_coefficients_are_the_rules_on_the_single_fits(completed: list[pd.DataFrame]) -> None:
    models = models_of(completed)
    pooled = rd.pool_imputations(models)
    coef, errors = (np.array([getattr(m, name) for m in models]) for name in ("params", "bse"))
    within, between = (errors**2).mean(axis=0), coef.var(axis=0, ddof=1)
    total = within + (1 + 1 / M) * between
    np.testing.assert_allclose(pooled.params, coef.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(pooled.bse, np.sqrt(total), rtol=1e-12)
    share = (1 + 1 / M) * between / total
    df = 1 / (share**2 / (M - 1) + 1 / (398 / 400 * 397 * (1 - share)))
    half = t.ppf(0.95, df) * np.sqrt(total)
    limits = np.column_stack([coef.mean(axis=0) - half, coef.mean(axis=0) + half])
    np.testing.assert_allclose(pooled.conf_int(0.9), limits, rtol=1e-10)
    np.testing.assert_allclose(np.diag(pooled.cov_params()), total, rtol=1e-12)
    # The column with gaps loses information, and its neighbour some of it.
    assert pooled.fit_result_.missing_information[2] > pooled.fit_result_.missing_information[1]
    assert (np.diag(pooled.cov_params()) > within).all()


def test_coefficients_and_covariance_are_those_of_statsmodels_mice(completed: list[pd.DataFrame]) -> None:
    # Its combining step alone, on the same fits; its imputation step is not needed.
    models = models_of(completed)
    peer = MICE.__new__(MICE)
    peer.exog_names, peer.endog_names, peer.model_class = ["Intercept", "a", "b"], "y", GLM
    peer.results_list = [
        model.to_statsmodels(part[["a", "b"]], part["y"]) for model, part in zip(models, completed, strict=True)
    ]
    found, pooled = peer.combine(), rd.pool_imputations(models)
    np.testing.assert_allclose(pooled.params, found.params, rtol=1e-9)
    np.testing.assert_allclose(pooled.cov_params(), found.cov_params(), rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(pooled.bse, found.bse, rtol=1e-8)


def test_pooled_risks_average_log_odds_and_widen_their_intervals(completed: list[pd.DataFrame]) -> None:
    models = models_of(completed)
    pooled, X = rd.pool_imputations(models), completed[0][["a", "b"]].head(50)
    eta = np.array([model.decision_function(X) for model in models])
    np.testing.assert_allclose(pooled.predict_risk(X), 1 / (1 + np.exp(-eta.mean(axis=0))), rtol=1e-12)
    within = []
    for model in models:
        low, high = (np.log(p / (1 - p)) for p in model.risk_interval(X).T)
        within.append(((high - low) / 2 / norm.ppf(0.975)) ** 2)
    total = np.mean(within, axis=0) + (1 + 1 / M) * eta.var(axis=0, ddof=1)
    share = 1 - np.mean(within, axis=0) / total
    df = 1 / (share**2 / (M - 1) + 1 / (398 / 400 * 397 * (1 - share)))
    half = t.ppf(0.975, df) * np.sqrt(total)
    wanted = 1 / (1 + np.exp(-np.column_stack([eta.mean(axis=0) - half, eta.mean(axis=0) + half])))
    np.testing.assert_allclose(pooled.risk_interval(X), wanted, rtol=1e-8)


def test_rows_to_predict_may_be_imputed_too(completed: list[pd.DataFrame]) -> None:
    models = models_of(completed)
    pooled, copies = rd.pool_imputations(models), [part[["a", "b"]] for part in completed]
    eta = np.mean([m.decision_function(X) for m, X in zip(models, copies, strict=True)], axis=0)
    np.testing.assert_allclose(pooled.predict_risk(copies), 1 / (1 + np.exp(-eta)), rtol=1e-12)
    low, high = pooled.risk_interval(copies).T
    assert ((low < pooled.predict_risk(copies)) & (pooled.predict_risk(copies) < high)).all()
    assert pooled.decide(copies, COSTS).n == 400
    with pytest.raises(InputError, match="X must be one table of rows, or one for each of the 6 imputations; got 2"):
        pooled.predict_risk(copies[:2])
    as_lists = copies[0].to_numpy().tolist()
    with pytest.warns(UserWarning, match="feature names"):
        np.testing.assert_allclose(pooled.predict_risk(as_lists), pooled.predict_risk(copies[0]))


def test_pooled_model_diagnoses_decides_and_is_saved(
    completed: list[pd.DataFrame], frame: pd.DataFrame, tmp_path: Path
) -> None:
    pooled = rd.pool_imputations(models_of(completed))
    X, y = frame[["a", "b"]], frame["y"]
    report = pooled.diagnose(X, y, n_resamples=20, rng=1)
    assert report.brier == rd.diagnose(y, pooled.predict_risk(X), n_resamples=20, rng=1).brier
    np.testing.assert_array_equal(pooled.decide(X, COSTS).action, rd.decide(pooled.predict_risk(X), COSTS).action)
    np.testing.assert_array_equal(pooled.predict(X), (pooled.predict_risk(X) > 0.5).astype(int))
    twin = rd.load(pooled.save(tmp_path / "pooled.riskdec"))
    assert isinstance(twin, rd.PooledRiskModel)
    assert twin.fit_result_.to_dict() == pooled.fit_result_.to_dict()
    np.testing.assert_array_equal(twin.predict_risk(X), pooled.predict_risk(X))
    np.testing.assert_array_equal(twin.risk_interval(X), pooled.risk_interval(X))


def test_answer_is_told_in_every_form(completed: list[pd.DataFrame]) -> None:
    pooled = rd.pool_imputations(models_of(completed))
    fit = pooled.fit_result_
    assert json.loads(json.dumps(fit.to_dict(), allow_nan=False))["n_imputations"] == M
    assert list(fit.frame()["term"]) == ["Intercept", "a", "b"]
    text = str(pooled.summary())
    assert text.startswith("Logistic regression pooled over imputations")
    assert "6 imputations of 400 rows, each fitted by maximum likelihood" in text
    assert repr(pooled) == "<PooledRiskModel: 6 imputations, 3 coefficients>"
    worst = 100 * fit.missing_information.max()
    assert repr(fit).endswith(f"at most {worst:.1f} % of the information missing>")
    finding = next(f for f in fit.findings if f.code == "RD115")
    assert f"Make {np.ceil(worst):.0f} imputations" in finding.todo


def test_many_outcomes_groups_offsets_and_formulas_are_pooled(
    completed: list[pd.DataFrame], rng: np.random.Generator
) -> None:
    labels, known = rng.integers(0, 3, 400), rng.normal(size=(400, 3))
    many = [rd.LogisticRiskModel().fit(part[["a", "b"]], labels, offset=known) for part in completed]
    pooled = rd.pool_imputations(many)
    assert pooled.params.shape == (3, 2)
    assert pooled.conf_int().shape == (6, 2)
    X = completed[0][["a", "b"]]
    proba = pooled.predict_proba(X, offset=known)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    low, high = pooled.risk_interval(X, event=1, offset=known).T
    assert ((low < proba[:, 1]) & (proba[:, 1] < high)).all()
    groups = np.arange(400) % 20
    few = [rd.LogisticRiskModel().fit(part[["a", "b"]], part["y"], groups=groups) for part in completed]
    # Few clusters: complete data have 19 degrees of freedom, missing values leave less.
    assert (rd.pool_imputations(few).fit_result_.df < 20 / 22 * 19).all()
    with_knots = [rd.LogisticRiskModel.from_formula("y ~ a + rcs(b, [-1, 0, 1])", part) for part in completed]
    splines = rd.pool_imputations(with_knots)
    assert splines.predict_risk(completed[0]).shape == (400,)
    assert splines.diagnose(completed[0], n_resamples=20, rng=1).n == 400


def test_sparse_rows_are_predicted_as_dense_ones(completed: list[pd.DataFrame]) -> None:
    X = completed[0][["a", "b"]].to_numpy()
    pooled = rd.pool_imputations(
        [rd.LogisticRiskModel().fit(part[["a", "b"]].to_numpy(), part["y"]) for part in completed]
    )
    rare = np.where(np.abs(X) > 1, X, 0.0)
    np.testing.assert_allclose(pooled.predict_risk(csr_array(rare)), pooled.predict_risk(rare), rtol=1e-12)
    np.testing.assert_allclose(pooled.risk_interval(csr_array(rare)), pooled.risk_interval(rare), rtol=1e-10)
    assert pooled.risk_interval(X[:0]).shape == (0, 2)


def test_models_that_do_not_belong_together_are_refused(completed: list[pd.DataFrame]) -> None:
    models = models_of(completed)
    with pytest.raises(InputError, match="models must be two fitted models at least; got 1"):
        rd.pool_imputations(models[:1])
    with pytest.raises(InputError, match="models must be fitted LogisticRiskModel objects; got a str"):
        rd.pool_imputations([models[0], "other"])  # type: ignore[list-item]
    with pytest.raises(rd.errors.NotFittedError):
        rd.pool_imputations([models[0], rd.LogisticRiskModel()])
    part = completed[0]
    others = {
        "terms": rd.LogisticRiskModel().fit(part[["a"]], part["y"]),
        "n 400": rd.LogisticRiskModel().fit(part[["a", "b"]][:-1], part["y"][:-1]),
        "method": rd.LogisticRiskModel(penalty="firth").fit(part[["a", "b"]], part["y"]),
        "outcomes": rd.LogisticRiskModel().fit(part[["a", "b"]], part["y"] + 1),
        "covariance_kind": rd.LogisticRiskModel(class_weight="balanced").fit(part[["a", "b"]], part["y"]),
    }
    for name, other in others.items():
        with pytest.raises(InputError, match=f"^models must be of the same columns.*{name}"):
            rd.pool_imputations([models[0], other])
    with pytest.raises(InputError, match="^models must have the same event; got different ones in number 2"):
        rd.pool_imputations([models[0], models_of(completed[:1], event=0)[0]])
    learned = [rd.LogisticRiskModel.from_formula("y ~ a + rcs(b, 4)", part) for part in completed]
    with pytest.raises(InputError, match=r"^models must have the same knots and levels.*rcs\(age, \[30, 50, 70\]\)"):
        rd.pool_imputations(learned)


def test_intervals_cover_where_complete_rows_are_biased() -> None:
    # b is missing more often where y = 1 and a is high, so complete rows mislead; imputations from the true
    # posterior mean of b given (a, y), approximated by regression with drawn parameters. 200 repetitions: the Monte
    # Carlo error of a coverage of 0.95 is 0.015.
    covered, complete = 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        a = rng.normal(size=300)
        b = 0.5 * a + rng.normal(size=300)
        y = (rng.random(300) < 1 / (1 + np.exp(-0.8 * a - 0.8 * b))).astype(int)
        gap = rng.random(300) < np.where((y == 1) & (a > 0), 0.6, 0.1)
        Z = np.column_stack([np.ones(300), a, y])
        inverse = np.linalg.inv(Z[~gap].T @ Z[~gap])
        beta = inverse @ Z[~gap].T @ b[~gap]
        rest = ((b[~gap] - Z[~gap] @ beta) ** 2).sum()
        models = []
        for _ in range(5):
            sigma = np.sqrt(rest / rng.chisquare((~gap).sum() - 3))
            drawn = rng.multivariate_normal(beta, sigma**2 * inverse)
            filled = np.where(gap, Z @ drawn + sigma * rng.normal(size=300), b)
            models.append(rd.LogisticRiskModel().fit(np.column_stack([a, filled]), y))
        low, high = rd.pool_imputations(models).conf_int().loc["x0"]
        covered += low < 0.8 < high
        low, high = rd.LogisticRiskModel().fit(np.column_stack([a, b])[~gap], y[~gap]).conf_int().loc["x0"]
        complete += low < 0.8 < high
    assert covered / 200 == pytest.approx(0.95, abs=0.045)
    assert complete / 200 < 0.85
