"""Is it calibrated? Hierarchy, curves with bands, calibration errors, tests; numpy and scipy only."""

from riskdec.diagnostics.curves import ReliabilityCurve
from riskdec.diagnostics.cutoff import cutoff_calibration_error
from riskdec.diagnostics.diagnosis import diagnose
from riskdec.diagnostics.errors import CalibrationError
from riskdec.diagnostics.hypothesis_tests import CalibrationTest, spiegelhalter_test
from riskdec.diagnostics.regret import CutCalibration, DecisionCalibration
from riskdec.diagnostics.reliability import reliability_curve
from riskdec.diagnostics.report import CalibrationReport
from riskdec.diagnostics.slope import CalibrationSlope, calibration_slope
from riskdec.diagnostics.smooth import smooth_calibration_error

__all__ = [
    "CalibrationError",
    "CalibrationReport",
    "CalibrationSlope",
    "CalibrationTest",
    "CutCalibration",
    "DecisionCalibration",
    "ReliabilityCurve",
    "calibration_slope",
    "cutoff_calibration_error",
    "diagnose",
    "reliability_curve",
    "smooth_calibration_error",
    "spiegelhalter_test",
]
