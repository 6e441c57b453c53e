"""Would the whole procedure do it again? Refits of estimators on resampled rows."""

from riskdec.resampling.folds import validate_by_folds
from riskdec.resampling.optimism import validate_by_bootstrap
from riskdec.resampling.stability import decision_stability
from riskdec.resampling.stability_answer import ActionStability, DecisionStability
from riskdec.resampling.validation_answer import BootstrapValidation, ValidatedIndex

__all__ = [
    "ActionStability",
    "BootstrapValidation",
    "DecisionStability",
    "ValidatedIndex",
    "decision_stability",
    "validate_by_bootstrap",
    "validate_by_folds",
]
