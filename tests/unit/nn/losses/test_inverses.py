"""Each loss is minimised numerically over logits at known probabilities; its inverse has to give them back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

torch = pytest.importorskip("torch")

from riskdec.calibration import undo_class_weight, undo_focal_loss, undo_logit_adjustment
from riskdec.nn.losses import UserLoss, make_loss

BINARY = [[0.5, 0.5], [0.9, 0.1], [0.02, 0.98], [0.999, 0.001]]
THREE = [[0.2, 0.3, 0.5], [0.01, 0.09, 0.9], [0.34, 0.33, 0.33], [0.001, 0.599, 0.4]]
COUNTS = {2: np.array([900.0, 100.0]), 3: np.array([500.0, 300.0, 200.0])}
WEIGHT = {2: np.array([1.0, 9.0]), 3: np.array([1.0, 2.0, 5.0])}

MANY = [
    ("cross_entropy", {}),
    ("class_balanced", {"beta": 0.99}),
    ("focal", {"gamma": 0.5}),
    ("focal", {"gamma": 2.0}),
    ("focal", {"gamma": 5.0}),
    ("logit_adjusted", {"tau": 1.0}),
    ("logit_adjusted", {"tau": 0.3}),
    ("vector_scaling", {"gamma": 0.3, "tau": 0.7}),
    ("polynomial_tail", {"alpha": 1.0, "beta": 1.0}),
    ("polynomial_tail", {"alpha": 2.0, "beta": -0.5}),
    ("ldam", {"largest_margin": 0.5}),
    ("ldam", {"largest_margin": 2.0}),
]
ONLY_BINARY = [
    ("sigmoid_focal", {"gamma": 2.0, "alpha": 0.25}),
    ("sigmoid_focal", {"gamma": 1.0, "alpha": 0.6}),
    ("precision_at_recall", {"recall": 0.9}),
    ("recall_at_precision", {"precision": 0.7}),
    ("roc_area", {"n_anchors": 4}),
]


def population_risk(loss: torch.nn.Module, logits: torch.Tensor, proba: list[float]) -> torch.Tensor:
    """Average the loss of one vector of logits over what can happen, with its probabilities."""
    outcomes = torch.arange(len(proba))
    rows = logits.expand(len(proba), -1)
    return loss(rows, outcomes, torch.tensor(proba, dtype=logits.dtype))


def minimiser(loss: torch.nn.Module, proba: list[float]) -> torch.Tensor:
    """Find the logits of least risk, the first held at 0: BFGS, then Newton's method to the last digit."""

    def risk(free: torch.Tensor) -> torch.Tensor:
        return population_risk(loss, torch.cat([free.new_zeros(1), free])[None], proba)

    def value_and_slope(free: np.ndarray) -> tuple[float, np.ndarray]:
        here = torch.tensor(free, requires_grad=True)
        value = risk(here)
        value.backward()
        return float(value.detach()), here.grad.numpy()

    start = np.log(np.array(proba[1:]) / proba[0])
    found = minimize(value_and_slope, start, jac=True, method="BFGS", options={"gtol": 1e-10})
    free = torch.tensor(found.x)
    for _ in range(3):
        slope = torch.autograd.functional.jacobian(risk, free)
        curvature = torch.autograd.functional.hessian(risk, free)
        free = free - torch.linalg.solve(curvature, slope)
    assert float(slope.abs().max()) < 1e-9
    return torch.cat([free.new_zeros(1), free])[None]


@pytest.fixture(autouse=True)
def _doubles() -> object:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "options"), MANY)
@pytest.mark.parametrize("grid", [BINARY, THREE], ids=["two", "three"])
def test_to_probabilities_is_inverse_of_population_minimiser(name, options, grid, weighted) -> None:
    k = len(grid[0])
    class_weight = WEIGHT[k] if weighted and name != "class_balanced" else None
    loss = make_loss(name, class_counts=COUNTS[k], class_weight=class_weight, options=options)
    for proba in grid:
        np.testing.assert_allclose(loss.to_probabilities(minimiser(loss, proba))[0], proba, atol=1e-6)


@pytest.mark.parametrize(("name", "options"), ONLY_BINARY)
def test_to_probabilities_is_inverse_of_population_minimiser_for_binary_losses(name, options) -> None:
    loss = make_loss(name, class_counts=COUNTS[2], options=options)
    if name == "roc_area":
        loss.thresholds.copy_(torch.tensor([1.5, 0.5, -0.2, -2.0]))
        loss.multipliers.values.copy_(torch.tensor([3.0, 1.0, 0.7, 0.1]))
    elif name != "sigmoid_focal":
        loss.multipliers.values.fill_(7.0)
    for proba in BINARY:
        np.testing.assert_allclose(loss.to_probabilities(minimiser(loss, proba))[0], proba, atol=1e-6)


def test_inverse_of_weights_equals_the_numpy_one(rng) -> None:
    logits = rng.normal(0, 3, (200, 3))
    loss = make_loss("cross_entropy", class_counts=COUNTS[3], class_weight=WEIGHT[3])
    expected = undo_class_weight(softmax(logits), class_weight=WEIGHT[3].tolist())
    np.testing.assert_allclose(loss.to_probabilities(torch.tensor(logits)), expected, atol=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0, 5.0])
def test_inverse_of_focal_equals_the_numpy_one(rng, gamma) -> None:
    logits = rng.normal(0, 6, (500, 4))
    loss = make_loss("focal", class_counts=np.ones(4), options={"gamma": gamma})
    expected = undo_focal_loss(softmax(logits), gamma=gamma)
    np.testing.assert_allclose(loss.to_probabilities(torch.tensor(logits)), expected, atol=1e-9)


def test_inverse_of_sigmoid_focal_equals_the_numpy_one(rng) -> None:
    logits = rng.normal(0, 4, (500, 2))
    loss = make_loss("sigmoid_focal", class_counts=COUNTS[2], options={"gamma": 2.0, "alpha": 0.25})
    expected = undo_focal_loss(softmax(logits), gamma=2.0, alpha=0.25)
    np.testing.assert_allclose(loss.to_probabilities(torch.tensor(logits)), expected, atol=1e-9)


def test_inverse_of_logit_adjustment_equals_the_numpy_one(rng) -> None:
    logits = rng.normal(0, 3, (200, 3))
    loss = make_loss("logit_adjusted", class_counts=COUNTS[3], options={"tau": 0.7})
    expected = undo_logit_adjustment(softmax(logits), prevalence=[0.5, 0.3, 0.2], tau=0.7)
    np.testing.assert_allclose(loss.to_probabilities(torch.tensor(logits)), expected, atol=1e-12)


@pytest.mark.parametrize(("name", "options"), [*MANY, *ONLY_BINARY])
def test_to_probabilities_stays_finite_for_extreme_float32_logits(name, options) -> None:
    logits = torch.tensor([[0.0, 200.0], [90.0, -90.0], [0.0, 40.0], [3.0, 3.0]], dtype=torch.float32)
    proba = make_loss(name, class_counts=COUNTS[2], options=options).to_probabilities(logits)
    assert proba.dtype == torch.float32
    np.testing.assert_allclose(proba.sum(dim=1), 1, atol=1e-6)
    assert proba[0, 1] > proba[3, 1] > proba[1, 1]


def test_loss_of_the_user_says_that_no_inverse_is_known() -> None:
    loss = make_loss(torch.nn.CrossEntropyLoss(label_smoothing=0.1), class_counts=COUNTS[2])
    assert isinstance(loss, UserLoss)
    assert loss.to_probabilities(torch.zeros(3, 2)) is None
    assert "recalibration" in loss.inverse_statement


def softmax(logits: np.ndarray) -> np.ndarray:
    exponential = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponential / exponential.sum(axis=1, keepdims=True)
