from __future__ import annotations

import numpy as np
import pytest

from riskdec import CalibrationReport, decompose_score, diagnose


def report_on(y: np.ndarray, risk: np.ndarray, **options: object) -> CalibrationReport:
    report = diagnose(y, risk, n_resamples=99, rng=0, **options)  # type: ignore[arg-type]
    assert isinstance(report, CalibrationReport)
    return report


def test_miscalibration_of_the_log_score_is_that_of_the_decomposition(rng: np.random.Generator) -> None:
    risk, y, weight = rng.random(300).round(2), rng.integers(0, 2, 300), rng.random(300) + 0.2
    # Certainties that prove right.
    y[risk == 0], y[risk == 1] = 0, 1
    found = report_on(y, risk, sample_weight=weight, weight_kind="importance").log_miscalibration
    parts = decompose_score(y, risk, sample_weight=weight, score="log")
    assert found.estimate == pytest.approx(parts.miscalibration, abs=1e-12)
    assert found.low is None


def test_right_risks_have_the_miscalibration_of_chance(rng: np.random.Generator) -> None:
    risk = rng.random(800) * 0.9 + 0.05
    right = report_on(rng.random(800) < risk, risk).log_miscalibration
    assert right.p_value > 0.01
    assert 0.3 < right.estimate / right.null_mean < 3
    wrong = report_on(rng.random(800) < risk**2, risk).log_miscalibration
    assert wrong.p_value == pytest.approx(0.01)


@pytest.mark.parametrize("groups", [None, np.arange(60) // 3])
def test_wrong_certainty_makes_it_infinite(groups: np.ndarray | None, rng: np.random.Generator) -> None:
    risk, y = rng.random(60), rng.integers(0, 2, 60)
    risk[:2], y[:2] = (0, 1), (1, 0)
    report = report_on(y, risk, groups=groups)
    found = report.log_miscalibration
    assert found.estimate == np.inf
    assert np.isfinite([found.null_mean, found.null_high]).all()
    assert np.isnan(found.p_value) if groups is not None else found.p_value == pytest.approx(0.01)
    assert report.to_dict()["log_miscalibration"]["estimate"] is None
    assert "log score is infinite" in str(report.findings)
    assert "inf" in str(report.summary())


def test_groups_of_one_row_each_leave_the_chance_level_about_as_it_is(rng: np.random.Generator) -> None:
    risk = rng.random(3000) * 0.9 + 0.05
    y = rng.random(3000) < risk
    alone, grouped = (report_on(y, risk, groups=groups).log_miscalibration for groups in (None, np.arange(3000)))
    assert grouped.estimate == alone.estimate
    assert grouped.null_mean == pytest.approx(alone.null_mean, rel=0.3)
