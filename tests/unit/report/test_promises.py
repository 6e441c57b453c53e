"""The pages of decision curves, certificates and policies answer in a sentence what was asked."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions import certify_deferral, decide, decision_curve
from riskdec.plot import draw
from riskdec.report import page_of, render_page

RNG = np.random.default_rng(0)
RISK = RNG.beta(0.4, 0.8, 3000)
Y = RNG.random(3000) < RISK


def test_a_certificate_says_its_promise_and_its_assumption() -> None:
    certificate = certify_deferral(Y, RISK, max_error=0.05)
    page = page_of(certificate)
    assert page.answer.startswith("With 95.0 % confidence, the rate of error among the decided is at most 5 %.")
    assert "independent" in page.sections[0].text
    assert page.findings == certificate.findings
    assert "5 %" in render_page(page)


def test_a_certificate_of_nothing_promises_nothing() -> None:
    certificate = certify_deferral(Y[:30], RISK[:30], max_error=0.001)
    page = page_of(certificate)
    assert page.answer.startswith("Nothing can be certified, so all cases are deferred.")
    assert "With 95" not in page.answer
    assert page.sections[0].text == ""
    assert "promised limit" not in page.sections[0].caption
    assert len(draw(certificate).figure.axes) == 1


def test_a_side_that_is_never_called_is_no_promise() -> None:
    # Every low risk is wrong, so nothing can be called negative.
    certificate = certify_deferral(Y | (RISK < 0.3), RISK, max_error={"negative": 0.05, "positive": 0.2})
    assert certificate.low == 0
    assert certificate.high < 1
    for text in (page_of(certificate).answer, "\n".join(certificate.summary().notes)):
        assert "'positive' is at most 20 %" in text
        assert "'negative' is at most" not in text
    labels = [text.get_text() for text in draw(certificate).figure.axes[1].texts]
    assert labels[0].startswith("not certified at 5 %")
    assert labels[1].startswith("at most 20 %; seen ")


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_zones_are_drawn_where_the_certificate_cuts(scale: float) -> None:
    certificate = certify_deferral(Y, RISK * scale, max_error={"negative": 0.1})
    axes = draw(certificate).figure.axes[0]
    ends = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches]
    assert ends[0][1] == pytest.approx(certificate.low)
    assert ends[1][0] == pytest.approx(certificate.low)
    assert len(ends) == 2


def test_a_policy_that_costs_more_than_promised_says_so() -> None:
    costs = {"false_positive": 1, "false_negative": 5, "defer": 0.3}
    policy = decide(RISK / 4, costs).policy()
    page = page_of(policy.check(RISK / 4, Y))
    assert "per row" in page.answer
    assert page.findings[0].severity == "issue"
    assert "The cost at other prevalences" in " ".join(page.method)


def test_a_decision_curve_says_where_each_model_is_worth_having() -> None:
    curve = decision_curve(Y, {"good": RISK, "flat": np.full(3000, 0.3)}, thresholds=np.linspace(0.05, 0.6, 12))
    page = page_of(curve)
    assert page.answer.startswith("'good' does better than treating all and treating none at 12 of 12 thresholds")
    # A constant risk treats all or none, and is never better than the better of them.
    assert "'flat' does better than treating all and treating none at none of 12" in page.answer
    assert [table.title.startswith("Net benefit of 'good' minus") for table in page.sections[1].tables] == [False, True]
