"""Is it calibrated? Hierarchy, curves with bands, calibration errors, tests; numpy and scipy only."""

from riskdec.diagnostics.curves.curves import ReliabilityCurve
from riskdec.diagnostics.curves.reliability import reliability_curve
from riskdec.diagnostics.diagnosis import diagnose
from riskdec.diagnostics.distances.binned import binned_calibration_error
from riskdec.diagnostics.distances.cutoff import cutoff_calibration_error
from riskdec.diagnostics.distances.debiased import debiased_calibration_error
from riskdec.diagnostics.distances.equivalence import CalibrationEquivalence
from riskdec.diagnostics.distances.errors import CalibrationError
from riskdec.diagnostics.distances.kernel_error import kernel_calibration_error
from riskdec.diagnostics.distances.smooth import smooth_calibration_error
from riskdec.diagnostics.groups.heterogeneity import CalibrationHeterogeneity, calibration_heterogeneity
from riskdec.diagnostics.groups.random_effects import RandomEffects
from riskdec.diagnostics.groups.subgroup_report import SubgroupCalibration, SubgroupReport
from riskdec.diagnostics.groups.subgroups import diagnose_subgroups
from riskdec.diagnostics.hosmer_lemeshow import hosmer_lemeshow_test
from riskdec.diagnostics.hypothesis_tests import CalibrationTest, spiegelhalter_test
from riskdec.diagnostics.levels import CalibrationLevel
from riskdec.diagnostics.mergeable import CalibrationSums
from riskdec.diagnostics.money.promised_cost import PromisedCost
from riskdec.diagnostics.money.recalibrated_cost import RecalibratedCost
from riskdec.diagnostics.money.regret import CutCalibration, DecisionCalibration
from riskdec.diagnostics.outcomes.multiclass_report import MulticlassCalibrationReport, OutcomeCalibration
from riskdec.diagnostics.outcomes.recalibration import MultinomialRecalibration
from riskdec.diagnostics.planning import ValidationPlan, plan_validation
from riskdec.diagnostics.report import CalibrationReport
from riskdec.diagnostics.slopes.slope import CalibrationSlope, calibration_slope

__all__ = [
    "CalibrationEquivalence",
    "CalibrationError",
    "CalibrationHeterogeneity",
    "CalibrationLevel",
    "CalibrationReport",
    "CalibrationSlope",
    "CalibrationSums",
    "CalibrationTest",
    "CutCalibration",
    "DecisionCalibration",
    "MulticlassCalibrationReport",
    "MultinomialRecalibration",
    "OutcomeCalibration",
    "PromisedCost",
    "RandomEffects",
    "RecalibratedCost",
    "ReliabilityCurve",
    "SubgroupCalibration",
    "SubgroupReport",
    "ValidationPlan",
    "binned_calibration_error",
    "calibration_heterogeneity",
    "calibration_slope",
    "cutoff_calibration_error",
    "debiased_calibration_error",
    "diagnose",
    "diagnose_subgroups",
    "hosmer_lemeshow_test",
    "kernel_calibration_error",
    "plan_validation",
    "reliability_curve",
    "smooth_calibration_error",
    "spiegelhalter_test",
]
