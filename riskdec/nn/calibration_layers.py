"""Calibration as the last module of a network: logits in, calibrated logits out, learned by the numpy calibrators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn.functional import logsigmoid

from riskdec._base.checks import check_option, refuse
from riskdec.calibration import (
    BetaCalibrator,
    DirichletCalibrator,
    PlattCalibrator,
    TemperatureCalibrator,
    VectorScalingCalibrator,
)

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.findings import Finding
    from riskdec._base.typing import ArrayLike, FloatArray, IntArray, WeightKind
    from riskdec.calibration import Calibrator


class CalibrationLayer(nn.Module, ABC):
    """A map from logits to calibrated logits, both of shape (n, K); softmax happens once, at the end.

    Parameters are float64 and take no gradient: they were learned once, on held-out rows. Logits keep their type.

    Attributes
    ----------
    kind : str
        The name under which `build_calibration_layer` makes it.
    findings : tuple of Finding
        What the calibrator had to say; not part of the state.
    """

    kind: ClassVar[str]

    def __init__(self, **parameters: ArrayLike) -> None:
        super().__init__()
        self.findings: tuple[Finding, ...] = ()
        for name, values in parameters.items():
            tensor = torch.as_tensor(np.array(values, dtype=np.float64))
            self.register_parameter(name, nn.Parameter(tensor, requires_grad=False))

    @abstractmethod
    def forward(self, logits: Tensor) -> Tensor:
        """Map logits to calibrated logits."""

    def extra_repr(self) -> str:
        """Show what was learned."""
        return ", ".join(f"{name}={np.round(values.numpy(force=True), 4)}" for name, values in self.named_parameters())


class IdentityLayer(CalibrationLayer):
    """No calibration."""

    kind = "none"

    def forward(self, logits: Tensor) -> Tensor:
        """Give the logits back."""
        return logits


class TemperatureLayer(CalibrationLayer):
    """Temperature scaling ``z / T``.

    Examples
    --------
    >>> TemperatureLayer(0.5)(torch.tensor([[2.0, 0.0]]))
    tensor([[1., 0.]])
    """

    kind = "temperature"

    def __init__(self, inverse_temperature: float = 1.0) -> None:
        super().__init__(inverse_temperature=inverse_temperature)

    def forward(self, logits: Tensor) -> Tensor:
        """Divide by the temperature."""
        return logits * self.inverse_temperature.to(logits)


class VectorLayer(CalibrationLayer):
    """Vector scaling ``a_k z_k + b_k``, with factors and shifts of shape (K,)."""

    kind = "vector"

    def __init__(self, coef: ArrayLike, intercept: ArrayLike) -> None:
        super().__init__(coef=coef, intercept=intercept)

    def forward(self, logits: Tensor) -> Tensor:
        """Scale and shift each logit."""
        return logits * self.coef.to(logits) + self.intercept.to(logits)


class MatrixLayer(CalibrationLayer):
    """Matrix scaling ``W z + b`` (Dirichlet calibration on log-probabilities), with W of shape (K, K)."""

    kind = "matrix"

    def __init__(self, coef: ArrayLike, intercept: ArrayLike) -> None:
        super().__init__(coef=coef, intercept=intercept)

    def forward(self, logits: Tensor) -> Tensor:
        """Mix the logits."""
        return logits @ self.coef.to(logits).T + self.intercept.to(logits)


class PlattLayer(CalibrationLayer):
    """Platt scaling ``a + b z`` of the log odds z of the event, for two outcomes."""

    kind = "platt"

    def __init__(self, intercept: float = 0.0, slope: float = 1.0) -> None:
        super().__init__(intercept=intercept, slope=slope)

    def forward(self, logits: Tensor) -> Tensor:
        """Give the calibrated log odds beside 0."""
        score = logits[:, 1] - logits[:, 0]
        return _beside_zero(self.intercept.to(logits) + self.slope.to(logits) * score)


class BetaLayer(CalibrationLayer):
    """Beta calibration ``a ln p - b ln(1 - p) + c``, for two outcomes."""

    kind = "beta"

    def __init__(self, a: float = 1.0, b: float = 1.0, c: float = 0.0) -> None:
        super().__init__(a=a, b=b, c=c)

    def forward(self, logits: Tensor) -> Tensor:
        """Give the calibrated log odds beside 0."""
        score = logits[:, 1] - logits[:, 0]
        a, b, c = (value.to(logits) for value in (self.a, self.b, self.c))
        return _beside_zero(a * logsigmoid(score) - b * logsigmoid(-score) + c)


KINDS = ("none", "temperature", "vector", "matrix", "platt", "beta")
_BINARY = ("platt", "beta")


def build_calibration_layer(kind: str, *, n_outcomes: int) -> CalibrationLayer:
    """Make a layer of a kind that changes nothing yet; its state can then be loaded.

    Examples
    --------
    >>> build_calibration_layer("vector", n_outcomes=3)
    VectorLayer(coef=[1. 1. 1.], intercept=[0. 0. 0.])
    """
    _check_kind(kind, n_outcomes)
    if kind == "vector":
        return VectorLayer(np.ones(n_outcomes), np.zeros(n_outcomes))
    if kind == "matrix":
        return MatrixLayer(np.eye(n_outcomes), np.zeros(n_outcomes))
    plain: dict[str, type[CalibrationLayer]] = {
        layer.kind: layer for layer in (IdentityLayer, TemperatureLayer, PlattLayer, BetaLayer)
    }
    return plain[kind]()


def fit_calibration_layer(
    kind: str,
    logits: FloatArray,
    y_codes: IntArray,
    sample_weight: FloatArray | None = None,
    *,
    weight_kind: WeightKind = "frequency",
) -> CalibrationLayer:
    """Fit a calibration layer on rows that the network was not trained on.

    Parameters
    ----------
    kind : {"none", "temperature", "vector", "matrix", "platt", "beta"}
        ``"platt"`` and ``"beta"`` are for two outcomes.
    logits : ndarray of shape (n, K)
        Logits of the network.
    y_codes : ndarray of int, shape (n,)
        Numbers 0, ..., K - 1 of the outcomes.
    sample_weight : ndarray of shape (n,), optional
        Row weights.
    weight_kind : {"frequency", "importance"}
        What the weights mean.

    Returns
    -------
    CalibrationLayer
        With the parameters of the calibrator of `riskdec.calibration` that fits this map.

    Raises
    ------
    InputError
        For unknown kinds, and binary kinds with more than two outcomes.
    SeparationError
        Where vector scaling has no maximum likelihood estimate.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> logits = rng.normal(0, 1.5, (5000, 3))
    >>> y = (logits + rng.gumbel(size=(5000, 3))).argmax(axis=1)
    >>> layer = fit_calibration_layer("temperature", 2 * logits, y)
    >>> round(float(layer.inverse_temperature), 1)
    0.5
    """
    n_outcomes = logits.shape[1]
    _check_kind(kind, n_outcomes)
    if kind == "none":
        return IdentityLayer()
    calibrator = _calibrator(kind, n_outcomes, weight_kind)
    calibrator.fit(np.asarray(logits, dtype=np.float64), y_codes, sample_weight)
    return layer_of(calibrator)


def layer_of(calibrator: Calibrator) -> CalibrationLayer:
    """Copy a fitted calibrator of logits into a layer.

    Parameters
    ----------
    calibrator : Calibrator
        Fitted with ``input="logit"``: temperature, vector, Dirichlet, Platt or beta.

    Returns
    -------
    CalibrationLayer
        Gives the calibrator's probabilities, up to rounding in the type of the logits.

    Raises
    ------
    InputError
        For other calibrators, and those of probabilities.
    """
    if calibrator.input != "logit":
        raise refuse("input of the calibrator", "be 'logit' to become a layer", repr(calibrator.input))
    match calibrator:
        case TemperatureCalibrator():
            layer: CalibrationLayer = TemperatureLayer(calibrator.inverse_temperature_)
        case VectorScalingCalibrator():
            layer = VectorLayer(calibrator.coef_, calibrator.intercept_)
        case DirichletCalibrator():
            layer = MatrixLayer(calibrator.coef_, calibrator.intercept_)
        case PlattCalibrator():
            layer = PlattLayer(calibrator.intercept_, calibrator.slope_)
        case BetaCalibrator():
            layer = BetaLayer(calibrator.a_, calibrator.b_, calibrator.c_)
        case _:
            cure = "Isotonic and Venn-Abers maps are steps, not functions of a few parameters."
            raise refuse("calibrator", "have a layer", type(calibrator).__name__, cure)
    layer.findings = calibrator.findings_
    return layer


def _calibrator(kind: str, n_outcomes: int, weight_kind: WeightKind) -> Calibrator:
    """Make the calibrator of a kind; codes are its labels, and 1 the event of two."""
    match kind:
        case "platt":
            return PlattCalibrator(input="logit", event=1, weight_kind=weight_kind)
        case "beta":
            return BetaCalibrator(input="logit", event=1, weight_kind=weight_kind)
    # Of two outcomes both have to occur; of many, a rare one may be missing among the held-out rows.
    outcomes = None if n_outcomes == 2 else range(n_outcomes)
    match kind:
        case "temperature":
            return TemperatureCalibrator(input="logit", weight_kind=weight_kind, outcomes=outcomes)
        case "vector":
            return VectorScalingCalibrator(input="logit", weight_kind=weight_kind, outcomes=outcomes)
    return DirichletCalibrator(input="logit", weight_kind=weight_kind, outcomes=outcomes)


def _check_kind(kind: str, n_outcomes: int) -> None:
    check_option(kind, KINDS, name="calibration")
    if kind in _BINARY and n_outcomes != 2:
        rule = f"be 'none', 'temperature', 'vector' or 'matrix' with {n_outcomes} outcomes"
        raise refuse("calibration", rule, repr(kind))


def _beside_zero(log_odds: Tensor) -> Tensor:
    return torch.stack([torch.zeros_like(log_odds), log_odds], dim=1)
