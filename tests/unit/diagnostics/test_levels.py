from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from riskdec import diagnose
from riskdec.diagnostics.levels import CalibrationLevel

LINEAR = np.linspace(-2, 2, 41)


def verdicts(truth: np.ndarray, risk: np.ndarray, n: int = 2000, **options: object) -> dict[str, str]:
    """Diagnose risks on rows that hold as many events as the truth says, n at each of them."""
    events = np.round(n * truth)
    y, weight = np.repeat([1, 0], len(risk)), np.concatenate([events, n - events])
    report = diagnose(y, np.tile(risk, 2), sample_weight=weight, n_resamples=99, rng=0, **options)  # type: ignore[arg-type]
    return {level.name: level.verdict for level in report.levels}


def test_right_risks_are_compatible_with_all_levels_but_the_strong_one() -> None:
    found = verdicts(expit(LINEAR), expit(LINEAR))
    assert found == {
        "mean": "compatible",
        "weak": "compatible",
        "moderate": "compatible",
        "strong": "not assessable",
    }


def test_what_refutes_a_level_refutes_those_above_it_only() -> None:
    shifted = verdicts(expit(LINEAR), expit(LINEAR + 0.3))
    assert [shifted[name] for name in ("mean", "weak", "moderate")] == ["refuted"] * 3
    stretched = verdicts(expit(LINEAR), expit(1.3 * LINEAR))
    assert [stretched[name] for name in ("mean", "weak", "moderate")] == ["compatible", "refuted", "refuted"]
    # A wave of mean zero that is orthogonal to the line leaves mean and slope alone.
    risk = expit(LINEAR)
    columns = np.column_stack([np.ones(41), LINEAR])
    wave = np.cos(LINEAR * np.pi)
    wave -= columns @ np.linalg.lstsq(columns, wave, rcond=None)[0]
    waved = verdicts(risk + 0.05 * wave, risk)
    assert [waved[name] for name in ("mean", "weak", "moderate")] == ["compatible", "compatible", "refuted"]


def test_levels_without_a_test_are_not_assessable() -> None:
    report = diagnose([0, 1] * 100, [0.0, 1.0] * 100, n_resamples=20, rng=0)
    assert [level.verdict for level in report.levels] == [
        "compatible",
        "not assessable",
        "compatible",
        "not assessable",
    ]
    few = diagnose([0] * 60 + [1], np.full(61, 0.02), n_resamples=20, rng=0)
    assert "exact" in few.levels[0].evidence


def test_groups_are_judged_by_wald_tests_and_the_interval(rng: np.random.Generator) -> None:
    risk = expit(rng.normal(0, 1, 600))
    y = rng.random(600) < expit(logit(risk) + 1)
    report = diagnose(y, risk, groups=np.arange(600) // 6, n_resamples=40, rng=0)
    assert [level.verdict for level in report.levels[:3]] == ["refuted"] * 3
    assert "interval" in report.levels[2].evidence


def test_levels_stand_in_summary_and_dict(rng: np.random.Generator) -> None:
    risk = rng.random(300)
    report = diagnose(rng.random(300) < risk, risk, n_resamples=20, rng=0)
    assert "strong: right for every kind of case" in str(report.summary())
    assert report.to_dict()["levels"] == [level.to_dict() for level in report.levels]
    assert isinstance(report.levels[0], CalibrationLevel)


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_a_level_says_when_a_lower_one_refutes_it(shift: float) -> None:
    # The risks are shifted so little that the two-degree test does not notice what the one-degree test does.
    risk = expit(LINEAR + shift * 0.0775)
    events = np.round(1000 * expit(LINEAR))
    y, weight = np.repeat([1, 0], 41), np.concatenate([events, 1000 - events])
    report = diagnose(y, np.tile(risk, 2), sample_weight=weight, n_resamples=99, rng=0)
    mean, weak = report.levels[:2]
    both = next(test for test in report.tests if test.df == 2)
    if mean.verdict == "refuted" and both.p_value >= 0.05:
        assert weak.verdict == "refuted"
        assert "a level it includes is refuted" in weak.evidence
    else:
        assert "a level it includes" not in weak.evidence
