"""What labelled rows, weights and groups add to the variance: against derivatives taken numerically."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from riskdec.calibration.prevalence.density_ratio import Recalibration, ratio_from_labelled
from riskdec.calibration.prevalence.mixture import fit_mixture
from riskdec.calibration.prevalence.rows import Rows
from riskdec.calibration.prevalence.spread import variance_factor

SHARES = np.array([0.5, 0.3, 0.2])
COVARIANCE = np.diag([0.02, 0.03, 0.01])


def draw(n: int = 400) -> Rows:
    rng = np.random.default_rng(1)
    y = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    proba = softmax(1.5 * (rng.normal(size=(n, 3)) + 1.5 * np.eye(3)[y]), axis=1)
    return Rows(proba, np.ones(n), "frequency", None, np.empty(0, dtype=np.intp), are_risks=False)


def estimate(rows: Rows, constants: np.ndarray, slope: float) -> np.ndarray:
    """Estimate the shares with other constants and another slope of the density ratios."""
    moved = Recalibration(np.append(0, constants) + np.log(SHARES / SHARES[0]), slope, SHARES, COVARIANCE, 0.0)
    return fit_mixture(ratio_from_labelled(rows.proba, moved), rows.weight).shares


@pytest.mark.parametrize("place", [0, 1, 2])
def test_labelled_rows_add_the_variance_of_the_delta_method(place: int) -> None:
    rows, constants, slope, step = draw(), np.array([0.1, -0.2]), 1.1, 1e-4
    fitted = Recalibration(np.append(0, constants) + np.log(SHARES / SHARES[0]), slope, SHARES, COVARIANCE, 0.0)
    ratio = ratio_from_labelled(rows.proba, fitted)
    shares = fit_mixture(ratio, rows.weight).shares
    assert (shares > 0.01).all()
    slopes = np.empty((3, 3))
    for j in range(3):
        move = step * np.eye(3)[j]
        up = estimate(rows, constants + move[:2], slope + move[2])
        down = estimate(rows, constants - move[:2], slope - move[2])
        slopes[:, j] = (up - down) / (2 * step)
    relative = ratio / (ratio @ shares)[:, None]
    contrasts = np.array([[-1, -1], [1, 0], [0, 1]])
    inverse = contrasts @ np.linalg.inv(contrasts.T @ relative.T @ relative @ contrasts) @ contrasts.T
    expected = 1 + (slopes @ COVARIANCE @ slopes.T)[place, place] / inverse[place, place]
    assert variance_factor(rows, ratio, shares, place, fitted) == pytest.approx(expected, rel=1e-4)


def test_independent_rows_alone_have_the_variance_of_the_likelihood() -> None:
    rows = draw()
    assert variance_factor(rows, rows.proba, np.array([0.6, 0.3, 0.1]), 1, None) == 1


def test_rows_in_groups_of_copies_have_as_much_variance_as_copies() -> None:
    rows = draw(300)
    shares = fit_mixture(rows.proba, rows.weight).shares
    copies = Rows(
        np.repeat(rows.proba, 5, axis=0),
        np.ones(1500),
        "frequency",
        np.repeat(np.arange(300), 5),
        np.empty(0, dtype=np.intp),
        are_risks=False,
    )
    assert variance_factor(copies, copies.proba, shares, 2, None) == pytest.approx(5, rel=0.25)
