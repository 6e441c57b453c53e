from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from riskdec import diagnose
from riskdec.diagnostics.money.recalibrated_cost import recalibrated_costs
from riskdec.diagnostics.money.regret import read_costs
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

COSTS = {"false_positive": 1, "false_negative": 4}


def test_saving_of_a_known_miscalibration(rng: np.random.Generator) -> None:
    # True risks are half the predicted ones: the right cut is at a predicted risk of 0.4 instead of 0.2, and the regret
    # 5 * integral from 0.2 to 0.4 of (0.2 - p / 2) dp = 0.05 for risks uniform on [0, 1].
    risk = rng.random(40_000)
    report = diagnose(rng.random(40_000) < risk / 2, risk, costs=COSTS, n_resamples=5, rng=0)
    assert report.decision is not None
    by_name = {after.method: after for after in report.decision.recalibrated}
    assert set(by_name) == {"logistic", "isotonic"}
    saving = by_name["isotonic"].saving
    assert saving.estimate == pytest.approx(0.05, abs=0.01)
    assert saving.low < 0.05 < saving.high
    # Half of the risk is no line on the logit scale; the logistic recalibration comes close.
    assert by_name["logistic"].saving.estimate == pytest.approx(0.05, abs=0.02)
    for after in by_name.values():
        gap = report.decision.mean_realised_cost - after.mean_realised_cost
        assert gap == pytest.approx(after.saving.estimate)


def test_right_risks_leave_nothing_to_save(rng: np.random.Generator) -> None:
    risk = expit(rng.normal(-1, 1, 20_000))
    report = diagnose(rng.random(20_000) < risk, risk, costs=COSTS, n_resamples=5, rng=0)
    assert report.decision is not None
    for after in report.decision.recalibrated:
        assert after.saving.low <= 0 <= after.saving.high
        assert after.saving.estimate == pytest.approx(0, abs=0.005)


def test_interval_is_that_of_paired_differences(rng: np.random.Generator) -> None:
    # With so many rows all folds recalibrate alike, and the difference of costs is known row by row.
    risk = np.repeat([0.1, 0.3], 5000)
    y = rng.random(10_000) < np.where(risk == 0.3, 0.1, 0.05)
    report = diagnose(y, risk, costs=COSTS, n_resamples=5, rng=0)
    assert report.decision is not None
    gain = np.where(risk == 0.3, np.where(y, 0 - 4, 1 - 0), 0)
    saving = report.decision.recalibrated[0].saving
    assert saving.estimate == pytest.approx(gain.mean())
    assert (saving.high - saving.low) / 2 == pytest.approx(1.96 * gain.std() / 100, rel=1e-3)


def test_groups_stay_in_one_fold_and_widen_the_interval(rng: np.random.Generator) -> None:
    risk = np.repeat(expit(rng.normal(-1, 1, 200)), 5)
    y = np.repeat(rng.random(200) < risk[::5] / 2, 5)
    alone, together = (
        diagnose(y, risk, costs=COSTS, groups=groups, n_resamples=5, rng=0) for groups in (None, np.arange(1000) // 5)
    )
    widths = [
        report.decision.recalibrated[0].saving.high - report.decision.recalibrated[0].saving.low  # type: ignore[union-attr]
        for report in (alone, together)
    ]
    assert widths[1] > 1.5 * widths[0]


def test_certain_risks_have_no_logistic_recalibration_and_one_row_none_at_all(rng: np.random.Generator) -> None:
    report = diagnose([0, 1] * 50, [0.0, 1.0] * 50, costs=COSTS, n_resamples=5, rng=0)
    assert report.decision is not None
    assert [after.method for after in report.decision.recalibrated] == ["isotonic"]
    lone = diagnose([1], [0.3], costs=COSTS, n_resamples=5, rng=0)
    assert lone.decision is not None
    assert lone.decision.recalibrated == ()


def test_folds_take_each_row_once(rng: np.random.Generator) -> None:
    risk, weight = rng.random(300).round(1) * 0.8 + 0.1, rng.integers(1, 4, 300)
    given = check_forecasts((rng.random(300) < risk).astype(int), risk, sample_weight=weight)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight)
    before = 0.7
    answers = recalibrated_costs(
        sums, given, read_costs(COSTS), before=before, confidence_level=0.95, rng=np.random.default_rng(1)
    )
    # Costs of single rows are whole numbers here, so the mean over all of them is a whole number over their weight.
    for after in answers:
        assert after.saving.estimate * weight.sum() == pytest.approx(round(after.saving.estimate * weight.sum()))


def test_right_counts_at_every_risk_change_no_decision() -> None:
    # As many events as the risks say at each of many forecasts: recalibration changes no decision.
    linear = np.linspace(-2, 2, 21)
    events = np.round(5000 * expit(linear))
    y, weight = np.repeat([1, 0], 21), np.concatenate([events, 5000 - events])
    report = diagnose(y, np.tile(expit(linear), 2), sample_weight=weight, costs=COSTS, n_resamples=5, rng=0)
    assert report.decision is not None
    assert [after.saving.estimate for after in report.decision.recalibrated] == [0, 0]
