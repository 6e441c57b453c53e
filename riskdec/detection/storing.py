"""A detector as a model file: the model of windows, the calibrator of its scans, and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.checks import refuse
from riskdec._base.modelfile import write_model
from riskdec._base.state import pack_state
from riskdec.models.faces import RiskFaces

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.detection.detector import SlidingWindowDetector

_OPTIONS = ("model", "window", "stride", "scales", "train_prevalence", "deploy_prevalence", "calibrator")


def save_detector(detector: SlidingWindowDetector, path: str | Path) -> Path:
    """Write a detector to one file; see `SlidingWindowDetector.save`."""
    if not isinstance(detector.model, RiskFaces):
        cure = (
            "Such a model is code, which a model file never holds: keep it in its own way and make the detector again, "
            "or train a CNNRiskModel."
        )
        got = f"a {type(detector.model).__name__}"
        raise refuse("the model of a detector that is saved", "be one of riskdec's", got, cure)
    state, arrays = pack_state({name: getattr(detector, name) for name in _OPTIONS})
    return write_model(path, kind="SlidingWindowDetector", header={"state": state}, arrays=arrays)
