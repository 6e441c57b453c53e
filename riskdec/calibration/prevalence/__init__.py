"""An unknown prevalence, estimated from rows without labels."""

from riskdec.calibration.prevalence.answer import LabelShiftTest, PrevalenceEstimate
from riskdec.calibration.prevalence.estimation import estimate_prevalence

__all__ = ["LabelShiftTest", "PrevalenceEstimate", "estimate_prevalence"]
