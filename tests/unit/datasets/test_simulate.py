"""Simulated risks: the truth that is promised is the truth that is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.datasets import simulate_risks
from riskdec.errors import InputError


@pytest.mark.parametrize("prevalence", [0.5, 0.05, 0.01])
def test_prevalence_and_spread_are_those_asked_for(prevalence: float) -> None:
    data = simulate_risks(200_000, prevalence=prevalence, logit_sd=1.5, rng=0)
    standard_error = data.risk.std() / np.sqrt(200_000)
    assert abs(data.risk.mean() - prevalence) < 4 * standard_error
    logit = np.log(data.risk / (1 - data.risk))
    assert logit.std() == pytest.approx(1.5, rel=0.02)


def test_risk_is_that_of_the_coefficients_and_y_is_drawn_from_it() -> None:
    data = simulate_risks(50_000, n_columns=4, prevalence=0.2, rng=1)
    np.testing.assert_allclose(data.risk, 1 / (1 + np.exp(-(data.intercept + data.X @ data.coef))))
    standardised = (data.y - data.risk) / np.sqrt(data.risk * (1 - data.risk))
    assert abs(standardised.mean()) < 4 / np.sqrt(50_000)
    assert standardised.std() == pytest.approx(1, rel=0.05)


def test_same_seed_gives_the_same_rows() -> None:
    np.testing.assert_array_equal(simulate_risks(50, rng=7).X, simulate_risks(50, rng=7).X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n must be a whole number of at least 1; got 0"),
        ({"prevalence": 0}, "prevalence must be a number above 0 and at most 1; got 0"),
        ({"logit_sd": -1}, "logit_sd must be a number of at least 0; got -1"),
    ],
)
def test_bad_options_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate_risks(**options)
