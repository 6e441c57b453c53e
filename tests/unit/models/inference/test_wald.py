"""The Wald test of linear hypotheses against statsmodels, and the hypotheses that it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import f

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import wald_test

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


@pytest.mark.parametrize("kind", ["model", "robust"])
def test_statistic_and_p_value_are_those_of_statsmodels(rows: Rows, kind: str) -> None:
    fit, _ = rows.fit()
    covariance = {"model": "nonrobust", "robust": "HC0"}[kind]
    other = sm.Logit(rows.y, sm.add_constant(rows.X)).fit(disp=0, tol=1e-14, cov_type=covariance)
    R = np.array([[0, 0, 1, -1, 0], [0, 10, 0, 0, 2.5]])
    q = np.array([0.3, 0.0])
    found = wald_test(fit, R, q, kind=kind)
    wanted = other.wald_test((R, q), scalar=True, use_f=False)
    assert found.statistic == pytest.approx(float(wanted.statistic), rel=1e-8)
    assert found.p_value == pytest.approx(float(wanted.pvalue), rel=1e-7)
    named = wald_test(fit, [{"site1": 1, "site2": -1}, {"age": 10, "noise": 2.5}], q, kind=kind)
    assert named.statistic == found.statistic
    assert named.hypotheses == ("site1 - site2 = 0.3", "10 age + 2.5 noise = 0")


def test_one_line_is_the_square_of_its_z(rows: Rows) -> None:
    fit, _ = rows.fit()
    found = wald_test(fit, {"age": 1}, [0.05])
    assert found.statistic == pytest.approx(((fit.coef[1] - 0.05) / fit.standard_errors()[1]) ** 2, rel=1e-12)
    assert found.df == 1


def test_scale_of_a_line_changes_nothing(rows: Rows) -> None:
    fit, _ = rows.fit()
    one = wald_test(fit, [{"age": 1}, {"site1": 1}], [0.1, 1.0])
    other = wald_test(fit, [{"age": 1e6}, {"site1": -1e-6}], [0.1e6, -1e-6])
    assert other.statistic == pytest.approx(one.statistic, rel=1e-10)


@pytest.mark.parametrize(("n_groups", "few"), [(39, True), (40, False)])
def test_few_clusters_use_f(rows: Rows, n_groups: int, *, few: bool) -> None:
    fit, _ = rows.fit(groups=np.arange(400) % n_groups)
    found = wald_test(fit, [{"site1": 1}, {"site2": 1}])
    assert found.covariance_kind == "cluster"
    assert found.df_denominator == (38 if few else None)
    if few:
        assert found.p_value == pytest.approx(f.sf(found.statistic / 2, 2, 38), rel=1e-12)
        assert "F with 2 and 38 degrees of freedom" in str(found.summary())


def test_more_outcomes_are_named_with_their_terms(rows: Rows, rng: np.random.Generator) -> None:
    labels = np.array(["a", "b", "c"])[rng.integers(0, 3, 400)]
    fit = LogisticRiskModel().fit(rows.X, labels).fit_result_
    found = wald_test(fit, {"b: age": 1, "c: age": -1})
    difference = fit.coef[0, 1] - fit.coef[1, 1]
    V = fit.model_covariance
    assert found.statistic == pytest.approx(difference**2 / (V[1, 1] + V[6, 6] - 2 * V[1, 6]), rel=1e-9)


@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
def test_hypotheses_that_say_nothing_are_refused(rows: Rows) -> None:
    fit, _ = rows.fit()
    with pytest.raises(InputError, match=r"^hypotheses must not follow from each other; got 2 of rank 1\."):
        wald_test(fit, [{"age": 1}, {"age": 2}])
    with pytest.raises(InputError, match=r"^hypotheses must name coefficients of the fit .*; got 'Age'\."):
        wald_test(fit, {"Age": 1})
    with pytest.raises(InputError, match="^hypotheses must name at least one term each; got a line of zeros"):
        wald_test(fit, {"age": 0})
    with pytest.raises(InputError, match=r"^hypotheses must have one column for each of the 5 coefficients.*\(1, 3\)"):
        wald_test(fit, [1, 0, 0])
    with pytest.raises(InputError, match=r"^values must have one entry per row \(1\); got 2 entries"):
        wald_test(fit, {"age": 1}, [0, 0])
    aliased, _ = rows._replace(X=rows.X.assign(months=12 * rows.X["age"])).fit()
    with pytest.raises(InputError, match="^hypotheses must be about terms that were estimated; got 'months'"):
        wald_test(aliased, {"months": 1})
    assert wald_test(aliased, {"age": 1}).statistic == pytest.approx(wald_test(fit, {"age": 1}).statistic, rel=1e-8)


def test_answer_is_told_in_every_form(rows: Rows) -> None:
    found = wald_test(rows.fit()[0], {"site1": -1, "site2": 1})
    assert found.hypotheses == ("-site1 + site2 = 0",)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["df"] == 1
    assert list(found.frame().columns) == ["statistic", "df", "p_value"]
    assert repr(found).startswith("<WaldTest: chi-squared ")
