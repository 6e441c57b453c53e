from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from riskdec import CostMatrix, diagnose, reliability_curve
from riskdec.errors import InputError

if TYPE_CHECKING:
    from riskdec.diagnostics import DecisionCalibration

COSTS = {"false_positive": 1, "false_negative": 4}


def decision(y: object, risk: object, costs: object, **options: object) -> DecisionCalibration:
    report = diagnose(y, risk, costs=costs, rng=0, **options)  # type: ignore[arg-type]
    assert report.decision is not None
    return report.decision


def test_local_error_is_the_largest_imbalance_next_to_the_cut() -> None:
    # The cut is 0.2. Just above it 30 rows of risk 0.3 without any event: moving the cut up to 0.5 would help.
    y, risk = [0] * 30 + [1, 0] * 10 + [0] * 50, [0.3] * 30 + [0.5] * 20 + [0.1] * 50
    answer = decision(y, risk, COSTS)
    (cut,) = answer.cuts
    assert cut.threshold == pytest.approx(0.2)
    assert (cut.below, cut.above) == ("negative", "positive")
    assert cut.n_above == 50
    assert cut.local_error == pytest.approx(30 * 0.3 / 100)
    assert answer.regret == pytest.approx(5 * cut.local_error)
    assert answer.regret_high > answer.regret
    # Costs on these rows: 40 false alarms, no miss.
    assert answer.mean_realised_cost == pytest.approx(0.4)


def test_imbalance_away_from_the_cut_does_not_count() -> None:
    # Above the cut risks are too low, below it too high: no shift of the cut would help.
    y, risk = [1] * 40 + [0] * 60, [0.6] * 40 + [0.1] * 60
    assert decision(y, risk, COSTS).regret == pytest.approx(0, abs=1e-12)


def test_gray_zone_adds_up_the_cuts_by_what_each_is_worth(rng: np.random.Generator) -> None:
    risk = rng.random(300)
    y = (rng.random(300) < 0.5 * risk).astype(int)
    answer = decision(y, risk, COSTS | {"defer": 0.5})
    below, above = answer.cuts
    assert answer.thresholds == pytest.approx((0.125, 0.5))
    # The slope of the cost falls from 4 to 0 at the first cut, from 0 to -1 at the second.
    assert answer.regret == pytest.approx(4 * below.local_error + 1 * above.local_error)
    assert below.above == above.below == "defer"


def test_bound_is_worded_and_serialised(rng: np.random.Generator) -> None:
    risk = rng.random(200)
    answer = decision((rng.random(200) < risk).astype(int), risk, COSTS)
    assert answer.sentence.startswith("No monotone recalibration could lower your expected cost by more than ")
    assert "(95 % confidence)" in answer.sentence
    assert "cut between" in str(answer.summary())
    assert (
        str(diagnose([0, 1] * 60, [0.2, 0.6] * 60, costs=COSTS, rng=0).summary())
        .split("\n")[-1]
        .startswith("No monotone recalibration could lower your expected cost by more than ")
    )
    plain = json.loads(json.dumps(answer.to_dict()))
    assert plain["cuts"][0]["threshold"] == pytest.approx(0.2)
    assert plain["sentence"] == answer.sentence


def test_event_rate_at_the_cut_has_the_simultaneous_band(rng: np.random.Generator) -> None:
    risk = rng.random(2000)
    y = (rng.random(2000) < risk / 2).astype(int)
    (cut,) = decision(y, risk, COSTS).cuts
    curve = reliability_curve(y, risk, band="simultaneous")
    place = np.searchsorted(curve.risk, 0.2)
    assert cut.event_rate == curve.event_rate[place]
    assert cut.rate_low == curve.low[place - 1]  # type: ignore[index]
    assert cut.rate_high == curve.high[place]  # type: ignore[index]
    # The truth at the cut is 0.1.
    assert cut.rate_low < 0.1 < cut.rate_high < 0.3
    (grouped,) = decision(y, risk, COSTS, groups=np.arange(2000) // 2).cuts
    assert np.isnan(grouped.rate_low)
    assert "not available" in str(decision(y, risk, COSTS, groups=np.arange(2000) // 2).summary())


def test_cuts_outside_the_risks_are_bounded_by_what_is_next_to_them() -> None:
    (below,) = decision([0, 1] * 40, np.linspace(0.3, 0.9, 80), {"false_positive": 1, "false_negative": 9}).cuts
    assert below.rate_low == 0
    (above,) = decision([0, 1] * 40, np.linspace(0.1, 0.6, 80), {"false_positive": 9, "false_negative": 1}).cuts
    assert above.rate_high == 1


def test_costs_under_which_one_action_always_wins_leave_nothing_to_lose() -> None:
    with pytest.warns(match="RD301"):
        costs = CostMatrix([[0, 1], [1, 2]], outcomes=("no", "yes"), actions=("wait", "act"))
    answer = decision([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9], costs)
    assert answer.cuts == ()
    assert answer.regret == answer.regret_high == 0
    assert "calibration cannot matter" in answer.sentence


def test_costs_of_three_outcomes_are_refused() -> None:
    costs = CostMatrix([[0, 1], [1, 0], [2, 0]], outcomes=("a", "b", "c"), actions=("wait", "act"))
    with pytest.raises(InputError, match="costs must have two outcomes here; got 3 outcomes"):
        diagnose([0, 1], [0.2, 0.4], costs=costs)


def test_limit_covers_the_regret_of_a_known_miscalibration(rng: np.random.Generator) -> None:
    # True risks are half the predicted ones, so the right cut is at a predicted risk of 0.4 instead of 0.2. Regret:
    # 5 * integral from 0.2 to 0.4 of (0.2 - p / 2) dp = 5 * 0.01 for risks uniform on [0, 1]. In 60 runs at level
    # 0.95 the limit may fail 8 times before three Monte Carlo standard errors are exceeded.
    failures = 0
    for _ in range(60):
        risk = rng.random(400)
        y = (rng.random(400) < risk / 2).astype(int)
        failures += decision(y, risk, COSTS, n_resamples=49).regret_high < 0.05
    assert failures <= 8


def test_cut_at_which_the_rate_is_another_one_is_a_finding(rng: np.random.Generator) -> None:
    risk = rng.random(4000)
    low = diagnose(rng.random(4000) < risk**0.3, risk, costs=COSTS, n_resamples=20, rng=0)
    found = {finding.code: finding for finding in low.findings}
    assert "too low, so the cut lets too many events pass below it" in found["RD214"].sentence
    assert "would have lowered the cost of your decisions by" in found["RD215"].sentence
    assert found["RD214"].severity == found["RD215"].severity == "issue"
    high = diagnose(rng.random(4000) < risk / 10, risk, costs=COSTS, n_resamples=20, rng=0)
    found = {finding.code: finding for finding in high.findings}
    assert "too high, so the cut acts too often" in found["RD214"].sentence
    right = diagnose(rng.random(4000) < risk, risk, costs=COSTS, n_resamples=20, rng=0)
    assert not {"RD214", "RD215"} & {finding.code for finding in right.findings}
