"""Knots, columns, coefficients and tests by term against R's rms.

The references were made with R 4.2.2 (rms 6.5.0, Hmisc 4.8.0)::

    fit <- lrm(formula, data, x = TRUE, tol = 1e-14, maxit = 100)
    coef(fit); sqrt(diag(vcov(fit))); fit$Design$parms; head(fit$x, 3); head(predict(fit), 10); anova(fit)
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from riskdec.likelihood import fit_binomial
from riskdec.models.formula import FormulaDesign, list_hypotheses, parse_formula
from riskdec.models.tables.splines import RestrictedCubicSpline

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["german_credit", "pima_mass", "birthwt", "hmda_boston", "bank_marketing"]


class Study(NamedTuple):
    """Rows, the design that our formula makes of them, and R's answers."""

    rows: pd.DataFrame
    y: np.ndarray
    design: FormulaDesign
    r: dict[str, Any]

    def fit(self) -> tuple[np.ndarray, np.ndarray]:
        """Give coefficients, and their covariance: the inverse of X'WX."""
        X = self.design.encode(self.rows).matrix
        coef = fit_binomial(X, self.y).coef
        Z = np.column_stack([np.ones(len(X)), X])
        risk = 1 / (1 + np.exp(-Z @ coef))
        return coef, np.linalg.inv(Z.T @ (Z * (risk * (1 - risk))[:, np.newaxis]))


@pytest.fixture(params=NAMES)
def study(request: pytest.FixtureRequest, shared_data: Path, shared_reference: Path) -> Study:
    reference = json.loads((shared_reference / f"{request.param}.json").read_text(encoding="utf-8"))
    rows = pd.read_csv(shared_data / reference["data_file"]).drop(index=reference["rows_excluded_zero_based"])
    if request.param == "german_credit":
        rows["credit_amount"] /= 1000
    text = reference["lrm_rcs"]["formula"]
    for name in reference["factor_levels"]:
        # R was given factors; here numbers that are codes say so in the formula.
        if rows[name].dtype.kind in "iuf":
            text = re.sub(rf"\b{name}\b", f"C({name})", text)
    design = FormulaDesign.learn(parse_formula(text), rows)
    return Study(rows, rows[design.outcome].to_numpy(), design, reference["lrm_rcs"])


def rms_name(name: str) -> str:
    return re.sub(r"\[(.*)\]$", r"=\1", name)


def test_names_and_columns_agree_with_lrm(study: Study) -> None:
    assert ["Intercept", *map(rms_name, study.design.names)] == study.r["terms"]
    first = study.design.encode(study.rows.head(3)).matrix
    np.testing.assert_allclose(first, study.r["x_first3"], rtol=1e-12, atol=1e-12)


def test_knots_agree_with_rcspline_eval(study: Study) -> None:
    wanted = study.r["knots"]
    spline = RestrictedCubicSpline(n_knots=4).fit(study.rows[list(wanted)])
    for found, knots in zip(spline.knots_, wanted.values(), strict=True):
        np.testing.assert_allclose(found, knots, rtol=1e-13)


def test_transformer_gives_the_columns_of_lrm(study: Study) -> None:
    names = list(study.r["knots"])
    found = RestrictedCubicSpline(n_knots=4).set_output(transform="pandas").fit_transform(study.rows[names])
    wanted = pd.DataFrame(study.r["x_first3"], columns=study.r["terms"][1:])
    np.testing.assert_allclose(found.head(3), wanted[list(found.columns)], rtol=1e-12, atol=1e-12)


def test_coefficients_errors_and_predictors_agree_with_lrm(study: Study) -> None:
    coef, covariance = study.fit()
    np.testing.assert_allclose(coef, study.r["coef"], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), study.r["se"], rtol=1e-6)
    first = study.design.encode(study.rows.head(10)).matrix
    np.testing.assert_allclose(coef[0] + first @ coef[1:], study.r["lp_first10"], rtol=1e-7)


def test_hypotheses_agree_with_anova(study: Study) -> None:
    coef, covariance = study.fit()
    lines = list_hypotheses(study.design)
    assert [line.label for line in lines] == study.r["anova"]["rownames"]
    for line, (chi_square, df, _) in zip(lines, study.r["anova"]["values"], strict=True):
        places = np.array(line.columns) + 1
        b = coef[places]
        assert len(b) == df
        assert b @ np.linalg.solve(covariance[np.ix_(places, places)], b) == pytest.approx(chi_square, rel=2e-6)
