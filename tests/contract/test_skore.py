"""Models, scorers and displays inside skore's reports; where skore is installed."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import riskdec as rd

pytest.importorskip("skore", reason="skore is optional")

# What skore and its plotting library warn about is theirs.
pytestmark = pytest.mark.filterwarnings("ignore")

RNG = np.random.default_rng(1)
X = pd.DataFrame(RNG.normal(size=(300, 3)), columns=["age", "dose", "pressure"])
Y = pd.Series((RNG.random(300) < 1 / (1 + np.exp(1 - X["age"]))).astype(int))
MIXED = X.assign(ward=pd.Categorical(RNG.choice(["north", "south"], 300)))
MIXED.iloc[::7, 1] = np.nan
COSTS = {"false_positive": 1, "false_negative": 5, "defer": 0.4}

MODELS: dict[str, tuple[Any, pd.DataFrame]] = {
    "logistic": (rd.LogisticRiskModel(), X),
    "formula": (rd.LogisticRiskModel(formula="~ rcs(age, 3) + dose"), X),
    "table": (rd.TabularRiskModel(alpha=1.0), MIXED),
    "calibrated": (rd.CalibratedRiskModel(LogisticRegression(), cv=3), X),
    "decisions": (rd.DecisionClassifier(LogisticRegression(), COSTS), X),
}
DISPLAYS = (rd.ReliabilityDisplay, rd.DecisionCurveDisplay, rd.CostCurveDisplay, rd.RiskCoverageDisplay)


def report_of(name: str) -> Any:
    from skore import EstimatorReport

    model, rows = MODELS[name]
    parts = {"X_train": rows[:200], "y_train": Y[:200], "X_test": rows[200:], "y_test": Y[200:]}
    return EstimatorReport(model, pos_label=1, **parts)


@pytest.mark.parametrize("name", MODELS)
def test_a_report_judges_the_model(name: str) -> None:
    report = report_of(name)
    figures = report.metrics.summarize().frame()
    risk = report.estimator_.predict_proba(report.X_test)[:, 1]
    np.testing.assert_allclose(figures["brier_score"], rd.brier_score(report.y_test, risk), rtol=1e-9)
    for display in (report.metrics.roc(), report.metrics.precision_recall(), report.inspection.calibration_curve()):
        assert display.plot() is not None
    assert len(report.checks.summarize(fast_mode=True).frame()) > 5
    plt.close("all")


def test_costs_are_a_metric() -> None:
    report = report_of("decisions")
    report.metrics.add(rd.expected_cost_scorer(COSTS), name="minus_cost")
    found = report.metrics.summarize(metric="minus_cost").frame()["minus_cost"]
    decisions = report.estimator_.decide(report.X_test)
    assert found == pytest.approx(-rd.evaluate_decisions(report.y_test, decisions).mean_realised_cost)


def test_cross_validation_and_comparison() -> None:
    from skore import CrossValidationReport, compare

    rows = CrossValidationReport(rd.TabularRiskModel(alpha=1.0), MIXED, Y, splitter=3, pos_label=1)
    assert rows.metrics.summarize().frame().loc["log_loss"].iloc[0] < 0.75
    both = compare([report_of("logistic"), report_of("calibrated")])
    assert both.metrics.summarize().frame().shape[1] == 2


@pytest.mark.parametrize("cls", DISPLAYS)
def test_displays_obey_the_protocol(cls: Any) -> None:
    from skore import Display

    report = report_of("logistic")
    display = cls.from_estimator(report.estimator_, report.X_test, report.y_test)
    assert isinstance(display, Display)
    assert isinstance(display.frame(), pd.DataFrame)


def test_a_diagnosis_is_a_check() -> None:
    class CalibrationCheck:
        code, title, severity, slow = "RD200", "Calibration, diagnosed by riskdec", "issue", False
        report_types, docs_url = ["estimator"], None

        def check_function(self, report: Any) -> str | None:
            risk = report.estimator_.predict_proba(report.X_test)[:, 1]
            findings = rd.diagnose(report.y_test, risk, rng=0).findings
            return " ".join(finding.sentence for finding in findings if finding.severity == "issue") or None

    report = report_of("logistic")
    report.checks.add([CalibrationCheck()])
    assert any("RD200" in line for line in report.checks.available())
    assert "RD200" in repr(report.checks.summarize().frame())
