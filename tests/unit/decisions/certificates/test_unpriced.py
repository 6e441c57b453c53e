"""A certificate holds a zone and no costs: nothing is priced until somebody gives them."""

from __future__ import annotations

import json

import numpy as np
import pytest

import riskdec as rd
from riskdec.decisions.certificates.applying import zone_decisions
from riskdec.errors import InputError
from riskdec.plot import draw
from riskdec.report import page_of, render_page

RNG = np.random.default_rng(4)
RISK = RNG.beta(0.5, 0.8, 1500)
Y = RNG.random(1500) < RISK
CERTIFICATE = rd.certify_deferral(Y, RISK, max_error=0.1)
OWN = CERTIFICATE.apply(RISK)
COSTS = {"false_positive": 1, "false_negative": 10, "defer": 0.4}
PRICED = CERTIFICATE.apply(RISK, costs=COSTS)


def test_no_cost_is_expected_where_none_was_given() -> None:
    assert not OWN.costs_given
    assert np.isnan(OWN.mean_expected_cost)
    assert OWN.expected_cost is None
    assert "cost" not in repr(OWN)
    assert "expected cost" not in str(OWN.summary())
    assert "No costs were given" in str(OWN.summary())
    assert "expected_cost" not in OWN.frame().columns
    assert PRICED.costs_given
    assert "mean expected cost" in repr(PRICED)
    assert "Mean expected cost per row" in str(PRICED.summary())


def test_json_says_that_no_costs_were_given() -> None:
    state = json.loads(json.dumps(OWN.to_dict(), allow_nan=False))
    assert state["costs_given"] is False
    assert state["mean_expected_cost"] is None
    assert state["expected_cost"] is None
    assert state["regions"]["regions"]
    assert json.loads(json.dumps(PRICED.to_dict(), allow_nan=False))["costs_given"] is True


def test_page_has_neither_costs_in_words_nor_an_explorer() -> None:
    page = page_of(OWN)
    assert [section.heading for section in page.sections] == ["Which action at which risk"]
    assert all(section.explorer is None for section in page.sections)
    html = render_page(page)
    for words in ("you said", "expected to cost", "Mean expected cost", "least expected cost", "these costs"):
        assert words not in html
    assert "The costs in words" in [section.heading for section in page_of(PRICED).sections]


def test_drawing_shows_counts_and_no_lines_of_costs() -> None:
    axes = draw(OWN).figure.axes
    assert len(axes) == 1
    assert not axes[0].lines
    assert len(axes[0].patches) == 3


def test_a_row_is_explained_by_the_zone() -> None:
    for i in range(50):
        text = str(OWN.explain(i))
        assert f"'{OWN.action[i]}' is chosen by a certified zone" in text
        assert "you said" not in text
        assert "cost " not in text
    assert str(OWN.explain(-1)) == str(OWN.explain(1499))
    inside = int(np.flatnonzero(OWN.action_index == 2)[0])
    low, high = (f"{100 * cut:.4g} %" for cut in (CERTIFICATE.low, CERTIFICATE.high))
    assert f"It would be 'negative' if the risk of 'event' were below {low}." in str(OWN.explain(inside))
    assert f"It would be 'positive' if the risk of 'event' were {high} or more." in str(OWN.explain(inside))


@pytest.mark.parametrize(
    ("low", "high"), [(1.0, np.inf), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0), (0.3, 0.3), (0.0, np.inf)]
)
def test_zones_at_the_edge_explain_the_risks_at_the_edge(low: float, high: float) -> None:
    names = {"outcomes": ("no", "yes"), "actions": ("negative", "positive", "defer")}
    decisions = zone_decisions(np.array([0.0, 0.3, 1.0]), low, high, **names)
    for i in range(3):
        assert f"'{decisions.action[i]}' is chosen" in str(decisions.explain(i))


def test_an_evaluation_says_that_the_costs_are_nobodys() -> None:
    assert [finding.code for finding in rd.evaluate_decisions(Y, OWN).findings] == ["RD326"]
    assert "RD326" not in [finding.code for finding in rd.evaluate_decisions(Y, PRICED).findings]


def test_what_promises_a_cost_asks_for_costs() -> None:
    with pytest.raises(InputError, match="costs must be given to make a policy"):
        OWN.policy()
    with pytest.raises(InputError, match=r"Price them: certificate.apply\(y_proba, costs=...\)"):
        rd.certify_cost(Y, OWN)
    assert rd.certify_cost(Y, PRICED).n == 1500
