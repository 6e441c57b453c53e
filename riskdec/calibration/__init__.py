"""Can it be repaired? Maps from distorted probabilities to honest ones."""

from riskdec.calibration.calibrator import BinaryCalibrator, Calibrator
from riskdec.calibration.monotone.centred_isotonic import CentredIsotonicCalibrator
from riskdec.calibration.monotone.cross_venn_abers import CrossVennAbersCalibrator
from riskdec.calibration.monotone.isotonic import IsotonicCalibrator
from riskdec.calibration.monotone.venn_abers import VennAbersCalibrator
from riskdec.calibration.multiclass.dirichlet import DirichletCalibrator
from riskdec.calibration.multiclass.one_vs_rest import OneVsRestCalibrator
from riskdec.calibration.multiclass.temperature import TemperatureCalibrator
from riskdec.calibration.multiclass.vector import VectorScalingCalibrator
from riskdec.calibration.parametric.beta import BetaCalibrator
from riskdec.calibration.parametric.platt import PlattCalibrator
from riskdec.calibration.prevalence import LabelShiftTest, PrevalenceEstimate, estimate_prevalence
from riskdec.calibration.score_sums import ScoreSums
from riskdec.calibration.spline import SplineCalibrator
from riskdec.calibration.subsampling import CaseControlSample, case_control, local_case_control
from riskdec.calibration.undoing import (
    adjust_prevalence,
    describe_distortions,
    undo_class_weight,
    undo_focal_loss,
    undo_label_smoothing,
    undo_logit_adjustment,
    undo_sampling,
)
from riskdec.calibration.updating import UpdatingLadder, UpdatingRung, choose_update

__all__ = [
    "BetaCalibrator",
    "BinaryCalibrator",
    "Calibrator",
    "CaseControlSample",
    "CentredIsotonicCalibrator",
    "CrossVennAbersCalibrator",
    "DirichletCalibrator",
    "IsotonicCalibrator",
    "LabelShiftTest",
    "OneVsRestCalibrator",
    "PlattCalibrator",
    "PrevalenceEstimate",
    "ScoreSums",
    "SplineCalibrator",
    "TemperatureCalibrator",
    "UpdatingLadder",
    "UpdatingRung",
    "VectorScalingCalibrator",
    "VennAbersCalibrator",
    "adjust_prevalence",
    "case_control",
    "choose_update",
    "describe_distortions",
    "estimate_prevalence",
    "local_case_control",
    "undo_class_weight",
    "undo_focal_loss",
    "undo_label_smoothing",
    "undo_logit_adjustment",
    "undo_sampling",
]
