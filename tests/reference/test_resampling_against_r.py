"""Validation by bootstrap against R's rms.

The references were made with R 4.2.2 (rms 6.5.0)::

    fit <- lrm(formula with rcs(x, 4), data, x = TRUE, y = TRUE)
    set.seed(1); validate(fit, B = 200); set.seed(2); validate(fit, B = 200)

rms refits the columns of the design with their knots fixed, and so does this test. The random numbers differ, hence the
tolerance: three times the difference of the two seeds, or 0.005.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from riskdec import LogisticRiskModel
from riskdec.models.formula import FormulaDesign, parse_formula
from riskdec.resampling import BootstrapValidation, validate_by_bootstrap

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["german_credit", "pima_mass", "birthwt", "hmda_boston", "bank_marketing"]
OURS = {
    "Dxy": "dxy",
    "R2": "r2",
    "Intercept": "intercept",
    "Slope": "slope",
    "Emax": "emax_logistic",
    "D": "discrimination_index",
    "U": "unreliability_index",
    "Q": "quality_index",
    "B": "brier",
    "g": "g",
    "gp": "gp",
}
ORIGINAL, TRAINING, TEST, OPTIMISM, CORRECTED = range(5)


class Study:
    """One validation, ours and R's."""

    def __init__(self, name: str, data: Path, references: Path) -> None:
        reference = json.loads((references / f"{name}.json").read_text(encoding="utf-8"))
        self.r: dict[str, Any] = reference["validate_lrm_rcs"]
        rows = pd.read_csv(data / reference["data_file"]).drop(index=reference["rows_excluded_zero_based"])
        if name == "german_credit":
            rows["credit_amount"] /= 1000
        text = reference["lrm_rcs"]["formula"]
        for column in reference["factor_levels"]:
            if rows[column].dtype.kind in "iuf":
                text = re.sub(rf"\b{column}\b", f"C({column})", text)
        design = FormulaDesign.learn(parse_formula(text), rows)
        X, y = design.encode(rows).matrix, rows[design.outcome].to_numpy()
        event = None if set(y) <= {0, 1} else reference.get("event", sorted(set(y))[-1])
        # Four times as many resamples as R had, so that the error is mostly R's.
        n_resamples = 100 if len(y) > 10_000 else 800
        self.ours: BootstrapValidation = validate_by_bootstrap(
            LogisticRiskModel(), X, y, n_resamples=n_resamples, event=event, rng=0
        )

    def rows(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Give our name of each index, and R's numbers by the two seeds."""
        names = [OURS[row] for row in self.r["rownames"]]
        return list(zip(names, np.array(self.r["seed1"]), np.array(self.r["seed2"]), strict=True))


@pytest.fixture(scope="module", params=NAMES)
def study(request: pytest.FixtureRequest, shared_data: Path, shared_reference: Path) -> Study:
    return Study(request.param, shared_data, shared_reference)


def test_apparent_indices_are_those_of_rms(study: Study) -> None:
    for name, first, _ in study.rows():
        # rms ranks linear predictors rounded to a grid, which moves Dxy in the fourth digit.
        tolerance = 5e-4 if name == "dxy" else 1e-6
        assert study.ours[name].apparent == pytest.approx(first[ORIGINAL], rel=tolerance, abs=1e-8), name


def test_corrected_indices_agree_with_rms_to_its_simulation_error(study: Study) -> None:
    for name, first, second in study.rows():
        for column, value in (
            (TRAINING, study.ours[name].training),
            (TEST, study.ours[name].test),
            (CORRECTED, study.ours[name].corrected),
        ):
            if name == "emax_logistic" and column != CORRECTED:
                continue
            tolerance = max(3 * abs(first[column] - second[column]), 0.005)
            middle = (first[column] + second[column]) / 2
            assert abs(value - middle) <= tolerance, (name, column, value, first[column], second[column])
