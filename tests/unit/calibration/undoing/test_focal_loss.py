"""Undoing of the focal loss: against the minimum of its population risk, found without the formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, root
from scipy.special import expit, softmax

from riskdec.calibration import undo_focal_loss
from riskdec.errors import InputError

GRID = [1e-6, 1e-3, 0.02, 0.1, 0.3, 0.5, 0.8, 0.99, 0.99999]
STEP = 1e-30


def loss(v: complex, gamma: float) -> complex:
    return -((1 - v) ** gamma) * np.log(v)


def best_sigmoid(p: float, gamma: float, alpha: float) -> float:
    """Find the sigmoid output of least risk; the slope of the risk is that of a complex step."""

    def slope(z: float) -> float:
        v = 1 / (1 + np.exp(-(z + STEP * 1j)))
        rest = 1 / (1 + np.exp(z + STEP * 1j))
        event = -(rest**gamma) * np.log(v)
        other = -(v**gamma) * np.log(rest)
        return float((alpha * p * event + (1 - alpha) * (1 - p) * other).imag / STEP)

    return float(expit(brentq(slope, -60, 60, xtol=1e-14, rtol=1e-15)))


def best_softmax(p: np.ndarray, gamma: float, weight: np.ndarray) -> np.ndarray:
    def slopes(free: np.ndarray) -> np.ndarray:
        found = np.empty(len(free))
        for j in range(len(free)):
            z = np.append(0, free).astype(complex)
            z[j + 1] += STEP * 1j
            v = np.exp(z) / np.exp(z).sum()
            found[j] = sum(p[k] * weight[k] * loss(v[k], gamma) for k in range(len(p))).imag / STEP
        return found

    answer = root(slopes, np.log(p[1:] / p[0]) / (1 + gamma), tol=1e-14)
    return softmax(np.append(0, answer.x))


@pytest.mark.parametrize("alpha", [0.5, 0.25, 0.9])
@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
def test_minimum_of_the_sigmoid_form_gives_back_the_risk(gamma: float, alpha: float) -> None:
    outputs = np.array([best_sigmoid(p, gamma, alpha) for p in GRID])
    found = undo_focal_loss(outputs, gamma=gamma, alpha=alpha)
    np.testing.assert_allclose(found, GRID, rtol=1e-8)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
def test_minimum_of_the_softmax_form_gives_back_the_probabilities(gamma: float) -> None:
    weight = np.array([1.0, 0.3, 4.0])
    for p in ([0.2, 0.3, 0.5], [0.9, 0.09, 0.01], [0.05, 0.05, 0.9]):
        truth = np.array(p)
        plain = undo_focal_loss([best_softmax(truth, gamma, np.ones(3))], gamma=gamma)
        np.testing.assert_allclose(plain[0], truth, atol=1e-8)
        weighted = undo_focal_loss([best_softmax(truth, gamma, weight)], gamma=gamma, alpha=weight)
        np.testing.assert_allclose(weighted[0], truth, atol=1e-8)


def test_gamma_of_zero_changes_nothing(rng: np.random.Generator) -> None:
    v = rng.dirichlet([1, 1, 0.1], 50)
    np.testing.assert_allclose(undo_focal_loss(v, gamma=0), v, rtol=1e-12)


def test_sigmoid_and_softmax_of_two_outcomes_agree(rng: np.random.Generator) -> None:
    v = rng.uniform(size=50)
    columns = undo_focal_loss(np.column_stack([1 - v, v]), gamma=2, alpha={"no": 0.75, "yes": 0.25})
    np.testing.assert_allclose(columns[:, 1], undo_focal_loss(v, gamma=2, alpha=0.25), rtol=1e-12)


def test_tails_follow_their_limits() -> None:
    # Near 1 the ratio is 1 / ((1 + gamma) (1 - v)^gamma), near 0 it is v.
    small, gamma = 1e-9, 2.0
    found = undo_focal_loss([[small, 1 - small]], gamma=gamma)[0]
    np.testing.assert_allclose(found[0], small * (1 + gamma) * small**gamma, rtol=1e-6)
    tiny = undo_focal_loss([[1e-200, 1.0]], gamma=0.5)[0]
    np.testing.assert_allclose(tiny[0], 1e-200 * 1.5 * 1e-100, rtol=1e-9)


def test_certainties_stay_certain() -> None:
    np.testing.assert_array_equal(undo_focal_loss([0.0, 1.0], gamma=2), [0.0, 1.0])
    np.testing.assert_array_equal(undo_focal_loss([[0.0, 1.0, 0.0]], gamma=0.5), [[0.0, 1.0, 0.0]])


def test_order_of_risks_is_kept(rng: np.random.Generator) -> None:
    v = np.sort(rng.uniform(size=1000))
    assert (np.diff(undo_focal_loss(v, gamma=3)) >= 0).all()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"gamma": -1}, "gamma must be a number of at least 0; got -1"),
        ({"gamma": 2, "alpha": 0}, "alpha must lie strictly between 0 and 1; got 0"),
        ({"gamma": 2, "alpha": 1.5}, "alpha must be a number of at least 0 and at most 1; got 1.5"),
        ({"gamma": 2, "alpha": "balanced"}, "alpha must be a mapping of label to weight"),
    ],
)
def test_bad_options_are_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        undo_focal_loss([0.5], **options)  # type: ignore[arg-type]  # wrong on purpose


def test_one_alpha_for_three_outcomes_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"one weight per outcome \(3\); got 0.25. .* sigmoid of its own"):
        undo_focal_loss([[0.2, 0.3, 0.5]], gamma=2, alpha=0.25)
