"""What decisions cost: totals, baselines, weights, clusters, findings."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, DecisionEvaluation, decide, evaluate_decisions
from riskdec.errors import InputError

COSTS = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
RISK = np.array([0.01, 0.02, 0.2, 0.3, 0.5, 0.9])
Y = np.array([0, 1, 0, 1, 0, 1])
# Actions: negative, negative, defer, defer, positive, positive; costs 0, 15, 0.6, 0.6, 1, 0.
EVALUATION = evaluate_decisions(Y, decide(RISK, COSTS))


def test_total_cost_and_coverage_stand_together() -> None:
    assert EVALUATION.total_realised_cost == pytest.approx(17.2)
    assert EVALUATION.mean_realised_cost == pytest.approx(17.2 / 6)
    assert EVALUATION.deferral_rate == pytest.approx(1 / 3)
    assert EVALUATION.coverage == pytest.approx(2 / 3)
    names = [row[0] for row in EVALUATION.summary().rows]
    assert names.index("coverage (share decided)") == names.index("total realised cost") + 1


def test_standard_error_is_that_of_the_mean_of_row_costs() -> None:
    costs = np.array([0, 15, 0.6, 0.6, 1, 0])
    assert EVALUATION.standard_error == pytest.approx(costs.std(ddof=1) / np.sqrt(6))


def test_confusion_counts_outcomes_by_actions() -> None:
    assert EVALUATION.confusion.tolist() == [[1, 1, 1], [1, 1, 1]]
    assert (EVALUATION.outcomes, EVALUATION.actions) == (COSTS.outcomes, COSTS.actions)


def test_baselines_are_counted_by_hand() -> None:
    means = {baseline.name: baseline.mean_realised_cost * 6 for baseline in EVALUATION.baselines}
    assert means == pytest.approx(
        {
            "always negative": 45,  # three events missed
            "always positive": 3,  # three false alarms
            "always defer": 3.6,
            "forced choice": 17,  # cut at 1/16: 0, 15, 1, 0, 1, 0
            "0.5 cut": 31,  # 0, 15, 0, 15, 1, 0
        }
    )


def test_saving_is_paired() -> None:
    forced = next(b for b in EVALUATION.baselines if b.name == "forced choice")
    saving = np.array([0, 0, 1 - 0.6, 0 - 0.6, 0, 0])
    assert forced.saving == pytest.approx(saving.mean())
    assert forced.standard_error == pytest.approx(saving.std(ddof=1) / np.sqrt(6))


def test_normalised_cost_compares_with_best_constant_above_knowing() -> None:
    # Best constant: always positive, 3; knowing every outcome costs nothing.
    assert EVALUATION.normalised_cost == pytest.approx(17.2 / 3)
    shifted = CostMatrix(COSTS.costs + np.array([[7], [-2]]), outcomes=COSTS.outcomes, actions=COSTS.actions)
    assert evaluate_decisions(Y, decide(RISK, shifted)).normalised_cost == pytest.approx(17.2 / 3)


def test_cheaper_rule_is_a_finding() -> None:
    (finding,) = EVALUATION.findings
    assert (finding.code, finding.severity) == ("RD308", "caution")
    assert "'always positive' would have cost 2.367 less per row" in finding.sentence


def test_clearly_cheaper_rule_is_an_issue() -> None:
    # Risks turned upside down.
    y = np.tile([0, 1], 200)
    (finding,) = evaluate_decisions(y, decide(np.where(y == 1, 0.01, 0.99), COSTS)).findings
    assert (finding.code, finding.severity) == ("RD308", "issue")


def test_sound_decisions_have_no_finding(rng: np.random.Generator) -> None:
    risk = rng.beta(0.5, 3, size=4000)
    assert evaluate_decisions(rng.random(4000) < risk, decide(risk, COSTS)).findings == ()


def test_figures_that_do_not_exist_say_why() -> None:
    evaluation = evaluate_decisions([1], decide([0.9], COSTS))
    assert np.isnan(evaluation.standard_error)
    assert np.isnan(evaluation.normalised_cost)
    assert [finding.code for finding in evaluation.findings] == ["RD307", "RD307"]
    json.dumps(evaluation.to_dict(), allow_nan=False)


def same_figures(first: DecisionEvaluation, second: DecisionEvaluation) -> None:
    """Compare everything that is a number."""
    for name in ("n", "mean_realised_cost", "standard_error", "total_realised_cost", "coverage", "normalised_cost"):
        assert getattr(first, name) == pytest.approx(getattr(second, name), rel=1e-12)
    assert first.confusion == pytest.approx(second.confusion)
    for one, two in zip(first.baselines, second.baselines, strict=True):
        assert (one.saving, one.standard_error) == pytest.approx((two.saving, two.standard_error), rel=1e-12)


def test_frequency_weights_equal_repetition() -> None:
    weight = np.array([3, 0, 1, 2, 1, 5])
    weighted = evaluate_decisions(Y, decide(RISK, COSTS), sample_weight=weight)
    same_figures(weighted, evaluate_decisions(np.repeat(Y, weight), decide(np.repeat(RISK, weight), COSTS)))


@pytest.mark.parametrize("kind", ["frequency", "importance"])
@pytest.mark.parametrize("groups", [None, np.array(list("aabbcc"))])
def test_rows_of_weight_zero_are_as_if_absent(kind: str, groups: np.ndarray | None) -> None:
    weight = np.array([1, 0, 2, 1, 0, 0])
    used = weight > 0
    first = evaluate_decisions(Y, decide(RISK, COSTS), sample_weight=weight, weight_kind=kind, groups=groups)
    second = evaluate_decisions(
        Y[used],
        decide(RISK[used], COSTS),
        sample_weight=weight[used],
        weight_kind=kind,
        groups=None if groups is None else groups[used],
    )
    same_figures(first, second)
    assert first.n_groups == second.n_groups


def test_groups_are_counted_and_widen_errors_of_dependent_rows(rng: np.random.Generator) -> None:
    risk = np.repeat(rng.beta(1, 4, size=200), 5)
    y = np.repeat(rng.random(200) < risk[::5], 5)
    groups = np.repeat(np.arange(200), 5)
    decisions = decide(risk, COSTS)
    clustered = evaluate_decisions(y, decisions, groups=groups)
    assert clustered.n_groups == 200
    # Five equal rows carry the information of one.
    once = evaluate_decisions(y[::5], decide(risk[::5], COSTS))
    assert clustered.standard_error == pytest.approx(once.standard_error, rel=1e-12)


def test_outcomes_by_name_and_by_number_agree(rng: np.random.Generator) -> None:
    costs = CostMatrix(
        [[0, 3, 40, 6], [8, 0, 15, 6], [200, 60, 0, 6]],
        outcomes=("healthy", "mild", "severe"),
        actions=("send home", "observe", "operate", "defer"),
    )
    proba = rng.dirichlet([6, 3, 1], 300)
    y = rng.integers(0, 3, 300)
    decisions = decide(proba, costs)
    same_figures(evaluate_decisions(y, decisions), evaluate_decisions(np.array(costs.outcomes)[y], decisions))
    names = [baseline.name for baseline in evaluate_decisions(y, decisions).baselines]
    assert names[-2:] == ["forced choice", "most likely outcome"]


def test_answer_prints_and_travels() -> None:
    assert repr(EVALUATION) == "<DecisionEvaluation: 6 rows, mean realised cost 2.867, coverage 66.7 %>"
    assert EVALUATION.frame()["rule"].tolist()[-1] == "0.5 cut"
    state = json.loads(json.dumps(EVALUATION.to_dict()))
    assert {"mean_realised_cost", "deferral_rate", "coverage", "confusion", "baselines"} <= set(state)
    assert not pickle.loads(pickle.dumps(EVALUATION)).confusion.flags.writeable


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"sample_weight": [1, 2]}, r"sample_weight must have one entry per row \(6\)"),
        ({"sample_weight": [1, 1, 1, 1, 1, -1]}, r"sample_weight must not be negative; got -1.0 at position 5"),
        ({"sample_weight": [0.5] * 6}, "whole numbers.*pass weight_kind='importance'"),
        ({"weight_kind": "survey"}, "weight_kind must be one of 'frequency', 'importance'; got 'survey'"),
        ({"groups": [1, 2]}, "groups must have one entry per row"),
        ({"event": 2}, "event must be one of the labels"),
    ],
)
def test_bad_options_are_refused(keywords: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate_decisions(Y, decide(RISK, COSTS), **keywords)


def test_probabilities_in_place_of_decisions_are_refused() -> None:
    with pytest.raises(InputError, match=r"decisions must be what riskdec.decide gives; got a ndarray"):
        evaluate_decisions(Y, RISK)  # type: ignore[arg-type]
