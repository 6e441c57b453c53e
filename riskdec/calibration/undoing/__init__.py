"""Known distortions of probabilities and the maps that take them back."""

from riskdec.calibration.undoing.class_weights import undo_class_weight
from riskdec.calibration.undoing.focal_loss import undo_focal_loss
from riskdec.calibration.undoing.label_smoothing import undo_label_smoothing
from riskdec.calibration.undoing.logit_adjustment import undo_logit_adjustment
from riskdec.calibration.undoing.prevalence_shift import adjust_prevalence
from riskdec.calibration.undoing.register import describe_distortions
from riskdec.calibration.undoing.sampling import undo_sampling

__all__ = [
    "adjust_prevalence",
    "describe_distortions",
    "undo_class_weight",
    "undo_focal_loss",
    "undo_label_smoothing",
    "undo_logit_adjustment",
    "undo_sampling",
]
