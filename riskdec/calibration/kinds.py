"""What a model file may hold of calibrators: a closed table from names to the modules that define them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

CALIBRATORS = dict.fromkeys(
    (
        "BetaCalibrator",
        "CentredIsotonicCalibrator",
        "CrossVennAbersCalibrator",
        "DirichletCalibrator",
        "IsotonicCalibrator",
        "OneVsRestCalibrator",
        "PlattCalibrator",
        "SplineCalibrator",
        "TemperatureCalibrator",
        "VectorScalingCalibrator",
        "VennAbersCalibrator",
    ),
    "riskdec.calibration",
)
# What they hold.
PARTS = {
    "Finding": "riskdec._base.findings",
    "InsertedFits": "riskdec.calibration.monotone.inserted_fits",
    "LogOddsScale": "riskdec.calibration.door",
    "LogisticMap": "riskdec.calibration.parametric.logistic_map",
    "LogitScale": "riskdec.calibration.multiclass.rows",
    "MixedLogits": "riskdec.calibration.multiclass.linear_logits",
    "RisingSteps": "riskdec.calibration.monotone.rising_steps",
    "ScaledLogits": "riskdec.calibration.multiclass.linear_logits",
    "SoftmaxFit": "riskdec.calibration.multiclass.softmax_newton",
}


def find_class(name: str) -> Any:
    """Give the class of a calibrator or of a part of one; names outside the tables are a `LookupError`."""
    module = {**CALIBRATORS, **PARTS}.get(name)
    if module is None:
        message = f"a {name:.60}, which is no part of a calibrator"
        raise LookupError(message)
    return getattr(import_module(module), name)
