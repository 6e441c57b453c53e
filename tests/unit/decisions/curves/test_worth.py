"""Where a prediction is worth having, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions import decision_curve
from riskdec.decisions.curves.worth import worth_sentence

Y = [0, 0, 1, 1]


def test_risks_that_part_the_outcomes_are_worth_having_everywhere() -> None:
    curve = decision_curve(Y, {"model": [0.05, 0.1, 0.9, 0.95]}, thresholds=[0.2, 0.5, 0.8])
    # It finds half of the rows without a false alarm; treating all gives 0.375, 0 and less than treating none.
    said = worth_sentence(curve, "model")
    assert "better than treating all and treating none at 3 of 3 thresholds (20 % to 80 %)" in said
    assert "most at 50 %: 0.5 more true positives per case" in said


def test_risks_that_know_nothing_are_worth_nothing() -> None:
    curve = decision_curve(Y, {"flat": [0.5] * 4}, thresholds=[0.2, 0.5, 0.8])
    assert worth_sentence(curve, "flat").endswith("at none of 3 thresholds.")


@pytest.mark.parametrize(("threshold", "rival"), [(0.05, "treat all"), (0.4, "treat none")])
def test_the_standard_error_is_that_of_the_gain_over_the_better_rival(threshold: float, rival: str) -> None:
    rng = np.random.default_rng(1)
    risk = rng.beta(2, 6, 500)
    y = rng.random(500) < risk
    curve = decision_curve(y, {"model": risk}, thresholds=[threshold])
    odds = threshold / (1 - threshold)
    value = np.where(y, 1.0, -odds)
    gain = (risk >= threshold) * value - (value if rival == "treat all" else 0)
    error = gain.std(ddof=1) / np.sqrt(500)
    assert f"{gain.mean():.3g} more" in worth_sentence(curve, "model")
    assert f"(standard error {error:.2g})" in worth_sentence(curve, "model")


def test_without_a_standard_error_it_says_why() -> None:
    curve = decision_curve(Y, {"model": [0.05, 0.1, 0.9, 0.95]}, thresholds=[0.5])
    assert "(too few rows acted on for a standard error)" in worth_sentence(curve, "model")
