from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from riskdec.calibration import (
    BetaCalibrator,
    DirichletCalibrator,
    IsotonicCalibrator,
    PlattCalibrator,
    TemperatureCalibrator,
    VectorScalingCalibrator,
)
from riskdec.errors import InputError
from riskdec.nn.calibration_layers import KINDS, build_calibration_layer, fit_calibration_layer, layer_of

CALIBRATORS = {
    "temperature": TemperatureCalibrator,
    "vector": VectorScalingCalibrator,
    "matrix": DirichletCalibrator,
    "platt": PlattCalibrator,
    "beta": BetaCalibrator,
}
FITTED = [(kind, 2) for kind in CALIBRATORS] + [(kind, 4) for kind in ("temperature", "vector", "matrix")]


def held_out(k: int, n: int = 800) -> tuple[np.ndarray, np.ndarray]:
    """Draw logits twice too large, and outcomes."""
    rng = np.random.default_rng(k)
    logits = rng.normal(0, 1.5, (n, k))
    return 2 * logits + rng.normal(0, 0.3, k), (logits + rng.gumbel(size=(n, k))).argmax(axis=1)


@pytest.mark.parametrize(("kind", "k"), FITTED)
def test_layer_gives_the_probabilities_of_the_numpy_calibrator(kind, k) -> None:
    logits, y = held_out(k)
    layer = fit_calibration_layer(kind, logits, y)
    expected = CALIBRATORS[kind](input="logit").fit(logits, y).predict_proba(logits)
    exact = layer(torch.tensor(logits)).softmax(dim=1)
    assert exact.dtype == torch.float64
    np.testing.assert_allclose(exact, expected, rtol=0, atol=1e-12)
    single = layer(torch.tensor(logits, dtype=torch.float32)).softmax(dim=1)
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("kind", "k"), FITTED)
def test_fitted_layer_improves_the_likelihood_and_shifts_restore_event_rates(kind, k) -> None:
    logits, y = held_out(k)
    layer = fit_calibration_layer(kind, logits, y)

    def log_loss(calibrated: torch.Tensor) -> float:
        return float(torch.nn.functional.cross_entropy(calibrated, torch.tensor(y)))

    # Logits were made twice too large: every layer can halve them, and the likelihood has to show it.
    assert log_loss(layer(torch.tensor(logits))) < log_loss(torch.tensor(logits)) - 0.05
    if kind in ("vector", "platt", "beta"):
        share = np.bincount(y, minlength=k) / len(y)
        np.testing.assert_allclose(layer(torch.tensor(logits)).softmax(dim=1).mean(dim=0), share, atol=1e-6)


@pytest.mark.parametrize(("kind", "k"), [*FITTED, ("none", 3)])
def test_state_dict_brings_a_layer_back(kind, k) -> None:
    logits, y = held_out(k)
    layer = fit_calibration_layer(kind, logits, y)
    again = build_calibration_layer(kind, n_outcomes=k)
    again.load_state_dict(layer.state_dict())
    assert torch.equal(again(torch.tensor(logits)), layer(torch.tensor(logits)))
    assert again.kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_layer_that_was_only_built_changes_no_probability(kind, rng) -> None:
    logits = torch.tensor(rng.normal(0, 3, (50, 2)))
    torch.testing.assert_close(
        build_calibration_layer(kind, n_outcomes=2)(logits).softmax(dim=1), logits.softmax(dim=1)
    )


@pytest.mark.parametrize("kind", ["temperature", "vector", "platt", "beta", "matrix"])
def test_integer_weights_equal_repetition(kind, rng) -> None:
    logits, y = held_out(2)
    times = rng.integers(0, 4, len(y))
    weighted = fit_calibration_layer(kind, logits, y, times.astype(float))
    repeated = fit_calibration_layer(kind, np.repeat(logits, times, axis=0), np.repeat(y, times))
    for one, other in zip(weighted.parameters(), repeated.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-8)


def test_temperature_takes_outcomes_that_never_happened() -> None:
    logits, y = held_out(4)
    kept = y != 3
    layer = fit_calibration_layer("temperature", logits[kept], y[kept])
    assert float(layer.inverse_temperature) > 0


def test_layer_keeps_what_the_calibrator_found() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (300, 2))
    y = (rng.random(300) < 1 / (1 + np.exp(2 * (logits[:, 1] - logits[:, 0])))).astype(int)
    layer = fit_calibration_layer("temperature", logits, y)
    assert float(layer.inverse_temperature) == 0.0
    assert "RD502" in [finding.code for finding in layer.findings]
    np.testing.assert_allclose(layer(torch.tensor(logits)).softmax(dim=1), 0.5)


def test_parameters_of_a_layer_take_no_gradient_and_let_it_through() -> None:
    logits, y = held_out(3)
    layer = fit_calibration_layer("matrix", logits, y)
    assert not any(values.requires_grad for values in layer.parameters())
    inputs = torch.tensor(logits[:5], requires_grad=True)
    layer(inputs)[:, 0].sum().backward()
    assert bool(inputs.grad.abs().sum() > 0)


@pytest.mark.parametrize("kind", ["platt", "beta"])
def test_binary_layers_are_refused_for_more_outcomes(kind) -> None:
    with pytest.raises(InputError, match="with 3 outcomes; got"):
        build_calibration_layer(kind, n_outcomes=3)
    with pytest.raises(InputError, match="with 3 outcomes; got"):
        fit_calibration_layer(kind, *held_out(3))


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="calibration must be one of 'none', 'temperature'"):
        fit_calibration_layer("isotonic", *held_out(2))


def test_calibrators_without_a_layer_are_refused() -> None:
    logits, y = held_out(2)
    with pytest.raises(InputError, match="calibrator must have a layer; got IsotonicCalibrator"):
        layer_of(IsotonicCalibrator(input="logit").fit(logits, y))
    proba = 1 / (1 + np.exp(-logits[:, 1]))
    with pytest.raises(InputError, match="input of the calibrator must be 'logit'"):
        layer_of(PlattCalibrator(input="probability").fit(proba, y))
