"""Profile intervals, likelihood ratios, criteria and rms' tables on real data against R's glm, lrm and logistf.

The references were made with R 4.2.2 (rms 6.5.0)::

    fit <- glm(formula, binomial, data, control = glm.control(epsilon = 1e-14, maxit = 100))
    confint(fit)                      # profile_ci_95, a spline through the profile
    # profile_ci_95_exact: uniroot of 2 (logLik(fit) - logLik(fit with offset = b * x)) - qchisq(0.95, 1)
    drop1(fit, test = "LRT"); AIC(fit); BIC(fit)
    f <- lrm(y ~ rcs(x, 4) + ..., data); f$stats; anova(f)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from riskdec import LogisticRiskModel
from riskdec.models.inference import (
    aic,
    bic,
    fit_statistics,
    lr_test,
    open_fitted_rows,
    profile_intervals,
    term_tests,
)

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["german_credit", "pima_mass", "birthwt", "hmda_boston", "bank_marketing"]


class Study(NamedTuple):
    """Rows coded as R codes them, and R's answers."""

    X: pd.DataFrame
    y: np.ndarray
    terms: dict[str, list[str]]
    r: dict[str, Any]


def code_columns(rows: pd.DataFrame, r: dict[str, Any], names: list[str]) -> dict[str, dict[str, np.ndarray]]:
    """Treatment coding as R's: for each variable its columns."""
    coded: dict[str, dict[str, np.ndarray]] = {}
    for name in names:
        levels = r["factor_levels"].get(name)
        if levels is None:
            coded[name] = {name: rows[name].to_numpy(dtype=float)}
        else:
            text = rows[name].astype(str)
            coded[name] = {f"{name}{level}": (text == level).to_numpy(dtype=float) for level in levels[1:]}
    return coded


@pytest.fixture
def study(request: pytest.FixtureRequest, shared_data: Path, shared_reference: Path) -> Study:
    r = json.loads((shared_reference / f"{request.param}.json").read_text(encoding="utf-8"))
    rows = pd.read_csv(shared_data / r["data_file"]).drop(index=r["rows_excluded_zero_based"])
    if request.param == "german_credit":
        rows["credit_amount"] /= 1000
    names = [name.strip() for name in r["formula"].partition("~")[2].split(" + ")]
    coded = code_columns(rows, r, names)
    X = pd.DataFrame({column: values for columns in coded.values() for column, values in columns.items()})
    assert ["(Intercept)", *X.columns] == r["glm"]["terms"]
    return Study(X, rows[r["outcome"]].to_numpy(), {name: list(columns) for name, columns in coded.items()}, r)


everywhere = pytest.mark.parametrize("study", NAMES, indirect=True)


@pytest.mark.parametrize("study", NAMES[:4], indirect=True)
def test_profile_intervals_agree_with_the_root_of_the_likelihood_ratio(study: Study) -> None:
    model = LogisticRiskModel().fit(study.X, study.y)
    found = profile_intervals(model.fit_result_, open_fitted_rows(model, study.X, study.y))
    wanted = np.array(study.r["glm"]["profile_ci_95_exact"])
    error = model.bse.to_numpy()
    np.testing.assert_allclose(found.low / error, wanted[:, 0] / error, atol=1e-6)
    np.testing.assert_allclose(found.high / error, wanted[:, 1] / error, atol=1e-6)


@everywhere
def test_profile_intervals_agree_with_confint_as_well_as_its_spline_allows(study: Study) -> None:
    model = LogisticRiskModel().fit(study.X, study.y)
    found = profile_intervals(model.fit_result_, open_fitted_rows(model, study.X, study.y))
    wanted = np.array(study.r["glm"]["profile_ci_95"])
    error = model.bse.to_numpy()[:, None]
    np.testing.assert_allclose(np.c_[found.low, found.high] / error, wanted / error, atol=4e-4)


@everywhere
def test_likelihood_ratio_of_each_term_agrees_with_drop1(study: Study) -> None:
    model = LogisticRiskModel().fit(study.X, study.y)
    rows = open_fitted_rows(model, study.X, study.y)
    found = term_tests(model.fit_result_, rows, terms=study.terms, test="likelihood ratio").rows[:-1]
    wanted = study.r["glm_lrt"]
    assert [test.name for test in found] == wanted["term"][1:]
    assert [test.df for test in found] == wanted["df"][1:]
    np.testing.assert_allclose([test.statistic for test in found], wanted["lrt"][1:], rtol=1e-7)
    np.testing.assert_allclose([test.p_value for test in found], wanted["p"][1:], rtol=1e-6)


@everywhere
def test_nested_fits_agree_with_drop1(study: Study) -> None:
    large = LogisticRiskModel().fit(study.X, study.y).fit_result_
    wanted = study.r["glm_lrt"]
    for place, (name, columns) in enumerate(study.terms.items(), 1):
        small = LogisticRiskModel().fit(study.X.drop(columns=columns), study.y).fit_result_
        found = lr_test(small, large)
        assert wanted["term"][place] == name
        assert found.dropped == tuple(columns)
        assert found.df == wanted["df"][place]
        assert found.statistic == pytest.approx(wanted["lrt"][place], rel=1e-7)
        assert found.p_value == pytest.approx(wanted["p"][place], rel=1e-6)
        assert aic(small) == pytest.approx(wanted["aic"][place], rel=1e-10)


@everywhere
def test_criteria_and_model_likelihood_ratio_agree_with_glm(study: Study) -> None:
    fit = LogisticRiskModel().fit(study.X, study.y).fit_result_
    glm = study.r["glm"]
    assert aic(fit) == pytest.approx(glm["aic"], rel=1e-10)
    assert bic(fit) == pytest.approx(glm["bic"], rel=1e-10)
    found = fit_statistics(fit)
    assert found.lr_chi2 == pytest.approx(glm["null_deviance"] - glm["deviance"], rel=1e-9)
    assert found.df == len(glm["terms"]) - 1
    assert found.events_per_parameter == pytest.approx(min(glm["events"], glm["n"] - glm["events"]) / found.df)


def restricted_cubic(x: np.ndarray, knots: list[float]) -> np.ndarray:
    """Harrell's basis with norm = 2: x, and for each knot but the last two a cubic that is linear in the tails."""
    t, last, before = np.array(knots), knots[-1], knots[-2]
    cube = [np.maximum(x - knot, 0) ** 3 for knot in t]
    terms = [
        cube[j] - cube[-2] * (last - t[j]) / (last - before) + cube[-1] * (before - t[j]) / (last - before)
        for j in range(len(t) - 2)
    ]
    return np.column_stack([x, *(term / (last - t[0]) ** 2 for term in terms)])


@pytest.mark.parametrize("name", ["birthwt", "german_credit", "bank_marketing"])
def test_table_of_wald_tests_agrees_with_anova_of_lrm(name: str, shared_data: Path, shared_reference: Path) -> None:
    r = json.loads((shared_reference / f"{name}.json").read_text(encoding="utf-8"))
    rows = pd.read_csv(shared_data / r["data_file"]).drop(index=r["rows_excluded_zero_based"])
    if name == "german_credit":
        rows["credit_amount"] /= 1000
    lrm = r["lrm_rcs"]
    columns: dict[str, np.ndarray] = {}
    groups: dict[str, list[str]] = {}
    for variable in (line for line in lrm["anova"]["rownames"] if line.strip() == line and "TOTAL" not in line):
        if variable in lrm["knots"]:
            basis = restricted_cubic(rows[variable].to_numpy(float), lrm["knots"][variable])
            coded = {variable + "'" * j: basis[:, j] for j in range(basis.shape[1])}
            groups |= {variable: list(coded), f"{variable} Nonlinear": list(coded)[1:]}
        else:
            coded = code_columns(rows, r, [variable])[variable]
            groups[variable] = list(coded)
        columns |= coded
    if "TOTAL NONLINEAR" in lrm["anova"]["rownames"]:
        groups["TOTAL NONLINEAR"] = [term for term in columns if "'" in term]
    model = LogisticRiskModel().fit(pd.DataFrame(columns), rows[r["outcome"]])
    np.testing.assert_allclose(model.params, lrm["coef"], rtol=1e-6)

    found = term_tests(model.fit_result_, terms=groups)
    wanted = np.array(lrm["anova"]["values"])
    assert [test.name.split(" ")[-1] for test in found.rows] == [n.split(" ")[-1] for n in lrm["anova"]["rownames"]]
    np.testing.assert_allclose([test.statistic for test in found.rows], wanted[:, 0], rtol=1e-5)
    np.testing.assert_array_equal([test.df for test in found.rows], wanted[:, 1])
    np.testing.assert_allclose([test.p_value for test in found.rows], wanted[:, 2], rtol=1e-4, atol=1e-14)

    figures, stats = fit_statistics(model.fit_result_), lrm["stats"]
    assert figures.lr_chi2 == pytest.approx(stats["Model L.R."], rel=1e-8)
    assert figures.df == stats["d.f."]
    assert figures.p_value == pytest.approx(stats["P"], rel=1e-6, abs=1e-14)
    assert figures.r2_nagelkerke == pytest.approx(stats["R2"], rel=1e-8)
    # rms' R2(n) is Cox and Snell's.
    assert figures.r2_cox_snell == pytest.approx(stats[f"R2({stats['Obs']})"], rel=1e-8)


# Urinary tract infections of students (Foxman et al. 1997), the data "sex2" of R's logistf: age, oc, vic, vicl, vis,
# dia as digits, then women with and without an infection. No woman without one used a diaphragm (dia): separated.
INFECTIONS = (
    ("000010", 1, 1), ("001000", 14, 2), ("001010", 3, 1), ("001100", 10, 8), ("001110", 12, 18), ("001111", 1, 0),
    ("010000", 44, 42), ("010001", 3, 0), ("010010", 0, 1), ("011000", 15, 1), ("011001", 1, 0), ("011010", 2, 0),
    ("011100", 7, 5), ("011110", 3, 6), ("101000", 2, 0), ("101010", 1, 0), ("101011", 1, 0), ("101100", 1, 2),
    ("101110", 0, 4), ("101111", 1, 0), ("110000", 5, 14), ("110010", 0, 1), ("111000", 3, 1), ("111110", 0, 2),
)  # fmt: skip
# summary(logistf(case ~ age + oc + vic + vicl + vis + dia, sex2, alpha = 0.1)) of R: coefficient, limits of 90 %,
# chi-squared and p of the penalised likelihood ratio.
LOGISTF = {
    "Intercept": (0.12025405, -0.6673577, 0.9177303, 0.06286298, 8.020268e-01),
    "age": (-1.10598131, -1.8277045, -0.4328451, 7.50773092, 6.143472e-03),
    "oc": (-0.06881673, -0.7986318, 0.6507581, 0.02467044, 8.751911e-01),
    "vic": (2.26887464, 1.4248338, 3.2325326, 22.93139022, 1.678877e-06),
    "vicl": (-2.11140817, -3.0613215, -1.2704704, 19.10407252, 1.237805e-05),
    "vis": (-0.78831694, -1.4743338, -0.1137542, 3.69740975, 5.449701e-02),
    "dia": (3.09601166, 1.0835108, 6.8752016, 7.89693139, 4.951873e-03),
}


def test_penalised_profiles_and_ratios_agree_with_logistf() -> None:
    patterns = np.array([[float(digit) for digit in pattern] for pattern, _, _ in INFECTIONS])
    X = pd.DataFrame(np.vstack([patterns, patterns]), columns=list(LOGISTF)[1:])
    y = np.repeat([1, 0], len(INFECTIONS))
    weight = np.array([[cases for _, cases, _ in INFECTIONS], [controls for _, _, controls in INFECTIONS]]).ravel()
    model = LogisticRiskModel(penalty="firth").fit(X, y, sample_weight=weight)
    fit, rows = model.fit_result_, open_fitted_rows(model, X, y, sample_weight=weight)
    wanted = np.array(list(LOGISTF.values()))
    np.testing.assert_allclose(fit.coef, wanted[:, 0], atol=1e-6)
    found = profile_intervals(fit, rows, confidence_level=0.9)
    # logistf stops at a change of 1e-5 or so.
    np.testing.assert_allclose(np.c_[found.low, found.high], wanted[:, 1:3], atol=2e-5)
    tests = term_tests(fit, rows, terms=fit.terms, test="likelihood ratio")
    np.testing.assert_allclose([test.statistic for test in tests.rows[:-1]], wanted[:, 3], rtol=1e-6)
    np.testing.assert_allclose([test.p_value for test in tests.rows[:-1]], wanted[:, 4], rtol=1e-6)
    # "Likelihood ratio test=49.09064 on 6 df, p=7.15089e-09"
    total = term_tests(fit, rows, terms=fit.terms[1:], test="likelihood ratio").rows[-1]
    assert total.df == 6
    assert total.statistic == pytest.approx(49.09064, abs=1e-5)
    assert total.p_value == pytest.approx(7.15089e-09, rel=1e-5)
