"""Why one row got its action."""

from __future__ import annotations

import re

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, decide
from riskdec.decisions.choosing.explanation import RowRule, explain_row

BINARY = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
THREE = CostMatrix(
    [[0, 3, 40], [8, 0, 15], [200, 60, 0]],
    outcomes=("healthy", "mild", "severe"),
    actions=("send home", "observe", "operate"),
)


def test_explanation_lists_costs_from_cheapest_and_margin() -> None:
    # Risk 0.2: negative 15 * 0.2 = 3, positive 0.8, defer 0.6.
    table = explain_row(BINARY, np.array([0.2]), 2, position=7)
    assert table.title == "Row 7: 80 % no event, 20 % event"
    assert table.rows == (("defer", "0.6", "0"), ("positive", "0.8", "0.2"), ("negative", "3", "2.4"))
    assert table.notes[0] == "'defer' is chosen; the next best, 'positive', is expected to cost 0.2 more."


def test_explanation_says_which_risk_flips_it() -> None:
    notes = explain_row(BINARY, np.array([0.2]), 2, position=0).notes
    assert notes[1:3] == (
        "It would be 'negative' if the risk of 'event' were below 4 %.",
        "It would be 'positive' if the risk of 'event' were 40 % or more.",
    )
    assert explain_row(BINARY, np.array([0.01]), 0, position=0).notes[1:2] == (
        "It would be 'defer' if the risk of 'event' were 4 % or more.",
    )


def test_explanation_says_at_which_cost_of_a_miss_the_choice_flips() -> None:
    # At a risk of 0.2 acting costs 0.8, so a miss must cost 4 for not acting to cost the same.
    (note,) = explain_row(BINARY, np.array([0.2]), 2, position=0).notes[3:]
    assert note == (
        "Between 'negative' and 'positive' alone the choice flips where 'negative' costs 4 when the outcome is "
        "'event'; you said 15."
    )


def test_explanation_says_that_a_limit_kept_a_row_from_its_cheapest_action() -> None:
    rule = RowRule(price=np.array([0.0, 0.0, 0.3]), name="expected")
    notes = explain_row(BINARY, np.array([0.2]), 1, position=0, rule=rule).notes
    assert notes == (
        "'positive' is chosen, although 'defer' would cost 0.2 less.",
        "'defer' is limited, which adds a price of 0.3 to its cost.",
    )


def test_explanation_says_that_no_risk_flips_a_dominating_action() -> None:
    costs = CostMatrix.from_dict(
        {"costs": [[0, 1], [5, 6]], "outcomes": ["a", "b"], "actions": ["x", "y"], "defer": None}
    )
    assert explain_row(costs, np.array([0.3]), 0, position=0).notes[1:] == ("No risk of 'b' would change this.",)


@pytest.mark.parametrize("row", [[0.9, 0.08, 0.02], [0.3, 0.6, 0.1], [0.2, 0.1, 0.7]])
def test_stated_probability_is_where_the_decision_changes(row: list[float]) -> None:
    proba = np.array(row)
    chosen = int((proba @ THREE.costs).argmin())
    notes = explain_row(THREE, proba, chosen, position=0).notes[1:]
    assert notes
    for note in notes:
        rival, outcome, percent = re.fullmatch(
            r"It would be '(.+)' if the probability of '(.+)' rose to ([\d.]+) %\.", note
        ).groups()
        k = THREE.outcomes.index(outcome)
        for step, expected in ((-1e-3, THREE.actions[chosen]), (1e-3, rival)):
            target = float(percent) / 100 + step
            moved = proba * (1 - target) / (1 - proba[k])
            moved[k] = target
            assert decide([moved], THREE).action[0] == expected


def test_chosen_action_comes_first_at_a_boundary() -> None:
    cut = float(BINARY.regions().thresholds[0])
    decisions = decide([cut], BINARY)
    assert decisions.explain(0).rows[0][0] == "defer"
    assert decisions.explain(0).rows[0][2] == "0"
