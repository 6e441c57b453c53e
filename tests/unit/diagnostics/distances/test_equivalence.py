from __future__ import annotations

import numpy as np
import pytest

from riskdec import CalibrationReport, diagnose
from riskdec.errors import InputError


@pytest.fixture(scope="module")
def report() -> CalibrationReport:
    rng = np.random.default_rng(2)
    risk = rng.random(20_000) * 0.5
    y = rng.random(20_000) < risk + 0.03
    found = diagnose(y, risk, costs={"false_positive": 1, "false_negative": 3}, n_resamples=50, rng=0)
    assert isinstance(found, CalibrationReport)
    return found


def test_verdict_follows_the_limits_of_both_errors(report: CalibrationReport) -> None:
    limits = [(e.low, e.high) for e in (report.ici, report.cutoff_calibration_error)]
    low, high = max(low or 0 for low, _ in limits), max(high or 1 for _, high in limits)
    assert 0 < low < 0.03 < high
    assert report.equivalence(margin=high + 1e-9).verdict == "within"
    assert report.equivalence(margin=high - 1e-9).verdict == "undecided"
    assert report.equivalence(margin=low - 1e-9).verdict == "beyond"


def test_regret_within_its_margin_is_found(report: CalibrationReport) -> None:
    assert report.decision is not None
    bound = report.decision.regret_high
    assert report.equivalence(max_regret=bound).verdict == "within"
    # A bound above the margin proves nothing.
    assert report.equivalence(max_regret=bound / 2).verdict == "undecided"


def test_finding_says_the_verdict_in_words(report: CalibrationReport) -> None:
    within = report.equivalence(margin=0.2)
    assert within.finding.severity == "good"
    assert within.finding.sentence.startswith("Calibrated within your margin (95 % confidence): integrated")
    assert "allowed 0.2" in str(within.summary())
    assert within.to_dict()["limits"][0]["verdict"] == "within"
    assert report.equivalence(margin=0.001).finding.severity == "issue"


def test_margin_is_asked_for_and_costs_are_needed(report: CalibrationReport) -> None:
    with pytest.raises(InputError, match="margin or max_regret must be given"):
        report.equivalence()
    with pytest.raises(InputError, match="margin must be a number above 0 and at most 1; got 3"):
        report.equivalence(margin=3)
    plain = diagnose([0, 1] * 20, [0.4, 0.6] * 20, n_resamples=5, rng=0)
    with pytest.raises(InputError, match=r"max_regret must come with costs.*diagnose\(\.\.\., costs=\.\.\.\)"):
        plain.equivalence(max_regret=1)


def test_training_rows_allow_no_verdict() -> None:
    # Three forecasts that equal the event rates: slope 1 and shift 0 by construction.
    risk = np.repeat([0.2, 0.4, 0.6], 50)
    y = np.concatenate([np.arange(50) < 50 * p for p in (0.2, 0.4, 0.6)])
    assert diagnose(y, risk, n_resamples=5, rng=0).equivalence(margin=0.5).verdict == "not assessable"
