"""A seeded slice of the simulation of optimism: the corrections are right where they are said to be."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from riskdec import LogisticRiskModel
from simulations.optimism import SHOWN, Design, Errors, simulate

AUC, SLOPE, BRIER = (SHOWN.index(name) for name in ("auc", "slope", "brier"))


@pytest.fixture(scope="module")
def likelihood() -> Errors:
    return simulate(Design("maximum likelihood", LogisticRiskModel(), 200, 60, 40))


def bias(errors: Errors, way: str, index: int) -> tuple[float, float]:
    """Give the mean error of a correction, and the standard error of that."""
    error = getattr(errors, way)[:, index] - errors.new[:, index]
    return float(error.mean()), float(error.std(ddof=1) / len(error) ** 0.5)


@pytest.mark.parametrize("way", ["bootstrap", "folds"])
@pytest.mark.parametrize(("index", "margin"), [(AUC, 0.01), (SLOPE, 0.06), (BRIER, 0.005)])
def test_corrected_figures_of_maximum_likelihood_are_those_of_new_rows(
    likelihood: Errors, way: str, index: int, margin: float
) -> None:
    mean, error = bias(likelihood, way, index)
    assert abs(mean) < 3 * error + margin
    apparent, _ = bias(likelihood, "apparent", index)
    assert abs(mean) < abs(apparent) / 2


def test_bootstrap_keeps_the_optimism_of_a_forest_and_folds_do_not() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        errors = simulate(Design("forest", RandomForestClassifier(10, random_state=0), 150, 8, 6))
    assert bias(errors, "bootstrap", AUC)[0] > 0.1
    assert abs(bias(errors, "folds", AUC)[0]) < 0.06
    assert np.isfinite(errors.new).all()
