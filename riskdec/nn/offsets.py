"""A known part of the log odds of two outcomes, in the loss and in the calibration layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from riskdec._base.checks import refuse
from riskdec._base.findings import Finding
from riskdec._base.table import number
from riskdec.calibration.saying import say_no_signal, say_separated
from riskdec.likelihood import fit_binomial, fit_firth
from riskdec.nn.calibration_layers import IdentityLayer, PlattLayer, TemperatureLayer
from riskdec.nn.losses.cross_entropy import CrossEntropyLoss

if TYPE_CHECKING:
    from torch import Tensor

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.nn.calibration_layers import CalibrationLayer
    from riskdec.nn.losses.training_loss import TrainingLoss

_CALIBRATIONS = (None, "temperature", "platt")


def check_offset(loss: TrainingLoss, calibration: str | None) -> None:
    """Refuse what has no meaning with a known part of the log odds.

    Raises
    ------
    InputError
        For losses whose minimiser is not the log odds, so that nothing can be added to it, and for calibration layers
        that are not lines.
    """
    if not isinstance(loss, CrossEntropyLoss):
        raise refuse("loss", "be 'cross_entropy' with an offset", type(loss).__name__, "Others minimise other scores.")
    if calibration not in _CALIBRATIONS:
        raise refuse("calibration", "be None, 'temperature' or 'platt' with an offset", repr(calibration))


def shift_log_odds(logits: Tensor, offset: Tensor) -> Tensor:
    """Add the known part of the log odds to those of two outcomes, shape (n, 2)."""
    return torch.stack([logits[:, 0], logits[:, 1] + offset.to(logits)], dim=1)


def fit_offset_layer(
    kind: str, logits: FloatArray, y_codes: IntArray, sample_weight: FloatArray | None, offset: FloatArray
) -> CalibrationLayer:
    """Fit a calibration layer to rows part of whose log odds is known.

    Parameters
    ----------
    kind : {"none", "temperature", "platt"}
        Which layer.
    logits : ndarray of shape (n, 2)
        Logits without the known part.
    y_codes : ndarray of int, shape (n,)
        0 or 1.
    sample_weight : ndarray of shape (n,) or None
        Row weights.
    offset : ndarray of shape (n,)
        The known part: the layer maximises the likelihood of ``layer(logits) + offset``.

    Returns
    -------
    CalibrationLayer
        Its line never falls: where the outcomes do not become more frequent as the logits rise, the slope is 0.
    """
    if kind == "none":
        return IdentityLayer()
    score = (logits[:, 1] - logits[:, 0])[:, np.newaxis]
    findings: list[Finding] = []
    has_intercept = kind == "platt"
    fit = fit_binomial(score, y_codes, weight=sample_weight, offset=offset, intercept=has_intercept)
    if fit.status == "separated":
        fit = fit_firth(score, y_codes, weight=sample_weight, offset=offset, intercept=has_intercept)
        findings.append(say_separated("The scores of the network and the offset separate the held-out outcomes."))
    slope, intercept = float(fit.coef[-1]), float(fit.coef[0]) if has_intercept else 0.0
    if not slope > 0:
        findings.append(say_no_signal(f"the slope that fits best is {number(slope, 3)}, and 0 is used."))
        slope = 0.0
        if has_intercept:
            constant = fit_binomial(np.empty((len(score), 0)), y_codes, weight=sample_weight, offset=offset)
            intercept = float(constant.coef[0])
    layer: CalibrationLayer = PlattLayer(intercept, slope) if has_intercept else TemperatureLayer(slope)
    layer.findings = tuple(findings)
    return layer


def offset_finding(offset: FloatArray) -> Finding:
    """Say whose risks the model gives."""
    low, middle, high = np.quantile(offset, (0, 0.5, 1)).tolist()
    return Finding(
        code="RD615",
        severity="good",
        sentence=(
            f"Images were fitted with an offset of {number(low, 3)} to {number(high, 3)} (median {number(middle, 3)}): "
            "risks are those of images whose offset is 0."
        ),
        todo="",
    )
