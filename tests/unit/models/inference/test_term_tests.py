"""Tests by term: Wald, likelihood ratio, penalised and scaled; groups, aliases, clusters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import chi2, f

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import lr_test, open_fitted_rows, profile_intervals, term_tests

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows

GROUPS = {"age": ["age"], "site": ["site1", "site2"], "noise": "noise"}


def test_wald_tests_of_single_terms_are_the_squares_of_z(rows: Rows) -> None:
    fit, _ = rows.fit()
    found = term_tests(fit)
    assert [test.name for test in found.rows] == ["age", "site1", "site2", "noise", "TOTAL"]
    z = (fit.coef / fit.standard_errors())[1:]
    np.testing.assert_allclose([test.statistic for test in found.rows[:-1]], z**2, rtol=1e-10)
    np.testing.assert_allclose([test.p_value for test in found.rows[:-1]], fit.p_values()[1:], rtol=1e-9)
    total = fit.coef[1:] @ np.linalg.solve(fit.model_covariance[1:, 1:], fit.coef[1:])
    assert found.rows[-1].statistic == pytest.approx(total, rel=1e-9)
    assert found.rows[-1].df == 4


def test_ratio_of_a_group_is_that_of_the_nested_fits(rows: Rows) -> None:
    fit, given = rows.fit()
    found = {test.name: test for test in term_tests(fit, given, terms=GROUPS, test="likelihood ratio").rows}
    for name, dropped in (("site", ["site1", "site2"]), ("age", ["age"]), ("noise", ["noise"])):
        wanted = lr_test(LogisticRiskModel().fit(rows.X.drop(columns=dropped), rows.y).fit_result_, fit)
        assert found[name].df == wanted.df
        assert found[name].statistic == pytest.approx(wanted.statistic, rel=1e-8, abs=1e-9)
        assert found[name].p_value == pytest.approx(wanted.p_value, rel=1e-8)
    assert found["TOTAL"].statistic == pytest.approx(2 * (fit.log_likelihood - fit.null_log_likelihood), rel=1e-9)


def test_scaled_ratio_of_a_group_is_that_of_the_nested_fits(rows: Rows) -> None:
    options = {"class_weight": "natural"}
    fit, given = rows.fit(**options)
    found = term_tests(fit, given, terms=GROUPS, test="likelihood ratio", scaled=True)
    assert found.test == "scaled likelihood ratio"
    small = LogisticRiskModel(**options).fit(rows.X[["age", "noise"]], rows.y).fit_result_
    wanted = lr_test(small, fit, scaled=True)
    assert found.rows[1].statistic == pytest.approx(wanted.statistic, rel=1e-8)
    assert found.rows[1].p_value == pytest.approx(wanted.p_value, rel=1e-8)


@pytest.mark.filterwarnings("ignore::riskdec.errors.RiskdecWarning")
def test_penalised_ratio_agrees_with_the_penalised_interval(separated: Rows) -> None:
    # The interval of level 1 - p has zero at one of its ends.
    fit, given = separated.fit(penalty="firth")
    tests = term_tests(fit, given, test="likelihood ratio")
    assert tests.test == "penalised likelihood ratio"
    for test in tests.rows[:-1]:
        ends = profile_intervals(fit, given, terms=[test.name], confidence_level=1 - test.p_value)
        assert min(abs(ends.low[0]), abs(ends.high[0])) == pytest.approx(0, abs=1e-6)
    # FLIC moves the intercept only.
    flic = term_tests(*separated.fit(penalty="flic"), test="likelihood ratio")
    np.testing.assert_allclose(
        [t.statistic for t in flic.rows], [t.statistic for t in tests.rows], rtol=1e-7, atol=1e-9
    )


def test_few_clusters_use_f(rows: Rows) -> None:
    fit, _ = rows.fit(groups=np.arange(400) % 20)
    found = term_tests(fit, terms=GROUPS)
    assert found.df_denominator == 19
    site = found.rows[1]
    assert site.p_value == pytest.approx(f.sf(site.statistic / 2, 2, 19), rel=1e-12)
    assert "p-values of F with 19 degrees of freedom: few clusters" in str(found.summary())
    model = term_tests(fit, terms=GROUPS, kind="model")
    assert model.df_denominator is None
    assert model.rows[1].p_value == pytest.approx(chi2.sf(model.rows[1].statistic, 2), rel=1e-12)


@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
def test_aliased_columns_are_absent_and_said_to_be(rows: Rows) -> None:
    twice = rows._replace(X=rows.X.assign(months=12 * rows.X["age"]))
    fit, given = twice.fit()
    for found in (term_tests(fit), term_tests(fit, given, test="likelihood ratio")):
        months = found.rows[-2]
        assert (months.name, months.df, months.statistic, months.p_value) == ("months", 0, 0.0, None)
        assert found.rows[-1].df == 4
        assert "months: earlier columns determine it" in str(found.summary())
        assert "nan" not in str(found.summary())


def test_more_outcomes_test_a_term_in_all_of_them(rows: Rows, rng: np.random.Generator) -> None:
    labels = np.array(["a", "b", "c"])[rng.integers(0, 3, 400)]
    model = LogisticRiskModel().fit(rows.X, labels)
    fit, given = model.fit_result_, open_fitted_rows(model, rows.X, labels)
    found = term_tests(fit, given, terms=GROUPS, test="likelihood ratio")
    assert [test.df for test in found.rows] == [2, 4, 2, 8]
    small = LogisticRiskModel().fit(rows.X.drop(columns=["site1", "site2"]), labels).fit_result_
    assert found.rows[1].statistic == pytest.approx(lr_test(small, fit).statistic, rel=1e-7)
    assert found.rows[1].columns == ("b: site1", "c: site1", "b: site2", "c: site2")


def test_what_cannot_be_tested_is_refused(rows: Rows) -> None:
    fit, given = rows.fit()
    message = r"^X and y must be given for likelihood-ratio tests; got none\. Give the rows of fit again; Wald tests"
    with pytest.raises(InputError, match=message):
        term_tests(fit, test="likelihood ratio")
    with pytest.raises(InputError, match="^test must be one of 'wald', 'likelihood ratio'; got 'score'"):
        term_tests(fit, given, test="score")
    with pytest.raises(InputError, match="^terms must be a mapping of name to terms, or a list of terms; got 'age'"):
        term_tests(fit, terms="age")
    with pytest.raises(InputError, match=r"^terms must name coefficients of the fit \('Intercept', .*; got 'race'"):
        term_tests(fit, terms={"race": ["race"]})
    with pytest.raises(InputError, match="^the fit must weigh independent rows by counts.*got class weights"):
        term_tests(*rows.fit(class_weight="balanced"), test="likelihood ratio")
    with pytest.raises(InputError, match="^the fit must be a maximum of the likelihood for scaled likelihood-ratio"):
        term_tests(*rows.fit(penalty="firth"), test="likelihood ratio", scaled=True)


def test_answer_is_told_in_every_form(rows: Rows) -> None:
    found = term_tests(rows.fit()[0], terms=GROUPS)
    assert list(found.frame()["term"]) == ["age", "site", "noise", "TOTAL"]
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["terms"][1]["columns"] == ["site1", "site2"]
    assert repr(found).startswith("<TermTests: Wald tests of 3 terms, total ")
