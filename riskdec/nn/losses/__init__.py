"""Training losses: what each aims at, and the way back from it to probabilities."""

from riskdec.nn.losses.constrained import PrecisionAtRecallLoss, RecallAtPrecisionLoss
from riskdec.nn.losses.cross_entropy import CrossEntropyLoss, LogitAdjustedLoss, VectorScalingLoss
from riskdec.nn.losses.focal import SigmoidFocalLoss, SoftmaxFocalLoss
from riskdec.nn.losses.making import make_loss
from riskdec.nn.losses.multipliers import ConstraintRow
from riskdec.nn.losses.record import constraint_findings, log_table
from riskdec.nn.losses.roc_area import RocAreaLoss
from riskdec.nn.losses.saddle_point import ConstrainedLoss
from riskdec.nn.losses.tails import LabelDistributionLoss, PolynomialTailLoss
from riskdec.nn.losses.training_loss import TrainingLoss
from riskdec.nn.losses.user_loss import UserLoss

__all__ = [
    "ConstrainedLoss",
    "ConstraintRow",
    "CrossEntropyLoss",
    "LabelDistributionLoss",
    "LogitAdjustedLoss",
    "PolynomialTailLoss",
    "PrecisionAtRecallLoss",
    "RecallAtPrecisionLoss",
    "RocAreaLoss",
    "SigmoidFocalLoss",
    "SoftmaxFocalLoss",
    "TrainingLoss",
    "UserLoss",
    "VectorScalingLoss",
    "constraint_findings",
    "log_table",
    "make_loss",
]
