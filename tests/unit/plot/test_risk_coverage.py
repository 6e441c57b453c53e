"""The drawing of selective evaluation holds the numbers of the answer."""

from __future__ import annotations

import numpy as np

from riskdec import risk_coverage

RNG = np.random.default_rng(4)
RISK = RNG.beta(1, 3, 200)
Y = RNG.random(200) < RISK


def test_all_three_costs_are_drawn_where_deferring_has_a_price() -> None:
    answer = risk_coverage(Y, RISK, {"false_positive": 1, "false_negative": 3, "defer": 0.25})
    lines = [np.asarray(line.get_ydata()) for line in answer.plot().get_lines()]
    for values in (answer.accepted_cost, answer.generalised_cost, answer.total_cost):
        assert any(line.shape == values.shape and np.array_equal(line, values) for line in lines)


def test_two_costs_are_drawn_without_a_price() -> None:
    assert len(risk_coverage(Y, RISK).plot().get_lines()) == 2
