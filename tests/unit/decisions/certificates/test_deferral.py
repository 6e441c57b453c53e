"""Certified deferral from the door to the decisions: zones, costs, groups, refusals, JSON."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, decide, evaluate_decisions
from riskdec.decisions.certificates import DeferralCertificate, certify_deferral
from riskdec.errors import InputError

RNG = np.random.default_rng(1)
RISK = RNG.beta(0.4, 0.8, 2000)
Y = (RNG.random(2000) < RISK).astype(int)
COSTS = {"false_positive": 1, "false_negative": 10, "defer": 0.3}


def test_counts_are_those_of_the_decisions_on_the_same_cases() -> None:
    certificate = certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9)
    decisions = certificate.apply(RISK)
    evaluation = evaluate_decisions(Y, decisions)
    assert certificate.coverage == pytest.approx(1 - decisions.deferral_rate)
    assert evaluation.confusion[1, 0] + evaluation.confusion[0, 1] == certificate.errors
    assert certificate.bound <= 0.05


def test_cuts_lie_symmetrically_for_the_error_among_the_decided() -> None:
    certificate = certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9)
    assert certificate.low == pytest.approx(1 - certificate.high)
    doubt = np.minimum(RISK, 1 - RISK)
    accepted = certificate.apply(RISK).action_index != 2
    assert doubt[accepted].max() < doubt[~accepted].min()


@pytest.mark.parametrize("limit", [0.001, 0.02, 0.05, 0.2, 0.49])
def test_stricter_limits_decide_less(limit: float) -> None:
    strict = certify_deferral(Y, RISK, max_error=limit, confidence_level=0.9)
    loose = certify_deferral(Y, RISK, max_error=limit * 1.5, confidence_level=0.9)
    assert strict.coverage <= loose.coverage
    assert certify_deferral(Y, RISK, max_error=limit, confidence_level=0.99).coverage <= strict.coverage


def test_two_sides_share_delta() -> None:
    both = certify_deferral(Y, RISK, max_error={"negative": 0.03, "positive": 0.2}, confidence_level=0.9)
    negative = certify_deferral(Y, RISK, max_error={"negative": 0.03}, confidence_level=0.95)
    positive = certify_deferral(Y, RISK, max_error={"positive": 0.2}, confidence_level=0.95)
    assert (both.low, both.high) == (negative.low, positive.high)
    assert [promise.confidence_level for promise in both.promises] == pytest.approx([0.95, 0.95])
    assert both.max_error == 0.2


def test_one_side_never_calls_the_other() -> None:
    certificate = certify_deferral(Y, RISK, max_error={"negative": 0.03}, confidence_level=0.9)
    assert certificate.high == np.inf
    assert set(certificate.apply([0.0, 0.5, 1.0]).action) == {"negative", "defer"}


def test_loose_limits_on_both_sides_leave_one_cut_near_a_half() -> None:
    certificate = certify_deferral(Y, RISK, max_error={"negative": 0.4, "positive": 0.45}, confidence_level=0.9)
    assert certificate.coverage == 1
    assert certificate.low <= certificate.high
    assert abs(certificate.low - 0.5) < 0.02
    assert abs(certificate.high - 0.5) < 0.02


@pytest.mark.parametrize("limits", [{"negative": 0.1, "positive": 0.3}, {"negative": 0.4, "positive": 0.45}])
def test_costs_choose_the_cheapest_certified_policy(limits: dict[str, float]) -> None:
    y, risk = Y[:400], RISK[:400]
    chosen = certify_deferral(y, risk, max_error=limits, confidence_level=0.9, costs=COSTS)
    lows = [0.0, *_certified_cuts(risk, y == 1, limits["negative"])]
    highs = [np.inf] + [-cut for cut in _certified_cuts(-risk, y == 0, limits["positive"])]
    mean = min(_mean_cost(y, risk, low, high) for low, high in itertools.product(lows, highs) if low < high)
    assert chosen.mean_cost == pytest.approx(mean)
    assert "used to choose the policy" in str(chosen.summary())


def _certified_cuts(key: np.ndarray, error: np.ndarray, limit: float) -> list[float]:
    from riskdec.decisions.certificates.fixed_sequence import certified_range, find_prefixes

    prefixes = find_prefixes(key, error, np.ones(key.size), np.ones(key.size))
    return [float(prefixes.key[i]) for i in certified_range(prefixes, limit, 0.05)]


def _mean_cost(y: np.ndarray, risk: np.ndarray, low: float, high: float) -> float:
    negative, positive = (risk <= low) & (low > 0), risk >= high
    cost = np.where(negative, 10 * y, np.where(positive, 1 - y, 0.3))
    return float(cost.mean())


def test_nothing_certified_defers_all_and_says_what_would_do() -> None:
    few = certify_deferral(Y[:40], RISK[:40], max_error=0.05, confidence_level=0.9)
    assert few.coverage == 0
    assert np.isnan(few.bound)
    assert few.apply(RISK).deferral_rate == 1
    assert "at least 46 cases" in few.findings[0].todo
    noise = certify_deferral(Y, np.full(2000, 0.4), max_error=0.05, confidence_level=0.9)
    assert noise.coverage == 0
    assert "looks attainable" in noise.findings[0].todo
    hopeful = certify_deferral(np.append(np.zeros(59), [1]), np.append(np.arange(59) / 200, [0.001]), max_error=0.05)
    assert "cases in all would certify 5 %" in hopeful.findings[0].todo


def test_weights_equal_repetition_and_zero_is_absence() -> None:
    weight = np.random.default_rng(0).integers(0, 3, 2000)
    weighted = certify_deferral(Y, RISK, max_error=0.05, sample_weight=weight)
    repeated = certify_deferral(np.repeat(Y, weight), np.repeat(RISK, weight), max_error=0.05)
    assert weighted.to_dict() == repeated.to_dict()


def test_order_of_rows_plays_no_part() -> None:
    order = np.random.default_rng(0).permutation(2000)
    again = certify_deferral(Y[order], RISK[order], max_error=0.05)
    assert again.to_dict() == certify_deferral(Y, RISK, max_error=0.05).to_dict()


def test_groups_certify_on_one_row_each() -> None:
    groups = np.repeat(np.arange(1000), 2)
    certificate = certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9, groups=groups)
    assert (certificate.n, certificate.n_groups) == (1000, 1000)
    assert "RD312" in {finding.code for finding in certificate.findings}
    single = certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9, groups=np.arange(2000))
    assert single.low == certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9).low


def test_groups_without_weight_give_no_row() -> None:
    groups, weight = np.repeat(np.arange(1000), 2), np.ones(2000)
    weight[:10] = 0
    certificate = certify_deferral(Y, RISK, max_error=0.05, groups=groups, sample_weight=weight)
    assert certificate.n == 995


def test_ties_are_said() -> None:
    tied = certify_deferral(Y, np.round(RISK, 1), max_error=0.1, confidence_level=0.9)
    assert "RD311" in {finding.code for finding in tied.findings}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sample_weight": np.ones(2000), "weight_kind": "importance"}, "importance weights"),
        ({"max_error": 5}, "max_error must lie strictly between 0 and 1"),
        ({"max_error": {"neither": 0.1}}, "keys 'negative' and 'positive'"),
        ({"max_error": {}}, "no key"),
        ({"confidence_level": 90}, "confidence_level must lie strictly"),
        ({"costs": {"false_positive": 1, "false_negative": 2}}, "one that defers"),
    ],
)
def test_what_cannot_be_certified_is_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        certify_deferral(Y, RISK, **{"max_error": 0.05, **options})


@pytest.mark.parametrize(
    "options",
    [
        {"max_error": 0.05},
        {"max_error": {"negative": 0.02}},
        {"max_error": 0.0001},
        {"max_error": {"negative": 0.1, "positive": 0.3}, "costs": COSTS},
    ],
)
def test_json_round_trip_gives_the_same_actions(options: dict[str, object]) -> None:
    certificate = certify_deferral(Y, np.round(RISK, 3), **options)
    again = DeferralCertificate.from_json(certificate.to_json())
    assert again.to_json() == certificate.to_json()
    new = np.round(np.random.default_rng(5).beta(0.4, 0.8, 500), 3)
    assert np.array_equal(again.apply(new).action_index, certificate.apply(new).action_index)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"low": 2}, "low must be a number of at least 0 and at most 1"),
        ({"high": 0.0}, "high must be"),
        ({"errors": 10**9}, "errors must be at most"),
        ({"riskdec": "other"}, "version 1"),
        ({"version": 2}, "version 1"),
        ({"promises": []}, "entries of a certificate"),
        ({"promises": [{"rate": 1}]}, "promises must have"),
        ({"findings": [{"code": "RD999"}]}, "findings must be"),
        ({"extra": 1}, "entries of a certificate"),
    ],
)
def test_changed_json_is_refused(change: dict[str, object], words: str) -> None:
    state = json.loads(certify_deferral(Y, RISK, max_error=0.05).to_json()) | change
    with pytest.raises(InputError, match=words):
        DeferralCertificate.from_json(json.dumps(state))


@pytest.mark.parametrize("text", ["", "[1]", "{", 3, "[" * 100_000])
def test_text_that_is_no_certificate_is_refused(text: object) -> None:
    with pytest.raises(InputError, match="text must"):
        DeferralCertificate.from_json(text)


def test_promise_and_assumption_are_sentences_of_the_summary() -> None:
    text = str(certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9).summary())
    assert "With 90.0 % confidence, the rate of error among the decided is at most 5 %." in text
    assert "had no part in fitting, tuning or recalibrating" in text


def test_every_decided_row_can_be_explained() -> None:
    for limits in (0.05, {"negative": 0.02}, {"positive": 0.2}, {"negative": 0.4, "positive": 0.45}, 0.0001):
        certificate = certify_deferral(Y, RISK, max_error=limits)
        decisions = certificate.apply(np.append(RISK[:300], [0.0, 1.0]))
        for i in range(302):
            assert decisions.action[i] in str(decisions.explain(i))


def test_order_of_actions_in_the_costs_plays_no_part() -> None:
    table = np.array([[0.0, 5.0, 1.0], [50.0, 0.0, 1.0]])
    certificates = []
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        names = np.array(["wait", "treat", "review"])[order].tolist()
        costs = CostMatrix(table[:, order], outcomes=("no", "yes"), actions=names, defer="review")
        certificates.append(certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9, costs=costs))
    assert certificates[0].coverage > 0.1
    assert certificates[0].apply([0.001, 0.5, 0.999]).action.tolist() == ["wait", "review", "treat"]
    for other in certificates[1:]:
        assert other.to_dict() == certificates[0].to_dict()


def test_decisions_are_priced_in_costs_that_change_none_of_them() -> None:
    certificate = certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9)
    own, priced = certificate.apply(RISK), certificate.apply(RISK, costs=COSTS)
    assert own.action.tolist() == priced.action.tolist()
    costs = CostMatrix.binary(**COSTS).costs
    expected = np.column_stack([1 - RISK, RISK]) @ costs
    assert priced.expected_cost == pytest.approx(expected[np.arange(RISK.size), priced.action_index])
    evaluation = evaluate_decisions(Y, priced)
    assert evaluation.mean_realised_cost == pytest.approx(costs[Y, priced.action_index].mean())
    forced = decide(RISK, {"false_positive": 1, "false_negative": 10})
    assert priced.forced_index.tolist() == forced.action_index.tolist()
    assert priced.rule == "certified"
    for i in range(20):
        assert "rule 'certified'" in str(priced.explain(i))
    with pytest.raises(InputError, match="one that defers"):
        certificate.apply(RISK, costs={"false_positive": 1, "false_negative": 10})
