"""Costs said back in words."""

from __future__ import annotations

import pytest

from riskdec.decisions import CostMatrix
from riskdec.errors import CostMatrixWarning


def test_sentences_say_costs_thresholds_zone_and_break_even_price() -> None:
    sentences = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6).sentences()
    # 1/16 without deferring; 0.6/15 and 1 - 0.6 with it; 15/16 is the price at which the zone vanishes.
    assert sentences == (
        "When the outcome is 'no event', 'negative' costs 0, 'positive' costs 1 and 'defer' costs 0.6.",
        "When the outcome is 'event', 'negative' costs 15, 'positive' costs 0 and 'defer' costs 0.6.",
        "By the risk of 'event', the cheapest action is "
        "'negative' below 4 %, 'defer' 4 % to 40 % and 'positive' from 40 %.",
        "Without 'defer', 'negative' would turn into 'positive' at a risk of 6.25 %.",
        "At some risks 'defer' pays as long as its fee per case is below 0.9375; you said 0.6.",
    )


def test_sentences_call_a_negative_cost_a_gain() -> None:
    first, second, *_ = CostMatrix.binary(false_positive=1, false_negative=15, true_positive=-3).sentences()
    assert "'positive' costs 1" in first
    assert "'positive' gains 3" in second


def test_sentences_say_that_the_zone_is_empty() -> None:
    with pytest.warns(CostMatrixWarning):
        costs = CostMatrix.binary(false_positive=1, false_negative=15, defer=1)
    assert any("there is no gray zone" in sentence and "below 0.9375" in sentence for sentence in costs.sentences())
    assert not any("you said 1." in sentence for sentence in costs.sentences())


def test_sentences_say_which_action_dominates() -> None:
    with pytest.warns(CostMatrixWarning):
        costs = CostMatrix.binary(false_positive=1, false_negative=15, true_negative=2)
    assert "'positive' is the cheapest action at any risk of 'event'." in costs.sentences()


def test_sentences_of_fee_per_outcome_do_not_name_one_fee() -> None:
    sentences = CostMatrix.binary(false_positive=1, false_negative=15, defer=(0.2, 3)).sentences()
    assert sentences[-1] == "At some risks 'defer' pays as long as its fee per case is below 0.9375."


def test_sentences_of_three_outcomes_say_what_certainty_would_do() -> None:
    costs = CostMatrix(
        [[0, 3, 40], [8, 0, 15], [200, 60, 0]],
        outcomes=("healthy", "mild", "severe"),
        actions=("send home", "observe", "operate"),
    )
    assert costs.sentences()[-1] == (
        "If the outcome were known, the cheapest action would be "
        "'send home' for 'healthy', 'observe' for 'mild' and 'operate' for 'severe'."
    )
    assert costs.with_defer(6).sentences()[-1].endswith("you said 6.")
