"""What-if from sums: what `decide`, `evaluate_decisions` and `decision_curve` say of the rows themselves."""

from __future__ import annotations

import numpy as np
import pytest

import riskdec as rd
from riskdec.decisions.judging.what_if import CURVE_THRESHOLDS, Setting, cuts_of, what_if
from riskdec.scores.risk_bins import RiskBins, bin_risks
from riskdec.scores.sums import sum_by_forecast

RNG = np.random.default_rng(4)
GRID = np.array([0.004, 0.02, 0.05, 0.11, 0.2, 0.35, 0.6, 0.9])
RISK = RNG.choice(GRID, 3000)
Y = (RNG.random(3000) < RISK * 0.8).astype(int)


def bins(weight: np.ndarray | None = None) -> RiskBins:
    rows = np.ones(len(RISK)) if weight is None else weight
    by_risk = [(risk == GRID) for risk in GRID]
    return RiskBins(
        risk=GRID,
        weight=np.array([rows[np.isin(RISK, GRID[place])].sum() for place in by_risk]),
        events=np.array([rows[np.isin(RISK, GRID[place]) & (Y == 1)].sum() for place in by_risk]),
    )


@pytest.mark.filterwarnings("ignore:RD301")
@pytest.mark.parametrize("fee", [None, 0.1, 0.6, 3.0])
@pytest.mark.parametrize(("false_positive", "false_negative"), [(1.0, 15.0), (4.0, 1.0)])
def test_at_the_prevalence_of_the_rows_it_is_decide_and_evaluate(
    fee: float | None, false_positive: float, false_negative: float
) -> None:
    costs = rd.CostMatrix.binary(false_positive=false_positive, false_negative=false_negative, defer=fee)
    setting = Setting(false_positive, false_negative, fee, 1.0, 1.0, float(Y.mean()))
    found = what_if(bins(), setting)
    decisions = rd.decide(RISK, costs)
    evaluation = rd.evaluate_decisions(Y, decisions)
    assert found.rows[: len(decisions.counts)] == pytest.approx(decisions.counts)
    assert found.cost[0] == pytest.approx(evaluation.mean_realised_cost)
    assert found.expected[0] == pytest.approx(decisions.mean_expected_cost)
    baselines = {rule.name: rule.mean_realised_cost for rule in evaluation.baselines}
    assert found.cost[2:4] == pytest.approx([baselines["always negative"], baselines["always positive"]])
    if fee is None:
        assert np.isnan(found.cost[4])
        assert found.cost[1] == found.cost[0]
    else:
        assert found.cost[4] == pytest.approx(fee)
    assert [str(region) for region in found.regions] == [str(region) for region in costs.regions()]


def test_an_expert_who_errs_is_a_test_that_is_bought() -> None:
    costs = rd.CostMatrix.binary(false_positive=1, false_negative=20)
    with_test = costs.with_test("expert", price=0.2, sensitivity=0.9, specificity=0.8)
    found = what_if(bins(), Setting(1.0, 20.0, 0.2, 0.9, 0.8, float(Y.mean())))
    decisions = rd.decide(RISK, with_test)
    assert found.rows == pytest.approx(decisions.counts)
    assert found.cost[0] == pytest.approx(rd.evaluate_decisions(Y, decisions).mean_realised_cost)


def test_another_prevalence_is_more_of_the_same_events() -> None:
    # Every event three times: the same as rows at the prevalence that this makes.
    tripled = bins(np.where(Y == 1, 3.0, 1.0))
    target = float(tripled.prevalence)
    odds = target / (1 - target) / (Y.mean() / (1 - Y.mean()))
    moved = RiskBins(risk=GRID * odds / (GRID * odds + 1 - GRID), weight=tripled.weight, events=tripled.events)
    asked = what_if(bins(), Setting(1.0, 15.0, 0.6, 1.0, 1.0, target))
    there = what_if(moved, Setting(1.0, 15.0, 0.6, 1.0, 1.0, target))
    for name in ("cost", "expected", "net_benefit", "curve", "treat_all", "flips"):
        np.testing.assert_allclose(getattr(asked, name), getattr(there, name), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(asked.rows / asked.rows.sum(), there.rows / there.rows.sum())


def test_the_curve_is_the_decision_curve() -> None:
    found = what_if(bins(), Setting(1.0, 9.0, None, 1.0, 1.0, float(Y.mean())))
    curve = rd.decision_curve(Y, {"model": RISK}, thresholds=[*CURVE_THRESHOLDS.tolist()])
    np.testing.assert_allclose(found.curve, np.asarray(curve.net_benefit).ravel(), atol=1e-12)
    np.testing.assert_allclose(found.treat_all, curve.treat_all, atol=1e-10)
    here = rd.decision_curve(Y, {"model": RISK}, thresholds=[0.1])
    assert found.net_benefit[0] == pytest.approx(float(np.ravel(here.net_benefit)[0]))


@pytest.mark.parametrize(("sensitivity", "specificity"), [(1.0, 1.0), (0.9, 0.7), (0.6, 0.3)])
def test_deferring_pays_exactly_below_the_fee_limit(sensitivity: float, specificity: float) -> None:
    setting = Setting(2.0, 13.0, None, sensitivity, specificity, 0.2)
    limit = what_if(bins(), setting).fee_limit

    def defers(fee: float) -> bool:
        regions = what_if(bins(), setting._replace(fee=fee)).regions
        return any(region.action == "defer" for region in regions)

    assert not defers(limit * 1.0001 + 1e-9)
    assert defers(limit * 0.999) == (limit > 0)


def test_flips_count_the_rows_whose_action_changes() -> None:
    setting = Setting(1.0, 15.0, 0.6, 1.0, 1.0, float(Y.mean()))
    found = what_if(bins(), setting)
    ours = rd.decide(RISK, rd.CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)).action_index
    for share, miss in ((found.flips[0], 7.5), (found.flips[1], 30.0)):
        theirs = rd.decide(RISK, rd.CostMatrix.binary(false_positive=1, false_negative=miss, defer=0.6)).action_index
        assert share == pytest.approx((ours != theirs).mean())
    text = str(found.summary())
    assert "change their action if a miss costs double" in text
    assert set(found.to_dict()) >= {"regions", "rows", "cost", "flips"}


def test_bins_that_part_at_the_cuts_are_decided_like_rows(rng: np.random.Generator) -> None:
    risk = rng.beta(1, 9, 4000)
    is_event = rng.random(4000) < risk
    costs = rd.CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    cuts = cuts_of(costs.costs)
    assert cuts.tolist() == pytest.approx([0.04, 1 / 16, 0.4])
    bins = bin_risks(sum_by_forecast(risk, is_event), cuts=cuts).without_small(cuts=cuts)
    found = what_if(bins, Setting(1.0, 15.0, 0.6, 1.0, 1.0, bins.prevalence))
    decisions = rd.decide(risk, costs)
    told = rd.evaluate_decisions(is_event, decisions)
    forced = next(rule for rule in told.baselines if rule.name == "forced choice")
    assert found.rows.tolist() == decisions.counts.tolist()
    assert found.cost[:2] == pytest.approx([told.mean_realised_cost, forced.mean_realised_cost])
    assert found.expected[0] == pytest.approx(decisions.mean_expected_cost)
    assert cuts_of(costs.costs[:, :1]).size == 0


def test_above_all_risks_the_net_benefit_is_exactly_none_when_a_false_alarm_costs_a_million_misses() -> None:
    weight = np.random.default_rng(0).random(200)
    sums = RiskBins(risk=np.linspace(0.01, 0.9, 200), weight=weight, events=weight * 0.3)
    assert what_if(sums, Setting(1e8, 1.0, None, 1.0, 1.0, 0.2)).net_benefit[0] == 0
