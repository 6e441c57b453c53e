"""Optimism in figures and sentences."""

import numpy as np
import pytest

from riskdec.likelihood import fit_binomial
from riskdec.models.shrinking.shrinkage import heuristic_shrinkage, optimism_finding, parameter_finding


def test_heuristic_shrinkage_is_the_slope_on_new_rows_on_average(rng):
    k, n = 10, 250
    slopes, guesses = [], []
    truth = np.full(k, 0.35)
    for _ in range(60):
        X = rng.normal(size=(n + 4000, k))
        y = rng.random(len(X)) < 1 / (1 + np.exp(1 - X @ truth))
        fit = fit_binomial(X[:n], y[:n])
        null = fit_binomial(np.empty((n, 0)), y[:n])
        guesses.append(heuristic_shrinkage(fit.log_likelihood, null.log_likelihood, k))
        eta = fit.coef[0] + X[n:] @ fit.coef[1:]
        slopes.append(fit_binomial(eta[:, None], y[n:]).coef[1])
    assert np.mean(guesses) == pytest.approx(np.mean(slopes), abs=0.05)


@pytest.mark.parametrize(("gain", "expected"), [(8.0, 0.5), (2.0, 0.0), (0.0, 0.0)])
def test_heuristic_shrinkage_is_never_negative(gain, expected):
    assert heuristic_shrinkage(-10.0 + gain / 2, -10.0, 4) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n_parameters", "severity", "each"), [(5.0, "good", "20 each"), (20.0, "caution", "5 each"), (0.0, "good", "over")]
)
def test_events_per_effective_parameter_warn_below_ten(n_parameters, severity, each):
    finding = parameter_finding((900.0, 100.0), n_parameters)
    assert finding.severity == severity
    assert each in finding.sentence


@pytest.mark.parametrize(
    ("remains", "slope", "severity"),
    [(0.95, None, "good"), (0.85, None, "caution"), (0.95, 0.8, "caution"), (0.95, 1.1, "good")],
)
def test_optimism_warns_below_nine_tenths(remains, slope, severity):
    finding = optimism_finding(remains, slope)
    assert (finding.code, finding.severity) == ("RD109", severity)
    assert bool(finding.todo) == (severity == "caution")
    assert ("left out" in finding.sentence) == (slope is not None)
